"""What is new, what is gone, who is to be left out."""

from datetime import timedelta
from pathlib import Path

import pytest

from precipice.archive import read_manifest
from tests.collection.studies import (
    SITES,
    call,
    check_nothing_is_lost_and_nobody_wrongly_complete,
    ids,
    make_study,
    rows,
    run,
    states,
)
from tests.imitation.server import Fault, imitation
from tests.imitation.worlds import ARTSTATION, DANBOORU, DEVIANTART, Person, Work, World, person

HOSTS = (ARTSTATION, DEVIANTART, DANBOORU)
each_site = pytest.mark.parametrize("host", HOSTS, ids=SITES.get)


def two(host: str) -> World:
    works = 450 if host == DANBOORU else 160
    return World({host: [person("ann", 71, works), person("bob", 72, 20)]})


def publish(artist: Person, days: float = 3.0) -> Work:
    newest = max(artist.works, key=lambda work: work.number)
    new = Work(newest.number + 1, newest.published + timedelta(days=days))
    artist.works.insert(0, new)
    return new


@each_site
def test_a_refresh_asks_for_one_page_an_artist_and_appends_what_is_new(tmp_path: Path, host: str) -> None:
    made = two(host)
    study = make_study(tmp_path, made, followers=False)
    with imitation(made) as site:
        run(study, site)
        first, before = len(site.log), rows(study)
        publish(made.people[host][0])
        found = run(study, site, mode="update")
        asked = [target for target in site.requests(host)[first:] if "token" not in target]
        check_nothing_is_lost_and_nobody_wrongly_complete(study, site)
    assert found.kept == 1
    # A page each, and before it a total where that stands apart.
    assert len(asked) == {ARTSTATION: 2, DEVIANTART: 4, DANBOORU: 4}[host]
    assert ids(study, SITES[host]) == made.ids(host)
    assert [row for row in rows(study) if row in before] == before
    assert set(states(study).values()) == {"complete"}


@each_site
def test_a_post_dated_back_is_found_because_the_total_does_not_come_out(tmp_path: Path, host: str) -> None:
    made = two(host)
    study = make_study(tmp_path, made)
    with imitation(made) as site:
        run(study, site)
        works = made.people[host][0].works
        works.insert(len(works) // 2, Work(works[0].number + 1, works[len(works) // 2].published))
        run(study, site, mode="update")
        check_nothing_is_lost_and_nobody_wrongly_complete(study, site)
    assert ids(study, SITES[host]) == made.ids(host)
    assert set(states(study).values()) == {"complete"}


@each_site
def test_a_recheck_takes_out_what_was_deleted_and_a_refresh_does_not(tmp_path: Path, host: str) -> None:
    made = two(host)
    study = make_study(tmp_path, made)
    with imitation(made) as site:
        run(study, site)
        all_of_them = ids(study, SITES[host])
        del made.people[host][0].works[100:130]
        made.people[host][1].gone = True
        if host == DANBOORU:
            made.people[host][1].works.clear()
        run(study, site, mode="update")
        assert ids(study, SITES[host]) == all_of_them
        found = run(study, site, mode="recheck")
    assert found.removed["unserved"] == 30 + 20
    left = made.ids(host) - made_ids_of(made, host, 1)
    assert ids(study, SITES[host]) == left
    assert read_manifest(study / "archive").collection[SITES[host]]["unserved"] == 50


def made_ids_of(made: World, host: str, at: int) -> set[str]:
    return World({host: [made.people[host][at]]}).ids(host)


def test_a_recheck_that_a_fault_cuts_short_takes_nothing_out(tmp_path: Path) -> None:
    made = two(ARTSTATION)
    study = make_study(tmp_path, made, retries=0)
    with imitation(made) as site:
        run(study, site)
        site.faults.append(Fault("500", path="page=2"))
        assert run(study, site, mode="recheck").removed["unserved"] == 0
    assert ids(study, "artstation") == made.ids(ARTSTATION)


@each_site
def test_excluded_artists_are_never_asked_and_leave_the_archive_for_good(tmp_path: Path, host: str) -> None:
    made = two(host)
    study = make_study(tmp_path, made)
    name = made.people[host][1].name
    (study / "exclude.csv").write_text(f"platform,artist\n{SITES[host]},{name.upper()}\n")
    with imitation(made) as site:
        run(study, site)
        assert len(rows(study)) > 20
        asked = len(site.log)
        found = run(study, site, exclude="exclude.csv")
        assert found.removed["excluded"] == 20
        assert ids(study, SITES[host]) == made_ids_of(made, host, 0)
        assert len(site.log) == asked
        (study / "archive" / "ledger.jsonl").unlink()
        run(study, site)  # asked by a list that forgot about it
    assert ids(study, SITES[host]) == made_ids_of(made, host, 0)
    assert found.flows[0].excluded == 1


def test_refresh_is_a_command(tmp_path: Path) -> None:
    made = two(ARTSTATION)
    study = make_study(tmp_path, made)
    with imitation(made) as site:
        run(study, site)
        publish(made.people[ARTSTATION][0])
        status, out, err = call(study, site, verb="refresh")
    assert status == 0, err
    assert "1 uploads new" in err
    assert "artstation" in out


def test_a_refresh_without_a_word_asks_those_who_were_drawn_at_the_sites_they_were_drawn_from(tmp_path: Path) -> None:
    made = World({ARTSTATION: [person(f"a{i}", 71 + i, 20) for i in range(8)], DANBOORU: [person("ann", 90, 20)]})
    study = make_study(tmp_path, made, sites=None)
    with imitation(made) as site:
        run(study, site, sites=["artstation"], n=3, where="followers > 2000", since="2023-06-01")
        first = len(site.log)
        for artist in made.people[ARTSTATION]:
            publish(artist)
        found = run(study, site, mode="update")
        assert found.kept == 3
        assert len(site.log) - first == 3
        assert len(run(study, site, mode="update").flows) == 1
        assert len(site.log) - first == 6
    assert {request.host for request in site.log} == {ARTSTATION}
    assert found.flows[0].wanted == 3
