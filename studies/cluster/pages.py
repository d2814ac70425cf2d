"""The page of the plan: tables and drawings out of the results."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from string import Template

import numpy as np
from PIL import Image

from precipice.report import save
from precipice.study.rates import RATES
from studies.cluster.cells import cells_of
from studies.cluster.drawings import PARTS, shares, waves
from studies.cluster.measure import CallLine, ColumnLine, TaskLine
from studies.cluster.plan import Site, Workload, call_of, cluster_of, sizes, stages_of
from studies.cluster.rates import Part, Rates, fit, is_warm
from studies.cluster.run import SEED, UPLOADS, Held, Line, base_work, replayed
from studies.cluster.scheduling import Run
from studies.cluster.scheduling import run as run_job
from studies.cluster.uploads import PER_CREATOR

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "cluster-plan.md"
IMAGES = ROOT / "docs" / "images"
TEMPLATE = Path(__file__).parent / "page.md"
PRICES = (0.01, 0.03, 0.10)
DRIVER = 64e9
"""Bytes of memory of a driver, as an example."""
JSON_EACH = 9.12e9 / 5e6
"""Bytes of a post as JSON Lines: benchmarks/results.md."""
CORES = re.compile(r"[\d,]+ cores?")
"""Names of the scenarios in which nothing but the number of cores is varied."""
LOST_AT = 0.35
"""Share of the counting at which the drawing loses an executor."""


def write_page(
    lines: Sequence[Line],
    held: Sequence[Held],
    tasks: Sequence[TaskLine],
    calls: Sequence[CallLine],
    columns: Sequence[ColumnLine],
) -> None:
    """Write the page and its drawings."""
    rates = fit(tasks, calls)
    run, at = example(base_work(columns), rates)
    PAGE.write_text(page_text(lines, held, tasks, calls, columns, rates), encoding="utf-8")
    drawn = save(waves(run, Site().cores, _waves_subtitle(run, at), _waves_notes(run)), IMAGES / "cluster-waves.png")
    with Image.open(drawn) as picture:  # thousands of pieces in few colours: a fifth of the bytes
        picture.convert("RGB").quantize(64, method=Image.Quantize.MAXCOVERAGE).save(drawn, optimize=True)
    save(shares(share_rows(lines), _shares_notes(lines)), IMAGES / "cluster-cores.png")


def page_text(
    lines: Sequence[Line],
    held: Sequence[Held],
    tasks: Sequence[TaskLine],
    calls: Sequence[CallLine],
    columns: Sequence[ColumnLine],
    rates: Rates,
) -> str:
    """Set the page from the results."""
    by = {line.scenario: line for line in lines}
    base, spark = by["100 cores"], by["200 partitions, Spark's default"]
    few, shuffled = by["1,500 uploads a creator"], by["uploads in no order"]
    counting, merging = rates.tasks["cells", "read"], rates.tasks["cells", "merge"]
    words = words_of(tasks, calls)
    apart = [abs(simulated / measured - 1) for measured, simulated in replayed(tasks)]
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        summary=_summary((base, few, shuffled)), scenarios=_scenarios(lines), held=_held(held), rates=_rates(rates),
        worst=f"{100 * max(abs(one.error) for one in held):.0f} %",
        inside=f"{sum(one.low <= one.measured <= one.high for one in held)} of {len(held)}",
        measured=_measured(tasks, calls), assumed=_assumed(base_work(columns)), prices=_prices((base, few, shuffled)),
        cells_law=_law(calls), loads=_loads(calls), inputs=base.inputs, draws=base.draws,
        cells=_billions(base.cells), driver_gb=f"{base.driver_bytes / 1e9:,.0f} GB",
        driver_most=_billions(most_uploads(DRIVER, rates)), few=f"{few.driver_bytes / 1e9:,.0f} GB",
        memory_each=f"{rates.driver_bytes:.0f}",
        base_time=_time(base.seconds), executors=_time(_executors(base)),
        thin_driver=_time(by["a network of 1 Gbit/s"].driver_s - base.driver_s),
        driver_s=_time(base.driver_s), driver_share=f"{100 * base.driver_s / base.seconds:.0f} %",
        task_rows=f"{spark.task_rows / 1e6:.1f} million",
        task_gb=f"{spark.task_bytes / 1e9:.1f} GB", partitions=f"{base.partitions:,}",
        right_rows=f"{base.task_rows / 1e6:.1f} million",
        right_mb=f"{base.task_bytes / 1e6:,.0f} MB", most_rows=f"{merging.most_rows / 1e6:.1f} million",
        most_read=f"{counting.most_rows / 1e6:.1f} million", blocks_network=f"{_pieces(base) / 1e6:.1f} million",
        piece_kb=f"{base.shuffle_bytes / _pieces(base) / 1e3:.1f} kB", top=f"{100 * top_share():.1f} %",
        top_rows=f"{top_rows():,.0f}", words_each=f"{words[0]:.1f}", words_bytes=f"{words[1]:.1f}",
        words_all=f"{words[0] * UPLOADS / 1e9:,.0f} billion", words_tb=f"{words[0] * words[1] * UPLOADS / 1e12:.1f} TB",
        tags=_tags(rates), ingest_hours=f"{RATES['duckdb'].ingest_us * UPLOADS / 1e6 / 3600:.0f}",
        json_tb=f"{JSON_EACH * UPLOADS / 1e12:.1f} TB", ingest_us=f"{RATES['duckdb'].ingest_us:.1f}",
        slow_store=_time(_executors(by["a store of 20 MB/s a core"])),
        thin=_time(_executors(by["a network of 1 Gbit/s"])),
        lossy=_time(_executors(by["each executor lost once in 30 minutes"])),
        again=f"{by['each executor lost once in 30 minutes'].again:,.0f}",
        calm=_time(_executors(by["no slow machine, none lost"])),
        replays=len(apart), replay_median=f"{100 * np.median(apart):.1f} %",
        replay_most=f"{100 * np.quantile(apart, 0.95):.0f} %",
        shuffled=f"{by['uploads in no order'].shuffle_bytes / 1e9:,.0f} GB",
        ordered=f"{base.shuffle_bytes / 1e9:,.0f} GB",
    )  # fmt: skip


def example(work: Workload, rates: Rates) -> tuple[Run, float]:
    """Simulate one counting in which an executor is lost halfway, for the drawing."""
    site, rng = Site(), np.random.default_rng(SEED)
    tasks = stages_of(call_of("cells", work, site, rates, sizes(work, rates)), site, rates, rng)
    cluster = cluster_of(site, rates, rng)
    at = LOST_AT * run_job(tasks, cluster).seconds
    return run_job(tasks, cluster, [(at, 12)]), at


def share_rows(lines: Sequence[Line]) -> list[dict[str, object]]:
    """Give the seconds of each part by number of cores."""
    found: list[dict[str, object]] = []
    for line in lines:
        if CORES.fullmatch(line.scenario):
            seconds = (line.cells_s, line.last_s + line.rows_s, line.start_s, line.driver_s)
            cores = line.executors * line.cores
            found += [{"cores": f"{cores:,} core{'s' * (cores > 1)}", "part": part, "seconds": one,
                       "whole": _time(line.seconds)} for part, one in zip(PARTS, seconds, strict=True)]  # fmt: skip
    return found


def most_uploads(memory: float, rates: Rates) -> float:
    """Give the uploads whose cells a driver can still add up, by bisection on the closed form."""
    low, high = 1e6, 1e11
    while high / low > 1.001:
        middle = (low * high) ** 0.5
        low, high = (
            (middle, high)
            if cells_of(middle, int(middle / PER_CREATOR)) * rates.driver_bytes < memory
            else (low, middle)
        )
    return low


def top_share() -> float:
    """Give the share of uploads by the creator who has most of them."""
    return float(np.log(2) / np.log(UPLOADS / PER_CREATOR))


def top_rows() -> float:
    """Give the most rows that this creator leaves for the shuffle: one for each month that a task has seen."""
    return Workload(UPLOADS).tasks * 2.0


def words_of(tasks: Sequence[TaskLine], calls: Sequence[CallLine]) -> tuple[float, float]:
    """Give the words that an upload's tags come to, and the bytes of one on its way to the driver."""
    asked = [call for call in calls if call.step == "tag words"]
    sent = sum(task.result_bytes for task in tasks if task.step == "tag words" and task.input_rows)
    words = sum(call.answer for call in asked)
    return words / sum(call.rows for call in asked), sent / words


def _pieces(line: Line) -> float:
    return Workload(line.uploads).tasks * line.partitions


def _summary(lines: Sequence[Line]) -> str:
    head = ("| | time | core-hours | through the shuffle | read from the store | memory of the driver |\n"
            "| --- | ---: | ---: | ---: | ---: | ---: |")  # fmt: skip
    names = ("one creator for 15 uploads, in order of time", "one creator for 1,500 uploads",
             "one creator for 15 uploads, in no order")  # fmt: skip
    rows = [
        f"| {name} | {_time(line.seconds)} ({_time(line.low)} to {_time(line.high)}) | {line.core_hours:,.1f} | "
        f"{line.shuffle_bytes / 1e9:,.0f} GB | {line.read_bytes / 1e12:,.2f} TB | {line.driver_bytes / 1e9:,.0f} GB |"
        for name, line in zip(names, lines, strict=True)
    ]
    return "\n".join([head, *rows])


def _scenarios(lines: Sequence[Line]) -> str:
    head = ("| | cores | time | 95 % of draws | of it executors | driver alone | shuffle | cells |\n"
            "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")  # fmt: skip
    rows = [
        f"| {line.scenario} | {line.executors * line.cores:,} | {_time(line.seconds)} | {_time(line.low)} to "
        f"{_time(line.high)} | {_time(_executors(line))} | {_time(line.driver_s)} | "
        f"{line.shuffle_bytes / 1e9:,.0f} GB | {_billions(line.cells)} |"
        for line in lines
    ]
    return "\n".join([head, *rows])


def _executors(line: Line) -> float:
    return line.cells_s + line.last_s + line.rows_s + line.start_s


def _held(held: Sequence[Held]) -> str:
    head = ("| | core-s measured | predicted | share of a core | wall s measured | predicted | 95 % of draws | load |\n"
            "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")  # fmt: skip
    rows = [
        f"| {one.setting}: {one.run} | {one.core_s:.1f} | {one.core_s_predicted:.1f} ({_error(one.core_error)}) | "
        f"{100 * one.core:.0f} % | {one.measured:.1f} | {one.predicted:.1f} ({_error(one.error)}) | "
        f"{one.low:.1f} to {one.high:.1f} | {one.load:.1f} |"
        for one in held
    ]
    return "\n".join([head, *rows])


def _error(share: float) -> str:
    return f"{100 * share:+.0f} %".replace("-", "−")


def _rates(rates: Rates) -> str:
    head = ("| tasks of | start, ms | a row in, µs | a row into the shuffle, µs | spread: 5 %, median, 95 % |\n"
            "| --- | ---: | ---: | ---: | ---: |")  # fmt: skip
    names: Mapping[tuple[str, Part], str] = {
        ("files", "read"): "counting rows", ("last", "read"): "last days, reading",
        ("cells", "read"): "cells, reading and counting", ("cells", "merge"): "cells, adding up",
    }  # fmt: skip
    rows = []
    for (step, part), name in names.items():
        rate = rates.tasks[step, part]
        low, middle, high = np.quantile(rate.ratios, [0.05, 0.5, 0.95])
        rows.append(f"| {name} | {1e3 * rate.start:.0f} | {1e6 * rate.a_row:.3f} | {1e6 * rate.a_written:.3f} | "
                    f"{low:.2f}, {middle:.2f}, {high:.2f} |")  # fmt: skip
    call = rates.calls["cells"]
    rows += [
        "",
        f"- Shuffle: {rates.shuffle_bytes['cells']:.1f} bytes a row; answer: {rates.result_bytes:.1f} bytes a cell.",
        f"- The driver: {1e6 * (call.a_row_s + rates.java_s):.2f} µs to take a cell in, {1e6 * call.after_s:.2f} µs to "
        f"put it in order; {call.fixed_s:.2f} s a counting, whatever its size; {rates.driver_bytes:.0f} bytes of its "
        "memory a cell.",
        f"- A new executor: {rates.cold_s:.1f} s longer on each core, once; a new driver: {rates.cold_driver_s:.1f} s.",
        f"- Memory of a task that adds up: at most {rates.memory_bytes:.0f} bytes a row; spilled: nothing.",
    ]
    return "\n".join([head, *rows])


def _measured(tasks: Sequence[TaskLine], calls: Sequence[CallLine]) -> str:
    head = ("| setting | tasks | CPU-s of tasks, a reduction | rows into the shuffle, an upload | GC | load |\n"
            "| --- | ---: | ---: | ---: | ---: | ---: |")  # fmt: skip
    rows = []
    for name in dict.fromkeys(call.setting for call in calls):
        mine = [t for t in tasks if t.setting == name and t.run.startswith("reduce") and is_warm(t.run)]
        runs, asked = len({t.run for t in mine}), next(call for call in calls if call.setting == name)
        written = sum(t.written_rows for t in mine if t.step == "cells") / runs / asked.rows
        gc = sum(t.gc for t in mine) / max(1, sum(t.took for t in mine))
        rows.append(f"| {name} | {len(mine) // runs} | {sum(t.cpu for t in mine) / 1e3 / runs:.1f} | {written:.2f} | "
                    f"{100 * gc:.0f} % | {asked.load:.1f} |")  # fmt: skip
    return "\n".join([head, *rows])


def _law(calls: Sequence[CallLine]) -> str:
    head = "| uploads | cells measured | cells by the law | |\n| ---: | ---: | ---: | ---: |"
    rows, seen = [], set()
    for call in calls:
        if call.step == "cells" and call.run == "reduce 0":
            mine = [one for one in calls if (one.setting, one.run, one.step) == (call.setting, call.run, "cells")]
            key = call.rows, sum(one.answer for one in mine)
            if key not in seen:
                seen.add(key)
                said = cells_of(call.rows, call.rows // PER_CREATOR)
                rows.append(f"| {key[0]:,} | {key[1]:,} | {said:,.0f} | {100 * (said / key[1] - 1):+.2f} % |")
    return "\n".join([head, *rows]).replace("-0", "−0")


def _tags(rates: Rates) -> str:
    head = "| question | CPU-hours of 5 billion uploads | what comes back |\n| --- | ---: | --- |"
    said = {"tagged": "two numbers", "tags": "a row a tag", "tag months": "a row a creator's month, to the driver"}
    rows = []
    for step, words in said.items():
        rate = rates.tasks[step, "read"]
        rows.append(f"| {step} | {rate.a_row * UPLOADS / 3600:,.1f} | {words} |")
    return "\n".join([head, *rows])


def _assumed(work: Workload) -> str:
    site = Site()
    return "\n".join([
        "| assumed | |", "| --- | --- |",
        f"| executors | {site.executors} of {site.cores} cores, as fast as this machine's, one in 25 half as fast |",
        f"| network | {site.network_gbit_s:.0f} Gbit/s for each executor and for the driver, shared by its cores |",
        f"| store | {site.store_mb_s:.0f} MB/s for each core, never less when all read at once |",
        f"| losses | {site.losses:g} an executor and hour, {site.back_s:.0f} s until another stands in its place |",
        f"| archive | {work.bytes_each} bytes an upload with 30 tags, as measured at 5 million; {work.tasks:,} tasks "
        f"of {work.split_mb:.0f} MiB, of which counting reads {work.read_each} bytes an upload, as measured |",
        f"| creators | one for {PER_CREATOR} uploads, some with millions: log-uniform over ranks; 224 months |",
    ])  # fmt: skip


def _prices(lines: Sequence[Line]) -> str:
    head = "| price of a core-hour | 15 uploads a creator | 1,500 | in no order |\n| ---: | ---: | ---: | ---: |"
    rows = [f"| {price:.2f} | " + " | ".join(f"{line.core_hours * price:,.2f}" for line in lines) + " |"
            for price in PRICES]  # fmt: skip
    return "\n".join([head, *rows])


def _loads(calls: Sequence[CallLine]) -> str:
    loads = [call.load for call in calls]
    return f"{min(loads):.1f} to {max(loads):.1f}"


def _waves_subtitle(run: Run, at: float) -> str:
    return f"25 executors of 4 cores, one of them half as fast; one executor is lost after {at:.0f} seconds"


def _waves_notes(run: Run) -> tuple[str, ...]:
    return (f"Each line is a core, each piece a task whose time is drawn from those measured; {run.again} tasks run "
            "again, those that were running and those whose output was lost. White is waiting.",)  # fmt: skip


def _shares_notes(lines: Sequence[Line]) -> tuple[str, ...]:
    base = next(line for line in lines if line.scenario == "1,000 cores")
    return (f"Words at the right: the whole time. No number of cores takes less than the driver's "
            f"{_time(base.driver_s)}: it fetches the table, puts it in order, and plans.",)  # fmt: skip


def _time(seconds: float) -> str:
    units: tuple[tuple[float, str, Callable[[float], str]], ...] = (
        (2 * 86_400, "days", lambda s: f"{s / 86_400:.1f}"),
        (2 * 3_600, "h", lambda s: f"{s / 3_600:.1f}"),
        (1_800, "min", lambda s: f"{s / 60:.0f}"),
        (120, "min", lambda s: f"{s / 60:.1f}"),
    )
    for least, unit, text in units:
        if seconds >= least:
            return f"{text(seconds)} {unit}"
    return f"{seconds:.0f} s"


def _billions(number: float) -> str:
    return f"{number / 1e9:.2f} billion"
