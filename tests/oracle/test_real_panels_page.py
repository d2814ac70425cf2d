"""The page of real panels says what the panels give: verdicts and reasons to the word, numbers to a few points."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from tests.conftest import ROOT

PAGE = ROOT / "docs" / "real-panels.md"
CLOSE = 3
"""Per cent by which a number may have moved since the page was written; the script writes it anew."""


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("real_panels", ROOT / "scripts" / "real_panels.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def fresh(script: ModuleType, shared: Path) -> str:
    return str(script.write(script.numbers(shared)))


def plain(text: str) -> str:
    """Take the numbers out of a text."""
    return re.sub(r"[+−]?\d[\d,.]*", "#", text)


def changes(text: str) -> list[int]:
    """Give the changes in per cent that are within what can be told at all, in order."""
    return [int(found.replace("−", "-").replace(",", "")) for found in re.findall(r"([+−]?[\d,]+)\u00a0%", text)]


def test_words_verdicts_and_reasons_of_the_page_are_those_of_the_panels(fresh: str) -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert plain(written) == plain(fresh), "write it anew:  python scripts/real_panels.py ../shared/data --pictures"


def test_numbers_of_the_page_are_those_of_the_panels(fresh: str) -> None:
    written, found = changes(PAGE.read_text(encoding="utf-8")), changes(fresh)
    assert len(written) == len(found) > 20
    for before, now in zip(written, found, strict=True):
        assert abs(before - now) <= max(CLOSE, 0.1 * abs(now))


def test_nothing_is_found_on_a_panel_where_nothing_happened(script: ModuleType, shared: Path) -> None:
    """Shadertoy's months overlap and are worth about one try, so that none at all is to be expected."""
    told = [e for e in script.at_every_month(script.read(shared, "shadertoy")).values() if not e.refused]
    assert len(told) > 10
    assert sum(effect.p < 0.05 for effect in told) == 0
    negative = script.asked(script.read(shared, "git_contributions"), script.OCTOBERS)
    assert {effect.verdict for effect in negative} <= {"cannot tell", "not distinguishable"}


def test_the_page_shows_every_picture_that_the_script_draws(script: ModuleType, shared: Path) -> None:
    shown = set(re.findall(r"images/(real-[\w-]+)\.png", PAGE.read_text(encoding="utf-8")))
    assert shown == set(script.pictures(shared))
    assert all((ROOT / "docs" / "images" / f"{name}.png").stat().st_size > 10_000 for name in shown)
