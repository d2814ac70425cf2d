"""What creators upload and say: profiles of cohorts beyond how many uploads there are.

Declared AI, opting out and words in tags: `precipice.profiles.labels`, `shares`, `correction`, `adoption`, `onset`.
"""

from precipice.profiles.adoption import Adoption, follow_adoption
from precipice.profiles.correction import Accuracy, correct, correct_draws
from precipice.profiles.labels import Labels, label
from precipice.profiles.onset import Onset, study_onset
from precipice.profiles.rules import RULES, Rule
from precipice.profiles.shares import Share, measure_shares
from precipice.profiles.words import MARKS, Mark

__all__ = [
    "MARKS",
    "RULES",
    "Accuracy",
    "Adoption",
    "Labels",
    "Mark",
    "Onset",
    "Rule",
    "Share",
    "correct",
    "correct_draws",
    "follow_adoption",
    "label",
    "measure_shares",
    "study_onset",
]
