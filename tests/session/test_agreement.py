"""Document, engine and file are one: whatever edits, loads, plays and goes back and forth, in any order."""

import numpy as np

from synth.engine.engine import Engine
from synth.events import Event, Kind, control, set_corner, set_param
from synth.params.knobs import CORNERS, MOD_TARGETS, PARAMS
from synth.patch import preset_file
from synth.session import saving
from synth.session.differences import played_corners, value_of
from synth.timbres.decode_worker import Decoder
from synth.timbres.source_cache import SourceCache

from .desk import Desk

_NAMES = [n for n in PARAMS if not n.startswith("latent.") and n not in ("direction.6", "direction.7", "direction.8")]
_TARGETS = [n for n in _NAMES if n in MOD_TARGETS] + ["none"]
_NAMES += [f"latent.{i}" for i in range(1, 9)]  # what the shipped models have


def agree(desk, path):
    """The document, the engine, and a fresh load of what would be saved, in every knob, corner and slot."""
    desk.settle()
    patch, engine = desk.patch, desk.knobs()
    for name in PARAMS:
        assert np.float32(value_of(patch, name)) == np.float32(engine[name]), name
    corners = played_corners(patch, desk.source).astype(np.float32)
    assert np.array_equal(corners, desk.corners())
    saving.write(patch, desk.source, path)
    cache = SourceCache(Decoder(Engine(48000)))
    fresh = cache.adopt(preset_file.load(path))
    resolved, source, told = cache.load(fresh)
    assert not told
    for name in PARAMS:
        assert value_of(fresh, name) == value_of(patch, name), name
    assert np.array_equal(resolved.corners, corners)
    assert fresh.shapes == patch.shapes and fresh.macros == patch.macros and source.name == desk.source.name


def random_value(rng, name):
    p = PARAMS[name]
    if p.choices:
        return int(rng.integers(len(p.choices)))
    value = p.from_unit(rng.random())
    return float(np.float32(value)) if rng.random() < 0.5 else value


def test_a_thousand_steps_agree_and_undo_to_the_first_byte(home, tmp_path):
    rng, desk = np.random.default_rng(5), Desk("Amber Pad")
    first = preset_file.to_json(desk.patch)
    presets, file = desk.preset_names()[:10], tmp_path / "saved.json"
    slots = [n for n in PARAMS if n.startswith("mod")][:16]

    def edit():
        name = str(rng.choice(slots if rng.random() < 0.2 else _NAMES))
        value = MOD_TARGETS.index(str(rng.choice(_TARGETS))) if name.endswith(".target") else random_value(rng, name)
        desk.set_param(name, value, str(rng.choice(["window", "terminal"])))

    def host():
        name = str(rng.choice(_NAMES))
        if not PARAMS[name].choices:
            desk.play(set_param(name, float(np.float32(PARAMS[name].from_unit(rng.random())))), str(rng.choice(["host", "osc", "file"])))

    def corner():
        desk.play(set_corner(str(rng.choice(CORNERS)), int(rng.integers(16)), float(rng.normal())), "osc")

    kinds = [(30, edit), (12, lambda: desk.set_latent(int(rng.integers(16)), float(rng.normal()))), (10, host), (6, corner),
             (10, lambda: desk.play(control(int(rng.choice([1, 33])), float(rng.integers(128))))),
             (4, lambda: desk.play(control(int(rng.choice([7, 11, 16, 74, 80, 64, 121])), float(rng.integers(128))))),
             (3, lambda: desk.play(Event(Kind.PROGRAM, int(rng.integers(10))))), (4, lambda: desk.load_preset(str(rng.choice(presets)))),
             (1, desk.random_patch), (1, lambda: desk.step_preset(int(rng.choice([-1, 1])))), (10, desk.undo), (7, desk.redo),
             (20, lambda: desk.run(float(rng.choice([0.003, 0.02])))), (1, lambda: desk.run(0.6))]
    weights = np.array([w for w, _ in kinds], float)
    for i in range(1000):
        if len(desk._editor._loads) > 2:
            desk.run(0.003)
        kinds[int(rng.choice(len(kinds), p=weights / weights.sum()))][1]()
        if i % 40 == 0:
            agree(desk, file)
    agree(desk, file)
    faults = [sentence for sentence in desk.told if "fault" in sentence]
    assert not faults
    last = preset_file.to_json(desk.patch)
    steps = 0
    while desk.can_undo:
        desk.undo()
        desk.run(0.003)
        steps += 1
    assert steps > 300
    agree(desk, file)
    assert preset_file.to_json(desk.patch) == first and not desk.dirty
    while desk.can_redo:
        desk.redo()
        desk.run(0.003)
    agree(desk, file)
    assert preset_file.to_json(desk.patch) == last
