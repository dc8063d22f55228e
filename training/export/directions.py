"""Named directions: what a listener names, and a small network that moves one of them while it holds the others.

A straight line through the latent moves brightness by amounts that differ from sound to sound. The network sees where it
starts. It is taught through the decoder itself: the change heard in the decoded cycle should be what was asked for, and
nothing of the others. `synth/timbres/directions.py` applies it without torch.
"""

import math
from collections.abc import Callable
from functools import cache

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from synth.samples.spectrum import ERB_F0_HZ, LSD_HARMONICS, erb_bank
from synth.timbres.directions import Directions

FLOOR = 1e-4  # 40 dB under the whole: what is softer than that is not heard in a balance of two
ROUGH_FLOOR = 1e-3
HIDDEN = 192
STEPS = 3500
OFTEN = (1.0, 1.0, 1.0, 2.0, 1.5)  # how often each is practised: the last two are the hardest
BATCH = 256
RATE = 5e-3
REACH = 1.25  # standard deviations, each way: a little more than a knob asks for
HOLD = 1.7  # weight of the others, beside the named one's own error
FIRST = 3  # descriptors that may be held more firmly
SHORT = 0.01  # weight of the distance travelled
RIDGE = 1e-2
POINTS = 1000
Levels = Callable[[Tensor], Tensor]


def _powers(levels_db: Tensor) -> Tensor:
    """Levels [n, h] in dB -> shares of power of the first 127 harmonics, summing to 1."""
    heard = levels_db[:, :LSD_HARMONICS] * (math.log(10) / 10)
    return torch.softmax(heard, -1)


def brightness(power: Tensor) -> Tensor:
    """log2 of the amplitude centroid in harmonics: [n, h] -> [n]."""
    amplitude = (power + 1e-12).sqrt()
    return torch.log2((amplitude * torch.arange(1, power.shape[1] + 1)).sum(1) / amplitude.sum(1))


def hollowness(power: Tensor) -> Tensor:
    """Odd over even harmonics above the fundamental, dB of power: [n, h] -> [n]."""
    return 10 * torch.log10((power[:, 2::2].sum(1) + FLOOR) / (power[:, 1::2].sum(1) + FLOOR))


def fundamental(power: Tensor) -> Tensor:
    """The first harmonic against all others, dB of power: [n, h] -> [n]."""
    return 10 * torch.log10((power[:, 0] + FLOOR) / (power[:, 1:].sum(1) + FLOOR))


@cache
def _beating(harmonics: int, f0_hz: float = ERB_F0_HZ) -> Tensor:
    """Roughness of each pair of harmonics at unit amplitude (Sethares 1993, after Plomp and Levelt): [h, h]."""
    freq = f0_hz * np.arange(1, harmonics + 1)
    apart = 0.24 * np.abs(freq[:, None] - freq) / (0.021 * np.minimum(freq[:, None], freq) + 19)
    return torch.tensor(np.exp(-3.5 * apart) - np.exp(-5.75 * apart), dtype=torch.float32)


def _overtones(power: Tensor) -> Tensor:
    """Shares of power above the fundamental; of a near sine they fade to nothing: [n, h] -> [n, h - 1]."""
    return power[:, 1:] / (power[:, 1:].sum(1, keepdim=True) + FLOOR)


def roughness(power: Tensor) -> Tensor:
    """log2 of the beating of all pairs of overtones at 110 Hz, amplitudes multiplied: [n, h] -> [n]."""
    amplitude = (_overtones(power) + 1e-12).sqrt()
    return torch.log2(((amplitude @ _beating(power.shape[1])[1:, 1:]) * amplitude).sum(1) + ROUGH_FLOOR)


@cache
def _bands(harmonics: int) -> Tensor:
    """Bands one ERB wide at 110 Hz: [h, bands]."""
    return torch.tensor(erb_bank(harmonics).T.copy(), dtype=torch.float32)


def richness(power: Tensor) -> Tensor:
    """Entropy in bits of the overtones' power in bands one ERB wide at 110 Hz: [n, h] -> [n]."""
    bands = _overtones(power) @ _bands(power.shape[1])[1:] + 1e-9
    share = bands / bands.sum(1, keepdim=True)
    return -(share * torch.log2(share)).sum(1)


DESCRIPTORS = {"brightness": brightness, "hollowness": hollowness, "fundamental": fundamental,
               "roughness": roughness, "richness": richness}


def describe(levels_db: Tensor) -> Tensor:
    """Levels [n, h] in dB -> [n, descriptors]."""
    power = _powers(levels_db)
    return torch.stack([of(power) for of in DESCRIPTORS.values()], 1)


def describe_cycles(cycles: np.ndarray) -> np.ndarray:
    """Cycles [n, 2048] -> float64[n, descriptors]."""
    spectra = np.abs(np.fft.rfft(cycles)[:, 1 : LSD_HARMONICS + 1])
    levels = 20 * np.log10(np.maximum(spectra, 1e-9 * spectra.max(1, keepdims=True)))
    return describe(torch.tensor(levels, dtype=torch.float32)).numpy().astype(float)


class Mover(nn.Module):
    """Latent [n, z] and amounts [n, descriptors] in standard deviations -> displacement [n, z], zero for no amount."""

    def __init__(self, lines: np.ndarray, hidden: int):
        super().__init__()
        names, size = lines.shape
        self.lines = nn.Parameter(torch.tensor(lines, dtype=torch.float32))
        self.place = nn.Linear(size, hidden)
        self.amount = nn.Linear(names, hidden, bias=False)
        self.middle = nn.Linear(hidden, hidden)
        self.leave = nn.Linear(hidden, size, bias=False)
        nn.init.zeros_(self.leave.weight)

    def _hidden(self, entered: Tensor) -> Tensor:
        first = functional.silu(entered)
        return first + functional.silu(self.middle(first))

    def forward(self, latent: Tensor, amounts: Tensor) -> Tensor:
        """Shape of `latent`."""
        here = self.place(latent)
        turned = self._hidden(here + self.amount(amounts)) - self._hidden(here)
        return amounts @ self.lines + self.leave(turned)


def straight_lines(latents: np.ndarray, heard: np.ndarray) -> np.ndarray:
    """Ridge regression of descriptors [n, d] in standard deviations; the pseudo-inverse of its slopes: [d, z]."""
    centred = latents - latents.mean(0)
    normal = centred.T @ centred + RIDGE * len(latents) * np.eye(latents.shape[1])
    return np.linalg.pinv(np.linalg.solve(normal, centred.T @ (heard - heard.mean(0))).T).T


def _draw_amounts(n: int, names: int, rng: torch.Generator) -> Tensor:
    """One direction at a time in three of four rows, all of them a little in the rest."""
    amounts = (2 * torch.rand(n, names, generator=rng) - 1) * REACH
    one = functional.one_hot(torch.multinomial(torch.tensor(OFTEN), n, True, generator=rng), names).float()
    single = torch.rand(n, 1, generator=rng) < 0.75
    return torch.where(single, amounts * one, amounts * 0.5)


def teach(latents: np.ndarray, levels_of: Levels, low: np.ndarray, high: np.ndarray, steps: int = STEPS,
          hold_first: float = HOLD, seed: int = 0) -> Directions:
    """Directions for a model from training latents [n, z] and its decoder `levels_of`: latents -> levels [n, h] in dB.

    hold_first: weight of the first three descriptors where another one is asked for.
    """
    hold = torch.tensor([hold_first] * FIRST + [HOLD] * (len(DESCRIPTORS) - FIRST))
    starts = torch.tensor(latents, dtype=torch.float32)
    floor, ceiling = torch.tensor(low), torch.tensor(high)
    with torch.no_grad():
        heard = describe(levels_of(starts))
    spread = heard.std(0).clamp(min=1e-6)
    torch.manual_seed(seed)
    rng = torch.Generator().manual_seed(seed)
    mover = Mover(straight_lines(np.asarray(latents, float), (heard / spread).numpy().astype(float)), HIDDEN)
    optimizer = torch.optim.Adam(mover.parameters(), RATE, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=max(0.05, 2 / steps))
    for _ in range(steps):
        a, b = (torch.randint(len(starts), (BATCH,), generator=rng) for _ in range(2))
        between = (torch.rand(BATCH, 1, generator=rng) - 0.5).clamp(min=0)  # half on sounds, half on the way to others
        z = starts[a] + between * (starts[b] - starts[a])
        amounts = _draw_amounts(BATCH, len(DESCRIPTORS), rng)
        step = mover(z, amounts)
        with torch.no_grad():
            before = describe(levels_of(z))
        change = (describe(levels_of((z + step).clamp(floor, ceiling))) - before) / spread
        wrong = (change - amounts) ** 2
        weight = torch.where(amounts == 0, hold, 1.0)
        loss = (wrong * weight).sum(1).mean() + SHORT * (step**2).sum(1).mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(mover.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    arrays = {name: value.detach().numpy() for name, value in mover.named_parameters()}
    return Directions(tuple(DESCRIPTORS), spread.numpy(), arrays["lines"], arrays["place.weight"].T.copy(),
                  arrays["place.bias"], arrays["amount.weight"].T.copy(), arrays["middle.weight"].T.copy(),
                  arrays["middle.bias"], arrays["leave.weight"].T.copy())


def figures(starts: np.ndarray, decode: Callable[[np.ndarray], np.ndarray], directions: Directions, low: np.ndarray,
            high: np.ndarray, points: int = POINTS, straight: bool = False, reach: float = 1.0) -> list[dict]:
    """How well each direction does what it says, on decoded cycles: one dict a name.

    Moves of -1..1 standard deviation from `points` starts. correlation: of the move asked for with the change heard;
    gain: slope of the change over the move; leak: the largest slope of another, over the gain; rms_leak: root mean square
    of the others' change over that of its own, `rms_leak_three` counting the first three descriptors alone.
    """
    rng = np.random.default_rng(0)
    z = np.clip(starts[rng.integers(len(starts), size=points)], low, high)
    before = describe_cycles(decode(z))
    found = []
    for i, name in enumerate(directions.names):
        amounts = np.zeros((points, len(directions.names)))
        amounts[:, i] = move = rng.uniform(-reach, reach, points)
        there = z + amounts @ directions.lines if straight else directions.move(z, amounts)
        change = (describe_cycles(decode(np.clip(there, low, high))) - before) / directions.spread
        slopes = move @ change / (move @ move)
        rms = np.sqrt((change**2).mean(0))
        others = [j for j in range(len(slopes)) if j != i]
        found.append({
            "name": name, "correlation": _correlation(move, change[:, i]), "gain": float(slopes[i]),
            "leak": float(np.abs(slopes[others]).max() / max(abs(slopes[i]), 1e-6)),
            "rms_leak": float(np.sqrt((rms[others] ** 2).mean()) / max(rms[i], 1e-6)),
            "rms_leak_three": float(np.sqrt((rms[[j for j in others if j < 3]] ** 2).mean()) / max(rms[i], 1e-6)),
        })
    return [{k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()} for row in found]


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Pearson's, 0 where one does not vary."""
    a, b = a - a.mean(), b - b.mean()
    return float(a @ b / max(np.sqrt((a @ a) * (b @ b)), 1e-12))
