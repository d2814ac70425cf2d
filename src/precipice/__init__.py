"""Do artists stop sharing their work? Upload records in; panel, cohorts, effects and a report out.

    import precipice as pc

    pc.init("study", example="openmoji")
    panel = pc.reduce("study")
    for series in pc.count(panel, pc.draw(panel, cutoff="2022-01"), cap=1):
        print(series.summary())

Names are imported when they are first used, so that `import precipice` costs next to nothing.
"""

from typing import TYPE_CHECKING

from precipice.on_demand import on_demand

if TYPE_CHECKING:
    from precipice.archive import Source
    from precipice.cohorts import Cohort, Draw, draw, meets, sample
    from precipice.effects import Effect, Naive, Verdict, estimate, from_panel, judge, read_naively
    from precipice.errors import PrecipiceError
    from precipice.frames import frame
    from precipice.loops import Feed, Loop, Trace, simulate
    from precipice.marks import FileMarks, MarksFound, read_marks, write_marks
    from precipice.panel import Panel, panel_of
    from precipice.population import WORLDS, Population, populate
    from precipice.records import EVENTS, Event, Upload
    from precipice.replicates import gini, median, replicate
    from precipice.series import Retention, Series, count, covariance, retain
    from precipice.study import Findings, Study
    from precipice.study.collecting import Collected
    from precipice.study.profiling import Profile
    from precipice.study.profiling.own_files import OwnFiles
    from precipice.study.supplying import Wanted
    from precipice.supply import Outlook
    from precipice.verbs import (
        Written,
        collect,
        export,
        feed_of,
        forecast,
        ingest,
        init,
        profile,
        reduce,
        refresh,
        run,
        write_report,
    )
    from precipice.version import VERSION as __version__  # noqa: N811  the name that Python tools look for

PLACES = {
    "precipice.archive": ("Source",),
    "precipice.cohorts": ("Cohort", "Draw", "draw", "meets", "sample"),
    "precipice.effects": ("Effect", "Naive", "Verdict", "estimate", "from_panel", "judge", "read_naively"),
    "precipice.errors": ("PrecipiceError",),
    "precipice.frames": ("frame",),
    "precipice.loops": ("Feed", "Loop", "Trace", "simulate"),
    "precipice.marks": ("FileMarks", "MarksFound", "read_marks", "write_marks"),
    "precipice.panel": ("Panel", "panel_of"),
    "precipice.population": ("WORLDS", "Population", "populate"),
    "precipice.records": ("EVENTS", "Event", "Upload"),
    "precipice.replicates": ("gini", "median", "replicate"),
    "precipice.series": ("Retention", "Series", "count", "covariance", "retain"),
    "precipice.study": ("Findings", "Study"),
    "precipice.study.collecting": ("Collected",),
    "precipice.study.profiling.own_files": ("OwnFiles",),
    "precipice.study.profiling": ("Profile",),
    "precipice.study.supplying": ("Wanted",),
    "precipice.supply": ("Outlook",),
    "precipice.verbs": (
        "Written",
        "collect",
        "feed_of",
        "export",
        "forecast",
        "ingest",
        "init",
        "profile",
        "reduce",
        "refresh",
        "run",
        "write_report",
    ),
}
HOME = {name: place for place, names in PLACES.items() for name in names}
_named = on_demand(__name__, PLACES)

__all__ = [
    "EVENTS", "WORLDS", "Cohort", "Collected", "Draw", "Effect", "Event", "Feed", "FileMarks", "Findings", "Loop",
    "MarksFound", "Naive", "Outlook", "OwnFiles", "Panel", "Population", "PrecipiceError", "Profile", "Retention",
    "Series", "Source", "Study", "Trace", "Upload", "Verdict", "Wanted", "Written", "__version__", "collect", "count",
    "covariance", "draw", "estimate", "export", "feed_of", "forecast", "frame", "from_panel", "gini", "ingest", "init",
    "judge", "median", "meets", "panel_of", "populate", "profile", "read_marks", "read_naively", "reduce", "refresh",
    "replicate", "retain", "run", "sample", "simulate", "write_marks", "write_report",
]  # fmt: skip


def __getattr__(name: str) -> object:
    if name == "__version__":
        from precipice.version import VERSION

        return VERSION
    return _named(name)


def __dir__() -> list[str]:
    return sorted(__all__)
