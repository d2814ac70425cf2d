"""What the page ships for its sliders, attacked: no number of 1 to 4 creators can be had from it.

Every world is small and uneven, so that most cells of joining and month hold fewer than five creators.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from precipice.panel import Window
from precipice.report import publication
from precipice.report.explorer import DEEPEST, explorable
from precipice.report.publication import FEWEST
from precipice.study.findings import Findings
from tests.unit.report.made import find, panel

Rows = npt.NDArray[np.float64]

START, MONTHS = 24_240, 12
END = START + MONTHS - 1
WORLDS = [
    # seed, creators, cap, how often a creator uploads: from dense to nearly empty
    (1, 400, 1, 0.5), (2, 150, 1, 0.3), (3, 150, 3, 0.3), (4, 90, 1, 0.15), (5, 90, 2, 0.4), (6, 40, 1, 0.1),
    (7, 250, 12, 0.5), (8, 250, 1, 0.4),
]  # fmt: skip


@cache
def world(seed: int, creators: int, cap: int, share: float) -> Findings:
    """Draw creators who join at any time and upload a geometric number in some months."""
    rng = np.random.default_rng(seed)
    cells: dict[str, dict[str, dict[int, int]]] = {}
    for name, size in (("near", creators), ("far", creators // 3)):
        joins = START + np.minimum(rng.geometric(0.15, size) - 1, MONTHS - 1)
        heavy = rng.beta(1.2, 2.0, size)
        cells[name] = {
            f"{i}": {
                m: int(rng.geometric(1 - 0.9 * heavy[i]))
                for m in range(joins[i], START + MONTHS)
                if m == joins[i] or rng.random() < share
            }
            for i in range(size)
        }
    window = Window(START, START + MONTHS - 1, truncated_first=False, unfinished_last=False)
    cutoff = START + int(rng.integers(2, 8))
    return find(panel(cells, dict.fromkeys(cells, window)), cutoff=cutoff, study={"cap": cap})


@dataclass(frozen=True)
class Attack:
    """One platform in one month (quarter, year) as somebody sees it who has the page: forms over kinds of creators.

    A kind is a month of joining and a number of uploads.  Kinds of nobody are among them: that nobody is there is what
    an attacker does not know.
    """

    join: npt.NDArray[np.int64]
    """Month of joining of each kind, shape (kinds,)."""
    count: npt.NDArray[np.int64]
    """Uploads of each kind, month by month, shape (kinds, months of the period)."""
    size: npt.NDArray[np.int64]
    """Creators of each kind, shape (kinds,)."""
    shipped: Rows
    """For each number in the page its coefficient on every kind, shape (numbers, kinds)."""
    values: Rows
    """The numbers in the page, shape (numbers,)."""
    published: Rows
    """The same as `shipped` for the numbers of the tables."""

    def few(self, forms: Rows) -> bool:
        """Say whether any form is a sum over 1 to 4 creators; one that adds some and takes others away is not."""
        people = (forms != 0) @ self.size
        one_sign = (forms >= 0).all(axis=1) | (forms <= 0).all(axis=1)
        return bool(((people > 0) & (people < FEWEST) & one_sign).any())


def decoded(row: list[int]) -> Iterator[tuple[int, int, int]]:
    """Read the cells of one month as the page's script does: first bin, past the last, what is told."""
    at, numbers = 0, iter(row)
    for width in numbers:
        if width < 0:
            at -= width
        elif width:
            yield at, at + width, next(numbers)
            at += width
        else:
            for _ in range(next(numbers)):
                yield at, at + 1, 0
                at += 1


@cache
def attacks(findings: Findings) -> list[Attack]:
    return list(attacked(findings))


def attacked(findings: Findings) -> Iterator[Attack]:
    for platform in explorable(findings):
        part = findings.panel.only(platform["name"])
        dense = np.zeros((len(part), MONTHS), np.int64)
        dense[part.row, part.month + part.start - START] = part.count
        for index, (start, end) in enumerate(zip(platform["start"], platform["end"], strict=True)):
            join, count, size = kinds(part.first, dense[:, start - START : end - START + 1], end)
            bins = np.searchsorted(platform["cutoffs"], join, side="right")
            shipped, values = [np.zeros(len(join))], [0.0]
            for level, rows in enumerate(platform["levels"]):
                capped = np.minimum(count, findings.study.study.cap).sum(axis=1)
                what = (count[:, 0] > level) if platform["by_level"] else capped
                for first, past, told in decoded(rows[index]):
                    shipped.append((what * ((bins >= first) & (bins < past))).astype(float))
                    values.append(float(told))
            told_apart = tables(findings, platform, start, join, count)
            yield known(Attack(join, count, size, np.array(shipped), np.array(values), told_apart))


def kinds(join: Any, count: Any, month: int) -> tuple[Any, Any, Any]:
    """Give every kind of creator there can be in a month; of longer periods the creators themselves."""
    active = count.sum(axis=1) > 0
    if count.shape[1] > 1:
        return join[active], count[active], np.ones(active.sum(), np.int64)
    most = int(count.max()) + 1
    joins = np.arange(START, month + 1)
    size = np.bincount((join[active] - START) * most + count[active, 0] - 1, minlength=len(joins) * most)
    return np.repeat(joins, most), np.tile(np.arange(1, most + 1), len(joins))[:, None], size


def known(attack: Attack) -> Attack:
    """Leave out the kinds of which the page itself says that they are nobody's."""
    nobody = (attack.shipped[attack.values == 0] > 0).any(axis=0)
    forms = attack.shipped[:, ~nobody], attack.values, attack.published[:, ~nobody]
    return Attack(attack.join[~nobody], attack.count[~nobody], attack.size[~nobody], *forms)


def tables(findings: Findings, platform: dict[str, Any], start: int, join: Any, count: Any) -> Rows:
    """Give the forms of what figures and tables tell of one period."""
    name, cap, cutoff = platform["name"], findings.study.study.cap, findings.study.study.cutoff
    lines = [(publication.total(findings, name), False)]
    lines += [(line, capped) for capped in (True, False) for line in publication.split(findings, name, capped=capped)]
    members = {"all": np.ones(len(join), bool), "senior": join < cutoff, "junior": join >= cutoff}
    forms = [np.zeros(len(join))]
    for line, capped in lines:
        at = np.flatnonzero((line.start <= start + line.period - 1) & (line.end >= start))
        if len(at) and line.given[at[0]]:
            uploads = np.minimum(count, cap) if capped else count
            forms.append((uploads.sum(axis=1) * members[line.name]).astype(float))
    return np.array(forms)


@pytest.fixture(params=WORLDS, ids=lambda made: f"{made[1]} creators, cap {made[2]}")
def findings(request: pytest.FixtureRequest) -> Findings:
    return world(*request.param)


def test_worlds_are_such_that_there_is_something_to_find() -> None:
    small, found, wide = 0, 0, 0
    for made in WORLDS:
        for attack in attacks(world(*made)):
            small += int(((attack.size > 0) & (attack.size < FEWEST)).sum())
            found += len(attack.values) - 1
        wide += sum(len(part["cutoffs"]) for platform in explorable(world(*made)) for part in platform["caps"])
    assert small > 500
    assert found > 600
    assert wide > 50


def test_the_page_ships_the_numbers_it_says(findings: Findings) -> None:
    for attack in attacks(findings):
        assert (attack.shipped @ attack.size).tolist() == attack.values.tolist()


def test_no_number_in_the_page_is_of_one_to_four_creators(findings: Findings) -> None:
    for attack in attacks(findings):
        assert not attack.few(attack.shipped)


def positions(attack: Attack) -> Rows:
    """Give the forms of every series that some position of the sliders shows: sums of cells up to a cap."""
    shown = {tuple(form) for form in attack.shipped}
    for cutoff, cap in itertools.product(np.unique(attack.join), range(1, DEEPEST + 1)):
        for side in (attack.join < cutoff, attack.join >= cutoff):
            wanted = (np.minimum(attack.count.sum(axis=1), cap) * side).astype(float)
            if attack.count.shape[1] == 1 and spanned(wanted, attack.shipped):
                shown.add(tuple(wanted))
    return np.array(sorted(shown))


def spanned(form: Rows, forms: Rows) -> bool:
    """Say whether a form is a sum of multiples of others."""
    solution, *_ = np.linalg.lstsq(forms.T, form, rcond=None)
    return bool(np.allclose(forms.T @ solution, form, atol=1e-8))


def test_no_difference_of_positions_and_tables_is_of_one_to_four_creators(findings: Findings) -> None:
    for attack in attacks(findings):
        everything = np.unique(np.vstack([positions(attack), attack.published]), axis=0)
        for form in everything:
            assert not attack.few(everything - form)
            assert not attack.few(everything + form)
        for whole, form in itertools.product(attack.published, everything):
            assert not attack.few(whole - form - everything)


def test_no_multiples_of_its_numbers_pin_down_one_to_four_creators(findings: Findings) -> None:
    """Look for whole numbers of creators that fit everything in the page: none of 1 to 4 is the only one that does."""
    rng = np.random.default_rng(0)
    asked = 0
    for attack in attacks(findings):
        if attack.count.shape[1] > 1:
            continue
        for target in small_groups(attack, rng):
            asked += 1
            least, most = extremes(attack, target)
            assert most - least >= 1, (attack.join[target], attack.count[target], least, most)
    assert asked > 0 or all(attack.count.shape[1] > 1 for attack in attacks(findings))


def small_groups(attack: Attack, rng: np.random.Generator) -> Iterator[npt.NDArray[np.bool_]]:
    """Pick groups of 1 to 4 creators: of one time of joining or several, of one number of uploads or more."""
    groups = []
    for low, high in itertools.combinations_with_replacement(np.unique(attack.join), 2):
        inside = (attack.join >= low) & (attack.join <= high)
        for uploads in range(1, DEEPEST + 2):
            groups += [inside & (attack.count[:, 0] == uploads), inside & (attack.count[:, 0] >= uploads)]
    small = [group for group in groups if 0 < attack.size[group].sum() < FEWEST]
    for index in rng.permutation(len(small))[:6]:
        yield small[index]


def extremes(attack: Attack, target: npt.NDArray[np.bool_]) -> tuple[int, int]:
    """Give the fewest and the most creators of a group that fit all numbers in the page, by integer programming."""
    found = []
    for sign in (1, -1):
        solved = milp(
            sign * target.astype(float), constraints=LinearConstraint(attack.shipped, attack.values, attack.values),
            bounds=Bounds(0, 1000), integrality=np.ones(len(target), np.int64),
        )  # fmt: skip
        assert solved.status == 0, solved.message
        found.append(round(sign * solved.fun))
    return found[0], found[1]
