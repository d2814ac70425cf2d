"""Labels that do not lie on each other."""

import numpy as np
import pytest

from precipice.report.lettering import GAP, place_flags, shorten, spread, text_width, wrap

LIMITS = (0.0, 240.0)


def test_widths_are_those_of_helvetica() -> None:
    # Adobe's metrics of Helvetica: S 667, t 278, a 556, b 556, l 222, e 556, in thousandths.
    assert text_width("Stable", 10) == pytest.approx(10 * (667 + 278 + 556 + 556 + 222 + 556) / 1000)


def test_a_no_break_space_holds_a_number_and_its_unit_on_one_line() -> None:
    words = [line.split(" ") for line in wrap("it fell by −13\u00a0% (−26\u00a0% to +2\u00a0%)", 60, 10)]
    assert ["−13\u00a0%"] in [line[-1:] for line in words] + [line[:1] for line in words]
    assert all(part not in ("%", "−13") for line in words for part in line)


def test_lines_break_between_words_and_none_is_too_wide() -> None:
    text = "Danbooru, 2021-01 to 2023-10: 3,132 seniors (first upload before 2022-01)"
    lines = wrap(text, 120, 10)
    assert " ".join(lines) == text
    assert all(text_width(line, 10) <= 120 for line in lines)


def test_a_word_that_fits_nowhere_is_cut_with_an_ellipsis() -> None:
    (line,) = wrap("a-platform-of-a-very-long-name", 60, 10)
    assert line.endswith("…")
    assert text_width(line, 10) <= 60


def test_a_short_text_is_not_cut() -> None:
    assert shorten("Pixiv", 60, 10) == "Pixiv"


def test_a_lonely_label_stands_right_of_its_rule() -> None:
    (flag,) = place_flags([(50, "NFT boom")], LIMITS, 10)
    assert (flag.left, flag.lane) == (False, 0)


def test_a_label_at_the_right_edge_stands_left_of_its_rule() -> None:
    (flag,) = place_flags([(235, "Stable Diffusion")], LIMITS, 10)
    assert flag.left


@pytest.mark.parametrize("seed", range(60))
def test_no_label_lies_on_another_or_on_a_rule(seed: int) -> None:
    rng = np.random.default_rng(seed)
    names = ["NFT boom", "DALL·E 2", "Stable Diffusion", "Midjourney v5", "opt-out"]
    rules = list(zip(sorted(rng.uniform(10, 150, 5).tolist()), names, strict=True))[: int(rng.integers(2, 6))]
    flags = place_flags(rules, LIMITS, 10)
    assert [flag.text for flag in flags] == [name for _, name in rules]
    for flag in flags:
        for other in flags:
            if flag is other:
                continue
            if flag.lane == other.lane:
                assert flag.span[1] + GAP <= other.span[0] or other.span[1] + GAP <= flag.span[0]
            if other.lane >= flag.lane:  # its rule passes by this label's line
                assert not flag.span[0] < other.x < flag.span[1]


def test_three_events_of_the_paper_take_two_lines_at_most() -> None:
    flags = place_flags([(17, "NFT boom"), (112, "DALL·E 2"), (144, "Stable Diffusion")], LIMITS, 10)
    assert max(flag.lane for flag in flags) <= 1


def test_labels_at_line_ends_move_apart_and_stay_inside() -> None:
    moved = spread([100.0, 98.0, 20.0, 139.0], 11, (5, 135))
    assert sorted(moved)[0] >= 5
    assert max(moved) <= 135
    assert min(np.diff(sorted(moved))) >= 11 - 1e-9
    assert np.argsort(moved).tolist() == [2, 1, 0, 3]
