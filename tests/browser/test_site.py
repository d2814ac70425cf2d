"""The site of the documents: built strictly, whole, and in need of no network."""

import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

import precipice
from precipice.cli import COMMANDS
from tests.conftest import ROOT, wanted

wanted("zensical", "comes with `make docs`")
LOADED = {"script": "src", "img": "src", "source": "srcset", "iframe": "src", "video": "src", "audio": "src"}
ELSEWHERE = re.compile(r"(?:https?:)?//")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("documents")
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "docs_site.py", "--to", place / "site", "--work", place / "work"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return place / "site"


class Loads(HTMLParser):
    """Finds what a page loads by itself, links that a reader may follow left out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = (
            "href" if tag == "link" and given.get("rel") not in ("canonical", "next", "prev") else LOADED.get(tag, "")
        )
        self.found += [given[name] or ""] if name in given else []


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 30
    for page in pages:
        loads = Loads()
        loads.feed(page.read_text(encoding="utf-8"))
        assert loads.found
        assert not [part for part in loads.found if ELSEWHERE.match(part)], page.name
    for style in site.rglob("*.css"):
        assert not re.search(r"url\(['\"]?https?:|@import", style.read_text(encoding="utf-8")), style.name


def test_every_document_is_a_page(site: Path) -> None:
    for page in (ROOT / "docs").glob("*.md"):
        assert (site / page.with_suffix(".html").name).exists(), page.name


def test_every_command_option_and_public_name_is_in_the_reference(site: Path) -> None:
    commands = (site / "commands.html").read_text(encoding="utf-8")
    for name in COMMANDS:
        assert f'id="precipice-{name}"' in commands
    assert "--assume NAME=NUMBER" in commands
    names = "".join(page.read_text(encoding="utf-8") for page in site.glob("api-*.html"))
    for name in set(precipice.__all__) - {"__version__"}:
        assert f">pc.{name}<" in names, name
    listed = (site / "python.html").read_text(encoding="utf-8")
    leads = re.findall(r'href="(?:\./)?(api-[a-z]+\.html)#(pc-\w+)"', listed)
    assert len(set(leads)) > 40
    for page, anchor in leads:
        assert f'id="{anchor}"' in (site / page).read_text(encoding="utf-8"), anchor


def test_every_kind_of_error_is_in_the_list_with_what_to_do(site: Path) -> None:
    errors = (site / "errors.html").read_text(encoding="utf-8")
    for words in ("is missing", "there is no such file", "the disk is full", "precipice[collect]"):
        assert words in errors, words


@pytest.fixture(params=["light", "dark"])
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[tuple[BrowserContext, list[str]]]:
    """Give a telephone in each scheme, and the addresses that it asked for beyond the site's own files."""
    context = browser.new_context(viewport={"width": 360, "height": 800}, color_scheme=request.param)
    asked: list[str] = []
    context.on(
        "request", lambda sent: None if sent.url.startswith(("file:", "data:", "blob:")) else asked.append(sent.url)
    )
    yield context, asked
    context.close()


def test_pages_read_on_a_telephone_without_a_network(site: Path, context: tuple[BrowserContext, list[str]]) -> None:
    axe = wanted("axe_playwright_python.sync_playwright", "axe-core comes with axe-playwright-python").Axe()
    page = context[0].new_page()
    for name in ("index", "first-report", "why-seniors-fall", "comparison", "api-effects", "errors"):
        page.goto((site / f"{name}.html").as_uri())
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is wider than its screen"
        for picture in page.locator("article img").all():
            assert picture.evaluate("image => image.complete && image.naturalWidth > 0"), name
            assert len(picture.get_attribute("alt") or "") > 20, name
        found = axe.run(page, context="article").response["violations"]
        assert not [one["id"] for one in found if one["impact"] in ("serious", "critical")], (name, found)
    assert not context[1]


def test_the_search_finds_without_a_server(site: Path, context: tuple[BrowserContext, list[str]]) -> None:
    page = context[0].new_page()
    page.goto((site / "index.html").as_uri())
    page.keyboard.press("Control+k")
    page.wait_for_timeout(500)  # the field opens with a movement
    page.keyboard.type("pseudonyms")
    page.get_by_text("are not anonymity").first.wait_for(timeout=20_000)
    assert not context[1]
