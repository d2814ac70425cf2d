"""Parts of charts in the forms that Altair is quick with: two thirds of the time of making a chart."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair as alt


def inline(rows: Iterable[Mapping[str, Any]]) -> "alt.InlineData":
    """Give rows to a chart: as a tuple, since Altair copies lists anew with each layer that a chart is put into."""
    import altair as alt

    return alt.InlineData(values=tuple(rows))


def at_x(pixels: float) -> Any:  # noqa: ANN401  a channel of Altair's, which has no types
    """Place marks so many pixels from the left; for what `alt.value` gives, Altair looks through all its classes."""
    import altair as alt

    return alt.XValue(pixels)  # type: ignore[no-untyped-call]


def at_y(pixels: float) -> Any:  # noqa: ANN401  a channel of Altair's, which has no types
    """Place marks so many pixels from the top; see `at_x`."""
    import altair as alt

    return alt.YValue(pixels)  # type: ignore[no-untyped-call]
