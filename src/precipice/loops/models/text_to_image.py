"""A text-to-image pipeline of diffusers, tuned to works by low-rank adaptation (Hu et al. 2022).

Works are rows: height × width × 3 numbers from 0 to 1, row by row.  Each fit begins from the pipeline as it came and
learns an adapter of its own, so that generations do not pile up in one.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from precipice.errors import InputError, MissingExtraError
from precipice.loops.models.neural import batches, chance, device, torch_module

Float = npt.NDArray[np.float64]
UNTOLD = 0.1
"""Share of works shown without their prompt, which guidance needs (Ho & Salimans 2022)."""
TARGETS = ("to_q", "to_k", "to_v", "to_out.0")
"""Layers of attention that are adapted."""
AT_ONCE = 16
"""Pictures made in one pass."""


@dataclass(frozen=True, eq=False)
class FittedPipeline:
    """A pipeline and its adapter."""

    pipeline: Any
    adapter: str
    prompt: str
    shape: tuple[int, int]
    inference_steps: int

    def sample(self, n: int, bias: float, rng: np.random.Generator) -> Float:
        """Make n pictures; the guidance scale is 1/λ, since guidance w sharpens a Gaussian to a variance of 1/(1+w)."""
        torch = torch_module()
        self.pipeline.unet.set_adapter(self.adapter)
        parts = []
        with chance(rng), torch.no_grad():
            for begin in range(0, n, AT_ONCE):
                made = self.pipeline(
                    self.prompt, num_images_per_prompt=min(AT_ONCE, n - begin), guidance_scale=1 / bias,
                    num_inference_steps=self.inference_steps, output_type="np", height=self.shape[0],
                    width=self.shape[1],
                )  # fmt: skip
                parts.append(np.asarray(made.images, dtype=np.float64))
        return np.concatenate(parts).reshape(n, -1)


@dataclass(frozen=True, eq=False)
class TextToImage:
    """A Stable Diffusion pipeline: text encoder, autoencoder, and a denoiser with attention that is adapted."""

    pipeline: Any = None
    """A loaded pipeline, or the folder of one."""
    prompt: str = "a picture"
    """What every work is said to be."""
    height: int = 64
    width: int = 64
    rank: int = 4
    """Of the adapter."""
    steps: int = 500
    """Of Adam."""
    batch: int = 8
    rate: float = 1e-4
    inference_steps: int = 25

    def fit(self, x: Float, rng: np.random.Generator) -> FittedPipeline:
        """Learn an adapter from rows.

        Raises:
            InputError: there is no pipeline, or rows are not of its height and width.
            MissingExtraError: diffusers, peft or torch is not installed.
        """
        torch = torch_module()
        if x.shape[1] != self.height * self.width * 3:
            raise InputError(
                f"rows of {x.shape[1]} numbers are no pictures of {self.height} × {self.width} × 3",
                fix="set the options height and width to the pictures'",
            )
        pipeline = self._opened()
        with chance(rng):
            adapter = _add_adapter(pipeline.unet, self.rank)
            learned = [p for name, p in pipeline.unet.named_parameters() if f".{adapter}." in name]
            optimiser = torch.optim.Adam(learned, lr=self.rate)
            latents, told, untold = self._shown(pipeline, x)
            for index in batches(len(x), self.batch, self.steps):
                loss = _misfit(pipeline, latents[index], told, untold)
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
        return FittedPipeline(pipeline, adapter, self.prompt, (self.height, self.width), self.inference_steps)

    def _opened(self) -> Any:  # noqa: ANN401  a diffusers pipeline
        if self.pipeline is None:
            raise InputError(
                "there is no pipeline to tune",
                why="a text-to-image model is begun from one that knows pictures",
                fix="give the option pipeline, the folder of a Stable Diffusion pipeline",
            )
        pipeline = self.pipeline
        if isinstance(pipeline, str):
            try:
                from diffusers import StableDiffusionPipeline
            except ModuleNotFoundError as error:
                raise MissingExtraError("diffusers", "diffusers") from error
            pipeline = StableDiffusionPipeline.from_pretrained(pipeline, local_files_only=True, safety_checker=None)
        pipeline.set_progress_bar_config(disable=True)
        for part in (pipeline.unet, pipeline.vae, pipeline.text_encoder):
            part.requires_grad_(False).to(device())
        return pipeline

    def _shown(self, pipeline: Any, x: Float) -> tuple[Any, Any, Any]:  # noqa: ANN401  torch
        """Give the works' latents, and what the text encoder makes of the prompt and of none."""
        torch = torch_module()
        pictures = torch.as_tensor(2 * x - 1, dtype=torch.float32, device=device())
        pictures = pictures.reshape(-1, self.height, self.width, 3).permute(0, 3, 1, 2)
        with torch.no_grad():
            parts = [pipeline.vae.encode(part).latent_dist.sample() for part in pictures.split(AT_ONCE)]
            texts = pipeline.tokenizer([self.prompt, ""], padding="max_length", truncation=True, return_tensors="pt")
            told, untold = pipeline.text_encoder(texts.input_ids.to(device()))[0]
        return torch.cat(parts) * pipeline.vae.config.scaling_factor, told, untold


def _add_adapter(unet: Any, rank: int) -> str:  # noqa: ANN401  torch
    """Add a fresh adapter, the only one in use, and give its name."""
    try:
        from peft import LoraConfig
    except ModuleNotFoundError as error:
        raise MissingExtraError("peft", "diffusers") from error
    name = f"fit{len(getattr(unet, 'peft_config', {}))}"
    unet.add_adapter(LoraConfig(r=rank, lora_alpha=rank, target_modules=list(TARGETS)), adapter_name=name)
    unet.set_adapter(name)
    return name


def _misfit(pipeline: Any, latents: Any, told: Any, untold: Any) -> Any:  # noqa: ANN401  torch
    """Give the mean squared error of the predicted noise on a batch."""
    torch = torch_module()
    n = len(latents)
    step = torch.randint(pipeline.scheduler.config.num_train_timesteps, (n,), device=latents.device)
    noise = torch.randn_like(latents)
    hidden = torch.rand(n, device=latents.device) < UNTOLD
    text = torch.where(hidden[:, None, None], untold[None], told[None])
    noisy = pipeline.scheduler.add_noise(latents, noise, step)
    return ((pipeline.unet(noisy, step, encoder_hidden_states=text).sample - noise) ** 2).mean()
