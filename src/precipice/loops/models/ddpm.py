"""A small denoising diffusion model (Ho, Jain & Abbeel 2020) with a cosine schedule, in torch."""

from dataclasses import dataclass
from math import pi, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from precipice.loops.models.neural import Scale, batches, chance, device, perceptron, torch_module

Float = npt.NDArray[np.float64]
WAVES = 8
"""Sines and as many cosines that tell the network how far a work has dissolved."""
LARGEST = 0.999
"""Largest share of variance that a step of the cosine schedule replaces (Nichol & Dhariwal 2021)."""


@dataclass(frozen=True, eq=False)
class FittedDdpm:
    """A network that tells noise from works."""

    network: Any
    steps: int
    scale: Scale
    limits: tuple[float, float]
    """Least and largest number of the works that it was fitted to, on its scale."""

    def sample(self, n: int, bias: float, rng: np.random.Generator) -> Float:
        """Denoise n draws step by step; a bias below 1 shrinks the variance of all noise that is drawn to the bias."""
        torch = torch_module()
        beta, kept = schedule(self.steps)
        with chance(rng), torch.no_grad():
            x = sqrt(bias) * torch.randn(n, len(self.scale.mean), device=device())
            for step in reversed(range(self.steps)):
                noise = self.network(_told(x, torch.full((n,), step / self.steps, device=device())))
                # The last steps of the schedule magnify what the network gets wrong a thousandfold: without limits
                # pictures of 196 pixels ran away (Ho et al. and Nichol & Dhariwal cut the clean work likewise).
                clean = ((x - (1 - kept[step]).sqrt() * noise) / kept[step].sqrt()).clamp(*self.limits)
                before = kept[step - 1] if step else torch.ones_like(kept[0])
                x = (before.sqrt() * beta[step] * clean + (1 - beta[step]).sqrt() * (1 - before) * x) / (1 - kept[step])
                if step:
                    x = x + (bias * beta[step] * (1 - before) / (1 - kept[step])).sqrt() * torch.randn_like(x)
            return self.scale.works(x)


@dataclass(frozen=True)
class Ddpm:
    """A perceptron of two hidden layers that predicts the noise."""

    hidden: int = 256
    noise_steps: int = 100
    steps: int = 4_000
    """Of Adam."""
    batch: int = 128
    rate: float = 2e-3

    def fit(self, x: Float, rng: np.random.Generator) -> FittedDdpm:
        """Minimise the squared error of the predicted noise on rows.

        Raises:
            MissingExtraError: torch is not installed.
        """
        torch = torch_module()
        scale, d = Scale.of(x), x.shape[1]
        rows, (_, kept) = scale.tensor(x), schedule(self.noise_steps)
        with chance(rng):
            network = perceptron((d + 2 * WAVES, self.hidden, self.hidden, d))
            optimiser = torch.optim.Adam(network.parameters(), lr=self.rate)
            for index in batches(len(x), self.batch, self.steps):
                clean = rows[index]
                step = torch.randint(self.noise_steps, (len(clean),), device=device())
                noise, share = torch.randn_like(clean), kept[step][:, None]
                dissolved = share.sqrt() * clean + (1 - share).sqrt() * noise
                loss = ((network(_told(dissolved, step / self.noise_steps)) - noise) ** 2).mean()
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
        return FittedDdpm(network, self.noise_steps, scale, (float(rows.min()), float(rows.max())))


def schedule(steps: int) -> tuple[Any, Any]:
    """Give each step's share of variance replaced, and the share of the work's variance kept up to it."""
    torch = torch_module()
    t = torch.linspace(0, 1, steps + 1, dtype=torch.float64)
    kept = torch.cos((t + 0.008) / 1.008 * pi / 2) ** 2
    beta = (1 - kept[1:] / kept[:-1]).clamp(max=LARGEST)
    return beta.float().to(device()), torch.cumprod(1 - beta, dim=0).float().to(device())


def _told(x: Any, t: Any) -> Any:  # noqa: ANN401  torch
    """Put waves of the time, 0 to 1, beside the works."""
    torch = torch_module()
    angles = t[:, None] * pi * 2.0 ** torch.arange(WAVES, device=x.device)
    return torch.cat([x, angles.sin(), angles.cos()], dim=1)
