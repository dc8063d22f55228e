"""F6 and Shift+F6 go from panel to panel in the real window under Xvfb; what is in focus then answers to the arrows and Enter."""


from synth.gui.geometry import Rect
from synth.gui.panel_order import in_next_panel
from synth.gui.widgets.control import Control


def turn(desk, name):
    """The arrow up turns the knob in focus."""
    here = len(desk.rows())
    desk.hand("key", "Up")
    desk.wait("set_param", after=here, match=lambda r: r["args"][0] == name)


def test_panels_are_reached_by_f6_and_what_is_in_focus_there_is_turned_and_loaded(desk):
    desk.view("sound")
    desk.press_key("F6", "osc.position")  # past the header
    turn(desk, "osc.position")
    for name in ("voices.unison", "sub.switch", "noise.switch", "filter.switch", "amp.curve"):
        desk.press_key("F6", name)
    desk.press_key("shift+F6", "filter.switch")
    here = len(desk.rows())
    desk.press_key("Return")  # the filter is on
    desk.wait("set_param", after=here, match=lambda r: r["args"][0] == "filter.type")
    desk.press_key("Escape", "")  # nothing is in focus
    for name in ("status.record", "wheel.bend", "macro1.value"):
        desk.press_key("shift+F6", name)
    turn(desk, "macro1.value")
    desk.press_key("ctrl+5", "line.0")  # the library, in its search line
    desk.wait("rect", match=lambda r: r["name"] == "category.pad")
    desk.hand("type", "--delay", "25", "Chip Hero")
    here = len(desk.rows())
    desk.press_key("F6", "library.list", "Chip Hero")  # out of the line, to the next panel
    desk.press_key("Return")
    desk.wait("load_entry", after=here, match=lambda r: r["args"][0].endswith("Chip Hero"))
    desk.hear(0.2)
    desk.finish()
    assert {p["name"] for p in desk.played("param")} >= {"osc.position", "filter.type", "macro1.value"}
    assert desk.played("patch")[-1]["preset"]["name"] == "Chip Hero"


def test_a_control_is_of_the_smallest_panel_that_holds_it():
    controls = [Control(str(n), Rect(20 * n, 0, 10, 10)) for n in range(6)]
    panels = [Rect(0, 0, 30, 20), Rect(30, 0, 90, 20), Rect(55, 0, 40, 20)]  # 0, 1 | 2, 5 | 3, 4

    def reached(focus, by):
        return in_next_panel(controls, panels, controls[focus] if focus is not None else None, by).name

    assert [reached(n, 1) for n in range(6)] == ["2", "2", "3", "0", "0", "3"]
    assert [reached(n, -1) for n in range(6)] == ["3", "3", "0", "2", "2", "0"]
    assert (reached(None, 1), reached(None, -1)) == ("2", "3")
    assert in_next_panel([], panels, None, 1) is None
