"""What we expect of events: every check, why it is made, and what a breach of it would cost.

An event that fails a check is rejected, with the check's reason; no check stops the month, for few
partners earn on events. The checks look at what `rules.lines.events` finds, and pass over what is blank.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple

import great_expectations as gx
from great_expectations.expectations.core import (  # type: ignore[attr-defined]  # it re-exports without saying so
    ExpectColumnValuesToBeBetween,
    ExpectColumnValuesToBeInSet,
    ExpectColumnValuesToNotBeNull,
    ExpectColumnValuesToNotMatchRegex,
)
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.metadata_types import FailureSeverity

from expectations.billing_lines import IS_FALSE, IS_TRUE
from expectations.judging import suite_of
from models.events import EventReason
from rules.lines.lookalikes import LONGEST_ID, SHORTENED, UNSEEN

ILLEGIBLE = f"{UNSEEN}|.{{{LONGEST_ID + 1}}}|{SHORTENED}"
"""A character that nobody sees, more than LONGEST_ID characters, or a number that a spreadsheet shortened."""


class EventCheck(NamedTuple):
    """One expectation, the reason it gives to an event that fails it, and what it is for."""

    name: str
    reason: EventReason
    reads: tuple[str, ...]  # the columns, as received, a person has to look at
    expectation: type[Expectation]
    arguments: Mapping[str, Any]
    why: str
    cost: str
    remedy: str = ""
    severity: FailureSeverity = FailureSeverity.WARNING
    is_of_lines: bool = True
    least: Fraction = Fraction(1)


CHECKS: tuple[EventCheck, ...] = (
    EventCheck(
        "event_id_is_given", EventReason.NO_ID, ("event_id",),
        ExpectColumnValuesToNotBeNull, {"column": "event_id"},
        why="The event id is how we know an event again.",
        cost="The same registration would earn each month it is read.",
    ),
    EventCheck(
        "kind_is_given", EventReason.NO_KIND, ("kind", "cancels_event_id"),
        ExpectColumnValuesToNotBeNull, {"column": "kind_or_cancelled"},
        why="An event says what happened, or which event it cancels.",
        cost="An install taken for a registration is paid at another price.",
    ),
    EventCheck(
        "occurred_on_is_given", EventReason.BAD_DATE, ("occurred_on",),
        ExpectColumnValuesToNotBeNull, {"column": "occurred_on"},
        why="The day decides the month, and whether claim and terms were there.",
        cost="An event of last year would earn this month, under terms that came later.",
    ),
    EventCheck(
        "occurred_on_is_a_date", EventReason.BAD_DATE, ("occurred_on",),
        ExpectColumnValuesToBeInSet, {"column": "occurred_on_is_read", **IS_TRUE},
        why="A day is written YYYY-MM-DD and stands in the calendar; 03.02.2026 may be March or February.",
        cost="The event would count in another month, and its number of events picks the price of all.",
    ),
    EventCheck(
        "occurred_on_is_plausible", EventReason.BAD_DATE, ("occurred_on",),
        ExpectColumnValuesToBeBetween, {"column": "occurred_on_year", "min_value": 1990, "max_value": 2100},
        why="No event here is older than 1990 or later than 2100: such a day is a typing error or a filler.",
        cost="An event of 1900-01-01 came before every programme: it would be ended for ever, and never paid.",
    ),
    EventCheck(
        "amount_is_readable", EventReason.BAD_NUMBER, ("amount_minor",),
        ExpectColumnValuesToBeInSet, {"column": "amount_is_read", **IS_TRUE},
        why="What an event is worth is a whole number of minor units, from 0 up; to take it back, cancel it.",
        cost="A training of 300.00 taken for 3.00 leaves the vendor a hundredth of its share.",
    ),
    EventCheck(
        "event_is_no_repeat", EventReason.REPEAT, ("event_id",),
        ExpectColumnValuesToBeInSet, {"column": "is_repeat", **IS_FALSE},
        why="The same event under the same id happened once, however often it is sent; one copy counts.",
        cost="A file read twice would pay every registration twice.",
    ),
    EventCheck(
        "event_is_no_older_version", EventReason.REPLACED, ("event_id",),
        ExpectColumnValuesToBeInSet, {"column": "is_replaced", **IS_FALSE},
        why="An event we left open that is sent again, changed, counts as it is said now.",
        cost="A client number filled in later would never reach its partner, or the event would count twice.",
    ),
    EventCheck(
        "event_has_one_content", EventReason.CONTRADICTION, ("event_id",),
        ExpectColumnValuesToBeInSet, {"column": "is_contradiction", **IS_FALSE},
        why="Two events under one id that differ cannot both be true, and nothing says which one is.",
        cost="Whichever was picked, a partner might be paid for what never happened.",
    ),
    EventCheck(
        "partner_is_known", EventReason.UNKNOWN_PARTNER, ("partner_id", "client_id"),
        ExpectColumnValuesToBeInSet, {"column": "partner_is_known", **IS_TRUE},
        why="A partner of an event has terms in partners.csv.",
        cost="A misspelt id earns for nobody, and the partner who worked for it is not paid.",
    ),
    EventCheck(
        "client_is_the_partners", EventReason.NOT_THE_PARTNERS_CLIENT, ("client_id",),
        ExpectColumnValuesToBeInSet, {"column": "client_is_the_partners", **IS_TRUE},
        why="A client belongs to one partner for ever; an event that names another contradicts that.",
        cost="One partner would earn on the client of another.",
    ),
    *(
        EventCheck(
            f"{column}_is_legible", EventReason.BAD_TEXT, (column,),
            ExpectColumnValuesToNotMatchRegex, {"column": column, "regex": ILLEGIBLE},
            why="An id or a name has at most 200 characters, each of them to be seen, and is no 1.23457E+11.",
            cost=cost,
        )
        for column, cost in (
            ("event_id", "An id that is cut or cleaned on its way comes back as another event, and is paid again."),
            ("client_id", "A client id with an unseen character belongs to no partner: the event is lost to its own."),
            ("kind", "A kind with an unseen character has no rule: the event stays open for ever."),
            ("product_code", "A product nobody can name earns nothing, and nobody can see why."),
            ("cancels_event_id", "A cancellation that does not find its event takes nothing back."),
        )
    ),
)  # fmt: skip
"""What is asked of every event."""

OF_CANCELLATIONS: tuple[EventCheck, ...] = (
    EventCheck(
        "cancels_an_event", EventReason.CANCELS_CANCELLATION, ("cancels_event_id",),
        ExpectColumnValuesToBeInSet, {"column": "cancels_an_event", **IS_TRUE},
        why="A cancellation stands; what happens after all is an event of its own, under its own id.",
        cost="An event cancelled, and its cancellation cancelled, would be paid or not by the order of reading.",
    ),
    EventCheck(
        "cancels_the_same", EventReason.CANCELS_OTHERWISE,
        ("partner_id", "client_id", "kind", "product_code", "amount_minor"),
        ExpectColumnValuesToBeInSet, {"column": "cancels_the_same", **IS_TRUE},
        why="Where a cancellation names partner, client, kind, product or amount, they are those of its event.",
        cost="With a wrong event id, it would take back what another partner earned.",
    ),
    EventCheck(
        "cancels_first", EventReason.CANCELLED_TWICE, ("cancels_event_id",),
        ExpectColumnValuesToBeInSet, {"column": "cancels_first", **IS_TRUE},
        why="An event is cancelled once, by the first cancellation.",
        cost="A second one would take back from the partner what it earned elsewhere.",
    ),
)  # fmt: skip
"""What is asked of each cancellation that passed: it is held against the event it cancels."""


def suite() -> gx.ExpectationSuite:
    """Return the expectations as Great Expectations runs them."""
    return suite_of("events", (*CHECKS, *OF_CANCELLATIONS))
