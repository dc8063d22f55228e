"""What a player does with one gesture, counted from Init in the real window under Xvfb; each ends in a changed sound or document."""

import numpy as np

from tests.gui.desk import SR, note


def cents(tone):
    """Pitch of a tone in tenths of a second, in cents from its middle."""
    found = []
    for start in range(0, len(tone) - SR // 10, SR // 20):
        levels = np.abs(np.fft.rfft(tone[start:start + SR // 10] * np.hanning(SR // 10), 1 << 17))
        near = slice(round(200 * (1 << 17) / SR), round(330 * (1 << 17) / SR))
        found.append((near.start + levels[near].argmax()) * SR / (1 << 17))
    return 1200 * np.log2(np.array(found) / np.median(found))


def centroid_hz(tone):
    levels = np.abs(np.fft.rfft(tone * np.hanning(len(tone))))
    return float((levels * np.arange(len(levels))).sum() / levels.sum() * SR / len(tone))


def test_vibrato_a_swept_filter_and_a_delay_are_one_gesture_each_and_so_is_undo(desk):
    steady = note(desk, 0.8)
    desk.drag("source.lfo1", "wheel.bend")
    desk.wait("modulate", match=lambda r: r["args"][:2] == ["lfo1", "osc.fine_cents"])
    vibrato = note(desk, 1.2)
    desk.hand("key", "ctrl+z")
    desk.wait("undo")
    desk.drag("source.env2", "filter.cutoff_hz")
    desk.wait("modulate", match=lambda r: r["args"][:2] == ["env2", "filter.cutoff_hz"])
    here = len(desk.rows())
    swept = note(desk, 1.2)
    x, y = desk.middle("delay.mix")
    desk.press(x, y)
    desk.move(x, y - 30)
    desk.lift()
    desk.wait("set_param", after=here, match=lambda r: r["args"][0] == "delay.mix")
    echoed = note(desk, 0.15)
    desk.hear(1.2)
    sound = desk.finish()
    params = [(p["name"], p["value"]) for p in desk.played("param")]
    assert ("lfo1.rate_hz", 5.5) in params and ("mod1.target", "none") in params, "one step of undo takes the vibrato back"
    assert np.abs(cents(sound[steady[0] + 4800:steady[1]])).max() < 2
    assert 12 < np.abs(cents(sound[vibrato[0] + 4800:vibrato[1]])).max() < 28
    assert ("filter.type", "low24") in params, "the filter that was off wakes"
    begun, ended = sound[swept[0] + 480:swept[0] + 2880], sound[swept[1] - 9600:swept[1]]
    assert centroid_hz(begun) > 1.5 * centroid_hz(ended), (centroid_hz(begun), centroid_hz(ended))
    tail = sound[echoed[1] + SR // 5:echoed[1] + SR]
    assert np.abs(tail).max() > 0.02, "an echo comes after the note"


def test_values_are_typed_with_units_found_by_name_and_asked_for_by_a_right_click(desk):
    desk.view("sound")
    x, y = desk.middle("filter.cutoff_hz")
    height = [r for r in desk.rows() if r["event"] == "rect" and r["name"] == "filter.cutoff_hz"][-1]["h"]
    here = len(desk.rows())
    desk.press(x, y + height / 2 - 6)  # on the value
    desk.lift()
    desk.wait("menu", after=here, match=lambda r: r["items"] == 1)
    desk.frames(8)
    desk.hand("type", "--delay", "60", "much")
    desk.hand("key", "Return")
    desk.frames(8)
    assert not [r for r in desk.rows()[here:] if r["event"] == "set_param"], "what is no value is not taken, and the line stays"
    desk.select_all()
    desk.hand("type", "--delay", "60", "1.2k")
    desk.hand("key", "Return")
    desk.wait("set_param", after=here, match=lambda r: r["args"] == ["filter.cutoff_hz", 1200.0])
    here = len(desk.rows())
    desk.move(x, y - 8)
    desk.hand("click", 3)
    desk.wait("menu", after=here, match=lambda r: r["items"] >= 5)
    desk.frames(4)
    desk.click("item.Learn a control")
    desk.wait("learn", after=here, match=lambda r: r["args"] == ["filter.cutoff_hz"])
    here = len(desk.rows())
    desk.hand("key", "ctrl+k")
    desk.frames(10)
    desk.hand("type", "--delay", "60", "reverb mix")
    desk.wait("rect", after=here, match=lambda r: r["name"] == "item.Reverb Mix")
    desk.wait("menu", after=here, match=lambda r: r["items"] == 1)
    desk.hand("key", "Right")
    desk.wait("set_param", after=here, match=lambda r: r["args"][0] == "reverb.mix")
    desk.hand("key", "Return")
    desk.wait("layout", after=here, match=lambda r: r["view"] == "effects")
    desk.finish()
    assert [p["value"] for p in desk.played("param") if p["name"] == "filter.cutoff_hz"] == [1200.0]


def test_the_map_moves_the_sound_the_matrix_edits_rows_and_an_envelope_is_drawn(desk):
    here = len(desk.rows())
    x, y = desk.middle("map")
    desk.press(x + 30, y + 30)
    desk.lift()
    desk.wait("go_to", after=here)
    desk.drag("source.velocity", "latent.3")
    desk.wait("modulate", match=lambda r: r["args"][:2] == ["velocity", "latent.3"])
    desk.view("modulation")
    x, y = desk.middle("mod1.amount")
    here = len(desk.rows())
    desk.press(x - 40, y)
    desk.move(x - 60, y)
    desk.lift()
    desk.wait("set_row", after=here)
    here = len(desk.rows())
    desk.click("row.1.bypass")
    desk.wait("set_row", after=here)
    desk.wait("layout", after=here)
    desk.frames(2)
    here = len(desk.rows())
    desk.click("row.1.remove")
    desk.wait("remove_row", after=here, match=lambda r: r["args"] == [1.0])
    desk.view("sound")
    here = len(desk.rows())
    left, top = desk.middle("amp.curve")
    rect = [r for r in desk.rows() if r["event"] == "rect" and r["name"] == "amp.curve"][-1]
    desk.press(rect["x"] + 12, rect["y"] + 12)  # near the attack's point, which is almost at once
    desk.move(rect["x"] + rect["w"] * 0.18, rect["y"] + 12)
    desk.lift()
    desk.wait("set_param", after=here, match=lambda r: r["args"][0] in ("amp.attack_s", "amp.hold_s"))
    assert left and top
    here = len(desk.rows())
    desk.move(*desk.middle("unison.detune_cents"))
    desk.hand("click", 3)
    desk.wait("rect", after=here, match=lambda r: r["name"] == "item.Among the essentials")
    desk.frames(3)
    here = len(desk.rows())
    desk.click("item.Among the essentials")
    desk.wait("layout", after=here)
    here = len(desk.rows())
    desk.view("play")
    desk.wait("rect", after=here, match=lambda r: r["name"] == "unison.detune_cents")
    soft = note(desk, 0.6)
    sound = desk.finish()
    assert [p["value"] for p in desk.played("param") if p["name"] == "mod1.bypass"] == ["on", "off"], "off, and as new when it is removed"
    assert len(desk.played("corner")) >= 2, "the map moved latents of a corner"
    start = sound[soft[0]:soft[1]]
    assert np.abs(start).max() > 0.01


def test_every_declared_knob_has_a_place_on_a_view(desk):
    from synth.params.knobs import KNOBS

    for view in ("sound", "modulation", "effects", "play"):
        desk.view(view)
    desk.view("sound")
    desk.page("voices.recordings")
    desk.view("modulation")
    for n in (2, 3, 4):
        desk.page(f"lfo.lfo_{n}")
    seen = {r["name"] for r in desk.rows() if r["event"] == "rect"}
    curves = {f"{g}.{c}" for g in ("amp", "env2", "env3") for c in ("attack_curve", "decay_curve", "release_curve")}  # dots of a drawing
    elsewhere = curves | {"limiter.on", "morph.x", "morph.y"} | {f"direction.{n}" for n in (6, 7, 8)}  # a switch, the pad, of other models
    assert not [p.name for p in KNOBS if p.name not in seen and p.name not in elsewhere]
    assert "amp.curve" in seen and "limiter.switch" in seen




def beside_sounds(desk):
    """A place on the map where none of its sounds is, near its middle: those are carried."""
    sounds = {r["name"]: desk.middle(r["name"]) for r in desk.rows() if r["event"] == "rect" and r["name"].startswith("map.")}
    x, y = desk.middle("map")
    return next((x + dx, y + dy) for dx in range(0, 60, 6) for dy in range(0, 60, 6)
                if all(np.hypot(x + dx - at[0], y + dy - at[1]) > 15 for at in sounds.values()))


def test_a_mouse_that_rests_while_it_is_down_makes_one_step_of_undo(desk):
    """Two knobs at once on the pad, a knob, a slider of latents, the map, the mod wheel and an LFO's drawing."""
    desk.view("play")
    for name in ("morph.pad", "filter.cutoff_hz", "latent.2", "map", "wheel.mod", "lfo1.curve"):
        if name == "lfo1.curve":
            desk.view("modulation")
        here, (x, y) = len(desk.rows()), desk.middle(name) if name != "map" else beside_sounds(desk)
        desk.press(x, y)
        for by in (8, 16, 24):
            desk.move(x + by, y - by)
            desk.hear(0.7)  # longer than what ends a gesture of a controller
        desk.lift()
        desk.hear(0.2)
        steps = desk.wait("frame", after=len(desk.rows()))[0]["steps"]
        assert steps == 1, f"{name}: {steps} steps"
        desk.hand("key", "ctrl+z")
        desk.wait("undo", after=here)
        desk.wait("frame", after=here, match=lambda r: r["steps"] == 0)
