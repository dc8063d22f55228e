"""Rows of the filter's workspace, float32[N_ROWS, LANES]: controls, states and scratch of sixteen voices side by side."""

from ..constants import QUANTUM

# given by the caller each quantum: value just before its first frame, and the step a frame
G, DG = 0, 1  # coefficient (filter.coefficients_lanes)
K, DK = 2, 3  # damping of a 12 dB response (filter.damping_of); the other responses' follow from it
DRIVE, DDRIVE = 4, 5  # linear input gain; 1 is clean
# kept for each voice from quantum to quantum, all zero for a new note
FIRST_STATE = 6
Z1, Z2, Z3, Z4 = 6, 7, 8, 9  # state-variable stages
L1, L2, L3, L4, LADDER_DOWN = 10, 11, 12, 13, 14  # ladder: stages; six of its way down to the rate
UP = 20  # six of the way up to twice the rate
DRIVEN, TREBLE, PRESENCE = 26, 27, 28  # drive: last driven input, last output of its pole, how much of it is heard
DRIVE_DOWN = 29  # six of its way down
END_STATE = 35
# scratch, filled here
MAKE_UP, DMAKE_UP, DPRESENCE, FEEDBACK, DFEEDBACK, G2, DG2 = 35, 36, 37, 38, 39, 40, 41
WORK = 42  # a quantum
DOUBLE1 = WORK + QUANTUM  # quanta at twice the rate
DOUBLE2 = DOUBLE1 + 2 * QUANTUM
MIXED = DOUBLE2 + 2 * QUANTUM
N_ROWS = MIXED + QUANTUM
