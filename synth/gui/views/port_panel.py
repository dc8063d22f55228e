"""The panel of what is played through: each choice is a list that is asked for when it opens, and taken at once."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from ...ports import device_list, jack
from ...session.port_settings import BLOCKS, RATES_HZ, PortSettings
from ...text import printable
from ..geometry import Rect
from ..widgets.buttons import Button
from ..widgets.canvas import Canvas
from ..widgets.menu_row import MenuRow

if TYPE_CHECKING:
    from ..gestures import Gestures

ROW_H = 50
_ON = {False: "off", True: "followed"}
_MPE = {0: "when announced", 15: "15 channels", 7: "7 channels"}


def _devices() -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = [("the best there is", None)]
    if jack.server():
        found.append(("JACK", "jack"))
    outputs = device_list.audio_devices()["outputs"]
    return [*found, *((f"{d['name']} ({d['host_api']})", d["name"]) for d in outputs), ("none (silent)", "none")]


def _inputs() -> list[tuple[str, Any]]:
    names = dict.fromkeys(port["name"] for port in device_list.midi_ports()["inputs"])
    return [("every input", "all"), *((name, name) for name in names), ("none", "none")]


def _outputs() -> list[tuple[str, Any]]:
    names = dict.fromkeys(port["name"] for port in device_list.midi_ports()["outputs"])
    return [("none", "none"), ("a port of its own", "on"), *((name, name) for name in names)]


def port_controls(canvas: Canvas, rect: Rect, gestures: "Gestures", ports: PortSettings,
                  begin_anew: Callable[[PortSettings], object]) -> list[Button]:
    """Device, rate, block size, MIDI in and out, MPE, MTS-ESP and Link, each under its title, in a room."""
    px = canvas.px
    session = gestures.session
    device = ports.device if ports.device and ports.device != "none" else "none (silent)" if ports.device else "the best there is"
    rows: tuple[tuple[str, str, str, Callable[[], list[tuple[str, Any]]]], ...] = (
        ("device", "Sound device", device, _devices),
        ("sr_hz", "Rate", f"{session.engine.sr_hz} Hz", lambda: [("the device's own", None), *((f"{rate} Hz", rate) for rate in RATES_HZ)]),
        ("blocksize", "Block", f"{ports.blocksize} frames",
         lambda: [(f"{n} frames, {1000 * n / session.engine.sr_hz:.1f} ms", n) for n in BLOCKS]),
        ("midi", "MIDI inputs", {"all": "every input"}.get(ports.midi, ports.midi), _inputs),
        ("mpe", "MPE", _MPE.get(ports.mpe, f"{ports.mpe} channels"), lambda: [(text, n) for n, text in _MPE.items()]),
        ("midi_out", "MIDI out", {"on": "a port of its own"}.get(ports.midi_out, ports.midi_out), _outputs),
        ("mts_esp", "MTS-ESP tuning", _ON[ports.mts_esp], lambda: [(text, on) for on, text in _ON.items()]),
        ("link", "Link tempo", _ON[ports.link], lambda: [(text, on) for on, text in _ON.items()]))
    found = []
    half = (rect.w - px(8)) / 2
    places = {"device": (0.0, 0, rect.w), "sr_hz": (0.0, 1, half), "blocksize": (half + px(8), 1, half), "midi": (0.0, 2, half),
              "mpe": (half + px(8), 2, half), "midi_out": (0.0, 3, rect.w), "mts_esp": (0.0, 4, half), "link": (half + px(8), 4, half)}
    for name, title, shown, choices in rows:
        x, row, w = places[name]
        top = rect.y + row * px(ROW_H)
        canvas.text(rect.x + x, top, title, "small", "dim")
        where = Rect(rect.x + x, top + px(15), w, px(28))

        def ask(name: str = name, choices: Callable = choices, where: Rect = where) -> None:
            here = getattr(ports, name)
            gestures.open_menu([MenuRow(printable(text), partial(begin_anew, replace(ports, **{name: value})), "●" if value == here else "")
                                for text, value in choices()], where)

        found.append(Button(canvas, f"ports.{name}", where, printable(shown), ask, "The sound pauses for a second; nothing of it changes",
                            font="text"))
    return found
