"""The link: a study's measured supply, and what loops of small models make of it, pictures among them.

Five regimes are run beside each other on one platform's generations: only models' output, a fixed human set, the
measured mixture, everything so far, and people's works alone.  Always a Gaussian, whose law is known; beside it real
pictures where the study names some, or else the study's own tags as styles.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from precipice.archive import TagCounts
from precipice.errors import InputError
from precipice.loops import Feed, Loop, Trace, simulate
from precipice.loops.components import Components
from precipice.loops.showing import show_generations
from precipice.panel import Panel
from precipice.profiles.tag_sums import count_uses, rows_on
from precipice.study.feeding import Measured, measured_feed
from precipice.study.pictures import Pictures, PictureSet, open_pictures
from precipice.study.profiling.asked import Asked
from precipice.study.settings import LoopSection
from precipice.supply import Outlook

REGIMES: Mapping[str, str] = {
    "synthetic": "only what the model before made",
    "augment": "the human works of the beginning, and what the model before made",
    "fresh": "new human works and what the model before made, as measured",
    "accumulate": "everything so far",
    "real": "people's works alone",
}
"""Policies that are run, the one with least human work first, in words."""
ENDS = ("synthetic", "real")
"""Those that need no share."""
DIMENSION, REPLICATES = 16, 400
"""Of the Gaussian; of it and of tags, both by sufficient statistics."""
LAW = ("variance",)
ALONE = ("variance", "drift", "effective_rank", "frechet")
"""Measures of the Gaussian, beside something else and by itself."""
TAGS = ("hill", "styles", "heterogeneity")
PICTURES = ("frechet", "recall", "tail_recall", "variance", "vendi")
MOST_TAGS = 1_000
"""Styles at most, the commonest tags."""
FEWEST_TAGS = 20
"""Tags without which they say nothing of variety."""
SHOWN, COLUMNS = 4, 12
"""Generations shown as pictures, and pictures of each."""


@dataclass(frozen=True, eq=False)
class LoopProfile:
    """What loops on one platform's supply did."""

    platform: str
    measured: Measured
    """The supply by generation."""
    divided: bool
    """Whether human and synthetic uploads are told apart; if not, only `ENDS` are run."""
    settings: LoopSection
    law: Mapping[str, Trace]
    """A Gaussian by regime."""
    works: Mapping[str, Trace]
    """Pictures or tags by regime; empty where there are neither."""
    kind: str
    """`pictures`, `tags`, or empty."""
    words: str
    """What the works are."""
    shown: Mapping[str, Mapping[int, Pictures]] = field(default_factory=dict)
    """Pictures that models made by regime and generation; empty but for pictures."""
    real: Pictures | None = None
    """Real pictures, `SHOWN` × `COLUMNS` of them."""


def loop_study(asked: Asked, outlooks: Sequence[Outlook], counts: TagCounts | None) -> LoopProfile | None:
    """Run the loops that a study's `[loop]` asks for; None where it asks for none or no platform has a supply.

    Args:
        asked: the study, opened.
        outlooks: supply by platform; the loop is run on the one that is named, else on one with shares, else any, and
            among these on the one with most uploads at hand.
        counts: the study's tags; None where it has none.

    Raises:
        InputError: the platform that is named has no supply, or the pictures cannot be used.
        MissingExtraError: model or pictures need an optional part that is not installed.
    """
    settings = asked.study.loop
    outlook = _platform(settings, outlooks) if settings.report else None
    if outlook is None:
        return None
    try:
        measured = measured_feed(outlook.paths, asked.study.supply.generation_months)
        measured = replace(measured, feed=_within(measured.feed, settings.generations))
    except InputError:
        return None  # generations longer than the history, or next to nobody uploads: nothing can be fed
    divided = outlook.paths.source != "unknown"
    link = _Link(asked, outlook.platform, measured.feed, divided, settings)
    pictures = _open(asked, settings)
    if pictures is not None:
        works, shown, real = link.of_pictures(pictures)
        law = link.run(
            "Gaussians",
            lambda policy, feed: Loop(policy=policy, dimension=DIMENSION, metrics=LAW, feed=feed),
            REPLICATES,
        )
        return LoopProfile(outlook.platform, measured, divided, settings, law, works, "pictures", pictures.words, shown,
                           real)  # fmt: skip
    p = _tag_shares(asked.panel, counts, outlook.platform)
    law = link.run(
        "Gaussians",
        lambda policy, feed: Loop(policy=policy, dimension=DIMENSION, metrics=ALONE if p is None else LAW, feed=feed),
        REPLICATES,
    )
    if p is None:
        return LoopProfile(outlook.platform, measured, divided, settings, law, {}, "", "")
    works = link.run(
        "tags", lambda policy, feed: Loop(policy=policy, model="styles", styles=p, metrics=TAGS, feed=feed), REPLICATES
    )
    words = f"the {len(p):,} commonest tags of {outlook.platform} as styles, one to a work"
    return LoopProfile(outlook.platform, measured, divided, settings, law, works, "tags", words)


Make = Callable[[str, Feed], Loop]
"""From a policy and a supply to a loop."""


@dataclass(frozen=True, eq=False)
class _Link:
    """A supply, and the regimes that are run on it."""

    asked: Asked
    platform: str
    feed: Feed
    divided: bool
    settings: LoopSection

    @property
    def regimes(self) -> tuple[str, ...]:
        return tuple(REGIMES) if self.divided else ENDS

    def run(self, named: str, make: Make, replicates: int) -> dict[str, Trace]:
        """Run every regime, each from the study's seed."""
        found = {}
        for index, policy in enumerate(self.regimes):
            self.asked.progress(f"run loops of {named}", index / len(self.regimes))
            found[policy] = simulate(self.loop(policy, make), replicates=replicates, seed=self.seed)
        return found

    @property
    def seed(self) -> int:
        return self.asked.study.study.seed

    def loop(self, policy: str, make: Make) -> Loop:
        """Give a regime's loop: where models learn from their own output alone, all works but the first are theirs."""
        feed = own_output(self.feed) if policy == "synthetic" else self.feed
        return replace(make(policy, feed), bias=self.settings.bias)

    def of_pictures(self, pictures: PictureSet) -> tuple[dict[str, Trace], dict[str, dict[int, Pictures]], Pictures]:
        """Run loops on pictures, and keep what a first run of each makes."""
        settings, rows = self.settings, pictures.rows()
        components = Components.of(rows)
        n = min(settings.n, len(rows) // 3)
        options: Mapping[str, Any] = MODEL_OPTIONS.get(settings.model, {})

        def make(policy: str, feed: Feed) -> Loop:
            return Loop(policy=policy, model=settings.model, works=components.of_works(rows), metrics=PICTURES,
                        options=options, feed=feed.resized(n))  # fmt: skip

        works = self.run("pictures", make, settings.replicates)
        chosen = shown_generations(self.feed.generations)
        shown = {}
        for index, policy in enumerate(self.regimes):
            self.asked.progress("draw what models made", index / len(self.regimes))
            made = show_generations(self.loop(policy, make), chosen, COLUMNS, seed=self.seed)
            shown[policy] = {t: as_pictures(components.works(x), pictures.shape) for t, x in made.items()}
        first = np.random.default_rng([self.seed, 11]).permutation(len(rows))[: SHOWN * COLUMNS]
        return works, shown, pictures.pictures[first]


MODEL_OPTIONS: Mapping[str, Mapping[str, Any]] = {"mixture": {"components": 20, "ridge": 0.02}}
"""As in the study of digits."""


def own_output(feed: Feed) -> Feed:
    """Give as many works a generation, all of them models' from generation 1 on."""
    human = np.where(np.arange(len(feed.total)) == 0, feed.total, 0)
    return Feed(human, feed.total - human, f"{feed.words}; all taken for models'")


def shown_generations(generations: int) -> tuple[int, ...]:
    """Choose generations to show, the first and the last among them, evenly."""
    return tuple(dict.fromkeys(np.rint(np.linspace(0, generations, SHOWN)).astype(int).tolist()))


def as_pictures(rows: npt.NDArray[np.float64], shape: tuple[int, ...]) -> Pictures:
    """Give rows of numbers from 0 to 1 as pictures; what lies beyond is cut."""
    return np.asarray(np.rint(255 * np.clip(rows, 0, 1)), np.uint8).reshape(-1, *shape)


def _platform(settings: LoopSection, outlooks: Sequence[Outlook]) -> Outlook | None:
    if settings.platform is not None:
        for outlook in outlooks:
            if outlook.platform == settings.platform:
                return outlook
        raise InputError(
            f"no supply is known of '{settings.platform}'", where="[loop] platform",
            why=f"it is known of {', '.join(o.platform for o in outlooks) or 'no platform'}",
            fix="name one of those, or leave it out",
        )  # fmt: skip
    return max(outlooks, key=lambda o: (o.paths.source != "unknown", _uploads(o)), default=None)


def _uploads(outlook: Outlook) -> float:
    known = slice(0, outlook.paths.known)
    return float(outlook.paths.human[0, :, known].sum() + outlook.paths.synthetic[0, known].sum())


def _within(feed: Feed, generations: int | None) -> Feed:
    return feed if generations is None else feed.until(min(generations, feed.generations))


def _open(asked: Asked, settings: LoopSection) -> PictureSet | None:
    if settings.pictures is None:
        return None
    return open_pictures(settings.pictures, asked.folder, seed=asked.study.study.seed, progress=asked.progress)


def _tag_shares(panel: Panel, counts: TagCounts | None, platform: str) -> npt.NDArray[np.float64] | None:
    """Give the shares of a platform's commonest tags among all its uses of these; None where there are too few."""
    if counts is None or platform not in counts.platforms:
        return None
    used = count_uses(rows_on(panel, counts, platform))
    used = np.sort(used[used > 0])[::-1][:MOST_TAGS]
    return used / used.sum() if len(used) >= FEWEST_TAGS else None
