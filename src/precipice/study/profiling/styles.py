"""The section `styles`: how alike the works of cohorts are, whether their centre moves, and what they resemble."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from precipice.cohorts import everyone
from precipice.display import Plot, Shown
from precipice.embedders import Unread, find_embedder, load, thumbnail
from precipice.errors import InputError
from precipice.marks import files_in
from precipice.months import month_text
from precipice.profiles.neighbours import Neighbours, nearest_earlier
from precipice.profiles.style_drift import Drift, measure_drift
from precipice.profiles.styles import Contrast, Variety, Works, gather, likeness_unit, measure_variety
from precipice.study.profiling.asked import Asked, NoneLinkedError
from precipice.study.profiling.linking import LIKE, Linked, link
from precipice.study.profiling.marks import files_of
from precipice.study.profiling.vectors import embed_files

if TYPE_CHECKING:
    import pyarrow as pa

FOLDER = "styles"
"""Below the study's folder: the vectors of the pictures."""
SIDE = 96
"""Pixels of a small picture."""
PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif", ".tif", ".tiff", ".bmp")


@dataclass(frozen=True)
class ShownWork:
    """A work with the earlier works by others that are most like it, as small pictures."""

    picture: bytes
    """JPEG, at most `SIDE` pixels each way."""
    month: int
    nearest: tuple[tuple[bytes, int, float], ...]
    """Picture, month and similarity of each, the nearest first."""


@dataclass(frozen=True, eq=False)
class PlatformStyles:
    """Styles of one platform."""

    platform: str
    tau: float
    """Unit of likeness: the usual distance between two works of one creator."""
    varieties: tuple[Variety, ...]
    """Seniors, juniors, all."""
    contrast: Contrast | None
    """Juniors beside seniors; None where one of them has too few creators."""
    drifts: tuple[Drift, ...]
    """Of each cohort with enough creators on both sides of the cutoff."""
    neighbours: Neighbours
    """Juniors' works (all works from the cutoff on where there are no juniors) with their nearest earlier ones;
    indices are those of `StylesProfile.paths`."""
    shown: tuple[ShownWork, ...]
    """The same as small pictures; those that can no longer be opened are left out."""
    left_out: tuple[str, ...]
    """What could not be measured, and why."""


@dataclass(frozen=True, eq=False)
class StylesProfile(Shown):
    """Styles of the user's pictures, by platform and cohort."""

    plot = Plot("styles", "cohort", kind="bars")

    embedder: str
    """Name of what made the vectors."""
    about: str
    """What its similarity is of."""
    linked: Linked
    unread: Mapping[str, int]
    """Files that could not be decoded, by reason."""
    platforms: tuple[PlatformStyles, ...]
    files: Path
    """Folder of the pictures."""
    paths: tuple[str, ...]
    """Of the pictures, relative to it."""

    def rows(self) -> Iterator[Mapping[str, object]]:
        """Give a row for each platform and cohort."""
        for platform in self.platforms:
            for variety in platform.varieties:
                yield variety.as_dict()

    def drift_rows(self) -> Iterator[Mapping[str, object]]:
        """Give a row for each platform, cohort and period."""
        for drift in (drift for platform in self.platforms for drift in platform.drifts):
            columns = (drift.period, drift.creators, drift.reference, drift.value, drift.low, drift.high)
            for period, creators, reference, value, low, high in zip(*(c.tolist() for c in columns), strict=True):
                yield {
                    "platform": drift.platform, "cohort": drift.cohort, "period": month_text(period),
                    "months": drift.width, "creators": creators, "reference": reference, "drift": value,
                    "chance_low": low, "chance_high": high, "p": drift.p,
                }  # fmt: skip

    def table(self) -> "pa.Table":
        """Give the rows as a table."""
        import pyarrow as pa

        return pa.Table.from_pylist([dict(row) for row in self.rows()])

    def as_dict(self) -> dict[str, Any]:
        """Give all numbers as plain values."""
        return {
            "embedder": self.embedder, "about": self.about,
            "pictures": {"files": self.linked.files, "linked": self.linked.linked, "unread": dict(self.unread)},
            "cohorts": list(self.rows()),
            "contrasts": [one.contrast.as_dict() for one in self.platforms if one.contrast],
            "likeness_unit": {one.platform: one.tau for one in self.platforms},
            "drift": list(self.drift_rows()),
            "left_out": [words for one in self.platforms for words in one.left_out],
        }  # fmt: skip

    def summary(self) -> str:
        """Say what is alike by what measure, how cohorts differ, and whether the centre moved."""
        lines = [f"Likeness by '{self.embedder}': {self.about}.", self.linked.summary()]
        if self.unread:
            lines.append("Not decoded: " + ", ".join(f"{n:,} {reason}" for reason, n in self.unread.items()) + ".")
        for one in self.platforms:
            lines += [_contrast_words(one.contrast)] if one.contrast else []
            lines += [_drift_words(drift) for drift in one.drifts]
            lines += one.left_out
        return "\n".join(lines)


def profile_styles(asked: Asked) -> StylesProfile:
    """Measure the styles of the user's pictures.

    The option `embedder` names what makes vectors of them; `works` (true) says whether single works are shown.

    Raises:
        InputError: no folder of files was named, no picture is of a known upload, or there is no such embedder.
        MissingExtraError: the embedder's library is not installed.
    """
    files = files_of(asked, "styles")
    embedder = find_embedder(asked.options.get("embedder") or "simple")
    paths = tuple(path for path in files_in(files)[0] if path.lower().endswith(PICTURES))
    linked = link(asked, files, paths)
    if not linked.linked:
        raise NoneLinkedError(
            "no picture is of an upload in the archive",
            where=str(files),
            why=f"there are {len(paths):,} pictures" + (f", the first is {paths[0]}" if paths else ""),
            fix=LIKE,
        )
    wanted = np.unique(linked.file)
    found = embed_files(files, [paths[index] for index in wanted], embedder, asked.folder / FOLDER, asked.progress)
    place = np.full(len(paths), -1)
    place[wanted[found.index]] = np.arange(len(found.index))
    known = place[linked.file] >= 0
    rng = np.random.default_rng([asked.study.study.seed, 0])
    every = gather(found.vectors[place[linked.file[known]]], linked.creator[known], linked.month[known], rng)
    every = Works(every.vectors, every.creator, every.month, linked.file[known][every.origin])
    asked.progress("compare works", None)
    platforms = tuple(
        _on_platform(asked, name, every, [files / path for path in paths])
        for name in asked.panel.platforms
        if asked.panel.on(name)[every.creator].any()
    )
    return StylesProfile(embedder.name, embedder.about, linked, found.unread, platforms, files, paths)


def _on_platform(asked: Asked, platform: str, every: Works, paths: Sequence[Path]) -> PlatformStyles:
    panel, split, seed = asked.panel, asked.study.study.cutoff, asked.study.study.seed
    works = every.of(panel.on(platform))
    left_out: list[str] = []
    tau, contrast = float("nan"), None
    varieties: tuple[Variety, ...] = ()
    cohorts = (*asked.cohorts, *everyone(panel))
    try:
        tau = likeness_unit(works)
        varieties, contrast = measure_variety(panel, cohorts, platform, works, tau, seed=seed)
    except InputError as error:
        left_out.append(f"{platform}: {error.what}: {error.why}")
    drifts = []
    for number, cohort in enumerate(cohorts):
        part = works.of(cohort.members)
        rng = np.random.default_rng([seed, 2, number])
        try:
            drift = measure_drift(platform, cohort.name, part.vectors, part.creator, part.month, split=split, rng=rng)
        except InputError as error:
            if cohort.begins is None:  # whoever begins at the cutoff has nothing before it
                left_out.append(f"{platform}, {cohort.name}: {error.what}: {error.why}")
        else:
            drifts.append(drift)
    found = _nearest(works, asked.cohorts[1].members, split)
    shown = _shown(works, found, paths) if asked.options.get("works", True) else ()
    neighbours = replace(
        found, work=works.origin[found.work], nearest=np.where(found.nearest >= 0, works.origin[found.nearest], -1)
    )
    return PlatformStyles(platform, tau, varieties, contrast, tuple(drifts), neighbours, shown, tuple(left_out))


def _nearest(works: Works, juniors: Any, split: int) -> Neighbours:  # noqa: ANN401  an array of truth values
    asked = np.flatnonzero(juniors[works.creator])
    if not len(asked):
        asked = np.flatnonzero(works.month >= split)
    return nearest_earlier(works.vectors, works.creator, works.month, asked)


def _shown(works: Works, found: Neighbours, paths: Sequence[Path]) -> tuple[ShownWork, ...]:
    """Make small pictures of works and their neighbours."""
    rows = []
    for work, nearest, similarity in zip(found.work, found.nearest, found.similarity, strict=True):
        picture = _small(paths[works.origin[work]])
        others = [(_small(paths[works.origin[n]]), int(works.month[n]), float(s))
                  for n, s in zip(nearest, similarity, strict=True) if n >= 0]  # fmt: skip
        kept = tuple((small, month, likeness) for small, month, likeness in others if small)
        if picture and kept:
            rows.append(ShownWork(picture, int(works.month[work]), kept))
    return tuple(rows)


def _small(path: Path) -> bytes | None:
    picture = load(path)
    return None if isinstance(picture, Unread) else thumbnail(picture, SIDE)


def _contrast_words(found: Contrast) -> str:
    low, high = found.similarity_low, found.similarity_high
    if low > 0:
        words = "Juniors' works are more alike than seniors'"
    elif high < 0:
        words = "Juniors' works are less alike than seniors'"
    else:
        words = "The pictures cannot tell whether juniors' works are more or less alike than seniors'"
    numbers = (
        f"mean similarity {found.similarity:+.3f}, 95 % {low:+.3f} to {high:+.3f}; effective number of styles "
        f"{found.styles:.2f} times seniors', {found.styles_low:.2f} to {found.styles_high:.2f}"
    )
    return f"{found.platform}: {words} ({numbers}).".replace("-", "−")


def _drift_words(found: Drift) -> str:
    words = "moved more than chance moves it" if found.p < 0.05 else "moved no further than chance moves it"
    return f"{found.platform}, {found.cohort}: the centre of works {words} (p = {found.p:.3f})."
