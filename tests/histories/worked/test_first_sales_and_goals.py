"""First sales, goals, levels and promo codes over several months, worked by hand: what is taken back and what is kept."""

from typing import Any

import pytest

from tests.histories.history import chargeback, naming, of_invoice, won
from tests.histories.worked.lives import SOFTWARE, amounts, back, block, lived, minor, paid
from tests.made.vendors import claim, partner

FIRST = "first: {plan: first_sale, categories: [software], rate: 20%}"


def test_a_first_order_given_back_whole_makes_the_next_the_first() -> None:
    # 500.00 earn 50.00 and 100.00. All goes back. March's 300.00 are the first now: 30.00 and 60.00. Half of it goes
    # back: it stays the first, and May's 400.00 earn 40.00 alone.
    first, again = paid("S1", "500.00", "2026-01-10"), paid("S2", "300.00", "2026-03-10")
    life = lived(
        block(SOFTWARE, FIRST), first, back("R1", first, "500.00", "2026-02-05"), again,
        back("R2", again, "150.00", "2026-04-05"), paid("S3", "400.00", "2026-05-10"), months=5,
    )  # fmt: skip
    assert life.posted() == amounts("150.00", "-150.00", "90.00", "-45.00", "40.00")


def test_a_first_sale_that_is_kept_is_earned_once_in_life() -> None:
    # 100.00 are kept, 50.00 go back; no later order is the first.
    first = paid("S1", "500.00", "2026-01-10")
    kept = FIRST.replace("20%}", "20%, taken_back: false}")
    life = lived(block(SOFTWARE, kept), first, back("R1", first, "500.00", "2026-02-05"),
                 paid("S2", "300.00", "2026-03-10"), months=3)  # fmt: skip
    assert life.posted() == amounts("150.00", "-50.00", "30.00")


def test_an_amount_for_a_first_sale_goes_back_in_the_part_of_its_order() -> None:
    # 90.00 for the first sale. A third of its order is 30.00, the rest 60.00; then the next order is the first.
    first = paid("S1", "600.00", "2026-01-10")
    life = lived(
        block("first: {plan: first_sale, categories: [software], pays: 90.00}", SOFTWARE), first,
        back("R1", first, "200.00", "2026-02-05"), back("R2", first, "400.00", "2026-03-05"),
        paid("S2", "100.00", "2026-04-10"),
    )  # fmt: skip
    assert life.posted(rule="first") == amounts("90.00", "-30.00", "-60.00", "90.00")


def test_an_order_paid_over_the_border_of_two_months_is_first_in_both_and_goes_back_part_by_part() -> None:
    # One invoice, 300.00 on January 31st and 700.00 on February 1st: 60.00 and 140.00. The second part goes back.
    one, two = (
        paid("S1", "300.00", "2026-01-31", invoice_id="I1"),
        paid("S2", "700.00", "2026-02-01", invoice_id="I1"),
    )
    life = lived(block(SOFTWARE, FIRST), one, two, back("R1", two, "700.00", "2026-03-05"),
                 paid("S3", "500.00", "2026-04-10"))  # fmt: skip
    assert life.posted(rule="first") == amounts("60.00", "140.00", "-140.00", "0.00")


def test_a_bounty_under_a_cap_for_life_makes_room_when_it_goes_back() -> None:
    # 50.00 and 100.00, at most 120.00 for life. Without them: March's 60.00 and 120.00, of which 120.00.
    first = paid("S1", "500.00", "2026-01-10")
    life = lived(
        block(SOFTWARE, FIRST, "most: {plan: cap, at_most: 120.00, window: lifetime}"), first,
        back("R1", first, "500.00", "2026-02-05"), paid("S2", "600.00", "2026-03-10"), months=3,
    )  # fmt: skip
    assert life.posted() == amounts("120.00", "-120.00", "120.00")


@pytest.mark.parametrize("refunds", ["original_rate", "net_current"])
def test_the_order_after_one_that_was_given_back_whole_is_the_first_in_all_its_parts(refunds: str) -> None:
    # 500.00 and all of it back: 100.00. Then 300.00 on March 31st and 200.00 on April 1st are one order: 60.00 and
    # 40.00. Half of its first part goes back in May: 30.00.
    first = paid("S1", "500.00", "2026-01-10")
    one, two = (
        paid("S2", "300.00", "2026-03-31", invoice_id="I2"),
        paid("S3", "200.00", "2026-04-01", invoice_id="I2"),
    )
    life = lived(
        block(SOFTWARE, FIRST), first, back("R1", first, "500.00", "2026-02-05"), one, two,
        back("R2", one, "150.00", "2026-05-05"), months=5, refunds=refunds,
    )  # fmt: skip
    assert life.posted(rule="first") == amounts("100.00", "-100.00", "60.00", "40.00", "-30.00")


@pytest.mark.parametrize("named", ["by its invoice", "by somebody who looked it up"])
@pytest.mark.parametrize("refunds", ["original_rate", "net_current", "restate"])
def test_what_is_given_back_of_a_first_order_in_its_month_earns_nothing_however_it_is_named(
    refunds: str, named: str
) -> None:
    # 20 % of the 600.00 that are left of 1 000.00; half of the rest goes back in February.
    first = paid("S1", "1000.00", "2026-01-10")
    given = [back("R1", first, "400.00", "2026-01-20"), back("R2", first, "300.00", "2026-02-05")]
    others: dict[str, Any] = {}
    if named == "by its invoice":
        given = [of_invoice(each, first["invoice_id"]) for each in given]
    else:
        given = [naming(each, None) for each in given]
        others["matches"] = [
            {"line_id": each["line_id"], "sale_id": "S1", "who": "olga", "why": "the client called"} for each in given
        ]
    life = lived(block(SOFTWARE, FIRST), first, *given, months=2, refunds=refunds, **others)
    assert life.posted(rule="first") == amounts("120.00", "-60.00")


GOAL = "goal: {{plan: milestone, measure: {{window: lifetime}}, goals: {{1000: 50.00}}{}}}"


def test_a_goal_is_kept_unless_its_term_takes_it_back() -> None:
    # 60.00, then 60.00 and 50.00 for 1 200.00. 300.00 of January go back: 30.00. April brings 10.00.
    first = paid("S1", "600.00", "2026-01-10")
    lines = (first, paid("S2", "600.00", "2026-02-10"), back("R1", first, "300.00", "2026-03-05"),
             paid("S3", "100.00", "2026-04-10"))  # fmt: skip
    assert lived(block(SOFTWARE, GOAL.format("")), *lines).posted() == amounts("60.00", "110.00", "-30.00", "10.00")
    # Taken back: 900.00 are left, so the 50.00 go too. April's 100.00 make 1 000.00: reached again.
    taken = lived(block(SOFTWARE, GOAL.format(", taken_back: true")), *lines)
    assert taken.posted() == amounts("60.00", "110.00", "-80.00", "60.00")


def test_a_chargeback_that_is_won_gives_goals_again_also_of_months_that_had_earned_nothing() -> None:
    # 5.00 in every month whose three months reach 1 000.00. January: 100.00 and 5.00; all of it is charged back in
    # February, which so earns nothing. Won in March: January's 105.00 again, and 5.00 each for February and March.
    goal = "goal: {plan: milestone, measure: {window: 3 months}, goals: {1000: 5.00}, repeat: every_month, taken_back: true}"
    first = paid("S1", "1000.00", "2026-01-10")
    taken = chargeback("B1", first, minor("1000.00"), "2026-02-05")
    life = lived(block(SOFTWARE, goal), first, taken, won("W1", taken, minor("1000.00"), "2026-03-05"), months=3)
    assert life.posted() == amounts("105.00", "-105.00", "115.00")


@pytest.mark.parametrize("refunds", ["original_rate", "restate"])
def test_a_goal_that_an_earlier_month_reached_is_not_reached_again_when_a_later_sale_is_given_back(
    refunds: str,
) -> None:
    # January's 1 200.00 reach it: 120.00 and 50.00. February's 600.00 go back in March: 60.00, and 1 200.00 are left.
    # 300.00 of January's go back in April: 900.00 are left, so 30.00 and the 50.00 go too.
    first, second = paid("S1", "1200.00", "2026-01-10"), paid("S2", "600.00", "2026-02-10")
    life = lived(
        block(SOFTWARE, GOAL.format(", taken_back: true")), first, second, back("R1", second, "600.00", "2026-03-05"),
        back("R2", first, "300.00", "2026-04-05"), refunds=refunds,
    )  # fmt: skip
    assert life.posted() == amounts("170.00", "60.00", "-60.00", "-80.00")


def test_a_goal_is_taken_back_of_one_partner_while_another_without_goals_gives_back_too() -> None:
    # P: 100.00 and 50.00, of which 60.00 and 50.00 go back. Q: 10 % of 500.00, all of it.
    first, other = paid("S1", "1000.00", "2026-01-10"), paid("S2", "500.00", "2026-01-10", "C9")
    life = lived(
        block(SOFTWARE, GOAL.format(", taken_back: true")), first, other,
        back("R1", first, "600.00", "2026-02-05"), back("R2", other, "500.00", "2026-02-05"), months=2,
        plans=f"  plain: {block(SOFTWARE)}\n", partners=[partner("P", plan="ours"), partner("Q", plan="plain")],
        claims=[claim("C1", "P", claimed_on="2025-12-01"), claim("C9", "Q", claimed_on="2025-12-01")],
    )  # fmt: skip
    assert (life.posted("P"), life.posted("Q")) == (amounts("150.00", "-110.00"), amounts("50.00", "-50.00"))


@pytest.mark.parametrize("refunds", ["original_rate", "restate"])
def test_a_goal_is_taken_back_of_what_the_plan_only_counts(refunds: str) -> None:
    # 600.00 of software and 400.00 of hardware, which earns nothing, reach it: 60.00 and 50.00. 100.00 of the hardware
    # go back: 900.00 are left.
    first = paid("S1", "600.00", "2026-01-10")
    box = paid("H1", "400.00", "2026-01-10", category="hardware")
    life = lived(
        block(SOFTWARE, GOAL.format(", taken_back: true"), not_commissioned="{hardware: sold at cost}"), first, box,
        back("R1", box, "100.00", "2026-02-05"), paid("S2", "100.00", "2026-03-10"), months=3, refunds=refunds,
    )  # fmt: skip
    assert life.posted() == amounts("110.00", "-50.00", "60.00")


def test_a_goal_under_a_guarantee_goes_back_no_deeper_than_the_minimum() -> None:
    # 100.00 and 50.00. With 400.00 left 40.00, at least 120.00: 30.00 less. February has its own 120.00.
    first = paid("S1", "1000.00", "2026-01-10")
    life = lived(
        block(SOFTWARE, GOAL.format(", taken_back: true"), "least: {plan: guarantee, minimum: 120.00}"), first,
        back("R1", first, "600.00", "2026-02-05"), months=2,
    )  # fmt: skip
    assert life.posted() == amounts("150.00", "90.00")


@pytest.mark.parametrize(("taken_back", "march"), [("false", "120.00"), ("true", "60.00")])
def test_a_level_reached_on_what_is_given_back_is_kept_unless_its_ladder_says_otherwise(
    taken_back: str, march: str
) -> None:
    # 1 000.00 of January make Silver, 20 %, from February on; three months count. In February all of them go back, at
    # the 10 % they earned, and 500.00 are sold. March's 600.00 earn 20 % where Silver is kept, else 10 %.
    first = paid("S1", "1000.00", "2026-01-10")
    silver = "silver: " + block(SOFTWARE.replace("10%", "20%"))
    ladder = (
        f"measure: {{window: 3 months}}, taken_back: {taken_back}, levels: {{Bronze: {{reaches: 0, plan: ours}}, "
        "Silver: {reaches: 1000, plan: silver}}"
    )
    life = lived(
        block(SOFTWARE), first, back("R1", first, "1000.00", "2026-02-05"), paid("S2", "500.00", "2026-02-10"),
        paid("S3", "600.00", "2026-03-10"), months=3,
        plans=f"  {silver}\nlevels:\n  ladder: {{{ladder}}}\n",
        partners=[{"partner_id": "P", "name": "P", "plan": "ladder", "from": "2026-01"}],
    )  # fmt: skip
    assert life.posted() == amounts("100.00", "0.00", march)


@pytest.mark.parametrize("refunds", ["original_rate", "net_current", "restate"])
def test_a_partner_whose_months_come_to_less_than_nothing_is_on_the_lowest_level(refunds: str) -> None:
    # January's credit note, which names no sale, leaves minus 100.00: 10 % of it. February is on Bronze: 10 % of 50.00.
    silver = "silver: " + block(SOFTWARE.replace("10%", "20%"))
    ladder = "measure: {window: 3 months}, grace: 1, levels: {Bronze: {reaches: 0, plan: ours}, Silver: {reaches: 500, plan: silver}}"
    life = lived(
        block(SOFTWARE), paid("N1", "-100.00", "2026-01-10", kind="credit_note"), paid("S1", "50.00", "2026-02-10"),
        months=2, refunds=refunds, plans=f"  {silver}\nlevels:\n  ladder: {{{ladder}}}\n",
        partners=[{"partner_id": "P", "name": "P", "plan": "ladder", "from": "2026-01"}],
    )  # fmt: skip
    assert life.posted() == amounts("-10.00", "5.00")


def codes(side: str) -> str:
    return block(
        "software: {plan: percentage, categories: [software], rate: 20%}",
        f"codes: {{plan: promo_code, categories: [software], borne_by: {side}, rate: 20%}}",
    )


CODE: dict[str, Any] = {"discount_minor": 20_000}
"""200.00 off; the refund's line repeats it whole, as its sale's columns are repeated."""


@pytest.mark.parametrize("refunds", ["original_rate", "net_current"])
@pytest.mark.parametrize(("side", "january", "half"), [("vendor", "200.00", "-100.00"), ("partner", "0.00", "0.00")])
def test_half_a_sale_gives_back_half_its_code_though_each_refund_repeats_the_whole_of_it(
    refunds: str, side: str, january: str, half: str
) -> None:
    # 800.00 paid of 1 000.00: 160.00, and 40.00 that the vendor bears, or less 160.00 that the partner does.
    first = paid("S1", "800.00", "2026-01-10", **CODE)
    life = lived(
        codes(side), first, back("R1", first, "400.00", "2026-02-05", **CODE),
        back("R2", first, "400.00", "2026-03-05", **CODE), months=3, refunds=refunds,
    )  # fmt: skip
    assert life.posted() == amounts(january, half, half)


@pytest.mark.parametrize("refunds", ["original_rate", "net_current"])
@pytest.mark.parametrize("month", ["2026-01", "2026-02"])
def test_a_chargeback_that_is_won_gives_its_code_again(refunds: str, month: str) -> None:
    # 200.00 with what the vendor bears; the bank takes half, and gives it again: in the month of the sale, or in the next.
    first = paid("S1", "800.00", "2026-01-10", **CODE)
    taken = chargeback("B1", first, minor("400.00"), f"{month}-20", **CODE)
    again = won("W1", taken, minor("400.00"), f"{month}-21", **CODE)
    life = lived(codes("vendor"), first, taken, again, months=2, refunds=refunds)
    assert life.posted() == amounts("200.00", "0.00")
