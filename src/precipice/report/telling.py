"""Findings as the document that `findings.json` holds: the same numbers and sentences as on the page, and no others."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from precipice.archive import Source
from precipice.archive.manifest import write_atomically
from precipice.effects import Effect, Verdict, judge
from precipice.errors import InputError
from precipice.months import month_text
from precipice.report import publication
from precipice.report.ai_charts import ai_grid, ai_rules
from precipice.report.change import Change, changes
from precipice.report.document import (
    Answer,
    Asked,
    Cell,
    Document,
    FigureTold,
    LimitTold,
    Section,
    SourceTold,
    TableTold,
)
from precipice.report.figure import Figure
from precipice.report.grids import Grid
from precipice.report.limits import limits
from precipice.report.look import platform_name
from precipice.report.loop_section import loop_sentences, loop_words
from precipice.report.own_files import own_grids, own_sentences
from precipice.report.sizes import Size, cohort_sizes
from precipice.report.supply_charts import runway_grid, unforeseen
from precipice.report.theme_charts import theme_words
from precipice.report.told import (
    ChangeTold,
    CohortTold,
    ComparisonTold,
    EffectTold,
    EventTold,
    RowTold,
    StatusTold,
    VerdictTold,
)
from precipice.report.verdicts import comparisons
from precipice.report.wording import everybody, planted
from precipice.report.words import EXPECTED, counting, facts, lead, verdict_sentence
from precipice.study.findings import Findings

FINDINGS = "findings.json"
DIGITS = 6
"""Significant digits of a number: more than any page shows, and fewer than machines differ in."""


def tell(findings: Findings, figures: Iterable[tuple[int, str, Figure]]) -> Document:
    """Give everything that a page says of findings, as it may be published.

    Args:
        findings: what a study found.
        figures: each with its number on the page and the figure of the paper that it follows.
    """
    names = publication.platforms(findings)
    return Document(
        simulated=planted(findings),
        asked=_asked(findings, names),
        answer=Answer(
            lead=list(lead(findings)),
            counting=counting(findings), facts=list(facts(findings)), expected=EXPECTED,
        ),
        changes=[one for name in names for one in _changes(findings, name)],
        cohorts=[_cohort(size) for name in names for size in cohort_sizes(findings, name)],
        events=[EventTold(name=e.name, label=e.label, day=e.day.isoformat(), source=e.source) for e in findings.events],
        verdicts=[_verdict(findings, one) for one in findings.verdicts or judge(findings.effects)],
        effects=[_effect(one) for one in findings.effects],
        comparisons=[
            ComparisonTold(method=method, compares_with=compares, cannot_say=cannot)
            for method, compares, cannot in comparisons(findings)
        ],
        figures=[_figure(*one) for one in sorted(figures, key=lambda one: one[0])],
        tables=[_table(section, grid) for section, grid in _grids(findings)],
        words=_words(findings),
        sources=[_source(one) for one in findings.sources],
        limits=[LimitTold(name=name, words=words) for name, _, words in (s.partition(". ") for s in limits(findings))],
    )  # fmt: skip


def write_document(document: Document, folder: Path) -> Path:
    """Write `findings.json`; the same document gives the same bytes."""
    target = folder / FINDINGS
    write_atomically(target, laid_out(document.plain()) + "\n")
    return target


def read_findings(folder: Path) -> Document:
    """Read a study's `findings.json`.

    Raises:
        InputError: there is none, or it is not of this shape.
    """
    place = folder / FINDINGS
    try:
        return Document.model_validate_json(place.read_bytes())
    except (OSError, ValidationError) as error:
        raise InputError(
            f"{FINDINGS} cannot be read", where=str(place), why=str(error).partition("\n")[0],
            fix="write it anew:  precipice report",
        ) from error  # fmt: skip


def laid_out(value: Any, depth: int = 0) -> str:  # noqa: ANN401  whatever JSON holds
    """Write JSON with a line a name, and a line a row: lists of plain values are not broken."""
    lead, end = "\n" + " " * (depth + 1), "\n" + " " * depth
    if isinstance(value, Mapping) and value:
        parts = (f"{json.dumps(name, ensure_ascii=False)}: {laid_out(part, depth + 1)}" for name, part in value.items())
        return "{" + lead + f",{lead}".join(parts) + end + "}"
    if isinstance(value, list) and any(isinstance(part, list | Mapping) for part in value):
        return "[" + lead + f",{lead}".join(laid_out(part, depth + 1) for part in value) + end + "]"
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def number(value: float | None) -> float | None:
    """Give a number to so many digits; None for what is none, or infinite."""
    if value is None or not isfinite(value):
        return None
    return float(f"{value:.{DIGITS}g}") + 0.0  # no negative nought


def _asked(findings: Findings, names: Sequence[str]) -> Asked:
    study, effects = findings.study.study, findings.study.effects
    return Asked(
        title=study.title, platforms=list(names), names={name: platform_name(name) for name in names},
        creators=everybody(findings), start=month_text(findings.start), end=month_text(findings.end),
        cutoff=month_text(study.cutoff), cap=study.cap, unit=study.unit, clock=study.clock, frame=study.frame,
        partial=study.partial, seed=study.seed, drawn=study.n, where=study.where, look_back=effects.look_back,
        window=effects.window, excluded=[month_text(month) for month in effects.exclude], control=effects.control,
    )  # fmt: skip


def _changes(findings: Findings, platform: str) -> list[ChangeTold]:
    lines = publication.split(findings, platform, capped=True)
    return [_change(platform, line.name, one) for line, one in zip(lines, changes(findings, platform), strict=True)]


def _change(platform: str, cohort: str, change: Change | None) -> ChangeTold:
    if change is None:
        nothing = dict.fromkeys(("before", "after", "percent", "percent_low", "percent_high"))
        return ChangeTold(platform=platform, cohort=cohort, direction="too short", first=[], last=[], **nothing)
    shares = (100 * change.ratio, 100 * change.low, 100 * change.high)
    given = change.direction != "withheld"
    before, after, *percents = (number(value) if given else None for value in (change.before, change.after, *shares))
    return ChangeTold(
        platform=platform, cohort=cohort, direction=change.direction, first=[month_text(m) for m in change.first],
        last=[month_text(m) for m in change.last], before=before, after=after, percent=percents[0],
        percent_low=percents[1], percent_high=percents[2],
    )  # fmt: skip


def _cohort(size: Size) -> CohortTold:
    first, last = (None if month is None else month_text(month) for month in (size.first, size.last))
    return CohortTold(
        platform=size.platform, cohort=size.cohort, creators=size.creators, uploads=size.uploads, capped=size.capped,
        withheld=size.withheld, capped_withheld=size.capped_withheld, first=first, last=last,
    )  # fmt: skip


def _verdict(findings: Findings, verdict: Verdict) -> VerdictTold:
    rows = [RowTold(question=row.question, answer=row.answer, detail=row.detail) for row in verdict.rows]
    return VerdictTold(
        platform=verdict.platform, event=verdict.event, month=month_text(verdict.cutoff),
        conclusion=verdict.conclusion or "cannot tell",
        sentence=verdict_sentence(findings, verdict), p=number(verdict.p), p_holm=number(verdict.p_holm), rows=rows,
    )  # fmt: skip


def _effect(effect: Effect) -> EffectTold:
    names = ("percent", "percent_low", "percent_high", "p", "p_holm", "p_rank")
    numbers = {name: None if effect.refused else number(getattr(effect, name)) for name in names}
    return EffectTold(
        platform=effect.platform, event=effect.event, month=month_text(effect.cutoff), method=effect.method,
        outcome=effect.outcome, refused=effect.refused, **numbers,
        percent_detectable=None if effect.refused else number(abs(effect.percent_detectable)),
        creators=publication.rounded(effect.n_creators), placebos=effect.n_placebos, answer=effect.verdict,
        statuses=[StatusTold.model_validate(status.as_dict()) for status in effect.reasons],
    )  # fmt: skip


def _figure(place: int, after: str, figure: Figure) -> FigureTold:
    table = figure.table()
    return FigureTold(
        number=place, stem=figure.stem, title=figure.title, subtitle=figure.subtitle, notes=list(figure.notes),
        description=figure.description, after=after, columns=table.column_names,
        rows=[[_cell(value) for value in row.values()] for row in table.to_pylist()],
    )  # fmt: skip


def _cell(value: Any) -> Cell:  # noqa: ANN401  whatever a table holds
    if isinstance(value, float):
        return number(value)
    if isinstance(value, list):
        return [_cell(part) for part in value]  # type: ignore[return-value]
    return value if isinstance(value, str | int | bool) or value is None else str(value)


def _grids(findings: Findings) -> Iterator[tuple[Section, Grid]]:
    ai = ai_grid(findings)
    if ai:
        yield "ai", ai
    for outlook in findings.outlooks:
        if outlook.runways:
            yield "supply", runway_grid(outlook)
    loops = loop_words(findings)
    if loops:
        yield "loops", loops.made_by
    for grid in own_grids(findings):
        yield "own", grid


def _table(section: Section, grid: Grid) -> TableTold:
    return TableTold(
        section=section, caption=grid.caption, columns=list(grid.header),
        rows=[list(row) for row in grid.rows], notes=list(grid.notes),
    )  # fmt: skip


def _words(findings: Findings) -> dict[str, list[str]]:
    told = [] if findings.own is None else [findings.own.marks.linked.summary(), *own_sentences(findings)]
    return {
        "themes": list(theme_words(findings)), "ai": list(ai_rules(findings)), "supply": list(unforeseen(findings)),
        "loops": list(loop_sentences(findings)), "own": told,
    }  # fmt: skip


def _source(source: Source) -> SourceTold:
    return SourceTold(
        kind=source.kind, files={file.name: file.sha256 for file in source.files}, read=source.read, kept=source.kept,
        replaced=source.replaced, dropped={rule: rows for rule, rows in sorted(source.dropped.items()) if rows},
    )  # fmt: skip
