"""What a player can do with a morph of presets: make one, fill and clear its parts, move it. Its loudness is measured behind it."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

from .. import paths
from ..errors import UserError
from ..patch import preset_file
from ..patch.morph import (
    AXES,
    PART_NAMES,
    Morph,
    check_morph,
    on_axis,
    with_layer,
    with_part,
    with_part_at,
    without_part,
)
from ..patch.patch import Patch
from ..patch.stack import STACK
from ..render.instrument_levels import patch_of_recordings
from ..render.morph_loudness import measure_loudness
from .actions import DocumentActions
from .file_kinds import is_instrument
from .morph_words import said_anew, words_of_morph
from .prepared import Prepared

HERE = ""  # in place of a preset's name: the sound as it now is


def part_index(part: str | int) -> int:
    """Number of a part, from 0, by its letter or number. Raises UserError."""
    if isinstance(part, int):
        return part
    letter = part.strip().upper()
    if letter not in PART_NAMES:
        raise UserError(f"a part of a morph is called {PART_NAMES[0]} to {PART_NAMES[-1]}, not '{part[:40]}'")
    return PART_NAMES.index(letter)


def named_preset(name: str) -> Patch:
    """A preset by its name or path. Raises UserError."""
    return preset_file.load(paths.find_preset(name))


def sound_of(preset: str | Path | Patch) -> Patch:
    """A sound by a preset's name or path, by an instrument's folder, or itself. Raises UserError."""
    if isinstance(preset, Path) and is_instrument(preset):
        return patch_of_recordings(preset)
    return preset if isinstance(preset, Patch) else named_preset(str(preset))


def morph_of(parts: Sequence[Patch], axis: str = "pad", name: str = "") -> Patch:
    """A preset that morphs between others, its loudness not measured yet, or stacks them. Raises UserError."""
    morph = on_axis(Morph(tuple(parts)), axis) if axis in AXES else check_morph(Morph(tuple(parts), axis))
    return Patch(**words_of_morph(parts, axis) | ({"name": name} if name else {}), morph=morph)


class MorphActions(DocumentActions):
    """A part of `Session`. Each change of a morph is one step of the document."""

    _measuring: object = None

    @property
    def morph(self) -> Morph[Patch] | None:
        """The morph that is played; None for a sound that is none."""
        return self.patch.morph

    def make_morph(self, presets: Sequence[str | Path | Patch], axis: str = "pad") -> "Future[None]":
        """Play a morph between presets, by name or file or as they are (HERE: the sound as it now is); on the axis 'stack' all together."""
        def prepare() -> Prepared:
            parts = [self._part(self.patch) if preset == HERE else sound_of(preset) for preset in presets]
            return self._prepare(morph_of(parts, axis), adopt=True)

        def finish(ready: Prepared) -> None:
            self._finish(ready, None, False)
            self._tell(f"'{ready.patch.name}': drag the point between them" if axis != STACK else f"'{ready.patch.name}' sound together")

        return self._load(prepare, finish)

    def set_morph_part(self, part: str | int, preset: str | Patch | Path) -> "Future[None]":
        """Put a preset's sound into a corner: part A to H by letter, or number from 0. Other parts, and what is set for all, stay.

        Where the sound is no morph yet, it becomes the other of two parts.
        """
        def edit(patch: Patch) -> Patch:
            new, index = sound_of(preset), part_index(part)
            if patch.morph is not None:
                return replace(patch, morph=with_part(patch.morph, index, new))
            if index > 1:
                raise UserError(f"part {PART_NAMES[index]} comes after B; the sound that plays becomes part A")
            pair = [new, self._part(patch)] if index == 0 else [self._part(patch), new]
            return replace(morph_of(pair), params={"morph.x": 1.0} if index == 0 else {})

        done = self._edit_morph(edit)
        done.add_done_callback(lambda done: self._tell_of_part(part, done))
        return done

    def _tell_of_part(self, part: str | int, done: "Future[None]") -> None:
        if not done.cancelled() and done.exception() is None and self.morph is not None:
            index = part_index(part)
            self.tell_for_now(f"'{self.morph.parts[index].name}' is part {PART_NAMES[index]} of the morph")

    def insert_morph_part(self, x: float, preset: str | Patch | Path) -> "Future[None]":
        """Put one preset more into a chain, where it is at `x` (0 to 1) between two of its parts; one step."""
        place = 0

        def edit(patch: Patch) -> Patch:
            nonlocal place
            before = self._played(patch)
            longer = with_part_at(before, x, sound_of(preset))
            place = next(i for i, stop in enumerate(longer.stops) if stop not in before.stops)
            return replace(patch, morph=longer)

        done = self._edit_morph(edit)
        done.add_done_callback(lambda done: self._tell_of_part(place, done))
        return done

    def clear_morph_part(self, part: str | int) -> "Future[None]":
        """Take a part away; of the last two the other becomes the sound itself."""
        def edit(patch: Patch) -> Patch:
            morph, index = self._played(patch), part_index(part)
            if len(morph.parts) == 2 and index < 2:
                return morph.parts[1 - index]
            return replace(patch, morph=without_part(morph, index))

        return self._edit_morph(edit)

    def set_morph_axis(self, axis: str) -> "Future[None]":
        """Lay the parts on a 'pad', along a 'chain', or in a 'stack' that sounds together."""
        def edit(patch: Patch) -> Patch:
            morph = self._played(patch)
            return replace(patch, morph=on_axis(morph, axis)) if axis != morph.axis else patch

        if axis not in AXES:
            raise UserError(f"a morph lies on a {' or a '.join(AXES)}, not on '{axis[:40]}'")
        return self._edit_morph(edit)

    def set_morph_stops(self, stops: Sequence[float]) -> "Future[None]":
        """Where the parts of a chain lie along it, 0 to 1 and rising; one step."""
        def edit(patch: Patch) -> Patch:
            morph = self._played(patch)
            return replace(patch, morph=check_morph(replace(morph, breakpoints=tuple(round(float(stop), 4) for stop in stops), gain_db=())))

        return self._edit_morph(edit)

    def set_layer(self, part: str | int, **changes: object) -> "Future[None]":
        """Change a part's layer of a stack: level_db, pan, transpose_semitones, keys=(low, high), velocities=(low, high); one step."""
        return self._edit_morph(lambda patch: replace(patch, morph=with_layer(self._played(patch), part_index(part), **changes)))

    def set_morph_position(self, x: float, y: float | None = None, producer: str = "window") -> None:
        """Move the morph; one gesture."""
        self.set_param("morph.x", x, producer, "morph position")
        if y is not None:
            self.set_param("morph.y", y, producer, "morph position")

    @staticmethod
    def _played(patch: Patch) -> Morph[Patch]:
        if patch.morph is None:
            raise UserError("this sound is no morph; put a preset into part B to make it one")
        return patch.morph

    @staticmethod
    def _part(patch: Patch) -> Patch:
        """A sound as it can be a part."""
        if patch.morph is not None:
            raise UserError(f"'{patch.name}' is a morph itself; a morph is made of presets that are none")
        return patch

    def _edit_morph(self, edit: Callable[[Patch], Patch]) -> "Future[None]":
        def prepare() -> tuple[Patch, Prepared]:
            base = self.patch
            return base, self._prepare(said_anew(base, edit(base), self.document.file is not None), adopt=True)

        return self._change(prepare)

    # ---- loudness ---------------------------------------------------------------------------------------------------
    def _tell_of(self, ready: Prepared) -> None:
        super()._tell_of(ready)
        morph = ready.patch.morph
        self._measuring = token = object()
        if morph is not None and not morph.gain_db and morph.axis != STACK:
            threading.Thread(target=self._measure, args=(ready, morph, token), name="latentwave-loudness", daemon=True).start()

    def stop_measuring(self) -> None:
        """At the end: what is being measured is given up; it is measured again when it is needed."""
        self._measuring = None

    def _measure(self, ready: Prepared, morph: Morph[Patch], token: object) -> None:
        try:
            measured = measure_loudness(ready.patch, ready.choices.source, lambda: self._measuring is not token)
        except UserError as error:
            self._tell(f"the morph's loudness could not be measured: {error}")
            return
        found = measured.morph
        if found is not None and found.gain_db and self._measuring is token:
            self._loader.do(lambda: self._take_curve(morph, found))

    def _take_curve(self, morph: Morph[Patch], measured: Morph[Patch]) -> None:
        """The morph that is played gets its loudness curve, unless it is another by now; no step, as nobody asked for one."""
        while (patch := self.patch).morph is morph:
            ready = self._prepare(replace(patch, morph=measured))
            if self._editor.amend(ready, patch):
                return
