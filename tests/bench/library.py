"""What a library of 10,000 presets costs: `python -m tests.bench.library`. With BENCH_SHORT=1: 100 presets."""

import os
import random
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

N = 100 if os.environ.get("BENCH_SHORT") else 10_000
WORDS = ("dark", "glass", "slow", "warm", "wide", "acid", "night", "river", "stone", "velvet", "copper", "ghost", "amber", "neon",
         "felt", "deep")
QUERIES = ("a", "gla", "dark glass", "category:pad", "tag:slow warm", "stone rivér", "nothing like it", "user/", "category:lead neon 77")


def fill(folder: Path) -> None:
    """N presets that differ in words and sound, in 20 folders."""
    from synth import paths
    from synth.patch import preset_file

    whole = [preset_file.load(file) for file in paths.factory_presets()]
    chance, rng = random.Random(1), np.random.default_rng(1)
    for n in range(N):
        base = whole[n % len(whole)]
        assert base.fallback_db is not None
        words = chance.sample(WORDS, 3)
        patch = replace(base, name=f"{words[0].title()} {words[1].title()} {n}", tags=tuple(words), shapes={}, comment=" ".join(words),
                        fallback_db=np.maximum(base.fallback_db + rng.normal(0, 4, base.fallback_db.shape[1]), -100).astype(np.float32),
                        category=chance.choice(("bass", "lead", "pad", "keys", "pluck")))
        place = folder / f"Folder {n % 20}"
        place.mkdir(parents=True, exist_ok=True)
        preset_file.save(patch, place / f"{patch.name}.json")


def timed_ms(work: Callable[[], object], times: int = 5) -> float:
    """Milliseconds of the processor, the median of some runs: what the clock shows where nothing else runs."""
    found = []
    for _ in range(times):
        began = time.process_time()
        work()
        found.append(1000 * (time.process_time() - began))
    return sorted(found)[len(found) // 2]


def main() -> None:
    """Print each figure on a line."""
    from synth import paths

    home, compiled = Path(tempfile.mkdtemp(prefix="latentwave-library-")), paths.cache_folder()
    compiled.mkdir(parents=True, exist_ok=True)
    (home / "cache").symlink_to(compiled, target_is_directory=True)  # what a library costs, not what compiling does
    os.environ["LATENTWAVE_HOME"] = str(home)
    try:
        from synth.patch import preset_file
        from synth.session.library import Library
        from synth.session.library_index import Index

        fill(home / "presets")
        print(f"{N} presets; all figures are time of the processor")
        print(f"first names with no index: {timed_ms(lambda: Index().refresh(quick=True), 3):.0f} ms")
        print(f"reading them all, once: {timed_ms(lambda: Index().refresh(), 1) / 1000:.1f} s")
        print(f"first list at a later start: {timed_ms(lambda: Index().refresh(quick=True)):.0f} ms")
        library = Library()
        library.refresh()
        slowest = max((timed_ms(lambda q=query: library.search(q)), query) for query in QUERIES)  # type: ignore[misc]
        print(f"search, slowest of {len(QUERIES)}: {slowest[0]:.1f} ms ('{slowest[1]}')")
        print(f"seeing that one file changed: {timed_ms(library.refresh):.0f} ms")
        sound = preset_file.load(library.entries[N // 2].file)
        print(f"nearest, first: {timed_ms(lambda: library.nearest_to(sound), 1) / 1000:.1f} s")
        print(f"nearest, then: {timed_ms(lambda: library.nearest_to(sound)):.0f} ms")
        later = Library()
        later.refresh()
        print(f"nearest, at a later start: {timed_ms(lambda: later.nearest_to(sound), 1):.0f} ms")
    finally:
        shutil.rmtree(home)


if __name__ == "__main__":
    main()
