"""Addresses of engines and stores, and what of them may be written down."""

import re

SECRET = re.compile(
    r"((?:token|password|passwd|key|secret|signature|sig|credential)[\w.-]*=)[^;&\s'\"]+", re.IGNORECASE
)
USERINFO = re.compile(r"(//[^/@:\s]*):[^/@\s]+@")


def without_secrets(text: str | None) -> str:
    """Take out what follows `token=` and the like in an address, and the password before a host."""
    return USERINFO.sub(r"\1:…@", SECRET.sub(r"\1…", text or ""))
