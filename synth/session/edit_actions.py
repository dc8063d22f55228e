"""What a player can do with a document's knobs, latents and corners: edits, each an event and a part of a step of undo."""

from collections.abc import Hashable

import numpy as np

from ..errors import UserError
from ..patch.mod_slots import check_references, number_of
from ..patch.patch import Patch
from ..timbres.source import ModelSource, Source
from .document import Document
from .editor import Editor
from .view_state import Viewer


class EditActions:
    """A part of `DocumentActions`."""

    _editor: Editor
    _viewer: Viewer

    # ---- what is edited --------------------------------------------------------------------------------------------
    @property
    def document(self) -> Document:
        """The document: name, file, steps. To be changed through the session only."""
        return self._editor.document

    @property
    def patch(self) -> Patch:
        """The sound as it now is."""
        return self.document.patch

    @property
    def name(self) -> str:
        """Name of the sound."""
        return self.document.name

    @property
    def dirty(self) -> bool:
        """Whether there are edits that are not saved."""
        return self.document.dirty

    @property
    def can_undo(self) -> bool:
        """Whether there is a step back."""
        return self.document.before is not None

    @property
    def can_redo(self) -> bool:
        """Whether there is a step forth."""
        return self.document.after is not None

    @property
    def source(self) -> Source:
        """What plays the sound: a model, a wavetable, or what a preset keeps."""
        return self._editor.source

    # ---- edits -----------------------------------------------------------------------------------------------------
    def set_param(self, name: str, value: object, producer: str = "window", gesture: Hashable = None, frame: int | None = None) -> None:
        """Turn a knob, at a frame or now. Edits of one gesture (None: this knob's) within half a second are one step.

        Raises UserError when out of range, or where it refers to a latent or direction that the model has not.
        """
        source = self.source
        if isinstance(source, ModelSource):
            check_references({name: number_of(name, value)}, source.latent_size, len(source.direction_names), f"'{source.name}'")
        self._editor.set_param(name, value, producer, gesture, frame)

    def set_latent(self, index: int, value: float, producer: str = "window", gesture: Hashable = None, frame: int | None = None) -> None:
        """Edit the corner nearest to the present position so that latent `index` (from 0) is played at `value`."""
        source = self.source
        value = min(max(float(value), float(source.low[index])), float(source.high[index]))
        if self.patch.morph is None and not isinstance(source, ModelSource):  # a row of spectra, whose only latent is the position
            self.set_param("osc.position", value, producer, gesture, frame)
            return
        x, y, follow, offset = self._editor.values_now("osc.position", "osc.position_y", "osc.follow", f"latent.{index + 1}")
        weights = np.array([(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y])
        others = offset + float(self._viewer.away(source, weights, follow)[index])
        self._editor.set_latent(index, value, weights, others, producer, gesture, frame)

    def set_corner(self, corner: str, latents: np.ndarray, gesture: Hashable = None) -> None:
        """Put a corner at latents float[z], as one step. Raises UserError for a wavetable, which has no corners to move."""
        source = self.source
        if not isinstance(source, ModelSource):
            raise UserError(f"'{source.name}' is a row of waveforms: it has no corners to move")
        self._editor.set_corner(corner, np.clip(np.asarray(latents, float), source.low, source.high), gesture=gesture)

    def go_to(self, latents: np.ndarray, gesture: Hashable = "go to") -> None:
        """Play latents float[z] here and now: the corner nearest to the present position moves there, as one step."""
        with self._editor.lock:  # the mouse may be let go of meanwhile, which ends a gesture
            for index, value in enumerate(np.asarray(latents, float)[:self.source.latent_size]):
                self.set_latent(index, float(value), gesture=gesture)

    def begin_gesture(self) -> None:
        """The mouse was pressed: its edits are one step until `end_gesture`, however long they rest."""
        self._editor.begin_gesture()

    def end_gesture(self) -> None:
        """The mouse was let go: the next edit is a step of its own."""
        self._editor.end_gesture()
