"""The page of error rates: plain tables, and the words around them, from the file of results."""

from collections.abc import Iterable, Mapping, Sequence
from math import isnan
from pathlib import Path
from string import Template

from studies.power.ledger import Line
from studies.power.pictures import draw_naive, draw_sizes
from studies.power.tallies import Key, Tally, tally
from studies.power.worlds import SETTINGS

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "error-rates.md"
IMAGES = ROOT / "docs" / "images"
TEMPLATE = Path(__file__).parent / "page.md"

METHODS = ("verdict", "S1", "S1-trimmed", "S2", "S2-trimmed", "S12", "S12-trimmed", "control", "control-trimmed", "SJ",
           "SJ-trimmed", "age-period", "lapse-S1", "lapse-S2")  # fmt: skip
NULLS = ("clean", "realistic", "lively", "group_shocks", "tag_shocks", "drift", "random_250", "random_1000",
         "young_platform", "pair", "pair_half", "entries_down_30", "platform_shock", "pair_shock", "everybody_down_20",
         "many_followers", "many_followers_told", "many_followers_shock", "recently_active", "recently_active_told",
         "short_history", "truncated_96", "truncated_96_claimed")  # fmt: skip
EFFECTS = ("rate_down_20", "rate_down_30", "lively_down_20", "lively_down_30", "pair_down_20", "pair_down_30", "fading",
           "exits_doubled", "random_250_down_30")  # fmt: skip
COVERED = ("S1", "S1-counts", "S1-trimmed", "S2", "S2-counts", "S2-trimmed", "S12", "lapse-S1")
LOW, HIGH = 0.02, 0.07
"""The band that is claimed: as many rejections of true nulls at 5 %."""
NAIVE, LONG = "naive: ", "naive-long: "


def write(lines: Sequence[Line]) -> None:
    """Write the page and its pictures."""
    tallies = tally(lines)
    read_naively = dict.fromkeys(world for world, method in tallies if method.startswith(NAIVE))
    PAGE.write_text(
        Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
            panels=_panels(tallies),
            sizes=_rates(tallies, NULLS),
            outside=_outside(tallies),
            power=_rates(tallies, EFFECTS),
            coverage=_coverage(tallies),
            quiet=", ".join(f"`{world}`" for world in read_naively if world in NULLS),
            naive=_naive(tallies, NAIVE),
            long=_naive(tallies, LONG),
            worlds=_worlds(tallies),
            record=_record(lines),
        ),
        encoding="utf-8",
    )
    IMAGES.mkdir(exist_ok=True)
    draw_sizes(tallies, [world for world in NULLS if (world, "S1") in tallies], IMAGES / "error-rates.png")
    draw_naive(tallies, IMAGES / "error-rates-naive.png")


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Set a table, the first column to the left and the others to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def is_null(world: str, method: str) -> bool:
    """Say whether nothing happens in a world as far as a method can see."""
    return method in SETTINGS[world].null


def outside(at: Tally) -> bool:
    """Say whether a rate lies outside the claimed band by more than two Monte Carlo errors."""
    return at.given > 0 and (at.size - 2 * at.error > HIGH or at.size + 2 * at.error < LOW)


def _rates(tallies: Mapping[Key, Tally], worlds: Iterable[str]) -> str:
    rows = [
        [f"`{world}`", *(_cell(tallies.get((world, method))) for method in METHODS), _count(tallies, world)]
        for world in worlds
        if (world, "S1") in tallies
    ]
    return markdown(["world", *METHODS, "panels"], rows)


def _cell(at: Tally | None) -> str:
    if at is None:
        return ""
    if at.method == "verdict":
        return f"{100 * at.size:.1f}"
    if at.given == 0:
        return "refused"
    text = f"{100 * at.size:.1f} ± {100 * at.error:.1f}"
    if not is_null(at.world, at.method):
        text = f"({text})" if at.world in NULLS else text
    elif outside(at):
        text = f"**{text}**"
    return text + (f" *{100 * at.given / at.panels:.0f}*" if at.given < 0.995 * at.panels else "")


def _count(tallies: Mapping[Key, Tally], world: str) -> str:
    return f"{tallies[world, 'S1'].panels:,}"


def _panels(tallies: Mapping[Key, Tally]) -> str:
    counts = [at.panels for (_, method), at in tallies.items() if method == "S1"]
    slow = [at.panels for (_, method), at in tallies.items() if method == "age-period" or method.startswith("naive")]
    others = f", and at least {min(slow):,} for `age-period` and the naive readings" if slow else ""
    return f"There are {min(counts):,} to {max(counts):,} panels a world{others}."


def _outside(tallies: Mapping[Key, Tally]) -> str:
    rows = [
        [
            f"`{world}`",
            method,
            f"{100 * at.size:.1f} ± {100 * at.error:.1f}",
            CAUTIOUS if at.size < LOW else ANSWERS.get(world, UNANSWERED),
        ]
        for (world, method), at in tallies.items()
        if method in METHODS and is_null(world, method) and outside(at) and (method != "verdict" or at.size > HIGH)
    ]
    rows += [
        [f"`{world}`", "S1-trimmed", _cell(tallies[world, "S1-trimmed"]), ANSWERS[world]]
        for world in ("platform_shock", "pair_shock", "everybody_down_20")
        if (world, "S1-trimmed") in tallies
    ]
    head = ["world", "method", "rejects, %", "what answers it"]
    return markdown(head, rows).replace("---:", "---") if rows else "None."


def _answer(at: Tally) -> str:
    return CAUTIOUS if at.size < LOW else ANSWERS.get(at.world, UNANSWERED)


CAUTIOUS = "nothing is needed: too cautious, at the cost of power"
UNANSWERED = "no guard"
ANSWERS = {
    "platform_shock": 'the verdict: "a platform-wide change cannot be excluded" unless S2 or a control agrees',
    "pair_shock": "the control difference, and the verdict as above",
    "everybody_down_20": "S2 and S12, and the verdict as above",
    "many_followers_shock": "declare how creators were chosen, and the verdict needs a control platform",
    "many_followers": "declare how creators were chosen: S2, SJ, S12, age-period and lapse-S2 are then refused",
    "recently_active": "declare how creators were chosen: everything is then refused",
    "truncated_96_claimed": "a history is not whole unless it is known to be",
}
"""What the code does, or the reader can, where a method leaves its band or sees what is no effect of the event."""


def _coverage(tallies: Mapping[Key, Tally]) -> str:
    rows = []
    for world in ("realistic", "lively", *EFFECTS, "platform_shock", "everybody_down_20"):
        for method in COVERED:
            at = tallies.get((world, method))
            if at is None or isnan(at.truth) or not at.given or at.spread == 0:
                continue
            numbers = [f"{at.truth:+.3f}", f"{at.mean:+.3f}", f"{100 * at.coverage:.1f}", f"{at.se / at.spread:.2f}"]
            rows.append([f"`{world}`", method, *numbers])
    return markdown(["world", "method", "true", "mean", "covers", "se / sd"], rows)


def _naive(tallies: Mapping[Key, Tally], prefix: str) -> str:
    worlds = list(dict.fromkeys(world for world, method in tallies if method.startswith(prefix)))
    names = list(dict.fromkeys(method for _, method in tallies if method.startswith(prefix)))
    if not worlds:
        return "Not yet run."
    rows = [
        [f"naive: {name.removeprefix(prefix)}", *(_naive_cell(tallies.get((world, name))) for world in worlds)]
        for name in names
    ]
    rows += [[f"ours: {name}", *(_naive_cell(tallies.get((world, name))) for world in worlds)] for name in OURS]
    return markdown(["reading", *(f"`{world}`" for world in worlds)], rows)


OURS = ("S1-trimmed", "S2-trimmed", "S12-trimmed", "verdict")


def _naive_cell(at: Tally | None) -> str:
    if at is None or not at.given:
        return ""
    if at.method == "verdict":
        return f"{100 * at.size:.0f}"
    return f"{100 * at.size:.0f} / {100 * at.fell / at.given:.0f}"


def _worlds(tallies: Mapping[Key, Tally]) -> str:
    rows = [
        [f"`{name}`", setting.words, setting.parameters]
        for name, setting in SETTINGS.items()
        if (name, "S1") in tallies
    ]
    return markdown(["world", "what it is", "numbers"], rows).replace("---:", "---")


def _record(lines: Sequence[Line]) -> str:
    versions = sorted({line.versions for line in lines})
    codes = sorted({line.code for line in lines})
    blocks = {(line.world, line.battery, line.first): line.seconds for line in lines}
    return (
        f"Measured with {'; '.join(versions)}; code {', '.join(codes)} (SHA-256 of `effects` and `population`); "
        f"{sum(blocks.values()) / 60:.0f} CPU-minutes."
    )
