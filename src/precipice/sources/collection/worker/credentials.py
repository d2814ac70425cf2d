"""Keys of a user's own: from gallery-dl's settings or the environment, never from a study, a command or a file of ours.

They are given to gallery-dl's memory in this process and go nowhere else.
"""

import os
from collections.abc import Mapping
from typing import Any

from gallery_dl import config

KEYS = {
    "artstation": (),
    "deviantart": (("client-id", "CLIENT_ID"), ("client-secret", "CLIENT_SECRET")),
    "danbooru": (("username", "USERNAME"), ("password", "API_KEY")),
}
"""Kind of site → gallery-dl's setting, and the end of the environment's name for it."""
REQUIRED = frozenset({"deviantart"})
"""Kinds that answer nobody without a key; gallery-dl's own key is for its own users."""


def find(site: str, kind: str) -> dict[str, str]:
    """Find the keys for one site: `PRECIPICE_SITE_…`, else `extractor.SITE` of gallery-dl's settings.

    Only what is written for this very site is taken, so that no key reaches another.
    """
    settings: dict[str, Any] = {}
    config.load(conf=settings)
    section = settings.get("extractor", {}).get(site, {})
    written = section if isinstance(section, Mapping) else {}
    prefix = "PRECIPICE_" + "".join(letter if letter.isalnum() else "_" for letter in site.upper())
    found = {name: os.environ.get(f"{prefix}_{end}") or written.get(name) for name, end in KEYS[kind]}
    whole = all(found.values())
    return {name: str(value) for name, value in found.items()} if whole else {}
