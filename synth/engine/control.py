"""What moves once a quantum or once a tick: smoothed knobs, the played latent, requests for decodes and their answers."""

import math

import numpy as np

from ..events import Kind
from ..params import MAX_LATENTS
from . import filter as svf
from .applied import tell
from .atomics import call_count, load_acquire, store_release
from .jit import kernel
from .state import COUNTER, QUANTUM, REQUEST_RING, SPECTRA, TICK

# rows of state["target"] and state["smooth"]
LEVEL, GAIN, PAN, CUTOFF, K1, K2, ENV2, KEYTRACK, VELOCITY_CUTOFF, MIX = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
N_SMOOTH = MIX + svf.N_MIX
_SMOOTHING_S = 0.003
_LATENT_SMOOTHING_S = 0.003
_DECODE = int(Kind.DECODE)
_REQUEST_HEAD, _REQUEST_TAIL = COUNTER["request_head"], COUNTER["request_tail"]
_SPECTRUM_HEAD, _SPECTRUM_TAIL = COUNTER["spectrum_head"], COUNTER["spectrum_tail"]


@kernel
def set_targets(s):
    """Where the smoothed knobs are heading, from the patch's parameters."""
    p, t = s["patch"]["params"], s["target"]
    t[LEVEL] = 10.0 ** (p["osc_level_db"] / 20.0)
    t[GAIN] = 10.0 ** (p["master_gain_db"] / 20.0)
    t[PAN] = p["master_pan"]
    t[CUTOFF] = math.log2(p["filter_cutoff_hz"])
    kind = int(p["filter_type"])
    t[K1] = 1.84775907 if kind == svf.LOW24 else svf.damping(p["filter_resonance"], 2)
    t[K2] = svf.damping(p["filter_resonance"], 4)
    t[ENV2] = p["filter_env_semitones"]
    t[KEYTRACK] = p["filter_keytrack"]
    t[VELOCITY_CUTOFF] = p["filter_velocity_semitones"]
    svf.mix_of(kind, t[MIX:MIX + svf.N_MIX])


@kernel
def _approach(now, i, target, c):
    """Two equal poles: now[0, i] follows the target, now[1, i] follows now[0, i]; both arrive exactly."""
    a = now[0, i] + c * (target - now[0, i])
    b = now[1, i] + c * (a - now[1, i])
    if abs(target - a) + abs(a - b) < 1e-6:
        a, b = target, target
    now[0, i], now[1, i] = a, b


@kernel
def snap(s):
    """Every smoothed value at its target at once (before the first sound)."""
    for i in range(N_SMOOTH):
        s["smooth"][0, i] = s["smooth"][1, i] = s["target"][i]
    s["filter_on"] = s["target"][MIX + 5] != 0.0
    for c in range(16):
        ch = s["channels"][c]
        for i in range(2):
            ch["gain"][i], ch["pan_now"][i], ch["bright_now"][i] = channel_gain(ch), channel_pan(ch), channel_brightness(ch)


@kernel
def channel_gain(ch):
    """Gain of CC7 and CC11: 0 dB at volume 100 and expression 127, 40 dB a decade (General MIDI)."""
    return (ch["volume"] / 100.0) ** 2 * (ch["expression"] / 127.0) ** 2


@kernel
def channel_pan(ch):
    """Pan -1..1 of CC10; 64 is the centre."""
    return max(ch["pan"] - 64.0, -63.0) / 63.0


@kernel
def channel_brightness(ch):
    """Semitones that CC74 moves the cut-off; 64 is none."""
    return (ch["brightness"] - 64.0) * 0.75


@kernel
def smooth(s):
    """Move every smoothed value one quantum on; filter_mix[0] is kept as it was at the start, [1] as at the end."""
    c = 1.0 - math.exp(-QUANTUM / (s["sr_hz"] * _SMOOTHING_S))
    now = s["smooth"]
    for i in range(svf.N_MIX):
        s["filter_mix"][0, i] = now[1, MIX + i]
    for i in range(N_SMOOTH):
        _approach(now, i, s["target"][i], c)
    for i in range(svf.N_MIX):
        s["filter_mix"][1, i] = now[1, MIX + i]
    s["filter_on"] = s["filter_mix"][0, 5] != 0.0 or s["filter_mix"][1, 5] != 0.0
    for channel in range(16):
        ch = s["channels"][channel]
        for row, target in ((ch["gain"], channel_gain(ch)), (ch["pan_now"], channel_pan(ch)), (ch["bright_now"], channel_brightness(ch))):
            a = row[0] + c * (target - row[0])
            b = row[1] + c * (a - row[1])
            if abs(target - a) + abs(a - b) < 1e-6:
                a = b = target
            row[0], row[1] = a, b


@kernel
def play_point(s):
    """latent_target <- morph of the corners + offsets, clipped to the model's range; latent_now moves towards it."""
    patch = s["patch"]
    p = patch["params"]
    x, y = p["osc_position"], p["osc_position_y"]
    c = 1.0 - math.exp(-TICK / (s["sr_hz"] * _LATENT_SMOOTHING_S))
    corners, low, high = patch["corners"], patch["low"], patch["high"]
    for i in range(patch["latent_size"]):
        upper = corners[0, i] + x * (corners[1, i] - corners[0, i])
        lower = corners[2, i] + x * (corners[3, i] - corners[2, i])
        point = (1.0 - y) * upper + y * lower
        point += p["latent"][i]
        if i < 8:
            point += s["cc_offset"][i] * 0.5 * (high[i] - low[i])
        point = min(max(point, low[i]), high[i])
        s["latent_target"][i] = point
        moved = s["latent_now"][i] + c * (point - s["latent_now"][i])
        s["latent_now"][i] = point if abs(point - moved) < 1e-5 * (1.0 + high[i] - low[i]) else moved


@kernel
def jump_to_point(s):
    """The played latent at its target at once (another instrument, or before the first sound)."""
    for i in range(MAX_LATENTS):
        s["latent_now"][i] = 0.0
    play_point(s)
    for i in range(s["patch"]["latent_size"]):
        s["latent_now"][i] = s["latent_target"][i]


@kernel
def tick(s):
    """On the tick grid: move the played latent and ask for a decode if it is not what was asked for last."""
    play_point(s)
    wanted = s["requested"] != s["patch"]["instrument"]
    for i in range(s["patch"]["latent_size"]):
        wanted = wanted or np.float32(s["latent_now"][i]) != s["latent_sent"][i]
    if not wanted:
        return
    head = load_acquire(s["counters"], _REQUEST_HEAD)
    if head - load_acquire(s["counters"], _REQUEST_TAIL) >= REQUEST_RING:
        return
    request = s["requests"][head % REQUEST_RING]
    request["tick"] = s["frame"]
    request["due"] = s["frame"] + s["decode_latency"]
    request["instrument"] = s["patch"]["instrument"]
    request["serial"] = head
    for i in range(s["patch"]["latent_size"]):
        request["latent"][i] = s["latent_now"][i]
        s["latent_sent"][i] = s["latent_now"][i]
    s["requested"] = s["patch"]["instrument"]
    store_release(s["counters"], _REQUEST_HEAD, head + 1)
    if s["wake"] != 0:
        call_count(s["wake"], s["wake_argument"])  # sem_post: never blocks


@kernel
def ramp_at(s, frame):
    """Where the ramp from the previous to the present spectrum stands: 0..1."""
    if frame >= s["ramp_end"]:
        return 1.0
    return (frame - s["ramp_start"]) / (s["ramp_end"] - s["ramp_start"])


@kernel
def _tell_late(s, slot, frame):
    """Count a late decode, and note when it was taken and which were passed over, so that a log can repeat it."""
    if slot["due"] < frame:
        s["stats"]["late_decodes"] += 1
        tell(s, _DECODE, frame, 0, slot["serial"], 1.0)
    for serial in range(s["stats"]["decode_serial"] + 1, slot["serial"]):
        s["stats"]["late_decodes"] += 1
        tell(s, _DECODE, frame, 0, serial, 0.0)


@kernel
def take_spectrum(s):
    """At the start of a quantum: begin the ramp to a decoded spectrum that is due. Answers whether one began.

    A late one counts and is taken at once; its ramp ends where a timely one's would, so the grid is kept.
    """
    frame, counters = s["frame"], s["counters"]
    if frame < s["ramp_end"]:
        return False
    if s["answered"] > 0:
        store_release(counters, _SPECTRUM_TAIL, s["answered"] - 1)  # what was faded from is free
    head = load_acquire(counters, _SPECTRUM_HEAD)
    at = s["answered"]
    if at >= head or s["spectra"][at % SPECTRA]["due"] > frame:
        return False
    while at + 1 < head and s["spectra"][(at + 1) % SPECTRA]["due"] <= frame:
        at += 1
    slot = s["spectra"][at % SPECTRA]
    first = s["answered"] == 0
    if not first:
        _tell_late(s, slot, frame)
    s["stats"]["decode_tick"] = slot["tick"]
    s["stats"]["decode_serial"] = slot["serial"]
    s["spectrum_from"] = s["spectrum_to"]
    s["spectrum_to"] = at % SPECTRA
    s["answered"] = at + 1
    s["ramp_start"] = frame
    if first:
        s["spectrum_from"] = s["spectrum_to"]
        s["ramp_end"] = frame
        return False
    s["ramp_end"] = frame + TICK - (frame - s["decode_latency"]) % TICK
    return True
