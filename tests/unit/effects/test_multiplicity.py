from dataclasses import replace

import numpy as np
import pytest

from precipice.corrections import benjamini_hochberg, holm
from precipice.effects.multiplicity import adjust
from tests.unit.effects.effects import effect, status


def test_holm_multiplies_the_smallest_by_all_the_next_by_one_fewer_and_never_falls() -> None:
    assert holm(np.array([0.04, 0.01, 0.03])) == pytest.approx([0.06, 0.03, 0.06])
    assert holm(np.array([0.6, 0.7])) == pytest.approx([1.0, 1.0])


def test_false_discovery_rate_divides_by_rank_and_never_rises_downwards() -> None:
    assert benjamini_hochberg(np.array([0.04, 0.01, 0.03])) == pytest.approx([0.04, 0.03, 0.04])


def test_a_refused_test_is_no_test() -> None:
    assert holm(np.array([np.nan, 0.02])) == pytest.approx([np.nan, 0.02], nan_ok=True)
    assert benjamini_hochberg(np.array([np.nan])) == pytest.approx([np.nan], nan_ok=True)


def test_verdicts_rest_on_holms_p_within_a_method_and_outcome() -> None:
    asked = [effect(p=0.03, platform="a"), effect(p=0.04, platform="b"), effect("S2", p=0.03, platform="a")]
    a, b, gap = adjust(asked)
    assert (a.p_holm, b.p_holm, gap.p_holm) == pytest.approx((0.06, 0.06, 0.03))
    assert (a.verdict, b.verdict, gap.verdict) == ("not distinguishable", "not distinguishable", "lower")
    assert [status.name for status in a.reasons] == ["several_tests"]
    assert gap.reasons == ()


def test_correcting_twice_is_correcting_once() -> None:
    asked = [effect(p=0.001, platform="a"), effect(p=0.04, platform="b")]
    assert adjust(adjust(asked)) == adjust(asked)


def test_verdicts_take_the_estimates_sign() -> None:
    assert adjust([effect(estimate=0.2)])[0].verdict == "higher"


def test_a_panel_too_small_to_see_a_large_effect_cannot_say_no() -> None:
    small = status("small", "notes")
    assert adjust([effect(p=0.5, reasons=(small,))])[0].verdict == "cannot tell"
    assert adjust([effect(p=0.001, reasons=(small,))])[0].verdict == "lower"


def test_a_refused_effect_cannot_tell() -> None:
    refused = effect(reasons=(status("no_placebo", "refuses"),))
    assert adjust([refused, replace(effect(), platform="b")])[0].verdict == "cannot tell"
