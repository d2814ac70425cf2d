"""What uploads declare about generative models, as pictures and tables that may be published.

A number of 1 to 4 creators is never given: a share is withheld where so few were asked, or where so few of them
declared; where that is so of one cohort, the other's share is withheld too, since all uploads are known.  Steps of
adoption are of at least 5 creators.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from precipice.cohorts import draw_by_cutoff, vintage_name
from precipice.months import month_text
from precipice.profiles import MARKS, Adoption, Onset, Share, measure_shares
from precipice.profiles.onset import CANNOT_SAY
from precipice.report import publication
from precipice.report.curves import NEUTRAL, Curve, Frame, beside_curves, draw_curves
from precipice.report.figure import Figure
from precipice.report.grids import NONE, Grid
from precipice.report.look import COHORTS, SYNTHETIC, platform_name
from precipice.report.publication import ENOUGH, FEWEST, PERIODS
from precipice.report.tables import FEW
from precipice.report.wording import plural, stem
from precipice.study.findings import Findings

if TYPE_CHECKING:
    import pyarrow as pa

Float = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Shown:
    """Both cohorts' shares of one platform and measure, as they may be published."""

    parts: tuple[Share, ...]
    given: Bool
    """Periods of which both are given, shape (T,)."""
    few: Bool
    """Periods that are withheld, shape (T,)."""


def ai_figures(findings: Findings) -> tuple[Figure, ...]:
    """Give the pictures of declared shares, adoption and onset; none where no platform says anything."""
    if findings.ai is None or findings.ai.says_nothing:
        return ()
    drawn: list[Figure] = []
    for platform in publication.platforms(findings):
        shown = shares_shown(findings, platform)
        drawn += [_share_figure(findings, platform, shown)] if shown is not None else []
        curves = [one for one in findings.ai.adoption if one.platform == platform and one.by == "month"]
        drawn += _adoption_figure(findings, platform, [one for one in curves if one.cohort != "all"])
        onsets = [one for one in findings.ai.onsets if one.platform == platform and not one.refused]
        drawn += [_onset_figure(findings, platform, onset) for onset in onsets]
    return tuple(drawn)


def shares_shown(findings: Findings, platform: str) -> Shown | None:
    """Give a platform's declared shares by month, or by quarter or year where months are of too few creators.

    Returns:
        None where no period may be given.
    """
    if findings.ai is None:
        return None
    labels, cohorts = findings.ai.labels, draw_by_cutoff(findings.panel, findings.study.study.cutoff)
    best = None
    for period in PERIODS:
        parts = tuple(one for one in measure_shares(labels, cohorts, period=period) if one.platform == platform)
        asked = np.any([one.monthly.n > 0 for one in parts], axis=0)
        few = np.any([_few(one) for one in parts], axis=0) & asked
        best = Shown(parts, asked & ~few, few)
        if asked.any() and best.given.sum() >= ENOUGH * asked.sum():
            return best
    return best if best is not None and best.given.any() else None


def _few(share: Share) -> Bool:
    sums = share.monthly
    asked, saying = sums.creators, sums.saying
    return np.asarray(((asked > 0) & (asked < FEWEST)) | ((saying > 0) & (saying < FEWEST)))


def _share_figure(findings: Findings, platform: str, shown: Shown) -> Figure:
    curves = [_share_curve(share, shown.given) for share in shown.parts]
    curves = [curve for curve in curves if np.isfinite(curve.value).any()]
    rule = shown.parts[0].rule
    frame, name = Frame(percent=True), platform_name(platform)
    period = {1: "month", 3: "quarter", 12: "year"}[shown.parts[0].period]
    ends = [f"{curve.label} {_percent(curve.value[np.isfinite(curve.value)][-1])}" for curve in curves]
    return Figure(
        stem=f"ai-share-{stem(findings, platform)}",
        title=f"Uploads declared as made with a generative model, {name}",
        subtitle=f"Share of the uploads that were asked, by {period}; at the end {', '.join(ends)}",
        notes=(
            f"Declared by {rule.declared_by}.",
            "A label errs and is not corrected here. Bands: 95 % limits over creators.",
            f"Withheld: periods in which 1 to {FEWEST - 1} creators were asked or declared.",
        ),
        truth=None,
        description=f"Share of uploads on {name} declared as made with a generative model; at the end "
        f"{', '.join(ends)}.",
        body=lambda layout, width: draw_curves(layout, width, curves, frame),
        numbers=lambda: _share_table(shown),
        beside=lambda layout: beside_curves(layout, curves, frame),
    )


def _share_curve(share: Share, given: Bool) -> Curve:
    low, high = share.interval()
    kept = np.flatnonzero(given)
    kept = np.arange(kept[0], kept[-1] + 1)
    parts = (np.where(given, part, np.nan)[kept] for part in (share.value, low, high))
    return Curve(plural(share.cohort), COHORTS[share.cohort], share.months[kept], *parts)


def _share_table(shown: Shown) -> "pa.Table":
    import pyarrow as pa

    rows = []
    for share in shown.parts:
        low, high = share.interval()
        vintage = {1: "month", 3: "quarter", 12: "year"}[share.period]
        for t in np.flatnonzero(shown.given | shown.few).tolist():
            told = bool(shown.given[t]) and bool(np.isfinite(share.value[t]))
            numbers = (share.value[t], low[t], high[t]) if told else (None,) * 3
            rows.append({
                "platform": share.platform, "cohort": share.cohort,
                "period": vintage_name(int(share.months[t]) // share.period, vintage),  # type: ignore[arg-type]
                **{name: None if value is None else round(float(value), 4)
                   for name, value in zip(("share", "low", "high"), numbers, strict=True)},
                "status": "given" if shown.given[t] else FEW,
            })  # fmt: skip
    return pa.Table.from_pylist(rows)


def _adoption_figure(findings: Findings, platform: str, curves: Sequence[Adoption]) -> list[Figure]:
    steps = [(one, adoption_steps(one)) for one in curves if len(one.at) and one.at_risk[-1] >= FEWEST]
    steps = [(one, kept) for one, kept in steps if kept.any()]
    if not any(one.adopted[kept].max() > 0 for one, kept in steps):
        return []
    drawn = [_adoption_curve(one, kept) for one, kept in steps]
    frame, name = Frame(percent=True, step=True), platform_name(platform)
    ends = ", ".join(f"{curve.label} {_percent(float(curve.value[-1]))}" for curve in drawn)
    return [
        Figure(
            stem=f"ai-adoption-{stem(findings, platform)}",
            title=f"Creators who have ever declared an upload as made with a generative model, {name}",
            subtitle=f"Share of those who had an upload asked about by then; at the end {ends}",
            notes=(f"Bands: 95 % limits. Steps are of at least {FEWEST} creators.",),
            truth=None,
            description=f"Share of creators on {name} who ever declared; at the end {ends}.",
            body=lambda layout, width: draw_curves(layout, width, drawn, frame),
            numbers=lambda: _curve_table(platform, drawn),
            beside=lambda layout: beside_curves(layout, drawn, frame),
        )
    ]


def _adoption_curve(one: Adoption, kept: Bool) -> Curve:
    """Give steps that go on to the end of the last month."""
    at = np.append(one.at[kept], one.at[-1] + 1)
    parts = (np.append(part[kept], part[kept][-1]) for part in (one.share, one.low, one.high))
    return Curve(plural(one.cohort), COHORTS[one.cohort], at, *parts)


def adoption_steps(one: Adoption) -> Bool:
    """Choose the months at which adopters and creators asked have each changed by nobody or by enough, shape (k,)."""
    kept = np.zeros(len(one.at), np.bool_)
    last = (0, 0)
    for t, now in enumerate(zip(one.adopted.tolist(), one.at_risk.tolist(), strict=True)):
        if now[1] >= FEWEST and all(b - a == 0 or b - a >= FEWEST for a, b in zip(last, now, strict=True)):
            kept[t], last = True, now
    return kept


def _curve_table(platform: str, curves: Sequence[Curve]) -> "pa.Table":
    import pyarrow as pa

    return pa.Table.from_pylist([
        {"platform": platform, "line": curve.label, "month": month_text(int(at)), "share": round(float(v), 4)}
        for curve in curves
        for at, v in zip(curve.at[:-1].tolist(), curve.value[:-1].tolist(), strict=True)
    ])  # fmt: skip


def _onset_figure(findings: Findings, platform: str, onset: Onset) -> Figure:
    curves = [
        Curve("adopters", SYNTHETIC, onset.month, onset.adopter_mean),
        Curve("matched", NEUTRAL, onset.month, onset.control_mean),
    ]
    frame = Frame(months=False, across="months from the first declared upload", mark=0.0)
    name = platform_name(platform)
    after = f"{onset.after:+.2f} ({onset.after_low:+.2f} to {onset.after_high:+.2f})".replace("-", "−")
    return Figure(
        stem=f"ai-onset-{stem(findings, platform)}",
        title=f"Uploads a month around the first declared upload, {name}",
        subtitle=f"{onset.matched:,} creators and {onset.controls:,} matches who had not declared by then; in the year "
        f"after, adopters less matches {after} a month",
        notes=(
            "In month 0 all have an upload, adopters and matches alike, so the peak is made by the choice of month.",
            f"It cannot say {CANNOT_SAY}.",
        ),
        truth=None,
        description=f"Mean uploads a month on {name} from a year before to a year after the first declared upload; "
        f"adopters less matches in the year after {after}.",
        body=lambda layout, width: draw_curves(layout, width, curves, frame),
        numbers=onset.table,
        beside=lambda layout: beside_curves(layout, curves, frame),
    )


def ai_grid(findings: Findings) -> Grid | None:
    """Give a row for each platform, measure and cohort of which anything is said; None where nothing is."""
    if findings.ai is None:
        return None
    rows: list[tuple[str, ...]] = []
    for measure, shares in (("declared AI", findings.ai.declared), ("opted out of training", findings.ai.opted_out)):
        rows += _grid_rows(measure, [one for one in shares if not one.says_nothing])
    for mark in MARKS.values():
        told = [one for one in findings.ai.mentions if one.measure == mark.name and one.whole.y[0] > 0]
        rows += _grid_rows(f"tags mention {mark.label}", told)
    header = ("platform", "of uploads", "cohort", "asked", "share", "95 % limits")
    notes = (findings.ai.as_dict()["not_searched"],)
    return Grid("What uploads say of generative models", header, tuple(rows), notes) if rows else None


def _grid_rows(measure: str, shares: Sequence[Share]) -> list[tuple[str, ...]]:
    """Give a row a cohort; where one cohort's share is of too few creators, only the row of all, if that is not."""
    rows: list[tuple[str, ...]] = []
    for platform in dict.fromkeys(one.platform for one in shares):
        parts = [one for one in shares if one.platform == platform]
        hidden = any(_whole_few(one) for one in parts if one.cohort != "all")
        for one in parts:
            withheld = _whole_few(one) or (hidden and one.cohort != "all")
            told = one.as_dict()
            asked = NONE if withheld else f"{told['asked']:,}"
            share = FEW if withheld else _percent(told["share"])
            limits = NONE if withheld else f"{_percent(told['low'])} to {_percent(told['high'])}"
            rows.append((platform_name(platform), measure, plural(one.cohort), asked, share, limits))
    return rows


def _whole_few(share: Share) -> bool:
    asked, saying = float(share.whole.creators[0]), float(share.whole.saying[0])
    return 0 < asked < FEWEST or 0 < saying < FEWEST


def ai_rules(findings: Findings) -> tuple[str, ...]:
    """Say the rule of each platform shown, in the order of the page; nothing where no archive was read."""
    if findings.ai is None:
        return ()
    rules = {rule.platform: rule for rule in findings.ai.rules}
    known = [rules[name] for name in publication.platforms(findings) if name in rules]
    return tuple(f"{platform_name(rule.platform)}: {rule.summary().partition(': ')[2]}." for rule in known)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share < 0.1 else f"{100 * share:.0f} %"
