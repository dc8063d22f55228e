"""A chord on a preset, its filter opened a little, as a WAV file: `python render_chord.py`."""

import latentwave as lw

sound = lw.load("Amber Pad").with_param("filter.cutoff_hz", 3000)
chord = [(0.1 * i, lw.note_on(key, 0.8)) for i, key in enumerate((48, 55, 60, 64))]
chord += [(2.0, lw.note_off(key)) for key in (48, 55, 60, 64)]
heard = lw.render(sound, chord, seconds=3.0)
lw.write_wav("chord.wav", heard)
print(f"{sound.name}: {len(heard) / 48000:g} s, peak {abs(heard).max():.2f}")
