"""The link: loops on a study's measured supply, with tags, without, on pictures, and where nothing is known."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import precipice as pc
from precipice.errors import CheckError, InputError
from precipice.loops import Feed
from precipice.study import ledger
from precipice.study.looping import ENDS, REGIMES, LoopProfile, loop_study, own_output, shown_generations
from precipice.study.settings import Study
from tests.unit.linked import asked_of, rows


def settings(study: Study, **loop: object) -> Study:
    return study.model_copy(update={"loop": study.loop.model_copy(update=loop)})


def test_every_regime_runs_on_the_measured_generations_with_the_studys_own_tags(linked: Path) -> None:
    asked, outlooks, counts = asked_of(linked / "labelled")
    found = loop_study(asked, outlooks, counts)
    assert isinstance(found, LoopProfile)
    assert (found.platform, found.kind, found.divided) == ("site", "tags", True)
    assert tuple(found.law) == tuple(found.works) == tuple(REGIMES)
    feed = found.measured.feed
    for policy, trace in found.law.items():
        assert trace.generations == feed.generations
        assert np.abs(trace.z()[0]).max() < 4, policy  # simulation and closed form under this very supply
    # What is expected of the measured mixture, from the feed alone.
    kept = 1.0
    for human, synthetic in zip(feed.human[1:], feed.synthetic[1:], strict=True):
        kept = (human + 0.9 * kept * synthetic) / (human + synthetic)
    assert found.law["fresh"].mean[0, -1] == pytest.approx(kept, abs=0.02)
    assert found.works["synthetic"].of("hill")[-1].mean() < found.works["fresh"].of("hill")[-1].mean()
    assert found.words.endswith("commonest tags of site as styles, one to a work")


def test_without_tags_a_gaussian_stands_alone(linked: Path) -> None:
    asked, outlooks, _ = asked_of(linked / "labelled")
    found = loop_study(asked, outlooks, None)
    assert found is not None
    assert (found.kind, dict(found.works)) == ("", {})
    assert found.law["real"].metrics == ("variance", "drift", "effective_rank", "frechet")


def test_where_labels_say_nothing_only_the_two_ends_are_run(linked: Path) -> None:
    asked, outlooks, counts = asked_of(linked / "silent")
    found = loop_study(asked, outlooks, counts)
    assert found is not None
    assert not found.divided
    assert tuple(found.law) == tuple(found.works) == ENDS


def test_pictures_are_learned_at_the_measured_shares_and_shown(linked: Path) -> None:
    pytest.importorskip("sklearn")
    asked, outlooks, counts = asked_of(linked / "labelled")
    small = settings(asked.study, pictures="digits", model="gaussian", n=60, replicates=2, generations=3)
    found = loop_study(replace(asked, study=small), outlooks, counts)
    assert found is not None
    assert found.kind == "pictures"
    assert found.real is not None
    assert found.real.shape == (48, 8, 8)
    assert {regime: tuple(shown) for regime, shown in found.shown.items()} == dict.fromkeys(REGIMES, (0, 1, 2, 3))
    assert all(p.shape == (12, 8, 8) for shown in found.shown.values() for p in shown.values())
    assert "60 works a generation at these shares" in found.works["fresh"].words
    assert np.isfinite(found.works["fresh"].floor).all()
    again = loop_study(replace(asked, study=small), outlooks, counts)
    assert again is not None
    np.testing.assert_array_equal(again.shown["fresh"][3], found.shown["fresh"][3])


def test_a_study_may_ask_for_none_or_for_another_platform(linked: Path) -> None:
    asked, outlooks, counts = asked_of(linked / "labelled")
    assert loop_study(replace(asked, study=settings(asked.study, report=False)), outlooks, counts) is None
    assert loop_study(asked, (), counts) is None
    with pytest.raises(InputError, match="no supply is known of 'moon'") as refused:
        loop_study(replace(asked, study=settings(asked.study, platform="moon")), outlooks, counts)
    assert "site" in refused.value.why


def test_own_output_is_as_many_works_none_of_them_human() -> None:
    feed = own_output(Feed(np.array([5, 4, 3]), np.array([0, 2, 4]), "made up"))
    assert feed.human.tolist() == [5, 0, 0]
    assert feed.synthetic.tolist() == [0, 6, 7]


def test_generations_that_are_shown_are_spread_evenly() -> None:
    assert shown_generations(9) == (0, 3, 6, 9)
    assert shown_generations(2) == (0, 1, 2)


def test_a_changed_picture_makes_the_record_stale(linked: Path, tmp_path: Path) -> None:
    from datetime import UTC, datetime

    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "a.png").write_bytes(b"a picture")
    study = settings(Study(), pictures="own")
    now = datetime(2026, 1, 1, tzinfo=UTC)
    record = ledger.describe(tmp_path, study, ["precipice", "report"], now)
    ledger.keep(tmp_path, record, [], now)
    ledger.check(tmp_path)
    (tmp_path / "own" / "a.png").write_bytes(b"another one")
    with pytest.raises(CheckError, match="stale") as stale:
        ledger.check(tmp_path)
    assert "own has changed" in stale.value.why


def test_tags_by_cohort_are_the_files_own(linked: Path) -> None:
    """Rates of the archive's tags by cohort, against the file that was read."""
    from precipice.study.strata import tags_by_cohort

    asked, _, counts = asked_of(linked / "labelled")
    assert counts is not None
    found = tags_by_cohort(asked.panel, asked.cohorts, counts)["site"]
    every = rows(labelled=True)
    first: dict[str, str] = {}
    for row in every:
        first[row["creator"]] = min(first.get(row["creator"], "9"), row["published"])
    seniors = [row for row in every if first[row["creator"]] < "2020-06"]
    tag = counts.tags[3]
    share = sum(tag in row["tags"].split("|") for row in seniors) / len(seniors)
    assert found.rates[found.cohorts.index("senior"), 3] == pytest.approx(share)


def test_runways_of_styles_are_in_the_reports_outlook(linked: Path) -> None:
    _, outlooks, _ = asked_of(linked / "labelled")
    assert {"styles:senior", "styles:junior"} <= {r.scenario.metric for r in outlooks[0].runways}
    wanted = pc.Wanted(metrics=("styles:senior",), policies=("real", "fresh"), paths=100)
    (outlook,) = pc.forecast(linked / "labelled", wanted)
    assert [r.scenario.policy for r in outlook.runways] == ["real", "fresh"]
    assert outlook.sensitivity is None
    with pytest.raises(InputError, match="no metric 'styles:elder'"):
        pc.forecast(linked / "labelled", pc.Wanted(metrics=("styles:elder",), paths=100))
