"""A process for test_history: plays two phrases with everything that moves, records them, and says when it may be killed.

`history_players.py FOLDER NOTE [end]`: `take.wav` and `take.jsonl` of FOLDER; with `end` it ends by itself.
"""

import sys
import time
from pathlib import Path

from synth import paths
from synth.events import bend, control, mpe_zone, note_off, note_on, pressure
from synth.patch import preset_file
from synth.patch.tuning import Tuning
from synth.session.session import Session

NARROW = Tuning("narrow", tuple(60 + (key - 60) * 0.97 for key in range(128)))


def play(session: Session, events, seconds: float) -> None:
    """Post events, then wait for so much sound."""
    for event in events:
        session.post(event)
    until = session.snapshot().frame + seconds * 48000
    while session.snapshot().frame < until:
        time.sleep(0.005)


def main() -> None:
    folder, note = Path(sys.argv[1]), int(sys.argv[2])
    session = Session(preset_file.load(paths.find_preset("Amber Pad")), device="none", midi="none", log=folder / "take.jsonl",
                      record=folder / "take.wav", record_midi=folder / "take.mid")
    play(session, [note_on(note, 0.7), control(1, 50)], 0.3)
    session.set_param("filter.cutoff_hz", 1500.0)
    play(session, [note_on(note + 7, 0.5), control(74, 90), bend(0.2)], 0.3)
    play(session, [note_off(note), note_off(note + 7), bend(0.0)], 3.2)
    session.load_preset("Tine Piano").result()
    session.load_patch(session.patch.__class__(**{f: getattr(session.patch, f) for f in session.patch.__dataclass_fields__} | {
        "name": "Narrow Tines", "tuning": NARROW})).result()
    play(session, mpe_zone(4), 0.1)
    play(session, [note_on(note, 0.9, 1), bend(0.1, 1), pressure(90, 1)], 0.2)
    loading = session.load_preset("Shimmer Drift")  # while a note sounds
    play(session, [note_on(note + 4, 0.8, 2), control(74, 20, 2), control(1, 99)], 0.4)
    loading.result()
    play(session, [note_off(note, 1)], 1.6)  # the recording is whole up to half a second ago
    print(session.snapshot().frame, flush=True)
    if sys.argv[3:] != ["end"]:
        play(session, [], 600)
    session.close()


if __name__ == "__main__":
    main()
