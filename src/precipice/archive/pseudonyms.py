"""Pseudonyms: names become keyed hashes at the archive's door, and the key lies elsewhere.

A pseudonym is HMAC-SHA-256 (RFC 2104) of platform, a zero byte and the name, cut to its first 63 bits, as a
non-negative whole number: 10 million creators share one with a chance of 5 in a million.  A number takes an eighth of
the memory of its text and is faster to group by.
"""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

import duckdb

from precipice.errors import InputError

OTHER_NAMES = "names that come in now would get other pseudonyms than those in the archive"

BLOCK = 64  # bytes of a SHA-256 block, to which HMAC pads its key

MACRO = """
CREATE OR REPLACE TEMP MACRO pseudonym(platform, name) AS (
    ('0x' || substr(sha256(getvariable('outer_pad') || unhex(sha256(
        getvariable('inner_pad') || encode(platform || chr(0) || name)))), 1, 16))::UBIGINT >> 1)::BIGINT
"""
"""HMAC spelled out from its definition, since the engine has SHA-256 and no HMAC."""


def pseudonym(key: bytes, platform: str, name: str) -> int:
    """Give the pseudonym of one creator: 63 bits of HMAC-SHA-256."""
    digest = hmac.digest(key, f"{platform}\0{name}".encode(), "sha256")
    return int.from_bytes(digest[:8], "big") >> 1


def pseudonym_text(number: int) -> str:
    """Write a pseudonym as 16 hexadecimal digits."""
    return f"{int(number):016x}"


def check_value(key: bytes, archive_id: str) -> str:
    """Give what tells an archive's key from another and betrays nothing of it: 64 bits of an HMAC, in hexadecimal."""
    return hmac.digest(key, f"precipice key\0{archive_id}".encode(), "sha256")[:8].hex()


def teach(connection: duckdb.DuckDBPyConnection, key: bytes) -> None:
    """Give a connection the macro `pseudonym(platform, name)`; the key lives in the session only."""
    inner, outer = pads(key)
    connection.execute("SET VARIABLE inner_pad = $1", [inner])
    connection.execute("SET VARIABLE outer_pad = $1", [outer])
    connection.execute(MACRO)


def pads(key: bytes) -> tuple[bytes, bytes]:
    """Give what HMAC hashes before a message, and before the hash of that; either is as secret as the key."""
    padded = (hashlib.sha256(key).digest() if len(key) > BLOCK else key).ljust(BLOCK, b"\0")
    return bytes(byte ^ 0x36 for byte in padded), bytes(byte ^ 0x5C for byte in padded)


def default_place(archive_id: str) -> Path:
    """Where the key of an archive lies unless the study says otherwise: outside of the study's folder."""
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "precipice" / "keys" / f"{archive_id}.key"


def find_key(archive_id: str, place: Path | None = None, *, empty: bool, known: str = "") -> bytes:
    """Read an archive's key, and make one where the archive is still empty.

    Args:
        archive_id: the archive's own identifier.
        place: a file chosen by the study; None for the user's data folder.  `PRECIPICE_KEY` in the environment
            (hexadecimal) comes before both.
        empty: whether the archive holds no upload yet.
        known: the check value of the archive's key, empty where it is not known.

    Raises:
        InputError: the archive has uploads and its key is not here or is another, or the key cannot be read.
    """
    spoken = os.environ.get("PRECIPICE_KEY")
    place = place or default_place(archive_id)
    if spoken is None and not place.exists():
        if not empty:
            raise InputError(
                "the archive's key is not here",
                where=str(place),
                why=OTHER_NAMES,
                fix='copy it from where the archive was made, or name it:  [archive] key = "FILE"   or PRECIPICE_KEY',
            )
        _write_key(place)
    text = spoken if spoken is not None else place.read_text().split("#")[0].strip()
    where = "PRECIPICE_KEY" if spoken is not None else str(place)
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) < 16:
        raise InputError(
            "the key cannot be used",
            where=where,
            why="a key is at least 32 hexadecimal digits",
            fix="restore the file, or set PRECIPICE_KEY to the right key",
        )
    if not empty and known not in ("", check_value(key, archive_id)):
        raise InputError(
            "this is not the archive's key",
            where=where,
            why=OTHER_NAMES,
            fix="restore the key that the archive was made with, or start another study",
        )
    return key


def _write_key(place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(32) + "\n")
