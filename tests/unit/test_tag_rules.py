"""Rules for tags: aliases, implications, stop lists."""

import pytest

from precipice.errors import InputError
from precipice.tag_rules import TagRules


def test_an_alias_is_followed_to_its_end_and_then_every_implication() -> None:
    rules = TagRules(
        aliases={"kitty": "kitten", "kitten": "cat", "feline": "cat_family"},
        implications={"cat": ("feline", "pet"), "pet": ("animal",)},
    )
    assert rules.resolve(["kitty", "dog"]) == {
        "kitty": ("animal", "cat", "cat_family", "pet"),
        "dog": ("dog",),
    }


def test_a_name_takes_the_kind_it_has_in_the_archive_else_the_kind_of_its_tag() -> None:
    rules = TagRules(
        aliases={"miku": "hatsune_miku"},
        implications={"hatsune_miku": ("vocaloid", "singer")},
    )
    found = rules.resolve(["copyright:vocaloid", "character:miku"])
    assert found["character:miku"] == ("character:hatsune_miku", "character:singer", "copyright:vocaloid")


def test_a_colon_that_parts_no_kind_belongs_to_the_name() -> None:
    rules = TagRules(aliases={"fate:zero": "fate/zero"})
    assert rules.resolve(["fate:zero", ":d", "meta:"]) == {
        "fate:zero": ("fate/zero",),
        ":d": (":d",),
        "meta:": ("meta:",),
    }


def test_stopped_kinds_and_tags_count_nowhere_and_what_they_imply_still_does() -> None:
    rules = TagRules(implications={"red_cat": ("cat",)}, stop=frozenset({"red_cat", "character:ann"}))
    found = rules.resolve(["meta:highres", "red_cat", "character:ann", "ann"])
    assert found == {"meta:highres": (), "red_cat": ("cat",), "character:ann": (), "ann": ("ann",)}


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (TagRules(aliases={"a": "b", "b": "a"}), "aliases run in a circle"),
        (TagRules(implications={"a": ("b",), "b": ("a",)}), "implications run in a circle"),
    ],
)
def test_a_circle_is_named(rules: TagRules, words: str) -> None:
    with pytest.raises(InputError, match=words) as refused:
        rules.resolve(["a"])
    assert "a → b → a" in refused.value.why


def test_only_merging_rules_merge() -> None:
    assert not TagRules(stop=frozenset({"a"})).merges
    assert TagRules(aliases={"a": "b"}).merges
