"""What the engine costs: voices, unison, everything at once, moving latents, and whether denormal numbers slow it down."""

import time
from collections.abc import Callable, Sequence

import numpy as np

from ..engine.engine import BLOCK_PRODUCTS, Engine
from ..engine.timbre.records import REQUEST
from ..events import Event, control, note_on
from ..patch.patch import Patch, with_param
from ..render.offline import Offline
from ..timbres.model import open_model
from ..timbres.source import ModelSource, Source, WavetableSource
from ..timbres.source_cache import DEFAULT_MODEL
from .timing import BLOCK, ROUNDS, SR_HZ, Cost, run_blocks, run_blocks_by_python, timed

_VOICE = {"filter.type": "low12", "filter.cutoff_hz": 2000.0, "filter.resonance": 0.4, "filter.env_semitones": 24.0, "filter.keytrack": 0.5,
          "env2.sustain": 0.5, "env2.decay_s": 20.0, "amp.sustain": 0.8}
_SLOTS = (("lfo1", "filter.cutoff_hz", 0.1), ("env2", "filter.resonance", 0.2), ("velocity", "filter.cutoff_hz", 0.1),
          ("random", "master.pan", 0.8))
_OWN = (("lfo1", "latent.1", 0.3), ("random", "lfo1.rate_hz", 0.2))
_EFFECTS = {"drive.mix": 0.5, "eq.low_gain_db": 3.0, "eq.bell1_gain_db": 3.0, "eq.bell2_gain_db": -3.0, "eq.high_gain_db": 3.0,
            "chorus.mix": 0.4, "chorus.voices": 4.0, "delay.mix": 0.3, "delay.low_cut_hz": 100.0, "delay.high_cut_hz": 8000.0,
            "reverb.mix": 0.4, "limiter.on": 1.0}
_ALL = {**_VOICE, **_EFFECTS, "filter.type": "ladder24", "filter.drive_db": 12.0, "unison.voices": 4.0, "sub.level_db": -12.0,
        "noise.level_db": -30.0, "env3.sustain": 0.5, "glide.time_s": 0.05}
_ALL_SLOTS = (*_SLOTS, ("lfo2", "latent.1", 0.3), ("lfo3", "osc.fine_cents", 0.02), ("lfo4", "reverb.mix", 0.1),
              ("env3", "sub.level_db", 0.1), *(("wheel", f"latent.{i}", 0.2) for i in range(2, 10)),
              *(("lfo1", f"latent.{i}", 0.02) for i in range(2, 10)), *(("env2", f"latent.{i}", 0.02) for i in range(2, 10)))
_HELD = 1 << 23  # frames of a ramp that lasts for the whole measurement


def patch_of(knobs: dict, slots: Sequence[tuple[str, str, float]] = ()) -> Patch:
    """A patch of knobs and modulation slots."""
    patch = Patch(name="bench")
    rows = [(f"mod{n}.{part}", value) for n, slot in enumerate(slots, 1)
            for part, value in zip(("source", "target", "amount"), slot, strict=True)]
    for name, value in (*knobs.items(), *rows):
        patch = with_param(patch, name, value)
    return patch


FULL_VOICE = patch_of(_VOICE, _SLOTS)


EVERYTHING = patch_of(_ALL, _ALL_SLOTS)


def saw() -> Source:
    """Every harmonic, at one over its number."""
    spectrum = np.zeros(1025, complex)
    spectrum[1:1024] = -1j / np.arange(1, 1024)
    return WavetableSource("saw", np.fft.irfft(spectrum)[None])


def _held(notes: Sequence[int], velocity: float) -> list[tuple[int, Event]]:
    return [(10 + 61 * i, note_on(n, velocity)) for i, n in enumerate(notes)]


def moving_patch() -> Patch:
    """Each voice moves in the latent space by an LFO of its own."""
    return patch_of({"lfo1.rate_hz": 3.0}, _OWN)


def playing(patch: Patch, notes: Sequence[int], source: Source | None = None, fading: bool = False, velocity: float = 0.8,
            block_products: int = BLOCK_PRODUCTS) -> Offline:
    """A player with notes held; `fading`: between two spectra for as long as is measured. source None: the patch's model."""
    player = Offline(patch, _held(notes, velocity), source=source, block_products=block_products)
    player.read(9600)
    if fading:
        request = np.zeros(1, REQUEST)
        request["serial"], request["due"], request["span"] = -1, player.engine.frame, _HELD
        re, im = player.engine.spectrum()
        player.engine.answer(request, 0.9 * re[None], im[None])
        player.read(BLOCK)
    return player


def voices(patch: Patch, notes: Sequence[int], fading: bool = False, run: Callable[[Engine, int], None] = run_blocks,
           rounds: int = ROUNDS) -> Cost:
    """Held notes on a saw, less an engine without any."""
    held, empty = playing(patch, notes, saw(), fading), Offline(patch, source=saw())
    return timed(held, run=run, rounds=rounds).less(timed(empty, run=run, rounds=rounds))


def full_voice(n: int, fading: bool = True, by_python: bool = False, rounds: int = ROUNDS) -> Cost:
    """The full voice, n times: oscillator between two tables, filter, 2 envelopes, an LFO, 4 slots, stereo.

    by_python: each block called from Python, whose own work between them the voices then pay for.
    """
    return voices(FULL_VOICE, range(36, 36 + n), fading, run_blocks_by_python if by_python else run_blocks, rounds)


def idle(rounds: int = ROUNDS) -> Cost:
    """No voice."""
    return timed(Offline(FULL_VOICE, source=saw()), rounds=rounds)


def unison(n: int, rounds: int = ROUNDS) -> Cost:
    """The full voice with n oscillators on one note."""
    return voices(patch_of({**_VOICE, "unison.voices": float(n)}, _SLOTS), [60], True, rounds=rounds)


def everything(velocity: float = 0.8, rounds: int = ROUNDS) -> Cost:
    """Sixteen notes of four oscillators with every feature on, decodes of their own latents included."""
    player = playing(EVERYTHING, range(40, 56), velocity=velocity)
    player.engine.post(control(1, 90), "file", player.engine.frame + 256)
    return timed(player, player.decoder.pump, blocks=60, rounds=rounds)


def denormal_ratio(rounds: int = ROUNDS) -> float:
    """Cost of everything at a level where every sum would be denormal, over its cost at an ordinary one."""
    quiet, loud = everything(2e-19, rounds), everything(rounds=rounds)
    return (quiet.block_s / quiet.yard_ns) / (loud.block_s / loud.yard_ns)


class _Timed:
    """A call and the processor time that it took so far."""

    def __init__(self, call: Callable[[], object]):
        self._call, self.spent_s = call, 0.0

    def __call__(self) -> None:
        began = time.process_time()
        self._call()
        self.spent_s += time.process_time() - began


def own_latents(notes: Sequence[int], rounds: int = ROUNDS, by_kernel: bool = True, block_products: int = BLOCK_PRODUCTS) -> dict:
    """Voices that each move in the latent space by an LFO of their own: what decodes and tables cost beyond cross-faded voices.

    by_kernel: False has onnxruntime decode, asked by the decode worker as everything was before there was a kernel.
    """
    source = ModelSource(open_model(DEFAULT_MODEL, by_kernel))
    player = playing(moving_patch(), notes, source, block_products=block_products if by_kernel else 0)
    before, answered = player.engine.snapshot(), _Timed(player.decoder.pump)
    moving = timed(player, answered, blocks=60, rounds=rounds)
    after = player.engine.snapshot()
    held = playing(patch_of({"lfo1.rate_hz": 3.0}, (("lfo1", "filter.cutoff_hz", 0.1), _OWN[1])), notes, source, fading=True)
    still = timed(held, held.decoder.pump, blocks=60, rounds=rounds)  # block by block as well
    seconds = int(after["frame"] - before["frame"]) / SR_HZ
    return {"voices": len(notes), "updates_hz": round(int(after["decodes"] - before["decodes"]) / seconds / len(notes), 1),
            "decode_percent": round(100 * answered.spent_s / seconds, 2),
            "decode_and_tables_percent": round(moving.less(still).percent, 2), "percent": round(moving.percent, 2),
            "yardstick_ns": round(moving.yard_ns, 3), "late_decodes": int(after["late_decodes"] - before["late_decodes"]),
            "sounding": int(after["voices"])}
