import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from precipice.cohorts import draw, draw_by_cutoff, draw_by_entry, meets, mix, sample, tags_named
from precipice.errors import InputError
from precipice.months import parse_month
from precipice.panel import Panel
from tests.unit.worlds import panel


@pytest.fixture
def world() -> Panel:
    return panel(
        {"ann": {"2021-12": 1, "2022-03": 1}, "bob": {"2022-01": 5}, "eve": {"2020-02": 2}},
        followers={"ann": 3000, "bob": 100},
    )


def test_seniors_uploaded_before_the_cutoff_and_juniors_in_it_or_later(world: Panel) -> None:
    senior, junior = draw_by_cutoff(world, parse_month("2022-01"))
    assert senior.members.tolist() == [True, False, True]
    assert junior.members.tolist() == [False, True, False]
    assert junior.begins == parse_month("2022-01")
    assert (senior.rule, junior.rule) == ("first upload before 2022-01", "first upload in 2022-01 or later")


@pytest.mark.parametrize("cutoff", ["2020-02", "2019-01", "2022-04"])
def test_a_cutoff_outside_the_data_says_where_the_data_begin_and_end(world: Panel, cutoff: str) -> None:
    with pytest.raises(InputError, match=f"the cutoff {cutoff} is outside the data") as caught:
        draw(world, cutoff=cutoff)
    assert "2020-02 to 2022-03" in str(caught.value)


@pytest.mark.parametrize(
    ("vintage", "names"),
    [("year", ["2020", "2021", "2022"]), ("quarter", ["2020-Q1", "2021-Q4", "2022-Q1"]),
     ("month", ["2020-02", "2021-12", "2022-01"])],
)  # fmt: skip
def test_entry_vintages_part_all_creators(world: Panel, vintage: str, names: list[str]) -> None:
    cohorts = draw(world, vintage)
    assert [cohort.name for cohort in cohorts] == names
    assert np.sum([cohort.members for cohort in cohorts], axis=0).tolist() == [1, 1, 1]


def test_a_vintage_begins_with_its_first_month(world: Panel) -> None:
    assert [cohort.begins for cohort in draw_by_entry(world, "quarter")] == [
        parse_month(month) for month in ("2020-01", "2021-10", "2022-01")
    ]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("followers > 2000", [True, False, False]),
        ("followers <= 2000", [False, True, False]),
        ("uploads >= 2", [True, True, True]),
        ("uploads>2", [False, True, False]),
        ("first < 2022-01 and followers > 2_000", [True, False, False]),
        ("last = 2022-03", [True, False, False]),
        ("platform = 'site'", [True, True, True]),
        ("platform != site", [False, False, False]),
    ],
)
def test_conditions_on_creators(world: Panel, where: str, expected: list[bool]) -> None:
    assert meets(world, where).tolist() == expected


@pytest.mark.parametrize("where", ["followers", "likes > 3", "followers > many", "first < soon", "", "a > 1 or b > 2"])
def test_a_condition_that_cannot_be_read_is_an_error(world: Panel, where: str) -> None:
    with pytest.raises(InputError):
        meets(world, where)


def test_a_tag_the_panel_was_not_reduced_with_is_an_error_that_says_how(world: Panel) -> None:
    assert tags_named("tag = oil and followers > 3") == ("oil",)
    with pytest.raises(InputError, match="does not know who used the tag 'oil'"):
        meets(world, "tag = oil")


def test_a_condition_gives_those_who_meet_it_and_the_others(world: Panel) -> None:
    yes, no = draw(world, "followers > 2000")
    assert (yes.members ^ no.members).all()
    assert no.name == "not (followers > 2000)"


def crowd(n: int) -> Panel:
    return panel({f"c{i}": {"2020-01": 1, "2021-01": 1} for i in range(n)}, followers={f"c{i}": i for i in range(n)})


def test_the_same_seed_draws_the_same_creators_and_another_seed_others() -> None:
    world = crowd(200)
    first, again, other = (sample(world, 50, seed=seed).creators.tolist() for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_who_is_drawn_does_not_depend_on_who_else_is_there() -> None:
    world = crowd(200)
    drawn = sample(world, 50, seed=3)
    without = world.keep(drawn.members | (world.creators <= 100))
    assert set(sample(without, 50, seed=3).creators) == set(drawn.creators)


def test_a_draw_keeps_to_its_condition_and_writes_down_the_probability() -> None:
    drawn = sample(crowd(200), 30, where="followers >= 100", seed=1)
    assert (drawn.creators > 100).all()
    assert drawn.probability("site") == 0.3
    assert drawn.table().to_pylist()[0]["probability"] == 0.3
    assert drawn.summary() == "creators with followers >= 100, drawn at random (seed 1): 30 of 100 on site"


def test_each_creator_is_drawn_as_often_as_any_other() -> None:
    world, n, seeds = crowd(40), 10, 2_000
    times = np.sum([sample(world, n, seed=seed).members for seed in range(seeds)], axis=0)
    p = n / 40
    error = np.sqrt(seeds * p * (1 - p))
    assert np.abs(times - seeds * p).max() < 4.5 * error  # the largest of 40, at one failure in 4,000 worlds


def test_asking_for_more_than_there_are_takes_all_of_them() -> None:
    assert sample(crowd(5), 50).members.all()


def test_a_condition_nobody_meets_says_so(world: Panel) -> None:
    with pytest.raises(InputError, match="no creator meets"):
        sample(world, 5, where="followers > 1000000")


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, unique=True), st.integers(0, 1000))
def test_hashing_is_one_to_one(numbers: list[int], seed: int) -> None:
    assert len(set(mix(np.array(numbers, np.uint64), seed).tolist())) == len(numbers)
