"""What adapting to sixty notes is worth, of FluidR3_GM: `python -m tests.tracks.adapting [MINUTES]` prints it and how long it took.

MINUTES: of descent, after the closed form.
"""

import sys
import time

import numpy as np

from synth.samples.spectrum import LSD_HARMONICS
from synth.timbres.density import load_map
from synth.timbres.model import open_model
from synth.tracks.analysis import hear_note, target_amplitudes
from synth.tracks.errors import loud_frames
from tests.measures import tracks as measure
from training.data.soundfont import find_font
from training.export.import_onnx import axes_of, open_base
from training.network.model import Autoencoder
from training.notes.closed_form import adapt
from training.notes.descent import Length, descend
from training.notes.frames import Note
from training.notes.last_layer import LastLayer
from training.notes.sets import frames_of, make_sets
from training.notes.worth import best_db

HELD_OUT = (57, 63, 69)
OTHERS = {"vibraphone": 11, "organ": 19, "accordion": 21, "bass": 33, "violin": 40, "tuba": 58, "oboe": 68,
          "lead": 81, "pad": 89, "sitar": 104}


def note(program, key):
    samples = measure.render_note(find_font(), program, key)
    heard = hear_note(samples, measure.SR_HZ, 440 * 2 ** ((key - 69) / 12))
    rows = loud_frames(heard)
    return Note(f"{program} {key}", heard.freq_hz, (heard.frames.time_s - heard.shape.onset_s)[rows],
                target_amplitudes(heard.frames)[rows, :LSD_HARMONICS], min(LSD_HARMONICS, heard.frames.amplitudes.shape[1]))


def sixty_notes(name="akwf-16", minutes=0.0):
    """((LSD, ERB-LSD) in dB before and after, of notes learnt, held-out keys with samples of their own, other programs), seconds, what of.

    minutes: of descent after the closed form. Seconds are (processor's, the clock's) of adapting, reading the notes and all.
    """
    model, base = open_model(name), open_base(name)
    network = Autoencoder(base.config)
    network.load_state_dict(base.weights)
    layer = LastLayer(network.eval().requires_grad_(False), axes_of(model.folder), model.low, model.high, model.std)
    held_out = frames_of(model, [note(measure.PROGRAMS[p], k) for p, keys in measure.OWN_KEYS.items() for k in keys if k in HELD_OUT])
    others = frames_of(model, [note(program, key) for program in OTHERS.values() for key in (48, 60, 69)])
    begun = time.process_time(), time.monotonic()
    own = [note(program, key) for program in measure.PROGRAMS.values() for key in measure.KEYS if key not in HELD_OUT]
    sets = make_sets(model, own, 0)
    about = sets, load_map(model.folder, model.latent_size).density, base.config.harmonics, 0
    stages = adapt(layer, *about)
    taken = descend(stages, *about, Length(minutes), lambda sentence, part: print(sentence, flush=True)) if minutes else None
    seconds = round(time.process_time() - begun[0], 1), round(time.monotonic() - begun[1], 1)
    found = [tuple(tuple(np.round(best_db(frames, end), 3).tolist()) for end in (layer, taken or stages[-1].layer))
             for frames in (sets.learnt, held_out, others)]
    return found, seconds, "descent" if taken else f"closed form, held by {stages[-1].hold:g}"


if __name__ == "__main__":
    rows, (cpu_s, clock_s), what = sixty_notes(minutes=float(sys.argv[1]) if len(sys.argv) > 1 else 0.0)
    for words, (before, after) in zip(("learnt", "held-out keys", "other programs"), rows, strict=True):
        nearer = f"{100 - 100 * after[0] / before[0]:.0f} % nearer"
        print(f"{words}: {before[0]:.2f} / {before[1]:.2f} -> {after[0]:.2f} / {after[1]:.2f}, {nearer}")
    print(f"{what}; {cpu_s:.0f} s of processor, {clock_s:.0f} s by the clock, reading the notes and all")
