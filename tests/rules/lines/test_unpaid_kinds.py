"""Events of a kind that no rule pays: they wait, and a person is told how many, and which kind may be meant."""

import pytest

from rules.lines.unpaid_kinds import unpaid_kinds

OPEN = "no rule of their partner's plan names this kind."


@pytest.mark.parametrize(
    ("paid", "meant"),
    [
        ({"install": "apps", "visit": "calls"}, "Did you mean 'install', which the rule apps pays?"),
        ({"instal": "apps"}, "The rule apps of other partners pays it."),
        ({"visit": "calls", "training": "days"}, "Rules name training, visit."),
        ({}, "No rule pays for events."),
    ],
)
def test_the_kind_that_may_be_meant_is_named_or_those_there_are(paid: dict[str, str], meant: str) -> None:
    assert unpaid_kinds({"instal": 3}, paid) == [f"3 events of kind 'instal' are open: {OPEN} {meant}"]


def test_each_kind_is_said_once_in_order_and_one_event_is_one() -> None:
    assert unpaid_kinds({"b": 2, "a": 1}, {}) == [
        f"1 event of kind 'a' is open: {OPEN} No rule pays for events.",
        f"2 events of kind 'b' are open: {OPEN} No rule pays for events.",
    ]


def test_where_every_event_has_a_rule_nothing_is_said() -> None:
    assert unpaid_kinds({}, {"install": "apps"}) == []


@pytest.mark.parametrize(("kinds", "sentences"), [(20, 20), (21, 21), (500, 21)])
def test_of_very_many_kinds_the_first_twenty_are_named(kinds: int, sentences: int) -> None:
    said = unpaid_kinds({f"k{number:03}": 1 for number in range(kinds)}, {})
    assert len(said) == sentences
    if kinds > 20:
        assert said[-1] == f"+{kinds - 20} more kinds of events that no rule names."
