"""The effects' knobs, declared as all others are (`params.py`). Order of the sound: drive, eq, chorus, delay, reverb, limiter.

Every effect is off by default: a mix of 0, a gain of 0 dB or the limiter's switch leaves the sound bit for bit as it was.
"""

from .param import SYNCS, Param, count, switch

DRIVE_TYPES = ("soft", "hard", "fold", "tube")
LONGEST_DELAY_S, LONGEST_PREDELAY_S, LONGEST_CHORUS_S = 2.7, 0.25, 0.03


def _mix(group, help):
    return Param(f"{group}.mix", 0, 1, 0, "", "linear", f"{help}; 0 is off, at 0.5 both are whole")


EFFECTS: tuple[Param, ...] = (
    Param("drive.mix", 0, 1, 0, "", "linear", "Distorted sound against the clean one; 0 is off"),
    switch("drive.type", DRIVE_TYPES, "Curve of the distortion; tube is lopsided"),
    Param("drive.amount_db", 0, 36, 12, "dB", "linear", "Gain into the curve; the level is made up for behind it"),
    Param("drive.tone", -1, 1, 0, "", "linear", "Tilt of the distorted sound, from dark to bright"),
    Param("drive.level_db", -24, 12, 0, "dB", "linear", "Level behind the drive"),
    Param("eq.low_gain_db", -18, 18, 0, "dB", "linear", "Gain of the low shelf; 0 is off"),
    Param("eq.low_freq_hz", 20, 1000, 120, "Hz", "log", "Frequency of the low shelf"),
    Param("eq.bell1_gain_db", -18, 18, 0, "dB", "linear", "Gain of the first bell; 0 is off"),
    Param("eq.bell1_freq_hz", 20, 20000, 500, "Hz", "log", "Frequency of the first bell"),
    Param("eq.bell1_q", 0.1, 12, 1, "", "log", "Q of the first bell: more is narrower"),
    Param("eq.bell2_gain_db", -18, 18, 0, "dB", "linear", "Gain of the second bell; 0 is off"),
    Param("eq.bell2_freq_hz", 20, 20000, 3000, "Hz", "log", "Frequency of the second bell"),
    Param("eq.bell2_q", 0.1, 12, 1, "", "log", "Q of the second bell: more is narrower"),
    Param("eq.high_gain_db", -18, 18, 0, "dB", "linear", "Gain of the high shelf; 0 is off"),
    Param("eq.high_freq_hz", 1000, 20000, 8000, "Hz", "log", "Frequency of the high shelf"),
    _mix("chorus", "Chorus against the dry sound"),
    Param("chorus.rate_hz", 0.01, 10, 0.5, "Hz", "log", "Rate of the chorus"),
    Param("chorus.delay_s", 0.0005, LONGEST_CHORUS_S, 0.01, "s", "time", "Delay that the chorus swings around; short ones flange"),
    Param("chorus.depth", 0, 1, 0.3, "", "linear", "Swing of the chorus, as a part of its delay"),
    Param("chorus.feedback", -0.95, 0.95, 0, "", "linear", "Feedback of the chorus, for flanging"),
    count("chorus.voices", 1, 4, 2, "Voices of the chorus on each side"),
    Param("chorus.width", 0, 1, 1, "", "linear", "How far left and right swing apart"),
    _mix("delay", "Echoes against the dry sound"),
    switch("delay.sync", SYNCS, "Time of the delay in whole notes, or free; one longer than 2.7 s is halved until it fits"),
    Param("delay.time_s", 0.001, LONGEST_DELAY_S, 0.35, "s", "time", "Time of the delay when it runs free"),
    Param("delay.feedback", 0, 0.98, 0.4, "", "linear", "Level of each echo against the one before"),
    switch("delay.ping_pong", ("off", "on"), "Whether echoes cross from side to side"),
    Param("delay.low_cut_hz", 20, 2000, 20, "Hz", "log", "What lies below is less in every echo; 20 is off"),
    Param("delay.high_cut_hz", 200, 20000, 20000, "Hz", "log", "What lies above is less in every echo; 20000 is off"),
    _mix("reverb", "Reverb against the dry sound"),
    Param("reverb.size", 0, 1, 0.5, "", "linear", "Size of the room"),
    Param("reverb.decay_s", 0.1, 30, 2, "s", "time", "Time in which the reverb falls by 60 dB"),
    Param("reverb.damping_hz", 500, 20000, 6000, "Hz", "log", "Where the reverb falls twice as fast; higher falls faster yet"),
    Param("reverb.predelay_s", 0, LONGEST_PREDELAY_S, 0.01, "s", "time", "Time before the reverb begins"),
    Param("reverb.width", 0, 1, 1, "", "linear", "Stereo width of the reverb"),
    switch("limiter.on", ("off", "on"), "Whether the limiter works; it delays the sound by up to 1.5 ms"),
    Param("limiter.gain_db", 0, 24, 0, "dB", "linear", "Gain into the limiter"),
    Param("limiter.ceiling_db", -24, 0, -1, "dB", "linear", "Peaks stay under this"),
    Param("limiter.release_s", 0.005, 1, 0.1, "s", "time", "Time in which the limiter lets go"),
)
