"""Packages whose names are imported from their modules when they are first used."""

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence


def on_demand(package: str, places: Mapping[str, Sequence[str]]) -> Callable[[str], object]:
    """Make the `__getattr__` of a package: it imports a name from its module, once, when somebody asks for it.

    Args:
        package: the package's own name.
        places: module → the names that are taken from it.

    Raises:
        AttributeError: raised by what is returned, where a name has no place; then Python looks for a module so named.
    """
    homes = {name: place for place, names in places.items() for name in names}

    def named(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module '{package}' has no attribute '{name}'")
        value = getattr(importlib.import_module(homes[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    return named
