"""`export --nn`: the TorchScript loaded back as nn~ loads it plays what latentwave plays."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from synth.events import note_on  # noqa: E402
from synth.patch.patch import Patch  # noqa: E402
from synth.render.offline import render  # noqa: E402
from synth.samples import dataset  # noqa: E402
from synth.samples.spectrum import floored_db, rms_difference_db, unit_rms  # noqa: E402
from synth.timbres.density import load_map  # noqa: E402
from synth.timbres.model import open_model  # noqa: E402
from tests.training.test_run import SMALL, folder_of_cycles  # noqa: E402
from training.data.datasets import gather  # noqa: E402
from training.fit.loop import Run, fit  # noqa: E402

SR_HZ, BLOCK = 48_000, 2048


def played(module, freq_hz, latents, seconds=1.5, blocks=(BLOCK,)):
    """What nn~ gets of it, block by block. latents: float[z], or a function of the frame."""
    out, at, i = [], 0, 0
    while at < seconds * SR_HZ:
        n = blocks[i % len(blocks)]
        x = torch.empty(1, 1 + len(latents), n)
        x[:, 0], x[:, 1:] = freq_hz, torch.as_tensor(np.asarray(latents, np.float32))[None, :, None]
        with torch.inference_mode():
            out.append(module(x)[0, 0].numpy())
        at, i = at + n, i + 1
    return np.concatenate(out).astype(float)


def levels_db(x, f0_hz):
    """Levels of a held note's harmonics to 16 kHz, floored 80 dB under the strongest, at unit RMS."""
    x, t = x[24_000:72_000], np.arange(48_000) / SR_HZ
    k = np.arange(1, min(int(16_000 / f0_hz), 127) + 1)
    return floored_db(unit_rms(np.abs(np.exp(-2j * np.pi * f0_hz * k[:, None] * t) @ (x * np.blackman(48_000)))))


@pytest.fixture(scope="module", params=["akwf-8", "string-6"])
def exported(request, tmp_path_factory):
    from synth.cli import main

    file = tmp_path_factory.mktemp("nn") / f"{request.param}.ts"
    assert main(["export", request.param, "--nn", "-o", str(file)]) == 0
    return open_model(request.param), torch.jit.load(str(file)).eval()


def test_nn_finds_what_it_asks_for(exported):
    model, module = exported
    assert module.get_methods() == ["forward"] and module.forward_params.tolist() == [1 + model.latent_size, 1, 1, 1]
    assert len(module.forward_input_labels) == 1 + model.latent_size and len(module.forward_output_labels) == 1
    assert module.get_attributes() == ["sample_rate"] and module.sample_rate_params.tolist() == [2]
    assert module.set_sample_rate(44_100.0) == 0 and module.get_sample_rate() == 44_100.0 and module.set_sample_rate(-1.0) == -1
    module.set_sample_rate(float(SR_HZ))
    with torch.inference_mode():
        voices = module(torch.full((5, 1 + model.latent_size, 512), 110.0))
    assert voices.shape == (5, 1, 512) and torch.isfinite(voices).all()


def test_it_sounds_as_our_render(exported):
    """Bars: pitch within 1 cent, LSD 0.5 dB."""
    model, module = exported
    rng, worst, cents = np.random.default_rng(1), 0.0, 0.0
    for note in (33, 57, 81):
        latents = np.clip(rng.normal(model.mean, model.std), model.low, model.high)
        f0_hz = 440 * 2 ** ((note - 69) / 12)
        ours = render(Patch(model=model.name, latent_size=model.latent_size, corners={"A": tuple(map(float, latents))}),
                      [(0, note_on(note, 1.0))], 1.6)[:, 0].astype(float)
        theirs = played(module, f0_hz, latents, 1.6)
        worst = max(worst, float(rms_difference_db(levels_db(ours, f0_hz), levels_db(theirs, f0_hz))))
        phases = [np.angle(np.exp(-2j * np.pi * f0_hz * np.arange(12_000) / SR_HZ) @ (theirs[at:at + 12_000] * np.hanning(12_000)))
                  for at in (24_000, 60_000)]
        turns = (phases[1] - phases[0]) / (2 * np.pi) - f0_hz * 36_000 / SR_HZ
        off_hz = (turns - round(turns)) / (36_000 / SR_HZ)
        cents = max(cents, abs(1200 * np.log2(1 + off_hz / f0_hz)))
    print(f"{model.name} by nn~: LSD {worst:.3f} dB, pitch {cents:.4f} cents off")
    assert worst < 0.5 and cents < 1


def test_blocks_and_moving_latents_leave_no_seam(exported):
    """Any block sizes give the same sound of a held point; a latent that moves, and a sweep of the pitch, do not click."""
    model, module = exported
    latents = np.clip(model.mean, model.low, model.high)
    module.last, module.phase = torch.zeros(1, 1, 8192), torch.zeros(1, 1, dtype=torch.float64)
    whole = played(module, 220.0, latents, 1.0)
    module.last, module.phase = torch.zeros(1, 1, 8192), torch.zeros(1, 1, dtype=torch.float64)
    odd = played(module, 220.0, latents, 1.0, (64, 1000, 257, 4096, 1))
    n = min(len(whole), len(odd))
    assert np.abs(whole[4096:n] - odd[4096:n]).max() < 1e-3 * np.abs(whole).max()
    frames = 40 * BLOCK
    x = torch.empty(1, 1 + model.latent_size, frames)
    x[:, 0] = torch.linspace(100, 110, frames)
    x[:, 1:] = torch.as_tensor(latents)[None, :, None]
    x[:, 1] = torch.linspace(float(model.low[0]), float(model.high[0]), frames)
    with torch.inference_mode():
        swept = torch.cat([module(x[:, :, i:i + BLOCK]) for i in range(0, frames, BLOCK)], 2)[0, 0].numpy()[BLOCK:]
    bends = np.abs(np.diff(swept.astype(float), 2))
    seams = np.concatenate([np.arange(at - 2, at) for at in range(BLOCK, len(swept) - 1, BLOCK)])
    assert bends[seams].max() <= 1.05 * np.delete(bends, seams).max()


def test_what_cannot_be_exported_is_told(tmp_path, home, cli_here):
    from tests.strangers import Stranger

    done = cli_here("export", Stranger().write_model(tmp_path / "waves"), "--nn", "-o", "x.ts")
    assert done.returncode == 1 and done.stderr.startswith("latentwave: error: 'waves' gives waveforms alone")
    assert done.stderr.count("\n") == 1
    done = cli_here("export", "nowhere", "--nn", "-o", "x.ts")
    assert done.returncode == 1 and "no model named 'nowhere'" in done.stderr
    assert not (tmp_path / "x.ts").exists()


def test_a_run_that_was_resumed_is_exported(train, tmp_path):
    """What the commands make of a checkpoint of the smallest run there is: the TorchScript is that model, with its name and its knob."""
    from synth.cli import main

    folder_of_cycles(tmp_path / "data", 30)
    config = replace(SMALL, name="again", latent_size=1, steps=3, width=8, encoder_width=8, harmonics=64, synthetic_share=0.0)
    assert not fit(Run(config, gather(dataset.load(tmp_path / "data", 256)[0], config)), tmp_path / "out" / ".runs" / "again", lambda: True)
    train("data", "--frame-size", 256, "--name", "again", "--out", "out", "--resume", "--steps", 3)
    model = open_model("out/again")
    assert model.harmonics == 64 and "--resume" not in model.manifest["command"]
    assert len((model.folder / "curve.csv").read_text("utf-8").splitlines()) == 4, "of all three steps"
    assert main(["export", "out/again", "--nn", "-o", "again.ts"]) == 0
    module = torch.jit.load("again.ts").eval()
    assert len(module.forward_input_labels) == 2
    for latent in model.low[0], 0.5 * model.high[0]:
        heard = np.abs(np.fft.rfft(played(module, 120.0, [latent])[24_000:72_000]))[120:15_120:120]  # a second: bins of 1 Hz
        drawn = np.abs(np.fft.rfft(model.decode(np.array([[latent]], np.float32))[0]))[1:len(heard) + 1]
        assert rms_difference_db(*(floored_db(unit_rms(levels[None])) for levels in (heard, drawn)))[0] < 0.5
    assert "nan" not in (model.folder / "report.html").read_text("utf-8"), "the map of a single latent has no height"
    flat = load_map(model.folder, 1)
    assert all(np.abs(flat.place(flat.points + [0, up]) - flat.latents).max() < 1e-4 for up in (0, 0.3))
