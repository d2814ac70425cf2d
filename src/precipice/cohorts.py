"""Cohorts: rules that split a panel's creators into groups, and seeded samples of creators.

A cohort closed before a date can only shrink afterwards and an open one can only grow; whatever is drawn here, that
is arithmetic and not yet an effect (`precipice.effects` says what is beyond it).
"""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from precipice.display import Plot, Shown, Together
from precipice.errors import InputError
from precipice.months import month_text, parse_month
from precipice.panel import Bool, Panel

if TYPE_CHECKING:
    import pyarrow as pa

Vintage = Literal["month", "quarter", "year"]
VINTAGE_MONTHS: Mapping[Vintage, int] = {"month": 1, "quarter": 3, "year": 12}

Operator = Callable[[Any, Any], Any]
OPERATORS: Mapping[str, Operator] = {
    ">=": operator.ge,
    "<=": operator.le,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}
CONDITION = re.compile(r"\s*(\w+)\s*(>=|<=|!=|>|<|=)\s*('[^']*'|\"[^\"]*\"|[^\s'\"]+)\s*")
ATTRIBUTES = ("followers", "uploads", "first", "last", "platform", "tag")


@dataclass(frozen=True, eq=False)
class Cohort(Shown):
    """A named group of a panel's creators."""

    plot = Plot("creators", "cohort", kind="bars")

    name: str
    members: Bool
    """Shape (creators of the panel,)."""
    rule: str
    """Who belongs to it, in words."""
    begins: int | None = None
    """First month in which it can have members, as in `precipice.months`; None for any."""

    def __len__(self) -> int:
        """Number of creators."""
        return int(np.count_nonzero(self.members))

    def summary(self) -> str:
        """Say who belongs to it, and how many."""
        return f"{self.name}: {len(self):,} creators ({self.rule})"

    def table(self) -> "pa.Table":
        """Give one row: name, rule, creators, first month in which it can have members."""
        import pyarrow as pa

        begins = None if self.begins is None else month_text(self.begins)
        row = {"cohort": self.name, "rule": self.rule, "creators": len(self), "begins": begins}
        return pa.Table.from_pylist([row], schema=pa.schema([
            ("cohort", pa.string()), ("rule", pa.string()), ("creators", pa.int64()), ("begins", pa.string()),
        ]))  # fmt: skip


def draw_by_cutoff(panel: Panel, cutoff: int) -> tuple[Cohort, Cohort]:
    """Split creators into seniors (first upload before a month) and juniors (in it or later).

    First upload is over the whole history of the panel.  Source: Porres & Gomez-Villa (2024), section 3.

    Raises:
        InputError: the cutoff lies outside of the panel's months.
    """
    check_within(panel, cutoff, "cutoff")
    before = panel.first < cutoff
    text = month_text(cutoff)
    return (
        Cohort("senior", before, f"first upload before {text}"),
        Cohort("junior", ~before, f"first upload in {text} or later", begins=cutoff),
    )


def draw_by_entry(panel: Panel, vintage: Vintage = "year") -> tuple[Cohort, ...]:
    """Split creators by the month, quarter or year of their first upload."""
    width = VINTAGE_MONTHS[vintage]
    entry = panel.first // width
    return tuple(
        Cohort(name, entry == index, f"first upload in {name}", begins=int(index) * width)
        for index in np.unique(entry)
        for name in [vintage_name(int(index), vintage)]
    )


def vintage_name(index: int, vintage: Vintage) -> str:
    """Name an entry vintage: `2021-05`, `2021-Q2`, `2021`."""
    text = month_text(index * VINTAGE_MONTHS[vintage])
    if vintage == "year":
        return text[:4]
    return text if vintage == "month" else f"{text[:4]}-Q{index % 4 + 1}"


def draw_by_condition(panel: Panel, where: str) -> tuple[Cohort, Cohort]:
    """Split creators into those who meet a condition (see `meets`) and the others."""
    true = meets(panel, where)
    return Cohort(where, true, where), Cohort(f"not ({where})", ~true, f"not ({where})")


def draw(panel: Panel, by: str = "cutoff", *, cutoff: int | str | None = None) -> tuple[Cohort, ...]:
    """Split a panel's creators into cohorts.

    Args:
        panel: the creators.
        by: `cutoff`; `month`, `quarter` or `year` of the first upload; `all`; or a condition (see `meets`).
        cutoff: the month that parts seniors from juniors, for `cutoff`.

    Raises:
        InputError: a cutoff is missing or lies outside the data, or a condition cannot be read.
    """
    if by == "cutoff":
        if cutoff is None:
            raise InputError("a cutoff is missing", fix="name the month that parts seniors from juniors: 2022-01")
        return Together(draw_by_cutoff(panel, parse_month(cutoff) if isinstance(cutoff, str) else cutoff))
    if by == "all":
        return Together(everyone(panel))
    vintage: Vintage
    for vintage in VINTAGE_MONTHS:
        if by == vintage:
            return Together(draw_by_entry(panel, vintage))
    return Together(draw_by_condition(panel, by))


def everyone(panel: Panel) -> tuple[Cohort]:
    """Take all creators as one cohort."""
    return (Cohort("all", np.ones(len(panel), np.bool_), "every creator"),)


def meets(panel: Panel, where: str) -> Bool:
    """Say which creators meet a condition.

    Args:
        panel: the creators.
        where: comparisons joined by `and`: `followers > 2000 and first < 2022-01`; attributes are followers, uploads,
            first and last (months), platform, tag (the panel must have been reduced with that tag).

    Returns:
        Shape (creators,).  An unknown number of followers meets no condition on followers.

    Raises:
        InputError: the condition cannot be read.
    """
    chosen = np.ones(len(panel), np.bool_)
    for part in re.split(r"\s+and\s+", where.strip(), flags=re.IGNORECASE):
        name, sign, value = parse_condition(part, where)
        chosen &= _compare(panel, name, OPERATORS[sign], value, sign)
    return chosen


def parse_condition(part: str, where: str = "") -> tuple[str, str, str]:
    """Read one comparison into attribute, operator and value.

    Raises:
        InputError: it is none, or the attribute is not known.
    """
    found = CONDITION.fullmatch(part)
    if not found or found[1] not in ATTRIBUTES:
        raise InputError(
            f"cannot read the condition '{part.strip()}'",
            where=f"--where {where!r}" if where else "",
            why=f"attributes are {', '.join(ATTRIBUTES)}; comparisons {' '.join(OPERATORS)}, joined by 'and'",
            fix="write it like:  --where 'followers > 2000 and first < 2022-01'",
        )
    return found[1], found[2], found[3].strip("'\"")


def tags_named(where: str | None) -> tuple[str, ...]:
    """Give the tags that a condition asks for, so that the reduction can say who used them."""
    parts = re.split(r"\s+and\s+", where.strip(), flags=re.IGNORECASE) if where else []
    return tuple(value for name, _, value in (parse_condition(part, where or "") for part in parts) if name == "tag")


def _compare(panel: Panel, name: str, compare: Operator, value: str, sign: str) -> Bool:
    if name in ("first", "last"):
        return np.asarray(compare(getattr(panel, name), parse_month(value)), np.bool_)
    if name == "platform":
        return np.asarray(compare(np.array(panel.platforms)[panel.platform], value), np.bool_)
    if name == "tag":
        if value not in panel.tags or sign not in ("=", "!="):
            raise InputError(
                f"the panel does not know who used the tag '{value}'",
                why="a tag is looked up when the archive is reduced, and compared with = or !=",
                fix=f"reduce with it:  panel(archive, tags=('{value}',))",
            )
        return panel.tags[value] if sign == "=" else ~panel.tags[value]
    try:
        number = float(value.replace("_", "").replace(",", ""))
    except ValueError as error:
        raise InputError(
            f"'{value}' is not a number",
            why=f"{name} is compared with a number",
            fix=f"write it like:  --where '{name} {sign} 2000'",
        ) from error
    known = panel.followers if name == "followers" else panel.uploads
    return np.asarray(compare(known, number) & (known >= 0), np.bool_)


def check_within(panel: Panel, month: int, what: str) -> None:
    """Check that a month lies within the panel's months.

    Raises:
        InputError: it does not; the message gives the first and last month.
    """
    if not panel.start < month <= panel.end:
        raise InputError(
            f"the {what} {month_text(month)} is outside the data",
            why=f"uploads run from {month_text(panel.start)} to {month_text(panel.end)}, "
            "and a cutoff needs months on both sides",
            fix=f"choose a month from {month_text(panel.start + 1)} to {month_text(panel.end)}",
        )


@dataclass(frozen=True, eq=False)
class Draw(Shown):
    """A seeded random sample of creators, written down."""

    plot = Plot("creator", "platform", kind="counts")

    members: Bool
    """Shape (creators of the panel,)."""
    creators: npt.NDArray[np.int64]
    """Pseudonyms drawn."""
    platforms: tuple[str, ...]
    """Platform of each creator drawn."""
    eligible: Mapping[str, int]
    """Creators that met the condition, by platform."""
    n: int
    """Creators asked for on each platform."""
    where: str | None
    seed: int

    def probability(self, platform: str) -> float:
        """Probability with which each eligible creator of a platform was drawn."""
        eligible = self.eligible.get(platform, 0)
        return min(1.0, self.n / eligible) if eligible else 0.0

    def table(self) -> "pa.Table":
        """Give the draw: platform, creator (16 hexadecimal digits), probability of inclusion."""
        import pyarrow as pa

        return pa.table(
            {
                "platform": list(self.platforms),
                "creator": [f"{number:016x}" for number in self.creators.tolist()],
                "probability": [self.probability(platform) for platform in self.platforms],
            }
        )

    def summary(self) -> str:
        """Say what was drawn from what."""
        parts = [
            f"{sum(1 for drawn in self.platforms if drawn == name)} of {count} on {name}"
            for name, count in self.eligible.items()
        ]
        condition = f" with {self.where}" if self.where else ""
        return f"creators{condition}, drawn at random (seed {self.seed}): " + ", ".join(parts)


def sample(panel: Panel, n: int, *, where: str | None = None, seed: int = 0) -> Draw:
    """Draw n creators at random on each platform.

    Whoever has the smallest hashes of pseudonym and seed is drawn, so the draw depends neither on the order of the
    archive nor on who else is in it.

    Raises:
        InputError: n is below 1, or nobody meets the condition.
    """
    if n < 1:
        raise InputError(f"cannot draw {n} creators", fix="ask for at least one")
    eligible = meets(panel, where) if where else np.ones(len(panel), np.bool_)
    if not eligible.any():
        raise InputError(
            f"no creator meets '{where}'",
            why="followers are unknown for everybody"
            if where and "followers" in where and (panel.followers < 0).all()
            else f"the panel has {len(panel)} creators",
            fix="loosen the condition",
        )
    ticket = mix(panel.creators.view(np.uint64), seed)
    members = np.zeros(len(panel), np.bool_)
    counts = {}
    for index, name in enumerate(panel.platforms):
        rows = np.flatnonzero(eligible & (panel.platform == index))
        counts[name] = len(rows)
        members[rows[np.argsort(ticket[rows], kind="stable")[:n]]] = True
    names = tuple(panel.platforms[index] for index in panel.platform[members])
    return Draw(members, panel.creators[members], names, counts, n, where, seed)


def mix(numbers: npt.NDArray[np.uint64], seed: int) -> npt.NDArray[np.uint64]:
    """Hash whole numbers with a seed into even 64-bit numbers, same shape.

    Source: the finaliser of SplitMix64 (Steele, Lea & Flood 2014), whose output passes for random.
    """
    with np.errstate(over="ignore"):
        z = numbers + np.uint64((0x9E3779B97F4A7C15 * (2 * seed + 1)) % 2**64)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.asarray(z ^ (z >> np.uint64(31)), np.uint64)
