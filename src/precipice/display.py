"""How results show themselves: a sentence and a small table in a notebook, and a plain chart of their own table.

These charts are for whoever looks at their own data and hide nothing; figures to publish are `precipice.report`'s.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import isfinite
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

if TYPE_CHECKING:
    import altair as alt
    import pyarrow as pa

SHOWN = 8
"""Rows of a table that a notebook shows."""
WIDEST = 10
"""Columns of it."""
LINES = 6
"""Lines of a summary."""
BLUE, VERMILION = "#0072B2", "#D55E00"
OTHERS = ("#00866A", "#B35A90", "#1b1b1b", "#8c6d00")
STROKES: Mapping[str, tuple[str, tuple[int, int]]] = {"senior": (BLUE, (1, 0)), "junior": (VERMILION, (4, 2))}
"""Colour and dash of cohorts, as on every figure."""
DASHES = ((1, 0), (4, 2), (2, 2), (6, 2), (1, 2), (6, 2))
WIDTH, HEIGHT = 520, 200
MOST_BANDS = 4
"""Bands that one plot holds; of more lines none has one."""
FEWER = 40
"""Bars that one chart holds."""


@dataclass(frozen=True)
class Plot:
    """What of a result's table is drawn, by names of columns."""

    x: str
    y: str
    low: str = ""
    """Lower end of a band or of an error bar; empty for none."""
    high: str = ""
    by: str = ""
    """What tells lines apart; empty for one line."""
    where: str = ""
    """Rows are drawn where this is true; empty for all."""
    rows: str = ""
    """What is drawn in plots of their own, below each other, each with its own scale."""
    kind: Literal["lines", "bars", "points", "counts"] = "lines"
    """`bars` lie: `y` names them and `x` is their length.  `counts` counts rows by `y`."""


class Shown:
    """A result that shows itself: it has `summary()` and `table()`, and says in `plot` what of it is drawn."""

    plot: ClassVar[Plot]

    def summary(self) -> str:
        """Say it in plain words."""
        raise NotImplementedError

    def table(self) -> Any:  # noqa: ANN401  a pyarrow.Table; pyarrow has no types and is imported on demand
        """Give the numbers as an Arrow table."""
        raise NotImplementedError

    def chart(self) -> "alt.TopLevelMixin":
        """Draw it, as an Altair chart."""
        return draw_plot(self.table(), self.plot, self.summary())

    def _repr_html_(self) -> str:
        return as_html(self.summary(), self.table())


S = TypeVar("S", bound=Shown)


class Together(tuple[S, ...]):
    """Several results of one kind, which show themselves under each other; a tuple in all else."""

    __slots__ = ()

    def summary(self) -> str:
        """Give the summaries, one after the other."""
        return "\n".join(one.summary() for one in self)

    def table(self) -> "pa.Table":
        """Give the tables under each other; each column is found in all of them or empty."""
        import pyarrow as pa

        return pa.concat_tables([one.table() for one in self], promote_options="default") if self else pa.table({})

    def chart(self) -> "alt.TopLevelMixin":
        """Draw them in one chart.

        Raises:
            IndexError: there are none.
        """
        return draw_plot(self.table(), self[0].plot, self[0].summary())

    def _repr_html_(self) -> str:
        return as_html(self.summary() or "nothing", self.table())


def as_html(words: str, table: "pa.Table") -> str:
    """Write a result for a notebook: its words, the first rows and columns of its table; everything escaped."""
    lines = [line for line in words.split("\n") if line.strip()]
    more = [f"… {len(lines) - LINES} more lines in summary()"] if len(lines) > LINES else []
    said = "<br>".join(escape(line) for line in lines[:LINES] + more)
    names = table.column_names[:WIDEST]
    if not names or not table.num_rows:
        return f'<div class="precipice"><p>{said}</p></div>'
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    rows = table.select(names).slice(0, SHOWN).to_pylist()
    body = "".join(f"<tr>{''.join(f'<td>{escape(as_text(row[name]))}</td>' for name in names)}</tr>" for row in rows)
    left = " and ".join(_left_out(table))
    rest = f"<p><small>{left} more in table()</small></p>" if left else ""
    return (
        f'<div class="precipice"><p>{said}</p><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        f"{rest}</div>"
    )


def _left_out(table: "pa.Table") -> Iterator[str]:
    if table.num_rows > SHOWN:
        yield f"{table.num_rows - SHOWN:,} rows"
    if table.num_columns > WIDEST:
        yield f"{table.num_columns - WIDEST} columns"


def as_text(value: object) -> str:
    """Write a cell: a dash for nothing, numbers short, lists with commas."""
    if value is None or (isinstance(value, float) and not isfinite(value)):
        return "–"
    if isinstance(value, float):
        return f"{value:,.4g}".replace("-", "−")
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}".replace("-", "−")
    return ", ".join(map(as_text, value)) if isinstance(value, list | tuple) else str(value)


def draw_plot(table: "pa.Table", plot: Plot, words: str) -> "alt.TopLevelMixin":
    """Draw what a plot names of a table.

    Args:
        table: one row a point or bar.
        plot: what is drawn.
        words: said to whoever does not see it.
    """
    import altair as alt

    if plot.where in table.column_names:
        table = table.filter(table[plot.where])
    names = [name for name in (plot.x, plot.y, plot.low, plot.high, plot.by, plot.rows) if name in table.column_names]
    rows = [{name: _drawable(row[name]) for name in names} for row in table.select(names).to_pylist()]
    rows = [row | {plot.by: str(row[plot.by])} for row in rows] if plot.by in names else rows
    if plot.kind == "counts":
        counts = dict.fromkeys((str(row[plot.y]) for row in rows), 0)
        for row in rows:
            counts[str(row[plot.y])] += 1
        rows = [{plot.y: name, "count": count} for name, count in counts.items()]
    parts = list(dict.fromkeys(str(row[plot.rows]) for row in rows)) if plot.rows in names else [""]
    charts = [_part([row for row in rows if not part or str(row[plot.rows]) == part], plot, part) for part in parts]
    whole: alt.VConcatChart = alt.vconcat(*charts, description=words.partition("\n")[0], background="#ffffff")
    configured: alt.VConcatChart = whole.configure_view(stroke=None).configure_axis(gridColor="#e8e8e8")
    return configured


def _part(rows: Sequence[Mapping[str, Any]], plot: Plot, title: str) -> "alt.LayerChart":
    """Draw one plot of lines, points or bars."""
    import altair as alt

    base = alt.Chart(alt.InlineData(values=list(rows)))
    if plot.kind in ("bars", "counts"):
        length = "count" if plot.kind == "counts" else plot.x
        down = alt.Y(_field(plot.y, "N"), sort=None, title=None)
        layers = [base.mark_bar(color=BLUE, height={"band": 0.7}).encode(x=_field(length, "Q"), y=down)]
        height = 22.0 * max(1, min(FEWER, len({row[plot.y] for row in rows})))
    else:
        layers, height = _lines(base, rows, plot), HEIGHT
    return alt.LayerChart(layer=layers, width=WIDTH, height=height, title=title)


def _lines(base: "alt.Chart", rows: Sequence[Mapping[str, Any]], plot: Plot) -> "list[alt.Chart]":
    import altair as alt

    names = list(dict.fromkeys(str(row[plot.by]) for row in rows)) if rows and plot.by in rows[0] else []
    edges = bool(rows and plot.low and plot.low in rows[0] and len(names) <= MOST_BANDS)
    points = plot.kind == "points"
    told = {"x": _axis(alt.X, plot.x, rows), "y": _axis(alt.Y, plot.y, rows)} | _strokes(names, plot.by, points=points)
    ends = {"y": alt.Y(_field(plot.low, "Q"), title=plot.y), "y2": alt.Y2(plot.high)}
    if points:
        return [base.mark_point(filled=True, size=60, opacity=1).encode(**told)]
    plain = {name: value for name, value in told.items() if name != "strokeDash"}
    band = [base.mark_area(opacity=0.16).encode(**plain | ends)] if edges else []
    return [*band, base.mark_line(strokeWidth=1.6).encode(**told)]


def _axis(kind: Any, name: str, rows: Sequence[Mapping[str, Any]]) -> Any:  # noqa: ANN401  alt.X or alt.Y
    """Give an axis as its values want it: time, numbers from where they begin, or names in their order."""
    import altair as alt

    of = _kind([row[name] for row in rows if name in row])
    more: dict[str, Any] = {"N": {"sort": None, "axis": alt.Axis(labelAngle=0)}}.get(of, {})
    if of == "Q" and kind is alt.X:
        more = {"scale": alt.Scale(zero=False)}
    return kind(_field(name, of), title=name, **more)


def _strokes(names: Sequence[str], by: str, *, points: bool) -> dict[str, Any]:
    """Give colours and dashes of what is told apart: cohorts their own, many from light to dark, a single line blue."""
    import altair as alt

    if len(names) < 2 and not set(names) & set(STROKES):
        return {"color": alt.value(BLUE)}
    legend = alt.Legend(orient="top", title=by if points else None, symbolOpacity=1)
    if len(names) > len(OTHERS) + len(STROKES):
        scale = alt.Scale(domain=list(names), scheme="blues")
        return {"color": alt.Color(_field(by, "O"), legend=legend, scale=scale)}
    found = [STROKES.get(name, (OTHERS[index % len(OTHERS)], DASHES[index])) for index, name in enumerate(names)]
    colours, dashes = [colour for colour, _ in found], [list(dash) for _, dash in found]
    colour = alt.Color(_field(by, "N"), legend=legend, scale=alt.Scale(domain=list(names), range=colours))
    dash = alt.StrokeDash(_field(by, "N"), legend=legend, scale=alt.Scale(domain=list(names), range=dashes))
    return {"color": colour} if points else {"color": colour, "strokeDash": dash}


def _kind(values: Sequence[object]) -> str:
    """Say what an axis is: `T` for months and days, `Q` for numbers, `N` for names."""
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, int | float) for value in known):
        return "Q"
    months = all(len(str(v)) in (7, 10) and str(v)[:4].isdigit() and str(v)[4] == "-" for v in known)
    return "T" if known and months else "N"


def _field(name: str, kind: str) -> str:
    return f"{name}:{kind}"


def _drawable(value: object) -> object:
    return None if isinstance(value, float) and not isfinite(value) else value
