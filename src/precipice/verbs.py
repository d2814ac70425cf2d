"""The steps of a study as functions, with the same names and meanings as the commands."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from precipice.archive import Progress, Source
from precipice.panel import Panel
from precipice.profiles.correction import parse_accuracy
from precipice.study import Findings, Study, ledger, open_panel, read_study, take_in
from precipice.study import run as run_study
from precipice.study.crate import write_crate
from precipice.study.fetching import at_hand
from precipice.study.profiling import Profile, profile_study
from precipice.study.profiling.own_files import OwnFiles
from precipice.study.starting import start_study
from precipice.study.supplying import Wanted, look_ahead
from precipice.supply import Outlook
from precipice.version import VERSION

if TYPE_CHECKING:
    from precipice.loops import Feed
    from precipice.report import Methods
    from precipice.sources.collection.walk import Mode
    from precipice.study.collecting import Collected

Place = str | Path


def init(folder: Place, example: str | None = None) -> Path:
    """Make a study's folder, of an example (`openmoji`, `paper`) or blank; see `precipice init`."""
    start_study(Path(folder), example, now=datetime.now(UTC), version=VERSION)
    return Path(folder)


def ingest(  # noqa: PLR0913  all but the first two are options of the command
    folder: Place,
    *files: Place,
    kind: str,
    columns: Mapping[str, str] | None = None,
    platform: str | None = None,
    unit: Literal["artist", "uploader"] | None = None,
    timezone: str | None = None,
    on_bad: Literal["stop", "drop"] = "stop",
    engine: str | None = None,
) -> Source:
    """Take files into a study's archive; see `precipice ingest`.

    Args:
        folder: the study's folder.
        files: what to read: paths, or addresses (`https://`, `s3://`, `gs://`, `hf://`), which are fetched first.
        kind: `danbooru2023`, `gallery-dl`, `table` or another dump of the catalogue.
        columns: for tables: our name → the file's column.
        platform: name of the platform, where the files do not say.
        unit: who counts as the creator of a Danbooru post.
        timezone: zone of dates that say none.
        on_bad: stop at what cannot be read, or drop and count it.
        engine: engine in place of the study's: `"duckdb"`, `"spark"`, `"spark=sc://host:15002"`.

    Returns:
        What was read, kept and dropped.
    """
    study = read_study(Path(folder)) if engine is None else read_study(Path(folder)).with_engine(engine)
    with at_hand(files) as there:
        return take_in(
            Path(folder), there, kind, study, now=datetime.now(UTC), version=VERSION,
            columns=columns, platform=platform, unit=unit, timezone=timezone, on_bad=on_bad,
        )  # fmt: skip


def collect(
    folder: Place, *, sites: tuple[str, ...] = (), budget: float | None = None, **settings: object
) -> "Collected":
    """Ask the platforms for the uploads of the artists of a study's list; see `precipice collect`.

    Args:
        folder: the study's folder.
        sites: names of sites; by default those of `[collect]`.
        budget: seconds after which to stop.
        settings: keys of `[collect]` in place of the study's: `n=250, where="followers > 2000"`.

    Returns:
        How each site's part ended, how each frame became a sample, and what was kept.

    Raises:
        InputError: something in the study cannot be used, or gallery-dl is not there.
    """
    return _collect(Path(folder), "collect", sites, budget, settings)


def refresh(
    folder: Place, *, sites: tuple[str, ...] = (), budget: float | None = None, recheck: bool = False
) -> "Collected":
    """Fetch what is new since artists were collected; see `precipice refresh`.

    Args:
        folder: the study's folder.
        sites: names of sites; by default those of `[collect]`.
        budget: seconds after which to stop.
        recheck: read every listing to its end, and take out what is no longer there.
    """
    return _collect(Path(folder), "recheck" if recheck else "update", sites, budget, {})


def _collect(
    folder: Path, mode: "Mode", sites: tuple[str, ...], budget: float | None, settings: Mapping[str, object]
) -> "Collected":
    from precipice.study.collecting import change, prepare
    from precipice.study.collecting import collect as collect_study

    study = change(read_study(folder), sites=sites or None, **settings)
    plan = prepare(folder, study, now=lambda: datetime.now(UTC), version=VERSION, mode=mode)
    return collect_study(plan, budget=budget)


def reduce(folder: Place, *, tags: tuple[str, ...] = ()) -> Panel:
    """Reduce a study's archive to its panel: creators × months.

    Args:
        folder: the study's folder.
        tags: tags for which the panel shall know who used them.
    """
    return open_panel(Path(folder), tags=tags)


def profile(
    folder: Place,
    *by: str,
    files: Place | None = None,
    sensitivity: str | None = None,
    specificity: str | None = None,
    embedder: str | None = None,
) -> Profile:
    """Profile what a study's cohorts upload and say; see `precipice profile`.

    Args:
        folder: the study's folder.
        by: names of sections; all where there are none.
        files: folder of files of your own, for sections that read such.
        sensitivity, specificity: how often the label of generative models is right: `"0.8"` or `"160/200"`.
        embedder: what makes vectors of pictures: `simple`, `onnx:MODEL.onnx`, …; None for `simple`.
    """
    texts = {"sensitivity": sensitivity, "specificity": specificity}
    options: dict[str, object] = {"embedder": embedder}
    options |= {name: None if text is None else parse_accuracy(text, where=name) for name, text in texts.items()}
    place = None if files is None else Path(files)
    return profile_study(Path(folder), read_study(Path(folder)), by, files=place, options=options)


def forecast(folder: Place, wanted: Wanted | None = None) -> tuple[Outlook, ...]:
    """Forecast the supply of a study's platforms and find runways; see `precipice supply`.

    Args:
        folder: the study's folder.
        wanted: what is asked; None for what the study's file asks for.
    """
    return look_ahead(Path(folder), read_study(Path(folder)), wanted)


def feed_of(folder: Place, *, platform: str | None = None, months: int | None = None, n: int | None = None) -> "Feed":
    """Give a study's uploads by generation as the feed of a loop; see `precipice simulate --study`.

    Args:
        folder: the study's folder.
        platform: which; None where there is only one.
        months: calendar months a generation; None for the study's.
        n: works to give every generation, at its measured share; None for as many as there are.

    Raises:
        InputError: the history is too short, or nothing tells human and synthetic uploads apart.
    """
    from precipice.study.feeding import feed_of as measured

    feed = measured(Path(folder), read_study(Path(folder)), platform=platform, months=months).feed
    return feed if n is None else feed.resized(n)


def run(folder: Place, *, simulate: bool = False) -> Findings:
    """Run a study and give what it found, without writing anything.

    Args:
        folder: the study's folder.
        simulate: draw a population of known truth in place of the archive.
    """
    return run_study(Path(folder), simulate=simulate)


@dataclass(frozen=True)
class Written:
    """What a report left behind."""

    page: Path
    """`report.html`."""
    findings: Path
    """`findings.json`."""
    record: Path
    """`runs/<utc>/run.json`."""
    answer: str
    """The answer in words, as on the page."""
    found: Findings
    """What the page shows."""


def write_report(
    folder: Place,
    *,
    started: datetime | None = None,
    settings: Study | None = None,
    simulate: bool = False,
    own: OwnFiles | None = None,
    progress: Progress = lambda step, share: None,
) -> Written:
    """Run a study, write its page, figures and tables, and the record of the run last.

    Args:
        folder: the study's folder.
        started: when, with a time zone; None for now.
        settings: the study's; None to read `precipice.toml`.
        simulate: draw a population of known truth in place of the archive.
        own: files of your own, to read marks and styles of.
        progress: called with each step in words, and its share done where that is known.
    """
    from precipice.report import answer, render
    from precipice.report.telling import FINDINGS

    folder, started = Path(folder), started or datetime.now(UTC)
    settings = settings or read_study(folder)
    findings = run_study(folder, study=settings, simulate=simulate, own=own, progress=progress)
    findings = replace(findings, run=ledger.describe(folder, settings, ledger.command_line(), started))
    progress("draw figures and write the page", None)
    page = render(findings, folder)
    told = folder / FINDINGS
    outputs = [page, told, *(folder / "figures").glob("*"), *(folder / "tables").glob("*")]
    record = ledger.keep(folder, findings.run, [path for path in outputs if path.is_file()], datetime.now(UTC))
    write_crate(folder, json.loads(record.read_text(encoding="utf-8")), record)
    return Written(page, told, record, answer(findings), findings)


def read_methods(folder: Place) -> "Methods":
    """Say how a study was made, from its findings and the record of its last run.

    Args:
        folder: the study's folder, reported on before.

    Raises:
        InputError: nothing is on record here, or `findings.json` cannot be read.
        CheckError: the last run no longer stands for what lies in the folder.
    """
    from precipice.report import describe_methods, read_findings

    record = ledger.check(Path(folder))
    return describe_methods(read_findings(Path(folder)), record["software"])


def export(folder: Place, out: Place, *, licence: str | None = None) -> tuple[Path, ...]:
    """Write what a study's report says as a data set to be published; see `precipice export`.

    Args:
        folder: the study's folder, reported on before.
        out: where to write; a new or empty folder, or one of an earlier export.
        licence: of the data set; None for the one that the study states, if any.

    Returns:
        The files written.

    Raises:
        InputError: nothing is on record here, or something else lies in `out`.
        CheckError: the last run no longer stands for what lies in the folder.
    """
    from precipice.report import export_set, read_findings

    record = ledger.check(Path(folder))
    stated = licence or record["settings"]["study"].get("licence")
    return export_set(read_findings(Path(folder)), record, stated, Path(out))
