"""What an event did beyond ordinary attrition, with placebo cutoffs as the yardstick.

`estimate` asks every method about one event on every platform of a panel; `judge` draws four rows and one sentence from
the answers; `measure_power` says what the panel could have seen.  `follow`, `specify` and `survive` give what is drawn
beside them: paths around the event, the answer under other choices, who stayed.
"""

from precipice.corrections import benjamini_hochberg, holm
from precipice.effects.asking import METHODS, Question
from precipice.effects.case import Span
from precipice.effects.effect import Effect, Placebo, Status, table
from precipice.effects.estimation import case_for, estimate
from precipice.effects.multiplicity import adjust
from precipice.effects.naive import Naive, read_naively
from precipice.effects.outcomes import TRIM
from precipice.effects.paths import Paths, follow
from precipice.effects.plain import from_panel
from precipice.effects.power import Power, from_assumptions, measure_power
from precipice.effects.specification import Choices, Specification, Specifications, specify
from precipice.effects.survival import Curve, Survival, survive
from precipice.effects.verdict import CONCLUSIONS, HEADLINE, Row, Verdict, judge
from precipice.effects.words import OUTCOME_WORDS

__all__ = [
    "CONCLUSIONS",
    "HEADLINE",
    "METHODS",
    "OUTCOME_WORDS",
    "TRIM",
    "Choices",
    "Curve",
    "Effect",
    "Naive",
    "Paths",
    "Placebo",
    "Power",
    "Question",
    "Row",
    "Span",
    "Specification",
    "Specifications",
    "Status",
    "Survival",
    "Verdict",
    "adjust",
    "benjamini_hochberg",
    "case_for",
    "estimate",
    "follow",
    "from_assumptions",
    "from_panel",
    "holm",
    "judge",
    "measure_power",
    "read_naively",
    "specify",
    "survive",
    "table",
]
