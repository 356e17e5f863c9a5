"""A summary adds up from the balance before to the balance after, or it is none."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.canonical import canonical_json
from models.summary import NAMED, NAMED_LATER, EntryKind, Summary, SummaryEntry
from tests.templates.pieces import summary

amounts = st.integers(-(10**12), 10**12)


def made(*entries: tuple[str, int]) -> Summary:
    return Summary(
        entries=tuple(SummaryEntry(kind=EntryKind(kind), amount_minor=minor, cites=()) for kind, minor in entries),
        minimum_minor=0,
    )


def test_the_named_figures_are_what_the_entries_come_to() -> None:
    box = made(("opening", 100_00), ("commission", 40_00), ("to_pay", -120_00), ("carried", 20_00))

    assert box.named() == {
        "opening_minor": 100_00,
        "commission_minor": 40_00,
        "corrections_minor": 0,
        "balance_minor": 140_00,
        "to_pay_minor": 120_00,
        "carried_minor": 20_00,
    }
    assert [entry.shown_minor for entry in box.entries] == [100_00, 40_00, 120_00, 20_00]
    assert [entry.kind for entry in box.up_to_balance] == ["opening", "commission"]


def test_a_month_may_have_more_than_one_entry_of_commission() -> None:
    box = made(("opening", 0), ("commission", 5_00), ("commission", -2_00), ("to_pay", 0), ("carried", 3_00))

    assert (box.commission_minor, box.balance_minor, box.carried_minor) == (3_00, 3_00, 3_00)


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        ((("opening", 1), ("commission", 2), ("to_pay", -3), ("carried", 1)), "add up to 0, and 1 is carried forward"),
        ((("opening", 1), ("commission", 2), ("to_pay", -1), ("carried", 1)), "add up to 2, and 1 is carried forward"),
        ((), "begins with opening and ends with to_pay and carried"),
        ((("opening", 0),), "begins with opening"),
        ((("opening", 0), ("carried", 0)), "it has opening, carried"),
        ((("to_pay", 0), ("carried", 0)), "begins with opening"),
        ((("commission", 0), ("to_pay", 0), ("carried", 0)), "begins with opening"),
        ((("opening", 0), ("carried", 0), ("to_pay", 0)), "begins with opening"),
        ((("opening", 0), ("opening", 0), ("to_pay", 0), ("carried", 0)), "each once"),
        ((("opening", 0), ("to_pay", 0), ("to_pay", 0), ("carried", 0)), "each once"),
        ((("opening", 0), ("carried", 0), ("to_pay", 0), ("carried", 0)), "each once"),
    ],
)
def test_entries_that_do_not_add_up_make_no_summary(entries: tuple[tuple[str, int], ...], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        made(*entries)


@given(amounts, amounts, amounts)
def test_the_figures_agree_with_each_other_and_the_json_reads_back(opening: int, commission: int, to_pay: int) -> None:
    box = summary(opening, commission, to_pay)
    said = json.loads(canonical_json(box.model_dump(mode="json")))

    assert box.opening_minor + box.commission_minor == box.balance_minor == box.to_pay_minor + box.carried_minor
    assert {name: said[name] for name in NAMED if name in said} == box.named()
    assert Summary.model_validate(said) == box


@pytest.mark.parametrize("name", NAMED)
def test_a_named_figure_that_is_not_what_the_entries_come_to_is_refused(name: str) -> None:
    said: dict[str, Any] = summary(1_00, 2_00, 3_00).model_dump() | {"held_minor": 0}

    with pytest.raises(ValidationError, match="beside them stands"):
        Summary.model_validate(said | {name: said[name] + 1})
    if name not in NAMED_LATER:
        with pytest.raises(ValidationError, match="beside them stands"):
            Summary.model_validate({key: value for key, value in said.items() if key != name})


def test_corrections_may_go_unnamed_where_there_were_none_and_only_there() -> None:
    none = made(("opening", 1_00), ("commission", 2_00), ("to_pay", 0), ("carried", 3_00))
    some = made(("opening", 1_00), ("commission", 2_00), ("clawback", -50), ("limit", 20), ("adjustment", 5),
                ("to_pay", 0), ("carried", 2_75))  # fmt: skip

    assert (none.corrections_minor, some.corrections_minor, some.balance_minor) == (0, -25, 2_75)
    said = none.model_dump()
    del said["corrections_minor"]
    assert Summary.model_validate(said) == none
    said = some.model_dump()
    del said["corrections_minor"]
    with pytest.raises(ValidationError, match="beside them stands"):
        Summary.model_validate(said)


def test_what_is_withheld_is_named_where_something_is_and_nowhere_else() -> None:
    held = made(("opening", 1_00), ("commission", 2_00), ("held", -3_00), ("to_pay", 0), ("carried", 0))
    released = made(("opening", 0), ("commission", 0), ("released", 3_00), ("to_pay", -3_00), ("carried", 0))
    assert (held.held_minor, held.balance_minor, held.to_pay_minor) == (3_00, 0, 0)
    assert (released.held_minor, released.balance_minor, released.to_pay_minor) == (-3_00, 3_00, 3_00)
    assert (held.model_dump()["held_minor"], "held_minor" in summary(1_00, 2_00, 3_00).model_dump()) == (3_00, False)


def test_what_was_read_is_left_as_it_was() -> None:
    said = summary(1_00, 2_00, 3_00).model_dump()
    before = json.dumps(said)
    Summary.model_validate(said)

    assert json.dumps(said) == before


def test_a_kind_of_entry_this_version_does_not_know_is_refused() -> None:
    said = json.loads(canonical_json(summary(1_00, 2_00, 3_00).model_dump(mode="json")))
    said["entries"][1]["kind"] = "bonus"

    with pytest.raises(ValidationError, match="kind"):
        Summary.model_validate(said)
