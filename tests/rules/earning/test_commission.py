"""Commission of a month: each rule rounded once, shared out over clients; and what of the balance is paid."""

from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.earning.commission import Accrued, balance
from rules.lines.reading import vat_by_rate_minor
from rules.plan import ClientSums
from rules.programme.file import parse_programme
from rules.statement.texts import exact_text
from tests.made.oracle import CONTROL, MONTHS, PAYMENTS, REACHED, VAT, Reach, Total, minor, programme, totals
from tests.rules.strategies import amounts
from tests.rules.worked import accrued, block, earned

CASES = [(by, total) for period in MONTHS for by in ("volume", "graduated") for total in totals(period, by)]
case_ids = [f"{total.period} {total.rule} {by}" for by, total in CASES]


@pytest.mark.parametrize(
    ("gross", "percent", "vat", "base"),
    [*VAT, *((paid.gross, paid.vat_percent, paid.vat, paid.base) for paid in PAYMENTS)],
)
def test_the_base_is_what_is_left_without_the_vat_of_the_invoice(gross: str, percent: str, vat: str, base: str) -> None:
    paid = pl.DataFrame({"amount_minor": [minor(gross)], "vat_rate": [percent]})
    assert paid.select(vat_by_rate_minor()).item() == minor(vat)
    assert minor(gross) - minor(vat) == minor(base)


@pytest.mark.parametrize("period", MONTHS)
def test_the_payments_of_a_month_come_to_its_control_totals(period: str) -> None:
    paid = [payment for payment in PAYMENTS if payment.posted_in == period]
    control = CONTROL[period]
    assert len(paid) == control.payments
    assert sum(minor(payment.gross) for payment in paid) == minor(control.gross)
    assert sum(minor(payment.vat) for payment in paid) == minor(control.vat)
    assert sum(minor(payment.base) for payment in paid) == minor(control.base)


@pytest.mark.parametrize(("by", "total"), CASES, ids=case_ids)
def test_the_worked_example_comes_out_to_the_kopeck(by: str, total: Total) -> None:
    rule = earned(total.period, by)[total.rule]
    assert rule.sums.base_minor == minor(total.base)
    assert exact_text(rule.earned.exact, 2) == total.exact
    assert rule.commission_minor == minor(total.commission)


@pytest.mark.parametrize(("by", "total"), CASES, ids=case_ids)
def test_the_client_lines_of_the_worked_example_come_out_to_the_kopeck(by: str, total: Total) -> None:
    rule = earned(total.period, by)[total.rule]
    assert {client: (exact_text(share.exact, 2), share.minor) for client, share in rule.shares.items()} == {
        line.client: (line.exact, minor(line.commission)) for line in total.lines
    }


@pytest.mark.parametrize(
    ("period", "by", "rule", "by_line", "once"),
    [
        ("2026-01", "volume", "software", "42222.23", "42222.22"),
        ("2026-02", "graduated", "telephony", "15333.33", "15333.34"),
        ("2026-03", "graduated", "telephony", "111999.99", "112000.00"),
    ],
)
def test_a_total_is_rounded_once_and_not_line_by_line(period: str, by: str, rule: str, by_line: str, once: str) -> None:
    assert earned(period, by)[rule].commission_minor == minor(once)
    (total,) = (total for total in totals(period, by) if total.rule == rule)
    assert total.rounded_by_line == by_line


@pytest.mark.parametrize("reach", REACHED, ids=lambda reach: reach.period)
@pytest.mark.parametrize("by", ["volume", "graduated"])
def test_the_consolidated_bill_picks_the_tier(by: str, reach: Reach) -> None:
    telephony = earned(reach.period, by)["telephony"]
    assert telephony.earned.reached is not None
    assert telephony.earned.reached.position == reach.position
    assert telephony.earned.reached.next_tier is not None
    assert telephony.earned.reached.next_tier.starts_at_minor - telephony.sums.measure == minor(reach.distance)


def test_rules_stand_in_the_order_of_the_programme_file_and_a_rule_without_lines_is_left_out() -> None:
    sums = {"telephony": [ClientSums("C1", 2, 100)], "software": [ClientSums("C2", 1, 300)]}
    bill = {"telephony": 100, "software": 300}
    assert [rule.rule for rule in accrued(block("volume"), sums, bill)] == ["software", "telephony"]
    assert [rule.rule for rule in accrued(block("volume"), {"telephony": sums["telephony"], "software": []}, bill)] == [
        "telephony"
    ]
    assert accrued(block("volume"), {}, {}) == ()


def test_a_rule_counts_its_lines() -> None:
    sums = {"software": [ClientSums("C1", 2, 100), ClientSums("C2", 3, 50)]}
    (software,) = accrued(block("volume"), sums, {"software": 150})
    assert (software.lines, software.sums.base_minor, software.sums.measure) == (5, 150, 0)


def measured(measure: str, bill: dict[str, int]) -> Accrued:
    text = programme("volume").replace("measure: {categories: [telephony], window: month}", f"measure: {measure}")
    text = text.replace("    payout:", "    not_commissioned: {hardware: sold at cost}\n    payout:")
    (telephony,) = accrued(
        parse_programme(text).plans["integrator"][0], {"telephony": [ClientSums("C1", 1, bill["telephony"])]}, bill
    )
    return telephony


def test_only_the_categories_that_are_measured_pick_the_tier() -> None:
    bill = {"telephony": 5_000_000, "software": 25_000_000, "hardware": 70_000_000}
    assert measured("{categories: [telephony]}", bill).commission_minor == 400_000
    assert measured("{categories: [telephony, software]}", bill).commission_minor == 600_000
    assert measured("{categories: [hardware]}", bill).sums.measure == 70_000_000


def test_the_whole_bill_counts_what_earns_nothing_too() -> None:
    bill = {"telephony": 5_000_000, "software": 25_000_000, "hardware": 70_000_000}
    whole = measured("all", bill)
    assert (whole.sums.measure, whole.commission_minor) == (100_000_000, 750_000)


def test_a_measured_category_nobody_bought_counts_nothing() -> None:
    assert measured("{categories: [software]}", {"telephony": 5_000_000}).sums.measure == 0


@pytest.mark.parametrize("by", ["volume", "graduated"])
def test_a_base_of_zero_gives_lines_at_the_first_rate_that_sum_to_zero(by: str) -> None:
    sums = {"telephony": [ClientSums("C1", 1, 10_000), ClientSums("C2", 1, -10_000)]}
    (telephony,) = accrued(block(by), sums, {"telephony": 0})
    assert telephony.commission_minor == 0
    assert {client: share.minor for client, share in telephony.shares.items()} == {"C1": 800, "C2": -800}


@pytest.mark.parametrize("by", ["volume", "graduated"])
def test_a_negative_base_owes_at_the_first_rate_and_every_client_owes_their_part(by: str) -> None:
    sums = {"telephony": [ClientSums("C1", 1, -10_000), ClientSums("C2", 1, -2_505)]}
    (telephony,) = accrued(block(by), sums, {"telephony": -12_505})
    assert telephony.commission_minor == -1_000  # -1 000.4 kopecks
    assert {client: share.minor for client, share in telephony.shares.items()} == {"C1": -800, "C2": -200}


@given(st.dictionaries(st.text("ABC12", min_size=1, max_size=3), amounts, min_size=1, max_size=8))
def test_the_shares_of_the_clients_are_exact_parts_of_what_was_earned(bases: dict[str, int]) -> None:
    total = sum(bases.values())
    sums = {"telephony": [ClientSums(client, 1, base) for client, base in bases.items()]}
    (telephony,) = accrued(block("graduated"), sums, {"telephony": total})
    shares = telephony.shares.values()
    assert sum((share.exact for share in shares), Fraction(0)) == telephony.earned.exact
    assert sum(share.minor for share in shares) == telephony.commission_minor


@pytest.mark.parametrize(
    ("opening_minor", "commission_minor", "minimum_minor", "to_pay", "carried"),
    [
        (0, 499_999, 500_000, 0, 499_999),
        (0, 500_000, 500_000, 500_000, 0),
        (0, 500_001, 500_000, 500_001, 0),
        (499_999, 1, 500_000, 500_000, 0),
        (5_000, 5_000, 10_000, 10_000, 0),  # two halves of the minimum
        (2_000, -10_000, 0, 0, -8_000),
        (-8_000, 8_000, 0, 0, 0),
        (-8_000, 8_001, 0, 1, 0),
        (0, 0, 0, 0, 0),
        (0, 1, 0, 1, 0),
    ],
)
def test_a_balance_below_the_minimum_is_carried_forward(
    opening_minor: int, commission_minor: int, minimum_minor: int, to_pay: int, carried: int
) -> None:
    assert balance(opening_minor, commission_minor, minimum_minor) == (to_pay, carried)


@given(amounts, amounts, st.integers(0, 10**9))
def test_what_is_paid_and_what_is_carried_is_the_balance_and_a_debt_is_never_paid(
    opening: int, earned: int, minimum: int
) -> None:
    to_pay, carried = balance(opening, earned, minimum)
    assert to_pay + carried == opening + earned
    assert to_pay == 0 or (carried == 0 and to_pay >= minimum)
    assert to_pay >= 0
