"""Write docs/real-panels.md and its pictures from the real panels: `python scripts/real_panels.py ../shared/data`.

Everything is computed anew, in half a minute; without `--pictures` only the numbers are.
"""

import argparse
import csv
import gzip
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from string import Template

import numpy as np

import precipice as pc
from precipice.cohorts import draw_by_cutoff, everyone
from precipice.effects import (
    HEADLINE,
    OUTCOME_WORDS,
    TRIM,
    Effect,
    Question,
    Specifications,
    case_for,
    estimate,
    follow,
    from_panel,
    judge,
    read_naively,
    specify,
    survive,
)
from precipice.months import month_start, month_text, parse_month
from precipice.panel import Panel
from precipice.records import EVENTS, Event
from precipice.report import Figure, uploads_by_platform
from precipice.report.naive_chart import naive_beside_ours
from precipice.report.path_charts import paths_at
from precipice.report.percents import signed, with_interval
from precipice.report.placebo_charts import placebos_on
from precipice.report.saving import POINTS_A_PIXEL, paper_svg
from precipice.report.specification_chart import specification_curve
from precipice.report.survival_chart import survival_figure
from precipice.series import count, retain
from precipice.study import Findings, Study
from precipice.study.estimating import estimate_events
from precipice.study.illustrating import NaivelyOn
from precipice.study.opening import open_panel
from precipice.study.settings import read_study

ROOT = Path(__file__).parent.parent
PAGE, IMAGES = ROOT / "docs" / "real-panels.md", ROOT / "docs" / "images"
EVENT = EVENTS["stable-diffusion"]
OCTOBERS = tuple(parse_month(f"{year}-10") for year in (2021, 2022, 2023))
DRIVEN = ("free-programming-books", "tldr-pages", "melpa")
SHADERTOY = (parse_month("2016-06"), parse_month("2020-11"))
"""First and last month asked of Shadertoy: the last has a year after it."""
PIXELS_AN_INCH = 144
WHOLE = 24
"""Months that S1 looks at around a cutoff."""


def read(data: Path, name: str, platforms: Sequence[str] = ()) -> Panel:
    """Read one of the panels, or some of its platforms; the last month may be unfinished, earlier ones may be missing.

    Args:
        data: the folder of panels.
        name: of the panel.
        platforms: which of its platforms; all where none is named.
    """
    with gzip.open(data / "panels" / f"{name}.csv.gz", "rt", encoding="utf-8") as lines:
        rows = [(row["platform"], row["creator_id"], row["timestamp"][:7]) for row in csv.DictReader(lines)]
    rows = [row for row in rows if not platforms or row[0] in platforms]
    platform, creator, month = (np.array(column) for column in zip(*rows, strict=True))
    table = {"platform": platform, "creator": creator, "month": month, "uploads": np.ones(len(rows), int)}
    return from_panel(table, complete=False)


def asked(panel: Panel, exclude: Sequence[int] = ()) -> tuple[Effect, ...]:
    """Ask S1 on the outcome that verdicts rest on, on every platform, at Stable Diffusion."""
    effects = estimate(panel, EVENT.month, event=EVENT.name, methods=["S1"], exclude=exclude)
    return tuple(effect for effect in effects if effect.outcome == HEADLINE)


def at_every_month(panel: Panel) -> dict[int, Effect]:
    """Ask S1 of Shadertoy at every month as if an event fell into it."""
    months = range(SHADERTOY[0], SHADERTOY[1] + 1)
    found = {month: estimate(panel, month, methods=["S1"], frame="random") for month in months}
    return {month: next(e for e in effects if e.outcome == HEADLINE) for month, effects in found.items()}


def numbers(data: Path) -> dict[str, str]:
    """Give everything that the page says in words and tables."""
    panels = {name: read(data, name) for name in ("git_contributions", "open_icons", "shadertoy", "foundation")}
    git, icons = panels["git_contributions"], panels["open_icons"]
    parts = {"outcome": OUTCOME_WORDS[HEADLINE], "trim": str(TRIM)}
    for short, panel in zip(("git", "icons", "shadertoy", "foundation"), panels.values(), strict=True):
        parts |= {
            f"{short}_rows": f"{int(panel.count.sum()):,}",
            f"{short}_creators": f"{len(panel):,}",
            f"{short}_platforms": str(len(panel.platforms)),
            f"{short}_span": f"{month_text(panel.start)} to {month_text(panel.end)}",
        }
    raw, without = asked(git), asked(git, OCTOBERS)
    parts["git_table"] = _table(
        ["repository", "contributors", "S1", "p", "Octobers of 2021–2023 left out", "answer", "because"],
        [
            [one.platform, f"{len(git.only(one.platform)):,}", _number(one), _p(one), _number(other), one.verdict,
             _because(one)]
            for one, other in zip(raw, without, strict=True)
        ],
    )  # fmt: skip
    tldr, tldr_without = (next(e for e in part if e.platform == "tldr-pages") for part in (raw, without))
    parts |= {"tldr_raw": with_interval(tldr), "tldr_without": with_interval(tldr_without)}
    parts |= {"october_table": _octobers(git), "october_factor": f"{_october_factor(git):.2f}"}
    of_icons = asked(icons)
    parts["icons_refused"] = str(sum(effect.refused for effect in of_icons))
    parts["icons_table"] = _table(
        ["archive", "creators", "S1", "answer", "because"],
        [[one.platform, f"{len(icons.only(one.platform)):,}", _number(one), one.verdict, _because(one)]
         for one in of_icons],
    )  # fmt: skip
    parts |= _shadertoy(panels["shadertoy"])
    boom = estimate(panels["foundation"], EVENTS["nft-boom"].month, event="nft-boom")
    parts["foundation_sentence"] = judge(boom)[0].sentence
    parts["openmoji_sentence"] = _openmoji()
    return parts


def _shadertoy(panel: Panel) -> dict[str, str]:
    found = at_every_month(panel)
    told = {month: effect for month, effect in found.items() if not effect.refused}
    clear = [month for month, effect in told.items() if effect.p < 0.05]
    span = max(told) - min(told) + 1
    specified = _specifications(panel)
    same, lower, higher = specified.agreement()
    ends = [signed(one.effect.percent) for one in (specified.told[0], specified.told[-1])]
    return {
        "months_first": month_text(SHADERTOY[0]), "months_last": month_text(SHADERTOY[1]),
        "months_asked": str(len(found)), "months_refused": str(len(found) - len(told)),
        "months_told": str(len(told)), "months_found": str(len(clear)) if clear else "none",
        "months_worth": str(1 + (span - 1) // WHOLE), "shadertoy_last": month_text(SHADERTOY[1]),
        "shadertoy_specified": f"{len(specified.told)} of {len(specified.all)} give a number, from {ends[0]} to "
        f"{ends[1]}; {100 * same:.0f} % have the headline's sign, {100 * lower:.0f} % are clearly lower than none and "
        f"{100 * higher:.0f} % clearly higher.",
    }  # fmt: skip


def _specifications(panel: Panel) -> Specifications:
    return specify(panel, "shadertoy", Question(_day(SHADERTOY[1]).name, SHADERTOY[1], frame="random"))


def _openmoji() -> str:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "openmoji"
        pc.init(folder, example="openmoji")
        settings = read_study(folder)
        return judge(estimate_events(open_panel(folder, settings), settings, [EVENT]))[0].sentence


def _octobers(git: Panel) -> str:
    rows = []
    for name in DRIVEN:
        part = git.only(name)
        total = np.bincount(part.month, part.count, part.n_months)
        at = [parse_month(f"{year}-10") - part.start for year in range(2018, 2025)]
        ratios = [total[i] / np.mean(total[[i - 2, i - 1, i + 1, i + 2]]) for i in at]
        rows.append([name, *(f"{ratio:.1f}" for ratio in ratios)])
    return _table(["repository", *map(str, range(2018, 2025))], rows)


def _october_factor(git: Panel) -> float:
    case = case_for(git, "tldr-pages", Question(EVENT.name, EVENT.month))
    return float(case.outcome(HEADLINE).season[9])


def pictures(data: Path) -> dict[str, Figure]:
    """Give the page's pictures by name of file."""
    git, shadertoy = read(data, "git_contributions"), read(data, "shadertoy")
    driven = _findings(read(data, "git_contributions", DRIVEN), EVENT, "2018-01", "2024-12")
    drawn = {"real-october": uploads_by_platform(driven)}
    for name, exclude in (("real-tldr-paths", ()), ("real-tldr-paths-without", OCTOBERS)):
        findings = _findings(git.only("tldr-pages"), EVENT, "2018-01", "2024-12")
        case = case_for(git, "tldr-pages", Question(EVENT.name, EVENT.month, excluded=exclude))
        drawn[name] = paths_at(findings, EVENT.label, [follow(case, "incumbents", o) for o in ("capped", "counts")])
    month = SHADERTOY[1]
    event = _day(month)
    findings = _findings(shadertoy, event, "2014-01", "2021-10")
    effects = estimate(shadertoy, month, event=event.name, methods=["S1", "S2", "S12"], frame="random")
    findings = Findings(**{**vars(findings), "effects": effects})
    main = [effect for effect in effects if (effect.method, effect.outcome) == ("S1", HEADLINE)]
    cutoff = month - 7  # as far before the event as the paper's cutoff lies before Stable Diffusion
    naive = NaivelyOn("shadertoy", event.name, read_naively(shadertoy, "shadertoy", cutoff, month))
    drawn["real-shadertoy-placebos"] = placebos_on(findings, "shadertoy", main)
    drawn["real-shadertoy-naive"] = naive_beside_ours(findings, naive)
    drawn["real-shadertoy-specifications"] = specification_curve(findings, _specifications(shadertoy))
    stayed = survival_figure(findings, survive(shadertoy, event=month)[0])
    return drawn | ({"real-shadertoy-survival": stayed} if stayed else {})


def _findings(panel: Panel, event: Event, start: str, end: str) -> Findings:
    first, last = parse_month(start), parse_month(end)
    study = Study()
    return Findings(
        study=study, panel=panel, start=first, end=last, events=(event,),
        overall=count(panel, everyone(panel), start=first, end=last),
        cohorts=count(panel, draw_by_cutoff(panel, event.month), start=first, end=last),
        retention=retain(panel), sources=(),
    )  # fmt: skip


def _day(month: int) -> Event:
    name = month_text(month)
    return Event(name, name, date(*month_start(month).timetuple()[:3]), "no event")


def _number(effect: Effect) -> str:
    return "–" if effect.refused else with_interval(effect)


def _p(effect: Effect) -> str:
    return "–" if effect.refused else f"{effect.p_holm:.2f}"


def _because(effect: Effect) -> str:
    graver = [status for status in effect.reasons if status.weight == "refuses"] or [
        status for status in effect.reasons if status.name == "small"
    ]
    return ", ".join(f"`{status.name}`" for status in graver)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def write(parts: Mapping[str, str]) -> str:
    """Give the page's text."""
    template = Template((Path(__file__).parent / "real_panels.md").read_text(encoding="utf-8"))
    return template.substitute(parts)


def main() -> None:
    """Write the page, and the pictures where asked."""
    import vl_convert

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with the panels")
    parser.add_argument("--pictures", action="store_true", help="draw them anew")
    asked_for = parser.parse_args()
    PAGE.write_text(write(numbers(asked_for.data)), encoding="utf-8")
    for name, figure in pictures(asked_for.data).items() if asked_for.pictures else ():
        svg = paper_svg(figure, 178)
        png = vl_convert.svg_to_png(svg, scale=POINTS_A_PIXEL, ppi=PIXELS_AN_INCH)
        (IMAGES / f"{name}.png").write_bytes(bytes(png))


if __name__ == "__main__":
    main()
