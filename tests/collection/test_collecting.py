"""Artists' uploads from imitated platforms into an archive, by the real gallery-dl."""

import importlib.metadata
import json
import signal
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from precipice.archive import read_manifest
from precipice.errors import InputError, MissingExtraError
from precipice.sources.collection.spool import Spool
from precipice.study import open_panel, read_study
from precipice.study.collecting import check_settings
from tests.collection.studies import (
    SITES,
    WHAT_DOES_NOT_DEPEND_ON_WHEN,
    call,
    check_nothing_is_lost_and_nobody_wrongly_complete,
    command,
    ids,
    make_study,
    planned,
    rows,
    run,
    states,
)  # fmt: skip
from tests.imitation.server import Fault, imitation
from tests.imitation.worlds import AIBOORU, ARTSTATION, DANBOORU, DEVIANTART, HOSTS, World, person, world

METADATA = {
    ARTSTATION: ("/users/",),
    DEVIANTART: ("/oauth2/token", "/api/v1/oauth2/user/profile/", "/api/v1/oauth2/gallery/all"),
    DANBOORU: ("/posts.json", "/counts/posts.json"),
    AIBOORU: ("/posts.json", "/counts/posts.json"),
}


def test_all_posts_of_all_artists_on_four_sites_reach_the_archive_and_nothing_but_records_is_asked_for(
    tmp_path: Path,
) -> None:
    made = world(dict.fromkeys(HOSTS, (4, 70)))
    study = make_study(tmp_path, made)
    with imitation(made) as site:
        found = run(study, site)
        for host, platform in SITES.items():
            assert ids(study, platform) == made.ids(host)
        check_nothing_is_lost_and_nobody_wrongly_complete(study, site)
    assert found.kept == sum(len(made.ids(host)) for host in HOSTS)
    assert set(states(study).values()) == {"complete"}
    for request in site.log:
        assert request.target.startswith(METADATA[request.host])
        assert request.headers["User-Agent"] == "precipice/1 (uploads by month for research; contact: test@example.org)"
        assert not {name for name in request.headers if name.lower().startswith("sec-fetch")}


def test_the_same_command_again_asks_for_nothing_and_changes_nothing(tmp_path: Path) -> None:
    made = world({ARTSTATION: (3, 60), DANBOORU: (3, 60)})
    study = make_study(tmp_path, made)
    with imitation(made) as site:
        run(study, site)
        before, asked = rows(study), len(site.log)
        assert run(study, site).kept == 0
    assert (rows(study), len(site.log)) == (before, asked)


def test_a_listing_of_120_projects_costs_three_requests_and_says_when_each_was_published(tmp_path: Path) -> None:
    made = World({ARTSTATION: [person("ann", 7, 120)]})
    study = make_study(tmp_path, made, followers=False)
    with imitation(made) as site:
        run(study, site)
    assert len(site.log) == 3
    published = {str(work.number): work.published for work in made.people[ARTSTATION][0].works}
    for number, moment in rows(study, "id, published"):
        assert abs((moment - published[number].replace(tzinfo=None)).total_seconds()) < 1


def test_works_own_pages_are_asked_for_only_on_request_and_give_tags_without_the_artists_name(tmp_path: Path) -> None:
    made = World({ARTSTATION: [person("ann", 7, 30)]})
    study = make_study(tmp_path, made, details=True, followers=False)
    with imitation(made) as site:
        run(study, site)
    assert len(site.log) == 31
    tags = {tag for (row,) in rows(study, "tags") for tag in row}
    assert tags == {"synthetic", "NoAI", "CreatedWithAI"}
    assert {row[0] for row in rows(study, "opt_out")} == {True, False}


def test_followers_are_kept_with_the_time_they_were_read(tmp_path: Path) -> None:
    made = World({ARTSTATION: [person("ann", 7, 5, followers=5321)], DEVIANTART: [person("bob", 8, 5, followers=77)]})
    study = make_study(tmp_path, made)
    with imitation(made) as site:
        run(study, site)
    found = rows(study, "platform, followers, followers_read IS NOT NULL")
    assert set(found) == {("artstation", 5321, True), ("deviantart", 77, True)}


def test_candidates_are_screened_by_their_newest_upload_whatever_order_the_dates_come_in(tmp_path: Path) -> None:
    made = World({host: [person("ann", 71 + i, 8), person("bob", 81 + i, 8)] for i, host in enumerate(HOSTS[:3])})
    for people in made.people.values():
        people[0].works[0].published, people[0].works[4].published = (
            people[0].works[4].published, people[0].works[0].published,
        )  # fmt: skip
        for work in people[1].works:
            work.published -= timedelta(days=400)
    study = make_study(tmp_path, made, where="last >= 2023-06")
    with imitation(made) as site:
        found = run(study, site)
    assert {flow.site: (flow.complete, flow.ineligible) for flow in found.flows} == dict.fromkeys(
        ("artstation", "deviantart", "danbooru"), (1, 1)
    )


def test_hidden_banned_and_deleted_posts_are_kept_marked_and_counted(tmp_path: Path) -> None:
    made = World({DANBOORU: [person("ann", 7, 30)], DEVIANTART: [person("bob", 8, 30)]})
    made.people[DANBOORU][0].works[3].hidden = made.people[DANBOORU][0].works[5].hidden = True
    made.people[DEVIANTART][0].works[4].deleted = True
    study = make_study(tmp_path, made)
    with imitation(made) as site:
        run(study, site)
    count = {name: sum(row == name for row in rows(study, "platform, state")) for name in
             (("danbooru", "banned"), ("deviantart", "deleted"))}  # fmt: skip
    assert count == {("danbooru", "banned"): 2, ("deviantart", "deleted"): 1}
    assert read_manifest(study / "archive").collection["danbooru"]["hidden"] == 2
    assert set(states(study).values()) == {"complete"}


def test_days_narrow_down_what_is_kept_whatever_order_the_dates_come_in(tmp_path: Path) -> None:
    made = World({host: [person(f"a{i}", 7 + i, 120)] for i, host in enumerate((ARTSTATION, DEVIANTART, DANBOORU))})
    for people in made.people.values():
        works = people[0].works
        works[2].published, works[90].published = works[90].published, works[2].published  # dates out of order
    study = make_study(tmp_path, made, since="2021-06-01", until="2023-03-31")
    with imitation(made) as site:
        run(study, site)
    for host, people in made.people.items():
        wanted = {work.number for work in people[0].works if "2021-06-01" <= str(work.published.date()) <= "2023-03-31"}
        assert len(ids(study, SITES[host])) == len(wanted) > 20
    assert set(states(study).values()) == {"complete"}


def test_of_a_post_by_several_artists_only_those_of_the_sample_become_creators(tmp_path: Path) -> None:
    made = World({DANBOORU: [person("ann", 7, 6), person("bob", 8, 6)]})
    made.people[DANBOORU][0].works[0].others = ("stranger",)
    made.people[DANBOORU][0].works[1].others = ("bob",)
    study = make_study(tmp_path, made)
    with imitation(made) as site:
        run(study, site)
    creators = {row[0]: len(row[1]) for row in rows(study, "id, creators")}
    assert creators["70006"] == 1
    assert creators["70005"] == 2
    assert len({who for row in rows(study, "creators") for who in row[0]}) == 2


def test_any_instance_of_danbooru_is_collected_by_its_root(tmp_path: Path) -> None:
    made = World({AIBOORU: [person("ann", 7, 6)]})
    study = make_study(tmp_path, made, sites=["myboard=https://aibooru.online"])
    (study / "artists.csv").write_text("platform,artist\nmyboard,ann\n")
    with imitation(made) as site:
        run(study, site)
    assert ids(study, "myboard") == made.ids(AIBOORU)


def test_names_leave_no_trace_in_the_archive_or_in_what_is_printed(tmp_path: Path) -> None:
    made = World({host: [person(f"tell_tale_{i}", 7 + i, 30)] for i, host in enumerate(HOSTS)})
    study = make_study(tmp_path, made)
    with imitation(made) as site:
        status, out, err = call(study, site, "-v")
    assert status == 0, err
    assert "tell_tale" not in out + err
    for place in (study / "archive").rglob("*"):
        assert not place.is_file() or b"tell_tale" not in place.read_bytes(), place


def test_a_planted_secret_is_sent_to_its_site_alone_and_appears_nowhere_else(tmp_path: Path) -> None:
    made = World({DEVIANTART: [person("bob", 8, 30)], DANBOORU: [person("ann", 7, 30)]})
    study = make_study(tmp_path / "study", made)
    home = tmp_path / "home"
    (home / ".config" / "gallery-dl").mkdir(parents=True)
    planted = {"deviantart": {"client-id": "99", "client-secret": "PLANTED-deviant"},
               "danbooru": {"username": "me", "password": "PLANTED-booru"},
               "artstation": {"password": "PLANTED-other"}}  # fmt: skip
    (home / ".config" / "gallery-dl" / "config.json").write_text(json.dumps({"extractor": planted}))
    nothing = {"PRECIPICE_DEVIANTART_CLIENT_ID": "", "PRECIPICE_DEVIANTART_CLIENT_SECRET": ""}
    with imitation(made) as site:
        status, out, err = call(study, site, "-v", HOME=str(home), XDG_CONFIG_HOME="", **nothing)
        assert status == 0, err
        site.faults.append(Fault("401"))
        (study / "archive" / "ledger.jsonl").unlink()
        refused = call(study, site, "-v", HOME=str(home), XDG_CONFIG_HOME="", **nothing)
    assert refused[0] == 2
    assert "refuses the key" in refused[2]
    assert {request.host for request in site.log if "Authorization" in request.headers} == {DEVIANTART, DANBOORU}
    basic = {request.headers["Authorization"] for request in site.log
             if request.headers.get("Authorization", "").startswith("Basic")}  # fmt: skip
    assert len(basic) == 2
    assert "PLANTED" not in out + err + "".join(refused[1:])
    for place in (tmp_path / "study").rglob("*"):
        assert not place.is_file() or b"PLANTED" not in place.read_bytes(), place


def test_deviantart_without_a_key_of_ones_own_is_an_error_that_says_where_to_get_one(tmp_path: Path) -> None:
    made = World({DEVIANTART: [person("bob", 8, 30)]})
    study = make_study(tmp_path, made)
    none = {"PRECIPICE_DEVIANTART_CLIENT_ID": "", "PRECIPICE_DEVIANTART_CLIENT_SECRET": "", "HOME": str(tmp_path)}
    with imitation(made) as site:
        status, _, err = call(study, site, XDG_CONFIG_HOME="", **none)
    assert status == 2
    assert "needs a key of your own" in err
    assert "https://www.deviantart.com/developers/apps" in err
    assert not site.log


def test_a_dry_run_says_requests_and_time_and_asks_nothing(tmp_path: Path) -> None:
    made = world({ARTSTATION: (50, 60)})
    study = make_study(tmp_path, made, n=10, where="followers > 2000", pace=2.0)
    with imitation(made) as site:
        status, out, _ = call(study, site, "--dry-run")
    assert status == 0
    assert "10 to 50" in out
    assert "quick.json" in out
    assert "projects.json" in out
    assert "nothing was asked" in out
    assert not site.log


def _opened(study: Path, **changes: object) -> None:
    check_settings(planned(study, **changes).settings)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"contact": None}, "there is no contact"),
        ({"sites": []}, "there is no site"),
        ({"sites": ["artstaton"]}, "there is no site 'artstaton'"),
        ({"sites": ["pixiv"]}, "Pixiv is not collected"),
        ({"sites": ["danbooru"], "where": "followers > 10"}, "does not say how many follow"),
        ({"where": "likes > 3"}, "cannot read the condition"),
        ({"sites": ["deviantart"]}, "the list holds nobody of deviantart"),
        ({"pace": 0.1}, "is too fast"),
        ({"since": "2021-13-01"}, "since cannot be '2021-13-01'"),
    ],
)
def test_what_cannot_be_collected_is_an_error_before_anything_is_asked(
    tmp_path: Path, changes: dict[str, object], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = World({ARTSTATION: [person("ann", 7, 3)], DANBOORU: [person("bob", 8, 3)]})
    study = make_study(tmp_path, made, **{"sites": ["artstation"], **changes, "since": None})
    monkeypatch.delenv("PRECIPICE_LOOPBACK", raising=False)
    with pytest.raises(InputError, match=said):
        _opened(study, **{name: value for name, value in changes.items() if name == "since"})


def test_without_gallery_dl_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = make_study(tmp_path, World({ARTSTATION: [person("ann", 7, 3)]}))

    def none(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", none)
    with pytest.raises(MissingExtraError) as refused:
        check_settings(planned(study).settings)
    assert "precipice[collect]" in refused.value.fix
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "1.33.0")
    with pytest.raises(InputError, match=r"gallery-dl is 1\.33\.0"):
        check_settings(planned(study).settings)


def test_collecting_anew_from_the_same_world_gives_the_same_archive(tmp_path: Path) -> None:
    made = world({ARTSTATION: (5, 60), DEVIANTART: (5, 40), DANBOORU: (5, 90)})
    studies = [make_study(tmp_path / name, made) for name in ("one", "two")]
    with imitation(made) as site:
        for study in studies:
            run(study, site)
    one, two = (rows(study, WHAT_DOES_NOT_DEPEND_ON_WHEN) for study in studies)
    assert one == two


def test_ctrl_c_keeps_what_was_served_and_prints_the_command_that_goes_on(tmp_path: Path) -> None:
    made = world({ARTSTATION: (12, 120), DANBOORU: (12, 30)})
    study = make_study(tmp_path, made)
    with imitation(made) as site:
        process = command(study, site)
        while len(site.log) < 14 and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
        assert process.returncode == 130
        assert f"precipice collect {study}" in err
        assert "Traceback" not in err
        assert 0 < len(rows(study, "id")) < sum(len(made.ids(host)) for host in made.people)
        assert not (study / "archive" / "spool").exists()
        last = len(site.log)
        time.sleep(0.3)
        assert len(site.log) == last  # no worker is left behind
        held = {str(row[0]) for row in rows(study, "id")}
        told = {post for request in site.log[:-2] for post in request.posts}
        assert len(told - held) <= 250  # a page in flight at each site may not have been heard any more
        assert run(study, site).partial == 0
        check_nothing_is_lost_and_nobody_wrongly_complete(study, site)
    assert set(states(study).values()) == {"complete"}


def test_a_budget_stops_between_requests_and_the_next_run_goes_on(tmp_path: Path) -> None:
    made = world({ARTSTATION: (25, 120)})
    study = make_study(tmp_path, made)
    with imitation(made, *[Fault("429", path="quick", after=9, times=1, headers={"Retry-After": "1"})]) as site:
        assert run(study, site, budget=0.8).outcomes[0].end == "budget"
        assert "pending" in states(study).values()
        first = len(site.log)
        assert run(study, site).outcomes[0].end == "done"
        assert len(site.log) - first < 25 * 5
        check_nothing_is_lost_and_nobody_wrongly_complete(study, site)
    assert set(states(study).values()) == {"complete"}
    assert ids(study, "artstation") == made.ids(ARTSTATION)


def test_partial_artists_are_left_out_of_everything_if_the_study_says_so(tmp_path: Path) -> None:
    made = World({DEVIANTART: [person("ann", 7, 30), person("bob", 8, 30)]})
    study = make_study(tmp_path, made, retries=0)
    with imitation(made, Fault("500", path="username=bob&offset=24")) as site:
        run(study, site)
    settings = read_study(study)
    assert len(open_panel(study, settings)) == 2
    dropped = settings.model_copy(update={"study": settings.study.model_copy(update={"partial": "drop"})})
    assert len(open_panel(study, dropped)) == 1


def test_a_collected_platform_is_known_to_begin_with_its_first_upload_and_to_be_whole_to_the_day_it_was_asked(
    tmp_path: Path,
) -> None:
    made = World({ARTSTATION: [person("ann", 7, 40)]})
    study = make_study(tmp_path / "all", made)
    since = make_study(tmp_path / "since", made, since="2023-01-01", until="2023-08-15")
    with imitation(made) as site:
        run(study, site)
        run(since, site)
    window = open_panel(study).window("artstation")
    assert (window.truncated_first, window.unfinished_last) == (False, False)
    window = open_panel(since).window("artstation")
    assert (window.truncated_first, window.unfinished_last) == (True, True)


def test_two_collections_at_once_are_one_collection_and_one_clear_error(tmp_path: Path) -> None:
    made = World({ARTSTATION: [person("ann", 7, 3)]})
    study = make_study(tmp_path, made)
    planned(study)
    with imitation(made) as site, FileLock(study / "archive" / ".collecting.lock"):
        with pytest.raises(InputError, match="another collection is at work"):
            run(study, site)
        assert not site.log


def test_a_disk_without_room_is_told_and_the_next_run_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = World({ARTSTATION: [person("ann", 7, 120)]})
    study = make_study(tmp_path, made)
    whole, left = Spool.add, [1]

    def full(spool: Spool, site: str, kind: str, records: list[Any]) -> None:
        if not left:
            raise OSError(28, "No space left on device")
        left.pop()
        whole(spool, site, kind, records)

    with imitation(made) as site:
        monkeypatch.setattr(Spool, "add", full)
        with pytest.raises(InputError, match="the disk is full"):
            run(study, site)
        monkeypatch.setattr(Spool, "add", whole)
        assert len(rows(study, "id")) == 50
        run(study, site)
        check_nothing_is_lost_and_nobody_wrongly_complete(study, site)
    assert set(states(study).values()) == {"complete"}


def test_on_danbooru_a_name_is_written_as_its_tag_is(tmp_path: Path) -> None:
    made = World({DANBOORU: [person("two_words", 7, 6)]})
    study = make_study(tmp_path, made)
    (study / "artists.csv").write_text("platform,artist\ndanbooru,Two Words\n")
    with imitation(made) as site:
        run(study, site)
    assert ids(study, "danbooru") == made.ids(DANBOORU)
