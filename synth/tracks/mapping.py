"""Which zone sounds for which key and velocity, and which take after which."""

from collections import defaultdict
from dataclasses import replace

from .inputs import Recording
from .names import key_name
from .zone import Zone

MOST_TAKES = 8  # of one key and velocity


def place_zones(zones: list[Zone], recordings: list[Recording]) -> tuple[list[Zone], list[int], str]:
    """(zones by key, velocity and take with ranges that cover the keyboard, which of the given they are, what was left out).

    A map's ranges stand; the others meet half-way between keys, and velocities that were recorded, the lowest and highest reach the ends.
    """
    groups: dict[tuple[int, int], list[int]] = defaultdict(list)
    for index, zone in enumerate(zones):
        groups[zone.key, zone.velocity].append(index)
    kept: list[tuple[int, int]] = []
    crowded = []
    for (key, velocity), members in sorted(groups.items()):
        members.sort(key=lambda i: (zones[i].round_robin, zones[i].source, zones[i].source_start_s))
        if len(members) > MOST_TAKES:
            crowded.append(f"of {len(members)} takes of {key_name(key)} at velocity {velocity} the first {MOST_TAKES} are kept")
        kept += [(index, take) for take, index in enumerate(members[:MOST_TAKES])]
    keys = _ranges(sorted({key for key, _ in groups}), 0, 127)
    placed = []
    for index, take in kept:
        zone, told = zones[index], recordings[index]
        velocities = _ranges(sorted({v for k, v in groups if k == zone.key}), 1, 127)
        placed.append(replace(zone, round_robin=take, keys=told.keys or keys[zone.key],
                              velocities=told.velocities or velocities[zone.velocity]))
    return placed, [index for index, _ in kept], "; ".join(crowded)


def _ranges(values: list[int], low: int, high: int) -> dict[int, tuple[int, int]]:
    """Each value's range: half-way to its neighbours, to the ends at the ends."""
    first = [low, *((a + b) // 2 + 1 for a, b in zip(values[:-1], values[1:], strict=True))]
    last = [*((a + b) // 2 for a, b in zip(values[:-1], values[1:], strict=True)), high]
    return {value: (a, b) for value, a, b in zip(values, first, last, strict=True)}
