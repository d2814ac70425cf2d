"""Export a study as a data set that may be published: plain tables, their description, and how they were made."""

import csv
import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from precipice.archive.manifest import write_atomically
from precipice.errors import InputError
from precipice.report.croissant import CROISSANT, describe_set
from precipice.report.document import Document, findings_schema
from precipice.report.paragraphs import describe_methods
from precipice.report.provenance import CITATION
from precipice.report.published import Published, published
from precipice.report.telling import FINDINGS, laid_out
from precipice.study.crate import licence_address

SIMULATED = "**SIMULATED — nothing here is measured.** "
NO_LICENCE = (
    "No licence is stated. Whoever made this study has not said what may be done with it: ask before you use more than "
    "its facts. (To state one: `licence = \"CC-BY-4.0\"` under `[study]` in precipice.toml, or `precipice export "
    "--licence`.)"
)  # fmt: skip


def export_set(told: Document, record: Mapping[str, Any], licence: str | None, out: Path) -> tuple[Path, ...]:
    """Write a data set: tables, `findings.json` and its schema, methods, README, licence note, `croissant.json` last.

    Args:
        told: the study's findings; nothing else is read, so nothing leaves that is not on the page.
        record: of the run that made them.
        licence: name or address of the licence; None where none is stated.
        out: folder; new, empty, or of an earlier export.

    Raises:
        InputError: something else lies in the folder.
    """
    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (out / CROISSANT).exists())):
        raise InputError(
            "there is something else in the folder to export to", where=str(out),
            why="an export is written to a new or empty folder, or over an earlier export", fix="name another folder",
        )  # fmt: skip
    out.mkdir(parents=True, exist_ok=True)
    tables = published(told)
    texts = {f"{table.name}.csv": _csv(table) for table in tables}
    texts[FINDINGS] = laid_out(told.plain()) + "\n"
    texts["findings.schema.json"] = json.dumps(findings_schema(), indent=1, ensure_ascii=False) + "\n"
    texts["methods.md"] = describe_methods(told, record["software"]).summary() + "\n"
    texts["LICENCE.md"] = f"Licence of this data set: {licence}\n" if licence else f"{NO_LICENCE}\n"
    texts["README.md"] = _readme(told, tables, licence)
    files = {name: _known(text) for name, text in texts.items()}
    texts[CROISSANT] = json.dumps(describe_set(_about(told, record, licence), tables, files), indent=1,
                                  ensure_ascii=False) + "\n"  # fmt: skip
    for name, text in texts.items():
        write_atomically(out / name, text)
    return tuple(out / name for name in texts)


def _known(text: str) -> tuple[str, int]:
    content = text.encode()
    return hashlib.sha256(content).hexdigest(), len(content)


def _csv(table: Published) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.name for column in table.columns])
    for row in table.rows:
        writer.writerow([_text(row.get(column.name)) for column in table.columns])
    return out.getvalue()


def _text(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _about(told: Document, record: Mapping[str, Any], licence: str | None) -> dict[str, Any]:
    simulated = "Simulated; nothing here is measured. " if told.simulated else ""
    return {
        "name": told.asked.title,
        "description": f"{simulated}Uploads by month and cohort: {told.asked.creators} on "
        f"{', '.join(told.asked.names.values())}, {told.asked.start} to {told.asked.end}. No number is of 1 to 4 "
        "creators, and no row of a single one.",
        "datePublished": str(record["finished"])[:10], "version": "1.0.0", "citeAs": CITATION,
        **({"license": licence_address(licence)} if licence else {}),
    }  # fmt: skip


def _readme(told: Document, tables: tuple[Published, ...], licence: str | None) -> str:
    asked = told.asked
    parts = [
        f"# {asked.title}",
        f"{SIMULATED if told.simulated else ''}{asked.creators} on {', '.join(asked.names.values())}, {asked.start} to "
        f"{asked.end}; made with precipice.",
        "No number is of 1 to 4 creators, no row is of a single one, and there are no names or pseudonyms.",
        "## What was found", *(f"- {sentence}" for sentence in [*told.answer.lead, *told.answer.facts]),
        told.answer.expected,
        "## What it cannot say", *(f"- {limit.name}. {limit.words}" for limit in told.limits),
        "## Files",
        "How it was made is in `methods.md`; everything as one document in `findings.json`, its shape in "
        "`findings.schema.json`; the same description for machines in `croissant.json`.",
        *(part for table in tables for part in _of_table(table)),
        "## Licence", f"{licence}" if licence else NO_LICENCE,
        "## To cite", CITATION,
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _of_table(table: Published) -> tuple[str, ...]:
    rows = "\n".join(f"| `{column.name}` | {column.words} |" for column in table.columns)
    return (
        f"### {table.name}.csv",
        f"A row: {table.words[0].lower()}{table.words[1:]}.",
        f"| column | |\n|---|---|\n{rows}",
    )
