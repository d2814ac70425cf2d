"""Workers: processes that read files, each killed and replaced when a file is too much for it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from threading import Timer

from precipice.marks import limits
from precipice.marks.record import FileMarks, from_dict

CHUNK = 256
"""Files handed to the workers at a time, so that a million of them do not all wait in memory."""


class Worker:
    """One process, started when it is needed."""

    def __init__(self, folder: Path) -> None:
        self._command = [sys.executable, "-m", "precipice.marks.worker", str(folder)]
        self._process: subprocess.Popen[str] | None = None
        self._late = False

    def read(self, path: str) -> FileMarks:
        """Read one file's marks; a file that kills the process or takes too long is an answer."""
        process = self._process = self._process or self._start()
        assert process.stdin is not None  # noqa: S101  both are pipes
        assert process.stdout is not None  # noqa: S101
        self._late = False
        timer = Timer(limits.SECONDS, self._stop)
        timer.daemon = True
        timer.start()
        try:
            process.stdin.write(json.dumps(path) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except OSError:  # the pipe is broken
            line = ""
        timer.cancel()
        if line.endswith("\n"):
            return from_dict(json.loads(line))
        self.close()
        return FileMarks(path, None, "unknown", "took too long" if self._late else "reader crashed")

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
        self._process = None

    def _start(self) -> "subprocess.Popen[str]":
        # Pictures are many and small: a worker is one core's work.
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        return subprocess.Popen(  # noqa: S603  our own module
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            encoding="ascii", env=environment, start_new_session=True,
        )  # fmt: skip

    def _stop(self) -> None:
        self._late = True
        if self._process is not None:
            self._process.kill()


def read_all(folder: Path, paths: Sequence[str], jobs: int) -> Iterator[FileMarks]:
    """Read the marks of files with so many processes, and give them in the order of the paths."""
    workers = [Worker(folder) for _ in range(max(1, min(jobs, len(paths))))]
    idle: SimpleQueue[Worker] = SimpleQueue()
    for worker in workers:
        idle.put(worker)

    def read(path: str) -> FileMarks:
        worker = idle.get()
        try:
            return worker.read(path)
        finally:
            idle.put(worker)

    try:
        with ThreadPoolExecutor(len(workers)) as threads:
            for start in range(0, len(paths), CHUNK):
                yield from threads.map(read, paths[start : start + CHUNK])
    finally:
        for worker in workers:
            worker.close()
