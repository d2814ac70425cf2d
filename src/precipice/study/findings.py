"""Findings: everything one study found, and how."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from precipice.archive import Source
from precipice.cohorts import Draw
from precipice.display import Plot, Shown, Together
from precipice.effects import Effect, Verdict
from precipice.panel import Panel
from precipice.records import Event
from precipice.series import Retention, Series
from precipice.study.illustrating import Beside
from precipice.study.looping import LoopProfile
from precipice.study.profiling.ai import AiProfile
from precipice.study.profiling.diversity import DiversityProfile
from precipice.study.profiling.own_files import FilesProfile
from precipice.study.profiling.themes import ThemesProfile
from precipice.study.settings import Study
from precipice.supply import Outlook

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, eq=False)
class Findings(Shown):
    """All results of one study with the record of its run; what the report renders."""

    plot = Plot("month", "capped", "capped_low", "capped_high", by="cohort", where="can_exist", rows="platform")

    study: Study
    """The settings, checked."""
    panel: Panel
    """Creators and their uploads by month."""
    start: int
    """First month shown, as in `precipice.months`."""
    end: int
    """Last month shown."""
    events: tuple[Event, ...]
    """Events that every figure carries."""
    overall: tuple[Series, ...]
    """All creators, a series for each platform."""
    cohorts: tuple[Series, ...]
    """Seniors and juniors, two series for each platform (cohort names `senior`, `junior`)."""
    retention: tuple[Retention, ...]
    """Share still active by entry year and months since the first upload."""
    sources: tuple[Source, ...]
    """What was read, kept and dropped, an entry for each ingest; empty for a simulated population."""
    effects: tuple[Effect, ...] = ()
    """What the events did beyond ordinary attrition, by every method that can be asked."""
    verdicts: tuple[Verdict, ...] = ()
    """Four rows and a sentence for each platform and event."""
    beside: Beside = field(default_factory=Beside)
    """What is drawn beside the effects: paths, other choices, naive readings, who stayed."""
    themes: ThemesProfile | None = None
    """Tags whose use changed at the events; None where the archive has no tags."""
    diversity: DiversityProfile | None = None
    """Effective numbers of tags, the top tag and concentration by cohort and year; None without tags."""
    draw: Draw | None = None
    """The random sample, if one was drawn."""
    collection: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """For each site that was collected from, as in the archive's manifest: how its frame became a sample."""
    simulated: str | None = None
    """The planted truth in words where the population is simulated; every figure says so."""
    ai: AiProfile | None = None
    """What uploads declare about generative models; None for a simulated population, whose uploads say nothing."""
    outlooks: tuple[Outlook, ...] = ()
    """Supply and runways, one a platform that has them."""
    no_outlook: Mapping[str, str] = field(default_factory=dict)
    """For each other platform why it has none."""
    loop: LoopProfile | None = None
    """What loops of small models did on one platform's supply; None where there is none, or none was asked for."""
    own: FilesProfile | None = None
    """What the user's own files carry and show; None where no folder of files was named."""
    run: Mapping[str, Any] = field(default_factory=dict)
    """The run record: argv, versions, seed, inputs with their hashes, times."""

    def summary(self) -> str:
        """Say what events did, then what cohorts hold; `precipice.report.answer` says it as the page does."""
        simulated = (f"SIMULATED: nothing here is measured. {self.simulated}",) if self.simulated else ()
        told = [verdict.sentence for verdict in self.verdicts] or ["No effect of an event was estimated."]
        return "\n".join([*simulated, *told, *(series.summary() for series in self.cohorts)])

    def table(self) -> "pa.Table":
        """Give the cohorts' series under each other, as counted: nothing is withheld here."""
        return Together(self.cohorts).table()
