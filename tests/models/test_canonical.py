"""One text for one value, so that a digest speaks of the value."""

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.canonical import canonical_json, canonical_json_of_results, sha256

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abж"), inner, max_size=4),
    max_leaves=10,
)


def test_keys_are_sorted_nothing_is_spaced_and_text_stays_as_it_is() -> None:
    assert canonical_json({"b": [1, {"z": None, "a": True}], "a": 'ж"\n'}) == (
        '{"a":"ж\\"\\n","b":[1,{"a":true,"z":null}]}\n'.encode()
    )


def test_the_order_in_which_a_value_was_made_leaves_no_trace() -> None:
    assert canonical_json({"a": 1, "b": 2}) == canonical_json({"b": 2, "a": 1})
    assert canonical_json([1, 2]) != canonical_json([2, 1])


@given(values)
def test_a_value_reads_back_as_itself_from_one_line(value: object) -> None:
    text = canonical_json(value)
    assert json.loads(text) == value
    assert text.count(b"\n") == 1
    assert canonical_json(json.loads(text)) == text


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**80), 2**80)
        | st.sampled_from([2**63 - 1, 2**63, 2**64 - 1, 2**64, -(2**63), -(2**63) - 1])
        | st.text(st.characters(exclude_categories=["Cs"]))
        | st.sampled_from(["\u2028", "\x7f", "\x00\x01\x1f", "\U0001f600", "/", "\\", "\ufeff", "\ue000\uffff"]),
        lambda inner: st.lists(inner, max_size=4) | st.tuples(inner) | st.dictionaries(st.text(), inner, max_size=4),
        max_leaves=20,
    )
)
def test_the_fast_way_of_writing_writes_what_the_plain_one_writes(value: object) -> None:
    plain = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"
    assert canonical_json(value) == canonical_json_of_results(value) == plain.encode()


class Code(str):
    """A text that is more than a text."""


def test_what_the_fast_way_does_not_know_is_written_or_refused_as_before() -> None:
    assert canonical_json({1: Code("a"), 2: 2**200}) == b'{"1":"a","2":%d}\n' % 2**200
    for unknown in (date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC), object(), {1, 2}, b"bytes"):
        with pytest.raises(TypeError):
            canonical_json({"of": unknown})
    with pytest.raises(UnicodeEncodeError):
        canonical_json("half a character: \ud800")


@pytest.mark.parametrize("number", ["nan", "inf", "-inf"])
def test_what_json_cannot_say_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json_of_results({"share": float(number)})


def test_a_digest_is_what_sha256sum_prints() -> None:
    assert sha256(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert sha256(b"hello\n") == "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"
