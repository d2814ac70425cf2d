"""The shape of `findings.json`, as shipped and as documented; `PRECIPICE_GOLDEN=1 pytest tests/golden` writes both."""

import json
import os
from typing import Any

from precipice.report.document import schema
from tests.conftest import ROOT

SHIPPED = ROOT / "src" / "precipice" / "report" / "findings.schema.json"
DOCUMENT = ROOT / "docs" / "findings.md"
BEGIN, END = "<!-- made from the code: PRECIPICE_GOLDEN=1 pytest tests/golden -->\n", "<!-- end -->"


def rewritten() -> bool:
    return bool(os.environ.get("PRECIPICE_GOLDEN"))


def test_the_shipped_schema_is_that_of_the_code() -> None:
    text = json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"
    if rewritten():
        SHIPPED.write_text(text, encoding="utf-8")
    assert SHIPPED.read_text(encoding="utf-8") == text


def test_the_document_names_and_describes_everything() -> None:
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    text = before + BEGIN + tables(schema()) + rest[rest.index(END) :]
    if rewritten():
        DOCUMENT.write_text(text, encoding="utf-8")
    assert DOCUMENT.read_text(encoding="utf-8") == text


def tables(found: dict[str, Any]) -> str:
    """Write a table for the whole and for each of its parts."""
    parts = {"The whole": found, **{name.removesuffix("Told"): part for name, part in found["$defs"].items()}}
    return "\n".join(f"\n### {name}\n\n{part['description']}\n\n{rows(part)}" for name, part in parts.items()) + "\n"


def rows(part: dict[str, Any]) -> str:
    lines = [f"| `{name}` | {kind(field)} | {field['description']} |" for name, field in part["properties"].items()]
    return "\n".join(["| name | holds | |", "|---|---|---|", *lines, ""])


PLAIN = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "null": "null",
    "boolean": "yes or no",
}


def kind(field: dict[str, Any]) -> str:
    if "$ref" in field:
        return str(field["$ref"]).rpartition("/")[2].removesuffix("Told")
    if "anyOf" in field:
        kinds = [kind(part) for part in field["anyOf"]]
        return "a cell" if len(kinds) > 3 else " or ".join(kinds)
    if "const" in field or "enum" in field:
        return "a word"
    if field["type"] in ("array", "object"):
        inner = field["items"] if field["type"] == "array" else field["additionalProperties"]
        return f"{'list of' if field['type'] == 'array' else 'by name:'} {kind(inner)}"
    return PLAIN[field["type"]]
