"""How long steps say how far they have come."""

from collections.abc import Callable

Progress = Callable[[str, float | None], None]
"""Called with each step in words, and its share done (0 to 1) where that is known."""
