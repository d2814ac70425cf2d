"""Stand-ins for stores on loopback, as much of them as their own clients ask for when they fetch one file."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "1" * 40


class Store(BaseHTTPRequestHandler):
    """Hands out files in parts; breaks off, refuses and forgets where it is told to."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_GET(self) -> None:
        self.server.asked.append(f"{self.command} {self.path} {self.headers.get('Range', '')}".strip())
        name = self.path.partition("?")[0].rsplit("/", 1)[-1].replace("%2F", "/")
        if self.server.refuses:
            self.answer(403, b'{"error": {"code": 403, "message": "not you"}}')
        elif self.path.startswith("/api/datasets/some/set/tree/"):
            self.answer(200, json.dumps([self.entry(path) for path in self.server.files]).encode())
        elif self.path.startswith("/api/datasets/some/set"):
            self.answer(200, json.dumps({"id": "some/set", "sha": COMMIT, "siblings": [], "private": False}).encode())
        elif name not in self.server.files:
            self.answer(404, b'{"error": {"code": 404, "message": "no such file"}}', {"X-Error-Code": "EntryNotFound"})
        elif "/storage/v1/b/" in self.path and "alt=media" not in self.path and "/download/" not in self.path:
            self.describe_object(name)
        else:
            self.hand_out(self.server.files[name])

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        """Say what Hugging Face's store says of paths in a data set."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")
        self.server.asked.append(f"POST {self.path}")
        found = [self.entry(path) for path in asked.get("paths", []) if path in self.server.files]
        self.answer(200, json.dumps(found).encode())

    def entry(self, path: str) -> dict[str, object]:
        """Say what Hugging Face's store says of a file."""
        size, blob = len(self.server.files[path]), sha1(path.encode(), usedforsecurity=False).hexdigest()
        return {"type": "file", "path": path, "size": size, "oid": blob}

    def describe_object(self, name: str) -> None:
        """Say what Google's store says of an object."""
        found = {"name": name, "bucket": "bucket", "size": str(len(self.server.files[name])), "generation": "1",
                 "updated": "2024-01-01T00:00:00.000Z", "timeCreated": "2024-01-01T00:00:00.000Z"}  # fmt: skip
        self.answer(200, json.dumps(found).encode())

    def hand_out(self, content: bytes) -> None:
        part = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        marks = {"ETag": '"one"', "X-Repo-Commit": COMMIT}
        if part is None or not self.server.sends_parts:
            self.answer(200, content, marks)
            return
        start, end = int(part[1]), min(int(part[2] or len(content) - 1), len(content) - 1)
        if start and self.server.breaks_at is not None and end >= self.server.breaks_at:
            self.answer(503, b"later")
            return
        marks["Content-Range"] = f"bytes {start}-{end}/{len(content)}"
        self.answer(206, content[start : end + 1], marks)

    def answer(self, status: int, content: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {
            "Content-Length": str(len(content)),
            "Content-Type": "application/json",
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """A store's files and moods."""

    daemon_threads = True

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Store)
        self.files, self.asked = files, list[str]()
        self.refuses, self.sends_parts = False, True
        self.breaks_at: int | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that have seen enough."""


@contextmanager
def serving(files: dict[str, bytes]) -> Iterator[Server]:
    server = Server(files)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()
