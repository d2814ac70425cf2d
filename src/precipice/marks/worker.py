"""A process that reads one file after the other, so that what a file does to its reader costs that file alone.

Paths come in on stdin and records go out on stdout, a JSON line each.  Run as `python -m precipice.marks.worker`.
"""

import json
import os
import sys
from pathlib import Path

from precipice.marks.reading import read_file

MEMORY = 3 << 30
"""Bytes of address space: libraries take up to 1 GiB of it, and one file at its limits half a GiB."""


def main() -> None:
    """Read paths until there are no more."""
    out = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)  # a native library may print
    _bound()
    folder = Path(sys.argv[1])
    for line in sys.stdin:
        out.write(json.dumps(read_file(folder, json.loads(line)).as_dict()) + "\n")
        out.flush()


def _bound() -> None:
    """Leave no core dump, and take no more memory than a file at its limits can need."""
    try:
        import resource
    except ImportError:  # Windows has none
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    wanted = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))
    except (ValueError, OSError):  # macOS knows the limit and refuses to set it
        return


if __name__ == "__main__":
    main()
