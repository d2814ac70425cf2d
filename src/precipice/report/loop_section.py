"""The part of the page on loops: generations as pictures, curves by regime, the runway, and what made each result."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from precipice.loops import Trace
from precipice.months import month_text
from precipice.report.contact_sheets import Pictures, in_a_row
from precipice.report.figure import Figure
from precipice.report.grids import Grid
from precipice.report.look import platform_name
from precipice.report.regime_charts import Panel, regime_curves
from precipice.report.wording import listed, number
from precipice.study.findings import Findings
from precipice.study.looping import COLUMNS, DIMENSION, REGIMES, LoopProfile
from precipice.study.pictures import SHIPPED
from precipice.supply import Outlook, Runway

if TYPE_CHECKING:
    from markupsafe import Markup

MEASURES: Mapping[str, str] = {
    "variance": "variance",
    "drift": "drift of the mean",
    "effective_rank": "effective rank",
    "hill": "effective styles",
    "styles": "styles left",
    "heterogeneity": "chance of two styles",
    "frechet": "Fréchet distance",
    "recall": "recall",
    "tail_recall": "tail recall",
    "vendi": "diversity (Vendi)",
}
MOST_BYTES = 150_000
"""Of all pictures of the section, as they stand in the page."""
QUALITIES = (80, 60, 40, 25, 10)
"""Of WebP, best first; the first with which all pictures are light enough is taken."""

SOURCES: Mapping[str, str] = {
    "labelled": "that of the platform's label, taken at its word",
    "corrected": "that of the platform's label, corrected for its errors",
    "stated": "stated, not measured",
}
"""Where the share of synthetic uploads is from, in words."""
CAVEATS = (
    "Small models stand in for large ones: what is shown is a direction and not a date, and thresholds are not those "
    "of a text-to-image model.",
    "Uploads are not training sets: nobody knows what part of them models are trained on, or with what else.",
    "Fresh human work may itself imitate machines, and is counted as human.",
    "Total variance and Vendi's score can rise while styles are lost: recall and tail recall are what to look at.",
)
"""What is to be said with every loop, beside what is assumed."""


@dataclass(frozen=True)
class Strip:
    """A row of pictures."""

    name: str
    address: "Markup"
    alt: str


@dataclass(frozen=True)
class Card:
    """Pictures of one regime, or real ones."""

    name: str
    words: str
    strips: tuple[Strip, ...]


@dataclass(frozen=True)
class LoopWords:
    """What the section says."""

    lead: tuple[str, ...]
    runways: tuple[str, ...]
    cards: tuple[Card, ...]
    note: str
    """How to read the pictures."""
    made_by: Grid
    caveats: tuple[str, ...]


def loop_figures(findings: Findings) -> tuple[Figure, ...]:
    """Give the curves of all regimes; none where no loop was run."""
    loop = findings.loop
    if loop is None:
        return ()
    name = platform_name(loop.platform)
    panels = [_panel("Gaussian: " if loop.works else "", metric, loop.law) for metric in _metrics(loop.law)]
    panels += [_panel("", metric, loop.works) for metric in _metrics(loop.works)]
    counted = loop.measured.known
    rule = "Right of the dotted rule generations are forecast. " if 0 < counted < loop.measured.feed.generations else ""
    floor = " Dotted across: real works against as many other real ones." if loop.kind == "pictures" else ""
    return (
        regime_curves(
            panels, counted, stem="loop-regimes",
            title="What models keep, generation by generation",
            subtitle=f"{_what(loop)}, fed with uploads to {name} by {loop.measured.months} months; sampling bias "
            f"λ = {loop.settings.bias:g}, assumed",
            notes=(f"Lines: mean of replicates; bands: where the middle 95 % of single ones lie. Dashed: what theory "
                   f"expects, where it says something. {rule}{floor}".strip(),),
        ),
    )  # fmt: skip


def loop_words(findings: Findings) -> LoopWords | None:
    """Give what the section says beside its figure; None where no loop was run."""
    loop = findings.loop
    if loop is None:
        return None
    outlook = next(o for o in findings.outlooks if o.platform == loop.platform)
    assumed = (
        f"The sampling bias λ = {loop.settings.bias:g} is assumed, and so is that a generation is "
        f"{loop.measured.months} months long.",
    )
    runways = tuple(_near(runway, loop) for runway in _runways(outlook, loop))
    return LoopWords(_lead(loop), runways, _cards(loop), _note(loop), _made_by(loop, outlook), (*assumed, *CAVEATS))


def loop_sentences(findings: Findings) -> tuple[str, ...]:
    """Give the sentences of the section; none where no loop was run."""
    words = loop_words(findings)
    return () if words is None else (*words.lead, *words.runways, *words.caveats)


def _metrics(traces: Mapping[str, Trace]) -> tuple[str, ...]:
    return next(iter(traces.values())).metrics if traces else ()


def _panel(prefix: str, metric: str, traces: Mapping[str, Trace]) -> Panel:
    title = prefix + MEASURES[metric]
    return Panel(title[:1].upper() + title[1:], metric, traces)


def _what(loop: LoopProfile) -> str:
    if loop.kind == "pictures":
        return f"A Gaussian, and a {loop.settings.model} on {loop.words}"
    return f"A Gaussian, and {loop.words}" if loop.kind else "A Gaussian"


def _lead(loop: LoopProfile) -> tuple[str, ...]:
    """Say what was run on which supply, and what came of it."""
    feed, measured, name = loop.measured.feed, loop.measured, platform_name(loop.platform)
    first = month_text(int(measured.starts[0]))
    counted = f"{number(measured.known, 'generation')} of it {'is' if measured.known == 1 else 'are'} counted"
    said = [
        f"Loops of small models on the supply of {name}: generation 0 is the {measured.months} months from {first} on; "
        f"{counted} and {feed.generations - measured.known} forecast."
    ]
    if loop.divided:
        share = feed.human / feed.total
        said.append(
            f"Human uploads are {100 * share[measured.known]:.0f} % of the last generation counted and "
            f"{100 * share[-1]:.0f} % of the last one forecast (the middle path); the share is "
            f"{SOURCES[measured.source]}."
        )
    else:
        said.append(
            f"{name} says nothing of generative models, so only the two ends are run, between which everything else "
            'lies: no human work at all, and nothing but it. With a share stated (share = "0.2" under [supply]) the '
            "regimes between them are run too."
        )
    regimes = "; ".join(f"{name}, {REGIMES[name]}" for name in loop.law)
    return (*said, *(() if loop.kind == "pictures" else (f"Models are trained on: {regimes}.",)), *_came(loop))


def _came(loop: LoopProfile) -> tuple[str, ...]:
    """Say what is left at the end under the first and the last regime, and the measured one."""
    traces, metric = (loop.works, {"pictures": "recall", "tags": "hill"}[loop.kind]) if loop.kind else (
        loop.law, "variance")  # fmt: skip
    told = []
    for regime in (name for name in ("synthetic", "fresh", "real") if name in traces):
        values = traces[regime].of(metric).mean(axis=1)
        told.append(f"{100 * values[-1] / values[0]:.0f} % under {regime}")
    return (f"After {loop.measured.feed.generations} generations the models' {MEASURES[metric]} stood at "
            f"{listed(told)} of what generation 0 had.",)  # fmt: skip


def _runways(outlook: Outlook, loop: LoopProfile) -> list[Runway]:
    """Choose the runways that belong to the loop: under its bias or the nearest one, policy fresh."""
    fresh = [r for r in outlook.runways if r.scenario.policy == "fresh"]
    found = []
    for metric in ("tail", "styles:senior"):
        some = [r for r in fresh if r.scenario.metric == metric]
        if some:
            found.append(min(some, key=lambda r: abs(r.scenario.bias - loop.settings.bias)))
    return found


def _near(runway: Runway, loop: LoopProfile) -> str:
    """Say a runway, and where its bias is not the loop's."""
    platform, _, rest = runway.summary().partition(", ")
    words = f"{platform_name(platform)}, {rest}"
    if runway.scenario.has_bias and runway.scenario.bias != loop.settings.bias:
        return f"{words} (The nearest bias for which runways were asked.)"
    return words


def _made_by(loop: LoopProfile, outlook: Outlook) -> Grid:
    """Say of each result what made it."""
    runs = next(iter(loop.law.values()))
    rows = [
        ("uploads by generation", "count and forecast",
         f"{loop.measured.known} counted, the rest the middle of {len(outlook.paths.human):,} paths"),
        ("dashed lines", "closed form", "exact recursions of expectations under this very supply"),
        ("Gaussian", "simulation", f"sufficient statistics, {DIMENSION} dimensions, {runs.replicates:,} replicates"),
    ]  # fmt: skip
    if loop.works:
        trace = next(iter(loop.works.values()))
        rows.append(
            ("pictures" if loop.kind == "pictures" else "tags as styles", "simulation",
             f"{trace.source}, {number(trace.replicates, 'replicate')}, on {loop.words}")
        )  # fmt: skip
    if outlook.runways:
        rows.append(
            ("runways", "closed form", f"on {outlook.runways[0].paths:,} forecast paths, censored at their end")
        )
    rows.append(("response surface", "none", "no result here is read off one"))
    return Grid("What made each result", ("result", "made by", "how"), tuple(rows))


def _note(loop: LoopProfile) -> str:
    own = "" if loop.settings.pictures in SHIPPED else (
        " The real ones are works of single artists: publish them only where you may."
    )  # fmt: skip
    return (
        "Numbers: the generation. In every row the same chance draws the works, so that what differs is the model. "
        f"What does not look like a work is what the small model can do; what matters is what changes.{own}"
    )


def _cards(loop: LoopProfile) -> tuple[Card, ...]:
    """Give real pictures first, then each regime's, as light as they have to be."""
    if loop.real is None:
        return ()
    for quality in QUALITIES:
        cards = _cards_at(loop, loop.real, quality)
        if sum(len(strip.address) for card in cards for strip in card.strips) <= MOST_BYTES:
            break
    return cards


def _cards_at(loop: LoopProfile, real: Pictures, quality: int) -> tuple[Card, ...]:
    rows = [real[low : low + COLUMNS] for low in range(0, len(real), COLUMNS)]
    what = "real pictures, none of which a model here made"
    cards = [Card("real pictures", what, tuple(
        Strip("", _address(row, quality), f"{len(row)} real pictures") for row in rows if len(row) == COLUMNS
    ))]  # fmt: skip
    for regime, shown in loop.shown.items():
        strips = tuple(
            Strip(str(t), _address(pictures, quality), f"{len(pictures)} pictures of generation {t}, {regime}")
            for t, pictures in shown.items()
        )
        cards.append(Card("real works only" if regime == "real" else regime, REGIMES[regime], strips))
    return tuple(cards)


def _address(pictures: Pictures, quality: int) -> "Markup":
    """Give a row of pictures as a data address: dark on light where they are grey, each within a white frame."""
    from markupsafe import Markup
    from PIL import Image

    shade = 255 - pictures if pictures.ndim == 3 else pictures
    written = BytesIO()
    Image.fromarray(in_a_row(shade)).save(written, "WEBP", quality=quality, method=6)
    return Markup("data:image/webp;base64," + b64encode(written.getvalue()).decode())  # noqa: S704  letters and digits
