"""Lapse hazards: S1 and S2 read on lapses instead of uploads.

A lapse is an upload followed by six silent months, dated at the upload; the months at risk are the months with an
upload.  Exit is never "last seen", which depends on when one stopped looking.  A rise is bad news here.
"""

from precipice.effects import gap, incumbents
from precipice.effects.case import Case, Measured
from precipice.effects.outcomes import OutcomeName


def measure(case: Case, outcome: OutcomeName = "lapse") -> Measured:
    """Measure the incumbents' change in the hazard of a lapse."""
    return incumbents.measure(case, outcome)


def measure_gap(case: Case, outcome: OutcomeName = "lapse") -> Measured:
    """Measure the hazard of incumbents against that of newcomers in the same months."""
    return gap.measure(case, outcome)
