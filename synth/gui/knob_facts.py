"""What controls of knobs show, read from the document: values, what moves them and how far, whether they sleep, are locked or morphed."""

from typing import TYPE_CHECKING

from ..params.knobs import EFFECT_TARGET, PARAMS
from ..patch.hosted_effect import parse_target
from ..session.differences import value_of
from ..session.modulation import ModRow, is_two_way, mod_rows, moved_unit
from ..text import printable
from . import wake, words
from .part_rows import PartRows, reach_of

if TYPE_CHECKING:
    from ..patch.patch import Patch
    from ..session.session import Session
    from ..session.view_state import Snapshot

_BUILT_IN = {  # of the filter, by source
    "env2": ("filter.env_semitones",), "velocity": ("filter.velocity_semitones",), "key": ("filter.keytrack",)}


class KnobFacts:
    """A part of `Gestures`: changes nothing."""

    def __init__(self, session: "Session") -> None:
        self.session = session
        self.stamp = 0  # as of `look_up`: another number where knobs may look different for something else than their value
        self.moved: frozenset[str] = frozenset()  # as of `look_up`: targets that modulation moves
        self._seen: tuple = ()
        self._patch: Patch | None = None
        self._rows: dict[str, list[ModRow]] = {}
        self._sources: set[str] = set()
        self._part_rows = PartRows()

    @property
    def directions(self) -> tuple[str, ...]:
        """Names of the model's directions."""
        return self.session.directions

    def value(self, name: str) -> float:
        """A knob's value in the document."""
        return value_of(self.session.patch, name)

    def look_up(self, learning: str) -> None:
        """What all controls would ask for is looked up. learning: the target that a control is being learnt for."""
        self._look()
        seen = (self._patch, self.session.locked_knobs, learning)
        if len(self._seen) != 3 or seen[0] is not self._seen[0] or seen[1:] != self._seen[1:]:
            self._seen, self.stamp = seen, self.stamp + 1
            self.moved = self._part_rows.targets.union(self._rows)

    def _look(self) -> None:
        patch = self.session.patch
        if patch is self._patch:
            return
        self._patch, self._rows = patch, {}
        self._sources = {f"macro{turned.macro}" for effect in patch.effects for turned in effect.macros.values()}
        for row in mod_rows(patch):
            self._rows.setdefault(row.target, []).append(row)
            if not row.bypass:
                self._sources |= {row.source, row.via}
        self._part_rows.look(patch)

    def rows_of(self, target: str) -> list[ModRow]:
        """Rows of the matrix that move a knob."""
        self._look()
        return self._rows.get(target, [])

    def is_used(self, source: str) -> bool:
        """Whether a source moves anything."""
        self._look()
        return source in self._sources or source in self._part_rows.sources or bool(self.built_in(source))

    def built_in(self, source: str) -> list[str]:
        """Knobs by which a source moves something without a row of the matrix."""
        asleep = wake.is_asleep("filter", self.value) if source in _BUILT_IN else True
        return [name for name in _BUILT_IN.get(source, ()) if not asleep and self.value(name) != 0]

    def modulated(self, target: str, unit: float, snapshot: "Snapshot") -> tuple[float, float, float] | None:
        """(low, high, now) slider positions between which rows, a morph's parts' too, move a knob at `unit`; None where none does."""
        rows = self.rows_of(target)
        if not rows and target not in self._part_rows.targets:
            return None
        low, high, now = (unit + away for away in self._part_rows.reach(target, snapshot))
        for row in (row for row in rows if not row.bypass):
            reach = reach_of(row, is_two_way(self.session.patch, row.source))
            low, high = low + reach[0], high + reach[1]
            now += moved_unit(row, 0.0, snapshot)
        return low, high, now

    def is_quiet(self, name: str) -> bool:
        """Whether a knob does nothing now: its module sleeps, its LFO or envelope moves nothing, a macro has no row."""
        group = name.partition(".")[0]
        if group in ("env2", "env3") or group.startswith(("lfo", "macro")):
            return not self.is_used(group) or (name.endswith(".rate_hz") and self.value(f"{group}.sync") != 0)
        if name == "delay.time_s" and self.value("delay.sync") != 0:
            return True
        if group == "unison" and name != "unison.voices":
            return self.value("unison.voices") == 1
        return wake.is_asleep(group, self.value)

    def is_morphed(self, name: str) -> bool:
        """Whether a knob's value comes from the parts of a morph, which have it at different ones."""
        morph = self.session.morph
        if morph is None or name not in PARAMS:  # a plug-in's is the morph's own
            return False
        return name not in self.session.patch.params and len({value_of(part, name) for part in morph.parts}) > 1

    def is_locked(self, name: str) -> bool:
        """Whether Random and Breed leave a knob alone."""
        return name in self.session.locked_knobs

    def row_lines(self, target: str) -> list[str]:
        """What moves a knob, a line each."""
        rows = [("", row) for row in self.rows_of(target)] + [(f" in {part}", row) for part, row in self._part_rows.of(target)]
        return [f"{words.source_name(row.source, self.session.patch.macros)} {self.depth_words(row)}{where}" for where, row in rows]

    def rows_of_parts(self) -> list[tuple[str, ModRow, bool]]:
        """Rows that a morph's parts bring: (letter of the part, row, whether its source swings to both sides)."""
        self._look()
        return self._part_rows.all()

    def depth_line(self, row: ModRow) -> str:
        """A row in words: what moves what, how far."""
        source = words.source_name(row.source, self.session.patch.macros)
        return f"{source}: {self.target_words(row.target)} {self.depth_words(row)}"

    def depth_words(self, row: ModRow, two_way: bool | None = None) -> str:
        """A row's depth in the target's unit. two_way: whether its source swings to both sides; None: as in this sound."""
        kind, _, number = row.target.partition(".")
        span = None
        if kind == "latent" and int(number) <= len(self.session.latents):
            info = self.session.latents[int(number) - 1]
            span = info.high - info.low
        swings = is_two_way(self.session.patch, row.source) if two_way is None else two_way
        return words.show_depth(PARAMS.get(row.target, words.OF_PLUGIN), row.amount, swings, span)

    def is_two_way(self, source: str) -> bool:
        """Whether a source swings to both sides."""
        return is_two_way(self.session.patch, source)

    def depth_of(self, source: str, target: str, amount: float) -> str:
        """A depth in the target's unit, before there is a row."""
        return self.depth_words(ModRow(0, source, target, amount, "none"))

    def moved_by(self, source: str) -> list[str]:
        """What a source moves, a line each."""
        built_in = [f"{words.full_name(PARAMS[name])} {words.show_value(PARAMS[name], self.value(name))}" for name in self.built_in(source)]
        return built_in + [f"{self.target_words(row.target)} {self.depth_words(row)}"
                           for row in mod_rows(self.session.patch) if source in (row.source, row.via)]

    def target_words(self, target: str) -> str:
        """What a row of the matrix or of the control map moves."""
        if target in PARAMS:
            return words.full_name(PARAMS[target], self.directions)
        if target in words.CONTROL_TARGETS:
            return words.CONTROL_TARGETS[target]
        found = parse_target(target)
        if found and found[0] < len(self.session.effects):
            return f"{printable(self.session.effects[found[0]].name)} {found[1].replace('_', ' ')}"
        return "a plug-in that is gone" if target == EFFECT_TARGET else target
