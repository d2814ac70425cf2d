"""Whatever goes wrong at a site: nothing that was served is lost, nobody is called complete who is not, and it is said.

`docs/collect.md` has a table of these faults, which names each test here.
"""

import os
import re
import signal
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path

import pytest

from precipice.sources.collection.ledger import Ledger
from tests.collection.studies import (
    SITES,
    call,
    check_nothing_is_lost_and_nobody_wrongly_complete,
    command,
    entries,
    ids,
    make_study,
    planned,
    rows,
    run,
    states,
    why,
)
from tests.imitation import sites as imitated
from tests.imitation.server import Fault, Imitation, imitation
from tests.imitation.worlds import ARTSTATION, DANBOORU, DEVIANTART, Person, Work, World, person

LISTING = {ARTSTATION: "projects.json", DEVIANTART: "gallery/all", DANBOORU: "posts.json.tags"}
SECOND_PAGE = {
    ARTSTATION: "/users/{}/projects.*page=2",
    DEVIANTART: "username={}&offset=24",
    DANBOORU: "posts.json.tags={}&.*page=b",
}
HOSTS = tuple(LISTING)
each_site = pytest.mark.parametrize("host", HOSTS, ids=SITES.get)


def three(host: str) -> World:
    """A site with three artists, the second of whom has more than one page."""
    long = 450 if host == DANBOORU else 120
    return World({host: [person("ann", 71, 20), person("bob", 72, long), person("cat", 73, 20)]})


def of_bob(host: str) -> str:
    return {ARTSTATION: "users/bob/projects.json", DEVIANTART: "all.username=bob", DANBOORU: "posts.json.tags=bob"}[
        host
    ]


def bob(host: str) -> str:
    return f"{SITES[host]}/bob"


def heals(study: Path, site: Imitation, host: str) -> None:
    """Check the two promises, then that a run without the fault makes all whole, with no row twice."""
    check_nothing_is_lost_and_nobody_wrongly_complete(study, site)
    site.faults.clear()
    run(study, site, mode="update")
    check_nothing_is_lost_and_nobody_wrongly_complete(study, site)
    assert set(states(study).values()) == {"complete"}
    assert ids(study, SITES[host]) == site.world.ids(host)
    assert len(rows(study, "id")) == len(site.world.ids(host))


@each_site
def test_403_stops_the_site_with_status_3_and_the_next_run_goes_on(tmp_path: Path, host: str) -> None:
    made = three(host)
    study = make_study(tmp_path, made)
    with imitation(made, Fault("403", path=of_bob(host), after=1)) as site:
        status, _, err = call(study, site)
        assert status == 3
        assert f"error: {SITES[host]} refused" in err
        assert "the listing answered 403" in err
        assert "uploads were kept" in err
        assert "precipice collect" in err
        assert "or another way" in err
        assert states(study)[bob(host)] == "refused"
        last = [request for request in site.log if request.status == 403]
        assert len(last) == 1
        assert site.log[-1] is last[0]  # nothing was asked after it
        check_nothing_is_lost_and_nobody_wrongly_complete(study, site)
        site.faults.clear()
        assert run(study, site).partial == 0
        assert set(states(study).values()) == {"complete"}
        check_nothing_is_lost_and_nobody_wrongly_complete(study, site)


@pytest.mark.parametrize("host", [ARTSTATION, DEVIANTART], ids=SITES.get)
def test_a_profile_that_answers_403_once_stops_the_site_and_is_asked_again_in_the_next_run(
    tmp_path: Path, host: str
) -> None:
    made = three(host)
    study = make_study(tmp_path, made)
    with imitation(made, Fault("403", path="quick.json|user/profile", after=1, times=1)) as site:
        assert run(study, site).outcomes[0].end == "refused"
        assert sorted(states(study).values()) == ["complete", "pending", "refused"]
        assert run(study, site).outcomes[0].end == "done"
        heals(study, site, host)


@each_site
def test_an_artist_nobody_knows_is_gone_and_the_next_of_the_draw_takes_the_place(tmp_path: Path, host: str) -> None:
    made = three(host)
    study = make_study(tmp_path, made, n=2)
    with imitation(made) as site:
        first = _first_drawn(tmp_path / "look", made)
        made.people[host] = [p for p in made.people[host] if f"{SITES[host]}/{p.name}" != first]
        found = run(study, site)
        check_nothing_is_lost_and_nobody_wrongly_complete(study, site)
    assert states(study)[first] == "gone"
    flow = found.flows[0]
    assert (flow.complete, flow.partial) == (2, 0)
    assert flow.gone_before + flow.replaced == 1


def _first_drawn(place: Path, made: World) -> str:
    walk = next(iter(planned(make_study(place, made)).walks.values()))
    return f"{walk.site.name}/{walk.frame.candidates[0].artist}"


@each_site
def test_an_artist_removed_half_way_is_partial_and_what_was_served_stays(tmp_path: Path, host: str) -> None:
    made = three(host)
    study = make_study(tmp_path, made)
    with imitation(made) as site:
        site.before = _when(SECOND_PAGE[host].format("bob"), lambda: _remove(made, host))
        run(study, site)
        assert states(study)[bob(host)] == "partial"
        check_nothing_is_lost_and_nobody_wrongly_complete(study, site)
        assert len(ids(study, SITES[host])) >= 40 + 24


def _when(sign: str, do: Callable[[], object]) -> Callable[[str, str], None]:
    done: list[str] = []

    def before(host: str, target: str) -> None:
        if re.search(sign, target) and not done:
            done.append(target)
            do()

    return before


def _remove(made: World, host: str) -> None:
    made.people[host][1].gone = True
    if host == DANBOORU:
        made.people[host][1].works.clear()


@each_site
def test_an_artist_renamed_half_way_stays_one_creator_and_is_followed(tmp_path: Path, host: str) -> None:
    made = three(host)
    study = make_study(tmp_path, made)

    def rename() -> None:
        made.people[host][1].old_names = ("bob",)
        made.people[host][1].name = "robert"

    with imitation(made) as site:
        site.before = _when(SECOND_PAGE[host].format("bob"), rename)
        run(study, site)
        assert set(states(study).values()) == {"complete"}
        check_nothing_is_lost_and_nobody_wrongly_complete(study, site)
    creators = {who for (row,) in rows(study, "creators") for who in row}
    assert len(creators) == 3
    assert ids(study, SITES[host]) == made.ids(host)


@each_site
def test_an_artist_renamed_between_two_runs_stays_one_creator_and_is_followed(tmp_path: Path, host: str) -> None:
    made = three(host)
    study = make_study(tmp_path, made)
    with imitation(made) as site:
        run(study, site)
        made.people[host][1].old_names = ("bob",)
        made.people[host][1].name = "robert"
        _publish(made.people[host][1])
        run(study, site, mode="update")
        assert set(states(study).values()) == {"complete"}
        check_nothing_is_lost_and_nobody_wrongly_complete(study, site)
    assert len({who for (row,) in rows(study, "creators") for who in row}) == 3
    assert ids(study, SITES[host]) == made.ids(host)


def _publish(artist: Person) -> None:
    newest = artist.works[0]
    artist.works.insert(0, Work(newest.number + 1, newest.published + timedelta(days=3)))


@each_site
def test_429_with_retry_after_is_waited_for_and_nothing_is_missing(tmp_path: Path, host: str) -> None:
    made = three(host)
    study = make_study(tmp_path, made, wait=30)
    with imitation(made, Fault("429", path=of_bob(host), times=1, headers={"Retry-After": "1"})) as site:
        began = time.monotonic()
        run(study, site)
        assert 1.0 <= time.monotonic() - began < 20
        at = [request.at for request in site.log]
        struck = [request.status for request in site.log].index(429)
        assert at[struck + 1] - at[struck] >= 1.0
        assert ids(study, SITES[host]) == made.ids(host)


@each_site
def test_429_without_retry_after_is_waited_for_longer_each_time(tmp_path: Path, host: str) -> None:
    made = three(host)
    study = make_study(tmp_path, made, wait=0.2)
    with imitation(made, Fault("429", path=of_bob(host), times=3)) as site:
        run(study, site)
        at = [(request.status, request.at) for request in site.log]
        struck = [index for index, (status, _) in enumerate(at) if status == 429]
        waits = [at[index + 1][1] - at[index][1] for index in struck]
        assert len(waits) == 3
        assert all(wait >= least for wait, least in zip(waits, (0.2, 0.4, 0.8), strict=True))
        assert ids(study, SITES[host]) == made.ids(host)


@each_site
def test_429_without_end_stops_the_site_with_status_3(tmp_path: Path, host: str) -> None:
    made = three(host)
    study = make_study(tmp_path, made, wait=0.01)
    with imitation(made, Fault("429", path=of_bob(host))) as site:
        status, _, err = call(study, site)
        assert status == 3
        assert "slows us down" in err
        assert [request.status for request in site.log].count(429) == 6
        heals(study, site, host)


def test_429_that_asks_for_longer_than_may_be_waited_stops_the_site_at_once(tmp_path: Path) -> None:
    made = three(ARTSTATION)
    study = make_study(tmp_path, made)
    with imitation(made, Fault("429", path=of_bob(ARTSTATION), headers={"Retry-After": "7200"})) as site:
        status, _, err = call(study, site)
        assert status == 3
        assert "asks to wait 2 h 0 min" in err
        assert [request.status for request in site.log].count(429) == 1
        heals(study, site, ARTSTATION)


PASSING = ("500", "502", "truncate", "cut", "stall", "reset")
LASTING = {
    "500": "answered 500",
    "truncate": "answered with JSON that breaks off",
    "cut": "broke off within its answer",
    "stall": "stalled",
    "reset": "lost its connection",
}


def each_with_its_own(host: str, faults: Iterable[str], times: int) -> tuple[World, list[Fault]]:
    """A site with an artist for each fault, which strikes the second page of that artist alone, and two for none."""
    works = 250 if host == DANBOORU else 60
    names = [*faults, "ann", "zoe"]
    people = [person(f"by_{name}", 71 + at, works) for at, name in enumerate(names)]
    struck = [Fault(name, path=SECOND_PAGE[host].format(f"by_{name}"), times=times) for name in faults]
    return World({host: people}), struck


@each_site
def test_a_fault_that_passes_costs_a_second_request_and_nothing_else(tmp_path: Path, host: str) -> None:
    made, faults = each_with_its_own(host, PASSING, times=1)
    study = make_study(tmp_path, made, retries=1)
    with imitation(made, *faults) as site:
        run(study, site)
        once_more = 3 if host == DANBOORU else 2  # there, a page more is asked for, until one is empty
        assert {fault.seen for fault in faults} == {once_more}
        assert set(states(study).values()) == {"complete"}
        assert ids(study, SITES[host]) == made.ids(host)
        check_nothing_is_lost_and_nobody_wrongly_complete(study, site)


@each_site
def test_a_fault_that_lasts_makes_the_artist_partial_and_says_why(tmp_path: Path, host: str) -> None:
    made, faults = each_with_its_own(host, LASTING, times=10**9)
    study = make_study(tmp_path, made, retries=0)
    with imitation(made, *faults) as site:
        found = run(study, site)
        for name, said in LASTING.items():
            assert states(study)[f"{SITES[host]}/by_{name}"] == "partial"
            assert f"the listing {said}" in why(study, f"{SITES[host]}/by_{name}")
        assert (found.partial, found.flows[0].complete) == (len(LASTING), 2)
        assert found.outcomes[0].end == "done"
        heals(study, site, host)


def test_partial_artists_are_status_1_with_the_reason_and_how_to_go_on(tmp_path: Path) -> None:
    made = three(DEVIANTART)
    study = make_study(tmp_path, made, retries=0)
    with imitation(made, Fault("500", path="offset=24")) as site:
        status, out, err = call(study, site)
    assert status == 1
    assert "1 artists are partial" in err or "1 artist is partial" in err
    assert "the listing answered 500" in err
    assert "precipice refresh" in err
    assert "deviantart" in out


@pytest.mark.parametrize("host", [ARTSTATION, DEVIANTART], ids=SITES.get)
def test_a_profile_that_cannot_be_read_takes_no_place_before_it_was_tried_twice(tmp_path: Path, host: str) -> None:
    made = three(host)
    study = make_study(tmp_path, made, retries=0)
    profile = {ARTSTATION: "users/bob/quick.json", DEVIANTART: "profile/bob"}[host]
    with imitation(made, Fault("500", path=profile)) as site:
        run(study, site)
        assert states(study)[bob(host)] == "partial"
        assert sum(profile in target for target in site.requests(host)) == 2
        check_nothing_is_lost_and_nobody_wrongly_complete(study, site)


def test_a_total_that_does_not_come_out_makes_the_artist_partial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = three(DEVIANTART)
    study = make_study(tmp_path, made)
    whole = imitated._da_profile
    two_more = {"stats": {"user_deviations": 122}}  # as when two are shown to the artist's friends alone
    monkeypatch.setattr(imitated, "_da_profile", lambda who: whole(who) | (two_more if who.name == "bob" else {}))
    with imitation(made) as site:
        run(study, site)
        check_nothing_is_lost_and_nobody_wrongly_complete(study, site)
    assert "120 posts were served and 122 are stated" in why(study, bob(DEVIANTART))


def test_an_empty_page_before_the_stated_end_makes_the_artist_partial_and_is_not_asked_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = three(ARTSTATION)
    study = make_study(tmp_path, made)
    whole = imitated._as_page

    def short(host: str, who: Person, page: int) -> imitated.Answer:
        given = whole(host, who, page)
        given.body["total_count"] += 2  # two are stated and shown to nobody
        return given

    monkeypatch.setattr(imitated, "_as_page", short)
    with imitation(made) as site:
        run(study, site)
        assert set(states(study).values()) == {"partial"}
        assert len(site.requests(ARTSTATION)) < 30
        check_nothing_is_lost_and_nobody_wrongly_complete(study, site)


def test_a_worker_that_is_silent_for_too_long_is_ended_and_the_others_are_still_asked(tmp_path: Path) -> None:
    made = three(ARTSTATION)
    study = make_study(tmp_path, made, timeout=5, patience=1.5)
    with imitation(made, Fault("drip", path=of_bob(ARTSTATION))) as site:
        run(study, site)
        assert states(study) == {
            "artstation/ann": "complete",
            "artstation/bob": "partial",
            "artstation/cat": "complete",
        }
        assert "the worker was silent" in why(study, "artstation/bob")
        heals(study, site, ARTSTATION)


def test_a_site_at_which_every_worker_falls_silent_is_left_alone_and_the_other_site_is_not_held_up(
    tmp_path: Path,
) -> None:
    made = World({**three(ARTSTATION).people, **three(DANBOORU).people})
    study = make_study(tmp_path, made, timeout=5, patience=1.0, followers=False)
    with imitation(made, Fault("drip", host=ARTSTATION)) as site:
        ended = {outcome.site: outcome.end for outcome in run(study, site).outcomes}
        assert ended == {"artstation": "broken", "danbooru": "done"}
        assert ids(study, "danbooru") == made.ids(DANBOORU)
        check_nothing_is_lost_and_nobody_wrongly_complete(study, site)


def test_a_worker_that_dies_costs_one_artist_a_second_try_and_no_more(tmp_path: Path) -> None:
    made = three(DANBOORU)
    study = make_study(tmp_path, made)
    with imitation(made) as site:
        site.before = _when("bob.*page=b", _kill_workers)
        run(study, site)
        assert set(states(study).values()) == {"complete"}
        heals(study, site, DANBOORU)


def _kill_workers() -> None:
    """Kill the workers of this process."""
    for place in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((place / "stat").read_text().rsplit(")", 1)[1].split()[1])
            if parent == os.getpid() and b"collection.worker" in (place / "cmdline").read_bytes():
                os.kill(int(place.name), signal.SIGKILL)
        except (OSError, ValueError, IndexError):
            continue


def test_a_token_that_has_run_out_is_asked_for_anew(tmp_path: Path) -> None:
    made = three(DEVIANTART)
    study = make_study(tmp_path, made)
    with imitation(made, Fault("401", path="offset=48", times=1)) as site:
        assert run(study, site).outcomes[0].end == "done"
        assert set(states(study).values()) == {"complete"}
        assert sum("oauth2/token" in target for target in site.requests(DEVIANTART)) == 2
        heals(study, site, DEVIANTART)


CLOCK = """
import time
_time, _start = time.time, time.monotonic()
time.time = lambda: _time() + ({shift} if time.monotonic() - _start > {after} else 0)
"""


@pytest.mark.parametrize("shift", [-7200, 7200])
def test_a_clock_that_is_set_while_collecting_changes_nothing(tmp_path: Path, shift: int) -> None:
    made = World({host: three(host).people[host] for host in HOSTS})
    study = make_study(tmp_path / "study", made)
    (tmp_path / "sitecustomize.py").write_text(CLOCK.format(shift=shift, after=0.6))
    with imitation(made) as site:
        began = time.monotonic()
        process = command(study, site, PYTHONPATH=f"{tmp_path}{os.pathsep}{Path.cwd()}")
        _, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        assert time.monotonic() - began < 60
        check_nothing_is_lost_and_nobody_wrongly_complete(study, site)
    for host in HOSTS:
        assert ids(study, SITES[host]) == made.ids(host)


def test_a_ledger_line_cut_short_by_a_kill_is_asked_for_again(tmp_path: Path) -> None:
    made = three(ARTSTATION)
    study = make_study(tmp_path, made)
    ledger = study / "archive" / "ledger.jsonl"
    with imitation(made) as site:
        run(study, site)
        text = ledger.read_bytes()
        ledger.write_bytes(text[:-20])
        assert len(Ledger(ledger).entries) == 3
        run(study, site)
        assert set(states(study).values()) == {"complete"}
        assert len(rows(study, "id")) == len(made.ids(ARTSTATION))
        assert {entry.state for entry in entries(study).values()} == {"complete"}
