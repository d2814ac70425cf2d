"""Conditions that candidates are screened by: comparisons of what a profile says."""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from precipice.errors import InputError

ATTRIBUTES = ("followers", "uploads", "kind", "last")
OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge, "<=": operator.le, "!=": operator.ne, ">": operator.gt, "<": operator.lt, "=": operator.eq,
}  # fmt: skip
COMPARISON = re.compile(r"\s*(\w+)\s*(>=|<=|!=|>|<|=)\s*'?([\w.,-]+)'?\s*")
MONTH = re.compile(r"\d{4}-\d{2}")


@dataclass(frozen=True)
class Condition:
    """Comparisons that all have to hold."""

    text: str
    parts: tuple[tuple[str, str, str], ...]
    """Attribute, operator, value."""

    @property
    def attributes(self) -> frozenset[str]:
        """What has to be known of a candidate."""
        return frozenset(name for name, _, _ in self.parts)

    def meets(self, profile: Mapping[str, Any]) -> bool | None:
        """Tell whether a profile meets the condition; None where it does not say enough."""
        answers = [_compare(profile.get(name), sign, value) for name, sign, value in self.parts]
        return False if False in answers else None if None in answers else True


def _compare(known: object, sign: str, value: str) -> bool | None:
    if known is None:
        return None
    if isinstance(known, str):  # a kind, or the month of a moment
        return OPERATORS[sign](known[: len(value)] if MONTH.fullmatch(value) else known, value)
    return OPERATORS[sign](float(str(known)), float(value.replace(",", "").replace("_", "")))


def parse_condition(text: str) -> Condition:
    """Read a condition such as `followers > 2000 and kind = artist`.

    Raises:
        InputError: it cannot be read.
    """
    parts = []
    for part in re.split(r"\s+and\s+", text.strip(), flags=re.IGNORECASE):
        found = COMPARISON.fullmatch(part)
        if not found or found[1] not in ATTRIBUTES or not _is_fit(*found.groups()):
            raise InputError(
                f"cannot read the condition '{part.strip()}'",
                where=f"--where {text!r}",
                why="screened by are followers, uploads, kind (artist, studio, group) and last (the month of the "
                "newest upload), joined by 'and'",
                fix="write it like:  --where 'followers > 2000'",
            )
        parts.append((found[1], found[2], found[3]))
    return Condition(text.strip(), tuple(parts))


def _is_fit(name: str, sign: str, value: str) -> bool:
    if name == "kind":
        return sign in ("=", "!=")
    if name == "last":
        return MONTH.fullmatch(value) is not None
    return re.fullmatch(r"[\d_,]+(\.\d+)?", value) is not None
