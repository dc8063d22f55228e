"""Colours, fonts and the one scale factor (Dear PyGui does nothing about HiDPI by itself)."""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import dearpygui.dearpygui as dpg

Colour = tuple[int, int, int, int]
FONTS = Path(__file__).parent / "fonts"
_DARK: dict[str, Colour] = {
    "background": (14, 16, 20, 255), "panel": (24, 27, 34, 255), "panel_edge": (38, 43, 53, 255), "well": (16, 18, 24, 255),
    "track": (38, 42, 53, 255), "button": (37, 41, 52, 255), "button_hover": (50, 56, 70, 255), "text": (229, 232, 240, 255),
    "dim": (163, 169, 184, 255), "faint": (126, 133, 154, 255), "grid": (31, 35, 44, 255), "teal": (64, 211, 190, 255),
    "orange": (255, 154, 69, 255), "violet": (169, 143, 255, 255), "blue": (104, 167, 255, 255), "rose": (255, 117, 158, 255),
    "red": (255, 95, 95, 255), "white_key": (228, 230, 238, 255), "black_key": (27, 30, 37, 255), "cap": (43, 47, 59, 255),
    "tip": (44, 49, 62, 250), "key_words": (104, 108, 126, 255), "chosen": (33, 67, 68, 255),
}
_LIGHT: dict[str, Colour] = {
    "background": (228, 232, 238, 255), "panel": (255, 255, 255, 255), "panel_edge": (205, 211, 221, 255), "well": (243, 245, 249, 255),
    "track": (214, 219, 228, 255), "button": (232, 236, 242, 255), "button_hover": (216, 222, 231, 255), "text": (23, 26, 33, 255),
    "dim": (77, 85, 102, 255), "faint": (109, 117, 135, 255), "grid": (226, 230, 237, 255), "teal": (0, 121, 107, 255),
    "orange": (194, 87, 0, 255), "violet": (98, 67, 208, 255), "blue": (29, 95, 209, 255), "rose": (194, 37, 92, 255),
    "red": (198, 40, 40, 255), "white_key": (250, 251, 253, 255), "black_key": (40, 44, 54, 255), "cap": (233, 236, 242, 255),
    "tip": (252, 253, 255, 252), "key_words": (109, 117, 135, 255), "chosen": (201, 230, 226, 255),
}
_CONTRAST: dict[str, Colour] = {
    "background": (0, 0, 0, 255), "panel": (0, 0, 0, 255), "panel_edge": (122, 128, 144, 255), "well": (0, 0, 0, 255),
    "track": (74, 80, 96, 255), "button": (28, 31, 40, 255), "button_hover": (58, 64, 80, 255), "text": (255, 255, 255, 255),
    "dim": (214, 218, 228, 255), "faint": (154, 161, 180, 255), "grid": (44, 48, 58, 255), "teal": (92, 242, 218, 255),
    "orange": (255, 176, 97, 255), "violet": (201, 182, 255, 255), "blue": (143, 192, 255, 255), "rose": (255, 157, 187, 255),
    "red": (255, 138, 138, 255), "white_key": (255, 255, 255, 255), "black_key": (0, 0, 0, 255), "cap": (40, 44, 56, 255),
    "tip": (16, 18, 24, 255), "key_words": (70, 76, 92, 255), "chosen": (20, 84, 78, 255),
}
THEMES = {"dark": _DARK, "light": _LIGHT, "high contrast": _CONTRAST}
COLOURS: dict[str, Colour] = dict(_DARK)  # of the theme in use: see `use_theme`


def use_theme(name: str) -> None:
    """Take the colours of a theme; what is drawn must be drawn anew."""
    COLOURS.update(THEMES.get(name, _DARK))


SIZES = {"tiny": 10, "small": 11, "text": 12, "head": 12, "body": 13, "preset": 14, "title": 20}  # points
FLUSH = "flush"  # Dear PyGui's name of the theme of a line whose words go on from what stands before it
_BOLD = {"title", "preset", "head"}


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
    _loaded: dict[tuple[str, int], int] = field(default_factory=dict)  # by weight and size in pixels
    _registry: int = 0

    def px(self, points: float) -> float:
        """Points to pixels."""
        return points * self.scale

    def load(self) -> None:
        """Load the fonts at their size in pixels and give stock widgets (menus, text field) the theme; again after either changed."""
        if not self._registry:
            self._registry = int(dpg.add_font_registry())
        for name, size in SIZES.items():
            key = ("SemiBold" if name in _BOLD else "Regular", round(self.px(size)))
            if key not in self._loaded:  # none is ever deleted: Dear PyGui frees a font that its atlas has freed already, and crashes
                self._loaded[key] = int(dpg.add_font(str(FONTS / f"Inter-{key[0]}.otf"), key[1], parent=self._registry))
            self.fonts[name] = self._loaded[key]
        dpg.bind_font(self.fonts["body"])
        dpg.bind_theme(_stock_theme(self))
        if dpg.does_item_exist(FLUSH):
            dpg.delete_item(FLUSH)
        with dpg.theme(tag=FLUSH), dpg.theme_component(dpg.mvAll):
            dpg.add_theme_style(dpg.mvStyleVar_FramePadding, 0, self.px(5))
            dpg.add_theme_style(dpg.mvStyleVar_FrameRounding, 0)


def _stock_theme(style: Style) -> int:
    colours = {
        dpg.mvThemeCol_WindowBg: "panel", dpg.mvThemeCol_PopupBg: "panel", dpg.mvThemeCol_ChildBg: "panel",
        dpg.mvThemeCol_Border: "panel_edge", dpg.mvThemeCol_FrameBg: "button", dpg.mvThemeCol_FrameBgHovered: "button_hover",
        dpg.mvThemeCol_FrameBgActive: "button_hover", dpg.mvThemeCol_Text: "text", dpg.mvThemeCol_TextDisabled: "faint",
        dpg.mvThemeCol_Button: "button", dpg.mvThemeCol_ButtonHovered: "button_hover", dpg.mvThemeCol_ButtonActive: "button_hover",
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
