"""One text for one value, so that a digest speaks of the value."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.canonical import canonical_json, sha256

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


@pytest.mark.parametrize("number", ["nan", "inf", "-inf"])
def test_what_json_cannot_say_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json(float(number))


def test_a_digest_is_what_sha256sum_prints() -> None:
    assert sha256(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert sha256(b"hello\n") == "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"
