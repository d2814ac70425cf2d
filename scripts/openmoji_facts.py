"""Make the embedded example's table of facts from the npm package `openmoji` 17.0.0 (CC BY-SA 4.0).

    npm pack openmoji@17.0.0
    python scripts/openmoji_facts.py openmoji-17.0.0.tgz src/precipice/examples/openmoji/uploads.csv

Artists become running numbers in the order of their first picture.  41 pictures by two artists are dated 2010-01-31
in the source, eight years before the project began; both artists' other first pictures are of May 2019, so the date is
read as 2020-01-31, the first such day on which both were there.  It is the one change made to the facts.
"""

import csv
import io
import json
import sys
import tarfile
from pathlib import Path

MISDATED = {"2010-01-31": "2020-01-31"}
COLUMNS = ("id", "artist", "date", "tags")


def facts(package: Path) -> list[dict[str, str]]:
    """Read the package's pictures and give them by date: id, artist, date, tags."""
    with tarfile.open(package) as archive:
        member = archive.extractfile("package/data/openmoji.json")
        pictures = json.load(io.TextIOWrapper(member, "utf-8")) if member else []
    for picture in pictures:
        picture["openmoji_date"] = MISDATED.get(picture["openmoji_date"], picture["openmoji_date"])
    pictures.sort(key=lambda picture: (picture["openmoji_date"], picture["order"] or 10**6, picture["hexcode"]))
    numbers: dict[str, int] = {}
    rows = []
    for picture in pictures:
        number = numbers.setdefault(picture["openmoji_author"].strip(), len(numbers) + 1)
        words = [picture["group"], picture["subgroups"], *picture["openmoji_tags"].split(",")]
        tags = "|".join(dict.fromkeys(word.strip() for word in words if word.strip()))
        rows.append(
            {"id": picture["hexcode"], "artist": f"artist-{number:03d}", "date": picture["openmoji_date"], "tags": tags}
        )
    return rows


def main() -> None:
    """Write the table."""
    package, target = map(Path, sys.argv[1:])
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(facts(package))


if __name__ == "__main__":
    main()
