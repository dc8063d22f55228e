"""What the window remembers of itself (theme, zoom, view, essentials, locks), in `window.json` of the user's folder; it holds no sound."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from .. import paths
from ..errors import UserError
from ..params.knobs import PARAMS
from ..patch.preset_file import write_text
from .theme import THEMES
from .words import VIEWS

FILE = "window.json"
ZOOMS = (1.0, 1.25, 1.5, 1.75, 2.0, 2.5)
ESSENTIALS = ("filter.cutoff_hz", "filter.resonance", "amp.attack_s", "amp.release_s", "unison.voices", "chorus.mix", "delay.mix",
              "reverb.mix")


@dataclass
class Look:
    """zoom: 0 follows the screen. essentials: the eight knobs of the play view. locked: what Random and Breed leave alone."""

    theme: str = "dark"
    zoom: float = 0.0
    view: str = "play"
    essentials: list[str] = field(default_factory=lambda: list(ESSENTIALS))
    locked: list[str] = field(default_factory=list)

    def save(self) -> None:
        """Write it. Raises UserError where the folder cannot be written."""
        folder = paths.user_folder()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_text(folder / FILE, json.dumps(asdict(self), indent=1, sort_keys=True) + "\n")
        except OSError as error:
            raise UserError(f"the window's settings cannot be kept in {folder}: {error.strerror}") from None


def read_look() -> Look:
    """What was kept; whatever of it makes no sense is left out."""
    try:
        raw: Any = json.loads((paths.user_folder() / FILE).read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return Look()
    look = Look()
    if not isinstance(raw, dict):
        return look
    if raw.get("theme") in THEMES:
        look.theme = raw["theme"]
    if raw.get("view") in VIEWS:
        look.view = raw["view"]
    zoom = raw.get("zoom")
    if isinstance(zoom, int | float) and not isinstance(zoom, bool) and (zoom == 0 or 0.5 <= zoom <= 4):
        look.zoom = float(zoom)
    chosen = raw.get("essentials")
    if isinstance(chosen, list):
        known = [name for name in chosen if isinstance(name, str) and name in PARAMS][:8]
        look.essentials = (known + [name for name in ESSENTIALS if name not in known])[:8]
    locked = raw.get("locked")
    if isinstance(locked, list):
        look.locked = [name for name in locked if isinstance(name, str) and name in PARAMS]
    return look
