"""Which character a key types. Dear PyGui tells keys to everybody, and characters only to a line that has the keyboard already."""

import ctypes
import os
import sys
from contextlib import suppress
from functools import cache

import dearpygui.dearpygui as dpg

_SIGNS = "',-./;=[\\]`"  # in the order of Dear PyGui's codes, of which it names only some
_ROWS = {10: "1234567890-=", 24: "qwertyuiop[]", 38: "asdfghjkl;'`", 51: "\\zxcvbnm,./"}  # by X11's code of a row's first key
_SHIFTED = dict(zip("1234567890-=[];'`\\,./", "!@#$%^&*()_+{}:\"~|<>?", strict=True))  # of a keyboard of the United States
SEMICOLON, PAGE_UP, PAGE_DOWN = dpg.mvKey_Slash + 1, dpg.mvKey_Home - 2, dpg.mvKey_Home - 1  # as it tells them; its names say others
_PAD = {"Decimal": ".", "Divide": "/", "Multiply": "*", "Subtract": "-", "Add": "+"}
_CORE_KEYBOARD, _CAPS_LOCK, _LOCKED_MODIFIERS = 0x100, 2, 9  # of X11's keyboard extension; the last: a byte of its state
_UNICODE, _LATIN_1 = 0x1000000, 0x100  # where X11's names of characters are their numbers: from the one on, and below the other


def _base_keys() -> dict[int, str]:
    keys = {int(getattr(dpg, f"mvKey_{c.upper()}")): c for c in "abcdefghijklmnopqrstuvwxyz0123456789"}
    keys |= {int(dpg.mvKey_Comma) - 1 + n: sign for n, sign in enumerate(_SIGNS)}
    return keys


def _pad_keys() -> dict[int, str]:
    return ({int(getattr(dpg, f"mvKey_{name}")): c for name, c in _PAD.items()} | {int(dpg.mvKey_Spacebar): " "}
            | {int(getattr(dpg, f"mvKey_NumPad{n}")): str(n) for n in range(10)})


class KeyCharacters:
    """By the system's layout on X11; elsewhere letters and digits by it, and what Shift adds as in the United States."""

    def __init__(self) -> None:
        self._base, self._fixed = _base_keys(), _pad_keys()
        self._display = None
        if sys.platform.startswith("linux"):
            with suppress(OSError, AttributeError):
                self._open()

    def _open(self) -> None:
        x = ctypes.CDLL("libX11.so.6")
        x.XOpenDisplay.restype, x.XOpenDisplay.argtypes = ctypes.c_void_p, [ctypes.c_char_p]
        x.XkbKeycodeToKeysym.restype = ctypes.c_ulong
        x.XkbKeycodeToKeysym.argtypes = [ctypes.c_void_p, ctypes.c_ubyte, ctypes.c_uint, ctypes.c_uint]
        x.XkbGetState.argtypes = [ctypes.c_void_p, ctypes.c_uint, ctypes.c_char_p]
        self._x, self._display = x, x.XOpenDisplay(os.environ.get("DISPLAY", "").encode() or None)

    def character(self, code: int, shift: bool = False, third: bool = False) -> str:
        """What a key of Dear PyGui's code types, with Shift or the third level (AltGr) down; '' where it types nothing."""
        if code in self._fixed:
            return self._fixed[code]
        base = self._base.get(code, "")
        if base and self._display:
            return self._on_x11(base, shift, third)
        return base if not shift else _SHIFTED.get(base, base.upper())

    def _on_x11(self, base: str, shift: bool, third: bool) -> str:
        state = ctypes.create_string_buffer(64)
        self._x.XkbGetState(self._display, _CORE_KEYBOARD, state)
        group, locked = state.raw[0], state.raw[_LOCKED_MODIFIERS]
        found = next((k for k in range(8, 256) if self._x.XkbKeycodeToKeysym(self._display, k, group, 0) == ord(base)), 0)
        key = found or next(first + row.index(base) for first, row in _ROWS.items() if base in row)
        typed = _of_name(self._x.XkbKeycodeToKeysym(self._display, key, group, int(shift) + 2 * third))
        return typed.swapcase() if locked & _CAPS_LOCK and typed.isalpha() else typed


@cache
def _characters() -> KeyCharacters:
    return KeyCharacters()


def typed_by(code: int) -> str:
    """What a key types as Shift and AltGr are now, which Dear PyGui keeps as they were when it took the key; '' where it types nothing."""
    shift = dpg.is_key_down(dpg.mvKey_LShift) or dpg.is_key_down(dpg.mvKey_RShift)
    return _characters().character(code, shift, dpg.is_key_down(dpg.mvKey_RAlt))


def _of_name(name: int) -> str:
    """The character of X11's name of it (a keysym)."""
    if 0x20 <= name < _LATIN_1:
        return chr(name)
    if _UNICODE <= name < _UNICODE + 0x110000:
        return chr(name - _UNICODE)
    with suppress(OSError, AttributeError):  # older names, as of Greek and Cyrillic letters
        return chr(ctypes.CDLL("libxkbcommon.so.0").xkb_keysym_to_utf32(ctypes.c_uint32(name))).strip("\0")
    return ""
