"""The terminal view as a player meets it: `latentwave play --no-gui` on a real pseudo-terminal."""

import json
import signal
import sys
import time

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are POSIX", allow_module_level=True)

from tests.gui.pseudoterminal import Terminal


@pytest.fixture
def terminal(home, tmp_path):
    view = Terminal(tmp_path)
    try:
        view.wait(lambda: "decode age" in view.screen, "first picture")
        yield view
    finally:
        view.close()


def test_a_key_plays_a_gate_that_repeats_extend_and_q_quits(terminal):
    """How long a gate is, and that a repeat extends it, is held by test_pieces.py on a clock of its own."""
    for word in ("akwf-16", "Init", "Z16", "voices", "load", "xruns", "last MIDI"):
        assert word in terminal.screen, word
    terminal.type("a")
    terminal.wait(lambda: terminal.events("note_off"), "note_off")
    on, off = terminal.events("note_on")[0], terminal.events("note_off")[0]
    assert on["note"] == off["note"] == 60 and on["velocity"] == pytest.approx(100 / 127)
    assert off["frame"] > on["frame"]
    terminal.type("dddddd")  # as a held key repeats, in one read
    terminal.wait(lambda: len(terminal.events("note_off")) == 2, "second note_off")
    assert [e["note"] for e in terminal.events("note_on")] == [60, 64]
    terminal.type("q")
    terminal.wait(lambda: terminal.process.poll() is not None, "end")
    terminal.wait(terminal.restored, "restored terminal")
    assert terminal.process.returncode == 0


def test_latents_position_and_presets_answer_to_keys(terminal):
    terminal.type("3++")
    terminal.wait(lambda: len(terminal.events("corner")) == 2, "two corner edits")
    first, second = terminal.events("corner")
    assert first["latent"] == second["latent"] == 3 and second["value"] > first["value"]
    terminal.type("]]")
    terminal.wait(lambda: len(terminal.events("param")) == 2, "two steps of position")
    assert [e["value"] for e in terminal.events("param")] == pytest.approx([0.02, 0.04])
    terminal.type("\x1b[C")
    terminal.wait(lambda: terminal.events("patch"), "next preset")
    assert terminal.process.poll() is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_end_it_and_give_the_terminal_back(terminal, number):
    terminal.type("a")
    terminal.wait(lambda: terminal.events("note_on"), "note_on")
    terminal.process.send_signal(number)
    terminal.wait(lambda: terminal.process.poll() is not None, "end")
    terminal.wait(terminal.restored, "restored terminal")
    assert terminal.process.returncode == 0
    assert len(terminal.events("note_off")) == 1


def test_a_quiet_screen_is_redrawn_at_leisure_and_only_where_it_changed(terminal):
    """What that costs is a figure (tests/bench/live.py). Every redraw shows the decode age, which always changes."""
    began = time.monotonic()
    terminal.read()
    before = len(terminal.screen)
    terminal.wait(lambda: terminal.screen.count("decode age", before) >= 40, "forty redraws")
    assert time.monotonic() - began > 2  # ten a second at most
    assert terminal.screen.count("\x1b[K", before) < 3 * terminal.screen.count("decode age", before)


def test_without_a_terminal_it_prints_plain_lines_and_ends(home, cli):
    done = cli("play", "--no-gui", "--device", "none", "--model", "akwf-16", "--midi", "none", "--seconds", "1", check=True)
    assert "Init on akwf-16: 0 voices" in done.stdout and "\x1b" not in done.stdout


def test_capitals_save_undo_and_redo_and_quitting_with_edits_asks(terminal, home):
    """newuser 8 in the terminal: small letters go on playing, a load by accident is undone, `q` asks once."""
    own = home / "presets" / "Init.json"
    terminal.type("]]]")
    terminal.wait(lambda: len(terminal.events("param")) == 3, "three steps of position")
    terminal.wait(lambda: "Init •" in terminal.screen or "Init\x1b[0m •" in terminal.screen, "the mark of edits")
    terminal.type("U")
    terminal.wait(lambda: terminal.events("param")[-1]["value"] == 0, "undone in one step")
    terminal.type("R")
    terminal.wait(lambda: terminal.events("param")[-1]["value"] == pytest.approx(0.06), "redone")
    terminal.type("\x1b[C")
    terminal.wait(lambda: terminal.events("patch"), "next preset")
    terminal.type("\x1b[D")
    terminal.wait(lambda: len(terminal.events("patch")) == 2, "back")
    assert terminal.events("patch")[1]["preset"]["params"]["osc.position"] == pytest.approx(0.06)
    terminal.type("q")
    terminal.wait(lambda: "q again quits" in terminal.screen, "the question")
    assert terminal.process.poll() is None
    terminal.type("S")
    terminal.wait(own.exists, "the user's own preset")
    assert json.loads(own.read_text())["params"]["osc.position"] == pytest.approx(0.06)
    terminal.wait(lambda: "own presets" in terminal.screen, "told")
    terminal.type("s")
    terminal.wait(lambda: terminal.events("note_on"), "a small letter plays")
    terminal.type("]")
    terminal.wait(lambda: terminal.events("param")[-1]["value"] == pytest.approx(0.08), "an edit")
    terminal.type("qq")
    terminal.wait(lambda: terminal.process.poll() is not None, "end")
    assert terminal.process.returncode == 0 and (home / "autosave.json").exists()  # kept for the next start
