"""The plan for a cluster: a short version, and that its committed results and page are those of its code."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from studies.cluster.cells import CREDITS, cells_of, cells_of_task, month_limits, ranks
from studies.cluster.drawings import PARTS
from studies.cluster.measure import (
    ASKED,
    HELD_OUT,
    CallLine,
    ColumnLine,
    TaskLine,
    read_calls,
    read_columns,
    read_tasks,
)
from studies.cluster.pages import PAGE, page_text, share_rows
from studies.cluster.plan import CALLS, Site, Workload, on_cores, simulate, sizes
from studies.cluster.rates import Rates, fit, fit_tasks, is_warm
from studies.cluster.run import DRAWS, read_held, read_lines, replayed, scenarios
from studies.cluster.uploads import PER_CREATOR

SMALL = Workload(1e8, partitions=50)


@pytest.fixture(scope="module")
def tasks() -> list[TaskLine]:
    return read_tasks()


@pytest.fixture(scope="module")
def calls() -> list[CallLine]:
    return read_calls()


@pytest.fixture(scope="module")
def columns() -> list[ColumnLine]:
    return read_columns()


@pytest.fixture(scope="module")
def rates(tasks: list[TaskLine], calls: list[CallLine]) -> Rates:
    return fit(tasks, calls)


def seconds(work: Workload, site: Site, rates: Rates) -> float:
    return simulate(work, site, rates, np.random.default_rng(1)).seconds


def test_the_law_of_cells_is_that_of_draws() -> None:
    """Against drawing them one by one: the count varies by less than its root."""
    rng, uploads, creators = np.random.default_rng(3), 20_000, 1_333
    drawn = rng.poisson(CREDITS * uploads)
    rank = np.floor(creators ** rng.random(drawn)).astype(int)
    month = np.searchsorted(month_limits(), rng.random(drawn), "right")
    found = len(np.unique(rank * 1_000 + month))
    assert abs(cells_of(uploads, creators) - found) < 4 * found**0.5
    one, many = ranks(50_000)
    assert one @ many == pytest.approx(1)
    assert many.sum() == pytest.approx(49_999)


def test_the_law_of_cells_is_that_of_the_archives_that_were_measured(calls: Sequence[CallLine]) -> None:
    first = [call for call in calls if call.run == "reduce 0" and call.step == "cells"]
    for call in first:
        said = cells_of(call.rows, call.rows // PER_CREATOR)
        assert call.answer == pytest.approx(said, rel=2e-3), call.setting


def test_what_tasks_send_is_what_the_law_says(tasks: Sequence[TaskLine]) -> None:
    """Tasks of archives in no order meet all creators and months; those of one in order of time, few months."""
    for asked in ASKED:
        mine = [t for t in tasks if (t.setting, t.run, t.step) == (asked.name, "reduce 0", "cells") and t.written_rows]
        each = sum(t.input_rows for t in mine) / len(mine)
        said = len(mine) * cells_of_task(each, asked.rows, asked.rows // PER_CREATOR, asked.order)
        assert sum(t.written_rows for t in mine) == pytest.approx(said, rel=0.03), asked.name


def test_a_reduction_asks_what_the_plan_lays_out(calls: Sequence[CallLine]) -> None:
    for asked in ASKED:
        steps = tuple(call.step for call in calls if (call.setting, call.run) == (asked.name, "reduce 1"))
        assert steps == CALLS


def test_a_line_is_found_again_in_tasks_that_lie_on_one() -> None:
    rng = np.random.default_rng(0)
    rows, written = rng.integers(10_000, 10**6, 40), rng.integers(5_000, 10**5, 40)
    known = TaskLine("", "reduce 1", 0, "cells", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    lines = [
        replace(known, input_rows=int(n), written_rows=int(w), took=1e9, cpu=1e3 * (0.1 + 2e-6 * n + 3e-6 * w))
        for n, w in zip(rows, written, strict=True)
    ]
    rate = fit_tasks(lines)
    assert [rate.start, 1e6 * rate.a_row, 1e6 * rate.a_written] == pytest.approx([0.1, 2, 3])
    assert rate.ratios == pytest.approx(1)


def test_more_cores_take_less_time_down_to_what_the_driver_takes(rates: Rates) -> None:
    calm = Site(losses=0, slow=0)
    found = [simulate(SMALL, on_cores(calm, cores), rates, np.random.default_rng(1)) for cores in (1, 10, 100, 1_000)]
    times = [one.seconds for one in found]
    assert times[0] > 3 * times[1] > 3 * times[2] > 2.95 * times[3]
    assert times[-1] > sum(driver for _, _, driver in found[-1].calls)


def test_what_stands_in_the_way_takes_time(rates: Rates) -> None:
    base = seconds(SMALL, Site(slow=0, losses=0), rates)
    assert seconds(SMALL, Site(slow=0.2, losses=0), rates) > base
    assert seconds(SMALL, Site(slow=0, losses=0, store_mb_s=0.5), rates) > base
    assert seconds(SMALL, Site(slow=0, losses=0, network_gbit_s=0.05), rates) > base
    assert seconds(replace(SMALL, order="shuffled"), Site(slow=0, losses=0), rates) > base
    assert seconds(SMALL, Site(slow=0, losses=60, back_s=30), rates) > base


def test_the_scheduler_gives_measured_tasks_their_measured_time(tasks: Sequence[TaskLine]) -> None:
    apart = [abs(simulated / measured - 1) for measured, simulated in replayed(tasks)]
    assert np.median(apart) < 0.05
    assert len(apart) > 20


def test_nothing_is_fitted_on_what_is_held_out(
    tasks: Sequence[TaskLine], calls: Sequence[CallLine], rates: Rates
) -> None:
    less = fit([t for t in tasks if t.setting not in HELD_OUT], [c for c in calls if c.setting not in HELD_OUT])
    assert less.tasks["cells", "read"].a_row == rates.tasks["cells", "read"].a_row
    assert {one.setting for one in read_held()} == set(HELD_OUT)
    warm = [one for one in read_held() if "warm" in one.run]
    assert max(abs(one.core_error) for one in warm) < 0.35
    assert any(is_warm(call.run) for call in calls if call.setting in HELD_OUT)


def test_the_committed_results_are_those_of_the_code(rates: Rates, columns: Sequence[ColumnLine]) -> None:
    lines = read_lines()
    assert [line.scenario for line in lines] == [scenario.name for scenario in scenarios(columns)]
    for line, scenario in zip(lines, scenarios(columns), strict=True):
        size = sizes(scenario.work, rates)
        assert line.draws == DRAWS
        for name in ("cells", "read_bytes", "shuffle_bytes", "result_bytes", "task_rows"):
            assert getattr(line, name) == pytest.approx(getattr(size, name), rel=1e-5), (line.scenario, name)
        assert line.low <= line.seconds <= line.high
    whole = simulate(next(scenarios(columns)).work, Site(), rates, np.random.default_rng(1)).seconds
    assert whole == pytest.approx(next(line.seconds for line in lines if line.scenario == "100 cores"), rel=0.3)


def test_the_page_is_that_of_the_committed_results(
    tasks: Sequence[TaskLine], calls: Sequence[CallLine], columns: Sequence[ColumnLine], rates: Rates
) -> None:
    assert PAGE.read_text(encoding="utf-8") == page_text(read_lines(), read_held(), tasks, calls, columns, rates)


def test_each_number_of_cores_is_drawn_once() -> None:
    rows = share_rows(read_lines())
    assert [row["cores"] for row in rows if row["part"] == next(iter(PARTS))] == [
        "1 core", "10 cores", "100 cores", "1,000 cores"
    ]  # fmt: skip
