"""Panels in the order in which F6 goes through them: that of Tab, by the first control in each."""

from collections.abc import Sequence

from .geometry import Rect
from .widgets.control import Control


def by_panel(controls: Sequence[Control], panels: Sequence[Rect]) -> list[list[Control]]:
    """The controls of each panel that has some. panels: in pixels; of those that lie in one another a control belongs to the smallest."""
    found: dict[Rect | None, list[Control]] = {}
    for control in controls:
        x, y = control.rect.x + control.rect.w / 2, control.rect.y + control.rect.h / 2
        panel = min((panel for panel in panels if panel.holds(x, y)), key=lambda panel: panel.w * panel.h, default=None)
        found.setdefault(panel, []).append(control)
    return list(found.values())


def in_next_panel(controls: Sequence[Control], panels: Sequence[Rect], focus: Control | None, by: int) -> Control | None:
    """The first control of the panel so many further than the one in focus; from none on as from the first panel, which is the header."""
    groups = by_panel(controls, panels)
    here = next((i for i, group in enumerate(groups) if focus in group), 0)
    return groups[(here + by) % len(groups)][0] if groups else None
