import json
from dataclasses import replace

import pytest

from precipice.effects.effect import table
from tests.unit.effects.effects import effect, status


def test_log_points_read_as_per_cent() -> None:
    found = effect(estimate=-0.105361, se=0.05)
    assert found.percent == pytest.approx(-10, abs=1e-3)
    assert found.percent_low < found.percent < found.percent_high
    assert effect(se=0.1).percent_detectable == pytest.approx(24.42, abs=0.01)


def test_the_dictionary_has_the_documented_shape_and_is_plain_json() -> None:
    plain = effect(reasons=(status("drift"),)).as_dict()
    assert {
        "platform", "event", "method", "outcome", "estimate", "low", "high", "p", "p_rank", "n_creators", "n_placebos",
        "placebos", "verdict", "reasons", "compares_with", "cannot_say",
    } <= set(plain)  # fmt: skip
    assert plain["placebos"][0] == {"cutoff": "2001-01", "estimate": 0.03, "se": 0.02}
    assert plain["n_placebos"] == 2
    assert plain["reasons"] == [
        {"status": "drift", "weight": "weakens", "reason": "there is drift", "needed": "no drift"}
    ]
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain


def test_a_refused_effect_gives_no_number_and_says_what_is_needed() -> None:
    refused = effect(reasons=(status("no_placebo", "refuses"),))
    plain = refused.as_dict()
    assert [plain[name] for name in ("estimate", "low", "high", "p", "percent", "detectable")] == [None] * 6
    json.dumps(plain, allow_nan=False)
    assert "cannot tell" in refused.summary()
    assert "Needed: no no_placebo" in refused.summary()
    assert "%" not in refused.summary()


def test_a_summary_says_number_comparison_and_limit() -> None:
    words = effect().summary()
    assert "-9.5 %" in words
    assert "Compared with others" in words
    assert "four times in five" in words
    assert "cannot say whose change it is" in words
    assert "A fall beyond 5 %" in words
    assert "A rise beyond 6 %" in effect("lapse-S1", outcome="lapse").summary()


def test_the_table_holds_the_placebos_and_the_event_as_measured() -> None:
    rows = effect().table().to_pylist()
    assert [row["event"] for row in rows] == [False, False, True]
    # The placebos' mean, 0.01, is put back so that the event stands among them.
    assert rows[2]["estimate"] == pytest.approx(-0.09)
    assert not any(row["event"] for row in effect(reasons=(status("small", "refuses"),)).table().to_pylist())


def test_the_table_of_effects_has_a_row_each_with_nulls_where_refused() -> None:
    rows = table([effect(), effect("S2", reasons=(status("selected_frame", "refuses"),))]).to_pylist()
    assert [row["method"] for row in rows] == ["S1", "S2"]
    assert rows[1]["estimate"] is None
    assert rows[1]["statuses"] == ["selected_frame"]
    assert table([replace(effect(), placebos=())]).num_rows == 1
