"""Run a command and wait for all that it started, so that their CPU counts: Spark's Java outlives the call for it.

python benchmarks/reaped.py COMMAND WORD…
"""

import ctypes
import os
import subprocess
import sys

SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of <sys/prctl.h>: orphans of this process become its children


def main() -> int:
    """Run the command; give its exit status once nothing of it is left."""
    if ctypes.CDLL(None, use_errno=True).prctl(SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "cannot adopt orphans")
    status = subprocess.run(sys.argv[1:], check=False).returncode
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return status


if __name__ == "__main__":
    sys.exit(main())
