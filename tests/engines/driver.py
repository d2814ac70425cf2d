"""A reduction on a cluster, run as a program of its own: says when it stands halfway, and what came of it.

python driver.py ARCHIVE MASTER HALFWAY RESULT
"""

import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

from precipice.archive import Limits, reduce
from precipice.archive.engines.spark import session_of


def watch(context: Any, halfway: Path) -> None:
    """Lay a file when some tasks of a stage are done and some are not."""
    tracker = context.statusTracker()
    while True:
        for stage in tracker.getActiveStageIds():
            found = tracker.getStageInfo(stage)
            if found is not None and found.numTasks >= 8 and 3 <= found.numCompletedTasks <= found.numTasks - 3:
                halfway.write_text(f"{found.numCompletedTasks} of {found.numTasks}")
                return
        time.sleep(0.01)


def hosts_of(context: Any) -> list[str]:
    """Give the hosts that hold executors or the driver."""
    infos = context._jsc.sc().statusTracker().getExecutorInfos()  # Python has no other door to it
    return sorted({info.host() for info in infos})


def main(archive: Path, master: str, halfway: Path, result: Path) -> None:
    limits = Limits(engine="spark", master=master)
    context = session_of(limits, archive).sparkContext
    while len(before := hosts_of(context)) < 3:  # two workers and the driver
        time.sleep(0.05)
    threading.Thread(target=watch, args=(context, halfway), daemon=True).start()
    reduced = reduce(archive, limits=limits)
    found = {name: getattr(reduced, name).tolist() for name in ("creators", "indptr", "months", "counts", "followers")}
    result.write_text(json.dumps({"before": before, "after": hosts_of(context), **found}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
