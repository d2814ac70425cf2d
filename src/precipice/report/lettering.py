"""Where words go on a figure: how wide they are, where lines break, and which labels would lie on each other.

Figures are laid out before anything is drawn, so widths come from a table and not from a screen.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from unicodedata import east_asian_width

LETTERS = {
    "ijl'": 222, "|": 260, "ftI \u00a0!,./:;[]\\": 278, "r-()`{}": 333, '"': 355, "*": 389, "^": 469, "ckszJvxy": 500,
    "abdeghnopqu0123456789$#?_L": 556, "FTZ~+<>=": 600, "ABEKPSVXY&": 667, "CDHNRUw": 722, "GOQ": 778, "mM": 833,
    "%": 889, "W": 944, "@—": 1000,
}  # fmt: skip
"""Advance widths of Helvetica and the faces of the same widths, in thousandths of the type size, rounded."""
WIDTHS = {letter: width for letters, width in LETTERS.items() for letter in letters}
BOLD = 1.08
"""Bold type is about this much wider."""


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Estimate the width of a text in pixels, for type of a size in pixels."""
    thousandths = sum(WIDTHS.get(letter, 1000 if east_asian_width(letter) in "WF" else 600) for letter in text)
    return thousandths / 1000 * size * (BOLD if bold else 1)


def wrap(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """Break a text into lines no wider than `width` pixels, between words; a longer word is cut.

    A no-break space holds what stands around it together: a number and its unit.
    """
    lines: list[str] = []
    for word in re.findall(r"[^ \t\n]+", text):
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(joined, size, bold=bold) <= width:
            lines[-1] = joined
        else:
            lines.append(shorten(word, width, size, bold=bold))
    return lines


def shorten(text: str, width: float, size: float, *, bold: bool = False) -> str:
    """Cut a text that is wider than `width` pixels, and put an ellipsis where it was cut."""
    if text_width(text, size, bold=bold) <= width:
        return text
    kept = text
    while len(kept) > 1 and text_width(kept + "…", size, bold=bold) > width:
        kept = kept[:-1]
    return kept + "…"


@dataclass(frozen=True)
class Flag:
    """A label beside the top of a vertical rule."""

    text: str
    x: float
    """Of the rule, pixels from the left edge of the plot."""
    lane: int
    """Line of type above the plot, 0 for the lowest; the rule reaches up to it."""
    left: bool
    """Whether the label stands to the left of its rule."""
    width: float

    @property
    def span(self) -> tuple[float, float]:
        """Left and right end of the label."""
        return (self.x - GAP - self.width, self.x - GAP) if self.left else (self.x + GAP, self.x + GAP + self.width)


GAP = 2.5
"""Pixels between a rule and its label, and the least between two labels."""
MOST_LANES = 4
"""Lines of labels above a plot, before they just step down; more would take the plot's room."""


def place_flags(rules: Sequence[tuple[float, str]], limits: tuple[float, float], size: float) -> tuple[Flag, ...]:
    """Place labels at vertical rules so that none lies on another or on a rule, in as few lines as will do.

    Args:
        rules: position in pixels and label of each, from left to right.
        limits: leftmost and rightmost pixel that a label may take.
        size: of the type, pixels.
    """
    short = [(x, shorten(text, limits[1] - limits[0], size)) for x, text in rules]
    for lanes in range(1, min(len(short), MOST_LANES) + 1):
        placed = _place(short, (), lanes, limits, size)
        if placed is not None:
            return placed
    # Steps down to the right hold every label, though the last may reach over the edge.
    steps = [(x, text, len(short) - 1 - index) for index, (x, text) in enumerate(short)]
    return tuple(Flag(text, x, lane, left=False, width=text_width(text, size)) for x, text, lane in steps)


def _place(
    rules: Sequence[tuple[float, str]], placed: tuple[Flag, ...], lanes: int, limits: tuple[float, float], size: float
) -> tuple[Flag, ...] | None:
    """Place the labels that are left beside those placed, or give None where there is no room for them."""
    if len(placed) == len(rules):
        return placed
    x, text = rules[len(placed)]
    for lane in range(lanes):
        for left in (False, True):
            flag = Flag(text, x, lane, left, text_width(text, size))
            inside = limits[0] <= flag.span[0] and flag.span[1] <= limits[1]
            if inside and not any(_clash(flag, other) for other in placed):
                whole = _place(rules, (*placed, flag), lanes, limits, size)
                if whole is not None:
                    return whole
    return None


def _clash(flag: Flag, other: Flag) -> bool:
    """Say whether one label touches the other, or lies on or beyond the other's rule where that passes by."""
    upper, lower = (flag, other) if flag.lane > other.lane else (other, flag)
    if _reaches(lower, upper.x):
        return True
    touching = flag.span[0] < other.span[1] + GAP and other.span[0] < flag.span[1] + GAP
    return flag.lane == other.lane and (touching or _reaches(upper, lower.x))


def _reaches(flag: Flag, x: float) -> bool:
    """Say whether a rule at x stands between a label's far end and its own rule."""
    return min(flag.x, flag.span[0] - GAP) < x < max(flag.x, flag.span[1] + GAP) and x != flag.x


def spread(places: Sequence[float], least: float, limits: tuple[float, float]) -> list[float]:
    """Move places apart until neighbours are `least` pixels from each other, and keep them within the limits."""
    order = sorted(range(len(places)), key=lambda index: places[index])
    moved = list(places)
    for before, after in pairwise(order):
        moved[after] = max(moved[after], moved[before] + least)
    overshoot = max(0.0, moved[order[-1]] - limits[1]) if order else 0.0
    ceiling = limits[1]
    for index in reversed(order):
        moved[index] = max(limits[0], min(moved[index], ceiling)) if overshoot else max(limits[0], moved[index])
        ceiling = moved[index] - least
    return moved
