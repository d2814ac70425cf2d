"""The sampling frame: who may be asked, in the order in which a seed draws them.

The order of a frame is that of SHA-256 of seed, site and name, so a draw depends neither on the order of the file nor
on who else stands in it, and anybody with the list and the seed draws the same.  Taking the first n that meet a
condition is then a simple random sample of all that meet it.
"""

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from precipice.errors import InputError

NAME = "artists.csv"
COLUMNS = ("platform", "artist")


@dataclass(frozen=True)
class Candidate:
    """Somebody who may be asked."""

    site: str
    artist: str
    """Name on the platform."""
    id: str = ""
    """The platform's own id, where the list gives it."""


@dataclass(frozen=True)
class Frame:
    """The candidates of one site in the order of the draw, and how many lines did not become one."""

    site: str
    candidates: tuple[Candidate, ...]
    lines: int
    """Lines of the list."""
    duplicates: int = 0
    excluded: int = 0
    seed: int = 0
    """Of the draw."""


def read_list(place: Path) -> tuple[Candidate, ...]:
    """Read a list of artists: `platform,artist`, and `id` where it is known; lines with `#` before them are not read.

    Raises:
        InputError: there is no such file, a column is missing, or a line lacks a platform or a name.
    """
    try:
        text = place.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise InputError(
            "there is no list of artists",
            where=str(place),
            fix="write one with the columns platform,artist  or let it grow:  precipice collect --grow --help",
        ) from error
    except UnicodeDecodeError as error:
        raise InputError("the list is not UTF-8", where=str(place), why=str(error), fix="save it as UTF-8") from error
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if _says(line)]
    header = next(csv.reader([lines[0][1]])) if lines else []
    lacking = [name for name in COLUMNS if name not in [column.strip() for column in header]]
    if lacking:
        raise InputError(
            f"column '{lacking[0]}' is missing",
            where=f"{place.name}:{lines[0][0] if lines else 1}",
            why=f"the header has: {', '.join(header) or 'nothing'}",
            fix="its first line is:  platform,artist",
        )
    names = [column.strip() for column in header]
    return tuple(_candidate(place, number, names, line) for number, line in lines[1:])


def _says(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("#")


def _candidate(place: Path, number: int, names: list[str], line: str) -> Candidate:
    cells = dict(zip(names, (cell.strip() for cell in next(csv.reader([line]))), strict=False))
    if not cells.get("platform") or not cells.get("artist"):
        raise InputError(
            "a line has no platform or no artist",
            where=f"{place.name}:{number}",
            why=f"it is: {line[:60]}",
            fix="write it like:  artstation,NAME",
        )
    return Candidate(cells["platform"].lower(), cells["artist"], cells.get("id") or "")


def make_frame(site: str, listed: Iterable[Candidate], excluded: frozenset[str], seed: int) -> Frame:
    """Put the candidates of one site in the order of the draw.

    Args:
        site: name of the site.
        listed: candidates of any site.
        excluded: names and ids that must not be asked, without case.
        seed: of the draw.
    """
    mine = [candidate for candidate in listed if candidate.site == site]
    once = {candidate.artist.casefold(): candidate for candidate in reversed(mine)}
    allowed = [
        candidate for candidate in once.values()
        if not {candidate.artist.casefold(), candidate.id.casefold()} - {""} & excluded
    ]  # fmt: skip
    ordered = sorted(allowed, key=lambda candidate: ticket(seed, site, candidate.artist))
    return Frame(site, tuple(ordered), len(mine), len(mine) - len(once), len(once) - len(allowed), seed)


def ticket(seed: int, site: str, artist: str) -> bytes:
    """Give an artist's lot: who has the smallest is drawn first."""
    return hashlib.sha256(f"{seed}\0{site}\0{artist.casefold()}".encode()).digest()


def excluded_names(listed: Iterable[Candidate]) -> Mapping[str, frozenset[str]]:
    """Give the names and ids of a list of excluded artists, by site, without case."""
    found: dict[str, set[str]] = {}
    for candidate in listed:
        found.setdefault(candidate.site, set()).update(
            word.casefold() for word in (candidate.artist, candidate.id) if word
        )
    return {site: frozenset(names) for site, names in found.items()}


def grown(place: Path, found: Iterable[Candidate]) -> tuple[str, int]:
    """Give a list's text with the candidates that are new appended, and how many are; what stands there stays."""
    text = place.read_text(encoding="utf-8-sig") if place.exists() else ""
    header = next((line for line in text.splitlines() if _says(line)), "")
    names = [column.strip() for column in next(csv.reader([header]))] if header else ["platform", "artist", "id"]
    held = {(c.site, c.artist.casefold()) for c in read_list(place)} if header else set()
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if not header:
        writer.writerow(names)
    new = list(_new(found, held))
    for candidate in new:
        cells = {"platform": candidate.site, "artist": candidate.artist, "id": candidate.id}
        writer.writerow([cells.get(name, "") for name in names])
    joint = "" if not text or text.endswith("\n") else "\n"
    return text + joint + out.getvalue(), len(new)


def _new(found: Iterable[Candidate], held: set[tuple[str, str]]) -> Iterator[Candidate]:
    for candidate in found:
        key = (candidate.site, candidate.artist.casefold())
        if key not in held:
            held.add(key)
            yield candidate


def estimated_eligible(frame: int, screened: int, eligible: int) -> float:
    """Estimate how many of a frame meet a condition, from a draw that stopped at its n-th who did.

    Unbiased where the last one screened was eligible.  Source: J. B. S. Haldane, On a method of estimating
    frequencies, Biometrika 33 (1945), for draws without replacement.

    Args:
        frame: candidates in all.
        screened: candidates looked at, in random order.
        eligible: of these, those who met the condition.
    """
    if screened >= frame:
        return float(eligible)
    if eligible < 2 or screened < 2:
        return frame * eligible / max(screened, 1)
    return frame * (eligible - 1) / (screened - 1)
