"""The imitated platforms as one HTTP server on loopback, told apart by the Host header, with faults on order."""

import json
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import time
from typing import Any

from tests.imitation.sites import Answer, answer
from tests.imitation.worlds import World

STALL = 30.0


@dataclass
class Fault:
    """What goes wrong, with which requests, how often."""

    do: str
    """A status (`500`), or `truncate`, `cut`, `stall`, `reset`, `drip`."""
    host: str = ""
    path: str = ""
    """Regular expression that the target has to hold."""
    after: int = 0
    """How many such requests are answered first."""
    times: int = 10**9
    headers: dict[str, str] = field(default_factory=dict)
    seen: int = 0

    def strikes(self, host: str, target: str) -> bool:
        """Tell whether this request is struck; count it."""
        if (self.host and host != self.host) or not re.search(self.path, target):
            return False
        self.seen += 1
        return self.after < self.seen <= self.after + self.times


@dataclass(frozen=True)
class Request:
    """One request as it came in, and what was answered."""

    method: str
    host: str
    target: str
    headers: dict[str, str]
    status: int
    posts: tuple[str, ...]
    """Posts in an answer that was given whole."""
    at: float


@dataclass
class Imitation:
    """A running server."""

    world: World
    port: int = 0
    faults: list[Fault] = field(default_factory=list)
    log: list[Request] = field(default_factory=list)
    before: Callable[[str, str], None] = lambda host, target: None
    """Called before each answer, so that a test can change the world half-way."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def served(self, host: str) -> set[str]:
        """Give all posts that were served whole."""
        return {post for request in self.log if request.host == host for post in request.posts}

    def requests(self, host: str) -> list[str]:
        """Give what was asked of a host."""
        return [request.target for request in self.log if request.host == host]


@contextmanager
def imitation(world: World, *faults: Fault) -> Iterator[Imitation]:
    """Run the imitated platforms while the block lasts."""
    site = Imitation(world, faults=list(faults))
    handler = type("Bound", (Handler,), {"site": site})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.block_on_close = False
    site.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    site: Imitation

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        return

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        host = self.headers.get("Host", "")
        with self.site.lock:
            self.site.before(host, self.path)
            fault = next((fault for fault in self.site.faults if fault.strikes(host, self.path)), None)
            given = answer(self.site.world, host, self.path, body)
            whole = fault is None
            status = given.status if whole else int(fault.do) if fault.do.isdigit() else 200  # type: ignore[union-attr]
            posts = given.posts if whole else ()
            self.site.log.append(
                Request(self.command, host, self.path, dict(self.headers), status, posts, time())
            )  # fmt: skip
        if fault is None:
            self._reply(given.status, json.dumps(given.body).encode(), {})
        else:
            self._fail(fault, given)

    def _fail(self, fault: Fault, given: Answer) -> None:
        text = json.dumps(given.body).encode()
        if fault.do.isdigit():
            self._reply(int(fault.do), b'{"error": "imitated"}', fault.headers)
        elif fault.do == "truncate":
            self._reply(200, text[: len(text) * 2 // 3], {})
        elif fault.do == "cut":
            self._reply(200, text[: len(text) // 2], {}, length=len(text))
            self.close_connection = True
        elif fault.do == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
        else:
            self._linger(text, drip=fault.do == "drip")

    def _linger(self, text: bytes, *, drip: bool) -> None:
        """Say nothing for long, or a byte now and then, as long as somebody listens."""
        self.close_connection = True
        try:
            if drip:
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999\r\n\r\n")
            for _ in range(int(STALL / 0.1)):
                threading.Event().wait(0.1)
                if drip:
                    self.wfile.write(b" ")
                elif _is_closed(self.connection):
                    return
        except OSError:
            return

    def _reply(self, status: int, text: bytes, headers: dict[str, str], length: int | None = None) -> None:
        try:
            self.send_response_only(status)
            self.send_header("Date", formatdate(usegmt=True))
            self.send_header("Content-Type", "application/json; charset=utf-8")
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(length or len(text)))
            self.end_headers()
            self.wfile.write(text)
        except OSError:
            self.close_connection = True

    def finish(self) -> None:
        try:
            super().finish()
        except (OSError, ValueError):
            return


def _is_closed(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return connection.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
