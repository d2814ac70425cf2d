"""A catalogue of public data sets: where they lie, under which licence, and by which door they come in.

Files are fetched with pooch, or taken from a folder that holds them already (a mirror).  No download has been tried
against the live addresses; the tests fetch from a server on loopback and from a folder.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from precipice.errors import InputError, SourceError


@dataclass(frozen=True)
class PublicFile:
    """One file of a data set."""

    name: str
    address: str
    sha256: str | None = None
    """What the file must hash to; None where the publisher states none and none was measured."""


@dataclass(frozen=True)
class PublicSet:
    """One public data set."""

    name: str
    files: tuple[PublicFile, ...]
    kind: str
    """The door it comes in by."""
    licence: str
    words: str
    """What it is, and what to know before using it."""
    platform: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    """For tables: our name → the file's column."""

    def fetch(self, mirror: Path | None = None, cache: Path | None = None) -> tuple[Path, ...]:
        """Give the set's files, from a mirror folder or by download.

        Args:
            mirror: folder that holds the files under their names.
            cache: where downloads are kept; None for the user's cache folder.

        Raises:
            InputError: the mirror lacks a file, or a file is not what it should be.
            SourceError: the download was refused or broke off.
        """
        return tuple(self._one(file, mirror, cache) for file in self.files)

    def _one(self, file: PublicFile, mirror: Path | None, cache: Path | None) -> Path:
        import pooch

        if mirror is not None:
            place = mirror / file.name
            if not place.is_file():
                raise InputError(
                    f"the mirror has no {file.name}",
                    where=str(mirror),
                    why=f"{self.name} consists of {', '.join(one.name for one in self.files)}",
                    fix=f"fetch it from {file.address}",
                )
            if file.sha256 is not None and pooch.file_hash(str(place)) != file.sha256:
                raise InputError(
                    f"{file.name} is not what it should be",
                    where=str(place),
                    why=f"its SHA-256 is not {file.sha256}",
                    fix=f"fetch it again from {file.address}",
                )
            return place
        return self._download(file, cache)

    def _download(self, file: PublicFile, cache: Path | None) -> Path:
        import pooch
        import requests

        folder = (cache or Path(pooch.os_cache("precipice"))) / self.name
        try:
            known = f"sha256:{file.sha256}" if file.sha256 else None
            return Path(pooch.retrieve(file.address, known, fname=file.name, path=folder, progressbar=False))
        except (requests.RequestException, OSError, ValueError) as error:
            raise SourceError(
                f"cannot fetch {file.name}",
                where=file.address,
                why=str(error).splitlines()[0][:300],
                fix=f"try again, or fetch it yourself and name its folder:  --dataset {self.name} --mirror FOLDER",
            ) from error


CRYPTO_ART = "https://raw.githubusercontent.com/Barabasi-Lab/crypto-art/96b4cabb0af943cc5ae48f3a36cb6c7107ab4225/data"

CATALOGUE: Mapping[str, PublicSet] = {
    one.name: one
    for one in (
        PublicSet(
            name="danbooru2023",
            files=(
                PublicFile(
                    "posts.json",
                    "https://huggingface.co/datasets/nyanko7/danbooru2023/resolve/main/metadata/posts.json",
                ),
            ),
            kind="danbooru2023",
            licence="see the publisher's page; the works belong to their artists",
            words="20.7 GB of JSON Lines, posts to late 2023; the clock is the day a fan posted the work to Danbooru",
            platform="danbooru",
        ),
        PublicSet(
            name="foundation",
            files=(
                PublicFile("mint_data.csv", f"{CRYPTO_ART}/mint_data.csv"),
                PublicFile("list_data.csv", f"{CRYPTO_ART}/list_data.csv"),
            ),
            kind="foundation",
            licence="MIT (Barabasi-Lab/crypto-art)",
            words="NFTs minted on Foundation from January to June 2021; tokens never listed have no known creator",
            platform="foundation",
        ),
    )
}
"""Public data sets by name."""


def find(name: str) -> PublicSet:
    """Find a data set by name.

    Raises:
        InputError: the catalogue has none of that name.
    """
    if name not in CATALOGUE:
        close = difflib.get_close_matches(name, CATALOGUE, n=1)
        raise InputError(
            f"the catalogue has no '{name}'",
            why=f"it has {', '.join(CATALOGUE)}",
            fix=f"did you mean '{close[0]}'?" if close else "name one of those, or ingest your own files",
        )
    return CATALOGUE[name]
