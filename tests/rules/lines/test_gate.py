"""The gate: how much of a month may be rejected before it is stopped, counted by hand on both sides."""

from fractions import Fraction
from typing import Any

import pytest

from models.billing import RejectedRecord
from models.period import Period
from models.vendor import Tally
from rules.lines.gate import Newcomers, Stop, empty, far_from_last_month, stops
from rules.programme.blocks.stop_when import StopWhen

JANUARY = Period(2026, 1)


def some(lines: int, reason: str = "", **others: Any) -> Newcomers:
    """So many new lines with one verdict."""
    given: dict[str, Any] = {"source": "a.csv", "kind": "charge", "currency": "RUB", "month": "2026-01", "first": (0,)}
    given["has_decimals"] = False
    return Newcomers(**given | {"lines": lines, "reason": reason} | others)


def whats(newcomers: list[Newcomers], **when: Any) -> list[tuple[str, int, int]]:
    """What stops the month: which lines, how many of them are rejected, how many there are."""
    return [(stop.what, stop.rejected, stop.lines) for stop in stops(newcomers, StopWhen.model_construct(**when))]


def test_five_percent_of_the_new_lines_may_be_rejected_and_no_more() -> None:
    assert whats([some(38), some(2, "bad date")]) == []  # 2 of 40
    assert whats([some(37), some(2, "bad date")]) == [("new lines", 2, 39)]


def test_one_rejected_line_never_stops_a_month() -> None:
    assert whats([some(1, "bad date")]) == []
    assert whats([some(2, "bad date")]) == [("new lines", 2, 2)]


def test_a_month_without_lines_has_nothing_rejected() -> None:
    assert whats([]) == []


def test_a_vendor_may_allow_more() -> None:
    assert whats([some(8), some(2, "bad date")], rejected_above=Fraction(1, 5)) == []
    assert whats([some(7), some(2, "bad date")], rejected_above=Fraction(1, 5)) == [("new lines", 2, 9)]
    assert whats([some(2), some(2, "bad date")], at_least=3) == []
    assert whats([some(2), some(3, "bad date")], at_least=3) == [("new lines", 3, 5)]


@pytest.mark.parametrize(("side", "theirs"), [("kind", "credit_note"), ("source", "b.csv"), ("currency", "EUR")])
def test_a_month_stops_where_nothing_of_one_kind_source_or_currency_could_be_read(side: str, theirs: str) -> None:
    sound = some(1000)
    assert whats([sound, some(2, "bad number", **{side: theirs})]) == [(f"new lines of {side} {theirs}", 2, 2)]
    assert whats([sound, some(1, "bad number", **{side: theirs})]) == []
    assert whats([sound, some(2, "bad number", **{side: theirs}), some(1, **{side: theirs})]) == []
    assert whats([sound, some(2, "bad number", **{side: theirs})], all_of=()) == []


@pytest.mark.parametrize("side", ["kind", "currency"])
def test_kinds_and_currencies_that_nobody_knows_are_counted_with_the_others_and_not_by_name(side: str) -> None:
    assert whats([some(1000), some(2, "unknown", **{side: None})]) == []


def test_where_every_line_is_rejected_it_is_said_once() -> None:
    assert whats([some(2, "bad date"), some(2, "bad number", kind="credit_note")]) == [("new lines", 4, 4)]


def test_of_many_unreadable_files_five_are_named_and_the_others_counted() -> None:
    files = [some(2, "bad number", source=f"{number}.csv") for number in range(1, 8)]
    assert whats([some(1000), *files]) == [
        *((f"new lines of source {number}.csv", 2, 2) for number in range(1, 6)),
        ("new lines of 2 more of source", 4, 4),
    ]


def test_a_stop_says_how_many_why_where_and_what_to_do() -> None:
    (stop,) = stops([some(1), some(2, "bad date", first=(3, 4)), some(1, "bad number", first=(1,))], StopWhen())
    assert stop.first == (1, 3, 4)
    examples = [
        RejectedRecord("a.csv", 3, "L3", "amount", "900.00-", "bad number"),
        RejectedRecord("a.csv", 5, "L5", "paid_on", "31.01.2026", "bad date"),
        RejectedRecord("a.csv", 6, "L6", "paid_on", "x" * 61, "bad date"),
    ]
    assert stop.words(examples) == (
        "3 of 4 new lines are rejected (bad date: 2, bad number: 1), for example a.csv row 3, amount '900.00-'; "
        f"a.csv row 5, paid_on '31.01.2026'; a.csv row 6, paid_on '{'x' * 60}...'. "
        "Mend what the reasons name where the billing is made, or raise `rejected_above` (5 %) under `stop_when:` in "
        "programme.yaml. If that is how the source writes it, say so in sources.yaml: "
        '`negatives: ["1-"]`; `dates: DD.MM.YYYY`.'
    )


def test_lines_that_share_an_id_are_told_how_to_get_one_each() -> None:
    join = "make one of several columns, such as `join: {line_id: [Number, Row]}` in sources.yaml."
    for reason in ("contradiction", "bad date; contradiction"):
        assert stops([some(2, reason)], StopWhen())[0].words([]).endswith(join)
    assert "join" not in stops([some(2, "bad date")], StopWhen())[0].words([])


def test_a_value_of_sixty_characters_is_shown_whole() -> None:
    stop = Stop("new lines", 2, {"bad date": 2}, (0,), "or not")
    assert f"paid_on '{'x' * 60}'." in stop.words([RejectedRecord("a.csv", 2, "L", "paid_on", "x" * 60, "bad date")])


def test_a_month_without_a_new_line_stops_once_a_month_had_some() -> None:
    december = [some(3, month="2025-12")]
    (said,) = empty(december, JANUARY, StopWhen(), had_some=True)
    assert said.startswith("no new billing line was posted in 2026-01, and earlier months had some.")
    assert "--empty" in said
    assert "`empty_month: allow`" in said
    assert empty(december, JANUARY, StopWhen(), had_some=False) == []
    assert empty([*december, some(1)], JANUARY, StopWhen(), had_some=True) == []
    assert empty(december, JANUARY, StopWhen(empty_month="allow"), had_some=True) == []


def test_decimals_among_minor_units_stop_the_month_for_the_others_may_be_major_units_too() -> None:
    decimals = some(1, "bad number", has_decimals=True, source="b.csv")
    assert whats([some(100), some(2, source="b.csv"), decimals]) == [("new lines of source b.csv", 1, 3)]
    assert whats([some(100), some(2, source="b.csv"), decimals], mixed_amounts="allow") == []
    (stop,) = stops([some(2), some(1, "bad number", has_decimals=True)], StopWhen())
    assert stop.words([RejectedRecord("a.csv", 4, "L3", "amount_minor", "300.5", "bad number")]).startswith(
        "1 of 3 new lines of source a.csv have decimals in amount_minor (bad number: 1), for example a.csv row 4, "
        "amount_minor '300.5'. Mend what the reasons name where the billing is made, and see in which unit the others "
        "are: amount_minor is in minor units, 300 is 3.00."
    )


def decided(amount_minor: int, outcome: str = "settled", currency: str = "RUB") -> Tally:
    return Tally(outcome=outcome, currency=currency, lines=1, amount_minor=amount_minor)


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (49_999_99, ""),
        (50_000_00, "comes to 50 000.00 RUB, 50 times more than the 1 000.00 RUB of the month before"),
        (20_01, ""),
        (20_00, "comes to 20.00 RUB, 50 times less than the 1 000.00 RUB of the month before"),
        (0, ""),
    ],
)
def test_a_month_of_fifty_times_the_last_one_or_a_fiftieth_of_it_is_odd(now: int, said: str) -> None:
    found = far_from_last_month([decided(now)], [decided(900_00), decided(100_00, "final")])
    assert [said in words for words in found] == [True] * bool(said)
    assert len(found) == bool(said)


def test_what_is_rejected_or_still_open_is_no_part_of_the_comparison() -> None:
    before = [decided(1_00), decided(100_000_00, "open"), decided(100_000_00, "rejected")]
    assert far_from_last_month([decided(2_00), decided(100_000_00, currency="EUR")], before) == []
    assert far_from_last_month([decided(2_00)], []) == []
