"""What of a plug-in's state parameters tell, and what they do not: pedalboard's plug-ins in this very process, without a window."""

import time

import pytest

from synth.engine.compile.atomics import flush_denormals, restore_mode
from synth.engine.compile.jit import kernel
from synth.hosting import state_watch
from synth.hosting.scan import find_plugin
from synth.hosting.state_watch import StateWatch

from .own_plugins import build_vst3, kept_state, need_vst3


@kernel
def _read():
    mode = flush_denormals()
    restore_mode(mode)
    return mode


@kernel
def _put_back(mode):
    restore_mode(mode)


@pytest.fixture(autouse=True)
def _own_numbers():
    """Zam's plug-ins set the whole process to flush denormal numbers as they are loaded, and leave it so."""
    mode = _read()
    yield
    _put_back(mode)


def opened(file):
    pedalboard = pytest.importorskip("pedalboard", reason="needs pedalboard")
    return pedalboard.VST3Plugin(str(file))


def turn(plugin, name, unit):
    next(p for p in plugin._parameters if p.name == name).raw_value = unit


@pytest.mark.parametrize("name", ["Keeps", "ZamComp", "ZaMaximX2"])  # of ours, mono, and one that holds what is on its way for a block
def test_parameters_alone_tell_nothing_however_long_they_are_turned(name, tmp_path):
    if name != "Keeps":
        need_vst3(name)
    file = build_vst3(tmp_path) if name == "Keeps" else find_plugin("vst3", name)
    plugin, other = opened(file), opened(file)
    watch, states = StateWatch(plugin, other), set()
    for n in range(2 * state_watch._RESTLESS):
        for knob in ["Gain"] if name == "Keeps" else ["Release", "Threshold"]:
            turn(plugin, knob, 0.1 + 0.007 * n)
        assert watch.look(at_once=True) is None, n
        states.add(watch.state)
    assert len(states) == 2 * state_watch._RESTLESS and not watch.restless, "each was seen"


def test_more_than_parameters_is_told_with_them_and_alone_and_not_while_it_settles(tmp_path):
    file = build_vst3(tmp_path)
    plugin, other = opened(file), opened(file)
    watch = StateWatch(plugin, other)
    assert watch.state == kept_state(1.0, 0) and watch.look(at_once=True) is None
    plugin.raw_state = kept_state(1.0, 1)
    assert watch.look() is None, "not yet time"
    assert watch.look(at_once=True) == kept_state(1.0, 1), "alone"
    plugin.raw_state = kept_state(0.5, 2)
    assert watch.look(at_once=True) == kept_state(0.5, 2), "with a parameter"
    plugin.raw_state = kept_state(0.25, 2)
    assert watch.look(at_once=True) is None, "a parameter alone"
    watch.begin(settles_s=time.monotonic() + 60)
    plugin.raw_state = kept_state(0.25, 3)
    assert watch.look(at_once=True) is None, "it settles"
    watch.begin()
    for n in range(3 * state_watch._RESTLESS):
        plugin.raw_state = kept_state(0.25, 4 + n)
        watch._next_s = 0.0
        told = watch.look()
        assert (told is None) == watch.restless
    assert watch.restless and n > state_watch._RESTLESS
