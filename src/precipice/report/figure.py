"""A figure: a chart at any width, its words, and the numbers that it draws."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from precipice.report.lettering import wrap
from precipice.report.look import INK, LAYOUTS, MUTED, PADDING, Layout, configuration
from precipice.report.quick import at_x, inline

if TYPE_CHECKING:
    import altair as alt
    import pyarrow as pa

TEXT_SHARE = 0.97
"""Of a page's width that lines of words fill, since their widths are estimates."""

SPACING = 10
"""Pixels between plots that stand beside each other."""

Body = Callable[[Layout, float], "tuple[alt.LayerChart | alt.ConcatChart | alt.VConcatChart | alt.FacetChart, float]"]
"""Draws the plots, each so many pixels wide, and says how far axes reach out to their left."""


@dataclass(frozen=True, eq=False)
class Figure:
    """One figure with its numbers; `chart` draws it for a notebook, `save_paper` for a printed page."""

    stem: str
    """Name of its files, without ending."""
    title: str
    """What is drawn."""
    subtitle: str
    """Who and when."""
    notes: tuple[str, ...]
    """How to read it."""
    truth: str | None
    """The planted truth in words where the population is simulated."""
    description: str
    """The same in words, from the numbers, for whoever does not see it."""
    body: Body
    numbers: "Callable[[], pa.Table]"
    """Makes the table of the numbers that are drawn."""
    columns: Callable[[Layout], int] = lambda layout: 1
    """Plots that stand beside each other."""
    beside: Callable[[Layout], float] = lambda layout: 40.0
    """About how many pixels the axes and labels of each plot take to its left and right."""

    def table(self) -> "pa.Table":
        """Give the numbers that are drawn, as they may be published."""
        return self.numbers()

    def plot_width(self, layout: Layout) -> float:
        """Give about the pixels of each plot with which the whole is as wide as the page."""
        columns = self.columns(layout)
        return (layout.width - 2 * PADDING - (columns - 1) * SPACING) / columns - self.beside(layout)

    def chart(self, millimetres: int = 178, *, plot: float | None = None) -> "alt.VConcatChart":
        """Draw it.

        Args:
            millimetres: width of the printed page it is laid out for, 85 or 178.
            plot: pixels for each plot; by default about as many as fit, and `save_paper` finds the exact number.
        """
        import altair as alt

        layout = LAYOUTS[millimetres]
        inner = TEXT_SHARE * (layout.width - 2 * PADDING)
        body, left = self.body(layout, self.plot_width(layout) if plot is None else plot)
        title = alt.TitleParams(
            wrap(self.title, inner, layout.title, bold=True), subtitle=wrap(self.subtitle, inner, layout.letters),
            frame="bounds",
        )  # fmt: skip
        # A shared legend would stand to the right of the caption, not of its plot.
        resolve = alt.Resolve(scale=alt.ScaleResolveMap(color="independent"))
        whole: alt.VConcatChart = alt.vconcat(
            body, *self._caption(layout, left), spacing=8, title=title, description=self.description, resolve=resolve,
            config=configuration(layout),
        )  # fmt: skip
        return whole

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Any:  # noqa: ANN401  Altair's own
        return self.chart()._repr_mimebundle_(include, exclude)

    def _caption(self, layout: Layout, left: float) -> "list[alt.LayerChart]":
        """Write below the plots whether it is simulated, and how to read it."""
        import altair as alt

        width, size = TEXT_SHARE * (layout.width - 2 * PADDING), layout.letters
        truth = wrap(f"SIMULATED — known truth: {self.truth}", width, size, bold=True) if self.truth else []
        lines = truth + wrap(" ".join(self.notes), width, size)
        rows = [
            {"line": line, "y": round(layout.leading * (index + 0.75), 2), "strong": index < len(truth)}
            for index, line in enumerate(lines)
        ]
        chart = alt.Chart(inline(rows))
        drawn = [
            _text(chart, left, strong=strong).transform_filter(f"datum.strong === {str(strong).lower()}")
            for strong in (True, False)
        ]
        return [alt.LayerChart(layer=drawn, width=1, height=layout.leading * len(lines))] if lines else []


def _text(chart: "alt.Chart", left: float, *, strong: bool) -> "alt.Chart":
    import altair as alt

    mark = chart.mark_text(align="left", fontWeight="bold" if strong else "normal", color=INK if strong else MUTED)
    encoded: alt.Chart = mark.encode(x=at_x(-left), y=alt.Y("y:Q", scale=None, axis=None), text=alt.Text("line:N"))
    return encoded
