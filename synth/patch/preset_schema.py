"""The JSON Schema of a preset, made from the declarations: `python -m tools.presets.schema` writes it to docs/preset.schema.json.

It describes what is written. A preset that it finds valid may still be refused where two parts do not agree: the length of a
corner and `latent_size`, the bytes of `data` and the harmonics it is to hold, two rows on one control.
"""

from ..params.controls import CURVES, MAX_ROWS, MODES
from ..params.knobs import CORNERS, FARTHEST, MAX_LATENTS, MAX_LFO_POINTS, MOD_SOURCES, N_MACROS, N_SLOTS, PARAMS
from ..params.param import Param
from . import hosted_effect
from .latent_path import LARGEST_FRAME, MOST_ROWS
from .lfo_shape import LFO_NAMES, MOST_BEND
from .mod_slots import is_form
from .morph import AXES, MAX_GAIN_DB, PART_NAMES
from .preset_fallback import FALLBACK_POINTS, MOST_HARMONICS
from .preset_migrations import FORMAT
from .stack import LEAST_LEVEL_DB, MOST_LEVEL_DB, MOST_TRANSPOSED, STACK
from .tuning import HIGHEST, KEYS, LOWEST

_BASE64 = {"type": "string", "pattern": "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"}
_TEXT = {"type": ["string", "null"]}
_NAMED_DIRECTION = r"^direction\.(?!\d+$).+$"
_ONE_OF_MANY = r"^{}\.(?:{})$"
_UP_TO_256 = r"[1-9]\d?|1\d\d|2[0-4]\d|25[0-6]"


def schema() -> dict:
    """JSON Schema, draft 7, of a preset of the present format."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#", "title": f"latentwave preset, format {FORMAT}",
        "type": "object", "required": ["format", "name"], "properties": {
            "format": {"const": FORMAT}, "name": _TEXT, "author": _TEXT, "category": _TEXT, "comment": _TEXT,
            "code_version": {"type": "string"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "model": _object({"name": _TEXT, "sha256": _TEXT, "latent_size": {"type": "integer", "minimum": 0, "maximum": MAX_LATENTS}}),
            "corners": _corners({"type": "array", "items": _number(-FARTHEST, FARTHEST), "maxItems": MAX_LATENTS}),
            "params": _params(),
            "mod": {"type": "array", "maxItems": N_SLOTS, "items": _slot()},
            "macros": {"type": "array", "maxItems": N_MACROS,
                       "items": _object({"name": {"type": ["string", "null"], "maxLength": 64}, "value": _number(0, 1)})},
            "shapes": _corners(_object({"phases": _BASE64, "residual_db": _BASE64, "start_cycles": {"type": "number", "minimum": 0,
                                        "exclusiveMaximum": 1}}, ["phases", "residual_db"])),
            "lfo_shapes": {"oneOf": [{"type": "null"}, {"type": "object", "additionalProperties": False,
                                                        "properties": dict.fromkeys(LFO_NAMES, _points())}]},
            "tuning": _object({"name": {"type": "string"}, "notes": {"type": "array", "minItems": KEYS, "maxItems": KEYS, "items": {
                "type": ["number", "null"], "minimum": LOWEST, "maximum": HIGHEST}}}, ["notes"]),
            "controls": {"type": "array", "maxItems": MAX_ROWS, "items": _control()},
            "latent_path": {"oneOf": [{"type": "null"}, _object({
                "rows": {"type": "integer", "minimum": 2, "maximum": MOST_ROWS},
                "latents": {"type": "integer", "minimum": 1, "maximum": MAX_LATENTS}, "data": _BASE64}, ["rows", "latents", "data"])]},
            "wavetable": {"oneOf": [{"type": "null"}, _object({
                "name": {"type": "string", "pattern": r"^[^./\\][^/\\]*$"}, "sha256": _TEXT,
                "frame_size": {"type": ["integer", "null"], "minimum": 0, "maximum": LARGEST_FRAME}}, ["name"])]},
            "instrument": {"oneOf": [{"type": "null"}, _object({
                "name": {"type": "string", "minLength": 1, "maxLength": 1000}, "sha256": {
                    "type": ["string", "null"], "pattern": "^([0-9a-fA-F]{64})?$"}}, ["name"])]},
            "effects": {"oneOf": [{"type": "null"}, {"type": "array", "maxItems": hosted_effect.MOST_ROWS, "items": _hosted()}]},
            "morph": {"oneOf": [{"type": "null"}, _morph()]},
            "fallback": {"oneOf": [{"type": "null"}, _object({
                "harmonics": {"type": "integer", "minimum": 1, "maximum": MOST_HARMONICS}, "rows": {"const": FALLBACK_POINTS},
                "data": _BASE64}, ["harmonics", "rows", "data"])]}}}


def _hosted() -> dict:
    """A plug-in of the chain."""
    number = {"type": "integer", "minimum": 1, "maximum": N_MACROS}
    macro = _object({"macro": number, "low": _number(0, 1), "high": _number(0, 1)}, ["macro"])
    return _object({
        "plugin": {"type": "string", "pattern": f"^({'|'.join(hosted_effect.KINDS)}):.", "maxLength": 1000},
        "place": {"enum": list(hosted_effect.PLACES)}, "bypass": {"type": "boolean"}, "wet": _number(0, 1),
        "params": {"type": ["object", "null"], "additionalProperties": {"type": ["number", "string"]}},
        "macros": {"type": ["object", "null"], "additionalProperties": macro},
        "state": {"type": ["string", "null"]}, "file": {"type": ["string", "null"], "maxLength": 1000}}, ["plugin"])


def _object(properties: dict, required: list[str] | None = None) -> dict:
    return {"type": "object", "properties": properties} | ({"required": required} if required else {})


def _number(low: float, high: float) -> dict:
    return {"type": "number", "minimum": low, "maximum": high}


def _corners(each: dict) -> dict:
    return _object({name: each for name in CORNERS}) | {"additionalProperties": False}


def _knob(p: Param) -> dict:
    """A knob's values; a choice goes by its name."""
    if p.choices:
        return {"enum": list(p.choices)}
    return _number(p.low, p.high) | ({"type": "integer"} if p.whole else {})


def _params() -> dict:
    """Every knob; latents, of which there are many alike, by one pattern."""
    knobs = {p.name: _knob(p) for p in PARAMS.values() if not is_form(p.name) and not p.name.startswith("latent.")}
    return {"type": "object", "properties": knobs, "additionalProperties": False, "patternProperties": {
        _ONE_OF_MANY.format("latent", _UP_TO_256): _knob(PARAMS["latent.1"]), _NAMED_DIRECTION: _knob(PARAMS["direction.1"])}}


def _slot() -> dict:
    targets = [name for name in PARAMS["mod1.target"].choices if not name.startswith("latent.")]
    return _object({
        "source": {"enum": list(MOD_SOURCES)}, "via": {"enum": [*MOD_SOURCES, None]}, "amount": _knob(PARAMS["mod1.amount"]),
        "bypass": {"enum": ["off", "on", None]},
        "slot": {"type": "integer", "minimum": 1, "maximum": N_SLOTS},
        "target": {"anyOf": [{"enum": targets}, {"type": "string", "pattern": _ONE_OF_MANY.format("latent", _UP_TO_256)},
                             {"type": "string", "pattern": _NAMED_DIRECTION},
                             {"type": "string", "pattern": f"^{hosted_effect.TARGET}$"}]}}, ["source", "target", "amount"])


def _morph() -> dict:
    parts = {"type": "object", "properties": {name: {"$ref": "#"} for name in PART_NAMES}, "additionalProperties": False,
             "minProperties": 2, "required": list(PART_NAMES[:2])}
    gains, pace = ({"type": "array", "items": {"type": "array", "items": _number(*ends)}} for ends in ((-MAX_GAIN_DB, MAX_GAIN_DB), (0, 1)))
    return _object({"parts": parts, "axis": {"enum": list(AXES)}, "gain_db": gains, "pace": pace, "layers": _layers(),
                    "breakpoints": {"type": "array", "items": _number(0, 1)}}, ["parts"])


def _layers() -> dict:
    def pair(low: int) -> dict:
        return {"type": "array", "items": {"type": "integer", "minimum": low, "maximum": 127}, "minItems": 2, "maxItems": 2}

    layer = _object({"level_db": _number(LEAST_LEVEL_DB, MOST_LEVEL_DB), "pan": _number(-1, 1), "keys": pair(0), "velocities": pair(1),
                     "transpose_semitones": {"type": "integer", "minimum": -MOST_TRANSPOSED, "maximum": MOST_TRANSPOSED}}, [])
    return {"type": "object", "properties": dict.fromkeys(PART_NAMES[:AXES[STACK]], layer)}


def _points() -> dict:
    """Points of an LFO's free shape: place, level, bend."""
    return {"type": "array", "minItems": 2, "maxItems": MAX_LFO_POINTS, "items": {
        "type": "array", "items": [_number(0, 1), _number(-1, 1), _number(-MOST_BEND, MOST_BEND)], "minItems": 3, "maxItems": 3}}


def _control() -> dict:
    return _object({
        "source": {"type": "string"}, "target": {"type": "string"}, "device": {"type": ["string", "null"], "maxLength": 128},
        "channel": {"oneOf": [{"const": "any"}, {"type": "integer", "minimum": 1, "maximum": 16}]},
        "low": _number(0, 1), "high": _number(0, 1),
        "curve": {"enum": list(CURVES)}, "mode": {"enum": list(MODES)}}, ["source", "target"])
