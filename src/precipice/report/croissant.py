"""A data set's description for machines: Croissant 1.0 (MLCommons), one JSON-LD file, written by hand."""

from collections.abc import Mapping, Sequence
from typing import Any

from precipice.report.published import Column, Published

CROISSANT = "croissant.json"
KINDS = {"text": "sc:Text", "whole": "sc:Float", "number": "sc:Float", "truth": "sc:Boolean"}
"""Whole numbers may be withheld, and readers have no whole number for nothing."""
CONTEXT: Mapping[str, Any] = {
    "@language": "en", "@vocab": "https://schema.org/", "citeAs": "cr:citeAs", "column": "cr:column",
    "conformsTo": "dct:conformsTo", "cr": "http://mlcommons.org/croissant/", "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"}, "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/", "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"}, "extract": "cr:extract", "field": "cr:field",
    "fileProperty": "cr:fileProperty", "fileObject": "cr:fileObject", "fileSet": "cr:fileSet", "format": "cr:format",
    "includes": "cr:includes", "isLiveDataset": "cr:isLiveDataset", "jsonPath": "cr:jsonPath", "key": "cr:key",
    "md5": "cr:md5", "parentField": "cr:parentField", "path": "cr:path", "recordSet": "cr:recordSet",
    "references": "cr:references", "regex": "cr:regex", "repeated": "cr:repeated", "replace": "cr:replace",
    "samplingRate": "cr:samplingRate", "sc": "https://schema.org/", "separator": "cr:separator", "source": "cr:source",
    "subField": "cr:subField", "transform": "cr:transform",
}  # fmt: skip
"""As the specification has it."""


def describe_set(
    about: Mapping[str, Any], tables: Sequence[Published], files: Mapping[str, tuple[str, int]]
) -> dict[str, Any]:
    """Describe a data set.

    Args:
        about: its name, description, date and so on, as schema.org names them.
        tables: each in a file of its name.
        files: file → SHA-256 and bytes.
    """
    return {
        "@context": dict(CONTEXT), "@type": "sc:Dataset", "conformsTo": "http://mlcommons.org/croissant/1.0",
        **about, "isLiveDataset": False,
        "distribution": [_object(name, *known) for name, known in files.items()],
        "recordSet": [_records(table) for table in tables],
    }  # fmt: skip


def _object(name: str, digest: str, size: int) -> dict[str, Any]:
    kinds = {".csv": "text/csv", ".json": "application/json", ".md": "text/markdown"}
    return {
        "@type": "cr:FileObject", "@id": name, "name": name, "contentUrl": name, "contentSize": f"{size} B",
        "encodingFormat": kinds[name[name.rindex(".") :]], "sha256": digest,
    }  # fmt: skip


def _records(table: Published) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet", "@id": table.name, "name": table.name, "description": f"{table.words}.",
        "field": [_field(table.name, column) for column in table.columns],
    }  # fmt: skip


def _field(table: str, column: Column) -> dict[str, Any]:
    return {
        "@type": "cr:Field", "@id": f"{table}/{column.name}", "name": column.name, "description": column.words,
        "dataType": KINDS[column.kind],
        "source": {"fileObject": {"@id": f"{table}.csv"}, "extract": {"column": column.name}},
    }  # fmt: skip
