"""The page served to its owner: exact numbers, and nobody else gets in."""

import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from precipice.cohorts import draw_by_cutoff
from precipice.errors import CheckError, InputError
from precipice.months import month_text, parse_month
from precipice.report import serving
from precipice.report.moving import moving
from precipice.series import count
from tests.conftest import ROOT, wanted
from tests.unit.report.made import CUTOFF, END, START, few_seniors, ordinary

uvicorn = wanted("uvicorn", "uvicorn comes with the optional part 'serve'")
TOKEN = "a-token-of-a-run"  # noqa: S105  of this test alone


@dataclass
class Served:
    port: int

    def ask(self, path: str, token: str | None = TOKEN, **headers: str) -> tuple[int, dict[str, str], str]:
        """Ask as a client that may lie about anything; `Host_` stands for Host."""
        connection = http.client.HTTPConnection(serving.HOST, self.port, timeout=10)
        connection.putrequest("GET", path, skip_host=True)
        sent = {"Host": f"127.0.0.1:{self.port}", **{name.replace("_", "-"): value for name, value in headers.items()}}
        if token is not None:
            sent["X-Precipice-Token"] = token
        for name, value in sent.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, text

    def get(self, path: str) -> Any:
        status, _, text = self.ask(path)
        return status, json.loads(text)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = moving(few_seniors())
    place = tmp_path_factory.mktemp("served") / "report.html"
    place.write_text(f"<html>{made.policy}<script>{made.numbers}</script></html>", encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def served(page: Path) -> Iterator[Served]:
    with socket.create_server((serving.HOST, 0)) as listening:
        port = listening.getsockname()[1]
        app = serving.application(page, few_seniors(), port=port, token=TOKEN)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield Served(port)
        server.should_exit = True
        thread.join(10)


def query(cutoff: int = CUTOFF, cap: int = 1) -> str:
    return f"/api/series?platform=site&cutoff={month_text(cutoff)}&cap={cap}"


def test_series_are_those_of_the_panel_and_nothing_is_held_back(served: Served) -> None:
    status, found = served.get(query(CUTOFF + 3, 2))
    panel = few_seniors().panel
    assert status == 200
    for series in count(panel, draw_by_cutoff(panel, CUTOFF + 3), cap=2, start=START, end=END):
        shown = found[series.cohort]
        assert [row["value"] for row in shown] == series.capped[series.can_exist].tolist()
        assert [row["low"] for row in shown] == series.interval("capped")[0].round(2)[series.can_exist].tolist()
    values = [row["value"] for row in served.get(query())[1]["senior"]]
    assert 3 in values  # a month of three seniors, which the published page withholds


def test_who_is_behind_a_number_comes_as_pseudonyms(served: Served) -> None:
    month = month_text(CUTOFF + 15)
    status, found = served.get(f"/api/creators?platform=site&cutoff=2022-01&cohort=senior&month={month}")
    assert status == 200
    assert found["creators"] == len(found["told"]) == 3
    assert {len(one["creator"]) for one in found["told"]} == {16}
    assert {one["uploads"] for one in found["told"]} == {9}


def test_the_page_is_the_written_one_with_the_owner_s_numbers(served: Served, page: Path) -> None:
    status, headers, text = served.ask(f"/{TOKEN}/", token=None)
    assert status == 200
    assert '"api":"/api"' in text
    assert "connect-src 'self'" in text
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert not any(name.startswith("access-control") for name in headers)
    assert "api" not in page.read_text(encoding="utf-8")


def test_a_page_of_other_findings_is_not_served(page: Path) -> None:
    with pytest.raises(CheckError, match="not of these findings"):
        serving.served_text(page.read_text(encoding="utf-8"), ordinary(), TOKEN)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "0.0.0.0:{port}"])
def test_a_name_that_was_bound_to_this_address_by_others_is_refused(served: Served, host: str) -> None:
    status, _, text = served.ask(query(), Host=host.format(port=served.port))
    assert status == 421
    assert "senior" not in text


@pytest.mark.parametrize("origin", ["http://evil.example", "https://127.0.0.1:{port}", "null", "http://localhost:1"])
def test_another_page_may_not_ask_even_with_the_token(served: Served, origin: str) -> None:
    assert served.ask(query(), Origin=origin.format(port=served.port))[0] == 403


def test_a_browser_that_says_it_comes_from_elsewhere_is_refused(served: Served) -> None:
    assert served.ask(query(), Sec_Fetch_Site="cross-site")[0] == 403
    assert served.ask(query(), Sec_Fetch_Site="same-origin")[0] == 200


@pytest.mark.parametrize("token", [None, "", "another", TOKEN[:-1]])
def test_without_the_token_there_is_nothing(served: Served, token: str | None) -> None:
    assert served.ask(query(), token=token)[0] == 403
    assert served.ask(f"/{token or ''}/", token=None)[0] == 403
    assert served.ask("/", token=None)[0] == 403


def test_what_cannot_be_asked_is_said_in_words(served: Served) -> None:
    for asked in (
        query(parse_month("1999-01")),
        query(cap=0),
        "/api/series?platform=site&cutoff=2022-01&cap=%C2%B2",
        "/api/series?platform=none&cutoff=2022-01&cap=1",
        "/api/series?cutoff=2022-01",
        "/api/creators?platform=site&cutoff=2022-01&cohort=all&month=2022-01",
    ):
        status, found = served.get(asked)
        assert status == 400
        assert found["error"]


def test_nothing_can_be_changed(served: Served) -> None:
    connection = http.client.HTTPConnection(serving.HOST, served.port, timeout=10)
    connection.request("POST", query(), headers={"X-Precipice-Token": TOKEN})
    assert connection.getresponse().status == 405
    connection.close()


def test_it_listens_on_loopback_at_a_random_port_and_ends_with_an_interrupt(page: Path) -> None:
    script = (
        "from pathlib import Path; from precipice.report.serving import serve;"
        "from tests.unit.report.made import few_seniors;"
        f"serve(Path({str(page)!r}), few_seniors(), ready=lambda address: print(address, flush=True)); print('ended')"
    )
    running = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    address = running.stdout.readline().strip()
    assert address.startswith("http://127.0.0.1:")
    port, token = address.removeprefix("http://127.0.0.1:").rstrip("/").split("/")
    assert len(token) >= 32
    for _ in range(50):
        try:
            status = Served(int(port)).ask(query(), token=token)[0]
            break
        except ConnectionError:
            continue
    assert status == 200
    running.send_signal(signal.SIGINT)
    rest, _ = running.communicate(timeout=20)
    assert (running.returncode, rest.strip()) == (0, "ended")


def test_a_missing_server_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "starlette", None)
    with pytest.raises(InputError) as raised:
        serving.check_extra()
    assert raised.value.fix == "pip install 'precipice[serve]'"
