"""The terminal view as a player meets it: `latentwave play --no-gui` on a real pseudo-terminal."""

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
