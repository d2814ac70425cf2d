"""Measure the styles of two real sets of pictures: `python -m studies.styles.run [--openmoji openmoji-17.0.0.tgz]`.

Open Clip Art is `../shared/data/images`, which is not part of the project: 519 named creators, without one author's
1,375 generated stars, without copies, without dates.  OpenMoji is the npm package (`npm pack openmoji@17.0.0`): 121
artists with dates, its pictures drawn at 64 pixels.
"""

import argparse
import csv
import gzip
import hashlib
import io
import json
import sys
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from precipice.cohorts import draw_by_cutoff, everyone
from precipice.embedders import Picture
from precipice.embedders.simple import Simple
from precipice.months import parse_month
from precipice.panel import Panel, Window, panel_of
from precipice.profiles.style_drift import measure_drift
from precipice.profiles.styles import Works, gather, likeness_unit, measure_variety

PLACE = Path(__file__).parent
IMAGES = PLACE.parent.parent.parent / "shared" / "data" / "images"
RESULTS = PLACE / "results.csv"
GENERATED = "codifiedivining"
"""The author of the generated stars."""
MISDATED = "2010-01-31"
CUTOFF = "2022-01"
SEED = 0
SIDE = 64
POINTS_A_PIXEL = 0.75


@dataclass(frozen=True)
class Set:
    """A set of pictures with their creators."""

    name: str
    sha256: str
    pictures: Sequence[Picture]
    creator: npt.NDArray[np.int64]
    month: npt.NDArray[np.int64]


def open_clip_art(folder: Path = IMAGES) -> Set:
    """Read the Open Clip Art pictures of named creators, without the generated ones and without copies."""
    packed = folder / "openclipart64.npz"
    pictures = np.load(packed)["x"]
    with gzip.open(folder / "openclipart64.csv.gz", "rt", encoding="utf-8") as file:
        names = np.array([row["creator"] for row in csv.DictReader(file)])
    kept = (names != GENERATED) & (names != "")
    # Many pictures are filed in several folders, and a copy would tell its creator apart for nothing.
    contents = [one.tobytes() for one in pictures]
    first = {content: index for index, content in reversed(list(enumerate(contents)))}
    kept &= np.array([first[content] == index for index, content in enumerate(contents)])
    creator = np.unique(names[kept], return_inverse=True)[1]
    digest = hashlib.sha256(packed.read_bytes()).hexdigest()
    return Set("Open Clip Art", digest, list(pictures[kept]), creator, np.full(len(creator), 24_000))


def openmoji(package: Path) -> Set:
    """Draw OpenMoji's pictures from its package."""
    import vl_convert

    pictures, authors, dates = [], [], []
    with tarfile.open(package) as archive:
        facts = json.load(archive.extractfile("package/data/openmoji.json"))  # type: ignore[arg-type]
        for fact in sorted(facts, key=lambda fact: str(fact["hexcode"])):
            member = archive.extractfile(f"package/color/svg/{fact['hexcode']}.svg")
            drawn = vl_convert.svg_to_png(member.read().decode(), scale=SIDE / 72 / POINTS_A_PIXEL, ppi=72)  # type: ignore[union-attr]
            picture = Image.open(io.BytesIO(drawn)).convert("RGBA")
            ground = Image.new("RGBA", picture.size, (255, 255, 255, 255))
            pictures.append(np.asarray(Image.alpha_composite(ground, picture).convert("RGB")))
            authors.append(fact["openmoji_author"].strip())
            date = fact["openmoji_date"]
            dates.append(parse_month("2020-01" if date == MISDATED else date[:7]))  # as in scripts/openmoji_facts.py
    creator = np.unique(authors, return_inverse=True)[1]
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    return Set("OpenMoji", digest, pictures, creator, np.array(dates))


def told_apart(works: Works, draws: int = 20_000) -> float:
    """Give the chance that two works of one creator are more alike than two works of two creators.

    Creators are drawn first, so that each has one vote.
    """
    from scipy.stats import mannwhitneyu

    rng = np.random.default_rng([SEED, 9])
    starts = np.flatnonzero(np.diff(works.creator, prepend=-1))
    sizes = np.diff(starts, append=len(works.creator))
    several = np.flatnonzero(sizes >= 2)
    owner = rng.choice(several, draws)
    first = rng.integers(0, sizes[owner])
    second = (first + rng.integers(1, sizes[owner])) % sizes[owner]
    same = _product(works, starts[owner] + first, starts[owner] + second)
    one = rng.integers(0, len(starts), draws)
    other = (one + rng.integers(1, len(starts), draws)) % len(starts)
    different = _product(
        works, starts[one] + rng.integers(0, sizes[one]), starts[other] + rng.integers(0, sizes[other])
    )
    return float(mannwhitneyu(same, different).statistic / draws**2)


def _product(works: Works, left: npt.NDArray[Any], right: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    return np.asarray((works.vectors[left] * works.vectors[right]).sum(axis=1))


def measure(pictures: Set) -> list[dict[str, object]]:
    """Measure a set: one row a cohort, all creators alone where there are no dates."""
    rng = np.random.default_rng([SEED, 0])
    chosen = gather(np.zeros((len(pictures.creator), 1)), pictures.creator, pictures.month, rng)
    vectors = Simple().embed([pictures.pictures[index] for index in chosen.origin])
    works = Works(vectors, chosen.creator, chosen.month, chosen.origin)
    panel = _panel(pictures)
    dated = len(np.unique(pictures.month)) > 1
    cohorts = (*draw_by_cutoff(panel, parse_month(CUTOFF)), *everyone(panel)) if dated else everyone(panel)
    tau = likeness_unit(works)
    varieties, _ = measure_variety(panel, cohorts, "set", works, tau, seed=SEED)
    drift: object = ""
    if dated:
        split = parse_month(CUTOFF)
        found = measure_drift("set", "all", vectors, works.creator, works.month, split=split, rng=rng)
        drift = found.p
    shared = {"set": pictures.name, "sha256": pictures.sha256, "embedder": Simple.name}
    return [
        {**shared, "cohort": one.cohort, "creators": one.creators, "works": one.works,
         **{name: round(getattr(one, name), 3) for name in ("similarity", "similarity_low", "similarity_high", "styles",
                                                            "styles_low", "styles_high", "vendi")},
         "vendi_at": one.vendi_at, "tau": round(tau, 4), "told_apart": round(told_apart(works), 3), "drift_p": drift}
        for one in varieties
    ]  # fmt: skip


def _panel(pictures: Set) -> Panel:
    months, count = np.unique(np.column_stack([pictures.creator, pictures.month]), axis=0, return_counts=True)
    window = Window(
        int(pictures.month.min()), int(pictures.month.max()) + 1, truncated_first=False, unfinished_last=False
    )
    zeros = np.zeros(len(months), np.int64)
    return panel_of(("set",), zeros, months[:, 0], months[:, 1], count, windows={"set": window})


def main(arguments: Sequence[str]) -> None:
    """Measure both sets and write `results.csv`; a set that is not here keeps its rows."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--openmoji", type=Path)
    options = parser.parse_args(arguments)
    found = measure(open_clip_art())
    if options.openmoji:
        found += measure(openmoji(options.openmoji))
    elif RESULTS.exists():
        with RESULTS.open(newline="", encoding="utf-8") as file:
            found += [dict(row) for row in csv.DictReader(file) if row["set"] == "OpenMoji"]
    with RESULTS.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(found[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)
    print(RESULTS.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main(sys.argv[1:])
