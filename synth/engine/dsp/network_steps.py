"""How a step of a decoder's network is written down, for whoever makes them; what runs them is `network.py`, which needs a compiler."""

PRODUCT, NORM, FORM = range(3)
STEP = ("kind", "input", "n_inputs", "output", "n_panels", "weights", "bias", "add", "act", "first", "levels")
KIND, INPUT, N_INPUTS, OUTPUT, N_PANELS, WEIGHTS, BIAS, ADD, ACT, FIRST, LEVELS = range(len(STEP))
NONE, SILU = range(2)
ROWS = 4  # side by side: each weight that is read serves so many
