"""How soon a preset is heard after it was asked for: `python -m tests.bench.loading`, on the silent clock, while a chord sounds.

Each kind is loaded for the first time in this process: its model is not open yet, or its morph path not found.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

SHORT = bool(os.environ.get("BENCH_SHORT"))
MODELS = ("akwf-16", "akwf-8", "akwf-32")


def presets(folder: Path) -> Iterator[tuple[str, str]]:
    """(what kind, key) of presets that differ in `master.gain_db`, by which it is seen that they are heard."""
    from synth.patch import preset_file
    from synth.patch.patch import Patch
    from synth.timbres import fallback
    from synth.timbres.model import open_model

    folder.mkdir(parents=True)
    kinds = [("on the model that plays", "akwf-16", {}), ("model to be opened", "akwf-8", {}), ("model to be opened", "akwf-32", {}),
             *((("path to be found", "akwf-16", {"osc.follow": 1.0}),) * (1 if SHORT else 4)), ("model open", "akwf-8", {})]
    for i, (kind, name, params) in enumerate(kinds):
        model, rng = open_model(name), np.random.default_rng(i)
        corners = {c: tuple(round(float(z), 6) for z in model.mean + 0.7 * rng.normal(size=model.latent_size)) for c in "AB"}
        patch = Patch(f"Sound {i}", corners=corners, params={**params, "master.gain_db": -1.0 - 0.25 * i})
        preset_file.save(fallback.keep(patch, model), folder / f"Sound {i}.json")
        yield kind, f"user/Sound {i}"


def main() -> None:
    """Print each load's time to be heard, and until it is whole."""
    home = Path(tempfile.mkdtemp(prefix="latentwave-loading-"))
    from synth import paths

    (home / "cache").symlink_to(paths.cache_folder(), target_is_directory=True)
    os.environ["LATENTWAVE_HOME"] = str(home)
    try:
        from synth.events import note_on
        from synth.params.knobs import PARAM_INDEX
        from synth.patch.patch import Patch
        from synth.session.session import Session

        sounds = list(presets(home / "presets"))
        player = Session(Patch(name="Init", model="akwf-16"), device="none", midi="none", keep=False)
        player.library.wait_ready(60)
        for note in (48, 55, 60):
            player.post(note_on(note))

        def gain() -> float:
            return float(player.engine.snapshot()["params"].reshape(1).view(np.float32)[PARAM_INDEX["master.gain_db"]])

        for kind, key in sounds:
            time.sleep(0.2)
            before, frame, began = gain(), int(player.engine.snapshot()["frame"]), time.perf_counter()
            loading = player.load_entry(key)
            while gain() == before and time.perf_counter() - began < 10:
                time.sleep(0.0003)
            heard_ms, frames = 1000 * (time.perf_counter() - began), int(player.engine.snapshot()["frame"]) - frame
            loading.result(60)
            print(f"{kind:24} heard after {heard_ms:6.1f} ms ({frames / 48:.1f} ms of sound), whole after "
                  f"{1000 * (time.perf_counter() - began):6.1f} ms", flush=True)
        player.discard()
        player.close()
    finally:
        shutil.rmtree(home)


if __name__ == "__main__":
    main()
