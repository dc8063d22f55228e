"""A voice's own point in the latent space and its recordings: aimed on a tick, and before a note begins.

Real-time: no allocation, no locks, no I/O, no Python.
"""

from ..compile.jit import kernel
from ..constants import SLOTS
from ..modulation import matrix, morph_mix, sources
from ..timbre import block_decoders, latent_position, spectrum_stream, track_clock, track_values
from . import allocation
from .update import OWN, frequency_of, pitch_of


@kernel
def update_own_position(knobs, midi, latent, spectra, rings, transport, v, every):
    """On a tick, a voice's own point: where it has no stream to itself yet, it begins as the shared one stands.

    Seven records, because a point is made of knobs, moved in time, and asked for at once, of the harmonics that its pitch lets be heard.
    """
    if v["stream"] == spectrum_stream.SHARED:
        if not knobs["matrix"]["classes"] & matrix.LATENT:
            return
        index = spectrum_stream.allocate_stream(spectra, transport, spectrum_stream.USED)
        if index < 0:
            return
        spectrum_stream.copy_stream(spectra, index, spectrum_stream.SHARED)
        v["stream"] = index
    latent_position.aim_latent(knobs, latent, True)
    freq_hz = frequency_of(knobs, transport, pitch_of(knobs, midi, v))
    if v["track"]["n"] > 0:
        in_block = block_decoders.decodes_in_block(knobs) and spectra["block_products"] > 0
        delay_frames = 0 if in_block else spectra["decode_latency"]
        track_values.move_target(knobs, latent, transport, v, delay_frames)
        freq_hz /= v["track"]["ratio"]  # formants that stay are read from higher harmonics
    harmonics = block_decoders.heard_harmonics(freq_hz, transport["sr_hz"])
    latent_position.update_own_position(knobs, latent, spectra, rings, transport, v["stream"], every, harmonics)


@kernel
def advance_tracks(knobs, midi, transport, v, tick):
    """A voice's tracks to the end of this quantum, and on a tick, or where it begins, what they make of its spectrum and noise."""
    track_values.advance_track(knobs, transport, v)
    if tick or v["fresh"]:
        track_values.shape_voice(knobs, v, pitch_of(knobs, midi, v))


@kernel
def prefetch_voice(polyphony, knobs, midi, latent, spectra, rings, transport, channel, note, velocity, at_frame, part):
    """Ask for the point at which a note to come will start in a part, if voices have points of their own.

    Seven records, because the note is looked at as if it started: modulated by all that moves it, and asked for.
    """
    index = spectrum_stream.allocate_stream(spectra, transport, spectrum_stream.EXPECTED)
    if index < 0:
        return
    stream, v = spectra["streams"][index], polyphony["voices"][SLOTS]
    stream["at_frame"], stream["at_note"], stream["at_channel"], stream["at_part"] = at_frame, note, channel, part
    v["part"] = part
    allocation.prepare_voice(v, channel, note, velocity, at_frame)
    own = knobs["matrix"]["moves_morph"] != 0
    if own:
        morph_mix.keep_shared(knobs)
        morph_mix.lay_first(knobs, midi, transport, v)
    sources.read_sources(knobs, midi, transport, v, 0)
    matrix.keep_and_lay(knobs, OWN)
    latent_position.aim_latent(knobs, latent, True)
    if knobs["patch"]["tracks"] != 0:
        track_clock.start_tracks(knobs, v)
        track_values.move_target(knobs, latent, transport, v, 0)
    matrix.restore_knobs(knobs, OWN)
    if own:
        morph_mix.restore_shared(knobs)
    latent_position.request_expected_position(knobs, latent, spectra, rings, transport, index, at_frame)
