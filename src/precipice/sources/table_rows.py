"""The rows of tables as a query: whatever the kind of file, our columns as text, creators and tags as lists of it.

The dialect is said in full and nothing is guessed: a guess looks at the first rows only, takes a line that begins
with '#' for a remark, drops it unasked, and reads a date with its offset as one without.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from precipice.sources.queries import column, paths, text

Shape = Literal["text", "json", "list", "float", "zoned"]
"""What lies in a column: text (whatever a cast to text says), JSON of any kind, a list, floating-point numbers, or
times in UTC that say so."""

COLUMNS = ("platform", "id", "creator", "published", "kind", "tags", "declared_ai", "opt_out", "reactions", "followers",
           "followers_read", "state", "updated")  # fmt: skip
LISTS = ("creator", "tags")
SEPARATOR = "|"  # between tags that stand in one text

CSV = """read_csv({paths}, auto_detect = false, header = true, columns = {columns}, delim = '{delimiter}', quote = '"',
escape = '"', comment = '', skip = 0, strict_mode = true, store_rejects = {drop})"""
JSON = """read_json({paths}, format = 'newline_delimited', columns = {columns}, ignore_errors = {drop},
maximum_object_size = 67108864)"""

# A column of whole numbers with gaps becomes floating point in pandas: 7 is '7.0' there, and a gap is 'nan'.
FLOAT = """CASE WHEN isnan({0}) THEN NULL WHEN {0} = trunc({0}) AND abs({0}) < 9007199254740992
THEN {0}::BIGINT::VARCHAR ELSE {0}::VARCHAR END"""


def rows_of(layouts: Mapping[Path, Mapping[str, Shape]], columns: Mapping[str, str], kind: str, *, drop: bool) -> str:
    """Write the query that reads files, those of one layout in one go.

    Args:
        layouts: each file's columns in order, with what lies in them.
        columns: our name → the file's column, which every file has.
        kind: `csv`, `tsv`, `json` or `parquet`.
        drop: leave out rows of the wrong length (and keep count), or records that cannot be read (all their columns
            are null), instead of stopping there.

    Returns:
        A query with the columns of `COLUMNS` as text, null where empty, creator and tags as lists, and `file`.
    """
    groups: dict[tuple[tuple[str, Shape], ...], list[Path]] = {}
    for path, layout in layouts.items():
        groups.setdefault(tuple(layout.items()) if kind != "json" else (), []).append(path)
    parts = []
    for files in groups.values():
        layout = layouts[files[0]]
        cells = ", ".join(f"{_cell(name, columns.get(name), layout)} AS {name}" for name in COLUMNS)
        parts.append(f"SELECT {cells}, filename AS file FROM {_reader(tuple(files), layout, columns, kind, drop=drop)}")
    return " UNION ALL ".join(parts)


def _reader(
    files: tuple[Path, ...], layout: Mapping[str, Shape], columns: Mapping[str, str], kind: str, *, drop: bool
) -> str:
    if kind == "parquet":
        return f"read_parquet({paths(files)})"
    names = dict.fromkeys(columns.values()) if kind == "json" else layout
    typed = "{" + ", ".join(f"{text(name)}: 'VARCHAR'" for name in names) + "}"
    if kind == "json":
        return JSON.format(paths=paths(files), columns=typed, drop=str(drop).lower())
    return CSV.format(
        paths=paths(files), columns=typed, delimiter="\\t" if kind == "tsv" else ",", drop=str(drop).lower()
    )


def _cell(name: str, theirs: str | None, layout: Mapping[str, Shape]) -> str:
    """Write one cell as text that is null where empty, or as a list of such texts."""
    if theirs is None:
        return "[]::VARCHAR[]" if name in LISTS else "NULL::VARCHAR"
    own, shape = column(theirs), layout.get(theirs, "json")
    plain = f"nullif(trim({FLOAT.format(own) if shape == 'float' else own + '::VARCHAR'}), '')"
    if name not in LISTS:
        return plain
    return _tags(own, plain, shape) if name == "tags" else _creators(own, plain, shape)


def _creators(own: str, plain: str, shape: Shape) -> str:
    alone = f"CASE WHEN {plain} IS NULL THEN [] ELSE [{plain}] END"
    if shape not in ("json", "list"):
        return alone
    several = _trimmed(own, plain, shape)
    once = f"list_filter({several}, lambda entry, place: list_position({several}, entry) = place)"
    return (
        once
        if shape == "list"
        else f"CASE WHEN starts_with({plain}, '[') THEN coalesce({once}, {alone}) ELSE {alone} END"
    )


def _tags(own: str, plain: str, shape: Shape) -> str:
    """Part tags at the separator; hardly any text needs a look at each tag, which would take most of the time."""
    split, bare = f"string_split({plain}, '{SEPARATOR}')", f"trim({plain}, '{SEPARATOR}')"
    untidy = " OR ".join(f"contains({plain}, '{sign}')" for sign in (SEPARATOR * 2, f" {SEPARATOR}", f"{SEPARATOR} "))
    parted = f"""CASE WHEN {plain} IS NULL THEN [] WHEN {untidy} OR {bare} <> {plain} THEN {_tidy(split)}
ELSE {split} END"""
    if shape not in ("json", "list"):
        return parted
    several = _trimmed(own, plain, shape)
    if shape == "list":
        return f"coalesce({several}, [])"
    return f"CASE WHEN starts_with({plain}, '[') THEN coalesce({several}, {parted}) ELSE {parted} END"


def _trimmed(own: str, plain: str, shape: Shape) -> str:
    """Give the entries of a list that are not empty; null where it is none."""
    return _tidy(f"{own}::VARCHAR[]" if shape == "list" else f"""try(from_json({plain}, '["VARCHAR"]'))""")


def _tidy(entries: str) -> str:
    return f"list_filter(list_transform({entries}, lambda entry: trim(entry)), lambda entry: entry <> '')"
