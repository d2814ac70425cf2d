"""The page: what stands on it, in which order, and what must never."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from precipice.archive import Source
from precipice.archive.manifest import InputFile
from precipice.effects import estimate, judge
from precipice.records import DROP_RULES, EVENTS, Event
from precipice.report import cohorts_on, figures, render, uploads_by_platform
from precipice.report.words import EXPECTED
from precipice.study.findings import Findings
from tests.unit.report.made import END, START, WHOLE, find, ordinary, panel, paper, steady

NASTY = '<img src=x onerror="alert(1)">'
LAIR = "/home/somebody/secret"


def hostile() -> Findings:
    """Everything from outside tries to be markup, or to tell where it lay."""
    event = Event("odd", f"<b>{NASTY}</b>", EVENTS["dall-e-2"].day, "<i>nowhere</i>")
    file = InputFile(f"{LAIR}/up<b>loads.csv", 10, "ab" * 32)
    source = Source(
        "table",
        (file,),
        {},
        "2024-01-01T00:00:00Z",
        "0",
        1234,
        1200,
        {"no_creator": 30, "repeated": 4, "made_up": 0},
        7,
    )
    run = {
        "command": ["precipice", "report", LAIR + "/study", "--seed", "5"],
        "started": "2024-05-06T07:08:09Z",
        "software": {"python": "3.11", "numpy": "2.4<script>"},
        "inputs": {"precipice.toml": {"sha256": "cd" * 32}, "events.csv": {"sha256": None}},
    }
    found = find(panel({NASTY: steady()}, {NASTY: WHOLE}), study={"title": f"{NASTY} & co"}, events=(event,))
    return replace(found, sources=(source,), run=run)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return render(hostile(), tmp_path_factory.mktemp("study"))


class Reader(HTMLParser):
    """Gathers tags, ids, references and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def still(page: Path) -> str:
    """Give a page without its two scripts, which no study changes."""
    return re.sub(r'<script type="module">.*?</script>', "", page.read_text(encoding="utf-8"), flags=re.DOTALL)


def read(page: Path) -> Reader:
    return Reader(still(page))


def text_of(page: Path) -> str:
    return re.sub(r"\s+", " ", "".join(read(page).words))


def test_nothing_from_outside_becomes_markup(written: Path) -> None:
    found = read(written)
    assert [script["type"] for script in found.all("script")] == ["application/json"] * 2
    assert not found.all("img")
    assert not found.all("b")
    assert not found.all("i")
    assert not any(name.startswith("on") for _, attributes in found.tags for name in attributes)
    assert NASTY in text_of(written)


def test_the_scripts_are_ours_and_the_policy_names_them_by_hash(written: Path, tmp_path: Path) -> None:
    text = written.read_text(encoding="utf-8")
    scripts = re.findall(r'<script type="module">(.*?)</script>', text, flags=re.DOTALL)
    policy = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    hashes = " ".join(f"'sha256-{digest}'" for digest in digests)
    assert len(scripts) == len(policy) + 1 == 2
    assert policy[0].startswith(f"default-src 'none'; script-src {hashes}; ")
    assert "unsafe-eval" not in policy[0]
    assert "connect-src" not in policy[0]
    other = render(ordinary(), tmp_path).read_text(encoding="utf-8")
    assert re.findall(r'<script type="module">(.*?)</script>', other, flags=re.DOTALL) == scripts


def test_what_the_page_moves_holds_hostile_names_as_text(written: Path) -> None:
    held = re.search(r'id="explorer-data">(.*?)</script>', written.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert held
    assert "<" not in held[1]
    assert json.loads(held[1])["platforms"][0]["label"] == NASTY


def test_the_page_refers_to_nothing_outside_of_itself(written: Path) -> None:
    text = still(written)
    assert not re.search(r"https?:|//[a-z]+\.[a-z]+/|@import|@font-face", text)
    for _, attributes in read(written).tags:
        assert not {"src", "srcset", "data", "action", "xlink:href"} & set(attributes)
        assert (attributes.get("href") or "#").startswith(("#", "data:,"))


def test_no_folder_of_the_machine_is_told(written: Path) -> None:
    assert LAIR not in written.read_text(encoding="utf-8")
    assert "precipice report study --seed 5" in text_of(written)


def test_sections_come_in_order_and_the_answer_first(written: Path) -> None:
    found = read(written)
    titles = [attributes["id"] for attributes in found.all("h2")]
    assert titles == [
        f"{name}-title"
        for name in ("answer", "explore", "figures", "cohorts", "retention", "events", "sources", "limits", "again")
    ]
    levels = [int(tag[1]) for tag, _ in found.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_ids_are_unique_and_every_reference_finds_one(written: Path) -> None:
    found = read(written)
    ids = [attributes["id"] for _, attributes in found.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    named = [
        name
        for _, attributes in found.tags
        for part in ("aria-labelledby", "aria-describedby")
        for name in (attributes.get(part) or "").split()
    ]
    links = [(attributes["href"] or "")[1:] for attributes in found.all("a")]
    urls = re.findall(r"url\(#([^)]+)\)", still(written))
    assert {*named, *links, *urls} <= set(ids)


def test_every_drawing_is_a_picture_with_words(written: Path) -> None:
    drawings = read(written).all("svg")
    assert len(drawings) == 8  # four figures, each for wide and for narrow screens
    for attributes in drawings:
        assert attributes["role"] == "img"
        assert attributes["class"] in ("wide", "narrow")


def test_every_figure_has_its_numbers_and_files_beside_it(written: Path) -> None:
    stems = [attributes["id"] for attributes in read(written).all("figure") if "id" in attributes]
    assert len(stems) == 4
    for stem in stems:
        for width in (85, 178):
            for ending in ("svg", "pdf", "png"):
                assert (written.parent / "figures" / f"{stem}-{width}mm.{ending}").stat().st_size > 1000
        for ending in ("csv", "parquet"):
            assert (written.parent / "tables" / f"{stem}.{ending}").exists()
    assert (written.parent / "tables" / "cohorts.csv").exists()
    assert len(read(written).all("details")) >= 4


def test_what_was_read_kept_and_dropped_is_told_in_the_words_of_the_rules(written: Path) -> None:
    text = text_of(written)
    assert "table: up<b>loads.csv" in text
    assert "1,234 rows read, 1,200 kept (7 in the place of an older record), dropped:" in text
    assert f"30 no_creator{DROP_RULES['no_creator']}" in text
    assert "made_up" not in text


def test_without_effects_the_page_says_that_none_was_estimated(written: Path) -> None:
    text = text_of(written)
    assert "No effect was estimated" in text
    assert "seniors must fall and juniors must rise without any event" in text
    assert EXPECTED in text.replace("\u00a0", " ")


def test_how_to_make_it_again_names_seed_versions_hashes_and_record(written: Path) -> None:
    text = text_of(written)
    assert "numpy 2.4<script>" in text
    assert "SHA-256 cdcdcdcdcdcdcdcd…" in text
    assert "SHA-256 abababababababab…" in text
    assert "runs/2024-05-06T070809Z/run.json" in text
    assert "Porres, D. & Gomez-Villa, A. (2024). At the edge of a generative cultural precipice." in text


def test_the_same_findings_give_the_same_page_and_tables_and_other_files_stay(written: Path, tmp_path: Path) -> None:
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "mine.txt").write_text("mine", encoding="utf-8")
    again = render(hostile(), tmp_path)
    assert (tmp_path / "figures" / "mine.txt").read_text(encoding="utf-8") == "mine"
    assert not list(tmp_path.glob("*.part"))
    assert again.read_bytes() == written.read_bytes()
    names = [path.name for path in (written.parent / "tables").iterdir()]
    assert len(names) == 10
    for name in names:
        assert (tmp_path / "tables" / name).read_bytes() == (written.parent / "tables" / name).read_bytes()


def test_a_small_cohort_and_a_small_month_are_written_as_fewer_than_five(tmp_path: Path) -> None:
    cells = {name: months for name, months in steady().items() if name.startswith("senior") or name == "junior 0"}
    text = text_of(render(find(panel({"site": cells}, {"site": WHOLE})), tmp_path))
    assert "senior and junior" in text
    for path in (tmp_path / "tables").glob("*.csv"):
        assert ",1,given" not in path.read_text(encoding="utf-8")
    assert "<5" in (tmp_path / "tables" / "cohorts-site.csv").read_text(encoding="utf-8")


def test_with_effects_the_page_gives_verdicts_numbers_and_what_they_compare_with(tmp_path: Path) -> None:
    whole = paper().panel.only("danbooru")
    event = EVENTS["stable-diffusion"]
    effects = estimate(whole, event.month, event=event.name, methods=("S1", "S2"))
    findings = replace(find(whole, simulated="Known."), effects=effects, verdicts=judge(effects))
    text = text_of(render(findings, tmp_path))
    (verdict,) = judge(effects)
    assert verdict.sentence.removeprefix("danbooru, stable-diffusion") in text.replace("\u00a0", " ")
    assert "incumbents changed?" in text
    assert "it cannot say" in text
    assert "No effect was estimated" not in text


def test_platforms_whose_names_make_one_file_name_get_two() -> None:
    twins = find(panel({"a/b": steady(), "a b": steady()}, {"a/b": WHOLE, "a b": WHOLE}))
    stems = [figure.stem for figure in figures(twins)]
    assert {"cohorts-a-b-1", "cohorts-a-b-2"} <= set(stems)
    assert len(stems) == len(set(stems))


def test_a_platform_of_one_to_four_creators_is_not_found_by_taking_away_the_others() -> None:
    tiny = {f"artist {i}": dict.fromkeys(range(START, END + 1), 1) for i in range(3)}
    found = find(panel({"site": steady(), "tiny": tiny}, {"site": WHOLE, "tiny": WHOLE}))
    assert "at least 70 artists" in uploads_by_platform(found).subtitle
    assert "fewer than 5 artists" in cohorts_on(found, "tiny").subtitle
    assert not [figure for figure in figures(found) if figure.stem == "retention-tiny"]
