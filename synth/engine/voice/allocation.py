"""Voices: allocation, stealing, starting and letting go. Called by the audio thread only."""

import math

import numpy as np

from ...params.knobs import index_of
from ..compile.jit import kernel
from ..constants import MAX_VOICES, QUANTUM, SLOTS
from ..dsp import envelope as env
from ..dsp import lfo
from ..modulation import envelope_settings, matrix, morph_mix, sources, stack
from ..timbre import spectrum_stream, track_clock
from . import lane_allocation

FREE, SOUNDING, FADING = 0, 1, 2
POLY, MONO, LEGATO = range(3)  # as params: voice.mode
LAST, LOW, HIGH = range(3)  # voice.priority
_SOFT = 0.6
_VELOCITY = index_of("amp.velocity")


@kernel
def fill_envelope(polyphony, slot, frame):
    """Make a voice's amplitude envelope up to a frame of this quantum; a steady sustain is made once and stays."""
    v = polyphony["voices"][slot]
    if v["filled"] >= frame:
        return
    settings, envelope = envelope_settings.settings_of_voice(polyphony, slot, 0), v["amp"]
    sustain = np.float32(settings[env.SUSTAIN_LEVEL])
    steady = v["filled"] == 0 and frame == QUANTUM and envelope["stage"] == env.SUSTAIN and envelope["level"] == sustain
    if not (steady and v["flat"] == sustain):
        env.fill(envelope, polyphony["envelope"][slot], v["filled"], frame, settings)
    v["flat"] = sustain if steady else np.float32(-1.0)
    v["filled"] = frame


@kernel
def release_voice(polyphony, slot, frame):
    """Let a voice's envelopes go at a frame of this quantum."""
    v = polyphony["voices"][slot]
    fill_envelope(polyphony, slot, frame)
    if v["amp"]["stage"] < env.RELEASE:
        env.enter(v["amp"], env.RELEASE)
        env.enter(v["env2"], env.RELEASE)
        env.enter(v["env3"], env.RELEASE)


@kernel
def fade_voice(polyphony, slot, frame):
    """Take a voice's slot of the polyphony away without a click: it fades within times.FADE_S beside the new one."""
    v = polyphony["voices"][slot]
    fill_envelope(polyphony, slot, frame)
    v["state"] = FADING
    v["key_down"] = v["held_by_pedal"] = 0
    if v["amp"]["stage"] != env.DONE:
        env.enter(v["amp"], env.FADE)


@kernel
def _choose_victim(polyphony, knobs, part, any_part):
    """The voice of a part (or of any) to steal: the quietest released one, else the one that the part's priority minds least."""
    best, best_score, priority = -1, 0.0, int(stack.knob_of(knobs, part, stack.PRIORITY))
    for slot in range(SLOTS):
        v = polyphony["voices"][slot]
        if v["state"] == SOUNDING and (any_part or v["part"] == part):
            if v["amp"]["stage"] >= env.RELEASE:
                score = np.float64(v["amp"]["level"] * v["gain"])
            elif priority == LAST:
                score = 1e3 + v["serial"]
            else:
                score = 1e3 + (128.0 - v["note"] if priority == LOW else 0.0 + v["note"])
            if best < 0 or score < best_score:
                best, best_score = slot, score
    return best


@kernel
def _find_free_slot(lanes, polyphony, spectra, rings, transport):
    """A slot for a new voice; if every tail is still fading, the quietest of them is given up."""
    best, best_level = -1, 1e9
    for slot in range(SLOTS):
        v = polyphony["voices"][slot]
        if v["state"] == FREE:
            return slot
        level = v["amp"]["level"] * v["gain"]
        if v["state"] == FADING and level < best_level:
            best, best_level = slot, level
    lane_allocation.free_voice(lanes, spectra, rings, transport, polyphony["voices"][best])
    return best


@kernel
def _make_room(polyphony, knobs, channel, note, frame, part):
    """The part's last note of the same key lets go; where its polyphony is full, or that of all parts, a voice is stolen."""
    n_sounding, n_all, same = 0, 0, -1
    for slot in range(SLOTS):
        v = polyphony["voices"][slot]
        n_all += 1 if v["state"] == SOUNDING else 0
        if v["state"] == SOUNDING and v["part"] == part:
            n_sounding += 1
            if v["channel"] == channel and v["note"] == note and (v["key_down"] or v["held_by_pedal"]):
                same = slot
    if same >= 0:
        polyphony["voices"][same]["key_down"] = polyphony["voices"][same]["held_by_pedal"] = 0
        release_voice(polyphony, same, frame)
    limit = min(max(int(stack.knob_of(knobs, part, stack.COUNT) + 0.5), 1), MAX_VOICES)
    while n_sounding >= limit:
        fade_voice(polyphony, _choose_victim(polyphony, knobs, part, False), frame)
        n_sounding -= 1
        n_all -= 1
    while n_all >= MAX_VOICES:
        fade_voice(polyphony, _choose_victim(polyphony, knobs, part, True), frame)
        n_all -= 1


@kernel
def seed_of(frame, channel, note):
    """What a note's randomness is drawn from: the same for the same note at the same frame, live or rendered."""
    return np.uint64(frame) * np.uint64(4096) + np.uint64(channel * 128 + note)


@kernel
def prepare_voice(v, channel, note, velocity, at_frame):
    """What is known of a voice before it sounds: all that its first point in the latent space depends on."""
    v["note"], v["channel"], v["velocity"], v["release_velocity"] = note, channel, velocity, 0.0
    draw_random(v, at_frame)
    v["pressure"] = 0.0
    v["key_down"] = 1
    v["first"], v["fresh"] = 0, 1
    for i in range(v["lfo_value"].shape[0]):
        v["lfo_value"][i] = 0.0
    for envelope in (v["amp"], v["env2"], v["env3"]):
        envelope["level"] = 0.0
        env.enter(envelope, env.DELAY)


@kernel
def velocity_gain(knobs, midi, channel, velocity):
    """Linear gain of a note's velocity 0..1, under the soft pedal less."""
    depth = knobs["value"][_VELOCITY]
    return (np.float32(1.0) - depth + depth * velocity * velocity) * np.float32(_SOFT if midi["channels"][channel]["soft"] else 1.0)


@kernel
def set_gain(knobs, midi, transport, v):
    """A voice's gain by its velocity, and its tracks, where modulation may move what a note starts with."""
    moved = knobs["matrix"]["classes"] & matrix.START != 0
    if moved:
        sources.read_sources(knobs, midi, transport, v, 0)
        matrix.keep_and_lay(knobs, matrix.START)
    v["gain"] = velocity_gain(knobs, midi, v["channel"], v["velocity"])
    track_clock.start_tracks(knobs, v)
    if moved:
        matrix.restore_knobs(knobs, matrix.START)


@kernel
def settle_start(polyphony, knobs, midi, transport, slot):
    """What of a voice is set when its note starts: its gain and, where they are its own, its mix of a morph and its envelopes."""
    v, own = polyphony["voices"][slot], knobs["matrix"]["moves_morph"] != 0
    if own:
        morph_mix.keep_shared(knobs)
        morph_mix.lay_first(knobs, midi, transport, v)
    set_gain(knobs, midi, transport, v)
    envelope_settings.set_own_envelopes(polyphony, knobs, midi, transport, slot)
    if own:
        morph_mix.restore_shared(knobs)


@kernel
def draw_random(v, at_frame):
    """A note's own randomness, and its LFOs from their start."""
    v["seed"] = seed_of(at_frame, v["channel"], v["note"])
    v["random"] = 2.0 * lfo.hash_unit(v["seed"]) - 1.0
    v["age"] = 0
    for i in range(v["lfo_value"].shape[0]):
        v["lfo_cycles"][i] = 0.0


@kernel
def begin_glide(knobs, transport, v, pitch, overlapping):
    """Set a voice gliding from a pitch (semitones; NaN for none) to its key's."""
    v["glide"] = v["glide_step"] = 0.0
    time_s, mode = stack.knob_of(knobs, v["part"], stack.GLIDE), stack.knob_of(knobs, v["part"], stack.GLIDE_MODE)
    if time_s <= 0.0 or math.isnan(pitch) or (mode > 0.5 and not overlapping):
        return
    v["glide"] = pitch - v["key_pitch"]
    v["glide_step"] = -v["glide"] * QUANTUM / (time_s * transport["sr_hz"])


@kernel
def advance_glide(v):
    """A quantum of the glide."""
    if v["glide_step"] != 0.0:
        v["glide"] += v["glide_step"]
        if v["glide"] * v["glide_step"] >= 0.0:
            v["glide"] = v["glide_step"] = 0.0


@kernel
def start_voice(lanes, polyphony, knobs, midi, spectra, rings, transport, channel, note, velocity, frame, overlapping, part):
    """A new voice of a part from a frame of this quantum; answers its slot. Its pitch and tables are made in `update.set_oscillators`.

    Seven records, because a note that starts may take a lane and a spectrum from one that ends, and starts modulated by all that moves it.
    """
    _make_room(polyphony, knobs, channel, note, frame, part)
    slot = _find_free_slot(lanes, polyphony, spectra, rings, transport)
    v = polyphony["voices"][slot]
    prepare_voice(v, channel, note, velocity, transport["frame"] + frame)
    polyphony["serial"] += 1
    v["serial"], v["state"], v["part"] = polyphony["serial"], SOUNDING, part
    v["key_down"], v["held_by_pedal"], v["sostenuto"] = 1, 0, 0
    v["first"] = v["filled"] = frame
    v["flat"] = -1.0
    v["sub_step"] = 0
    v["key_pitch"] = stack.key_pitch(knobs, part, note)
    begin_glide(knobs, transport, v, polyphony["last_pitch"][part], overlapping)
    polyphony["last_pitch"][part] = v["key_pitch"]
    v["stream"] = _stream_of_note(knobs, spectra, rings, transport, transport["frame"] + frame, channel, note, part)
    if part == 0:
        polyphony["newest"] = slot
    settle_start(polyphony, knobs, midi, transport, slot)
    for i in range(frame):
        polyphony["envelope"][slot, i] = 0.0
    return slot


@kernel
def _stream_of_note(knobs, spectra, rings, transport, frame, channel, note, part):
    """The stream that a new voice plays: the one that was asked for it, or the shared one until its own has come."""
    for index in range(1, spectra["streams"].shape[0]):
        stream = spectra["streams"][index]
        here = stream["at_frame"] == frame and stream["at_note"] == note and stream["at_channel"] == channel and stream["at_part"] == part
        if stream["state"] == spectrum_stream.EXPECTED and here:
            stream["state"] = spectrum_stream.USED
            if not spectrum_stream.start_expected_stream(spectra, rings, transport, index):
                spectrum_stream.copy_stream(spectra, index, spectrum_stream.SHARED)
                spectra["late_starts"] += 1
            return index
    if knobs["matrix"]["classes"] & matrix.LATENT:  # it was not seen coming
        spectra["late_starts"] += 1
    return spectrum_stream.SHARED


@kernel
def note_off(polyphony, midi, channel, note, frame):
    """A key let go: its voices release unless a pedal holds them."""
    for slot in range(SLOTS):
        v = polyphony["voices"][slot]
        if v["state"] == SOUNDING and v["key_down"] and v["channel"] == channel and v["note"] == note:
            v["key_down"] = 0
            if midi["channels"][channel]["sustain"] or v["sostenuto"]:
                v["held_by_pedal"] = 1
            else:
                release_voice(polyphony, slot, frame)
