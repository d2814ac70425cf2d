"""Every family passes one contract; each finds its own samples and keeps no word of a prompt."""

import io
import json
import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precipice.marks import FAMILIES, FIELDS, FileMarks
from precipice.marks.families import OpenedFile
from precipice.marks.pieces import Carried, Piece
from tests.unit.marks.conftest import Read
from tests.unit.marks.pictures import (
    COMPOSITE,
    JOB,
    PARAMETERS,
    SAMPLES,
    SECRET,
    TRAINED,
    created,
    international,
    jpeg,
    mining,
    png,
    signed,
    text,
    xmp,
)

DRAWN = TRAINED.replace("trainedAlgorithmicMedia", "digitalCreation")
EVERY = [(family, content) for family, contents in SAMPLES.items() for content in contents]
IDS = [f"{family}-{index}" for family, contents in SAMPLES.items() for index in range(len(contents))]
KEYWORDS = sorted(
    {"parameters", "UserComment", "comment", "ImageDescription", "prompt", "workflow", "Make", "Model", "Dream",
     "invokeai_metadata", "sd-metadata", "invokeai_graph", "Software", "Source", "Description", "Author"}
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["nodes", "class_type", "inputs", "ckpt_name", "base_model", "sharpness",
                                       "model", "app_version", "model_hash", "links", "x"]), inner, max_size=5),
    max_leaves=12,
)  # fmt: skip
WORDS = st.text(max_size=200) | VALUES.map(json.dumps) | st.just(PARAMETERS)


def everything(record: FileMarks) -> str:
    return json.dumps(record.as_dict()) + json.dumps(record.row())


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_finds_nothing_where_there_is_nothing(family: str) -> None:
    for kind in ("png", "jpeg", "webp", "gif"):
        assert FAMILIES[family](OpenedFile(io.BytesIO(), Carried(kind))) is None


@pytest.mark.parametrize("family", FAMILIES)
@given(st.lists(st.tuples(st.sampled_from(KEYWORDS), WORDS), max_size=4), st.binary(max_size=100))
@settings(max_examples=40, deadline=None)
def test_a_family_answers_whatever_the_texts_are(family: str, texts: list[tuple[str, str]], other: bytes) -> None:
    carried = Carried("png").take(Piece("text", f"PNG tEXt {name}", name, words) for name, words in texts)
    carried.take([Piece("xmp", "x", content=other), Piece("jumbf", "x", content=other)])
    mark = FAMILIES[family](OpenedFile(io.BytesIO(other), carried))
    if mark is not None:
        assert mark.family == family
        assert mark.where
        assert set(mark.fields) <= set(FIELDS)
        assert all(value and value.isprintable() for value in mark.fields.values())


@pytest.mark.parametrize(("family", "content"), EVERY, ids=IDS)
def test_a_sample_is_found_by_its_family_alone(family: str, content: bytes, read: Read) -> None:
    record = read(content)
    assert record.answer == "marks found"
    assert [mark.family for mark in record.marks if mark.family != "c2pa"] == [family]
    assert record.model_use == "whole"


@pytest.mark.parametrize(("family", "content"), EVERY, ids=IDS)
def test_no_word_of_a_prompt_is_kept(family: str, content: bytes, read: Read) -> None:
    kept = everything(read(content))
    for word in ("portrait", "Jane", "Roe", "12 Elm", "Street"):
        assert word in SECRET
        assert word not in kept


def test_model_hash_and_version_are_kept(read: Read) -> None:
    (mark,) = read(png(text("parameters", PARAMETERS))).marks
    assert mark.fields == {"software": "AUTOMATIC1111 or a fork", "version": "v1.9.4", "model": "myModel_v1",
                           "model_hash": "abcdef1234"}  # fmt: skip
    (mark,) = read(png(text("Description", JOB))).marks
    assert mark.fields == {"software": "Midjourney", "version": "6"}


def test_a_field_is_one_short_line_of_printable_letters(read: Read) -> None:
    wild = PARAMETERS.replace("myModel_v1", "a\u202eb\x1b[2Jc\x07" + "x" * 500)
    (mark,) = read(png(text("parameters", wild))).marks
    assert mark.fields["model"].startswith("a b [2Jc")
    assert len(mark.fields["model"]) == 120


def test_a_models_name_loses_its_folders(read: Read) -> None:
    own = json.dumps({"1": {"class_type": "x", "inputs": {"ckpt_name": "C:\\Users\\jane\\sd/model.ckpt"}}})
    (mark,) = read(png(text("prompt", own))).marks
    assert mark.fields["model"] == "model.ckpt"


def test_words_about_steps_are_no_settings(read: Read) -> None:
    assert read(png(text("Description", "Steps: 3, then rest. Job ID: 7"))).answer == "no mark found"
    assert read(png(text("Author", "a friend of OpenAIR"))).answer == "no mark found"


@pytest.mark.parametrize(
    ("source", "use"),
    [
        (TRAINED, "whole"),
        (COMPOSITE, "part"),
        (TRAINED.replace("trainedA", "a"), "not said"),
        ("http://x/y", "not said"),
    ],
)
def test_iptc_states_the_source_as_attribute_or_element(source: str, use: str, read: Read) -> None:
    attribute = xmp(Iptc4xmpExt_DigitalSourceType=source)
    element = attribute.replace(
        f'Iptc4xmpExt:DigitalSourceType="{source}"/>'.encode(),
        f"><Iptc4xmpExt:DigitalSourceType>{source}</Iptc4xmpExt:DigitalSourceType></rdf:Description>".encode(),
    )
    assert element != attribute
    for packet in (attribute, element):
        record = read(jpeg((0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet)))
        assert record.model_use == use
        assert record.source_types[0] in source.rpartition("/")[2] or record.source_types == ("other",)


def test_a_picture_may_forbid_training_in_xmp(read: Read) -> None:
    packet = xmp(plus_DataMining="http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-GENAIMLTRAINING")
    record = read(png(international("XML:com.adobe.xmp", packet)))
    assert (record.training, record.model_use) == ("not allowed", "not said")


def test_xmp_that_declares_entities_is_passed_over(read: Read) -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;&b;&b;">]>' + xmp(xmp_CreatorTool="&c;")
    record = read(png(international("XML:com.adobe.xmp", bomb)))
    assert record.answer == "no mark found"
    assert any("XMP" in note for note in record.notes)


def test_a_signed_manifest_is_valid_and_names_source_and_software(read: Read) -> None:
    for kind in ("PNG", "JPEG", "WEBP"):
        record = read(signed(created(TRAINED, softwareAgent={"name": "Painter 2"}), kind=kind))
        assert (record.c2pa, record.model_use) == ("valid", "whole"), kind
        (mark,) = record.marks
        assert mark.fields == {"software": "Test Painter; Painter 2", "actions": "c2pa.created"}
        assert SECRET not in everything(record)


def test_a_composite_is_part_and_so_is_a_made_ingredient(read: Read) -> None:
    assert read(signed(created(COMPOSITE))).model_use == "part"
    record = read(signed(created(DRAWN), ingredient=signed(created(TRAINED))))
    assert (record.source_types, record.model_use) == (("digitalCreation",), "part")
    assert record.marks[0].part_source_types == ("trainedAlgorithmicMedia",)


def test_a_changed_picture_makes_its_manifest_invalid(read: Read) -> None:
    content = signed(created(TRAINED))
    place = content.index(b"IDAT") + 8
    record = read(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
    assert record.c2pa == "invalid"
    assert "assertion.dataHash.mismatch" in record.marks[0].fields["reason"]


@pytest.mark.parametrize(
    ("use", "said"), [("notAllowed", "not allowed"), ("constrained", "constrained"), ("allowed", "allowed")]
)
def test_the_strictest_word_on_training_counts(use: str, said: str, read: Read) -> None:
    record = read(signed(created(DRAWN), mining(use)))
    assert (record.training, record.model_use) == (said, "not said")


def test_a_remote_manifest_is_reported_and_not_fetched(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        packet = xmp(dcterms_provenance=f"http://127.0.0.1:{server.getsockname()[1]}/manifest")
        content = jpeg((0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet))
        assert read(content).c2pa == "remote"
        with pytest.raises(BlockingIOError):  # nobody called
            server.accept()
    monkeypatch.setattr("precipice.marks.families.c2pa._reader", lambda: None)
    assert read(content).c2pa == "remote"


def test_without_the_reader_a_manifest_is_unchecked(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("precipice.marks.families.c2pa._reader", lambda: None)
    record = read(signed(created(TRAINED), software="ChatGPT"))
    assert record.c2pa == "unchecked"
    assert record.generators == ("dalle",)
    assert read(png()).c2pa == "absent"


def test_an_artists_own_manifest_may_name_openai(read: Read) -> None:
    record = read(signed(created(DRAWN), mining("notAllowed"), software="No OpenAI please"))
    assert (record.generators, record.training) == ((), "not allowed")
