"""A document with its engine and no device: blocks are processed on call, loads are done at once."""

import numpy as np

from synth import paths
from synth.engine.engine import Engine
from synth.events import Event
from synth.params.knobs import MAX_LATENTS, PARAMS
from synth.patch import preset_file
from synth.patch.programs import BankSelect
from synth.session.actions import DocumentActions
from synth.session.editor import Editor
from synth.session.loader import Loader
from synth.session.view_state import Viewer
from synth.timbres.decode_worker import Decoder
from synth.timbres.source_cache import SourceCache

SR = 48000


class Desk(DocumentActions):
    """The session's document, played by an engine that runs only in `run`; its clock is the engine's."""

    def __init__(self, preset="Init", **choices):
        engine = Engine(SR)
        decoder = Decoder(engine)
        file = paths.find_preset(preset)
        editor = Editor(engine, decoder, SourceCache(decoder, **choices), preset_file.load(file), file,
                        frame=lambda: engine.frame + 32, clock=lambda: engine.frame / SR)
        self.told = []
        super().__init__(editor, Loader(self.told.append), Viewer(engine), self.told.append)
        self.engine, self._decoder, self._banks = engine, decoder, BankSelect()

    def play(self, event: Event, producer="jack", delay=32):
        """An event from outside, as a MIDI input or a host posts it."""
        assert self.engine.post(event, producer, self.engine.frame + delay)

    def run(self, seconds=0.01, decode=True):
        """Let so much sound be made, then do what housekeeping does."""
        for _ in range(max(1, round(seconds * SR / 128))):
            self.engine.process(128)
            if decode:
                self._decoder.pump()
        self.drain()

    def drain(self):
        """What housekeeping does every 20 ms."""
        rows = self.engine.take_log()
        self._editor.follow(rows)
        for _, event in rows:
            if picked := self._banks.take(event):
                self.load_program(*picked)

    def settle(self):
        """Until everything that was posted has taken effect, and program changes have been answered."""
        while self.engine.waiting or self._editor._loads:
            self.run(0.003)
        self.drain()

    def knobs(self):
        """Every knob of the engine by name (float32), from its snapshot and its patch."""
        self.run(0.003)
        values = self.engine.present_patch()["params"].reshape(1).view(np.float32)
        shown = self.engine.snapshot()["params"].reshape(1).view(np.float32)
        assert np.array_equal(values, shown)
        return dict(zip(PARAMS, values.tolist(), strict=True))

    def corners(self):
        """Corners A to D of the engine: float32[4, z]."""
        now = self.engine.present_patch()
        return now["corners"][:, :now["latent_size"]].copy()


assert MAX_LATENTS == 256
