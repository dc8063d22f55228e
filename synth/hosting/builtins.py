"""The effects that pedalboard brings with it, and their knobs: it tells names, but no ranges.

Left out: what stores as MP3 or GSM, what needs a file, and PitchShift, which holds 50,000 frames back at blocks of 128.
"""

from ..errors import UserError, did_you_mean
from ..params.param import Param, Scope


def _knob(name: str, low: float, high: float, default: float, unit: str = "", curve: str = "linear") -> Param:
    words = [word for word in name.split("_") if word != unit.lower()]
    label = " ".join(words if words[-1] != "seconds" else words[:-1]).capitalize()
    return Param(name, label, low, high, default, unit, curve, Scope.GLOBAL, label, smoothing_s=0)


def _shelf() -> tuple[Param, ...]:
    return (_knob("cutoff_frequency_hz", 20, 20000, 440, "Hz", "log"), _knob("gain_db", -24, 24, 0, "dB"),
            _knob("q", 0.1, 12, 0.7071, "", "log"))


_THRESHOLD, _RELEASE = _knob("threshold_db", -60, 0, 0, "dB"), _knob("release_ms", 1, 1000, 100, "ms", "log")
_RATE, _DEPTH, _MIX = _knob("rate_hz", 0.05, 20, 1, "Hz", "log"), _knob("depth", 0, 1, 0.25), _knob("mix", 0, 1, 0.5)
_FEEDBACK = _knob("feedback", 0, 0.98, 0)
BUILTINS: dict[str, tuple[Param, ...]] = {
    "Bitcrush": (_knob("bit_depth", 1, 32, 8),),
    "BrickwallLimiter": (_knob("ceiling_db", -24, 0, -1, "dB"), _RELEASE, _knob("lookahead_ms", 0.1, 20, 5, "ms")),
    "Chorus": (_RATE, _DEPTH, _knob("centre_delay_ms", 1, 40, 7, "ms"), _FEEDBACK, _MIX),
    "Clipping": (_knob("threshold_db", -60, 0, -6, "dB"),),
    "Compressor": (_THRESHOLD, _knob("ratio", 1, 20, 1, "", "log"), _knob("attack_ms", 0.1, 200, 1, "ms", "log"), _RELEASE),
    "Delay": (_knob("delay_seconds", 0.001, 5, 0.5, "s", "log"), _FEEDBACK, _MIX),
    "Distortion": (_knob("drive_db", 0, 60, 25, "dB"),),
    "Gain": (_knob("gain_db", -60, 24, 1, "dB"),),
    "HighShelfFilter": _shelf(),
    "HighpassFilter": (_knob("cutoff_frequency_hz", 10, 20000, 50, "Hz", "log"),),
    "Invert": (),
    "LadderFilter": (_knob("cutoff_hz", 20, 20000, 200, "Hz", "log"), _knob("resonance", 0, 1, 0), _knob("drive", 1, 10, 1)),
    "Limiter": (_knob("threshold_db", -60, 0, -10, "dB"), _RELEASE),
    "LowShelfFilter": _shelf(),
    "LowpassFilter": (_knob("cutoff_frequency_hz", 10, 20000, 50, "Hz", "log"),),
    "NoiseGate": (_knob("threshold_db", -100, 0, -100, "dB"), _knob("ratio", 1, 20, 10, "", "log"),
                  _knob("attack_ms", 0.1, 200, 1, "ms", "log"), _RELEASE),
    "PeakFilter": _shelf(),
    "Phaser": (_RATE, _knob("depth", 0, 1, 0.5), _knob("centre_frequency_hz", 50, 10000, 1300, "Hz", "log"), _FEEDBACK, _MIX),
    "Reverb": (_knob("room_size", 0, 1, 0.5), _knob("damping", 0, 1, 0.5), _knob("wet_level", 0, 1, 0.33), _knob("dry_level", 0, 1, 0.4),
               _knob("width", 0, 1, 1), _knob("freeze_mode", 0, 1, 0)),
}


def builtin_named(name: str) -> str:
    """The effect's own spelling. Raises UserError naming near ones."""
    found = next((known for known in BUILTINS if known.casefold() == name.casefold()), None)
    if found is None:
        raise UserError(f"no built-in effect is called '{name[:80]}'{did_you_mean(name, BUILTINS)} (there are {', '.join(BUILTINS)})")
    return found
