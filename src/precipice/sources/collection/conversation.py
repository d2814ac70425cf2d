"""One worker, started, spoken to and, where it falls silent, ended."""

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from precipice.sources.collection.protocol import Manner, Task, task_line
from precipice.sources.collection.sites import Site

WORKER = "precipice.sources.collection.worker"
WITHHELD = frozenset({"PRECIPICE_KEY"})
"""What of the environment a worker has no need of: the key of the pseudonyms."""


@dataclass
class Conversation:
    """A worker of one site; each start has a number, so that what a dead one still said can be told apart."""

    site: Site
    manner: Manner
    inbox: "queue.SimpleQueue[tuple[str, int, Mapping[str, Any]]]"
    patience: float
    """Seconds without a word after which a worker is ended; an announced wait comes on top."""
    clock: Callable[[], float] = time.monotonic
    number: int = 0
    process: "subprocess.Popen[str] | None" = None
    listener: threading.Thread | None = None
    deadline: float = float("inf")
    waits_until: float | None = None

    def ask(self, task: Task) -> None:
        """Give a task to the worker, which is started if there is none."""
        if self.process is None:
            self._start()
        self._say(task_line(task))
        self.hear()

    def hear(self, wait: float = 0.0) -> None:
        """Note that the worker has said something, or that it will be silent for so many seconds."""
        self.deadline = self.clock() + self.patience + wait
        self.waits_until = self.clock() + wait if wait else None

    @property
    def is_overdue(self) -> bool:
        """Whether the worker has been silent for too long."""
        return self.process is not None and self.clock() > self.deadline

    def end(self) -> None:
        """End the worker at once."""
        process, self.process = self.process, None
        self.deadline, self.number = float("inf"), self.number + 1
        if process is None:
            return
        process.kill()
        process.wait()
        with contextlib.suppress(OSError):
            process.stdin.close()  # type: ignore[union-attr]
        if self.listener is not None:
            self.listener.join()

    def _start(self) -> None:
        environment = {name: value for name, value in os.environ.items() if name not in WITHHELD}
        self.number += 1
        self.process = subprocess.Popen(  # noqa: S603  our own module
            [sys.executable, "-m", WORKER],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8",
            env=environment, start_new_session=True,
        )  # fmt: skip
        settings = {"site": self.site.name, "kind": self.site.kind, "root": self.site.root}
        self._say(json.dumps({**settings, "manner": asdict(self.manner)}) + "\n")
        self.listener = threading.Thread(target=self._listen, args=(self.process, self.number), daemon=True)
        self.listener.start()

    def _say(self, line: str) -> None:
        try:
            self.process.stdin.write(line)  # type: ignore[union-attr]
            self.process.stdin.flush()  # type: ignore[union-attr]
        except OSError:
            return  # it is gone; the listener says so

    def _listen(self, process: "subprocess.Popen[str]", number: int) -> None:
        with process.stdout:  # type: ignore[union-attr]
            for line in process.stdout:  # type: ignore[union-attr]
                with contextlib.suppress(ValueError):  # a line that its end cut short
                    self.inbox.put((self.site.name, number, json.loads(line)))
        self.inbox.put((self.site.name, number, {"say": "ended", "status": process.wait()}))
