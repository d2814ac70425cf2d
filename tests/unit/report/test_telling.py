"""findings.json: every number of the page is in it, in its shape, and none that may not leave."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from precipice.report import findings_schema, page, render
from precipice.report.figure import Figure
from precipice.report.grids import figure_grid
from precipice.study.findings import Findings
from tests.unit.report.made import END, START, WHOLE, find, ordinary, panel, paper, steady, told

TOKEN = re.compile(r"\d{4}-\d\d(?:-\d\d)?|\d[\d,]*(?:\.\d+)?(?:e[+−-]?\d+)?")
"""A month, a day, or a number; signs are looked at by the sentences' own tests."""


def written(findings: Findings, folder: Path) -> tuple[str, dict[str, Any]]:
    """Write a page without its drawings, which have tests of their own, and read it and its document."""

    def bare(figure: Figure, number: int, after: str, folder: Path) -> page.Plate:
        return page.Plate(number, figure, after, (), figure_grid(figure))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page, "_plate", bare)
        text = render(findings, folder).read_text(encoding="utf-8")
    return text, json.loads((folder / "findings.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module", params=["effects", "ordinary", "simulated"])
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    findings = {"effects": told, "ordinary": ordinary, "simulated": paper}[request.param]()
    return written(findings, tmp_path_factory.mktemp("told"))


@dataclass
class Words:
    """A sentence, or a row of a table, and where on the page it stands."""

    section: str
    heading: str
    """The summary or heading above it."""
    kind: str
    """`lead`, `p`, `li`, or `row`."""
    cells: list[str]
    """Texts of a row, its name first; one text of a sentence."""

    @property
    def place(self) -> str:
        return f"{self.section}: {self.heading or self.kind}" if self.kind == "row" else f"{self.section}: {self.kind}"


class Walk(HTMLParser):
    """Gathers the sentences and the rows of tables of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[Words] = []
        self.section, self.heading = "", ""
        self.into: list[list[str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if tag == "section":
            self.section, self.heading = names.get("id") or "", ""
        if tag in ("summary", "h3"):
            self.heading = ""
        if tag in ("p", "li", "tr"):
            kind = "row" if tag == "tr" else "lead" if names.get("class") == "lead" else tag
            self.found.append(Words(self.section, self.heading.strip(), kind, [] if tag == "tr" else [""]))
        if tag in ("td", "th"):
            self.found[-1].cells.append("")
        if tag in ("p", "li", "td", "th", "summary", "h3"):
            self.into.append([tag])

    def handle_endtag(self, tag: str) -> None:
        if tag in ("p", "li", "td", "th", "summary", "h3"):
            self.into.pop()

    def handle_data(self, data: str) -> None:
        data = data.replace("\u00a0", " ")
        if self.into and self.into[-1][0] in ("summary", "h3"):
            self.heading += data
        elif self.into:
            self.found[-1].cells[-1] += data


def values(part: object) -> Iterator[str | float]:
    """Give every text and number of a part of the document."""
    if isinstance(part, Mapping):
        for one in part.values():
            yield from values(one)
    elif isinstance(part, list):
        for one in part:
            yield from values(one)
    elif isinstance(part, str | int | float) and not isinstance(part, bool):
        yield part


class Known:
    """The numbers and months of a part of the document, to look up what the page shows."""

    def __init__(self, part: object) -> None:
        found = list(values(part))
        self.numbers = np.abs(np.array([one for one in found if not isinstance(one, str)], float))
        self.tokens = {token for one in found if isinstance(one, str) for token in TOKEN.findall(one)}

    def holds(self, token: str) -> bool:
        """Whether a number of the page is known: as it is or as a percentage, to the page's digits."""
        if token in self.tokens or re.fullmatch(r"\d{4}-\d\d(?:-\d\d)?", token):
            return any(one.startswith(token) for one in self.tokens)
        digits, _, power = token.replace(",", "").replace("−", "-").partition("e")
        wanted = abs(float(f"{digits}e{power or 0}"))
        half = 0.5000001 * 10.0 ** (int(power or 0) - len(digits.partition(".")[2]))
        return any((np.abs(scale * self.numbers - wanted) <= half).any() for scale in (1, 100))


def scope(words: Words, document: dict[str, Any]) -> object | None:
    """Give the part of the document that must hold a text's numbers; None for what is not of the answer or a table."""
    names = document["asked"]["names"]
    if words.kind == "lead":
        return [document["verdicts"] if "verdicts" in words.cells[0] else [], *_of(words.cells[0], document)]
    if words.place == "answer: li":
        keys = [key for key, name in names.items() if words.cells[0].strip().startswith(f"{name}:")]
        return [[one for one in document["changes"] if one["platform"] in keys], list(names.values())]
    return _of_row(words, document) if words.kind == "row" else None


def _of_row(words: Words, document: dict[str, Any]) -> object | None:
    names = document["asked"]["names"]
    if words.section == "cohorts":
        keys = [key for key, name in names.items() if name == words.cells[0]]
        return [one for one in document["cohorts"] if one["platform"] in keys and one["cohort"] == words.cells[1]]
    number = re.match(r"The numbers of figure (\d+)$", words.heading)
    if number:
        (figure,) = [one for one in document["figures"] if one["number"] == int(number[1])]
        named = [row for row in figure["rows"] if words.cells[0] in row]
        return named or [figure["rows"], figure["columns"], figure["description"]]
    if words.heading == "All methods":
        return [[one for one in document["effects"] if one["method"] == words.cells[2]], list(names.values())]
    return _of(words.heading, document) if words.section == "events" else None


def _of(head: str, document: dict[str, Any]) -> list[Any]:
    """Give the verdict and the effects of a sentence that begins with a platform and an event."""
    labels, names = {one["name"]: one["label"] for one in document["events"]}, document["asked"]["names"]
    keys = ("platform", "event", "month", "p", "p_holm")
    return [
        {key: value for key, value in one.items() if key in keys} if "rows" in one else one
        for one in [*document["verdicts"], *document["effects"]]
        if head.startswith(f"{names.get(one['platform'])}, {labels.get(one['event'])} ({one['month']})")
    ]


OF_METHODS = re.compile(r"at most 3 a month|S12|S1|S2|<5")
"""Numbers of an outcome's or a method's name, not of a study."""


def unheld(text: str, document: dict[str, Any]) -> list[tuple[str, str]]:
    """Give the place and the number of each that the page shows and the document lacks."""
    found = []
    for words in Walk(text).found:
        part = scope(words, document)
        if part is None:
            continue
        known = Known(part)
        shown = TOKEN.findall(OF_METHODS.sub(" ", " ".join(words.cells)))
        found += [(words.place, token) for token in shown if not known.holds(token)]
    return found


def test_every_number_of_the_answer_the_facts_and_the_tables_is_in_the_document(
    both: tuple[str, dict[str, Any]],
) -> None:
    text, document = both
    seen = [words.place for words in Walk(text).found if scope(words, document) is not None]
    assert len(seen) > 60
    assert {"answer: lead", "answer: li", "cohorts: row", "figures: The numbers of figure 1"} <= set(seen)
    assert unheld(text, document) == []


def test_the_walk_finds_a_number_that_the_document_lacks(both: tuple[str, dict[str, Any]]) -> None:
    text, document = both
    broken = json.loads(json.dumps(document))
    for change in broken["changes"]:
        change["before"], change["percent"] = 1e9, 1e9
    for row in broken["figures"][0]["rows"]:
        row[4] = 1e9
    assert {place for place, _ in unheld(text, broken)} >= {"answer: li", "figures: The numbers of figure 1"}


def test_the_document_has_the_shape_that_is_shipped(both: tuple[str, dict[str, Any]]) -> None:
    schema = findings_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(both[1])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate(both[1] | {"more": 1})


def test_the_sentences_of_the_page_are_those_of_the_document(both: tuple[str, dict[str, Any]]) -> None:
    text, document = both
    plain = re.sub(r"\s+", " ", " ".join(words.cells[0] for words in Walk(text).found))
    answer = document["answer"]
    for sentence in [*answer["lead"], answer["counting"], *answer["facts"], answer["expected"]]:
        assert sentence in plain
    for limit in document["limits"]:
        assert limit["words"] in text.replace("\u00a0", " ").replace('<span class="month">', "").replace(
            "</span>", ""
        ) or ("<" in limit["words"] or "'" in limit["words"] or "&" in limit["words"])


def test_figures_come_in_the_order_of_their_numbers(both: tuple[str, dict[str, Any]]) -> None:
    numbers = [figure["number"] for figure in both[1]["figures"]]
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_same_findings_give_the_same_bytes(tmp_path: Path) -> None:
    found = ordinary()
    first, second = tmp_path / "a", tmp_path / "b"
    written(found, first)
    written(replace(found, run={"started": "2024-05-06T07:08:09Z", "seed": 7}), second)
    assert (first / "findings.json").read_bytes() == (second / "findings.json").read_bytes()
    assert not list(tmp_path.rglob("*.part"))


def test_nothing_of_one_to_four_creators_is_in_the_document(tmp_path: Path) -> None:
    """A cohort of one, months of few, a whole platform of three; their own counts are primes that nothing else has."""
    cells = {name: months for name, months in steady().items() if name.startswith("senior")}
    cells["junior"] = {END - 5: 9973}
    tiny = {f"artist {i}": dict.fromkeys(range(START, END + 1), 7919) for i in range(3)}
    found = find(panel({"site": cells, "tiny": tiny}, {"site": WHOLE, "tiny": WHOLE}))
    _, document = written(found, tmp_path)
    numbers = {one for one in values(document) if not isinstance(one, str)}
    assert not numbers & {9973, 7919, 3 * 7919}
    assert {(one["platform"], one["creators"]) for one in document["cohorts"]} == {("site", 41), ("tiny", None)}
    assert {one["direction"] for one in document["changes"] if one["platform"] == "tiny"} == {"withheld"}
    for figure in document["figures"]:
        at = {name: index for index, name in enumerate(figure["columns"])}
        for row in figure["rows"]:
            if "status" in at and row[at["status"]] != "given":
                assert [row[i] for name, i in at.items() if re.search(r"_a_month|_low|_high|share_active", name)].count(
                    None
                ) == len([name for name in at if re.search(r"_a_month|_low|_high|share_active", name)])
