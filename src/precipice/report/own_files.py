"""The part of the page on the user's own files: what they carry, and how alike the pictures among them are."""

from functools import partial
from typing import Any

from precipice.report.figure import Figure
from precipice.report.grids import Grid
from precipice.report.look import platform_name
from precipice.report.mark_charts import families_grid, mark_figures, marks_grid
from precipice.report.style_charts import sheets, style_figures
from precipice.report.wording import stem
from precipice.study.findings import Findings
from precipice.study.profiling.styles import StylesProfile


def own_figures(findings: Findings) -> tuple[Figure, ...]:
    """Give the pictures of marks and styles; none where no files were named."""
    own = findings.own
    if own is None:
        return ()
    return (*mark_figures(own.marks), *style_figures(own.styles, partial(stem, findings)))


def _sentences(styles: StylesProfile) -> list[str]:
    """Give what is said of styles, platforms by their own names; whose the files are is said above."""
    names = {one.platform: platform_name(one.platform) for one in styles.platforms}
    lines = [line for line in styles.summary().splitlines() if line != styles.linked.summary()]
    for platform, name in names.items():
        lines = [name + line[len(platform) :] if line.startswith((f"{platform}:", f"{platform},")) else line
                 for line in lines]  # fmt: skip
    return lines


def own_grids(findings: Findings) -> tuple[Grid, ...]:
    """Give the tables of what files carry; none where no files were named."""
    if findings.own is None:
        return ()
    shares = marks_grid(findings.own.marks)
    return (families_grid(findings.own.marks), *([shares] if shares.rows else []))


def own_sentences(findings: Findings) -> tuple[str, ...]:
    """Say what was found of styles, and why nothing was where it was not."""
    own = findings.own
    if own is None:
        return ()
    return (*(_sentences(own.styles) if own.styles else []), *([own.no_styles] if own.no_styles else []))


def own_words(findings: Findings) -> dict[str, Any] | None:
    """Give the tables, contact sheets and sentences for the page; None where no files were named."""
    own = findings.own
    if own is None:
        return None
    return {
        "linked": own.marks.linked.summary(),
        "grids": own_grids(findings),
        "styles": _sentences(own.styles) if own.styles else [],
        "no_styles": own.no_styles,
        "sheets": sheets(own.styles),
    }
