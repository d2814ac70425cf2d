"""Threads of the libraries that multiply matrices."""

from contextlib import AbstractContextManager
from functools import cache
from typing import Any


def one_thread() -> AbstractContextManager[Any]:
    """Multiply with one thread as long as the context lasts: where matrices are small, a second one mostly waits."""
    limit: AbstractContextManager[Any] = _libraries().limit(limits=1, user_api="blas")
    return limit


@cache
def _libraries() -> Any:  # noqa: ANN401  threadpoolctl has no types
    """Find the libraries, which takes a millisecond each time."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
