"""A model as one TorchScript for nn~ (Max, Pure Data): frequency and latents in, audio out.

nn~ (https://github.com/acids-ircam/nn_tilde) asks for `get_methods`, `get_attributes`, and for each method a tensor `NAME_params`
(channels in, ratio in, channels out, ratio out); its own Python package only writes these, and brings a tracer that is not needed here.
"""

import warnings
from pathlib import Path

import numpy as np
import torch

from synth.errors import UserError
from synth.timbres import loudness
from synth.timbres.model import Model, open_model
from synth.timbres.onnx_reader import UnreadableError, read_graph

from .onnx_torch import GraphModule

TICK = 256  # frames from one decode to the next
TABLE = 8192  # samples of a wavetable
_CLOSE = 1e-3  # of the RMS: how near the traced decoder's amplitudes must be to the model's
_FLOAT = 2  # nn~'s number for an attribute of type float


class NnTilde(torch.nn.Module):
    """[n, 1 + z, frames]: frequency in Hz and latents, as signals -> [n, 1, frames]. Keeps its phases between blocks.

    Every 256 frames the latents are decoded to a wavetable of equal loudness without harmonics above half the rate, which the one before
    fades into; it is read by cubic interpolation. Up to 64 voices side by side (`n`, in mc.nn~).
    """

    low: torch.Tensor
    high: torch.Tensor
    turn_re: torch.Tensor
    turn_im: torch.Tensor
    number: torch.Tensor
    weights: torch.Tensor
    phase: torch.Tensor
    last: torch.Tensor

    def __init__(self, decoder: torch.nn.Module, model: Model) -> None:
        super().__init__()
        self.decoder = decoder
        z = model.latent_size
        self.register_buffer("forward_params", torch.tensor([1 + z, 1, 1, 1]))
        self.register_buffer("sample_rate_params", torch.tensor([_FLOAT]))
        names = [str(row.get("name") or f"Z{i + 1}") for i, row in enumerate(model.manifest["latents"])]
        self.forward_input_labels = [f"(signal) {name}" for name in ("frequency in Hz", *names)]
        self.forward_output_labels = ["(signal) audio"]
        self.sample_rate = 48000.0
        for name, array in (("low", model.low), ("high", model.high), ("turn_re", np.cos(model.phases)), ("turn_im", np.sin(model.phases)),
                            ("number", np.arange(1, model.harmonics + 1)), ("weights", loudness.k_weights()[:model.harmonics])):
            self.register_buffer(name, torch.from_numpy(np.asarray(array, np.float32).copy()))
        self.register_buffer("phase", torch.zeros(1, 1, dtype=torch.float64))
        self.register_buffer("last", torch.zeros(1, 1, TABLE))
        self.target_rms, self.most_gain, self.peak_limit = loudness.TARGET_RMS, loudness.MOST_GAIN, loudness.PEAK_LIMIT
        self.table_size, self.tick = TABLE, TICK

    @torch.jit.export
    def get_methods(self) -> list[str]:
        """As nn~ asks."""
        return ["forward"]

    @torch.jit.export
    def get_attributes(self) -> list[str]:
        """As nn~ asks."""
        return ["sample_rate"]

    @torch.jit.export
    def get_sample_rate(self) -> float:
        """The rate at which it is played; nn~ does not tell it by itself."""
        return self.sample_rate

    @torch.jit.export
    def set_sample_rate(self, value: float) -> int:
        """`set sample_rate 44100`; answers 0, or -1 where it is none."""
        if value < 1000.0:
            return -1
        self.sample_rate = value
        return 0

    def tables(self, amplitudes: torch.Tensor, top_hz: torch.Tensor) -> torch.Tensor:
        """Amplitudes [m, h], the highest frequency that each is read at [m, 1] -> wavetables [m, 8192]."""
        power = amplitudes * amplitudes / 2
        loud, total = (power * self.weights).sum(1, keepdim=True), power.sum(1, keepdim=True)
        most = self.most_gain * self.target_rms / total.clamp_min(1e-30).sqrt()
        gain = torch.minimum(self.target_rms / loud.clamp_min(1e-30).sqrt(), most)
        wave = self.waves(amplitudes)
        peak = wave.abs().amax(1, keepdim=True)
        gain = torch.minimum(gain, self.peak_limit / peak.clamp_min(1e-9))
        heard = (self.number * top_hz < self.sample_rate / 2).float()
        return self.waves(amplitudes * gain * heard * (total > 1e-16).float())

    def waves(self, amplitudes: torch.Tensor) -> torch.Tensor:
        """Amplitudes [m, h] -> one cycle each, [m, 8192]."""
        spectrum = torch.complex(amplitudes * self.turn_re, amplitudes * self.turn_im)
        padded = torch.nn.functional.pad(torch.view_as_real(spectrum), [0, 0, 1, self.table_size // 2 - amplitudes.size(1)])
        return torch.fft.irfft(torch.view_as_complex(padded.contiguous()), self.table_size) * (self.table_size / 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """As the class says."""
        n, frames, size = x.size(0), x.size(2), self.table_size
        freq_hz, place = x[:, 0].clamp(0.0, self.sample_rate / 2), torch.arange(frames, device=x.device)
        n_ticks = (frames + self.tick - 1) // self.tick
        ends = ((torch.arange(n_ticks, device=x.device) + 1) * self.tick).clamp_max(frames) - 1
        latents = x[:, 1:, ends].transpose(1, 2).reshape(n * n_ticks, -1)
        latents = torch.maximum(torch.minimum(latents, self.high), self.low)
        padded = torch.nn.functional.pad(freq_hz, [0, n_ticks * self.tick - frames])
        top_hz = padded.reshape(n * n_ticks, self.tick).amax(1, keepdim=True)
        tables = self.tables(self.decoder(latents), top_hz).reshape(n, n_ticks, size)
        if self.last.size(0) != n:
            self.last = torch.zeros(n, 1, size, device=x.device)
            self.phase = torch.zeros(n, 1, dtype=torch.float64, device=x.device)
        rows = torch.cat([self.last, tables], 1).reshape(n, -1)
        self.last = tables[:, -1:].clone()
        turns = self.phase + torch.cumsum(freq_hz.double() / self.sample_rate, 1)
        read = (turns - freq_hz.double() / self.sample_rate).frac()
        self.phase = turns[:, -1:].frac()
        tick = place // self.tick
        lengths = (frames - tick * self.tick).clamp_max(self.tick)
        fade = ((place - tick * self.tick + 1).float() / lengths.float()).unsqueeze(0)
        first = self.read(rows, tick, read)
        out = first + fade * (self.read(rows, tick + 1, read) - first)
        return (out * (freq_hz > 0).float()).unsqueeze(1)

    def read(self, rows: torch.Tensor, which: torch.Tensor, read: torch.Tensor) -> torch.Tensor:
        """Wavetables [n, m * 8192], number `which` [frames] of them, read at cycles [n, frames]: Hermite's cubic."""
        size = self.table_size
        at = read * size
        begin = at.floor()
        t, i, base = (at - begin).float(), begin.long(), (which * size).unsqueeze(0)
        a = rows.gather(1, base + (i - 1) % size)
        b = rows.gather(1, base + i % size)
        c = rows.gather(1, base + (i + 1) % size)
        d = rows.gather(1, base + (i + 2) % size)
        slope_b, slope_c = (c - a) / 2, (d - b) / 2
        return b + t * (slope_b + t * (3 * (c - b) - 2 * slope_b - slope_c + t * (2 * (b - c) + slope_b + slope_c)))


def _decoder_of(model: Model) -> torch.nn.Module:
    """The model's amplitudes as a traced module. Raises UserError where torch does not give what the model does."""
    own = model.folder / "amplitudes.onnx"
    file = own if own.is_file() else model.folder / "decoder.onnx"
    if file != own and (model.manifest.get("output") or "waveform") != "amplitudes":
        raise UserError(f"'{model.name}' gives waveforms alone; only models that give amplitudes, or have an amplitudes.onnx, are exported")
    try:
        module = GraphModule(read_graph(file), f"'{model.name}'").eval()
    except (UnreadableError, ValueError) as error:
        raise UserError(f"'{model.name}' cannot be exported: of its decoder {error}") from None
    spots = np.random.default_rng(0).uniform(model.low, model.high, (24, model.latent_size)).astype(np.float32)
    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            traced = torch.jit.trace(module, torch.from_numpy(spots[:3]))
            found = traced(torch.from_numpy(spots)).numpy().astype(float)
    except (RuntimeError, TypeError, KeyError, IndexError) as error:
        raise UserError(f"'{model.name}' cannot be exported: {' '.join(str(error).split())[:160]}") from None
    wanted = model.amplitudes(spots).astype(float)
    found, wanted = (x / np.sqrt((x**2).sum(1, keepdims=True) / 2) for x in (found, wanted))
    if found.shape != wanted.shape or not np.abs(found - wanted).max() < _CLOSE:
        raise UserError(f"'{model.name}' cannot be exported: torch does not give what its decoder does")
    return traced


def export_nn(name: str, file: Path) -> NnTilde:
    """Write a model, by name or folder, as a TorchScript; whole or not at all. Raises UserError."""
    from synth.paths import write_whole

    model = open_model(name)
    if file.absolute().parent == model.folder.absolute():
        raise UserError(f"{file}: lies among the model's own files; write it elsewhere")
    module = NnTilde(_decoder_of(model), model).eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # torch would have us export otherwise; nn~ reads TorchScript
        scripted = torch.jit.script(module)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{file}: cannot be written ({error.strerror})") from None
    write_whole(file, scripted.save_to_buffer())
    return module
