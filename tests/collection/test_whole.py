"""A whole collection: 250 artists and 20,000 posts on four sites, with faults at random places."""

import csv
from pathlib import Path

import numpy as np
import pytest

from tests.collection.studies import (
    SITES,
    check_nothing_is_lost_and_nobody_wrongly_complete,
    ids,
    make_study,
    planned,
    rows,
    run,
    states,
)
from tests.imitation.server import Fault, imitation
from tests.imitation.worlds import AIBOORU, ARTSTATION, DANBOORU, DEVIANTART, HOSTS, World, world

SIZES = {ARTSTATION: (100, 110), DEVIANTART: (70, 60), DANBOORU: (60, 65), AIBOORU: (20, 50)}
PASSING = ("500", "truncate", "cut", "reset", "429", "stall")
PATHS = {
    ARTSTATION: "/users/{}/projects",
    DEVIANTART: "username={}&",
    DANBOORU: "posts.json.tags={}&",
    AIBOORU: "posts.json.tags={}&",
}


def struck(made: World, rng: np.random.Generator, lasting: int) -> list[Fault]:
    """Faults at random artists: some that pass, and on each site so many that last."""
    found = []
    for host, people in made.people.items():
        chosen = rng.choice(len(people), 5 + lasting, replace=False)
        for at, index in enumerate(chosen):
            kind = "500" if at < lasting else str(rng.choice(PASSING))
            found.append(
                Fault(kind, host=host, path=PATHS[host].format(people[index].name.lower()),
                      after=int(rng.integers(0, 2)), times=10**9 if at < lasting else 1)
            )  # fmt: skip
    return found


@pytest.mark.slow
def test_250_artists_with_20000_posts_are_collected_whole_through_faults_at_random_places(tmp_path: Path) -> None:
    made = world(SIZES, seed=8)
    posts = sum(len(made.ids(host)) for host in HOSTS)
    assert sum(map(len, made.people.values())) == 250
    assert posts > 19_000
    study = make_study(tmp_path, made, retries=1)
    with imitation(made, *struck(made, np.random.default_rng(4), lasting=2)) as site:
        found = run(study, site)
        assert {outcome.end for outcome in found.outcomes} == {"done"}
        check_nothing_is_lost_and_nobody_wrongly_complete(study, site)
        partial = [name for name, state in states(study).items() if state != "complete"]
        assert 4 <= len(partial) <= 8  # the lasting ones, but where an artist had fewer pages than came before it
        site.faults.clear()
        run(study, site, mode="update")
        assert not any(".png" in request.target or ".jpg" in request.target for request in site.log)
    assert set(states(study).values()) == {"complete"}
    assert len(rows(study, "id")) == posts
    for host, platform in SITES.items():
        assert ids(study, platform) == made.ids(host)


def test_a_follower_screened_draw_is_reproduced_from_its_seed_and_no_other(tmp_path: Path) -> None:
    made = world({ARTSTATION: (40, 4), DEVIANTART: (40, 4)}, seed=2)

    def drawn(name: str, seed: int) -> list[str]:
        study = make_study(tmp_path / name, made, n=10, where="followers > 2000")
        (study / "precipice.toml").write_text((study / "precipice.toml").read_text() + f"\n[study]\nseed = {seed}\n")
        lines = (study / "artists.csv").read_text().splitlines()
        order = np.random.default_rng(len(name)).permutation(len(lines) - 1) + 1
        (study / "artists.csv").write_text("\n".join([lines[0], *(lines[i] for i in order)]) + "\n")
        with imitation(made) as site:
            run(study, site)
        walks = planned(study).walks.values()
        return [f"{walk.site.name}/{candidate.artist}" for walk in walks for candidate in walk.drawn()]

    one = drawn("one", 7)
    reach = {f"{SITES[host]}/{p.name}": p.followers for host, people in made.people.items() for p in people}
    assert len(one) == 20
    assert all(reach[name] > 2000 for name in one)
    with (tmp_path / "one" / "archive" / "draw.csv").open() as file:
        table = list(csv.DictReader(file))
    assert [row["state"] for row in table] == ["complete"] * 20
    assert all(0 < float(row["probability"]) < 1 and int(row["followers"]) > 2000 for row in table)
    assert all(row["stated"] == row["served"] for row in table)
    assert drawn("another", 7) == one
    assert drawn("other", 8) != one
