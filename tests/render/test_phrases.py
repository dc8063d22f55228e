"""Where a phrase ends: after two seconds in which no note is held, by a key or a pedal."""

from synth.events import control, note_off, note_on, set_param
from synth.render.phrases import Phrase, PhraseTracker

SR = 48000


def found(rows, end):
    """Phrases of (seconds, event) rows, as (start, end, notes) in seconds."""
    tracker = PhraseTracker(SR)
    phrases = [tracker.take(round(at * SR), event, "P") for at, event in rows]
    phrases.append(tracker.pass_time(round(end * SR)) or tracker.close(round(end * SR)))
    return [(p.start / SR, p.end / SR, p.notes) for p in phrases if p]


def test_two_seconds_of_rest_end_a_phrase_and_less_does_not():
    rows = [(1, note_on(60)), (2, note_off(60)), (3.9, note_on(62)), (4, note_off(62)), (6.1, note_on(64)), (6.5, note_off(64))]
    assert found(rows, 20) == [(1, 4, 2), (6.1, 6.5, 1)]
    assert found(rows[:4], 5.9) == [(1, 4, 2)]  # all ended before the two seconds were over


def test_a_held_chord_and_a_pedal_go_on():
    pedal = [(1, note_on(60)), (1.5, control(64, 127)), (2, note_off(60)), (9, control(64, 0))]
    assert found(pedal, 20) == [(1, 9, 1)]
    assert found([(1, note_on(60)), (1.2, note_on(67)), (2, note_off(60)), (8, note_off(67))], 20) == [(1, 8, 2)]
    assert found([(0, control(64, 127)), (5, control(64, 0)), (6, note_on(60)), (7, note_off(60))], 20) == [(6, 7, 1)]
    assert found([(1, note_on(60, channel=3)), (3, control(123, 0, 3)), (9, note_on(60)), (10, note_off(60))], 20) == [
        (1, 3, 1), (9, 10, 1)]


def test_knobs_alone_are_no_phrase_and_one_that_is_cut_off_ends_with_all():
    assert found([(1, set_param("osc.position", 0.5)), (3, control(1, 9))], 20) == []
    tracker = PhraseTracker(SR)
    tracker.take(5, note_on(60), "P")
    assert tracker.pass_time(10**9) is None and tracker.close(700) == Phrase(5, 700, 1, "P")
