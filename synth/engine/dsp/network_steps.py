"""How a step of a decoder's network is written down, for whoever makes them; what runs them is `network.py`, which needs a compiler."""

PRODUCT, NORM, FORM, CLOSE = range(4)  # CLOSE: a product whose sums are kept to more digits
PRODUCTS_OF = (1, 0, 0, 4)  # what a multiplication of each kind costs; of layer norms, which are short, nothing is counted
STEP = ("kind", "input", "n_inputs", "output", "n_panels", "weights", "bias", "add", "act", "first", "levels")
KIND, INPUT, N_INPUTS, OUTPUT, N_PANELS, WEIGHTS, BIAS, ADD, ACT, FIRST, LEVELS = range(len(STEP))
NONE, SILU = range(2)
ROWS = 4  # side by side: each weight that is read serves so many
