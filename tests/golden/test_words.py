"""The words of a report, to be read as a whole: `PRECIPICE_GOLDEN=1 pytest tests/golden` writes them anew."""

import os
from pathlib import Path
from textwrap import fill

from precipice.panel import Window
from precipice.report import answer, figures
from precipice.report.limits import limits
from tests.unit.report.made import END, START, find, panel, steady

HERE = Path(__file__).parent


def check(name: str, text: str) -> None:
    place = HERE / name
    if os.environ.get("PRECIPICE_GOLDEN"):
        place.write_text(text, encoding="utf-8")
    assert text == place.read_text(encoding="utf-8"), f"see the difference, then: PRECIPICE_GOLDEN=1 pytest {__file__}"


def test_the_words_of_a_report_are_those_that_were_read_and_approved() -> None:
    """Two platforms without chance, one of them small and seen from inside of its history."""
    small = {f"artist {i}": dict.fromkeys(range(START + i, END - i, 3), 1) for i in range(10)}
    windows = {"site": Window(START, END, truncated_first=False, unfinished_last=False)}
    findings = find(panel({"site": steady(), "small": small}, windows))
    parts = {
        "ANSWER": answer(findings).split("\n"),
        "LIMITS": limits(findings),
        "FIGURES": [
            f"{figure.title} | {figure.subtitle} | {' '.join(figure.notes)} | {figure.description}"
            for figure in figures(findings)
        ],
    }
    text = "\n\n".join(
        f"{name}\n\n" + "\n\n".join(fill(sentence, 110, break_on_hyphens=False) for sentence in sentences)
        for name, sentences in parts.items()
    )
    check("words.txt", text + "\n")
