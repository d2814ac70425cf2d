"""The page: one offline HTML file, with the same figures and tables as files beside it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from precipice.report import publication
from precipice.report.ai_charts import ai_figures, ai_grid, ai_rules
from precipice.report.charts import cohorts_on, retention_heatmap, totals_with_split, uploads_by_platform
from precipice.report.diversity_charts import diversity_figures
from precipice.report.effect_charts import effect_figures
from precipice.report.figure import Figure
from precipice.report.grids import Grid, figure_grid, sizes_grid
from precipice.report.limits import limits
from precipice.report.look import dark_rules, platform_name
from precipice.report.loop_section import loop_figures, loop_words
from precipice.report.moving import moving, with_placebos
from precipice.report.novelty_chart import novelty_figures
from precipice.report.own_files import own_figures, own_words
from precipice.report.paragraphs import describe_methods
from precipice.report.provenance import CITATION, intakes, making
from precipice.report.sampling import sampling_figures
from precipice.report.saving import converted, paper_svg, save_table
from precipice.report.sizes import Size, cohort_sizes
from precipice.report.supply_charts import runway_grid, supply_figures, unforeseen
from precipice.report.survival_chart import survival_figure
from precipice.report.tables import sizes_table
from precipice.report.telling import tell, write_document
from precipice.report.theme_charts import theme_figures, theme_words
from precipice.report.verdicts import comparisons, effects_grid, verdict_grids
from precipice.report.wording import everybody, listed, planted, span
from precipice.report.words import EXPECTED, MANY, counting, facts, lead
from precipice.study.findings import Findings

if TYPE_CHECKING:
    from markupsafe import Markup

PAGE = "report.html"
OPEN = 3
"""Of more platforms than this, the page folds the figures of the smaller ones."""
WIDTHS = {178: "wide", 85: "narrow"}
"""The page holds each figure as on two columns of a journal and as on one; the width of the screen chooses."""


@dataclass(frozen=True)
class Plate:
    """A figure as it stands on the page."""

    number: int
    figure: Figure
    after: str
    """The paper's figure that it follows; empty for none."""
    drawings: "tuple[Markup, ...]"
    grid: Grid


@dataclass(frozen=True)
class Section:
    """The figures of one platform."""

    name: str
    folded: bool
    plates: tuple[Plate, ...]


def render(findings: Findings, folder: Path | str) -> Path:
    """Write `figures/`, `tables/`, `findings.json` and `report.html` into a folder.

    The same findings give the same bytes of the last three.

    Nothing of fewer than 5 creators is written (`precipice.report.publication`).

    Args:
        findings: what a study found.
        folder: where to write; it is made if it is not there, and nothing else in it is touched.

    Returns:
        The page.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    folder = Path(folder)
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    environment = Environment(
        loader=PackageLoader("precipice.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["unbroken"] = unbroken
    text = environment.get_template("report.html.j2").render(**_context(findings, folder))
    save_table(sizes_table(_sizes(findings)), folder / "tables", "cohorts")
    part = folder / f"{PAGE}.part"
    part.write_text(text, encoding="utf-8")
    return part.replace(folder / PAGE)


def _context(findings: Findings, folder: Path) -> dict[str, Any]:
    from markupsafe import Markup

    study = findings.study.study
    names = [platform_name(name) for name in publication.platforms(findings)]
    most = "one" if study.cap == 1 else str(study.cap)
    plates = _plates(findings, folder)
    told = tell(findings, plates.figures())
    write_document(told, folder)
    return {
        "methods": describe_methods(told, findings.run.get("software") or {}),
        "study": study,
        "who": f"{everybody(findings)} on {listed(names)}, {span((findings.start, findings.end))}",
        "style": Markup((files("precipice.report") / "templates" / "style.css").read_text(encoding="utf-8")),  # noqa: S704  ours
        "dark": Markup(dark_rules()),  # noqa: S704  our own colours
        "lead": lead(findings),
        "counting": counting(findings), "facts": facts(findings), "expected": EXPECTED,
        "open": OPEN, "many": MANY, "moving": moving(findings),
        "placebos": with_placebos(findings),
        "first": plates.first, "sections": plates.sections, "heatmaps": plates.heatmaps, "pictures": plates.pictures,
        "folded": plates.folded, **{f"{name}_plates": part for name, part in plates.parts.items()},
        "sizes": sizes_grid(_sizes(findings), f"at most {most} a month"),
        "fewest": publication.FEWEST, "simulated": findings.simulated, "truth": planted(findings),
        "effects": effects_grid(findings), "verdicts": verdict_grids(findings), "comparisons": comparisons(findings),
        "theme_words": theme_words(findings),
        "ai_grid": ai_grid(findings), "ai_rules": ai_rules(findings), "unforeseen": unforeseen(findings),
        "runways": [runway_grid(outlook) for outlook in findings.outlooks if outlook.runways],
        "loops": loop_words(findings), "own": own_words(findings),
        "intakes": intakes(findings), "limits": [limit.partition(". ") for limit in limits(findings)],
        "making": making(findings), "citation": CITATION, "events": findings.events,
    }  # fmt: skip


def _sizes(findings: Findings) -> list[Size]:
    return [size for name in publication.platforms(findings) for size in cohort_sizes(findings, name)]


def theme_and_diversity_figures(findings: Findings) -> tuple[Figure, ...]:
    """Give the figures of tags."""
    return (*theme_figures(findings), *diversity_figures(findings), *novelty_figures(findings))


PARTS: Mapping[str, Callable[[Findings], Sequence[Figure]]] = {
    "ai": ai_figures,
    "supply": supply_figures,
    "loop": loop_figures,
    "theme": theme_and_diversity_figures,
    "own": own_figures,
    "sampling": sampling_figures,
}
"""Parts of the page that draw figures only where there is something to draw, in their order."""


@dataclass(frozen=True)
class Plates:
    """Every figure as on the page, in the order of their numbers."""

    first: Plate
    """Uploads by platform."""
    sections: tuple[Section, ...]
    """Cohorts, by platform."""
    heatmaps: tuple[Section, ...]
    """Who stays, by platform."""
    pictures: tuple[Plate, ...]
    """Effects."""
    folded: tuple[Section, ...]
    """Effects, the secondary pictures."""
    parts: Mapping[str, tuple[Plate, ...]]
    """Those of `PARTS`, by name."""

    def figures(self) -> list[tuple[int, str, Figure]]:
        """Give each figure with its number, and the figure of the paper that it follows."""
        sections = [plate for part in (*self.sections, *self.heatmaps, *self.folded) for plate in part.plates]
        parts = [plate for part in self.parts.values() for plate in part]
        return [(one.number, one.after, one.figure) for one in (self.first, *sections, *self.pictures, *parts)]


def _plates(findings: Findings, folder: Path) -> Plates:
    """Write every figure, and give them as on the page."""
    numbers = count(1)

    def plate(draw: Callable[..., Figure], after: str, *platform: str) -> Plate:
        return _plate(draw(findings, *platform), next(numbers), after, folder)

    def add(figure: Figure) -> Plate:
        return _plate(figure, next(numbers), "", folder)

    names = publication.platforms(findings)
    followed = publication.followed(findings)
    first = plate(uploads_by_platform, "1a")
    sections = [
        Section(
            platform_name(name),
            index >= OPEN,
            (plate(cohorts_on, "1b and 1c", name), plate(totals_with_split, "2", name)),
        )
        for index, name in enumerate(names)
    ]
    heatmaps = [
        Section(
            platform_name(name),
            index >= OPEN,
            (plate(retention_heatmap, "", name), *(add(figure) for figure in _survival(findings, name))),
        )
        for index, name in enumerate(name for name in names if name in followed)
    ]
    album = effect_figures(findings)
    pictures = tuple(add(figure) for figure in album.shown)
    folded = tuple(Section(name, True, tuple(add(figure) for figure in part)) for name, part in album.folded)
    parts = {name: tuple(add(figure) for figure in draw(findings)) for name, draw in PARTS.items()}
    return Plates(first, tuple(sections), tuple(heatmaps), pictures, folded, parts)


def _survival(findings: Findings, platform: str) -> list[Figure]:
    drawn = [survival_figure(findings, found) for found in findings.beside.survival if found.platform == platform]
    return [figure for figure in drawn if figure is not None]


def _plate(figure: Figure, number: int, after: str, folder: Path) -> Plate:
    drawings = []
    for millimetres, name in WIDTHS.items():
        svg = paper_svg(figure, millimetres)
        for ending in (".svg", ".pdf", ".png"):
            path = folder / "figures" / f"{figure.stem}-{millimetres}mm{ending}"
            path.write_bytes(converted(svg, ending))
        drawings.append(inlined(svg, figure, name))
    save_table(figure.table(), folder / "tables", figure.stem)
    return Plate(number, figure, after, tuple(drawings), figure_grid(figure))


def inlined(svg: str, figure: Figure, name: str) -> "Markup":
    """Make a drawing part of a page: as wide as there is room, with its title and description, its ids its own."""
    from markupsafe import Markup

    key = f"{figure.stem}-{name}"
    head = (
        f'<svg class="{name}" role="img" aria-labelledby="{key}-title {key}-text" '
        f'viewBox="{_attribute(svg, "viewBox")}"><title id="{key}-title">{escape(figure.title)}</title>'
        f'<desc id="{key}-text">{escape(figure.description)}</desc>'
    )
    body = re.sub(r"^<svg [^>]*><desc>.*?</desc>", "", svg, count=1, flags=re.DOTALL)
    body = re.sub(r'(\bid="|url\(#)', rf"\g<1>{key}-", body)
    return Markup(head + body)  # noqa: S704  drawn by us, its words escaped


def unbroken(text: str) -> "Markup":
    """Escape a text, and keep its months and percentages each on one line."""
    from markupsafe import Markup

    whole = re.sub(r"(\d{4}-\d{2})", r'<span class="month">\1</span>', escape(text))
    return Markup(re.sub(r"(?<=\d) %", "\u00a0%", whole))  # noqa: S704  escaped above


def _attribute(svg: str, name: str) -> str:
    found = re.search(rf'{name}="([^"]*)"', svg)
    return found[1] if found else ""
