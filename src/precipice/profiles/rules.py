"""Which label a platform has for works of generative models: who sets it, since when, and what its absence means.

A share of declared works means what the platform's rule makes it mean, so no share is given without its rule.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from precipice.months import month_text, parse_month

Silence = Literal["not asked", "not declared", "nothing"]
"""What an upload that says neither means.  `not asked`: the creator had no such question, and the upload is left out.
`not declared`: the label is volunteered, so an upload whose tags were read counts as not declared.  `nothing`: the
source gives no label at all, and there is no share."""


@dataclass(frozen=True)
class Rule:
    """A platform's label, in words and as what its absence means."""

    platform: str
    """Name of the platform."""
    label: str
    """What `declared_ai` was read off."""
    declared_by: str
    """Who says so."""
    since: int | None
    """First month in which the label exists (see `precipice.months`); None where that is not known."""
    silence: Silence
    """What an upload that says neither means."""
    source: str
    """Where this is from, and how far it was checked."""

    def summary(self) -> str:
        """Say it in one sentence."""
        if self.silence == "nothing":
            return f"{self.platform}: {self.label} of generative models ({self.source})"
        since = "" if self.since is None else f", since {month_text(self.since)}"
        return f"{self.platform}: {self.label}, declared by {self.declared_by}{since}"


NOTHING = "the platform says nothing"

RULES: Mapping[str, Rule] = {
    rule.platform: rule
    for rule in (
        Rule(
            "pixiv",
            "the answer to 'made with AI' when posting (illust_ai_type 2 is yes, 1 is no, 0 was never asked)",
            "the creator, of works made by AI 'in all or most of the process'",
            parse_month("2022-11"),
            "not asked",
            "pixiv.net/info.php?id=8729, 31 October 2022, which also says that older works tagged as AI-generated were "
            "marked by the platform; the codes were read off 150 recorded answers",
        ),
        Rule(
            "artstation",
            "the tag CreatedWithAI or kin, or a generator among the programs used",
            "the creator, of their own accord",
            parse_month("2023-01"),
            "not declared",
            "ArtStation's announcements of December 2022 to February 2023 as others report them; the site itself was "
            "not asked",
        ),
        Rule(
            "danbooru",
            "the tags ai-generated and ai-assisted",
            "the fans who tag, on every post; which works are taken in at all is set by the site's upload rules",
            None,
            "not asked",
            "tags of posts in the dumps; when the tags were introduced and what the rules say was not checked",
        ),
        Rule(
            "e621",
            "the tags ai_generated and ai_assisted",
            "the fans who tag, on every post; which works are taken in at all is set by the site's upload rules",
            None,
            "not asked",
            "tags of recorded posts; when the tags were introduced and what the rules say was not checked",
        ),
        Rule(
            "deviantart",
            NOTHING + " in its interface for programs; the label 'Created with AI tools' stands on its pages only",
            "nobody in these records",
            None,
            "nothing",
            "answers of the OAuth interface as recorded; deviantartsupport.com on labels: required of creators since "
            "June 2023, set by the site where a file's metadata say so",
        ),
        Rule("openmoji", NOTHING, "nobody", None, "nothing", "openmoji.json has no such field"),
        Rule("foundation", NOTHING, "nobody", None, "nothing", "the data set has no such field"),
    )
}
"""Every platform whose rule is known."""


def rule_of(platform: str, *, says_something: bool) -> Rule:
    """Give a platform's rule; for one that is not known, what its records say of themselves.

    Args:
        platform: name of the platform.
        says_something: whether any of its uploads declares or denies.
    """
    known = RULES.get(platform)
    if known is not None and (known.silence != "nothing" or not says_something):
        return known
    if says_something:
        return Rule(platform, "the column declared_ai of a table", "whoever made the table", None, "not asked",
                    "the table; what its makers meant is not known here")  # fmt: skip
    return Rule(platform, NOTHING, "nobody", None, "nothing", "none of its records declares or denies")
