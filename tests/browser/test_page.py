"""The page in a real browser, with the network cut: what loads, what fits, what can be reached without a mouse."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from precipice.report import render
from tests.unit.report.made import WHOLE, find, panel, paper, steady, told
from tests.unit.report.own import own_files
from tests.unit.report.test_supply_charts import foreseen

WIDTHS = {"desk": 1280, "tablet": 768, "desk at 200 %": 640, "phone": 360}

OVERLAPS = """() => {
  const found = [];
  for (const svg of document.querySelectorAll('figure svg')) {
    const page = svg.getBoundingClientRect();
    if (!page.width) continue;
    const words = [...svg.querySelectorAll('text')].filter(
      text => text.textContent.trim() && text.getAttribute('opacity') !== '0'); // Vega hides labels without room
    const boxes = words.map(text => [text.textContent, text.getBoundingClientRect()]);
    for (const [name, box] of boxes)
      if (box.left < page.left - 1 || box.right > page.right + 1 ||
          box.top < page.top - 1 || box.bottom > page.bottom + 1)
        found.push(`${svg.parentElement.id}: ${name} leaves the page`);
    // Boxes of type are taller than its letters, by about a fifth above and below.
    for (let i = 0; i < boxes.length; i++) for (let j = 0; j < i; j++) {
      const [a, b] = [boxes[i][1], boxes[j][1]];
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (across > 1 && down > 0.4 * Math.min(a.height, b.height))
        found.push(`${svg.parentElement.id}: ${boxes[i][0]} lies on ${boxes[j][0]}`);
    }
  }
  return found;
}"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return render(paper(), tmp_path_factory.mktemp("paper"))


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More platforms than are unfolded, with long names, in small plots of their own."""
    names = [f"platform-of-a-long-name-{index}" for index in range(4)]
    return render(
        find(panel({name: steady() for name in names}, dict.fromkeys(names, WHOLE))), tmp_path_factory.mktemp("four")
    )


@pytest.fixture(scope="module")
def ahead(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A platform with labels: what its uploads say of generative models, and its supply."""
    return render(foreseen(), tmp_path_factory.mktemp("ahead"))


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Effects of two events, with every kind of picture that there is of effects, and of files."""
    findings = told(("nft-boom", "stable-diffusion"), ("S1", "S2", "SJ", "S12", "lapse-S1"))
    beside = findings.beside
    last = max(found.month for found in beside.specifications)
    once = replace(
        beside,
        paths=tuple(part for part in beside.paths if part.cutoff == last),
        specifications=tuple(found for found in beside.specifications if found.month == last),
        naive=beside.naive[-1:],
    )
    own = own_files(findings.panel.platforms[0])
    return render(replace(findings, beside=once, own=own), tmp_path_factory.mktemp("answered"))


class Visit:
    """A page opened offline, with all it asked for and all it complained of."""

    def __init__(self, browser: Browser, place: Path, width: int = 1280, **settings: Any) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 900}, offline=True, **settings)
        self.page: Page = self.context.new_page()
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(place.as_uri())

    def __enter__(self) -> "Visit":
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()


def test_the_page_loads_alone_and_complains_of_nothing(browser: Browser, written: Path) -> None:
    with Visit(browser, written) as visit:
        assert visit.asked == [written.as_uri()]
        assert visit.complaints == []
        assert visit.page.title() == "Uploads by month and cohort"


def test_a_reader_can_go_by_headings(browser: Browser, written: Path) -> None:
    with Visit(browser, written) as visit:
        headings = visit.page.get_by_role("heading", level=2).all_inner_texts()
        assert headings[0] == "The answer"
        assert headings[1] == "Move the cutoff and the cap yourself"
        assert len(headings) == 9


@pytest.mark.parametrize("width", WIDTHS.values(), ids=list(WIDTHS))
def test_nothing_is_wider_than_the_screen(browser: Browser, written: Path, width: int) -> None:
    with Visit(browser, written, width) as visit:
        visit.page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
        assert visit.page.locator("figure svg.wide").first.is_visible() == (width > 600)
        assert visit.page.locator("figure svg.narrow").first.is_visible() == (width <= 600)


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("place", ["written", "crowded", "answered", "ahead"])
def test_no_word_of_a_figure_lies_on_another_or_leaves_it(
    browser: Browser, place: str, width: int, request: pytest.FixtureRequest
) -> None:
    with Visit(browser, request.getfixturevalue(place), width) as visit:
        visit.page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
        assert visit.page.evaluate(OVERLAPS) == []


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("place", ["written", "answered"])
def test_type_of_figures_is_large_enough_to_read(
    browser: Browser, place: str, width: int, request: pytest.FixtureRequest
) -> None:
    sizes = """() => [...document.querySelectorAll('figure svg')].filter(svg => svg.getBoundingClientRect().width)
      .flatMap(svg => [...svg.querySelectorAll('text')].map(text =>
        parseFloat(getComputedStyle(text).fontSize) * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width))"""
    with Visit(browser, request.getfixturevalue(place), width) as visit:
        visit.page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
        assert min(visit.page.evaluate(sizes)) >= 9.5


def test_tables_open_by_keyboard(browser: Browser, written: Path) -> None:
    with Visit(browser, written) as visit:
        summary = visit.page.locator("#figures details.numbers > summary").first
        for _ in range(50):
            visit.page.keyboard.press("Tab")
            if summary.evaluate("part => part === document.activeElement"):
                break
        assert summary.evaluate("part => getComputedStyle(part).outlineStyle") == "solid"
        table = visit.page.locator("#figures details.numbers table").first
        assert not table.is_visible()
        visit.page.keyboard.press("Enter")
        assert table.is_visible()
        assert table.locator("tbody tr").count() == 34


def test_the_first_stop_of_the_keyboard_skips_to_the_answer(browser: Browser, written: Path) -> None:
    with Visit(browser, written) as visit:
        visit.page.keyboard.press("Tab")
        assert visit.page.evaluate("document.activeElement.textContent") == "Skip to the answer"
        assert visit.page.locator(".skip").bounding_box()["x"] >= 0  # type: ignore[index]


def test_smaller_platforms_are_folded_and_open(browser: Browser, crowded: Path) -> None:
    with Visit(browser, crowded) as visit:
        folded = visit.page.locator("#figures details.platform")
        assert folded.count() == 1
        assert not folded.first.locator("figure").first.is_visible()
        folded.first.locator("summary").first.focus()
        visit.page.keyboard.press("Enter")
        assert folded.first.locator("figure").first.is_visible()


def test_a_dark_screen_gets_dark_paper_and_light_words_in_figures_too(browser: Browser, written: Path) -> None:
    with Visit(browser, written, color_scheme="dark") as visit:
        paper = visit.page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        assert paper == "rgb(22, 24, 27)"
        fills = visit.page.evaluate(
            "[...document.querySelectorAll('figure svg text')].map(text => getComputedStyle(text).fill)"
        )
        assert "rgb(27, 27, 27)" not in fills
        assert visit.page.evaluate("getComputedStyle(document.querySelector('.paper')).fill") == "none"


def test_whoever_wants_less_motion_gets_it(browser: Browser, written: Path) -> None:
    behaviour = "getComputedStyle(document.documentElement).scrollBehavior"
    with Visit(browser, written, reduced_motion="reduce") as visit:
        assert visit.page.evaluate(behaviour) == "auto"


def test_on_paper_figures_stay_and_long_tables_and_links_go(browser: Browser, written: Path) -> None:
    with Visit(browser, written, color_scheme="dark") as visit:
        visit.page.emulate_media(media="print")
        assert not visit.page.locator("nav").is_visible()
        assert not visit.page.locator("details.numbers").first.is_visible()
        assert visit.page.locator("figure svg.wide").first.is_visible()
        assert visit.page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
        printed = visit.page.pdf(format="A4")
    assert printed.startswith(b"%PDF")
    assert 3 <= printed.count(b"/Type /Page\n") <= 15


def test_folded_platforms_are_printed(browser: Browser, crowded: Path) -> None:
    with Visit(browser, crowded) as visit:
        visit.page.emulate_media(media="print")
        height = visit.page.locator("#figures details.platform figure").first.evaluate("part => part.offsetHeight")
        assert height > 100


@pytest.mark.parametrize(("place", "scheme"), [("written", "light"), ("answered", "dark"), ("ahead", "dark")])
def test_axe_finds_nothing_serious(browser: Browser, place: str, scheme: str, request: pytest.FixtureRequest) -> None:
    package = pytest.importorskip("axe_playwright_python", reason="axe-core comes with axe-playwright-python")
    axe = (Path(package.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    with Visit(browser, request.getfixturevalue(place), color_scheme=scheme) as visit:
        visit.page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
        # Rows of a table are alike, and axe takes most of its time to ask each cell for its contrast.
        visit.page.evaluate("document.querySelectorAll('tbody tr:nth-child(n + 9)').forEach(row => row.remove())")
        visit.page.evaluate(axe)
        # test_explorer asks about that part; of what passes only the first element of each rule is gone into
        result = visit.page.evaluate("axe.run({exclude: ['#explore']}, {resultTypes: ['violations']})")
    serious = [
        f"{violation['id']}: {violation['nodes'][0]['html'][:120]}"
        for violation in result["violations"]
        if violation["impact"] in ("serious", "critical")
    ]
    assert serious == []
    assert len(result["passes"]) > 15
