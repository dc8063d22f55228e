"""`python -m tests.bench.effect_sounds`: how clean the effects are at 48 kHz. Prints JSON lines; the bars are held by tests/engine."""

import json

import numpy as np

from synth.params.effects import DRIVE_TYPES, EFFECTS
from tests.bench import SHORT
from tests.engine.rack import SR_HZ, Rack, frames, noise, sine, tone
from tests.engine.sounds import click_db
from tests.engine.test_effects import ON, ends
from tests.engine.test_reverb import WET, fall_s, room
from tests.measures import sound


def some(rows) -> list:
    """All of them; the first alone where only a short run is asked for."""
    return list(rows)[:1] if SHORT else list(rows)


def tell(name: str, **figures) -> None:
    print(json.dumps({"name": name, **{k: round(float(v), 3) for k, v in figures.items()}}), flush=True)


def driven() -> None:
    """Full drive: aliasing of a sine at full scale and at -12 dBFS."""
    for kind, name in some(enumerate(DRIVE_TYPES)):
        for note in some((84, 96)):
            knobs, f = {"drive.mix": 1.0, "drive.type": float(kind), "drive.amount_db": 36.0}, sound.note_hz(note)
            alias = [sound.alias(Rack().play(sine(f, 6, a), knobs)[0, 8000:].astype(float), f, SR_HZ)["alias_db"] for a in (1.0, 0.25)]
            tell(f"drive {name}, n{note}", alias_full_scale_db=alias[0], alias_quarter_db=alias[1])


def swung() -> None:
    """What a swinging voice of the chorus adds to a sine, further than 400 Hz from it."""
    knobs = {"chorus.mix": 1.0, "chorus.rate_hz": 1.0, "chorus.voices": 1.0, "chorus.depth": 0.5}
    for f in some((1000.0, 5000.0, 10000.0)):
        power = sound.power_spectrum(Rack().play(sine(f, 3), knobs)[0, frames(1):].astype(float), 1 << 16)
        hz = np.arange(len(power)) * SR_HZ / (1 << 16)
        tell(f"chorus, {f:.0f} Hz", added_db=10 * np.log10(power[np.abs(hz - f) > 400].sum() / power.sum()))


def reverberated() -> None:
    """Measured reverberation time over the knob's, at sizes 0, 0.5 and 1; likeness of the sides."""
    for decay_s in some((0.15, 0.4, 2.0, 8.0, 20.0)):
        ratio = [fall_s(room(1.3 * decay_s + 0.5, decay_s=decay_s, size=s, damping_hz=20000.0)) / decay_s for s in (0.0, 0.5, 1.0)]
        tell(f"reverb of {decay_s} s", small=ratio[0], middle=ratio[1], large=ratio[2])
    y = Rack().play(np.tile(noise(3)[:1], (2, 1)), WET)[:, frames(1):].astype(float)
    tell("reverb, sides", correlation=np.corrcoef(y)[0, 1])


def limited() -> None:
    """Distortion of a steady sine that is limited by 7 dB, at a release of 0.1 s."""
    for f in some((60.0, 1000.0)):
        y = Rack().play(sine(f, 4, 0.5), {"limiter.on": 1.0, "limiter.gain_db": 12.0})[0, frames(1):].astype(float)
        tell(f"limiter, {f:.0f} Hz", thd_n_db=sound.thd_n(y, f, SR_HZ))


def jumped() -> None:
    """Every knob from end to end and back while n48 plays: energy above 8 kHz in 5 ms, and without the jumps."""
    for name, p in some([(name, p) for name, knobs in EFFECTS.items() for p in knobs]):
        a, b = ({**ON[name], p.name: value} for value in ends(p))
        jumping, *still = (click_db(Rack().play(tone(0.9), *s)[:, 4800:].T) for s in ((a, b), (a,), (b,)))
        tell(f"jump of {p.name}", above_8_khz_dbfs=jumping, still_dbfs=max(still))


if __name__ == "__main__":
    driven()
    swung()
    reverberated()
    limited()
    jumped()
