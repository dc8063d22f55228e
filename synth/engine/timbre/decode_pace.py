"""How many ticks go by between the decodes of a stream: one as a rule, two or four where its sound has moved slowly for a while.

What decides is how far the last two spectra lie apart, so it follows from what is played alone, and takes repeat. A stream keeps its pace
through the turning points of an LFO; each change of it bends the way through the spectra by no more than their small distance. Where the
position runs away within a long ramp, the rest of that is gone through within a tick, and the next decode is made there.
Real-time: no allocation, no locks, no I/O, no Python.
"""

import math

import numpy as np

from ..compile.jit import kernel
from ..constants import TICK
from . import spectrum_stream

SLOW, FAST = 1e-3, 2e-3  # of a spectrum's size, a tick: below them for _CALM_S, four and two ticks go by
_CALM_S = 2.0  # longer than an LFO that is too fast rests where it turns: a pace that came and went would be heard before the pace itself
_FORGET = np.float32(0.9)


@kernel
def way_moved(patch, stream):
    """How far a stream's position is from where its last spectrum was asked for: in latents, weights and amounts, as one length."""
    now, sent, power = stream["now"], stream["sent"], np.float32(0.0)
    for i in range(patch["latent_size"]):
        away = now["latent"][i] - sent["latent"][i]
        power += away * away
    for i in range(4):
        away = now["weights"][i] - sent["weights"][i]
        power += away * away
    for i in range(now["amounts"].shape[0]):
        away = now["amounts"][i] - sent["amounts"][i]
        power += away * away
    for i in range(2):
        away = now["follow"][i] - sent["follow"][i]
        power += away * away
    return np.float32(math.sqrt(power))


@kernel
def hasten_ramp(patch, transport, stream, at_once):
    """Within a long ramp, on a tick: where the position has moved faster than such ramps are for, or `at_once`, it ends with the next."""
    frame = transport["frame"]
    if stream["ticks"] <= 1 or stream["ramp_end"] - frame <= TICK:
        return
    if not at_once and way_moved(patch, stream) * stream["reach"] <= FAST * np.float32((frame - stream["asked"]) / TICK):
        return
    rest = 1.0 - spectrum_stream.ramp_at(stream, frame)
    stream["ramp_end"] = frame + TICK
    stream["ramp_start"] = stream["ramp_end"] - np.int64(TICK / rest + 0.5)
    stream["ticks"], stream["calm"], stream["still"] = 1, 0, 0


@kernel
def _distance(a, b, harmonics):
    """How far two spectra lie apart, of the second's size."""
    a_re, a_im, b_re, b_im, apart, power = a["re"], a["im"], b["re"], b["im"], np.float32(0.0), np.float32(1e-30)
    for k in range(1, harmonics + 1):
        re, im = b_re[k] - a_re[k], b_im[k] - a_im[k]
        apart += re * re + im * im
        power += b_re[k] * b_re[k] + b_im[k] * b_im[k]
    return np.float32(math.sqrt(apart / power))


@kernel
def rest(transport, stream):
    """A stream that has not moved begins anew with a decode a tick."""
    if transport["frame"] >= stream["ramp_end"]:
        stream["ticks"], stream["calm"], stream["still"] = 1, 0, 0


@kernel
def choose_ticks(patch, spectra, transport, stream, index, spectrum, every):
    """After a decode: how many ticks go by until the stream's next one, times `every`. Morphs of presets keep to one."""
    if stream["to"] < 0 or patch["morph"][0]["n"] > 0:
        stream["ticks"] = 1
        return
    last, ticks = spectra["pool"][stream["to"]], max(stream["ticks"], 1)
    apart = _distance(last, spectrum, min(last["harmonics"], spectrum["harmonics"]))
    if stream["moved"] > 0.0:
        stream["reach"] = max(_FORGET * stream["reach"], apart / stream["moved"])
    pace = apart / np.float32(ticks)
    calm_frames, went = np.int64(_CALM_S * transport["sr_hz"]), ticks * every * TICK
    stream["calm"] = 0 if pace > FAST else min(stream["calm"] + went, calm_frames)
    stream["still"] = 0 if pace > SLOW else min(stream["still"] + went, calm_frames)
    most = 4 if stream["still"] >= calm_frames else (2 if stream["calm"] >= calm_frames else 1)
    turn = transport["frame"] // (TICK * every) + index
    if ticks < most and turn % (2 * ticks) == 0:  # in turns, so that not all decode at one tick
        ticks *= 2
    stream["ticks"] = min(ticks, most)
