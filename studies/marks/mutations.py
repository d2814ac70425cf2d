"""Damage done to picture files: what disks, networks and enemies do to them."""

import struct
from collections.abc import Callable, Mapping, Sequence

import numpy as np

EXTREMES = (0, 1, 2, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF)
"""Lengths and offsets at which readers stumble."""
LONGEST = 64 << 10
"""Bytes of a part that is repeated, moved or thrown in."""

Damage = Callable[[bytes, bytes, np.random.Generator], bytes]
"""From a file, another file and a source of chance to a damaged file."""


def _span(content: bytes, rng: np.random.Generator) -> tuple[int, int]:
    start = int(rng.integers(0, len(content)))
    return start, start + int(min(len(content) - start, 1 + rng.geometric(1 / 200), LONGEST))


def flip(content: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """Flip 1 to 20 bits anywhere."""
    found = bytearray(content)
    for place in rng.integers(0, len(content), int(rng.integers(1, 21))).tolist():
        found[place] ^= 1 << int(rng.integers(0, 8))
    return bytes(found)


def early(content: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """Overwrite 1 to 8 of the first 600 bytes, where containers keep their structure."""
    found = bytearray(content)
    for place in rng.integers(0, min(600, len(content)), int(rng.integers(1, 9))).tolist():
        found[place] = int(rng.integers(0, 256))
    return bytes(found)


def extreme(content: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """Overwrite two or four bytes by an extreme number, in either order."""
    form = str(rng.choice([">H", "<H", ">I", "<I"]))
    size = struct.calcsize(form)
    number = int(rng.choice(EXTREMES)) & (256**size - 1)
    place = int(rng.integers(0, max(1, len(content) - size)))
    return content[:place] + struct.pack(form, number) + content[place + size :]


def cut(content: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """Cut the file short."""
    return content[: int(rng.integers(0, len(content)))]


def drop(content: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """Take a part out."""
    start, end = _span(content, rng)
    return content[:start] + content[end:]


def repeat(content: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """Repeat a part 2 to 2,000 times."""
    start, end = _span(content, rng)
    return content[:end] + content[start:end] * int(2 ** rng.uniform(1, 11)) + content[end:]


def splice(content: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """Go on with the rest of another file."""
    return content[: int(rng.integers(0, len(content)))] + other[int(rng.integers(0, len(other))) :]


def noise(content: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """Overwrite a part with noise."""
    start, end = _span(content, rng)
    return content[:start] + rng.bytes(end - start) + content[end:]


DAMAGES: Mapping[str, Damage] = {
    "flip": flip, "early": early, "extreme": extreme, "cut": cut, "drop": drop, "repeat": repeat, "splice": splice,
    "noise": noise,
}  # fmt: skip


def mutate(files: Sequence[bytes], number: int, seed: int) -> tuple[str, int, bytes]:
    """Damage one of the files, once to three times.

    Args:
        files: the sound ones, none of them empty.
        number: of the mutation; it alone and the seed decide what happens.
        seed: of the study.

    Returns:
        The damages done, joined by `+`; the index of the file; the damaged file.
    """
    rng = np.random.default_rng((seed, number))
    index = number % len(files)
    content, names = files[index], []
    for _ in range(int(rng.choice([1, 1, 2, 3]))):
        name = str(rng.choice(list(DAMAGES)))
        other = files[int(rng.integers(0, len(files)))]
        content = DAMAGES[name](content, other, rng) if content else content
        names.append(name)
    return "+".join(names), index, content
