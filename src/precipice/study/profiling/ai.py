"""The section `ai`: declared AI, opting out, words in tags, adoption, and the onset of declaring."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from precipice.archive import read_labels
from precipice.cohorts import everyone
from precipice.display import Plot, Shown
from precipice.profiles import (
    MARKS,
    Accuracy,
    Adoption,
    Labels,
    Onset,
    Rule,
    Share,
    follow_adoption,
    label,
    measure_shares,
    study_onset,
)
from precipice.profiles.correction import paired, parse_accuracy
from precipice.profiles.words import word_lists
from precipice.study.opening import ARCHIVE, limits_of
from precipice.study.profiling.asked import Asked

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN = ("platform", "cohort", "measure", "uploads", "asked", "said", "unsaid", "creators", "share", "low", "high")
CORRECTION = ("corrected", "corrected_low", "corrected_high")
TITLES = "Words are looked for in tags alone: titles and captions are not in the archive."


@dataclass(frozen=True, eq=False)
class AiProfile(Shown):
    """What the uploads of a study declare, by cohort and month."""

    plot = Plot("month", "share", "low", "high", by="cohort", rows="measure")

    labels: Labels
    """The counts that everything here is of."""
    declared: tuple[Share, ...]
    """Declared AI: for each platform seniors, juniors and all."""
    opted_out: tuple[Share, ...]
    """Opted out of training, the same way."""
    mentions: tuple[Share, ...]
    """Tags that mention a mark, the same way, one mark after the other."""
    adoption: tuple[Adoption, ...]
    """Creators who ever declared, by month and by tenure."""
    onsets: tuple[Onset, ...]
    """Uploads around the first declared one, of all creators of each platform."""

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The label of each platform."""
        return self.labels.rules

    @property
    def says_nothing(self) -> bool:
        """Whether no platform of the study has a label."""
        return all(share.says_nothing for share in self.declared)

    def rows(self) -> Iterator[Mapping[str, object]]:
        """Give a row for each share over all months; of opting out and words only those of which anything is said."""
        for share in self._telling():
            told = share.as_dict()
            yield _same_columns({name: told[name] for name in SHOWN}, told, self.declared)

    def monthly_rows(self) -> Iterator[Mapping[str, object]]:
        """Give a row for each of these shares and each month with uploads."""
        for share in self._telling():
            yield from (_same_columns(row, row, self.declared) for row in share.rows() if row["uploads"])

    def table(self) -> "pa.Table":
        """Give the shares by month as a table."""
        import pyarrow as pa

        return pa.Table.from_pylist([dict(row) for row in self.monthly_rows()])

    def _telling(self) -> Iterator[Share]:
        yield from self.declared
        yield from (share for share in self.opted_out if not share.says_nothing)
        yield from (share for share in self.mentions if share.whole.y[0] > 0)

    def as_dict(self) -> dict[str, Any]:
        """Give shares over all months and by month, rules, adoption, onsets and the tags that were taken for marks."""
        return {
            "rules": [{"platform": r.platform, "label": r.label, "declared_by": r.declared_by, "silence": r.silence,
                       "source": r.source} for r in self.rules],
            "shares": [share.as_dict() for share in (*self.declared, *self.opted_out, *self.mentions)],
            "months": list(self.monthly_rows()),
            "adoption": [row for curve in self.adoption for row in curve.rows()],
            "onset": [onset.as_dict() | {"months": list(onset.rows())} for onset in self.onsets],
            "tags": {mark: {"taken": list(tags), "may_mean": MARKS[mark].may_mean}
                     for mark, tags in self.labels.spellings.items()},
            "not_searched": TITLES,
        }  # fmt: skip

    def summary(self) -> str:
        """Say what is declared and by which rule, then what is mentioned, a platform and cohort a line."""
        lines = [f"{rule.summary()}." for rule in self.rules]
        lines += [share.summary() for share in self._telling()]
        lines += [curve.summary() for curve in self.adoption if curve.by == "month" and len(curve.at)]
        lines += [onset.summary() for onset in self.onsets if onset.adopters]
        lines.append(TITLES)
        return "\n".join(dict.fromkeys(lines))


def profile_ai(asked: Asked) -> AiProfile:
    """Profile what uploads declare about generative models.

    The options `sensitivity` and `specificity` (`Accuracy`, both or none) correct the declared share; where none is
    given, those of the study's file do, if it has them.

    Raises:
        InputError: one of the two is given without the other, or the label says nothing by them.
    """
    sensitivity, specificity = _accuracy(asked) or (None, None)
    labels = open_labels(asked)
    cohorts = (*asked.cohorts, *everyone(asked.panel))
    rng = np.random.default_rng(asked.study.study.seed)
    asked.progress("measure shares by cohort and month", None)
    declared = measure_shares(labels, cohorts, sensitivity=sensitivity, specificity=specificity, rng=rng)
    mentions = [share for mark in MARKS for share in measure_shares(labels, cohorts, mark)]
    asked.progress("follow creators to their first declared upload", None)
    onsets = [study_onset(labels, cohorts[-1], platform) for platform in asked.panel.platforms]
    return AiProfile(
        labels, declared, measure_shares(labels, cohorts, "opted_out"), tuple(mentions),
        follow_adoption(labels, cohorts), tuple(onsets),
    )  # fmt: skip


def open_labels(asked: Asked) -> Labels:
    """Count what the uploads of a study's archive declare, in the cells of its panel."""
    asked.progress("count what uploads declare and mention", None)
    study = asked.study
    cells = read_labels(
        asked.folder / ARCHIVE, word_lists(), clock=study.study.clock, limits=limits_of(study, asked.folder)
    )
    return label(asked.panel, cells)


def _accuracy(asked: Asked) -> tuple[Accuracy, Accuracy] | None:
    given = paired(asked.options.get("sensitivity"), asked.options.get("specificity"))
    if given is not None:
        return given
    written = (asked.study.supply.sensitivity, asked.study.supply.specificity)
    se, sp = (None if text is None else parse_accuracy(text, where="[supply]") for text in written)
    return paired(se, sp)


def _same_columns(
    shown: Mapping[str, object], told: Mapping[str, object], declared: tuple[Share, ...]
) -> dict[str, object]:
    """Let rows of measures that are not corrected have the columns of those that are."""
    if any(share.corrected is not None for share in declared):
        return {**shown, **{name: told.get(name) for name in CORRECTION}}
    return dict(shown)
