"""Four notes live, a knob turned while they sound, recorded: `python play_live.py` (`python play_live.py none` without a device)."""

import sys
import time

import latentwave as lw

with lw.play("Init", device=sys.argv[1] if len(sys.argv) > 1 else None, midi="none", record="live.wav") as player:
    for key in (57, 61, 64, 69):
        player.post(lw.note_on(key))
        player.set_param("osc.position", (key - 57) / 12)
        time.sleep(0.25)
        print(f"{player.snapshot().voices} voices, {player.snapshot().params['osc.position']:.2f}")
        player.post(lw.note_off(key))
    time.sleep(0.25)
