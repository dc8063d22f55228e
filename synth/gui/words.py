"""Every string of the window: names of views, knobs and sources, and values as they are shown. Everything else walks the declarations."""

from typing import TYPE_CHECKING

from ..params.controls import ACTIONS, BRIGHTNESS, NONE
from ..params.effects import EFFECTS
from ..params.param import Param, Scope
from ..text import printable

if TYPE_CHECKING:
    from ..hosting.row_status import RowStatus
    from ..patch.hosted_effect import HostedEffect

VIEWS = ("play", "sound", "modulation", "effects", "library", "train")
VIEW_NAMES = {"play": "Play", "sound": "Sound", "modulation": "Modulation", "effects": "Effects", "library": "Library", "train": "Train"}
SIDE_VIEWS = {"files": "Files", "history": "History", "settings": "Settings"}  # opened and left again by the same key
STEPS = {"begun": "as it began", "loaded": "another sound", "learnt": "a control was learnt", "changed": "another model or tuning",
         "morph": "the morph", "corners": "latents", "rest": "an edit"}
SHORT_VIEW_NAMES = {**VIEW_NAMES, "modulation": "Mod"}

_LABELS = {  # where a knob's declared label says too little or too much beside its neighbours
    "filter.cutoff_hz": "Cut-off", "filter.keytrack": "Key", "filter.env_semitones": "Env 2", "osc.phase_random": "Random",
    "voice.count": "Polyphony", "bend.range_semitones": "Range", "bend.note_range_semitones": "MPE range", "glide.time_s": "Time",
    "glide.mode": "When", "map.x": "X", "map.y": "Y", "master.tune_hz": "A4", "delay.ping_pong": "Cross",
    **{f"lfo{n}.{part}": label for n in range(1, 5) for part, label in (("sync", "Length"), ("scope", "Trigger"))},
}
_ALONE = {  # what a knob is called away from its module
    "amp.attack_s": "Attack", "amp.release_s": "Release", "amp.decay_s": "Decay", "amp.sustain": "Sustain", "unison.voices": "Unison",
    "chorus.mix": "Chorus", "delay.mix": "Delay", "reverb.mix": "Reverb", "drive.mix": "Drive", "filter.cutoff_hz": "Cut-off",
    "filter.resonance": "Resonance", "osc.position": "Position", "osc.fine_cents": "Fine", "osc.coarse_semitones": "Coarse",
}
GROUPS = {
    "osc": "Oscillator", "amp": "Amp Envelope", "env2": "Envelope 2", "env3": "Envelope 3", "eq": "Equaliser", "play": "Voice",
    "master": "Output", "morph": "Morph", "direction": "Directions", "bend": "Bend", "glide": "Glide", "voice": "Voice"}
SOURCES = {
    "none": "—", "velocity": "Velocity", "release": "Release", "key": "Key", "random": "Random", "wheel": "Wheel", "breath": "Breath",
    "expression": "Expression", "pressure": "Pressure", "slide": "Slide", "bend": "Bend", "amp": "Amp Env", "env2": "Env 2",
    "env3": "Env 3", **{f"lfo{n}": f"LFO {n}" for n in range(1, 5)}, **{f"macro{n}": f"Macro {n}" for n in range(1, 9)}}
STRIP_SOURCES = ("amp", "env2", "env3", "lfo1", "lfo2", "lfo3", "lfo4", "random", "key",
                 "velocity", "release", "wheel", "breath", "expression", "pressure", "slide", "bend")
CONTROL_TARGETS = {  # of the control map, beside knobs
    BRIGHTNESS: "Brightness", NONE: "Nothing",
    **{f"action.{name}": name.replace("_", " ").capitalize() for name in ACTIONS}}
LFO_LABELS = {"clock.tempo_bpm": "Tempo", "clock.source": "Clock"}
_CHOICES = {"low12": "low 12 dB", "low24": "low 24 dB", "band12": "band 12 dB", "band24": "band 24 dB", "high12": "high 12 dB",
            "high24": "high 24 dB", "notch12": "notch 12 dB", "notch24": "notch 24 dB", "ladder12": "ladder 12 dB",
            "ladder24": "ladder 24 dB", "voice": "note", "global": "free"}
_OFF_AT_LOW = {"sub.level_db", "noise.level_db", "track.noise_db", "track.attack_db", "drive.mix", "chorus.mix", "delay.mix", "reverb.mix"}
_PLAIN_UNIT = {"track.position", "osc.position", "osc.position_y", "osc.phase_cycles", "morph.x", "morph.y", "map.x",
               "map.y"}  # 0..1 as a number, not in %


EFFECT_KINDS = {"builtin": "built in", "vst3": "VST3", "lv2": "LV2", "au": "Audio Unit"}
CHAIN = {  # of the chain of plug-ins
    "title": "Plug-ins", "own_page": "Effects", "own": "our own effects", "wet": "Wet", "on": "on", "off": "off",
    "add": "+ plug-in", "add_help": "A built-in effect, or a plug-in of this machine that was looked at", "scan": "Scan",
    "scan_help": "Look at each new plug-in of this machine, in a process of its own", "later": "ms later",
    "frames_late": "frames late, which the rest waits for", "up": "Earlier in the sound", "down": "Later in the sound",
    "remove": "Take it out of the chain", "bypass_help": "Off: the sound passes it, as late as it is; what is set is kept",
    "place_help": "Before our own effects or behind them", "before": "before our effects", "behind": "behind our effects",
    "editor": "Editor", "editor_help": "The plug-in's own window, in a process of its own; once more closes it",
    "again": "Load again", "again_help": "Look for it, look at it and open it once more", "more": "More parameters",
    "empty": "Other people's effects on this sound: add one, or let latentwave look which there are (Scan)",
    "builtin": "Built in: the plug-in host's own", "plugins": "On this machine", "fail": "Do not work",
    "none_known": "Look at the plug-ins of this machine …",
}


_UNHEARD = {"is being opened": "opening", "is missing": "missing", "is left out": "left out", "is not installed": "not installed"}


def effect_kind(row: "HostedEffect") -> str:
    """What kind of plug-in a row of the chain is."""
    if row.kind == "builtin":
        return "built into the plug-in host" + (f"; our own {row.name} is another" if _is_ours(row.name) else "")
    return EFFECT_KINDS.get(row.kind, row.kind)


def _is_ours(name: str) -> bool:
    """Whether one of our own effects is called so too."""
    return name.casefold() in EFFECTS


def effect_choice(name: str, kind: str) -> str:
    """Behind a name in the list of what may be put into the chain: what kind it is, and where one of ours has that name whose it is."""
    return "built in, not our own" if kind == "builtin" and _is_ours(name) else EFFECT_KINDS[kind]


def effect_title(row: "HostedEffect") -> str:
    """What a row of the chain is called: a built-in one says so where one of ours has its name."""
    return f"{row.name} (built in)" if row.kind == "builtin" and _is_ours(row.name) else row.name


def effect_line(row: "HostedEffect", status: "RowStatus") -> str:
    """A row of the chain in a line: its name, and in a word what it does not do."""
    if status.ok:
        return effect_title(row)
    return f"{row.name}: {next((short for said, short in _UNHEARD.items() if said in status.why), 'does not play')}"


def label_of(param: Param) -> str:
    """A knob's name under its module's title."""
    return _LABELS.get(param.name) or param.label


def title_of(group: str, declared: str) -> str:
    """A module's title."""
    return GROUPS.get(group, declared)


def full_name(param: Param, directions: tuple[str, ...] = (), *, short: bool = True) -> str:
    """A knob's name where its module is not seen: `Cut-off`, `Brightness`, `Latent 3`.

    short False: always with its module, `Reverb Mix`.
    """
    kind, _, part = param.name.partition(".")
    if kind == "direction":
        n = int(part)
        return directions[n - 1].capitalize() if n <= len(directions) else f"Direction {n}"
    if kind == "latent":
        return f"Latent {part}"
    if kind == "macro" or kind.startswith("macro"):
        return param.label
    if short and param.name in _ALONE:
        return _ALONE[param.name]
    title = title_of(kind, param.group.title if param.group else kind)
    label = label_of(param)
    return label if label.startswith(title) else f"{title} {label}"


def source_name(source: str, macros: tuple[str, ...] = ()) -> str:
    """A source of modulation as a player calls it; macros by the preset's own names."""
    if source.startswith("macro") and source[5:].isdigit():
        n = int(source[5:])
        if n <= len(macros) and macros[n - 1]:
            return printable(macros[n - 1])
    return SOURCES.get(source, source)


def choice_name(choice: str) -> str:
    """A choice as a player reads it."""
    return _CHOICES.get(choice, choice)


def _signed(number: float, digits: str = ".3g") -> str:
    words = format(abs(number), digits)
    return words if float(words) == 0 else f"{'+' if number > 0 else '−'}{words}"


def show_value(param: Param, value: float) -> str:
    """A knob's value with its unit, as short as it can be read."""
    if param.choices:
        return choice_name(param.choices[int(round(value))])
    if param.name in _OFF_AT_LOW and value <= param.low:
        return "off"
    if param.curve == "count":
        return _count(param, int(round(value)))
    if param.name == "master.pan":
        return "centre" if abs(value) < 0.005 else f"{abs(value) * 100:.0f} {'L' if value < 0 else 'R'}"
    if param.name == "noise.color":
        return "white" if abs(value) < 0.005 else f"{abs(value) * 100:.0f} % {'dark' if value < 0 else 'bright'}"
    if param.unit == "Hz":
        return f"{value / 1000:.3g} kHz" if value >= 999.5 else f"{value:.3g} Hz"
    if param.unit == "s":
        return "0 s" if value == 0 else f"{value * 1000:.3g} ms" if value < 0.9995 else f"{value:.3g} s"
    if param.unit in ("st", "ct", "dB"):
        shown = _signed(value) if param.low < 0 else f"{value:.3g}"
        return f"{shown} {param.unit}"
    if not param.unit and param.low == 0 and param.high <= 1:
        return f"{value:.2f}" if param.name in _PLAIN_UNIT or param.name.startswith(("macro", "lfo")) else f"{value * 100:.0f} %"
    if not param.unit:
        return _signed(value, ".2f") if param.low < 0 else f"{value:.2f}"
    return f"{value:.3g} {param.unit}"


def _count(param: Param, n: int) -> str:
    if param.name.endswith("octave"):
        return f"{_signed(n)} oct"
    if param.name == "unison.voices":
        return "1 voice" if n == 1 else f"{n} voices"
    return f"{n}{' ' + param.unit if param.unit else ''}"


OF_PLUGIN = Param("effect", "Effect", 0.0, 1.0, 0.0, "", "linear", Scope.GLOBAL, "", smoothing_s=0)  # any parameter of a plug-in


def show_depth(param: Param, amount: float, two_way: bool, span: float | None = None) -> str:
    """How far a row of the matrix moves a knob, in the knob's unit where it has one. span: of a latent's range."""
    sign = "±" if two_way else "+" if amount >= 0 else "−"
    size = abs(amount)
    if param.unit == "Hz" and param.curve == "log":
        import math

        return f"{sign}{size * math.log2(param.high / param.low):.2g} oct"
    if param.curve == "linear" and (param.unit in ("st", "ct", "dB", "bpm") or span):
        return f"{sign}{size * (span or param.high - param.low):.3g} {param.unit}".rstrip()
    if param.name.startswith("direction."):
        return f"{sign}{size * 2:.2f}"
    return f"{sign}{size * 100:.0f} %"
