"""Labels: what the uploads of a panel's creators declare, in the panel's own cells."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from precipice.errors import CheckError
from precipice.panel import Panel
from precipice.profiles.rules import Rule, rule_of

Whole = npt.NDArray[np.int64]


class Cells(Protocol):
    """Counts by platform, creator and month, sorted by these, as the archive gives them."""

    @property
    def platforms(self) -> tuple[str, ...]:
        """Names."""

    @property
    def platform(self) -> Whole:
        """Index into `platforms`, shape (m,)."""

    @property
    def creator(self) -> Whole:
        """Pseudonyms, shape (m,)."""

    @property
    def month(self) -> Whole:
        """As in `precipice.months`, shape (m,)."""

    @property
    def counts(self) -> Mapping[str, Whole]:
        """Counts by name, each of shape (m,)."""

    @property
    def mentions(self) -> Mapping[str, Whole]:
        """Uploads that mention a mark, by mark, each of shape (m,)."""

    @property
    def spellings(self) -> Mapping[str, tuple[str, ...]]:
        """Tags that were taken for each mark."""


@dataclass(frozen=True, eq=False)
class Labels:
    """What uploads declare, for each cell of a panel."""

    panel: Panel
    """Creators and months; all arrays below have the shape of its cells."""
    declared: Whole
    """Uploads declared as made with a generative model."""
    denied: Whole
    """Uploads declared as not made with one."""
    readable: Whole
    """Uploads that say neither, though their tags were read."""
    opted_out: Whole
    """Uploads that opt out of training."""
    not_opted_out: Whole
    """Uploads of which it is known that they do not."""
    tagged: Whole
    """Uploads with at least one tag."""
    mentions: Mapping[str, Whole]
    """Uploads whose tags mention a mark, by mark."""
    spellings: Mapping[str, tuple[str, ...]]
    """Tags, as the platforms write them, that were taken for each mark."""
    rules: tuple[Rule, ...]
    """Rule of each platform, in the order of the panel's."""

    @property
    def unsaid(self) -> Whole:
        """Uploads that say neither, shape (cells,)."""
        return self.panel.count - self.declared - self.denied

    @property
    def asked(self) -> Whole:
        """Uploads that a share of declared works is of, by the platform's rule, shape (cells,)."""
        month = self.panel.month + self.panel.start
        platform = self.panel.platform[self.panel.row]
        asked = self.declared + self.denied
        for index, rule in enumerate(self.rules):
            here = platform == index
            if rule.silence == "not declared":
                asked = np.where(here, asked + self.readable, asked)
            if rule.silence == "nothing":
                asked = np.where(here, 0, asked)
            if rule.since is not None:
                asked = np.where(here & (month < rule.since), 0, asked)
        return asked

    @property
    def yes(self) -> Whole:
        """Declared uploads among `asked`, shape (cells,)."""
        return np.where(self.asked > 0, self.declared, 0)


def label(panel: Panel, cells: Cells) -> Labels:
    """Bring an archive's counts of labels into the cells of a panel.

    Args:
        panel: creators and months, all of the archive's or some.
        cells: counts of the same archive by the same clock.

    Raises:
        CheckError: the two do not count the same uploads.
    """
    at = _places(panel, cells)
    if not np.array_equal(cells.counts["uploads"][at], panel.count):
        raise CheckError("labels and panel count different uploads", fix="use one archive and one clock for both")
    taken = {name: values[at] for name, values in cells.counts.items()}
    platform = panel.platform[panel.row]
    says = [bool(((taken["declared"] + taken["denied"])[platform == i]).any()) for i in range(len(panel.platforms))]
    return Labels(
        panel=panel,
        declared=taken["declared"],
        denied=taken["denied"],
        readable=taken["unsaid_readable"],
        opted_out=taken["opted_out"],
        not_opted_out=taken["not_opted_out"],
        tagged=taken["tagged"],
        mentions={mark: values[at] for mark, values in cells.mentions.items()},
        spellings=cells.spellings,
        rules=tuple(rule_of(name, says_something=said) for name, said in zip(panel.platforms, says, strict=True)),
    )


def _places(panel: Panel, cells: Cells) -> Whole:
    """Find each of the panel's cells among the archive's, shape (cells of the panel,)."""
    first = np.concatenate([[True], (np.diff(cells.creator) != 0) | (np.diff(cells.platform) != 0)])
    starts = np.flatnonzero(first)
    span = 1 + int(max(cells.month.max(), panel.end))
    code = (np.cumsum(first) - 1) * span + cells.month  # rising, since cells lie by creator and month
    places = np.zeros(len(panel.month), np.int64)
    month = panel.month.astype(np.int64) + panel.start
    for index, name in enumerate(panel.platforms):
        if name not in cells.platforms:
            raise CheckError(f"labels have no platform '{name}'", fix="use one archive for panel and labels")
        low, high = np.searchsorted(cells.platform[starts], np.array([0, 1]) + cells.platforms.index(name))
        rows = np.flatnonzero(panel.platform == index)
        creator = low + np.searchsorted(cells.creator[starts[low:high]], panel.creators[rows])
        here = panel.platform[panel.row] == index
        wanted = np.repeat(creator, np.diff(panel.indptr)[rows]) * span + month[here]
        places[here] = np.minimum(np.searchsorted(code, wanted), len(code) - 1)
    return places
