"""Near-duplicates are found as brute force finds them, and no split tears them."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.samples.baseline import pack, unpack
from synth.samples.groups import groups_with_notes, near_any, near_duplicate_groups
from training.data.datasets import PARTS, split_by_group


def chains(seed, n):
    """Spectra [n, 127] with chains of near-duplicates: neighbours 0.7 dB apart, ends further."""
    rng = np.random.default_rng(seed)
    points = [rng.normal(-40, 15, 127)]
    while len(points) < n:
        new = rng.normal(size=127)
        step = new / np.sqrt((new**2).mean()) * rng.choice([0.7, 0.95, 1.1, 30])
        points.append(points[rng.integers(len(points))] + step)
    return np.array(points, np.float32)


def brute_force(spectra):
    distance = np.sqrt(((spectra[:, None] - spectra[None]) ** 2).mean(-1))
    linked = distance < 1.0
    for _ in range(len(spectra)):
        linked = (linked.astype(int) @ linked.astype(int)) > 0
    return linked


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.integers(2, 60))
def test_groups_are_the_connected_components(seed, n):
    spectra = chains(seed, n)
    group = near_duplicate_groups(spectra)
    assert np.array_equal(group[:, None] == group[None], brute_force(spectra))


def test_groups_join_across_chunks():
    base = chains(3, 50)
    far = np.random.default_rng(0).normal(-40, 20, (1500, 127)).astype(np.float32)
    group = near_duplicate_groups(np.concatenate([base, far, base + 0.3]))
    assert np.array_equal(group[:50], group[-50:]) and len(np.unique(group)) >= 1500


@given(st.lists(st.integers(0, 40), min_size=30, max_size=300), st.integers(0, 1000))
def test_a_split_never_tears_a_group_and_uses_every_cycle(group, seed):
    group = np.unique(group, return_inverse=True)[1]
    rows = split_by_group(group, seed)
    assert sorted(np.concatenate([rows[p] for p in PARTS])) == list(range(len(group)))
    for a in PARTS:
        for b in PARTS:
            assert a == b or not set(group[rows[a]]) & set(group[rows[b]])


def test_a_split_is_80_10_10():
    rows = split_by_group(np.arange(1000), 0)
    assert [len(rows[p]) for p in PARTS] == [800, 100, 100]


def test_packed_spectra_still_find_near_duplicates_and_only_those():
    spectra = np.clip(np.random.default_rng(0).normal(-30, 20, (300, 127)), -95, 3).astype(np.float32)
    kept = unpack(pack(spectra))
    assert np.abs(kept - spectra).max() <= 0.25 + 1e-6
    nudge = np.random.default_rng(1).normal(size=(300, 127)).astype(np.float32)
    nudge /= np.sqrt((nudge**2).mean(1, keepdims=True))
    assert near_any(spectra + 0.9 * nudge, kept).all()
    assert not near_any(spectra + 1.1 * nudge, kept).any()


def test_a_note_is_one_group_but_notes_that_end_alike_are_not_all_one():
    rng = np.random.default_rng(5)
    spectra, notes = rng.normal(-40, 20, (60, 127)).astype(np.float32), np.repeat(np.arange(12), 5)
    assert np.array_equal(groups_with_notes(spectra, notes), notes)
    assert len(np.unique(groups_with_notes(spectra, np.full(60, -1)))) == 60
    spectra[4::5] = spectra[4]  # every note's last cycle is the same
    found = groups_with_notes(spectra, notes)
    assert np.array_equal(found, notes), "no note is torn"
    notes[50:] = -1  # two notes' cycles as cycles that stand alone
    found = groups_with_notes(spectra, notes)
    assert np.array_equal(found[:50], notes[:50]) and len(set(found[[54, 59]])) == 1 and len(np.unique(found)) == 10 + 9


def test_a_split_of_three_uneven_groups_leaves_no_part_empty():
    for seed in range(20):
        for sizes in ([90, 1, 1], [1, 40, 60, 2], [5, 5, 90, 80]):
            rows = split_by_group(np.repeat(np.arange(len(sizes)), sizes), seed)
            assert all(len(rows[part]) for part in PARTS)
