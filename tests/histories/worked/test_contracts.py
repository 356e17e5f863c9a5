"""Contracts over several months, worked by hand: limits, bills, balances, networks, and what is given back of each."""

import pytest

from tests.histories.history import chargeback, won
from tests.histories.worked.lives import SOFTWARE, amounts, back, block, lived, minor, paid
from tests.made.vendors import claim, partner

EVERY_POLICY = pytest.mark.parametrize("refunds", ["original_rate", "net_current", "restate"])
LADDER = "tiers: {0: 10%, 1000: 20%}"
VOLUME = f"software: {{plan: tiered, categories: [software], by: volume, measure: all, {LADDER}}}"


def calls(line_id: str, amount: str, on: str) -> dict[str, object]:
    """A payment for telephony."""
    return {**paid(line_id, amount, on, category="telephony")}


def test_a_cap_of_each_client_and_month_through_refunds_in_the_two_months_after() -> None:
    # C1 150.00, at most 100.00; C2 60.00. February: C1 has 120.00 left of January, nothing falls; C2 20.00 less; 100.00
    # of 200.00 are new. March: C1 50.00 left, 50.00 less; C2 nothing left, 40.00 less.
    first, second = paid("S1", "1500.00", "2026-01-10"), paid("S2", "600.00", "2026-01-10", "C2")
    life = lived(
        block(SOFTWARE, "most: {plan: cap, at_most: 100.00, per: client}"), first, second,
        back("R1", first, "300.00", "2026-02-05"), back("R2", second, "200.00", "2026-02-05"),
        paid("S3", "2000.00", "2026-02-10"), back("R3", first, "700.00", "2026-03-05"),
        back("R4", second, "400.00", "2026-03-05"), months=3,
    )  # fmt: skip
    assert life.posted() == amounts("160.00", "80.00", "-90.00")


@pytest.mark.parametrize("late", ["month_that_settles", "month_of_payment"])
def test_a_minimum_counts_a_late_line_in_the_month_that_settles_it(late: str) -> None:
    # 50.00 and 50.00 to the minimum. The late 60.00 and 40.00. Given back in March: February keeps its 100.00, and March
    # has its own.
    first, second = paid("S1", "500.00", "2026-01-10"), paid("S2", "600.00", "2026-01-20", posted_on="2026-02-03")
    life = lived(
        block(SOFTWARE, "least: {plan: guarantee, minimum: 100.00}", late_lines=late), first, second,
        back("R1", second, "600.00", "2026-03-05"), months=3,
    )  # fmt: skip
    assert life.posted() == amounts("100.00", "100.00", "100.00")


@pytest.mark.parametrize(("seen", "february"), [("false", "85.00"), ("true", "69.00")])
def test_a_bill_of_everything_sees_a_refund_of_another_product_only_by_a_term(seen: str, february: str) -> None:
    # January's bill is 1 100.00: telephony 60.00 at 10 %, software 25.00. February: 10.00 of software back; 800.00 and
    # 300.00 are a bill of 1 100.00, 80.00 and 15.00; less 200.00 it is 900.00: 8 %, 64.00 and 15.00.
    bill = "telephony: {plan: tiered, categories: [telephony], by: volume, measure: all, tiers: {0: 8%, 1000: 10%}}"
    called, sold = calls("T1", "600.00", "2026-01-10"), paid("S1", "500.00", "2026-01-10")
    life = lived(
        block(bill, SOFTWARE.replace("10%", "5%"), refunds_lower_the_measure=seen), called, sold,
        back("R1", sold, "200.00", "2026-02-05"), calls("T2", "800.00", "2026-02-10"),
        paid("S2", "300.00", "2026-02-10"), months=2,
    )  # fmt: skip
    assert life.posted() == amounts("85.00", february)


def test_graduated_and_volume_in_one_plan_give_back_at_what_each_sale_earned() -> None:
    # 1 500.00 in slices: 200.00, of which 600.00 are 80.00. 500.00 of a bill of 2 000.00 at 10 %: 50.00, half is 25.00.
    # March's 2 000.00 in slices 300.00, and the rest of January's 120.00.
    slices = f"software: {{plan: tiered, categories: [software], by: graduated, measure: {{categories: [software]}}, {LADDER}}}"
    bill = "telephony: {plan: tiered, categories: [telephony], by: volume, measure: all, tiers: {0: 5%, 2000: 10%}}"
    sold, called = paid("S1", "1500.00", "2026-01-10"), calls("T1", "500.00", "2026-01-10")
    life = lived(
        block(slices, bill), sold, called, back("R1", sold, "600.00", "2026-02-05"),
        back("R2", called, "250.00", "2026-02-05"), paid("S2", "2000.00", "2026-03-10"),
        back("R3", sold, "900.00", "2026-03-05"), months=3,
    )  # fmt: skip
    assert life.posted() == amounts("250.00", "-105.00", "180.00")


def test_a_minimum_carried_over_months_is_paid_and_then_owed() -> None:
    # 100.00 a month, paid at 300.00. In May 200.00 of the 300.00 go back, and 100.00 stand: minus 100.00. June 300.00
    # leaves 200.00, below the minimum; July reaches it.
    sales = [paid(f"S{month}", "1000.00", f"2026-0{month}-10") for month in (1, 2, 3, 4)]
    life = lived(
        block(SOFTWARE, payout="{minimum: 300.00}"), *sales, back("R1", sales[0], "1000.00", "2026-05-05"),
        back("R2", sales[1], "1000.00", "2026-05-05"), paid("S6", "3000.00", "2026-06-10"),
        paid("S7", "1000.00", "2026-07-10"), months=7,
    )  # fmt: skip
    assert life.to_pay() == amounts("0.00", "0.00", "300.00", "0.00", "0.00", "0.00", "300.00")
    assert life.carried() == amounts("100.00", "200.00", "0.00", "100.00", "-100.00", "200.00", "0.00")


def test_a_partner_that_owes_for_three_months_is_paid_when_it_is_even() -> None:
    sale = paid("S1", "1000.00", "2026-01-10")
    life = lived(
        block(SOFTWARE), sale, back("R1", sale, "1000.00", "2026-02-05"), paid("S3", "300.00", "2026-03-10"),
        paid("S4", "400.00", "2026-04-10"), paid("S5", "300.00", "2026-05-10"), paid("S6", "10.00", "2026-06-10"), months=6,
    )  # fmt: skip
    assert life.carried() == amounts("0.00", "-100.00", "-70.00", "-30.00", "0.00", "0.00")
    assert life.to_pay() == amounts("100.00", "0.00", "0.00", "0.00", "0.00", "1.00")


def test_a_client_claimed_on_the_leap_day_is_in_its_third_year_from_march_1st() -> None:
    years = "software: {plan: retention, categories: [software], since: attribution, years: {1: 20%, 2: 10%, 3+: 5%}}"
    second, third = paid("S1", "1000.00", "2026-02-28"), paid("S2", "1000.00", "2026-03-01")
    life = lived(
        block(years), second, third, back("R1", second, "1000.00", "2026-04-05"),
        back("R2", third, "1000.00", "2026-04-05"), claims=[claim("C1", "P", claimed_on="2024-02-29")],
    )  # fmt: skip
    assert life.posted() == amounts("0.00", "100.00", "50.00", "-150.00")


def test_a_cap_of_the_month_before_one_for_life_gives_its_room_to_a_later_month() -> None:
    # 100.00 a month, 250.00 for life: March has 50.00 of 90.00. January falls to 50.00, so March has its 90.00: 10.00
    # less in all; April's 30.00 have 10.00 of room left.
    first = paid("S1", "2000.00", "2026-01-10")
    life = lived(
        block(SOFTWARE, "most: {plan: cap, at_most: 100.00}", "ever: {plan: cap, at_most: 250.00, window: lifetime}"),
        first, paid("S2", "1500.00", "2026-02-10"), paid("S3", "900.00", "2026-03-10"),
        back("R1", first, "1500.00", "2026-04-05"), paid("S4", "300.00", "2026-04-10"),
    )  # fmt: skip
    assert life.posted() == amounts("100.00", "100.00", "50.00", "0.00")


def test_two_rules_under_one_cap_of_each_client() -> None:
    # 80.00 and 60.00, at most 100.00. Telephony back: 80.00 stand, 20.00 less. Then 300.00 of software: 30.00.
    sold, called = paid("S1", "800.00", "2026-01-10"), calls("T1", "300.00", "2026-01-10")
    telephony = "telephony: {plan: percentage, categories: [telephony], rate: 20%}"
    life = lived(
        block(SOFTWARE, telephony, "most: {plan: cap, at_most: 100.00, per: client}"), sold, called,
        back("R1", called, "300.00", "2026-02-05"), back("R2", sold, "500.00", "2026-03-05"), months=3,
    )  # fmt: skip
    assert life.posted() == amounts("100.00", "-20.00", "-50.00")


def test_tiny_amounts_of_several_clients_go_back_as_they_were_shared_out() -> None:
    # Three times 0.005 is 0.015, rounded 0.02: a kopeck each for two of them, and nothing of the third to take.
    sales = [paid(f"S{number}", "0.05", "2026-01-10", f"C{number}") for number in (1, 2, 3)]
    backs = [back(f"R{number}", sale, "0.05", f"2026-0{number + 1}-05") for number, sale in enumerate(sales, 1)]
    claims = [claim(f"C{number}", "P", claimed_on="2025-12-01") for number in (1, 2, 3)]
    assert lived(block(SOFTWARE), *sales, *backs, claims=claims).posted() == amounts("0.02", "-0.01", "-0.01", "0.00")


def test_a_group_is_measured_together_without_what_one_of_it_gives_back() -> None:
    # 600.00 each reach 20 %. Q gives 300.00 back; 700.00 and 400.00 less 300.00 are 800.00: 10 %.
    together = f"software: {{plan: tiered, categories: [software], by: volume, measure: {{over: consolidation_group}}, {LADDER}}}"
    first, second = paid("S1", "600.00", "2026-01-10"), paid("S2", "600.00", "2026-01-10", "C9")
    life = lived(
        block(together, refunds_lower_the_measure="true"), first, second, back("R1", second, "300.00", "2026-02-05"),
        paid("S3", "700.00", "2026-02-10"), paid("S4", "400.00", "2026-02-10", "C9"), months=2,
        claims=[claim("C1", "P", claimed_on="2025-12-01"), claim("C9", "Q", claimed_on="2025-12-01")],
        partners=[partner(who, plan="ours", consolidation_group="holding") for who in "PQ"],
    )  # fmt: skip
    assert (life.posted("P"), life.posted("Q")) == (amounts("120.00", "70.00"), amounts("120.00", "-20.00"))


def test_who_joins_a_group_is_measured_with_it_from_then_on_and_who_leaves_it_alone_again() -> None:
    # 600.00 each, every month. Alone they earn 10 %; from February until March they are one owner's, and reach 20 %.
    together = f"software: {{plan: tiered, categories: [software], by: volume, measure: {{over: consolidation_group}}, {LADDER}}}"
    sales = [
        paid(f"S{month}-{who}", "600.00", f"2026-0{month}-10", who) for month in (1, 2, 3, 4) for who in ("C1", "C9")
    ]
    joins = [("2026-01", ""), ("2026-02", "holding"), ("2026-04", "")]
    life = lived(
        block(together), *sales, months=4,
        claims=[claim("C1", "P", claimed_on="2025-12-01"), claim("C9", "Q", claimed_on="2025-12-01")],
        partners=[
            partner("P", plan="ours", consolidation_group="holding"),
            *(partner("Q", plan="ours", consolidation_group=group, **{"from": since}) for since, group in joins),
        ],
    )  # fmt: skip
    expected = amounts("60.00", "120.00", "120.00", "60.00")
    assert (life.posted("P"), life.posted("Q")) == (expected, expected)


def test_a_junior_that_moved_gives_back_to_the_senior_of_then() -> None:
    sale = paid("S1", "1000.00", "2026-01-10", "C9")
    life = lived(
        block("team: {plan: override, of: commission, levels: [10%]}"), sale, back("R1", sale, "1000.00", "2026-02-05"),
        paid("S2", "2000.00", "2026-02-10", "C9"), months=2, plans=f"  below: {block(SOFTWARE)}\n",
        claims=[claim("C9", "J", claimed_on="2025-12-01")],
        partners=[
            partner("P", plan="ours"), partner("Q", plan="ours"), partner("J", plan="below", parent_id="P"),
            partner("J", plan="below", parent_id="Q", **{"from": "2026-02"}),
        ],
    )  # fmt: skip
    assert (life.posted("P"), life.posted("Q")) == (amounts("10.00", "-10.00"), amounts("0.00", "20.00"))


def test_a_ladder_by_active_clients_sees_one_that_gave_back_more_than_it_paid_only_by_a_term() -> None:
    ladder = "software: {plan: tiered, categories: [software], by: volume, measure: {of: active_clients}, tiers: {0: 10%, 2: 20%}}"
    first = paid("S1", "500.00", "2026-01-10")
    lines = (
        first, paid("S2", "100.00", "2026-01-11", "C2"), back("R1", first, "500.00", "2026-02-05"),
        paid("S3", "100.00", "2026-02-10"), paid("S4", "100.00", "2026-02-10", "C2"),
    )  # fmt: skip
    # Two clients: 120.00. February's 200.00 at 20 %, less 100.00; with the term C1 paid 400.00 too little: 10 %.
    assert lived(block(ladder), *lines, months=2).posted() == amounts("120.00", "-60.00")
    seen = lived(block(ladder, refunds_lower_the_measure="true"), *lines, months=2)
    assert seen.posted() == amounts("120.00", "-80.00")


FIRST = "first: {plan: first_sale, categories: [software], rate: 20%}"
NEW = "new: {plan: milestone, measure: {of: new_clients}, goals: {1: 5.00}, repeat: every_month}"


def test_of_an_order_in_two_parts_the_first_given_back_the_second_is_the_first_sale() -> None:
    # 30.00 and 60.00. February takes them, and earns 70.00 and 140.00 on the second part; the next order 50.00 alone.
    one, two = paid("S1", "300.00", "2026-01-31", invoice_id="I1"), paid("S2", "700.00", "2026-02-05", invoice_id="I1")
    life = lived(
        block(SOFTWARE, FIRST), one, two, back("R1", one, "300.00", "2026-02-01"), paid("S3", "500.00", "2026-02-20"),
        months=2,
    )  # fmt: skip
    assert life.posted() == amounts("90.00", "170.00")


def test_an_order_paid_while_the_first_still_stood_is_no_first_sale_and_neither_is_one_after_it() -> None:
    # January's order is given back in March. February's stands, so April's is not the first; nor was February's then.
    first = paid("S1", "500.00", "2026-01-10")
    life = lived(
        block(SOFTWARE, FIRST), first, paid("S2", "300.00", "2026-02-10"), back("R1", first, "500.00", "2026-03-05"),
        paid("S3", "400.00", "2026-04-10"),
    )  # fmt: skip
    assert life.posted() == amounts("150.00", "30.00", "-150.00", "40.00")


@EVERY_POLICY
@pytest.mark.parametrize(
    ("given_back", "on", "goals"),
    [
        ("1000.00", "2026-01-20", ("0.00", "0.00", "5.00")),
        ("999.99", "2026-01-20", ("5.00", "0.00", "0.00")),
        ("1000.00", "2026-02-20", ("5.00", "0.00", "0.00")),
    ],
    ids=["all in its month", "all but a kopeck", "all in the next month"],
)
def test_a_client_is_new_in_the_first_month_that_kept_something_it_paid(
    given_back: str, on: str, goals: tuple[str, ...], refunds: str
) -> None:
    first = paid("S1", "1000.00", "2026-01-10")
    life = lived(block(SOFTWARE, NEW), first, back("R1", first, given_back, on), paid("S2", "500.00", "2026-03-10"),
                 months=3, refunds=refunds)  # fmt: skip
    assert life.posted(rule="new") == amounts(*goals)


@EVERY_POLICY
def test_a_client_that_paid_before_its_claim_is_no_first_sale_and_not_new(refunds: str) -> None:
    # 1 000.00 in January, claimed in February; March's 500.00 earn 50.00 alone. 400.00 of January back take nothing of
    # it; under net_current they are a payment below zero of the month: 40.00.
    early = paid("S1", "1000.00", "2026-01-10", "C9")
    life = lived(
        block(SOFTWARE, FIRST, NEW), early, paid("S2", "500.00", "2026-03-10", "C9"),
        back("R1", early, "400.00", "2026-03-12"), claims=[claim("C9", "P", claimed_on="2026-02-10")], months=3,
        refunds=refunds,
    )  # fmt: skip
    assert life.posted() == amounts("0.00", "0.00", "10.00" if refunds == "net_current" else "50.00")


@EVERY_POLICY
def test_a_client_that_was_given_back_all_it_paid_before_its_claim_is_new(refunds: str) -> None:
    # The payment and its refund are both decided in February, when the claim is known: nothing was ever kept.
    early = paid("S1", "1000.00", "2026-01-10", "C9")
    life = lived(
        block(SOFTWARE, FIRST, NEW), early, back("R1", early, "1000.00", "2026-02-05"),
        paid("S2", "500.00", "2026-03-10", "C9"), claims=[claim("C9", "P", claimed_on="2026-02-10")], months=3,
        refunds=refunds,
    )  # fmt: skip
    assert life.posted() == amounts("0.00", "0.00", "155.00")


@EVERY_POLICY
def test_what_the_bank_took_and_gave_again_is_the_sales_of_its_month(refunds: str) -> None:
    # The bank takes all of 1 000.00 in January: 0.00. It comes back in February: 100.00. 300.00 are given back in March.
    sale = paid("S1", "1000.00", "2026-01-10")
    taken = chargeback("B1", sale, minor("1000.00"), "2026-01-20")
    life = lived(
        block(SOFTWARE), sale, taken, won("W1", taken, minor("1000.00"), "2026-02-05"),
        back("R1", sale, "300.00", "2026-03-05"), months=3, refunds=refunds,
    )  # fmt: skip
    assert life.posted() == amounts("0.00", "100.00", "-30.00")


@EVERY_POLICY
def test_what_is_given_back_of_a_part_the_bank_took_and_gave_again_later(refunds: str) -> None:
    # 600.00 of 1 000.00 are gone in January: 40.00. 300.00 of the rest go in February. March gives the 600.00 again.
    sale = paid("S1", "1000.00", "2026-01-10")
    taken = chargeback("B1", sale, minor("600.00"), "2026-01-20")
    life = lived(
        block(SOFTWARE), sale, taken, back("R1", sale, "300.00", "2026-02-05"),
        won("W1", taken, minor("600.00"), "2026-03-05"), months=3, refunds=refunds,
    )  # fmt: skip
    assert life.posted() == amounts("40.00", "-30.00", "60.00")
