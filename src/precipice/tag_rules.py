"""Rules for tags: which are one and the same, which say another along with them, and which say nothing of a theme."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from precipice.errors import InputError

KINDS = ("artist", "character", "copyright", "general", "lore", "meta", "species")
"""Kinds that the archive writes before a tag (`meta:highres`); a tag without one is general."""


@dataclass(frozen=True)
class TagRules:
    """Aliases, implications and stop lists, as Danbooru keeps them: names without their kind."""

    aliases: Mapping[str, str] = field(default_factory=dict)
    """A name → the name it is another word for."""
    implications: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """A name → the names it says along with itself."""
    stop: frozenset[str] = frozenset()
    """Tags left out, with or without their kind."""
    stop_kinds: frozenset[str] = frozenset({"meta"})
    """Kinds left out: `meta` says how a picture was posted, not what it shows."""

    @property
    def merges(self) -> bool:
        """Whether two tags of one upload can become the same tag."""
        return bool(self.aliases or self.implications)

    def resolve(self, tags: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Say for each tag of an archive which tags it counts as; none where it is stopped.

        An alias is followed to its end, and then every implication, and theirs.  A name that a rule gives takes the
        kind it has in the archive, where it has one, or else the kind of the tag that led to it.

        Args:
            tags: the archive's tags as it writes them, the most used first.

        Raises:
            InputError: aliases or implications run in a circle.
        """
        listed = list(tags)
        kinds: dict[str, str] = {}
        for tag in listed:
            kind, name = split_kind(tag)
            kinds.setdefault(name, kind)
        return {tag: self._counted(tag, kinds) for tag in listed}

    def _counted(self, tag: str, kinds: Mapping[str, str]) -> tuple[str, ...]:
        kind, name = split_kind(tag)
        canonical = self._canonical(name)
        names = [canonical, *self._implied(canonical)]
        whole = {tag if one == name else join_kind(kinds.get(one, kind), one) for one in names}
        return tuple(sorted(one for one in whole if not self._stopped(one)))

    def _canonical(self, name: str) -> str:
        seen = [name]
        while seen[-1] in self.aliases:
            seen.append(self.aliases[seen[-1]])
            if seen[-1] in seen[:-1]:
                raise _circle("aliases", seen)
        return seen[-1]

    def _implied(self, name: str) -> set[str]:
        found: set[str] = set()
        waiting = list(self.implications.get(name, ()))
        while waiting:
            one = self._canonical(waiting.pop())
            if one == name:
                raise _circle("implications", [name, *found, name])
            if one not in found:
                found.add(one)
                waiting += self.implications.get(one, ())
        return found

    def _stopped(self, tag: str) -> bool:
        kind, name = split_kind(tag)
        return kind in self.stop_kinds or tag in self.stop or name in self.stop


def split_kind(tag: str) -> tuple[str, str]:
    """Part a tag into its kind and its name; `general` where it has no kind."""
    kind, colon, name = tag.partition(":")
    return (kind, name) if colon and name and kind in KINDS else ("general", tag)


def join_kind(kind: str, name: str) -> str:
    """Write a tag as the archive does."""
    return name if kind == "general" else f"{kind}:{name}"


def _circle(what: str, names: Sequence[str]) -> InputError:
    return InputError(
        f"the {what} run in a circle",
        why=" → ".join(names),
        fix="take one of these lines out of the file",
    )
