"""Frames and draws: who may be asked, in which order, and with what chance."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from precipice.errors import InputError
from precipice.sources.collection.conditions import parse_condition
from precipice.sources.collection.flow import count_flow
from precipice.sources.collection.frames import (
    Candidate,
    Frame,
    estimated_eligible,
    excluded_names,
    grown,
    make_frame,
    read_list,
)
from precipice.sources.collection.ledger import Entry, Ledger
from precipice.sources.collection.protocol import Result, Task
from precipice.sources.collection.site_run import Outcome, SiteRun
from precipice.sources.collection.sites import SITES, find_site
from precipice.sources.collection.walk import TRIES, Walk, Wish

ARTSTATION = SITES["artstation"]


def listed(count: int, site: str = "artstation") -> tuple[Candidate, ...]:
    return tuple(Candidate(site, f"artist{n}") for n in range(count))


def walk(tmp_path: Path, frame: Frame, wish: Wish, site: str = "artstation") -> Walk:
    return Walk(find_site(site), frame, Ledger(tmp_path / "ledger.jsonl"), wish, lambda candidate: candidate.artist)


def go(found: Walk, reach: dict[str, int | None], *, refuses: frozenset[str] = frozenset()) -> list[tuple[str, str]]:
    """Walk with a site that answers at once; None for an artist who is gone.  A refusal ends the run."""
    asked: list[tuple[str, str]] = []
    for candidate, task in found.tasks():
        name, held = candidate.artist, found.entry(candidate)
        asked.append((task.do, name))
        if name in refuses:
            found.ledger.change("artstation", name, state="refused", tries=(held.tries if held else 0) + 1)
            return asked
        if reach[name] is None:
            found.ledger.change("artstation", name, state="gone")
        elif task.do == "profile":
            found.ledger.change("artstation", name, state="screened", followers=reach[name], read="2026", creator=name)
        else:
            found.ledger.change("artstation", name, state="complete", post="p", stated=3)
        found.fresh.add(name)
    return asked


def test_a_draw_of_250_is_the_first_250_who_meet_the_condition_in_the_order_of_the_seed(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    reach = {f"artist{n}": int(rng.lognormal(7.6, 0.8)) for n in range(1200)}
    frame = make_frame("artstation", listed(1200), frozenset(), seed=7)
    found = walk(tmp_path, frame, Wish(250, parse_condition("followers > 2000")))
    asked = go(found, dict(reach))
    by_hand = [c.artist for c in frame.candidates if reach[c.artist] > 2000][:250]
    assert [candidate.artist for candidate in found.drawn()] == by_hand
    flow = count_flow(found)
    assert (flow.drawn, flow.complete, flow.eligible) == (250, 250, 250)
    assert (
        flow.screened
        == sum(do == "profile" for do, _ in asked)
        == 1 + [c.artist for c in frame.candidates].index(by_hand[-1])
    )
    there = sum(followers > 2000 for followers in reach.values())
    assert flow.probability == pytest.approx(250 / there, rel=0.1)  # estimated from those screened, within 2 errors
    assert not flow.exact
    assert go(walk(tmp_path, frame, found.wish), dict(reach)) == []


def test_each_eligible_artist_is_drawn_with_the_same_chance() -> None:
    names, draws, n = 40, 2000, 10
    count: Counter[str] = Counter()
    for seed in range(draws):
        frame = make_frame("artstation", listed(names), frozenset(), seed)
        eligible = [c.artist for c in frame.candidates if int(c.artist[6:]) % 2]
        count.update(eligible[:n])
    chance = n / (names // 2)
    error = (chance * (1 - chance) / draws) ** 0.5
    assert len(count) == names // 2
    # 20 shares that are no independent draws; beyond 4 errors one of them lies once in 800 such tests.
    assert all(abs(times / draws - chance) < 4 * error for times in count.values())


def test_the_estimate_of_how_many_are_eligible_is_unbiased_where_the_draw_stopped_at_enough() -> None:
    rng = np.random.default_rng(3)
    size, there, n = 300, 120, 30
    found = []
    for _ in range(2000):
        order = rng.permutation(size) < there
        screened = int(np.flatnonzero(np.cumsum(order) == n)[0]) + 1
        found.append(estimated_eligible(size, screened, n))
    error = np.std(found) / np.sqrt(len(found))
    assert abs(np.mean(found) - (there - there / size)) < 4 * error + 1  # within a candidate of the truth
    assert estimated_eligible(300, 300, 120) == 120


def test_the_order_depends_neither_on_the_file_nor_on_who_else_is_in_it() -> None:
    one = make_frame("artstation", listed(50), frozenset(), 1).candidates
    other = make_frame("artstation", tuple(reversed(listed(80))), frozenset(), 1).candidates
    among = [candidate for candidate in other if candidate in one]
    assert list(one) == among
    assert make_frame("artstation", listed(50), frozenset(), 2).candidates != one


def test_who_is_gone_is_replaced_by_the_next_and_who_is_refused_once_is_asked_again_at_the_end(tmp_path: Path) -> None:
    frame = make_frame("artstation", listed(6), frozenset(), seed=3)
    order = [candidate.artist for candidate in frame.candidates]
    reach: dict[str, int | None] = dict.fromkeys(order, 5000)
    reach[order[0]] = None
    wish = Wish(3, parse_condition("followers > 2000"))
    first = walk(tmp_path, frame, wish)
    asked = go(first, reach, refuses=frozenset({order[1]}))
    assert asked == [("profile", order[0]), ("profile", order[1])]
    second = go(walk(tmp_path, frame, wish), reach, refuses=frozenset({order[1]}))
    assert [name for _, name in second] == [order[2], order[2], order[3], order[3], order[1]]  # it comes last
    third = walk(tmp_path, frame, wish)
    assert [name for _, name in go(third, reach)] == [order[4], order[4]]  # refused twice: another in its place
    assert [candidate.artist for candidate in third.drawn()] == order[2:5]
    assert count_flow(third).unknown == 1


def test_a_name_that_leads_to_somebody_met_before_is_no_second_artist(tmp_path: Path) -> None:
    frame = make_frame("artstation", listed(3), frozenset(), seed=3)
    found = walk(tmp_path, frame, Wish(None, parse_condition("followers > 0")))
    for candidate in frame.candidates:
        found.ledger.change("artstation", candidate.artist, state="screened", followers=9, read="x", creator="same")
    assert len(found.drawn()) == 1
    assert count_flow(found).same == 2


def test_screening_all_makes_the_chance_exact(tmp_path: Path) -> None:
    reach: dict[str, int | None] = {f"artist{n}": 1000 * n for n in range(20)}
    frame = make_frame("artstation", listed(20), frozenset(), seed=3)
    found = walk(tmp_path, frame, Wish(5, parse_condition("followers > 4000"), screen_all=True))
    go(found, reach)
    flow = count_flow(found)
    assert (flow.screened, flow.eligible, flow.exact) == (20, 15, True)
    assert flow.probability == pytest.approx(5 / 15)


def test_excluded_names_and_ids_never_enter_a_frame_whatever_their_case() -> None:
    barred = excluded_names(
        (Candidate("artstation", "ARTIST1"), Candidate("artstation", "x", "77"), Candidate("a", "artist2"))
    )
    people = (*listed(4), Candidate("artstation", "renamed", "77"), Candidate("artstation", "Artist3"))
    frame = make_frame("artstation", people, barred["artstation"], 1)
    assert {candidate.artist for candidate in frame.candidates} == {"artist0", "artist2", "artist3"}
    assert (frame.lines, frame.duplicates, frame.excluded) == (6, 1, 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("artist\nann\n", "column 'platform' is missing"),
        ("", "column 'platform' is missing"),
        ("platform,artist\nartstation,\n", "no platform or no artist"),
    ],
)
def test_a_list_that_cannot_be_read_says_where(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "artists.csv").write_text(text)
    with pytest.raises(InputError, match=said) as refused:
        read_list(tmp_path / "artists.csv")
    assert "artists.csv:" in refused.value.where


def test_a_list_that_is_not_there_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no list of artists") as refused:
        read_list(tmp_path / "artists.csv")
    assert "--grow" in refused.value.fix


def test_a_grown_list_keeps_its_columns(tmp_path: Path) -> None:
    place = tmp_path / "artists.csv"
    place.write_text("note,artist,platform\nmine,ann,artstation")
    text, added = grown(place, [Candidate("artstation", "ANN"), Candidate("artstation", "bob, jr", "5")])
    assert added == 1
    assert text == 'note,artist,platform\nmine,ann,artstation\n,"bob, jr",artstation\n'


@pytest.mark.parametrize(
    ("text", "profile", "answer"),
    [
        ("followers > 2000", {"followers": 2001}, True),
        ("followers > 2000", {"followers": 2000}, False),
        ("followers > 2_000 and kind = artist", {"followers": 9999, "kind": "studio"}, False),
        ("followers > 2000", {"followers": None}, None),
        ("uploads >= 10 and followers > 5", {"uploads": 3}, False),
        ("last >= 2022-01", {"last": "2022-01-01T00:00:00+00:00"}, True),
        ("last >= 2022-01", {"last": "2021-12-31T23:59:59+00:00"}, False),
        ("last >= 2022-01", {"last": None}, None),
    ],
)
def test_conditions_are_met_failed_or_not_known(text: str, profile: dict[str, object], answer: bool | None) -> None:
    assert parse_condition(text).meets(profile) is answer


@pytest.mark.parametrize("text", ["likes > 3", "followers > many", "kind > artist", "last > 2022", "followers"])
def test_a_condition_that_cannot_be_read_says_how_to_write_one(text: str) -> None:
    with pytest.raises(InputError, match="cannot read the condition") as refused:
        parse_condition(text)
    assert "--where" in refused.value.fix


def test_a_ledger_line_cut_short_is_left_out_and_written_over(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.write(Entry("artstation", "a", "complete", seen=3))
    ledger.write(Entry("artstation", "b", "begun"))
    text = ledger.place.read_bytes()
    ledger.place.write_bytes(text[:-9])
    again = Ledger(ledger.place)
    assert set(again.entries) == {("artstation", "a")}
    again.change("artstation", "a", seen=4)
    assert Ledger(ledger.place).get("artstation", "a") == Entry("artstation", "a", "complete", seen=4)


def test_a_ledger_that_is_no_ledger_is_an_error_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "ledger.jsonl").write_text('{"site": "x"}\n')
    with pytest.raises(InputError, match="ledger cannot be read") as refused:
        Ledger(tmp_path / "ledger.jsonl")
    assert refused.value.where == "ledger.jsonl:1"


def test_tries_are_two_and_outcomes_begin_as_done() -> None:
    assert TRIES == 2
    assert Outcome("x").end == "done"
    assert Result().exit == Task("collect", "a").most == 0
    assert SiteRun.__dataclass_fields__["crashes"].default == 0
