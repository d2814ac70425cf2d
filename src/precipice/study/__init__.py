"""A study: a TOML file in, findings out; the only place where stages meet.

Names are imported when they are first used: counting cohorts needs neither loops nor effects.
"""

from typing import TYPE_CHECKING

from precipice.on_demand import on_demand

if TYPE_CHECKING:
    from precipice.study.doors import KINDS, take_in
    from precipice.study.events import find_events
    from precipice.study.findings import Findings
    from precipice.study.opening import open_panel
    from precipice.study.running import run
    from precipice.study.settings import Study, read_study
else:
    __getattr__ = on_demand(__name__, {
        "precipice.study.doors": ("KINDS", "take_in"),
        "precipice.study.events": ("find_events",),
        "precipice.study.findings": ("Findings",),
        "precipice.study.opening": ("open_panel",),
        "precipice.study.running": ("run",),
        "precipice.study.settings": ("Study", "read_study"),
    })  # fmt: skip

__all__ = ["KINDS", "Findings", "Study", "find_events", "open_panel", "read_study", "run", "take_in"]
