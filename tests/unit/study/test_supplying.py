"""From an archive to an outlook, by the command: with labels, without, with a stated share, and with bad input."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import precipice as pc
from precipice.cli.supply import command
from precipice.errors import InputError


def uploads(*, labelled: bool) -> str:
    """Write a platform of 60 creators over five years; half of them declare two in five uploads from July 2021 on."""
    rng = np.random.default_rng(1)
    lines = ["platform,id,creator,published,declared_ai"]
    for who in range(60):
        for month in range(who % 30, 60):
            for n in range(rng.poisson(3)):
                said = "" if month < 30 or not labelled else str(bool(who % 2 and rng.random() < 0.4)).lower()
                day = f"20{19 + month // 12}-{month % 12 + 1:02d}-15"
                lines.append(f"site,{who}-{month}-{n},{who},{day},{said}")
    return "\n".join([*lines, "site,last,0,2023-12-31,"]) + "\n"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("supply")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRECIPICE_KEY", "00" * 16)
        for name, labelled in (("labelled", True), ("silent", False)):
            (folder / f"{name}.csv").write_text(uploads(labelled=labelled))
            pc.ingest(folder / name, folder / f"{name}.csv", kind="table")
    return folder


def supply(folder: Path, *words: str) -> str:
    more = ("--cutoff", "2020-06", "--paths", "200")
    done = CliRunner().invoke(command, [str(folder), *more, *words], catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout


def test_the_json_holds_bands_runways_drivers_and_caveats(place: Path) -> None:
    (found,) = json.loads(supply(place / "labelled", "--until", "2027-12", "--json"))["supply"]
    assert found["share_from"] == "labelled"
    last = [row for row in found["months"] if row["month"] == "2023-06" and row["kind"] in ("human", "synthetic")]
    whole = sum(line.split(",")[3].startswith("2023-06") for line in uploads(labelled=True).splitlines())
    assert sum(row["middle"] for row in last) == pytest.approx(whole, abs=0.01 * whole)
    assert {(r["metric"], r["policy"], r["bias"]) for r in found["runways"]} >= {
        ("spread", "fresh", 0.9), ("tail", "accumulate", 1.0),
    }  # fmt: skip
    for runway in found["runways"]:
        assert 0 <= runway["probability"] <= 1
        assert runway["produced_by"]
        assert runway["probability"] + runway["censored"] == pytest.approx(1)
    assert set(found["sensitivity"]["drivers"]) == {"sensitivity", "bias", "policy"}
    assert any("not training sets" in caveat for caveat in found["caveats"])


def test_the_same_seed_gives_the_same_outlook(place: Path) -> None:
    first, again, other = (supply(place / "labelled", "--json", "--seed", seed) for seed in ("1", "1", "2"))
    assert first == again
    assert first != other


def test_stating_that_the_label_misses_half_doubles_what_is_synthetic(place: Path) -> None:
    plain, told = (
        json.loads(supply(place / "labelled", "--json", *words))["supply"][0]
        for words in ((), ("--sensitivity", "0.5", "--specificity", "1"))
    )
    middle = [
        sum(row["middle"] for row in found["months"] if row["kind"] == "synthetic" and not row["forecast"])
        for found in (plain, told)
    ]
    assert middle[1] / middle[0] == pytest.approx(2, rel=0.02)
    assert (plain["share_from"], told["share_from"]) == ("labelled", "corrected")


def test_without_labels_all_uploads_are_forecast_and_no_runway_is_given(place: Path) -> None:
    (found,) = json.loads(supply(place / "silent", "--json"))["supply"]
    assert found["runways"] == []
    assert "the platform says nothing" in found["refused"]
    assert "--share" in found["refused"]
    assert all(row["kind"].startswith("all uploads") for row in found["months"])
    assert "all uploads" in supply(place / "silent")


def test_a_stated_share_gives_a_runway_that_says_it_was_stated(place: Path) -> None:
    (found,) = json.loads(supply(place / "silent", "--share", "0.3..0.6", "--json"))["supply"]
    assert found["share"] == {"stated": "0.3..0.6"}
    assert {runway["share_from"] for runway in found["runways"]} == {"stated"}


def test_dropping_what_is_labelled_leaves_a_longer_runway(place: Path) -> None:
    words = ("--sensitivity", "0.8", "--specificity", "0.99", "--bias", "0.8", "--metric", "tail", "--json",
             "--policy", "fresh")  # fmt: skip
    kept, dropped = (
        json.loads(supply(place / "labelled", *words, *more))["supply"][0]["runways"][0]["probability"]
        for more in ((), ("--drop-labelled",))
    )
    assert dropped < kept


def test_a_cohort_is_a_stratum_that_can_be_asked_for(place: Path) -> None:
    words = ("--metric", "stratum:senior", "--policy", "real", "--policy", "fresh", "--bias", "1", "--json")
    (found,) = json.loads(supply(place / "labelled", *words))["supply"]
    assert [runway["metric"] for runway in found["runways"]] == ["stratum:senior"] * 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--share", "1.2"), "share of 1.2"),
        (("--share", "-1"), "share of -1"),
        (("--sensitivity", "0.3", "--specificity", "0.6"), "says nothing"),
        (("--sensitivity", "0.3"), "one is missing"),
        (("--share", "0.2", "--sensitivity", "0.8", "--specificity", "1"), "a share is stated, and so is"),
        (("--until", "2055-01"), "2055-01 cannot be forecast"),
        (("--until", "2020-01"), "2020-01 cannot be forecast"),
        (("--bias", "0"), "no sampling bias"),
        (("--threshold", "1"), "no threshold"),
        (("--policy", "hope"), "no policy 'hope'"),
        (("--metric", "beauty"), "no metric 'beauty'"),
        (("--generation-months", "0"), "generation of 0 months"),
        (("--generation-months", "500"), "generation of 500 months"),
        (("--drop-labelled",), "what a filter leaves is not known"),
        (("--elsewhere", "-1"), "-1 synthetic works from elsewhere"),
        (("--forecaster", "guess"), "no forecaster 'guess'"),
    ],
)
def test_bad_input_is_one_clear_error(place: Path, words: tuple[str, ...], message: str) -> None:
    with pytest.raises(InputError, match=message) as refused:
        supply(place / "labelled", *words)
    assert refused.value.fix


def test_too_short_a_history_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRECIPICE_KEY", "00" * 16)
    rows = "".join(f"site,{who}-{month},{who},2023-{month:02d}-15\n" for who in range(30) for month in range(1, 13))
    (tmp_path / "short.csv").write_text("platform,id,creator,published\n" + rows)
    pc.ingest(tmp_path / "study", tmp_path / "short.csv", kind="table")
    with pytest.raises(InputError, match="too short to forecast"):
        CliRunner().invoke(command, [str(tmp_path / "study"), "--cutoff", "2023-06"], catch_exceptions=False)
