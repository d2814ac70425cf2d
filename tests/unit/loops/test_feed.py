"""What generations are fed with, and what is refused."""

from pathlib import Path

import numpy as np
import pytest

from precipice.cli.feed_file import read_feed
from precipice.errors import InputError
from precipice.loops.feed import Feed, constant, series


def test_a_constant_supply_splits_n_by_its_share() -> None:
    feed = constant(600, 0.05, 3)
    assert feed.human.tolist() == [30] * 4
    assert feed.synthetic.tolist() == [570] * 4
    assert feed.words == "600 works a generation, 5 % of them human"


def test_months_are_summed_to_generations_and_what_is_left_over_is_not_used() -> None:
    feed = series([1, 2, 3, 4, 5], [10, 10, 10, 10, 10], months=2)
    assert feed.human.tolist() == [3, 7]
    assert feed.synthetic.tolist() == [20, 20]


def test_a_label_takes_its_share_of_both_kinds_but_not_of_generation_0() -> None:
    feed = series([1_000, 1_000], [0, 3_000]).filtered(0.8, 0.95)
    assert feed.human.tolist() == [1_000, 950]
    assert feed.synthetic.tolist() == [0, 600]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: constant(100, 1.2, 3), "the human share is 1.2"),
        (lambda: constant(1, 0.5, 3), "n is 1"),
        (lambda: constant(0, 0.5, 3), "n is 0"),
        (lambda: constant(-5, 0.5, 3), "n is -5"),
        (lambda: constant(100, 0.5, 0), "0 generations"),
        (lambda: series([10, -3], [5, 5]), "the human supply is negative: -3 in generation 1"),
        (lambda: series([10, 0], [5, 0]), "generation 1 is fed with 0 works"),
        (lambda: series([10], [5]), "the supply holds 1 generation of 1 entry"),
        (lambda: series([10] * 5, [5] * 5, months=3), "the supply holds 1 generation of 3 entries"),
        (lambda: series([10, np.nan], [5, 5]), "no numbers"),
        (lambda: series([10, 10], [5]), "2 human and 1 synthetic"),
        (lambda: constant(100, 0.5, 3).filtered(0.5, 0.5), "tells nothing"),
        (lambda: constant(100, 0.5, 3).filtered(1.5, 0.5), "sensitivity is 1.5"),
        (lambda: series([10, 10], [5, 5]).until(3), "the supply ends with generation 1"),
    ],
)
def test_what_cannot_feed_a_loop_is_refused_in_one_sentence(make: object, words: str) -> None:
    with pytest.raises(InputError, match=words) as refused:
        make()  # type: ignore[operator]
    assert refused.value.fix


def test_a_supply_is_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("month,human,synthetic\n2022-11,100,0\n2022-12,90,10\n2023-01,80,30\n")
    feed = read_feed(tmp_path / "s.csv")
    assert isinstance(feed, Feed)
    assert feed.human.tolist() == [100, 90, 80]
    assert feed.synthetic.tolist() == [0, 10, 30]


@pytest.mark.parametrize(
    ("text", "words", "place"),
    [
        ("generation,human\n0,1\n", "column 'synthetic' is missing", ":1"),
        ("human,synthetic\n1,1\n", "column 'generation' is missing", ":1"),
        ("", "column 'human' is missing", ":1"),
        ("generation,human,synthetic\n0,10,0\n1,ten,5\n", "cannot read 'ten'", ":3"),
        ("generation,human,synthetic\n0,10,0\n2,10,5\n", "do not follow each other", ":3"),
        ("month,human,synthetic\n2022-11,10,0\n2022-13,10,5\n", "2022-13", ":3"),
        ("generation,human,synthetic\n0,10,0\n1,10\n", "cannot read 'None'", ":3"),
    ],
)
def test_a_file_that_is_no_supply_is_refused_with_its_line(tmp_path: Path, text: str, words: str, place: str) -> None:
    (tmp_path / "s.csv").write_text(text)
    with pytest.raises(InputError) as refused:
        read_feed(tmp_path / "s.csv")
    assert words in refused.value.what
    assert refused.value.where.endswith(f"s.csv{place}")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_feed(tmp_path / "nothing.csv")
