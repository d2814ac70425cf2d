"""The part of the page that a reader moves, in a real browser with the network cut: by mouse, by keyboard, to files."""

import csv
import io
import socket
import threading
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from precipice.cohorts import draw_by_cutoff
from precipice.months import parse_month
from precipice.report import render, serving
from precipice.series import count
from precipice.study.findings import Findings
from precipice.study.illustrating import Beside
from tests.browser.test_page import Visit
from tests.conftest import wanted
from tests.unit.report.made import told


@pytest.fixture(scope="module")
def findings() -> Findings:
    """A platform as if it were real, so that small cells are held back, with placebos of one event."""
    found = told(("nft-boom", "stable-diffusion"), ("S1", "S2", "SJ", "S12", "lapse-S1"))  # as in test_page, made once
    effects = tuple(effect for effect in found.effects if (effect.method, effect.event) == ("S1", "stable-diffusion"))
    return replace(found, simulated=None, beside=Beside(), effects=effects, verdicts=())


@pytest.fixture(scope="module")
def place(findings: Findings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return render(findings, tmp_path_factory.mktemp("moved"))


@pytest.fixture(scope="module")
def visit(browser: Browser, place: Path) -> Iterator[Visit]:
    with Visit(browser, place) as visit:
        ready(visit.page)
        yield visit
        assert visit.complaints == []
        assert visit.asked[0] == place.as_uri()
        assert all(address.startswith(("file:", "blob:", "data:")) for address in visit.asked)


@pytest.fixture
def page(visit: Visit) -> Page:
    """The page as it opens."""
    visit.page.reload()
    ready(visit.page)
    return visit.page


def ready(page: Page) -> None:
    page.wait_for_selector("html[data-ready]", state="attached", timeout=20_000)


def after(page: Page, act: Callable[[], object]) -> None:
    """Do something, and wait until it is drawn."""
    before = page.evaluate("document.documentElement.dataset.shown")
    act()
    page.wait_for_selector(f'html[data-shown]:not([data-shown="{before}"])', state="attached")
    page.wait_for_timeout(60)


def saved(page: Page, kind: str) -> bytes:
    with page.expect_download() as download:
        page.locator(f"#explore-{kind}").click()
    return download.value.path().read_bytes()


def rows(page: Page) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(saved(page, "csv").decode())))


def says(page: Page, name: str) -> str:
    return page.locator(f"#explore-{name}-says").inner_text()


def test_it_opens_at_the_study_s_own_choice_with_the_numbers_of_its_tables(page: Page, place: Path) -> None:
    assert (says(page, "cutoff"), says(page, "cap")) == ("2022-01", "one upload")
    assert saved(page, "csv") == (place.parent / "tables" / "cohorts-simulated.csv").read_bytes()
    assert "Seniors fall with no event at all" in page.locator("#explore-words").inner_text()
    assert page.locator("#explore-words").get_attribute("aria-live") == "polite"


def test_the_cutoff_moves_by_keyboard_to_the_series_that_the_panel_has(page: Page, findings: Findings) -> None:
    page.locator("#explore-cutoff").focus()
    after(page, lambda: page.keyboard.press("ArrowLeft"))
    after(page, lambda: page.keyboard.press("ArrowLeft"))
    assert says(page, "cutoff") < "2022-01"
    compare(rows(page), findings, says(page, "cutoff"), 1)


def test_the_cap_moves_by_mouse_and_the_bands_with_it(page: Page, findings: Findings) -> None:
    slider = page.locator("#explore-cap")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box is not None
    caps = int(slider.get_attribute("max") or 0)
    assert caps >= 1
    after(page, lambda: page.mouse.click(box["x"] + box["width"] * 0.98, box["y"] + box["height"] / 2))
    assert says(page, "cap") == f"{caps + 1} uploads"
    compare(rows(page), findings, says(page, "cutoff"), caps + 1)


def compare(shown: list[dict[str, str]], findings: Findings, cutoff: str, cap: int) -> None:
    """Compare what the page saved with the panel's own series and exact bands."""
    panel = findings.panel
    cohorts = draw_by_cutoff(panel, parse_month(cutoff))
    for series in count(panel, cohorts, cap=cap, start=findings.start, end=findings.end):
        part = [row for row in shown if row["cohort"] == series.cohort]
        assert part[0]["period"] == (cutoff if series.cohort == "junior" else "2018-01")
        low, high = series.interval("capped")
        given = [row for row in part if row["status"] == "given"]
        assert len(given) > 0.7 * len(part)
        for row in given:
            at = parse_month(row["period"]) - findings.start
            assert float(row["capped_a_month"]) == series.capped[at]
            # The page rounds to a hundredth.
            np.testing.assert_allclose(
                [float(row["capped_low"]), float(row["capped_high"])], [low[at], high[at]], atol=0.0051
            )


def test_months_chosen_on_the_strip_narrow_the_figure_and_the_numbers(page: Page) -> None:
    strip = page.locator("#explore-strip svg")
    strip.scroll_into_view_if_needed()
    box = strip.bounding_box()
    assert box is not None
    whole = len(rows(page))
    y = box["y"] + 20
    page.mouse.move(box["x"] + 0.4 * box["width"], y)
    page.mouse.down()
    after(page, lambda: page.mouse.move(box["x"] + 0.7 * box["width"], y, steps=4))
    page.mouse.up()
    first, last = says(page, "from"), says(page, "to")
    assert "2018-01" < first < last < "2023-10"
    assert {row["period"] for row in rows(page) if row["cohort"] == "senior"} == set(between(first, last))
    assert len(rows(page)) < whole
    assert first in page.locator("#explore-words").inner_text()


def between(first: str, last: str) -> list[str]:
    return [f"{m // 12}-{m % 12 + 1:02d}" for m in range(parse_month(first), parse_month(last) + 1)]


def test_months_are_chosen_by_keyboard_too_and_the_strip_follows(page: Page) -> None:
    page.locator("#explore-from").focus()
    after(page, lambda: page.keyboard.press("PageUp"))
    assert says(page, "from") > "2018-01"
    assert page.locator("#explore-strip svg .mark-rect path[fill='#0072B2']").count() >= 1


def test_cohorts_hide_and_the_table_holds_what_is_drawn(page: Page) -> None:
    page.locator("#explore-table > summary").click()
    after(page, lambda: page.locator("#explore-junior").uncheck())
    page.locator("#explore-bands").uncheck()
    cells = page.locator("#explore-rows tr").all_inner_texts()
    assert len(cells) == 70
    assert all("senior" in cell for cell in cells)
    assert "juniors" not in (page.locator("#explore-lines svg").text_content() or "")


def test_an_unusual_cutoff_says_in_words_what_is_compared(page: Page) -> None:
    page.locator("#explore-window").focus()
    after(page, lambda: page.keyboard.press("ArrowLeft"))
    text = page.locator("#explore-words").inner_text()
    assert "From the 11 months before Stable Diffusion to the 11 from it on, seniors went from" in text
    assert text in (page.locator("#explore-lines").get_attribute("aria-label") or "")


def test_figures_come_out_as_svg_and_png(page: Page) -> None:
    drawing = ET.fromstring(saved(page, "svg"))  # noqa: S314  ours
    words = " ".join(text.text or "" for text in drawing.iter("{http://www.w3.org/2000/svg}text"))
    assert "Stable Diffusion" in words
    assert "seniors" in words
    assert saved(page, "png").startswith(b"\x89PNG")


def test_placebos_show_where_the_event_lies(page: Page, findings: Findings) -> None:
    effect = next(effect for effect in findings.effects if effect.placebos)
    words = page.locator("#explore-placebo-words").inner_text()
    assert f"Of {len(effect.placebos)} earlier cutoffs" in words
    assert "Stable Diffusion" in (page.locator("#explore-placebos svg").text_content() or "")


def test_cells_of_retention_tell_their_share(page: Page) -> None:
    cell = page.locator("#explore-retention svg .mark-rect path").first
    cell.scroll_into_view_if_needed()
    cell.hover()
    assert page.locator("#explore-tip").inner_text().startswith("2014, months 1 to 3: ")


@pytest.mark.parametrize("width", [768, 640, 360])
def test_it_fits_narrow_screens_in_the_dark(browser: Browser, place: Path, width: int) -> None:
    with Visit(browser, place, width, color_scheme="dark", reduced_motion="reduce") as visit:
        ready(visit.page)
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
        assert visit.page.locator("#explore-lines svg").bounding_box()["width"] <= width  # type: ignore[index]
        fills = visit.page.evaluate(
            "[...document.querySelectorAll('#explore svg text')].map(text => getComputedStyle(text).fill)"
        )
        assert "rgb(27, 27, 27)" not in fills
        assert visit.complaints == []


def test_without_scripts_and_on_paper_the_still_figures_stand_alone(browser: Browser, place: Path) -> None:
    with Visit(browser, place, java_script_enabled=False) as visit:
        assert not visit.page.locator("#explore").is_visible()
        assert visit.page.locator("#figures figure svg").first.is_visible()
    with Visit(browser, place) as visit:
        ready(visit.page)
        visit.page.emulate_media(media="print")
        assert not visit.page.locator("#explore").is_visible()
        assert visit.page.pdf(format="A4").startswith(b"%PDF")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser: Browser, place: Path, scheme: str) -> None:
    package = pytest.importorskip("axe_playwright_python", reason="axe-core comes with axe-playwright-python")
    axe = (Path(package.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    with Visit(browser, place, color_scheme=scheme) as visit:
        ready(visit.page)
        visit.page.locator("#explore-table > summary").click()
        visit.page.evaluate(axe)
        result = visit.page.evaluate("axe.run('#explore', {resultTypes: ['violations']})")
    serious = [
        f"{violation['id']}: {violation['nodes'][0]['html'][:160]}"
        for violation in result["violations"]
        if violation["impact"] in ("serious", "critical")
    ]
    assert serious == []


def test_the_owner_sees_every_month_and_who_is_behind_it(browser: Browser, place: Path, findings: Findings) -> None:
    uvicorn = wanted("uvicorn", "uvicorn comes with the optional part 'serve'")
    with socket.create_server((serving.HOST, 0)) as listening:
        port, token = listening.getsockname()[1], "a-token-of-a-run"
        app = serving.application(place, findings, port=port, token=token)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            page = browser.new_page()
            complaints: list[str] = []
            page.on("console", lambda message: complaints.append(message.text))
            page.goto(f"http://{serving.HOST}:{port}/{token}/")
            ready(page)
            page.locator("#explore-cap").focus()
            after(page, lambda: page.keyboard.press("End"))
            assert says(page, "cap") == "no cap"
            page.locator("#explore-cutoff").focus()
            after(page, lambda: page.keyboard.press("PageDown"))
            shown = rows(page)
            assert {row["status"] for row in shown} == {"given"}
            compare(shown, findings, says(page, "cutoff"), 10**6)
            page.locator("#explore-table > summary").click()
            page.locator("#explore-rows button").first.click()
            page.wait_for_selector("#explore-who:not([hidden])")
            assert page.locator("#explore-who").inner_text().startswith("seniors of 2018-01, ")
            assert complaints == []
        finally:
            page.close()
            server.should_exit = True
            thread.join(10)


def test_the_whole_page_is_one_file_of_at_most_a_megabyte_and_a_half(place: Path) -> None:
    assert place.stat().st_size < 1_500_000
