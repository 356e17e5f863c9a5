"""First orders, first payments and what is measured: each once, also across months, refunds and claims."""

from pathlib import Path
from typing import Any

import pytest

from tests.flows.corrections.test_refunds import Tried, sale

BOUNTY = """\
    from: 2026-01
    earn:
      first: {plan: first_sale, categories: [software], rate: 20%}
"""


@pytest.fixture
def tried(tmp_path: Path) -> Tried:
    return Tried(tmp_path)


@pytest.mark.parametrize("refunds", ["original_rate", "net_current"])
def test_the_bounty_of_an_order_that_is_refunded_whole_is_taken_back(tried: Tried, refunds: str) -> None:
    lines = sale("L1", 1000, "2026-01-31"), sale("L2", -1000, "2026-02-01", "L1")
    assert tried(*lines, plan=BOUNTY, refunds=refunds) == [200, -200]


@pytest.mark.parametrize("refunds", ["original_rate", "net_current"])
def test_a_first_order_that_is_paid_in_two_parts_earns_on_both(tried: Tried, refunds: str) -> None:
    lines = (
        sale("L1", 1000, "2026-01-31", invoice_id="I1"),
        sale("L2", 500, "2026-02-01", invoice_id="I1"),
        sale("L3", 700, "2026-02-02", invoice_id="I2"),
    )
    assert tried(*lines, plan=BOUNTY, refunds=refunds) == [200, 100]


def test_an_amount_for_a_first_order_is_paid_once_for_all_its_parts(tried: Tried) -> None:
    plan = BOUNTY.replace("rate: 20%", "pays: 50.00")
    lines = sale("L1", 1000, "2026-01-31", invoice_id="I1"), sale("L2", 500, "2026-02-01", invoice_id="I1")
    assert tried(*lines, plan=plan) == [50, 0]


@pytest.mark.parametrize("refunds", ["original_rate", "net_current"])
def test_after_a_first_order_that_was_refunded_whole_the_next_one_is_the_first(tried: Tried, refunds: str) -> None:
    lines = (
        sale("L1", 1000, "2026-01-31"),
        sale("L2", -1000, "2026-02-01", "L1"),
        sale("L3", 300, "2026-03-01"),
    )
    assert tried(*lines, plan=BOUNTY, refunds=refunds, months=3) == [200, -200, 60]


def test_after_a_first_order_that_was_refunded_in_part_the_next_one_is_not(tried: Tried) -> None:
    lines = (
        sale("L1", 1000, "2026-01-31"),
        sale("L2", -400, "2026-02-01", "L1"),
        sale("L3", 300, "2026-03-01"),
    )
    assert tried(*lines, plan=BOUNTY, months=3) == [200, -80, 0]


@pytest.mark.parametrize("refunds", ["original_rate", "net_current"])
@pytest.mark.parametrize("day", ["2026-01-10", "2026-02-03"])
def test_a_client_who_paid_before_it_was_claimed_is_no_first_sale(tried: Tried, day: str, refunds: str) -> None:
    lines = sale("L1", 1000, day), sale("L2", 1000, "2026-02-20")
    assert tried(*lines, plan=BOUNTY, claimed_on="2026-02-10", refunds=refunds) == [0, 0]


def test_nor_is_it_a_new_client(tried: Tried) -> None:
    plan = """\
    from: 2026-01
    earn:
      software: {plan: percentage, categories: [software], rate: 10%}
      won: {plan: base_fee, by_clients: {0: 0, 1: 50.00}, measure: {of: new_clients}}
"""
    lines = sale("L1", 1000, "2026-01-10"), sale("L2", 1000, "2026-02-20")
    assert tried(*lines, plan=plan, claimed_on="2026-02-10") == [0, 100]


NEW = """\
    from: 2026-01
    earn:
      software: {plan: percentage, categories: [software], rate: 10%}
      won: {plan: base_fee, by_clients: {0: 0, 1: 50.00}, measure: {of: new_clients, window: WINDOW}}
"""


@pytest.mark.parametrize(
    ("window", "posted"), [("month", [0, 150, 100]), ("2 months", [0, 150, 150]), ("lifetime", [0, 150, 150])]
)
def test_a_client_whose_first_payment_is_booked_a_month_later_is_new_in_the_month_that_sees_it(
    tried: Tried, window: str, posted: list[int]
) -> None:
    lines = sale("L1", 1000, "2026-01-31", posted_on="2026-02-02"), sale("L2", 1000, "2026-03-10")
    assert tried(*lines, plan=NEW.replace("WINDOW", window), months=3) == posted


@pytest.mark.parametrize("window", ["month", "lifetime"])
def test_a_client_who_paid_before_the_programme_starts_is_never_new(tried: Tried, window: str) -> None:
    lines = sale("L1", 1000, "2025-12-10"), sale("L2", 1000, "2026-01-10"), sale("L3", 1000, "2026-02-10")
    assert tried(*lines, plan=NEW.replace("WINDOW", window)) == [100, 100]


def test_a_clients_first_year_begins_with_its_first_payment_also_where_that_was_before_the_claim(tried: Tried) -> None:
    plan = """\
    from: 2025-01
    earn:
      software: {plan: retention, categories: [software], since: first_payment, years: {1: 10%, 2: 20%}}
"""
    early = sale("L1", 1000, "2025-01-10", posted_on="2026-01-05")  # in the books late, so it is read
    assert tried(early, sale("L2", 1000, "2026-01-20"), plan=plan, months=1) == [200]


@pytest.mark.parametrize("refunds", ["original_rate", "net_current"])
@pytest.mark.parametrize("amounts", [(1000, -1000), (1000, -400, -600)])
def test_a_refund_that_repeats_the_columns_of_its_sale_gives_its_discount_back(
    tried: Tried, amounts: tuple[int, ...], refunds: str
) -> None:
    plan = """\
    from: 2026-01
    earn:
      software: {plan: percentage, categories: [software], rate: 20%}
      codes: {plan: promo_code, categories: [software], borne_by: vendor, rate: 20%}
"""
    code: dict[str, Any] = {"discount_minor": 400_00, "promo_code": "SPRING"}
    lines = [
        sale(f"L{number}", amount, f"2026-01-{number + 10}", "L0" if number else "", **code)
        for number, amount in enumerate(amounts)
    ]
    assert tried(*lines, plan=plan, refunds=refunds, months=1) == [0]


def test_also_where_it_names_no_sale(tried: Tried) -> None:
    plan = """\
    from: 2026-01
    earn:
      software: {plan: percentage, categories: [software], rate: 20%}
      codes: {plan: promo_code, categories: [software], borne_by: vendor, rate: 20%}
"""
    code: dict[str, Any] = {"discount_minor": 400_00, "promo_code": "SPRING"}
    lines = sale("L1", 1000, "2026-01-10", **code), sale("L2", -1000, "2026-01-12", **code)
    assert tried(*lines, plan=plan, months=1) == [0]


def test_the_whole_bill_has_a_line_that_waits_for_a_rule_in_the_month_that_first_saw_it_paid(tried: Tried) -> None:
    ladder = """\
    - from: {month}
      earn:
        software: {{plan: tiered, categories: [software{more}], by: volume, measure: all, tiers: {{0: 10%, 1000.00: 20%}}}}
"""
    plan = ladder.format(month="2026-01", more="") + ladder.format(month="2026-02", more=", extra")
    lines = (
        sale("L1", 400, "2026-01-10"),
        sale("L2", 600, "2026-01-11", category="extra"),  # waits for a rule, and is part of January's bill
        sale("L3", 400, "2026-02-10"),
    )
    # January: 400.00 at the 20 % of a bill of 1 000.00. February: 400.00 and the 600.00 settle, on a bill of 400.00.
    assert tried(*lines, plan=plan) == [80, 100]
