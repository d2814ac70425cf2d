"""Whatever the numbers of a population, its panel holds together."""

from dataclasses import replace

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from precipice.errors import InputError
from precipice.months import parse_month
from precipice.panel import Panel
from precipice.population import Frame, Planted, Population, join_panels, populate

START = parse_month("2020-01")


def between(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False)


@st.composite
def populations(draw: st.DrawFn) -> Population:
    """Populations of 1 to 40 months whose event, frame and records may lie anywhere in them."""
    end = START + draw(st.integers(0, 39))
    month = st.integers(START, end)
    falling = draw(between(0, 1))
    frame = Frame(
        kind=draw(st.sampled_from(["population", "random", "followers", "recent"])),
        size=draw(st.none() | st.integers(1, 8)),
        followers_over=draw(st.integers(0, 100)),
        recent_months=draw(st.integers(1, 50)),
        history_from=draw(st.none() | month),
    )
    planted = Planted(
        month=draw(month),
        level=draw(between(-0.9, 1)),
        slope=draw(between(-0.5, 0.1)),
        exit=draw(between(0.1, 10)),
        entry=draw(between(-0.9, 1)),
        newcomers=draw(st.booleans()),
    )
    return Population(
        start=START,
        end=end,
        entries=draw(between(0.5, 30)),
        surge_month=draw(month),
        rate=draw(between(0.01, 5)),
        rate_sigma=draw(between(0, 2)),
        dispersion=draw(between(0, 4)),
        lifetime=draw(between(0.01, 100)),
        lifetime_shape=draw(between(0.2, 3)),
        frailty=draw(between(0, 5)),
        dormancy=falling,
        waking=draw(between(0, 1 - falling)),
        calendar_sd=draw(between(0, 0.5)),
        groups=draw(st.sampled_from(["none", "vintage", "tag"])),
        group_size=draw(st.integers(1, 12)),
        group_sd=draw(between(0, 0.5)),
        rate_drift=draw(between(-1, 1)),
        lifetime_drift=draw(between(-1, 1)),
        platform_shock=draw(between(-0.9, 1)),
        planted=planted,
        frame=frame,
    )


def simulated(population: Population, seed: int) -> Panel:
    """Give a panel, and pass over populations whose frame nobody, or too few, are in."""
    try:
        return populate(population, np.random.default_rng(seed))
    except InputError:
        assume(False)
        raise


def assert_holds_together(panel: Panel) -> None:
    n, lengths = len(panel), np.diff(panel.indptr)
    assert panel.indptr[0] == 0
    assert panel.indptr[-1] == len(panel.month) == len(panel.count)
    assert lengths.min() >= 1
    assert panel.count.min() >= 1
    assert panel.month.min() >= 0
    assert panel.start + panel.month.max() <= panel.end
    within = np.diff(panel.row) == 0
    assert (np.diff(panel.month)[within] > 0).all()
    assert np.array_equal(panel.first, panel.start + panel.month[panel.indptr[:-1]])
    assert len(panel.platform) == len(panel.first) == len(panel.followers) == n
    assert all(len(used) == n for used in panel.tags.values())
    same = np.diff(panel.platform) == 0
    assert (np.diff(panel.platform) >= 0).all()
    assert (np.diff(panel.creators)[same] > 0).all()
    dtypes = [a.dtype.name for a in (panel.creators, panel.platform, panel.indptr, panel.month, panel.count)]
    assert dtypes == ["int64", "int16", "int64", "int16", "int32"]


@settings(deadline=None, max_examples=150)
@given(population=populations(), seed=st.integers(0, 2**32))
def test_simulated_panels_hold_together_and_obey_their_frame(population: Population, seed: int) -> None:
    panel, frame = simulated(population, seed), population.frame
    assert_holds_together(panel)
    assert panel.origin == "simulated"
    assert frame.size is None or len(panel) <= frame.size
    assert frame.kind != "followers" or panel.followers.min() > frame.followers_over
    assert frame.kind != "recent" or panel.last.min() > population.end - frame.recent_months
    assert panel.start == (population.start if frame.history_from is None else frame.history_from)


@settings(deadline=None, max_examples=50)
@given(one=populations(), other=populations(), seed=st.integers(0, 2**32))
def test_joined_panels_hold_together_and_lose_nothing(one: Population, other: Population, seed: int) -> None:
    parts = [simulated(replace(p, platform=name), seed) for p, name in ((one, "b"), (other, "a"))]
    joined = join_panels(parts)
    assert_holds_together(joined)
    assert joined.platforms == ("a", "b")
    assert joined.count.sum() == sum(part.count.sum() for part in parts)
    assert joined.end == max(part.end for part in parts)
