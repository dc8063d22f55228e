"""Keys of a preset that this version does not know: kept with the patch, so that a preset of a newer version loses nothing here.

They stand by the object they were in: '' is the preset itself, then `model`, `morph`, `mod/N` (slot N), `macros/N` and
`controls/SOURCE/CHANNEL/DEVICE`. Those of an object that is not written any more go with it.
"""

import json
from collections.abc import Iterator

from ..errors import UserError

Unknown = dict[str, dict]
_PRESET = frozenset({"format", "name", "author", "category", "tags", "comment", "code_version", "model", "corners", "params", "mod",
                     "macros", "shapes", "tuning", "controls", "fallback", "morph", "latent_path", "lfo_shapes", "wavetable",
                     "instrument", "effects"})
_PARTS = {"model": frozenset({"name", "sha256", "latent_size"}), "mod": frozenset({"source", "target", "amount", "via", "bypass", "slot"}),
          "morph": frozenset({"parts", "axis", "gain_db", "breakpoints", "pace", "layers"}), "macros": frozenset({"name", "value"}),
          "controls": frozenset({"source", "target", "channel", "low", "high", "curve", "mode", "device"})}


def take(data: dict) -> Unknown:
    """The unknown keys of a preset's JSON object. Raises UserError for one that cannot be written again."""
    found: Unknown = {}
    for place, node, known in _objects(data):
        if rest := {key: value for key, value in node.items() if key not in known}:
            found[place] = rest
    try:
        json.dumps(found, allow_nan=False)
    except ValueError:
        keys = ", ".join(sorted(key for rest in found.values() for key in rest))
        raise UserError(f"one of the unknown keys {keys[:80]} holds what is no number") from None
    return found


def put(data: dict, unknown: Unknown) -> dict:
    """The JSON object with the unknown keys where they stood; what is known stays."""
    if unknown:
        for place, node, _ in list(_objects(data)):
            for key, value in unknown.get(place, {}).items():
                node.setdefault(key, value)
    return data


def _objects(data: dict) -> Iterator[tuple[str, dict, frozenset[str]]]:
    """(place, object, keys that are known in it) of every object that is kept track of."""
    yield "", data, _PRESET
    for kind in ("model", "morph"):  # the parts of a morph keep theirs themselves
        if isinstance(data.get(kind), dict):
            yield kind, data[kind], _PARTS[kind]
    for kind in ("mod", "macros", "controls"):
        rows = data[kind] if isinstance(data.get(kind), list) else ()
        n = 0
        for row in (row for row in rows if isinstance(row, dict)):
            n = int(row["slot"]) if kind == "mod" and "slot" in row else n + 1
            where = f"{row.get('source')}/{row.get('channel', 'any')}/{row.get('device') or ''}" if kind == "controls" else str(n)
            yield f"{kind}/{where}", row, _PARTS[kind]
