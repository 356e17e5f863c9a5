"""Conservation: what came in is what was decided on, and the vendor counts the same."""

from models.period import Period
from models.vendor import ControlTotal, Tally
from rules.lines.control import Received, disagreements, not_conserved, sums_by_currency

JANUARY = Period(2026, 1)
OUTCOMES = (
    Tally(outcome="settled", currency="RUB", lines=3, amount_minor=30_000),
    Tally(outcome="open", reason="no client", currency="RUB", lines=1, amount_minor=-5_000),
    Tally(outcome="open", reason="other currency", currency="EUR", lines=2, amount_minor=700),
    Tally(outcome="rejected", reason="unknown currency", currency="", lines=1, amount_minor=9),
)
RECEIVED = {"RUB": Received(4, 25_000), "EUR": Received(2, 700), "": Received(1, 9)}


def total(currency: str, lines: int, amount_minor: int, period: str = "2026-01") -> ControlTotal:
    return ControlTotal(period=period, currency=currency, lines=lines, amount_minor=amount_minor)


def test_outcomes_add_up_by_currency() -> None:
    assert sums_by_currency(OUTCOMES) == RECEIVED
    assert sums_by_currency([]) == {}


def test_nothing_is_said_where_every_line_and_every_kopeck_has_an_outcome() -> None:
    assert not_conserved(RECEIVED, OUTCOMES) == []
    assert not_conserved({}, []) == []


def test_a_lost_kopeck_a_lost_line_and_a_line_from_nowhere_are_named_by_currency() -> None:
    assert not_conserved(RECEIVED | {"RUB": Received(4, 25_001)}, OUTCOMES) == [
        "RUB: received 4 lines, 250.01, the outcomes add up to 4 lines, 250.00"
    ]
    assert not_conserved(RECEIVED | {"": Received(2, 9)}, OUTCOMES) == [
        "no currency: received 2 lines, 9, the outcomes add up to 1 lines, 9"
    ]
    assert not_conserved({"RUB": RECEIVED["RUB"], "": RECEIVED[""]}, OUTCOMES) == [
        "EUR: received 0 lines, 0.00, the outcomes add up to 2 lines, 7.00"
    ]
    assert not_conserved({"JPY": Received(1, 700)}, []) == [
        "JPY: received 1 lines, 700, the outcomes add up to 0 lines, 0"
    ]


def test_totals_that_agree_are_not_spoken_of() -> None:
    theirs = [total("RUB", 3, 30_000), total("EUR", 1, 5), total("RUB", 9, 9, period="2026-02")]
    assert disagreements(theirs, [total("EUR", 1, 5), total("RUB", 3, 30_000)], JANUARY) == []
    assert disagreements([total("RUB", 0, 0)], [], JANUARY) == []


def test_a_total_that_differs_is_said_with_both_figures() -> None:
    assert disagreements([total("RUB", 3, 30_000)], [total("RUB", 3, 30_001)], JANUARY) == [
        "RUB: control.csv says 3 lines, 300.00, the lines posted in 2026-01 are 3 lines, 300.01"
    ]
    assert disagreements([total("RUB", 4, 30_000)], [total("RUB", 3, 30_000)], JANUARY) == [
        "RUB: control.csv says 4 lines, 300.00, the lines posted in 2026-01 are 3 lines, 300.00"
    ]


def test_a_currency_that_only_one_side_has_is_a_difference() -> None:
    assert disagreements([total("RUB", 1, 100), total("EUR", 2, 700)], [total("RUB", 1, 100)], JANUARY) == [
        "EUR: control.csv says 2 lines, 7.00, the lines posted in 2026-01 are 0 lines, 0.00"
    ]
    assert disagreements([total("RUB", 1, 100)], [total("RUB", 1, 100), total("RUR", 1, 5)], JANUARY) == [
        "RUR: control.csv says 0 lines, 0, the lines posted in 2026-01 are 1 lines, 5"
    ]


def test_a_control_file_without_the_month_cannot_agree() -> None:
    assert disagreements([total("RUB", 1, 100, period="2026-02")], [total("RUB", 1, 100)], JANUARY) == [
        "control.csv has no row for 2026-01: add one for each currency, or remove the file"
    ]
