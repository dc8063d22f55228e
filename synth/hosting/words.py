"""An effect of the chain in words, as the command line has it: `ZamComp,threshold_db=-20,wet=0.5` or `Reverb,room_size=macro1`."""

import re
from dataclasses import replace
from pathlib import Path

from ..errors import UserError, did_you_mean
from ..patch.hosted_effect import KINDS, PLACES, HostedEffect, MacroRow
from .builtins import BUILTINS
from .plugin_files import CLAP, ENDINGS, NO_CLAP, kind_of, list_plugins, standard_folders

_MACRO = re.compile(r"macro([1-8])(?::([\d.]+):([\d.]+))?")


def parse_effect(text: str) -> HostedEffect:
    """A row: a name, kind:name or file, then settings by commas. Raises UserError."""
    name, *settings = (part.strip() for part in text.split(","))
    row = named_effect(name)
    for setting in settings:
        key, equals, value = (part.strip() for part in setting.partition("="))
        if not equals or not key or not value:
            raise UserError(f"--effect {text}: settings are PARAM=VALUE, wet=0..1, bypass=on or place=before")
        row = _with(row, key, value)
    return row


def _with(row: HostedEffect, key: str, value: str) -> HostedEffect:
    if key == "wet":
        try:
            wet = float(value)
        except ValueError:
            wet = -1.0
        if not 0 <= wet <= 1:
            raise UserError(f"wet={value} is outside 0 to 1")
        return replace(row, wet=wet)
    if key == "bypass":
        if value not in ("on", "off"):
            raise UserError(f"bypass is on or off, not {value}")
        return replace(row, bypass=value == "on")
    if key == "place":
        if value not in PLACES:
            raise UserError(f"place is before or behind our own effects, not {value}")
        return replace(row, place=value)
    if found := _MACRO.fullmatch(value):
        low, high = (float(found.group(n) or n - 2) for n in (2, 3))
        if not (0 <= low <= 1 and 0 <= high <= 1):
            raise UserError(f"{key}={value}: a macro goes from 0 to 1 of the parameter's range, or between")
        return replace(row, macros={**row.macros, key: MacroRow(int(found.group(1)), low, high)})
    return replace(row, params={**row.params, key: value})


def named_effect(name: str) -> HostedEffect:
    """The effect of a name, kind:name or file, as it comes. Raises UserError naming near ones."""
    file = Path(name).expanduser()
    if file.suffix.lower() in (*ENDINGS, CLAP) and ("/" in name or file.exists()):
        kind = kind_of(file)
        inside = any(folder in file.absolute().parents for _, folder in standard_folders())
        return HostedEffect(f"{kind}:{file.stem}", file="" if inside else str(file.absolute()))
    kind, colon, rest = name.partition(":")
    if kind == "clap" and rest:
        raise UserError(f"{name} cannot be played: {NO_CLAP}")
    if colon and kind in KINDS and rest:
        return HostedEffect(name)
    if builtin := next((known for known in BUILTINS if known.casefold() == name.casefold()), None):
        return HostedEffect(f"builtin:{builtin}")
    plugins = list_plugins()
    for kind in ("vst3", "au", "lv2"):
        for of, path in plugins:
            if of == kind and path.stem.casefold() == name.casefold():
                return HostedEffect(f"{kind}:{path.stem}")
    near = did_you_mean(name, [*BUILTINS, *(path.stem for _, path in plugins)])
    raise UserError(f"no effect or plug-in is called '{name}'{near}; `latentwave plugins list --effects` tells what there is")
