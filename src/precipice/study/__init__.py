"""A study: a TOML file in, findings out; the only place where stages meet."""

from precipice.study.doors import KINDS, take_in
from precipice.study.events import find_events
from precipice.study.findings import Findings
from precipice.study.opening import open_panel
from precipice.study.running import run
from precipice.study.settings import Study, read_study

__all__ = ["KINDS", "Findings", "Study", "find_events", "open_panel", "read_study", "run", "take_in"]
