"""What the neural models share: torch on demand, its device, its chance, the scale of works."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from precipice.errors import MissingExtraError

Float = npt.NDArray[np.float64]


def torch_module() -> Any:  # noqa: ANN401  torch is an optional part and has no types here
    """Import torch.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import torch
    except ModuleNotFoundError as error:
        raise MissingExtraError("torch", "neural") from error
    return torch


def device() -> Any:  # noqa: ANN401  a torch.device
    """Give the GPU where there is one, else the CPU."""
    torch = torch_module()
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


@contextmanager
def chance(rng: np.random.Generator) -> Iterator[None]:
    """Let torch draw from a seed of the generator's, on one thread, and leave torch's own state as it was.

    Networks this small gain nothing from threads; waiting for each other took twenty times the work on a busy machine.
    """
    torch = torch_module()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng():
            torch.manual_seed(int(rng.integers(2**63)))
            yield
    finally:
        torch.set_num_threads(threads)


@dataclass(frozen=True, eq=False)
class Scale:
    """Works to mean nought and variance one, over all their numbers together beyond each one's mean."""

    mean: Float
    """Shape (d,)."""
    spread: float

    @classmethod
    def of(cls, x: Float) -> "Scale":
        """Take it from works; where all are the same the spread is 1."""
        mean = x.mean(axis=0)
        spread = float(np.sqrt(((x - mean) ** 2).mean()))
        return cls(mean, spread if spread > 0 else 1.0)

    def tensor(self, x: Float) -> Any:  # noqa: ANN401  a torch.Tensor
        """Scale works and put them where the model is."""
        torch = torch_module()
        return torch.as_tensor((x - self.mean) / self.spread, dtype=torch.float32, device=device())

    def works(self, tensor: Any) -> Float:  # noqa: ANN401  a torch.Tensor
        """Bring what a model made back to the scale of works."""
        return np.asarray(tensor.detach().cpu().numpy().astype(np.float64) * self.spread + self.mean)


def perceptron(sizes: tuple[int, ...]) -> Any:  # noqa: ANN401  a torch.nn.Module
    """Give layers of these sizes with SiLU between them."""
    nn = torch_module().nn
    layers: list[Any] = []
    for before, after in pairwise(sizes):
        layers += [nn.Linear(before, after), nn.SiLU()]
    return nn.Sequential(*layers[:-1]).to(device())


def batches(n: int, size: int, steps: int) -> Iterator[Any]:
    """Give so many batches of row numbers, every row once before any comes again."""
    torch, where, left = torch_module(), device(), None
    for _ in range(steps):
        if left is None or len(left) < min(size, n):
            left = torch.randperm(n, device=where)
        batch, left = left[:size], left[size:]
        yield batch
