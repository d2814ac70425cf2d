"""Warehouses: the SQL that they would get, as text to be read; the same expressions run by Ibis's own DuckDB."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from precipice.archive import Limits, engines, read_manifest
from precipice.archive.engines import Engine, Frame, open_engine, stored_files
from precipice.archive.engines.protocol import lazy
from precipice.archive.engines.warehouse import Warehouse
from precipice.archive.labels import labels, mentions, spellings
from precipice.archive.linking import links
from precipice.archive.reduction import followers, last_uploads, monthly, tagged
from precipice.archive.tag_counts import carried, repeated, tag_months, tag_totals, tag_words
from precipice.errors import InputError, MissingExtraError, SourceError
from precipice.records import FIELDS
from tests.conftest import ROOT, wanted
from tests.engines.answers import WORDS, answers
from tests.engines.test_parity import LINKS, edges
from tests.unit.archive.archives import take_uploads

ibis = wanted("ibis", "Ibis is not installed (pip install 'precipice[bigquery]')")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Ibis asks DuckDB by older names
GOLDEN = ROOT / "tests" / "golden" / "warehouses"
TYPES = {"VARCHAR": "string", "BIGINT": "int64", "BOOLEAN": "boolean", "TIMESTAMP": "timestamp(6)"}
QUERIES: dict[str, Callable[[Frame, Frame], Frame]] = {
    "monthly": lambda posts, names: monthly(posts),
    "monthly by the second clock": lambda posts, names: monthly(posts, clock="source"),
    "followers": lambda posts, names: followers(posts),
    "last uploads": lambda posts, names: last_uploads(posts),
    "tagged": lambda posts, names: tagged(posts, "cat"),
    "labels": lambda posts, names: labels(posts),
    "spellings": lambda posts, names: spellings(posts, WORDS),
    "mentions": lambda posts, names: mentions(posts, table("spelled", tag="string", mark="string"), list(WORDS)),
    "tag totals": lambda posts, names: tag_totals(posts),
    "carried": lambda posts, names: carried(posts),
    "repeated": lambda posts, names: repeated(posts),
    "tag months": tag_months,
    "tag words": lambda posts, names: tag_words(
        posts, names, table("months", i="int16", creator="int64", month="int32", row="int32"),
        table("codes", raw="string", code="int32"), once=True,
    ),
    "links": lambda posts, names: links(posts, table("wanted", file="int64", named="string", id="string")),
}  # fmt: skip


def table(name: str, **types: str) -> Frame:
    return lazy(ibis.table(types, name=name))


def sql_text(dialect: str) -> str:
    """Give all queries in a warehouse's SQL; names that Ibis makes up are numbered."""
    types = {
        name: f"array<{TYPES[kind[:-2]]}>" if kind.endswith("[]") else TYPES[kind] for name, kind in FIELDS.items()
    }
    posts, names = lazy(ibis.table(types, name="uploads")), table("names", platform="string", i="int16")
    parts = []
    for name, query in QUERIES.items():
        text = str(ibis.to_sql(query(posts, names).to_native(), dialect=dialect))
        made = dict.fromkeys(re.findall(r"ibis_[a-z_]+_[a-z0-9]{25,26}\b|row_index_[0-9a-f]{14}", text))
        for number, one in enumerate(made):
            text = text.replace(one, f"made_{number}")
        parts.append(f"-- {name}\n{text};\n")
    return "\n".join(parts)


@pytest.mark.parametrize("dialect", ["bigquery", "trino"])
def test_the_sql_of_every_query_is_the_text_that_was_read(dialect: str) -> None:
    assert sql_text(dialect) == (GOLDEN / f"{dialect}.sql").read_text(encoding="utf-8")


@pytest.mark.parametrize("dialect", ["bigquery", "trino"])
def test_the_sql_parses_in_its_own_dialect(dialect: str) -> None:
    sqlglot = wanted("sqlglot", "sqlglot comes with Ibis")
    assert len([one for one in sqlglot.parse(sql_text(dialect), read=dialect) if one is not None]) == len(QUERIES)


@contextmanager
def ibis_duckdb(limits: Limits, folder: Path) -> Iterator[Engine]:
    """Ibis's own DuckDB in a warehouse's place."""
    backend = ibis.duckdb.connect()
    # Ibis 12 asks for batches by a name that DuckDB 2 no longer has.
    backend.to_pyarrow_batches = lambda expr, chunk_size: backend.to_pyarrow(expr).to_batches(chunk_size)
    posts = backend.read_parquet([str(path) for path in stored_files(folder, read_manifest(folder))])
    yield Warehouse(backend, posts, "in memory")


def test_the_expressions_of_warehouses_give_the_same_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    take_uploads(tmp_path / "archive", edges())
    expected = answers(tmp_path / "archive", Limits(threads=1), links=LINKS)
    monkeypatch.setattr(engines, "ENGINES", {"trino": ibis_duckdb})
    found = answers(tmp_path / "archive", Limits(engine="trino"), links=LINKS)
    for name, answer in expected.items():
        assert found[name] == answer, name


def test_a_table_with_other_rows_than_the_archive_is_refused(tmp_path: Path) -> None:
    take_uploads(tmp_path / "archive", edges())
    backend = ibis.duckdb.connect()
    files = stored_files(tmp_path / "archive", read_manifest(tmp_path / "archive"))
    posts = backend.read_parquet([str(path) for path in files]).limit(3)
    with pytest.raises(InputError, match="does not see this archive") as refused:
        Warehouse(backend, posts, "p.d.t").uploads(files)
    assert "it sees 3 rows" in refused.value.why


@pytest.mark.parametrize(("name", "master"), [("bigquery", None), ("bigquery", "table"), ("trino", "host:8080"),
                                              ("trino", "trino://me@host/catalog/table")])  # fmt: skip
def test_a_warehouse_without_its_table_is_asked_for_it(tmp_path: Path, name: str, master: str | None) -> None:
    with (
        pytest.raises(InputError, match="table is not named") as refused,
        open_engine(Limits(engine=name, master=master), tmp_path),
    ):
        pass
    assert f'name = "{name}"' in refused.value.fix


def test_a_warehouse_that_refuses_is_one_error_without_its_password(tmp_path: Path) -> None:
    address = "trino://me:hush@127.0.0.1:9/catalog/schema/uploads"
    with (
        pytest.raises(SourceError, match="Trino did not answer") as refused,
        open_engine(Limits(engine="trino", master=address), tmp_path),
    ):
        pass
    assert "hush" not in str(refused.value)


def test_a_warehouse_that_is_not_installed_names_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from precipice.archive.engines import warehouse

    def absent(name: str) -> Any:
        return None

    monkeypatch.setattr(warehouse, "find_spec", absent)
    for name in ("bigquery", "trino"):
        with (
            pytest.raises(MissingExtraError) as refused,
            open_engine(Limits(engine=name, master="a.b.c"), tmp_path),
        ):
            pass
        assert f"precipice[{name}]" in refused.value.fix
