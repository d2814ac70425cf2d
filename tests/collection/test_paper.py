"""The paper's study from start to end: two sites collected from, a dump ingested, four figures drawn."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.collection.studies import KEYS, SITES, states
from tests.imitation.server import Imitation, imitation
from tests.imitation.worlds import ARTSTATION, DEVIANTART, END, iso, world

ARTISTS = 400
FIGURES = {"uploads-by-platform", "cohorts-artstation", "cohorts-deviantart", "cohorts-danbooru", "totals-danbooru"}


def precipice(site: Imitation, *words: str) -> subprocess.CompletedProcess[str]:
    around = {**os.environ, **KEYS, "PRECIPICE_LOOPBACK": str(site.port)}
    done = subprocess.run(
        [sys.executable, "-m", "precipice", *words], env=around, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done


def dump(place: Path) -> None:
    """Write posts in the shape of Danbooru2023's."""
    rng = np.random.default_rng(9)
    with place.open("w", encoding="utf-8") as file:
        number = 0
        for artist in range(ARTISTS):
            for day in np.cumsum(rng.exponential(70.0, 14)):
                number += 1
                row = {"id": number, "created_at": iso(END - timedelta(days=float(day))), "uploader_id": 3,
                       "tag_string_artist": f"dump_{artist}", "tag_string_general": "solo", "tag_string_meta": "",
                       "tag_string_character": "", "tag_string_copyright": "", "file_ext": "png", "source": "",
                       "fav_count": 2, "is_deleted": False, "is_banned": False, "updated_at": None}  # fmt: skip
                file.write(json.dumps(row) + "\n")


@pytest.mark.slow
def test_three_commands_after_init_give_the_papers_four_figures_from_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "keys"))
    made = world({ARTSTATION: (360, 12), DEVIANTART: (370, 12)}, seed=6, apart=70.0, reach=8.4)
    study = tmp_path / "paper"
    dump(tmp_path / "posts.json")
    with imitation(made) as site:
        precipice(site, "init", str(study), "--example", "paper")
        toml = (study / "precipice.toml").read_text().replace("[collect]\n", '[collect]\npace = 0\ncontact = "a@b.c"\n')
        (study / "precipice.toml").write_text(toml + '\n[effects]\nmethods = ["S1"]\n')
        lines = [f"{SITES[host]},{person.name}" for host, people in made.people.items() for person in people]
        (study / "artists.csv").write_text("platform,artist\n" + "\n".join(lines) + "\n")
        collected = precipice(site, "collect", str(study))
        precipice(site, "ingest", str(tmp_path / "posts.json"), "--as", "danbooru2023", str(study))
        answer = precipice(site, "report", str(study))
    assert collected.stdout.count(" 250 ") >= 2
    assert list(states(study).values()).count("complete") == 500
    stems = {path.name.removesuffix("-178mm.svg") for path in (study / "figures").glob("*-178mm.svg")}
    assert stems >= {*FIGURES, "sampling"}
    page = (study / "report.html").read_text(encoding="utf-8")
    for words in ("1a", "1b and 1c", "How the artists were chosen", "stood in for ArtStation and DeviantArt"):
        assert words in page
    assert answer.stdout
    record = json.loads(next((study / "runs").glob("*/run.json")).read_text())
    assert record["collection"]["artstation"]["drawn"] == 250
    everything = [path for path in study.rglob("*") if path.is_file() and path.name != "artists.csv"]
    assert not [path for path in everything if b"synth_" in path.read_bytes()]
