"""Whether everything of an artist was served: what gallery-dl, its log and the platform's own total say must agree."""

from dataclasses import dataclass
from typing import Literal

from precipice.sources.collection.protocol import Result

State = Literal["screened", "begun", "complete", "partial", "gone", "refused"]
FINISHED: frozenset[State] = frozenset({"complete", "partial", "gone"})


@dataclass(frozen=True)
class Judged:
    """A state, and why where it is none of the best."""

    state: State
    why: str = ""


def judge(result: Result, before: int = 0, *, was_there: bool = False) -> Judged:
    """Judge a result.

    Args:
        result: what a worker says came of an artist.
        before: posts that had come before the place where it went on.
        was_there: whether posts of the artist came in an earlier try or run.

    Returns:
        `complete` where the listing came to its end, gallery-dl ended well, no request failed for good, its log holds
        no error, and as many posts were served as the platform states, deleted ones counted or not (an update has
        compared before it stopped); `gone` where the
        platform knows no such artist and never served a post; else `partial` with every reason.
    """
    seen = before + result.seen
    if result.gone and not seen and was_there:
        return Judged("partial", "removed or renamed since some of the posts were served")
    if result.gone and not seen:
        return Judged("gone", "the platform knows no such artist")
    reasons = list(result.failures)
    if result.gone:
        reasons.append("the artist was removed or renamed half-way")
    if result.errors and not reasons:
        reasons.append(f"gallery-dl logged an error: {result.errors[0]}")
    if result.exit and not reasons:
        reasons.append(f"gallery-dl ended with status {result.exit}")
    if not result.reached_end and not reasons:
        reasons.append("the listing did not come to its end")
    if result.stated is None:
        reasons.append("the platform stated no total")
    elif not result.updated and result.stated not in (seen, seen - result.deleted):
        reasons.append(f"{seen} posts were served and {result.stated} are stated")
    return Judged("partial", "; ".join(dict.fromkeys(reasons))) if reasons else Judged("complete")
