"""The list of artists who may be asked, grown from what sites and dumps list."""

import json
from pathlib import Path

import pytest

from precipice.errors import InputError, SourceError
from precipice.sources.collection.frames import read_list
from precipice.study import read_study
from precipice.study.growing import Grown, grow
from tests.collection.studies import SITES, call, make_study, run, surroundings
from tests.imitation.server import Fault, Imitation, imitation
from tests.imitation.worlds import ARTSTATION, DANBOORU, DEVIANTART, World, person, world

LISTS = [
    (ARTSTATION, "following", "ann"),
    (ARTSTATION, "followers-of", "ann"),
    (ARTSTATION, "search", "castle"),
    (DEVIANTART, "search", "fantasy"),
    (DANBOORU, "artists", "search[order]=post_count"),
    (DANBOORU, "search", ""),
]


def grown(study: Path, site: Imitation, host: str, source: str, most: int = 1000, *, held: bool = False) -> Grown:
    with surroundings(site):
        return grow(study, read_study(study), SITES[host], source, most=most, held=held, version="1")


@pytest.mark.parametrize(("host", "which", "name"), LISTS)
def test_candidates_of_a_sites_list_are_added_once_and_what_stands_there_stays(
    tmp_path: Path, host: str, which: str, name: str
) -> None:
    made = world({host: (30, 3)})
    made.people[host].append(person("ann", 7, 3))
    study = make_study(tmp_path, World({host: [person("ann", 7, 3)]}))
    (study / "artists.csv").write_text(f"# mine\nplatform,artist\n{SITES[host]},ann\n")
    with imitation(made) as site:
        found = grown(study, site, host, f"{which}:{name}")
        again = grown(study, site, host, f"{which}:{name}")
    listed = read_list(study / "artists.csv")
    assert {one.artist for one in listed} == {p.name for p in made.people[host]}
    assert len(listed) == 31
    assert found.added == 30
    assert again.added == 0
    assert (study / "artists.csv").read_text().startswith("# mine\n")


def test_no_more_is_asked_for_than_the_candidates_wanted_take(tmp_path: Path) -> None:
    made = world({ARTSTATION: (120, 2)})
    made.people[ARTSTATION].append(person("ann", 7, 3))
    study = make_study(tmp_path, World({ARTSTATION: [person("ann", 7, 3)]}))
    with imitation(made) as site:
        assert grown(study, site, ARTSTATION, "following:ann", most=60).added == 60
        assert len(site.log) == 2


def test_a_dump_of_danboorus_artists_gives_those_who_are_there_and_if_asked_those_the_archive_holds(
    tmp_path: Path,
) -> None:
    made = World({DANBOORU: [person("ann", 7, 4), person("bob", 8, 4)]})
    study = make_study(tmp_path, made)
    dump = tmp_path / "artists.json"
    rows = [{"id": 7, "name": "ann"}, {"id": 9, "name": "eve"}, {"id": 10, "name": "gone", "is_deleted": True}]
    dump.write_text("\n".join(map(json.dumps, rows)) + "\n")
    with imitation(made) as site:
        run(study, site)
        (study / "artists.csv").unlink()
        assert grown(study, site, DANBOORU, f"dump:{dump}", held=True).added == 1
        assert grown(study, site, DANBOORU, f"dump:{dump}").added == 1
    assert [one.artist for one in read_list(study / "artists.csv")] == ["ann", "eve"]


def test_a_site_that_refuses_leaves_the_list_as_it_was(tmp_path: Path) -> None:
    made = World({ARTSTATION: [person("ann", 7, 3)]})
    study = make_study(tmp_path, made)
    before = (study / "artists.csv").read_bytes()
    with imitation(made, Fault("403")) as site, pytest.raises(SourceError, match="named nobody"):
        grown(study, site, ARTSTATION, "following:ann")
    assert (study / "artists.csv").read_bytes() == before


def test_a_list_nobody_has_is_an_error_that_names_those_there_are(tmp_path: Path) -> None:
    study = make_study(tmp_path, World({DEVIANTART: [person("ann", 7, 3)]}))
    with imitation(World()) as site, pytest.raises(InputError, match="no list 'followers-of'") as refused:
        grown(study, site, DEVIANTART, "followers-of:ann")
    assert "following:NAME" in refused.value.why


def test_growing_is_part_of_the_command(tmp_path: Path) -> None:
    made = world({ARTSTATION: (5, 3)})
    made.people[ARTSTATION].append(person("ann", 7, 3))
    study = make_study(tmp_path, World({ARTSTATION: [person("ann", 7, 3)]}))
    with imitation(made) as site:
        status, _, err = call(study, site, "--site", "artstation", "--grow", "following:ann")
    assert status == 0
    assert "5 found, 5 of them new" in err
