"""The answer in words: what it says, and what it must not say."""

from dataclasses import replace
from math import inf

import numpy as np
import pytest

from precipice.effects import Row, Status, Verdict
from precipice.records import EVENTS
from precipice.report import answer
from precipice.report.change import changes, ratio_limits
from precipice.report.words import EXPECTED, NOT_ESTIMATED, facts, opening
from tests.unit.report.made import CUTOFF, END, START, WHOLE, find, ordinary, panel, paper, steady


def test_without_effects_it_says_what_cohorts_did_and_that_this_is_expected_without_any_event() -> None:
    lines = answer(ordinary()).split("\n")
    assert lines[0] == NOT_ESTIMATED
    assert lines[-1] == EXPECTED
    assert "with no event at all" in lines[-1]
    assert any("seniors fell from" in line and "juniors rose from" in line for line in lines)


def test_without_effects_no_word_claims_one() -> None:
    for findings in (ordinary(), paper()):
        text = answer(findings).lower()
        for claim in ("because", "caused", "led to", "due to", "effect of stable diffusion", "impact"):
            assert claim not in text


def test_means_are_of_the_first_and_the_last_twelve_complete_months() -> None:
    senior, _ = ordinary().cohorts
    (text,) = facts(ordinary())
    first, last = senior.capped[:12].mean(), senior.capped[-12:].mean()
    assert f"seniors fell from {first:.0f} (2021-01 to 2021-12) to {last:.0f} (2022-11 to 2023-10)" in text
    assert f"{100 * (last / first - 1):+.0f} %".replace("-", "−") in text


def test_an_unfinished_month_enters_no_mean() -> None:
    findings = find(panel({"site": steady()}))  # both ends unsure
    senior, _ = changes(findings, "site")
    assert senior is not None
    assert (senior.first, senior.last) == ((START + 1, START + 12), (END - 12, END - 1))


def test_without_a_clear_change_it_says_so() -> None:
    cells = {f"artist {i}": {m: 1 for m in range(START, END + 1) if (m + i) % 2} for i in range(20)}
    cells |= {name: months for name, months in steady().items() if name.startswith("junior")}
    (text,) = facts(find(panel({"site": cells}, {"site": WHOLE})))
    assert "seniors did not clearly change" in text


def test_means_of_few_creators_are_not_given() -> None:
    cells = {name: {m: n for m, n in months.items() if m < END - 3} for name, months in steady().items()}
    for i in range(3):
        cells[f"senior {i}"] = dict.fromkeys(range(START, END + 1), 1)
    (text,) = facts(find(panel({"site": cells}, {"site": WHOLE})))
    assert "of seniors no means are given: fewer than 5 artists uploaded in part of 2022-11 to 2023-10" in text


def test_a_simulated_population_is_called_that_first() -> None:
    assert opening(paper())[0].startswith("SIMULATED — nothing here is measured. Known truth: No effect was planted")


def test_with_effects_the_verdicts_come_first_with_names_as_on_figures() -> None:
    rows = tuple(Row("enough data?", "yes", "plenty") for _ in range(4))
    cutoff = EVENTS["stable-diffusion"].month
    needed = "(needed: 37 cutoffs: at least 60 months (there are 35), or shorter windows)"
    sentence = f"site, stable-diffusion (2022-08): cannot tell: few months {needed}; few creators (needed: 20)."
    verdict = Verdict("site", "stable-diffusion", cutoff, rows, sentence)  # type: ignore[arg-type]
    lines = answer(replace(ordinary(), verdicts=(verdict,))).split("\n")
    assert lines[0] == "site, Stable Diffusion (2022-08): cannot tell: few months; few creators."
    assert NOT_ESTIMATED not in lines
    assert lines[-1] == EXPECTED


def test_many_verdicts_are_counted_first() -> None:
    cutoff = EVENTS["stable-diffusion"].month

    def verdict(answer: str) -> Verdict:
        rows = tuple(Row("incumbents changed?", answer, "") for _ in range(4))  # type: ignore[arg-type]
        return Verdict("site", "stable-diffusion", cutoff, rows, "site, stable-diffusion: so.")  # type: ignore[arg-type]

    found = replace(ordinary(), verdicts=tuple(map(verdict, ["yes", "no", "no", "no", "cannot tell", "cannot tell"])))
    first, *others = opening(found)
    assert "Of 6 verdicts" in first
    assert "answered yes 1 time, no 3 times, cannot tell 2 times." in first
    assert len(others) == 6


def test_of_many_that_cannot_tell_the_reasons_are_counted_and_no_verdict_is_read_out() -> None:
    cutoff = EVENTS["stable-diffusion"].month
    rows = tuple(Row("incumbents changed?", "cannot tell", "") for _ in range(4))
    whys = [Status(name, "refuses", "reason", "need") for name in ("edge", "small", "small", "no_placebo", "small")]
    found = replace(
        ordinary(),
        verdicts=tuple(
            Verdict("site", "stable-diffusion", cutoff, rows, "site, stable-diffusion: so.", why=(why,))  # type: ignore[arg-type]
            for why in whys
        ),
    )
    assert opening(found) == (
        "None of 5 verdicts, one for each event and platform, can tell whether incumbents changed beyond ordinary "
        "attrition.",
        "What keeps them from telling: too few creators or uploads (3); an event too near an end of the records (1); "
        "too short or too thin a history (1).",
    )


def test_what_keeps_a_verdict_from_telling_is_said_in_plain_words() -> None:
    cutoff = EVENTS["stable-diffusion"].month
    rows = tuple(Row("incumbents changed?", "cannot tell", "") for _ in range(4))
    why = (
        Status(
            "no_placebo", "refuses", "the history holds 9 placebo cutoffs, worth 1.1 independent ones", "25 cutoffs"
        ),
        Status("small", "notes", "with 807 creators only falls beyond 68 % would have been seen", "more"),
    )
    verdict = Verdict("site", "stable-diffusion", cutoff, rows, "", why=why)  # type: ignore[arg-type]
    (sentence,) = opening(replace(ordinary(), verdicts=(verdict,)))
    assert "placebo" not in sentence
    assert sentence.startswith(
        "site, Stable Diffusion (2022-08): cannot tell: the history before the event is too short"
    )
    assert sentence.endswith("; with 807 creators only falls beyond 68 % would have been seen.")


def test_the_cap_is_said_as_it_is() -> None:
    assert "each artist counted at most once a month" in answer(ordinary())
    three = find(ordinary().panel, study={"cap": 3})
    assert "each artist counted at most 3 times a month" in answer(three)


def test_limits_of_a_ratio_are_those_of_the_poisson_bootstrap_over_creators() -> None:
    rng = np.random.default_rng(7)
    before, after = rng.poisson(1.2, 400).astype(float), rng.poisson(0.8, 400).astype(float)
    weights = rng.poisson(1.0, (20_000, 400))
    ratios = (weights @ after) / (weights @ before) - 1
    low, high = ratio_limits(before, after)
    # 20,000 replicates give a 2.5 % quantile to 0.4 % of the density there, about 0.003; the delta method adds O(1/n).
    assert (low, high) == pytest.approx(np.quantile(ratios, [0.025, 0.975]), abs=0.01)


def test_a_fall_to_nothing_is_a_fall_and_a_rise_from_nothing_a_rise() -> None:
    some, none = np.ones(30), np.zeros(30)
    low, high = ratio_limits(some, none)
    assert low == -1
    assert high < 0
    low, high = ratio_limits(none, some)
    assert low > 0
    assert high == inf


def test_too_few_complete_months_are_said() -> None:
    short = find(panel({"site": {f"a{i}": {CUTOFF: 1, CUTOFF - 1: 1} for i in range(9)}}))
    (text,) = facts(short)
    assert text == "site: there are too few complete months to compare."
