"""Hand results out as the frame that the reader works with."""

from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    import pyarrow as pa


class Tabular(Protocol):
    """Anything that gives an Arrow table: series, retention, draws, effects."""

    def table(self) -> "pa.Table":
        """Give the numbers as an Arrow table."""


def frame(
    results: Tabular | list[Tabular] | tuple[Tabular, ...], kind: Literal["arrow", "pandas", "polars"] = "arrow"
) -> Any:  # noqa: ANN401  the type is the reader's choice
    """Give one result, or several of one kind under each other, as an Arrow, pandas or Polars frame.

    Args:
        results: one or more results with a `.table()`.
        kind: which library's frame.

    Raises:
        MissingExtraError: pandas or Polars is not installed.
    """
    import pyarrow as pa

    from precipice.errors import MissingExtraError

    several = results if isinstance(results, list | tuple) else [results]
    table = pa.concat_tables([result.table() for result in several])
    if kind == "arrow":
        return table
    import narwhals.stable.v2 as nw

    try:
        wrapped = nw.from_native(table, eager_only=True)
        return wrapped.to_pandas() if kind == "pandas" else wrapped.to_polars()
    except ModuleNotFoundError as error:
        raise MissingExtraError(kind, kind) from error
