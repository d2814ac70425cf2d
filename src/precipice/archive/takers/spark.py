"""Spark takes uploads in: the cluster reads, hashes, settles and writes; this process holds the manifest.

Each step that changes rows writes a folder of Parquet files, whose name ends in `.part` and is used once, so that a
task of an ingest that was killed can write into none that counts.  Doors that read rows one by one, and those that have
no query in Spark's SQL, are read by the embedded engine; what comes after is the cluster's all the same.
"""

import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import Any

from precipice.archive.engine import Limits, connect
from precipice.archive.engines.protocol import see_to_rows
from precipice.archive.engines.spark import address_of, is_sail, opened
from precipice.archive.engines.spark_failures import SHARE
from precipice.archive.manifest import Manifest, StoredFile
from precipice.archive.progress import Progress
from precipice.archive.pseudonyms import pads, teach
from precipice.archive.storing import store
from precipice.archive.takers.embedded import Embedded
from precipice.archive.takers.protocol import Settled, Taker, Tally
from precipice.archive.takers.spark_refusals import reading, see_to_files, see_to_rows_of_text
from precipice.archive.takers.spark_refusals import unreadable as unreadable_rows
from precipice.archive.takers.spark_settling import (
    LEFT,
    LEFT_OUT,
    NEWS,
    OUTCOME,
    OVERLAP,
    PSEUDONYMOUS,
    REPEATED,
    SCHEMA,
    SETTLED,
    TALLY,
    TOUCHED,
)
from precipice.errors import InputError
from precipice.records import FIELDS, Intake, SparkQuery, View

FEW = 1 << 26
"""Bytes of input, or of files to be rewritten, below which one file is written."""


class Clustered:
    """A session of Spark at work on one ingest."""

    def __init__(self, session: Any, limits: Limits, folder: Path, key: bytes) -> None:  # noqa: ANN401  a session
        """Take a session whose times are in UTC."""
        self.session = session
        self.sail = is_sail(session)
        self.limits = limits
        self.folder = folder
        self.key = key
        self.token = secrets.token_hex(6)
        self.staged = self._place("incoming")
        self.rewritten: Path | None = None
        """Held files written anew."""
        self.few = False
        """Whether what comes in is so little that it becomes one file, however many workers there are."""

    def stage(self, intake: Intake, progress: Progress) -> Mapping[str, int]:
        """Write all rows of an intake, creators as pseudonyms."""
        if intake.spark is None:
            return self._stage_here(intake, progress)
        see_to_files(intake)
        self.few = sum(path.stat().st_size for path in intake.files) < FEW
        progress("read the rows", None)
        dropped: Counter[str] = Counter()
        with self._interrupted(), reading(intake):
            self._lay_open(intake.spark)
            if intake.check_first:
                dropped = see_to_rows_of_text(intake, self._row(intake.spark.problems))
            self._lay_pads()
            rows = self.session.sql(PSEUDONYMOUS.format(select=intake.spark.select))
            self._write(rows, self.staged, few=self.few)
        self._use("staged", self._read(_parts(self.staged)))
        return dropped

    def _stage_here(self, intake: Intake, progress: Progress) -> Mapping[str, int]:
        self.staged.mkdir()
        with connect(replace(self.limits, engine="duckdb"), self.folder / "spill") as connection:
            teach(connection, self.key)
            taker = Embedded(connection, self.folder)
            taker.staged = self.staged / "rows.parquet"
            dropped = taker.stage(intake, progress)
            tally = taker.tally()
            if intake.on_bad == "stop" and tally.unreadable + tally.bad_date and intake.problems:
                raise taker.explain(intake)
        self._use("staged", self._read(_parts(self.staged)))
        see_to_rows(self.tally().rows, _parts(self.staged), str(self.folder), SHARE)
        return dropped

    def tally(self) -> Tally:
        """Count the staged rows."""
        return Tally(**{name: int(count) for name, count in self._row(TALLY).items()})

    def explain(self, intake: Intake) -> InputError:
        """Make the error for staged rows without a readable date."""
        assert intake.spark is not None  # noqa: S101  others were explained where they were read
        return unreadable_rows(intake, self._row(intake.spark.problems))

    def leave_out(self, excluded: Mapping[str, tuple[str, ...]]) -> None:
        """Take creators out of the staged rows."""
        import pyarrow as pa

        numbers = [[int(word, 16) for word in who] for who in excluded.values()]
        table = pa.table({"platform": list(excluded), "who": pa.array(numbers, pa.list_(pa.int64()))})
        self.session.createDataFrame(table).createOrReplaceTempView("excluded")
        self._restage(LEFT_OUT, "left")

    def settle(self, manifest: Manifest) -> Settled:
        """Drop what is repeated or held already, and write held files anew without what gives way."""
        with self._interrupted():
            repeated = int(self._row(REPEATED)["repeated"])
            if repeated:
                self._restage(SETTLED, "settled")
            known, newer, gone = self._compare([self.folder / file.name for file in manifest.files if file.rows])
        return Settled({"repeated": repeated, "already_held": known}, newer, gone)

    def _compare(self, held: Sequence[Path]) -> tuple[int, int, frozenset[str]]:
        if not held:
            return 0, 0, frozenset()
        self._use("held", self._named(held))
        touched = [self.folder / row["file"] for row in self.session.sql(TOUCHED).toArrow().to_pylist()]
        if not touched:
            return 0, 0, frozenset()
        self._use("held", self._named(touched))
        place = self._place("overlap")
        self._write(self.session.sql(OVERLAP), place, few=False)
        self._use("overlap", self.session.read.parquet(*self._addresses(_parts(place))))
        found = self._row(OUTCOME)
        if found["known"]:
            self._restage(NEWS, "news")
        gone = sorted(found["files"] or ())
        if gone:
            files = [self.folder / name for name in gone]
            self._use("held", self._named(files))
            self.rewritten = self._place("rewritten")
            few = sum(path.stat().st_size for path in files) < FEW
            self._write(self.session.sql(LEFT), self.rewritten, few=few)
        return int(found["known"]), int(found["newer"]), frozenset(gone)

    def store(self, number: int) -> tuple[StoredFile, ...]:
        """Give every file that was written its name."""
        places = [place for place in (self.rewritten, self.staged) if place is not None]
        parts = [part for place in places for part in _parts(place)]
        with connect(replace(self.limits, engine="duckdb"), self.folder / "spill") as connection:
            stored = [store(connection, self.folder, part, number) for part in parts]
        return tuple(file for file in stored if file.rows or file.set_aside)

    def _place(self, name: str) -> Path:
        return self.folder.resolve() / f"{name}-{self.token}.part"

    def _addresses(self, files: Sequence[Path]) -> list[str]:
        return [address_of(path, sail=self.sail) for path in files]

    def _use(self, name: str, frame: Any) -> None:  # noqa: ANN401  a frame of Spark
        frame.createOrReplaceTempView(name)

    def _row(self, query: str) -> dict[str, Any]:
        (row,) = self.session.sql(query).toArrow().to_pylist()
        return dict(row)

    def _read(self, files: Sequence[Path]) -> Any:  # noqa: ANN401  a frame of Spark
        if not files:
            return self.session.createDataFrame([], SCHEMA)
        return self.session.read.schema(SCHEMA).parquet(*self._addresses(files))

    def _named(self, files: Sequence[Path]) -> Any:  # noqa: ANN401  a frame of Spark
        """Give held uploads with the name of their file, which Sail does not tell."""
        if not self.sail:
            return self._read(files).select(*FIELDS, "_metadata.file_name").withColumnRenamed("file_name", "file")
        from pyspark.sql.connect.functions import lit

        return reduce(lambda one, other: one.union(other), (
            self._read([path]).select(*FIELDS, lit(path.name).alias("file")) for path in files
        ))  # fmt: skip

    def _restage(self, query: str, name: str) -> None:
        """Write the staged rows anew, by a query on them."""
        place = self._place(name)
        self._write(self.session.sql(query), place, few=self.few)
        self.staged = place
        self._use("staged", self._read(_parts(place)))

    def _write(self, frame: Any, place: Path, *, few: bool) -> None:  # noqa: ANN401  a frame of Spark
        """Write a folder of Parquet files, and see to it that this process sees every row that any worker wrote.

        Raises:
            InputError: it does not.
        """
        if few:
            frame = frame.coalesce(1)
        if self.sail:
            frame.write.option("compression", "zstd").parquet(address_of(place, sail=True))
            return
        if "connect" in type(self.session).__module__:  # its columns are of other classes
            from pyspark.sql.connect.functions import count, lit
            from pyspark.sql.connect.observation import Observation
        else:
            from pyspark.sql import Observation
            from pyspark.sql.functions import count, lit

        seen = Observation("rows")
        frame.observe(seen, count(lit(1)).alias("n")).write.option("compression", "zstd").parquet(str(place))
        see_to_rows(int(seen.get["n"]), _parts(place), str(self.folder), SHARE)

    def _lay_open(self, query: SparkQuery) -> None:
        for view in query.views:
            self._use(view.name, self._opened(view))

    def _opened(self, view: View) -> Any:  # noqa: ANN401  a frame of Spark
        addresses = self._addresses(view.files)
        return self.session.read.parquet(*addresses) if view.form == "parquet" else self.session.read.text(addresses)

    def _lay_pads(self) -> None:
        import pyarrow as pa

        inner, outer = pads(self.key)
        self._use("pads", self.session.createDataFrame(pa.table({"inner_pad": [inner], "outer_pad": [outer]})))

    def forget(self) -> None:
        """Let the session forget the key."""
        with suppress(Exception):  # a session that broke off holds nothing either
            self.session.catalog.dropTempView("pads")

    @contextmanager
    def _interrupted(self) -> Iterator[None]:
        """Stop the cluster's work too on Ctrl-C."""
        try:
            yield
        except KeyboardInterrupt:
            with suppress(Exception):
                self.session.interruptAll()
            raise


def _parts(place: Path) -> list[Path]:
    return sorted(place.glob("*.parquet"))


@contextmanager
def open_spark_taker(limits: Limits, folder: Path, key: bytes) -> Iterator[Taker]:
    """Open a session by the master's address, to take uploads in.

    Raises:
        InputError: nothing answers at that address, or Java is missing.
        MissingExtraError: PySpark or Sail is not installed.
    """
    with opened(limits, folder) as session:
        taker = Clustered(session, limits, folder, key)
        try:
            yield taker
        finally:
            taker.forget()
