"""Every knob, declared once: range, unit, curve, default and a line of help.

Sliders, CC map, preset checks, the kernel's dtype, automation names and the docs table all walk `PARAMS`.
Adding a knob is one line here and one use in a kernel.
"""

import math
from dataclasses import dataclass

import numpy as np

from .errors import UserError

MAX_LATENTS = 256
CORNERS = ("A", "B", "C", "D")
FILTER_TYPES = ("off", "low12", "low24", "band12", "high12", "notch12")


@dataclass(frozen=True, slots=True)
class Param:
    """One knob. `curve` is 'linear', 'log' (low > 0), 'time' (cubic from `low`) or 'choice' (index into `choices`)."""

    name: str
    low: float
    high: float
    default: float
    unit: str
    curve: str
    help: str
    choices: tuple[str, ...] = ()

    @property
    def field(self) -> str:
        """Name of the knob's field in `PARAM_DTYPE`."""
        return self.name.replace(".", "_")

    def from_unit(self, unit: float) -> float:
        """Value at a slider's position 0..1."""
        u = min(max(float(unit), 0.0), 1.0)
        if self.curve == "log":
            return self.low * (self.high / self.low) ** u
        if self.curve == "time":
            return self.low + (self.high - self.low) * u**3
        value = self.low + (self.high - self.low) * u
        return float(round(value)) if self.curve == "choice" else value

    def to_unit(self, value: float) -> float:
        """Slider position 0..1 of a value."""
        v = min(max(float(value), self.low), self.high)
        if self.curve == "log":
            return math.log(v / self.low) / math.log(self.high / self.low)
        u = (v - self.low) / (self.high - self.low)
        return u ** (1 / 3) if self.curve == "time" else u

    def parse(self, value) -> float:
        """Value from JSON or the command line; a choice may be named. Raises UserError when out of range."""
        if self.choices and isinstance(value, str) and value in self.choices:
            return float(self.choices.index(value))
        try:
            if isinstance(value, bool):
                raise ValueError
            number = float(value)
        except (TypeError, ValueError):
            wanted = f"one of {', '.join(self.choices)}" if self.choices else "a number"
            raise UserError(f"{self.name} must be {wanted}, not {value!r}") from None
        if not self.low <= number <= self.high:
            raise UserError(f"{self.name}={value} is outside {self.low:g} to {self.high:g}{' ' + self.unit if self.unit else ''}")
        return float(round(number)) if self.choices else number

    def show(self, value: float) -> str:
        """The value as a player reads it, with its unit."""
        if self.choices:
            return self.choices[int(round(value))]
        if self.unit == "s" and value < 1:
            return f"{value * 1000:.3g} ms"
        if self.unit == "Hz" and value >= 1000:
            return f"{value / 1000:.3g} kHz"
        return f"{value:.3g}{' ' + self.unit if self.unit else ''}"


def _adsr(group, label, sustain, attack_s, decay_s, release_s):
    return (
        Param(f"{group}.attack_s", 0.0005, 20.0, attack_s, "s", "time", f"Attack time of the {label} envelope"),
        Param(f"{group}.decay_s", 0.001, 20.0, decay_s, "s", "time", f"Decay time of the {label} envelope"),
        Param(f"{group}.sustain", 0.0, 1.0, sustain, "", "linear", f"Sustain level of the {label} envelope"),
        Param(f"{group}.release_s", 0.0005, 20.0, release_s, "s", "time", f"Release time of the {label} envelope"),
    )


_DECLARED = (
    Param("osc.position", 0, 1, 0, "", "linear", "Morph between the preset's corners A and B; frames of a wavetable"),
    Param("osc.position_y", 0, 1, 0, "", "linear", "Morph between the pairs A-B and C-D"),
    Param("osc.level_db", -60, 6, 0, "dB", "linear", "Level of the oscillator before the filter"),
    Param("osc.coarse_semitones", -48, 48, 0, "st", "linear", "Transposition in semitones"),
    Param("osc.fine_cents", -100, 100, 0, "ct", "linear", "Fine tuning in cents"),
    Param("osc.phase_cycles", 0, 1, 0, "", "linear", "Phase at which a note starts, in cycles"),
    Param("osc.phase_random", 0, 1, 0, "", "linear", "How much of the start phase is random"),
    *_adsr("amp", "amplitude", 1.0, 0.002, 0.3, 0.002),
    Param("amp.velocity", 0, 1, 1, "", "linear", "How much velocity sets the level"),
    *_adsr("env2", "filter", 0.0, 0.002, 0.3, 0.3),
    Param("filter.type", 0, len(FILTER_TYPES) - 1, 0, "", "choice", "Filter response; off is an exact bypass", FILTER_TYPES),
    Param("filter.cutoff_hz", 20, 20000, 20000, "Hz", "log", "Cut-off frequency of the filter"),
    Param("filter.resonance", 0, 1, 0, "", "linear", "Resonance of the filter"),
    Param("filter.keytrack", 0, 1, 0, "", "linear", "How far the cut-off follows the key (1 = wholly; middle C is the centre)"),
    Param("filter.env_semitones", -96, 96, 0, "st", "linear", "How far envelope 2 moves the cut-off"),
    Param("filter.velocity_semitones", 0, 96, 0, "st", "linear", "How far velocity 127 raises the cut-off"),
    Param("bend.range_semitones", 0, 48, 2, "st", "linear", "Pitch bend range"),
    Param("voice.count", 1, 64, 64, "", "linear", "Most notes at once"),
    Param("master.pan", -1, 1, 0, "", "linear", "Pan, left to right"),
    Param("master.gain_db", -60, 12, 0, "dB", "linear", "Level of the whole instrument"),
    Param("master.tune_hz", 400, 480, 440, "Hz", "linear", "Pitch of A4"),
)
_LATENTS = tuple(
    Param(f"latent.{i + 1}", -16, 16, 0, "", "linear", f"Offset of latent {i + 1} from the morph path")
    for i in range(MAX_LATENTS))

PARAMS: dict[str, Param] = {p.name: p for p in _DECLARED + _LATENTS}
KNOBS: tuple[Param, ...] = _DECLARED
PARAM_INDEX: dict[str, int] = {name: i for i, name in enumerate(PARAMS)}
FIRST_LATENT = len(_DECLARED)
PARAM_DTYPE = np.dtype([(p.field, "f4") for p in _DECLARED] + [("latent", "f4", (MAX_LATENTS,))], align=True)


def param(name: str) -> Param:
    """The declaration of a knob. Raises UserError naming near ones when there is none."""
    if name in PARAMS:
        return PARAMS[name]
    group = name.split(".")[0]
    near = [p.name for p in _DECLARED if p.name.startswith(group + ".")] or sorted({p.name.split(".")[0] + ".*" for p in _DECLARED})
    raise UserError(f"no parameter named '{name}' (near: {', '.join(near)}); `latentwave params` lists them all")


def defaults() -> dict[str, float]:
    """Every knob at its default (preset `Init`)."""
    return {p.name: float(p.default) for p in PARAMS.values()}


def to_vector(values: dict[str, float]) -> np.ndarray:
    """Knob values as float32[len(PARAMS)] in declaration order, which is the layout of `PARAM_DTYPE`."""
    vector = np.array([p.default for p in PARAMS.values()], np.float32)
    for name, value in values.items():
        vector[PARAM_INDEX[name]] = value
    return vector
