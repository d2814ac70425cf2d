"""Every request of a worker passes here: counted, paced, allowed or not, and its answer looked at before gallery-dl.

gallery-dl's own pacing follows the wall clock and sleeps for hours when that is set back, its answer to 429 on
DeviantArt is to ask again for ever, and what it cannot parse it may only log.  So pace, waits and refusals are kept
here, by a clock that only goes forward.
"""

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter

from precipice.sources.collection.protocol import Manner

Tell = Callable[..., None]
Listen = Callable[[str, str, Any], None]
"""Called with the label of a request, its path, and its parsed answer."""

REFUSED = (401, 403, 451)
DISGUISE = ("Sec-Fetch-Dest", "Sec-Fetch-Mode", "Sec-Fetch-Site", "Origin")
"""What gallery-dl sends to look like a browser, which this is not."""


class Stopped(BaseException):
    """Say that this site is not to be asked again in this run."""

    def __init__(self, status: int, label: str, seconds: float | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.label = label
        self.seconds = seconds


@dataclass(frozen=True)
class Rule:
    """One kind of request that may be made; there is none for pictures."""

    label: str
    """What it asks for, in words: `profile`, `listing`."""
    path: str
    """Regular expression of the whole path."""
    method: str = "GET"


class Transport(HTTPAdapter):
    """Sends requests to one site over one connection."""

    def __init__(
        self,
        host: str,
        rules: tuple[Rule, ...],
        manner: Manner,
        tell: Tell,
        *,
        loopback: int | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1, pool_block=True)
        self.host = host
        self.rules = tuple((re.compile(rule.path), rule) for rule in rules)
        self.manner = manner
        self.tell = tell
        self.listen: Listen = lambda label, path, body: None
        self.loopback = loopback
        self.clock = clock
        self.sleep = sleep
        self.count = 0
        self.failures: list[tuple[str, str]] = []
        """Label of a request that failed last and how, until one of that label succeeds."""
        self.last_status = 0
        self._ready = -float("inf")

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:  # noqa: ANN401
        """Send a request when its time has come, wait where the server asks for it, and check the answer.

        Raises:
            Stopped: the server refuses, or asks to wait for longer than may be waited.
        """
        label = self._allowed(request)
        for name in DISGUISE:
            request.headers.pop(name, None)
        request.headers["User-Agent"] = self.manner.agent
        for waits in range(self.manner.waits + 1):
            response = self._once(request, label, *args, **kwargs)
            if response.status_code != 429:
                return self._checked(response, label, request)
            self._wait(response, label, waits)
        raise Stopped(429, label)

    def _allowed(self, request: requests.PreparedRequest) -> str:
        parts = urlsplit(str(request.url))
        for pattern, rule in self.rules:
            if parts.netloc == self.host and rule.method == request.method and pattern.fullmatch(parts.path):
                return rule.label
        raise Stopped(0, "it led to an address that holds no metadata")

    def _once(self, request: requests.PreparedRequest, label: str, *args: Any, **kwargs: Any) -> requests.Response:  # noqa: ANN401
        left = self._ready - self.clock()
        if left > 0:
            self.sleep(left)
        self.count += 1
        self.tell("request", number=self.count)
        self.last_status = 0
        try:
            response = self._carried(request, *args, **kwargs)
            response.content  # noqa: B018  read here, so that a break within the body is known as one
        except requests.exceptions.RequestException as broken:
            self._failed(label, _how(broken))
            raise
        finally:
            self._ready = self.clock() + self.manner.pace
        self.last_status = response.status_code
        return response

    def _carried(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:  # noqa: ANN401
        if self.loopback is None:
            return super().send(request, *args, **kwargs)
        # For tests.  The address is written out, so that nothing set from outside can lead a request elsewhere.
        parts = urlsplit(str(request.url))
        sent = request.copy()
        sent.headers["Host"] = parts.netloc
        sent.url = urlunsplit(("http", f"127.0.0.1:{int(self.loopback)}", parts.path, parts.query, ""))
        response = super().send(sent, *args, **{**kwargs, "proxies": {}})
        response.request, response.url = request, str(request.url)
        return response

    def _wait(self, response: requests.Response, label: str, waits: int) -> None:
        asked = _asked(response.headers)
        seconds = self.manner.wait * 2**waits if asked is None else asked
        if waits == self.manner.waits or (asked is not None and asked > self.manner.longest_wait):
            raise Stopped(429, label, seconds)
        seconds = min(seconds, self.manner.longest_wait)
        self.tell("wait", seconds=seconds, why="429 Too Many Requests")
        self.sleep(seconds)

    def _checked(self, response: requests.Response, label: str, request: requests.PreparedRequest) -> requests.Response:
        status = response.status_code
        if status in REFUSED or (status == 503 and _is_challenge(response)):
            raise Stopped(403 if status == 503 else status, label)
        if status >= 400:
            self._failed(label, f"answered {status}")
            return response
        if response.is_redirect:
            return response  # the request that follows passes here too
        try:
            body = json.loads(response.content)
        except ValueError as broken:
            self._failed(label, "answered with JSON that breaks off")
            raise requests.exceptions.ContentDecodingError("the answer is not whole JSON") from broken
        self.failures = [(other, how) for other, how in self.failures if other != label]
        self.listen(label, urlsplit(str(request.url)).path, body)
        return response

    def _failed(self, label: str, how: str) -> None:
        self.failures = [(other, said) for other, said in self.failures if other != label] + [(label, how)]


def _asked(headers: Mapping[str, str]) -> float | None:
    """Read how many seconds a server asks to wait; a moment is measured from the server's own clock."""
    said = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,9}", said):
        return float(said)
    try:
        until, now = parsedate_to_datetime(said), parsedate_to_datetime(headers.get("Date", ""))
        return max(0.0, (until - now).total_seconds())
    except (ValueError, TypeError):
        return None


def _how(broken: requests.exceptions.RequestException) -> str:
    words = str(broken).lower()
    if "timed out" in words or isinstance(broken, requests.exceptions.Timeout):
        return "stalled"
    if isinstance(broken, requests.exceptions.ChunkedEncodingError):
        return "broke off within its answer"
    return "lost its connection"


def _is_challenge(response: requests.Response) -> bool:
    return response.headers.get("cf-mitigated", "").lower() == "challenge" or b"_cf_chl_opt" in response.content
