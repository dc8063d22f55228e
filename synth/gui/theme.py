"""Colours, fonts and the one scale factor (Dear PyGui does nothing about HiDPI by itself)."""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import dearpygui.dearpygui as dpg

Colour = tuple[int, int, int, int]
FONTS = Path(__file__).parent / "fonts"
COLOURS: dict[str, Colour] = {
    "background": (14, 16, 20, 255), "panel": (24, 27, 34, 255), "panel_edge": (38, 43, 53, 255), "well": (16, 18, 24, 255),
    "track": (38, 42, 53, 255), "button": (37, 41, 52, 255), "button_hover": (50, 56, 70, 255), "text": (229, 232, 240, 255),
    "dim": (142, 148, 164, 255), "faint": (86, 92, 108, 255), "grid": (31, 35, 44, 255), "teal": (64, 211, 190, 255),
    "orange": (255, 154, 69, 255), "violet": (158, 128, 255, 255), "blue": (104, 167, 255, 255), "rose": (255, 117, 158, 255),
    "red": (255, 84, 84, 255), "white_key": (228, 230, 238, 255), "black_key": (27, 30, 37, 255), "cap": (43, 47, 59, 255),
}
SIZES = {"tiny": 10, "small": 11, "body": 13, "title": 20}
_BOLD = {"title"}


def shade(name: str, alpha: float) -> Colour:
    """A colour of the theme with an opacity 0..1."""
    r, g, b, _ = COLOURS[name]
    return (r, g, b, int(255 * min(max(alpha, 0.0), 1.0)))


def mix(a: Colour, b: Colour, amount: float) -> Colour:
    """Colour between `a` (0) and `b` (1)."""
    return tuple(int(round(p + (q - p) * amount)) for p, q in zip(a, b, strict=True))  # type: ignore[return-value]


def screen_scale() -> float:
    """How many pixels a point has: LATENTWAVE_SCALE, else GDK_SCALE, else the screen's own setting, else 1."""
    for name in ("LATENTWAVE_SCALE", "GDK_SCALE", "QT_SCALE_FACTOR"):
        try:
            return min(max(float(os.environ[name]), 0.5), 4.0)
        except (KeyError, ValueError):
            continue
    dpi = _windows_dpi() if sys.platform == "win32" else _x_dpi() if sys.platform.startswith("linux") else 96.0
    return min(max(round(dpi / 96.0 * 4) / 4, 1.0), 4.0)


def _windows_dpi() -> float:
    try:
        import ctypes

        ctypes.windll.shcore.SetProcessDpiAwareness(1)  # type: ignore[attr-defined]
        return float(ctypes.windll.user32.GetDpiForSystem())  # type: ignore[attr-defined]
    except (AttributeError, OSError):
        return 96.0


def _x_dpi() -> float:
    try:
        done = subprocess.run(["xrdb", "-query"], capture_output=True, text=True, timeout=1, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.SubprocessError):
        return 96.0
    for line in done.stdout.splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "Xft.dpi" and value.strip().replace(".", "", 1).isdigit():
            return float(value)
    return 96.0


@dataclass
class Style:
    """Scale and fonts, made once the Dear PyGui context stands."""

    scale: float
    fonts: dict[str, int] = field(default_factory=dict)

    def px(self, points: float) -> float:
        """Points to pixels."""
        return points * self.scale

    def load(self) -> None:
        """Load the fonts at their size in pixels and give stock widgets (menus, text field) the theme."""
        with dpg.font_registry():
            for name, size in SIZES.items():
                weight = "SemiBold" if name in _BOLD else "Regular"
                self.fonts[name] = dpg.add_font(str(FONTS / f"Inter-{weight}.otf"), round(self.px(size)))
        dpg.bind_font(self.fonts["body"])
        dpg.bind_theme(_stock_theme(self))


def _stock_theme(style: Style) -> int:
    colours = {
        dpg.mvThemeCol_WindowBg: "panel", dpg.mvThemeCol_PopupBg: "panel", dpg.mvThemeCol_ChildBg: "panel",
        dpg.mvThemeCol_Border: "panel_edge", dpg.mvThemeCol_FrameBg: "button", dpg.mvThemeCol_FrameBgHovered: "button_hover",
        dpg.mvThemeCol_FrameBgActive: "button_hover", dpg.mvThemeCol_Text: "text", dpg.mvThemeCol_TextDisabled: "faint",
        dpg.mvThemeCol_ScrollbarBg: "panel", dpg.mvThemeCol_ScrollbarGrab: "button_hover", dpg.mvThemeCol_HeaderHovered: "button_hover",
    }
    sizes = {
        dpg.mvStyleVar_WindowPadding: (8, 8), dpg.mvStyleVar_FramePadding: (8, 5), dpg.mvStyleVar_ItemSpacing: (6, 5),
        dpg.mvStyleVar_WindowRounding: (6,), dpg.mvStyleVar_FrameRounding: (4,), dpg.mvStyleVar_ScrollbarSize: (8,),
        dpg.mvStyleVar_ScrollbarRounding: (4,),
    }
    with dpg.theme() as theme, dpg.theme_component(dpg.mvAll):
        for target, name in colours.items():
            dpg.add_theme_color(target, COLOURS[name])
        for target in (dpg.mvThemeCol_Header, dpg.mvThemeCol_HeaderActive):
            dpg.add_theme_color(target, shade("teal", 0.35))
        for target, values in sizes.items():
            dpg.add_theme_style(target, *(style.px(v) for v in values))
    return int(theme)
