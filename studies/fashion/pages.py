"""The page of the clothes: tables by model, curves, and the generations as pictures."""

from collections.abc import Sequence
from pathlib import Path
from string import Template

import numpy as np
import numpy.typing as npt

from precipice.loops import Trace
from precipice.report import Figure, save
from precipice.report.contact_sheets import Strip, as_grey, contact_sheet
from precipice.report.regime_charts import Panel, regime_curves
from studies.fashion.run import KINDS, METRICS, REGIMES, Line, clothes, pictures_of

Float = npt.NDArray[np.float64]
ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "fashion.md"
IMAGES = ROOT / "docs" / "images"
TEMPLATE = Path(__file__).parent / "page.md"
HEADLINE = METRICS[:4]
NAMES = {"frechet": "Fréchet distance", "precision": "precision", "recall": "recall", "tail_recall": "tail recall"}
DRAWN, COUNT = (0, 2, 5, 10), 16
SHOWN = ("synthetic", "fresh 20 %", "100 % real")


def write_page(lines: Sequence[Line]) -> None:
    """Write the page and its pictures."""
    PAGE.write_text(page_text(lines), encoding="utf-8")
    for figure, name, colours in (
        (curves(lines, "mixture"), "fashion-curves", 128),
        (sheet(), "fashion-generations", 16),
    ):
        _lighten(save(figure, IMAGES / f"{name}.png"), colours)


def _lighten(path: Path, colours: int) -> None:
    """Write a picture anew with a palette: a tenth of the bytes, and no difference to be seen."""
    from PIL import Image

    with Image.open(path) as picture:
        small = picture.convert("RGB").resize((1_400, round(picture.height * 1_400 / picture.width)))
    small.quantize(colours, method=Image.Quantize.FASTOCTREE).save(path, optimize=True)


def page_text(lines: Sequence[Line]) -> str:
    """Give the page, from the results alone."""
    there = [name for name in KINDS if any(line.model == name for line in lines)]
    tables = "\n\n".join(f"### {_title(name)}\n\n{table(lines, name)}" for name in there)
    inputs = "\n".join(f"- {text}" for text in dict.fromkeys(line.inputs for line in lines if line.inputs))
    template = Template(TEMPLATE.read_text(encoding="utf-8"))
    return template.substitute(tables=tables, inputs=inputs, described=described(lines, there))


def _title(name: str) -> str:
    kind = KINDS[name]
    words = {"gaussian": "One Gaussian", "mixture": "A mixture of 20 Gaussians", "kde": "A kernel density",
             "vae": "A small variational autoencoder", "ddpm": "A small diffusion model"}[name]  # fmt: skip
    seeds = "one seed" if kind.seeds == 1 else f"{kind.seeds} seeds"
    size = f"{'14 × 14' if kind.half else '28 × 28'} pixels on 48 components"
    return f"{words}: {size}, {kind.n:,} works a generation, {kind.generations} generations, {seeds}"


def trace(lines: Sequence[Line], model: str, regime: str) -> Trace:
    """Give a regime's numbers as a trace; without lines there is none."""
    mine = [line for line in lines if (line.model, line.regime) == (model, regime)]
    kind = KINDS[model]
    values = np.full((len(METRICS), kind.generations + 1, kind.seeds), np.nan)
    floor = np.full(len(METRICS), np.nan)
    for line in mine:
        k = METRICS.index(line.metric)
        values[k, line.generation, line.seed], floor[k] = line.value, line.floor
    return Trace(METRICS, values, np.full(values.shape[:2], np.nan), floor, regime, "samples")


def table(lines: Sequence[Line], model: str) -> str:
    """Give a model's headline measures, generation 0 → last, ± the spread of seeds where there are several."""
    head = "| regime | " + " | ".join(NAMES[name] for name in HEADLINE) + " |"
    written = [head, "| --- | ---: | ---: | ---: | ---: |"]
    for regime in KINDS[model].regimes:
        found = trace(lines, model, regime.name)
        cells = []
        for metric in HEADLINE:
            x = found.of(metric)
            spread = f" ± {x[-1].std(ddof=1):.2f}" if x.shape[1] > 1 else ""
            cells.append(f"{x[0].mean():.2f} → {x[-1].mean():.2f}{spread}")
        written.append(f"| {regime.name} | {' | '.join(cells)} |")
    floor = trace(lines, model, KINDS[model].regimes[0].name).floor
    written.append("| *real against real* | " + " | ".join(f"{floor[METRICS.index(m)]:.2f}" for m in HEADLINE) + " |")
    return "\n".join(written)


def described(lines: Sequence[Line], models: Sequence[str]) -> str:
    """Give what only describes, of the loop on own output, by model."""
    written = [
        "| model | recall | Vendi score | effective rank | total variance |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for model in models:
        found = trace(lines, model, "synthetic")
        pairs = [found.of(name).mean(axis=1) for name in ("recall", "vendi", "effective_rank", "variance")]
        written.append(f"| {model} | " + " | ".join(f"{x[0]:.2f} → {x[-1]:.2f}" for x in pairs) + " |")
    return "\n".join(written)


def curves(lines: Sequence[Line], model: str) -> Figure:
    """Draw the headline measures of a model by generation."""
    traces = {regime.policy: trace(lines, model, regime.name) for regime in REGIMES}
    kind = KINDS[model]
    return regime_curves(
        [Panel(NAMES[name][:1].upper() + NAMES[name][1:], name, traces) for name in HEADLINE], 0,
        stem="fashion-curves", title="Ten generations of clothes",
        subtitle=f"Fashion-MNIST, a mixture of 20 Gaussians, {kind.n:,} works a generation; augment: half human, "
        "fresh: a fifth",
        notes=("Lines: mean of three seeds; bands: from the least to the most. Dotted across: real works against as "
               "many other real ones.",),
    )  # fmt: skip


def sheet() -> Figure:
    """Draw real clothes, and what three regimes' models made."""
    real = clothes().rows()[:COUNT]
    strips = [Strip("real pictures", None, as_grey(real, (28, 28)))]
    strips += [
        Strip(regime.name, generation, as_grey(made, (28, 28)))
        for regime in REGIMES
        if regime.name in SHOWN
        for generation, made in pictures_of(KINDS["mixture"], regime, DRAWN, COUNT).items()
    ]
    return contact_sheet(
        strips, "What the models made, generation by generation",
        "Fashion-MNIST, a mixture of 20 Gaussians on 48 components, 1,000 works a generation",
        ("Numbers: the generation. In every row the same chance draws the works.",),
    )  # fmt: skip
