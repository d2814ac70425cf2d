"""A small variational autoencoder (Kingma & Welling 2014), in torch."""

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from precipice.loops.models.neural import Scale, batches, chance, device, perceptron, torch_module

Float = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FittedVae:
    """A decoder."""

    decoder: Any
    latent: int
    scale: Scale

    def sample(self, n: int, bias: float, rng: np.random.Generator) -> Float:
        """Decode n normal draws, without noise; a bias below 1 draws them closer, their variance times the bias."""
        torch = torch_module()
        with chance(rng), torch.no_grad():
            z = sqrt(bias) * torch.randn(n, self.latent, device=device())
            return self.scale.works(self.decoder(z))


@dataclass(frozen=True)
class Vae:
    """Perceptrons of one hidden layer both ways; the noise of the works is learned, one number for all."""

    latent: int = 8
    hidden: int = 256
    steps: int = 1_500
    """Of Adam."""
    batch: int = 64
    rate: float = 2e-3

    def fit(self, x: Float, rng: np.random.Generator) -> FittedVae:
        """Maximise the evidence bound on rows.

        Raises:
            MissingExtraError: torch is not installed.
        """
        torch = torch_module()
        scale, d = Scale.of(x), x.shape[1]
        rows = scale.tensor(x)
        with chance(rng):
            encoder = perceptron((d, self.hidden, 2 * self.latent))
            decoder = perceptron((self.latent, self.hidden, d))
            log_noise = torch.zeros((), device=device(), requires_grad=True)
            learned = [*encoder.parameters(), *decoder.parameters(), log_noise]
            optimiser = torch.optim.Adam(learned, lr=self.rate)
            for index in batches(len(x), self.batch, self.steps):
                loss = _bound(encoder, decoder, log_noise, rows[index])
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
        return FittedVae(decoder, self.latent, scale)


def _bound(encoder: Any, decoder: Any, log_noise: Any, x: Any) -> Any:  # noqa: ANN401  torch
    """Give the negative evidence bound of a batch, per work."""
    torch = torch_module()
    middle, log_variance = encoder(x).chunk(2, dim=1)
    log_variance = log_variance.clamp(-12, 6)  # beyond it the exponential runs away in single precision
    z = middle + torch.exp(log_variance / 2) * torch.randn_like(middle)
    # A noise below a hundredth of the works' spread would make the bound unbounded on works that are all alike.
    log_noise = log_noise.clamp(min=-4.6)
    misfit = ((x - decoder(z)) ** 2).sum(dim=1) / (2 * torch.exp(2 * log_noise)) + x.shape[1] * log_noise
    divergence = 0.5 * (middle**2 + log_variance.exp() - 1 - log_variance).sum(dim=1)
    return (misfit + divergence).mean()
