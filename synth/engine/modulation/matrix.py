"""The modulation matrix: slots compiled into lists, and a voice's values laid over the knobs while it is looked at.

A slot adds amount * source (* via) to its target's slider position, so a full amount sweeps the target's whole range; a
latent's range is the model's. What only one for all can follow (effects, levels of the whole) is moved by the newest voice.
"""

import numpy as np
from numba import carray

from ...params.knobs import (
    EFFECT_TARGET,
    FIRST_LATENT,
    FIRST_SLOT,
    KNOBS,
    MOD_SOURCES,
    MOD_TARGETS,
    N_SLOTS,
    PARAM_INDEX,
)
from ...params.param import Scope
from ..compile.atomics import address_of
from ..compile.jit import kernel
from ..constants import N_KNOBS, N_ROUTES, PLUGIN_TARGET
from .smoothed_knobs import from_unit, to_natural_unit

_BIT = {scope: 1 << i for i, scope in enumerate(Scope)}  # the scopes of several targets together are one number
GLOBAL, START, ENVELOPE, PITCH, LEVEL, PAN, FILTER, LATENT, UNISON, MIX, LFO = (
    _BIT[scope] for scope in (Scope.GLOBAL, Scope.START, Scope.ENVELOPE, Scope.PITCH, Scope.LEVEL, Scope.PAN, Scope.FILTER, Scope.LATENT,
                              Scope.UNISON, Scope.MIX, Scope.LFO))
ALL = sum(_BIT.values())
CLASS = np.array([_BIT[p.scope] for p in KNOBS], np.int64)
SOURCE = {name: i for i, name in enumerate(MOD_SOURCES)}
SOURCE_ENV3 = SOURCE["env3"]
_GROUP = 5  # knobs of a slot: source, target, amount, via, bypass
_MORPH_X, _MORPH_Y = PARAM_INDEX["morph.x"], PARAM_INDEX["morph.y"]
_OF_PLUGIN = MOD_TARGETS.index(EFFECT_TARGET)
_MOST_TARGETS = 4096
assert PLUGIN_TARGET + N_SLOTS <= _MOST_TARGETS


@kernel
def _target_of(choice, slot):
    """Index in knobs.PARAMS of a choice of MOD_TARGETS, -1 for none; for a plug-in's parameter one of the slot's own."""
    if choice <= 0:
        return -1
    if choice == _OF_PLUGIN:
        return PLUGIN_TARGET + slot
    return choice - 1 if choice <= N_KNOBS else FIRST_LATENT + choice - 1 - N_KNOBS


@kernel
def _class(target):
    if target >= PLUGIN_TARGET:
        return np.int64(GLOBAL)
    return CLASS[target] if target < N_KNOBS else np.int64(LATENT)


@kernel
def _add_route(m, slot, source, via, target, amount):
    """One more route: what moves what, by how much."""
    n, n_targets = m["n"], m["n_targets"]
    place = n_targets
    for j in range(n_targets):
        if m["target"][j] == target:
            place = j
    if place == n_targets:
        m["target"][n_targets], m["class"][n_targets] = target, CLASS[target] if target < N_KNOBS else 0
        m["n_targets"] = n_targets + 1
    m["slot"][n], m["source"][n], m["via"][n], m["at"][n], m["amount"][n] = slot, source, via, place, amount
    route = (source * 64 + via) * _MOST_TARGETS + target
    if m["route"][slot] != route:  # another route than before: it fades in
        m["route"][slot], m["now"][slot] = route, 0.0
    m["classes"] |= _class(target)
    m["sources"] |= (1 << source) | (1 << via)
    m["n"] = n + 1


@kernel
def _add_parts(m, morph):
    """Routes of the parts of a morph that are heard: all of them where each voice has its own mix, which any knob may then be moved by."""
    if m["moves_morph"]:
        m["classes"] |= morph["classes"] | LEVEL | (LATENT if morph["stack"] else 0)
    for r in range(morph["n_routes"]):
        if m["moves_morph"] or morph["mask"] >> morph["part"][r] & 1:
            _add_route(m, N_SLOTS + r, morph["source"][r], morph["via"][r], morph["target"][r], np.float32(0.0))


@kernel
def weigh_amounts(knobs, out):
    """Amounts of the routes of a morph's parts by the present weights into float32[N_ROUTES], in the order of the routes."""
    m, morph = knobs["matrix"], knobs["patch"]["morph"][0]
    for i in range(m["n"]):
        r = m["slot"][i] - N_SLOTS
        if r >= 0:  # what moves a latent moves its own part's, whose spectrum or point is weighed
            weight = np.float32(1.0) if morph["target"][r] >= FIRST_LATENT else morph["now"][morph["part"][r]]
            out[i] = weight * morph["amount"][r]


@kernel
def compile_slots(knobs):
    """The patch's 32 slots, and those of a morph's parts -> `matrix`; called when one of them changes."""
    m = knobs["matrix"]
    params = carray(address_of(knobs["patch"]["params"]), (FIRST_LATENT,))
    m["n"] = m["n_targets"] = m["moves_morph"] = 0
    m["classes"] = m["sources"] = 0
    for i in range(N_SLOTS):
        knobs["effect_sums"][i] = 0.0
        at = FIRST_SLOT + _GROUP * i
        source, target = int(params[at]), _target_of(int(params[at + 1]), i)
        amount, via = params[at + 2] if params[at + 4] == 0 else np.float32(0.0), int(params[at + 3])  # bypassed it fades out
        if source == 0 or target < 0 or N_KNOBS <= target < PLUGIN_TARGET and target - FIRST_LATENT >= knobs["patch"]["latent_size"]:
            continue
        _add_route(m, i, source, via, target, amount)
        if target == _MORPH_X or target == _MORPH_Y:
            m["moves_morph"] = 1
    if knobs["patch"]["tracks"] != 0:  # each voice has a position of its own
        m["classes"] |= LATENT
    morph = knobs["patch"]["morph"][0]
    if morph["n"] > 0:
        m["moves_morph"] = 1 if morph["stack"] else m["moves_morph"]
        _add_parts(m, morph)
        weigh_amounts(knobs, m["amount"])
    else:
        m["moves_morph"] = 0
    knobs["moving"] = 1  # what was made from modulated knobs is made anew
    j = 0
    for i in range(N_ROUTES):  # an unused slot fades in when it is used; those that are used rise
        if j < m["n"] and m["slot"][j] == i:
            j += 1
        else:
            m["now"][i] = 0.0


@kernel
def sum_targets(knobs):
    """`sum` of every target from the values in `source`; that of no source is 1, for a slot with no second one."""
    m, source = knobs["matrix"], knobs["source"]
    for j in range(m["n_targets"]):
        m["sum"][j] = 0.0
    for i in range(m["n"]):
        m["sum"][m["at"][i]] += m["now"][m["slot"][i]] * source[m["source"][i]] * source[m["via"][i]]


@kernel
def keep_knobs(knobs, classes):
    """Remember the knobs that targets of some classes will be laid over."""
    m, knob = knobs["matrix"], knobs["value"]
    for j in range(m["n_targets"]):
        if m["class"][j] & classes:
            m["kept"][j] = knob[m["target"][j]]


@kernel
def lay_modulation(knobs, classes):
    """Put the modulated values of targets of some classes in the place of the knobs', which `keep` remembers."""
    m, knob, unit = knobs["matrix"], knobs["value"], knobs["unit"][1]
    for j in range(m["n_targets"]):
        if m["class"][j] & classes:
            i = m["target"][j]
            knob[i] = from_unit(i, unit[i] + m["sum"][j])


@kernel
def restore_knobs(knobs, classes):
    """The knobs as `keep` found them."""
    m, knob = knobs["matrix"], knobs["value"]
    for j in range(m["n_targets"]):
        if m["class"][j] & classes:
            knob[m["target"][j]] = m["kept"][j]


@kernel
def keep_and_lay(knobs, classes):
    """`keep` and `lay`; `take_off` undoes it."""
    keep_knobs(knobs, classes)
    lay_modulation(knobs, classes)


@kernel
def modulate_globals(knobs):
    """Values of targets that are one for all into `played`, from the sums of the newest voice; those of plug-ins as sums."""
    m, unit = knobs["matrix"], knobs["unit"][1]
    played = carray(address_of(knobs["played"]), (N_KNOBS,))
    for j in range(m["n_targets"]):
        if m["class"][j] & GLOBAL:
            i = m["target"][j]
            played[i] = to_natural_unit(i, from_unit(i, unit[i] + m["sum"][j]))
        elif m["target"][j] >= PLUGIN_TARGET:
            knobs["effect_sums"][m["target"][j] - PLUGIN_TARGET] = m["sum"][j]


@kernel
def smooth_amounts(knobs):
    """Amounts follow their knobs within a few quanta."""
    m = knobs["matrix"]
    for i in range(m["n"]):
        at = m["slot"][i]
        gap = m["amount"][i] - m["now"][at]
        m["now"][at] = m["amount"][i] if abs(gap) < np.float32(1e-4) else m["now"][at] + knobs["smoothing"]["amount"] * gap


@kernel
def snap_amounts(knobs):
    """Every amount at its knob's value at once."""
    m = knobs["matrix"]
    for i in range(m["n"]):
        m["now"][m["slot"][i]] = m["amount"][i]
