"""Marks and styles of the user's own files, made by hand."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from precipice.embedders import thumbnail
from precipice.marks import FileMarks, Mark, MarksFound
from precipice.profiles.marked import MarkedShare
from precipice.profiles.neighbours import Neighbours
from precipice.profiles.style_drift import Drift
from precipice.profiles.styles import Variety
from precipice.study.profiling.linking import Linked
from precipice.study.profiling.marks import MarksProfile
from precipice.study.profiling.own_files import FilesProfile
from precipice.study.profiling.styles import PlatformStyles, ShownWork, StylesProfile


def share(cohort: str, creators: int, marked: int, **more: Any) -> MarkedShare:
    one = MarkedShare("pixiv", cohort, "made with a model", 10 * creators, 2 * marked, creators, marked,
                      0.2 * marked / creators, 0.01, 0.4, marked / creators, 0.1, 0.9)  # fmt: skip
    return replace(one, **more)


def profile(*shares: MarkedShare, records: tuple[FileMarks, ...] = (), owners: tuple[int, ...] = ()) -> MarksProfile:
    whose = np.array(owners, np.int64)
    linked = Linked(np.arange(len(whose)), whose, np.zeros(len(whose), np.int64), len(records), 0)
    return MarksProfile(MarksFound(records, None, 0), linked, shares, ())


def marked_file(path: str) -> FileMarks:
    return FileMarks(path, 1, "png", "marks found", (Mark("novelai", "found", ("PNG tEXt Software",)),))


def variety(cohort: str, value: float = 0.9) -> Variety:
    return Variety("pixiv", cohort, 30, 100, value, value - 0.01, value + 0.01, 5.0, 4.0, 6.0, 10.0, 20)


def styles(*varieties: Variety, drifts: tuple[Drift, ...] = (), shown: tuple[ShownWork, ...] = ()) -> StylesProfile:
    none = Neighbours(np.zeros(0, np.int64), np.zeros((0, 6), np.int64), np.zeros((0, 6)))
    linked = Linked(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64), 0, 0)
    platform = PlatformStyles("pixiv", 0.1, varieties, None, drifts, none, shown, ())
    return StylesProfile("simple 1", "palette", linked, {}, (platform,), Path(), ())


def drift(years: list[int]) -> Drift:
    period = 12 * np.array(years)
    size = len(years)
    return Drift("pixiv", "all", 12, period, period < 12 * 2022, np.full(size, 9), np.linspace(0.1, 0.5, size),
                 np.zeros(size), np.full(size, 0.3), 0.02)  # fmt: skip


def own_files(platform: str) -> FilesProfile:
    """Make a profile in which everything was found, of one platform."""
    picture = thumbnail(np.zeros((9, 9, 3), np.uint8), 9)
    work = ShownWork(picture, 12 * 2023, ((picture, 12 * 2020 + 4, 0.87),))
    measured = styles(variety("senior"), variety("junior"), drifts=(drift([2020, 2021, 2022]),), shown=(work,))
    measured = replace(measured, platforms=(replace(measured.platforms[0], platform=platform),))
    shares = (share("senior", 40, 8), share("junior", 20, 9), share("all", 60, 17))
    return FilesProfile(profile(*shares, records=(marked_file("x.png"),)), measured)
