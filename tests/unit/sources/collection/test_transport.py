"""Pace, waits, refusals, and which requests may be made at all; by a clock that the test turns."""

import contextlib
import json
from typing import Any

import pytest
import requests

from precipice.sources.collection.protocol import Manner
from precipice.sources.collection.worker.transport import Rule, Stopped, Transport

RULES = (Rule("listing", r"/users/\w+\.json"), Rule("token", r"/token", "POST"))
HOST = "site.example"


class Clock:
    """Time that passes only in sleep, and in requests that take so long."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Fake(Transport):
    """Answers from a list, each taking some seconds."""

    def __init__(self, *answers: Any, takes: float = 0.0, **manner: Any) -> None:
        self.turn = Clock()
        self.said: list[tuple[str, dict[str, Any]]] = []
        super().__init__(
            HOST, RULES, Manner(agent="precipice/test", **manner),
            lambda say, **fields: self.said.append((say, fields)),
            clock=self.turn, sleep=self.turn.sleep,
        )  # fmt: skip
        self.answers = list(answers)
        self.takes = takes
        self.sent: list[tuple[float, requests.PreparedRequest]] = []

    def _carried(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        self.sent.append((self.turn.now, request))
        self.turn.now += self.takes
        given = self.answers.pop(0) if self.answers else {}
        if isinstance(given, Exception):
            raise given
        status, body, headers = given if isinstance(given, tuple) else (200, given, {})
        response = requests.Response()
        response.status_code, response.url = status, str(request.url)
        response._content = body if isinstance(body, bytes) else json.dumps(body).encode()
        response.headers.update(headers)
        return response


def ask(
    transport: Transport, path: str = "/users/ann.json", method: str = "GET", host: str = HOST
) -> requests.Response:
    return transport.send(requests.Request(method, f"https://{host}{path}", headers={"Origin": "x"}).prepare())


def test_two_seconds_lie_between_the_end_of_a_request_and_the_next() -> None:
    transport = Fake({}, {}, {}, takes=0.7)
    for _ in range(3):
        ask(transport)
    assert [at for at, _ in transport.sent] == pytest.approx([100.0, 102.7, 105.4])
    assert transport.turn.slept == pytest.approx([2.0, 2.0])


def test_a_pause_that_was_made_anyway_is_not_made_again() -> None:
    transport = Fake({}, {})
    ask(transport)
    transport.turn.now += 60
    ask(transport)
    assert transport.turn.slept == []


def test_every_request_says_who_asks_and_pretends_nothing() -> None:
    transport = Fake({})
    ask(transport)
    headers = transport.sent[0][1].headers
    assert headers["User-Agent"] == "precipice/test"
    assert "Origin" not in headers
    assert transport.said == [("request", {"number": 1})]


@pytest.mark.parametrize(
    ("method", "host", "path"),
    [
        ("GET", HOST, "/images/large.jpg"),
        ("GET", "cdn.example", "/users/ann.json"),
        ("POST", HOST, "/users/ann.json"),
        ("GET", HOST, "/users/ann.json/../../x.png"),
    ],
)
def test_a_request_that_is_for_no_metadata_is_never_made(method: str, host: str, path: str) -> None:
    transport = Fake({})
    with pytest.raises(Stopped) as stopped:
        ask(transport, path, method, host)
    assert stopped.value.label == "it led to an address that holds no metadata"
    assert transport.sent == []


@pytest.mark.parametrize("status", [401, 403, 451])
def test_a_refusal_stops_at_once(status: int) -> None:
    transport = Fake((status, {}, {}))
    with pytest.raises(Stopped) as stopped:
        ask(transport)
    assert (stopped.value.status, stopped.value.label) == (status, "listing")
    assert len(transport.sent) == 1


def test_a_challenge_is_a_refusal() -> None:
    with pytest.raises(Stopped) as stopped:
        ask(Fake((503, b"<script>_cf_chl_opt", {})))
    assert stopped.value.status == 403


def test_what_lets_no_exception_through_lets_a_refusal_through() -> None:
    with pytest.raises(Stopped), contextlib.suppress(Exception):  # as gallery-dl holds whatever is an exception
        ask(Fake((403, {}, {})))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "90"}, 90.0),
        ({"Retry-After": "Wed, 21 Oct 2015 07:29:00 GMT", "Date": "Wed, 21 Oct 2015 07:28:00 GMT"}, 60.0),
        ({"Retry-After": "Wed, 21 Oct 2015 07:29:00 GMT"}, 60.0),
        ({"Retry-After": "soon"}, 60.0),
        ({}, 60.0),
    ],
)
def test_a_wait_is_as_long_as_the_server_says_by_its_own_clock_or_a_minute(
    headers: dict[str, str], seconds: float
) -> None:
    transport = Fake((429, {}, headers), {"data": 1}, pace=0.0)
    assert ask(transport).status_code == 200
    assert transport.turn.slept == [seconds]
    assert ("wait", {"seconds": seconds, "why": "429 Too Many Requests"}) in transport.said


def test_waits_double_up_to_a_quarter_of_an_hour_and_end_after_five() -> None:
    transport = Fake(*[(429, {}, {})] * 6, pace=0.0, wait=200.0)
    with pytest.raises(Stopped) as stopped:
        ask(transport)
    assert transport.turn.slept == [200.0, 400.0, 800.0, 900.0, 900.0]
    assert stopped.value.status == 429


def test_a_wait_beyond_a_quarter_of_an_hour_is_not_begun() -> None:
    transport = Fake((429, {}, {"Retry-After": "901"}))
    with pytest.raises(Stopped) as stopped:
        ask(transport)
    assert (stopped.value.seconds, transport.turn.slept) == (901.0, [])


def test_json_that_breaks_off_is_a_failure_of_the_request_until_one_succeeds() -> None:
    transport = Fake((200, b'{"data": [1, 2', {}), {"data": []})
    with pytest.raises(requests.exceptions.ContentDecodingError):
        ask(transport)
    assert transport.failures == [("listing", "answered with JSON that breaks off")]
    ask(transport)
    assert transport.failures == []


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (requests.exceptions.ReadTimeout("read timed out"), "stalled"),
        (requests.exceptions.ConnectionError("Read timed out."), "stalled"),
        (requests.exceptions.ChunkedEncodingError("incomplete"), "broke off within its answer"),
        (requests.exceptions.ConnectionError("reset by peer"), "lost its connection"),
    ],
)
def test_how_a_connection_failed_is_said_without_its_address(broken: Exception, words: str) -> None:
    transport = Fake(broken)
    with pytest.raises(type(broken)):
        ask(transport)
    assert transport.failures == [("listing", words)]
