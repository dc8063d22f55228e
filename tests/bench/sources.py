"""`python -m tests.bench.sources [MODEL ...] [--akwf FOLDER]`: what spectra cost and how morphs fare. Prints JSON lines.

Cost: microseconds of `spectra` for a batch of latents, one thread, median of TIMES. Shapes: cycles of FOLDER kept as shapes.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np

from synth import paths
from synth.params.knobs import MAX_DIRECTIONS
from synth.patch import preset_file
from synth.samples.cycles import to_cycle
from synth.samples.reading import read_mono
from synth.samples.spectrum import lsd
from synth.timbres.decode_kernel import DecodeKernel
from synth.timbres.decoder_file import read_network
from synth.timbres.gauss_newton import refine
from synth.timbres.model import open_model
from synth.timbres.residual_source import ResidualSource, residual_of
from synth.timbres.source import ModelSource
from synth.timbres.static_render import asked_at
from tests.bench import SHORT
from tests.known import between

TIMES, MORPHS, CYCLES = (2, 2, 2) if SHORT else (300, 40, 40)


def drawn(source, n, seed=0):
    return np.clip(source.map.density.sample(np.random.default_rng(seed), n), source.low, source.high)


def cost(source, shapes=False):
    """Median microseconds for 1, 16 and 64 moving latents, plain and with directions; which of both decoders ran."""
    found = {}
    points = drawn(source, 640)
    for n in (1, 16, 64):
        weights = np.tile(np.float32([0.6, 0.4, 0, 0]), (n, 1))
        for name, amount in (("plain", 0.0), ("directions", 0.5)):
            amounts, spent = np.full((n, MAX_DIRECTIONS), amount, np.float32), []
            for i in range(TIMES):
                part = points[i:i + n]
                began = time.perf_counter()
                source.spectra(part, weights, amounts)
                spent.append(time.perf_counter() - began)
            found[f"{name}_{n}_us"] = round(float(np.median(spent)) * 1e6)
    return {"figure": "cost of spectra" + (", own shape" if shapes else ""), "model": source.name,
            "decoder": "onnxruntime" if source.model.declined else "kernel", **found}


def decodes(source, other, count=512):
    """Microseconds of decodes alone: by the kernel of all harmonics and of the 128 lowest, and by onnxruntime; their distance in dB."""
    model, points, found = source.model, drawn(source, count), {}
    kernel = DecodeKernel(read_network(model.folder, "waveform", model.latent_size, model.harmonics))
    runs = {"kernel": kernel.amplitudes, "kernel_128": lambda x: kernel.amplitudes(x, 128), "onnxruntime": other.model.amplitudes}
    for n in (1, 4, 16, 64):
        spent = {name: [] for name in runs}
        for i in range(TIMES):
            for name, run in runs.items():
                began = time.perf_counter()
                run(points[i:i + n])
                spent[name].append(time.perf_counter() - began)
        found |= {f"{name}_{n}_us": round(float(np.median(times)) * 1e6, 1) for name, times in spent.items()}
    a, b = runs["kernel"](points), runs["onnxruntime"](points)
    heard = b > 1e-4 * b.max(1, keepdims=True)
    return {"figure": "cost of decodes", "model": source.name, **found,
            "most_db_apart": round(float(20 * np.abs(np.log10(a[heard] / b[heard])).max()), 6)}


def shapes(source, folder, count=CYCLES, size=600):
    """Of cycles kept as shapes: SNR at the corner, and the deepest dip at eighths of morphs to 20 presets, in dB."""
    rng, cycles = np.random.default_rng(0), []
    for file in rng.choice(sorted(folder.glob("*.flac")), count, replace=False):
        samples, _ = read_mono(file)
        at = size * int(rng.integers(len(samples) // size))
        cycles.append(to_cycle(samples[at:at + size]))
    cycles = np.array(cycles)
    latents = refine(source.model, cycles, source.model.encode(cycles))
    files = [preset_file.load(p) for p in sorted((paths.bundled_folder() / "presets").glob("*.json"))]
    ends = [p.corner("A") for p in files if p.latent_size == source.latent_size][:20] or list(drawn(source, 20, 2))
    x, none = np.arange(9) / 8, np.zeros((9, MAX_DIRECTIONS), np.float32)
    weights, snr, dip = np.stack([1 - x, x, 0 * x, 0 * x], 1).astype(np.float32), [], 0.0
    for cycle, latent in zip(cycles, latents, strict=True):
        shape = residual_of(source.model, cycle, latent)
        for end in ends:
            corners = np.array([latent, end, latent, end])
            shaped = ResidualSource(source, corners, {"A": shape})
            re, im = shaped.spectra(np.clip(weights @ corners, source.low, source.high).astype(np.float32), weights, none)
            h = (re + 1j * im.astype(complex))[:, :1025]
            level = 20 * np.log10(np.maximum(np.abs(h[:, 1:]), 1e-7))
            straight = weights[:, :1] * level[0] + weights[:, 1:2] * level[-1]
            dip = min(dip, float((level - straight)[straight > straight.max(1, keepdims=True) - 60].min()))
        first = np.pad(h[0], (0, 1025 - h.shape[1])) * np.exp(-2j * np.pi * np.arange(1025) * shape.start_cycles)
        found = np.fft.irfft(first)
        found *= (found @ cycle) / (found @ found)
        snr.append(float(10 * np.log10((cycle**2).sum() / ((cycle - found) ** 2).sum())))
    return {"figure": "own shape", "model": source.name, "cycles": count, "presets": len(ends), "lowest_snr_db": round(min(snr), 1),
            "deepest_dip_db": round(dip, 2)}, cost(shaped, True)


def routes(source, count=MORPHS):
    """Of ways between draws of the density as they are played, against straight lines: hole in nepers (95 %), step over mean, length."""
    points, rows = drawn(source, 2 * count, 1), []
    for a, b in zip(points[::2], points[1::2], strict=True):
        began = time.perf_counter()
        source.morph_paths.find(np.array([a, b, a, b]))
        spent = time.perf_counter() - began
        for path in (asked_at(between(a, b, osc_follow=follow), source, np.linspace(0, 1, 17))[0] for follow in (1.0, 0.0)):
            level, cycles = source.map.density.log_density(path), source.model.decode(path)
            step = lsd(cycles[1:], cycles[:-1])
            rows.append(((np.linspace(level[0], level[-1], 17) - level).max(), step.max() / step.mean(), step.sum(), spent))
    table = np.array(rows).reshape(count, 2, 4)
    hole, step = np.percentile(table[:, :, 0], 95, axis=0), np.percentile(table[:, :, 1], 95, axis=0)
    return {"figure": "ways that follow the density", "model": source.name, "hole_nepers": round(hole[0], 2),
            "hole_straight": round(hole[1], 2), "step_over_mean": round(step[0], 2), "step_straight": round(step[1], 2),
            "length_ratio": round(float(np.median(table[:, 0, 2] / table[:, 1, 2])), 2),
            "seconds": round(float(np.median(table[:, 0, 3])), 2)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("models", nargs="*", default=["akwf-8"] if SHORT else ["akwf-8", "akwf-16", "akwf-32"])
    parser.add_argument("--akwf", type=Path)
    args = parser.parse_args()
    for name in args.models:
        source = ModelSource(open_model(name))
        other = ModelSource(open_model(name, by_kernel=False))
        for row in (decodes(source, other), cost(source), cost(other), routes(source), *(shapes(source, args.akwf) if args.akwf else ())):
            print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
