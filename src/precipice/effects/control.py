"""Control difference: S1 on this platform less S1 on a control platform, cutoff by cutoff.

What moved both platforms at once drops out, at the event and at every placebo cutoff.
"""

import numpy as np

from precipice.effects import incumbents
from precipice.effects.case import Case, Measured
from precipice.effects.outcomes import OutcomeName
from precipice.errors import InputError


def measure(case: Case, outcome: OutcomeName = "capped") -> Measured:
    """Measure the difference at the event and at every placebo cutoff that both platforms have.

    Raises:
        InputError: no control platform was named.
    """
    if case.control is None:
        raise InputError(
            "the control difference needs a control platform",
            why="none was named",
            fix="name a platform that the event should not have touched, or leave the method out",
        )
    here, there = incumbents.measure(case, outcome), incumbents.measure(case.control, outcome)
    cutoffs, mine, theirs = np.intersect1d(here.cutoffs, there.cutoffs, return_indices=True)
    return Measured(
        estimate=here.estimate - there.estimate,
        se=float(np.hypot(here.se, there.se)),
        n_creators=here.n_creators + there.n_creators,
        cutoffs=cutoffs,
        estimates=here.estimates[mine] - there.estimates[theirs],
        errors=np.hypot(here.errors[mine], there.errors[theirs]),
        kernel=here.kernel,
        largest=None if here.largest is None or there.largest is None else max(here.largest, there.largest),
        after=here.after,
        n_tried=here.n_tried,
    )  # fmt: skip
