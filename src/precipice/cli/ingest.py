"""`precipice ingest`: files into the archive."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import click

from precipice.cli.common import engine_option, print_json, print_rows, progress_bar, say, settings, shared_options
from precipice.errors import InputError

KINDS = ("danbooru2023", "gallery-dl", "table")

EXAMPLES = """
\b
Examples:
  precipice ingest posts.json --as danbooru2023 study
  precipice ingest output/*.json --as gallery-dl study
  precipice ingest uploads.csv.gz --as table --columns creator=artist,published=date,id=url --platform mysite study
  precipice ingest --dataset foundation --mirror downloads/ study
  precipice ingest s3://bucket/posts.jsonl.gz --as danbooru2023 study
  precipice ingest /shared/posts.json --as danbooru2023 --engine spark=spark://head:7077 /shared/study
"""


@click.command(name="ingest", epilog=EXAMPLES)
@click.argument("paths", nargs=-1, metavar="FILE… [DIR]")
@click.option("--as", "kind", type=click.Choice(KINDS), help="What the files are.")
@click.option("--columns", default="", metavar="OURS=THEIRS,…", help="For tables: which column is what.")
@click.option("--platform", default=None, metavar="NAME", help="Name of the platform, where the files do not say.")
@click.option("--unit", type=click.Choice(["artist", "uploader"]), default=None,
              help="Whom a Danbooru post counts for: its artist tags (default), or who uploaded it.")  # fmt: skip
@click.option(
    "--timezone", default=None, metavar="ZONE", help="Zone of dates that say none, such as UTC or Asia/Tokyo."
)
@click.option("--on-bad", type=click.Choice(["stop", "drop"]), default="stop", show_default=True,
              help="Stop at what cannot be read, or drop and count it.")  # fmt: skip
@click.option("--dataset", default=None, metavar="NAME", help="A public data set of the catalogue instead of files.")
@click.option("--mirror", default=None, type=click.Path(path_type=Path), metavar="FOLDER",
              help="Folder that already holds the data set's files.")  # fmt: skip
@engine_option
@shared_options
def command(
    paths: tuple[str, ...],
    kind: str | None,
    columns: str,
    platform: str | None,
    unit: Literal["artist", "uploader"] | None,
    timezone: str | None,
    on_bad: Literal["stop", "drop"],
    dataset: str | None,
    mirror: Path | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    seed: int | None,
    config: Path | None,
) -> None:
    """Take files into the archive of the study in DIR (default: here), which is made if it is not there.

    A FILE may be an address (https://, s3://, gs://, hf://): it is fetched whole first, and costs its size on disk.

    Every row is kept or counted under a named rule; taking the same file in twice changes nothing; a killed ingest
    leaves the archive as it was.
    """
    from precipice.sources.tables import parse_columns
    from precipice.study import take_in
    from precipice.study.fetching import at_hand
    from precipice.version import VERSION

    folder, files = _folder_and_files(paths, from_catalogue=dataset is not None)
    study = settings(folder, config, seed=seed)
    column_map = parse_columns(columns)
    if dataset is not None:
        from precipice.sources.catalogue import find

        entry = find(dataset)
        files = tuple(map(str, entry.fetch(mirror)))
        kind, platform, column_map = entry.kind, platform or entry.platform, {**entry.columns, **column_map}
    if kind is None:
        raise InputError("what are these files?", why="--as is missing", fix=f"add:  --as {'|'.join(KINDS)}")
    folder.mkdir(parents=True, exist_ok=True)
    with progress_bar(quiet=quiet, verbose=verbose) as progress, at_hand(files, progress) as there:
        source = take_in(
            folder, there, kind, study, now=datetime.now(UTC), version=VERSION, columns=column_map, platform=platform,
            unit=unit, timezone=timezone, on_bad=on_bad, progress=progress,
        )  # fmt: skip
    if as_json:
        print_json({"source": asdict(source)})
        return
    say(
        f"{source.read:,} rows read, {source.kept:,} kept"
        + (f" ({source.replaced:,} in place of older records)" if source.replaced else ""),
        quiet=quiet,
    )
    print_rows({"dropped under rule": rule, "rows": count} for rule, count in source.dropped.items())


def _folder_and_files(paths: tuple[str, ...], *, from_catalogue: bool) -> tuple[Path, tuple[str, ...]]:
    """Tell the study's folder, the last of several paths, from the files before it."""
    from precipice.sources.remote import is_remote

    if from_catalogue:
        return Path(paths[-1] if paths else "."), ()
    if not paths:
        raise InputError("there is nothing to ingest", fix="name the files:  precipice ingest FILE… --as table [DIR]")
    if len(paths) > 1 and not is_remote(paths[-1]) and not Path(paths[-1]).is_file():
        return Path(paths[-1]), paths[:-1]
    return Path(), paths
