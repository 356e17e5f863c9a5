"""Refunds under net_current and restate over several months, worked by hand."""

from typing import Any

import pytest

from models.errors import BadInput
from rules.programme.file import parse_programme
from tests.histories.history import chargeback, of_invoice, won
from tests.histories.worked.lives import PROGRAMME, SOFTWARE, amounts, back, block, lived, minor, paid
from tests.made.vendors import claim, partner

S1 = paid("S1", "2000.00", "2026-01-10")


def test_under_net_current_a_cap_of_the_month_sees_only_the_month() -> None:
    # 200.00, at most 100.00. February sells 500.00 and gives 2 000.00 back: minus 150.00.
    life = lived(
        block(SOFTWARE, "most: {plan: cap, at_most: 100.00}"), S1, back("R1", S1, "2000.00", "2026-02-05"),
        paid("S2", "500.00", "2026-02-10"), months=2, refunds="net_current",
    )  # fmt: skip
    assert life.posted() == amounts("100.00", "-150.00")


def test_under_net_current_a_cap_for_life_gives_again_what_it_took_off() -> None:
    # 100.00 of 200.00. 500.00 back owe 50.00, of the 100.00 that were never paid; 1 500.00 back owe 150.00, less the
    # other 50.00 of them.
    life = lived(
        block(SOFTWARE, "most: {plan: cap, at_most: 100.00, window: lifetime}"), S1,
        back("R1", S1, "500.00", "2026-02-05"), back("R2", S1, "1500.00", "2026-03-05"), months=3, refunds="net_current",
    )  # fmt: skip
    assert life.posted() == amounts("100.00", "0.00", "-100.00")


def test_under_net_current_a_cap_for_the_life_of_each_client_gives_again_what_it_took_off_of_that_client() -> None:
    # At most 50.00 each: C1 50.00 of 100.00, C2 40.00. Back: 50.00 of C1, which were never paid; 40.00 of C2. In March
    # C2 earns 50.00 of 70.00, and C1 nothing of 20.00.
    first, second = paid("S1", "1000.00", "2026-01-10"), paid("S2", "400.00", "2026-01-10", "C2")
    life = lived(
        block(SOFTWARE, "most: {plan: cap, at_most: 50.00, window: lifetime, per: client}"), first, second,
        back("R1", first, "500.00", "2026-02-05"), back("R2", second, "400.00", "2026-02-05"),
        paid("S3", "700.00", "2026-03-10", "C2"), paid("S4", "200.00", "2026-03-10"), months=3, refunds="net_current",
    )  # fmt: skip
    assert life.posted() == amounts("90.00", "-40.00", "50.00")


def test_under_net_current_a_month_below_zero_is_topped_up_to_its_minimum() -> None:
    life = lived(
        block(SOFTWARE, "least: {plan: guarantee, minimum: 50.00}"), S1, back("R1", S1, "600.00", "2026-02-05"), months=2,
        refunds="net_current",
    )  # fmt: skip
    assert life.posted() == amounts("200.00", "50.00")


def test_under_net_current_a_refund_lowers_the_measure_of_its_month_and_owes_at_the_first_rate_below_zero() -> None:
    # 1 200.00 at 20 %. February: 1 500.00 less 600.00 are 900.00 at 10 %. March: minus 600.00 at 10 %.
    ladder = "software: {plan: tiered, categories: [software], by: volume, measure: all, tiers: {0: 10%, 1000: 20%}}"
    first = paid("S1", "1200.00", "2026-01-10")
    life = lived(
        block(ladder), first, back("R1", first, "600.00", "2026-02-05"), paid("S2", "1500.00", "2026-02-10"),
        back("R2", first, "600.00", "2026-03-05"), months=3, refunds="net_current",
    )  # fmt: skip
    assert life.posted() == amounts("240.00", "90.00", "-60.00")


def test_under_net_current_one_sale_is_given_back_once() -> None:
    # Of 1 000.00 600.00 and 600.00: the second takes the 400.00 that are left.
    first = paid("S1", "1000.00", "2026-01-10")
    life = lived(
        block(SOFTWARE), first, back("R1", first, "600.00", "2026-02-05"), back("R2", first, "600.00", "2026-03-05"),
        back("R3", first, "1.00", "2026-04-05"), refunds="net_current",
    )  # fmt: skip
    assert life.posted() == amounts("100.00", "-60.00", "-40.00", "0.00")
    assert life.outcome("R3")[0] == "rejected"


@pytest.mark.parametrize("refunds", ["original_rate", "net_current", "restate"])
@pytest.mark.parametrize(
    ("rule", "others"),
    [
        (SOFTWARE, {"partners": [partner("P", plan="ours", until="2026-01-15")]}),
        (SOFTWARE, {"exclusions": [{"client_id": "C1", "rule": "", "reason": "our own", "from": "2026-01-15"}]}),
        (
            "software: {plan: retention, categories: [software], since: attribution, years: {1: 20%, 2: 30%}}",
            {"claims": [claim("C1", "P", claimed_on="2025-01-15")]},
        ),
    ],
    ids=["the partner left", "the client is excluded", "the client is a year older"],
)
def test_what_is_given_back_of_a_sale_of_the_same_month_is_netted_whatever_changed_between(
    rule: str, others: dict[str, Any], refunds: str
) -> None:
    # 2 000.00 of January 10th, all of them given back on the 20th: nothing was sold.
    life = lived(block(rule), S1, back("R1", S1, "2000.00", "2026-01-20"), months=1, refunds=refunds, **others)
    assert life.posted() == amounts("0.00")


@pytest.mark.parametrize("refunds", ["original_rate", "net_current", "restate"])
def test_a_late_line_given_back_whole_in_the_month_it_settles_earns_nothing_of_a_partner_who_has_left(
    refunds: str,
) -> None:
    # 0.01 of January comes in February, and goes back then. It was no first sale, which would pay 90.00.
    rules = SOFTWARE, "first: {plan: first_sale, categories: [software], pays: 90.00}"
    late = paid("S1", "0.01", "2026-01-11", posted_on="2026-02-05")
    life = lived(
        block(*rules, late_lines="month_of_payment"), late, back("R1", late, "0.01", "2026-02-11"), months=2,
        refunds=refunds, partners=[partner("P", plan="ours", until="2026-01-31")],
    )  # fmt: skip
    assert life.posted() == amounts("0.00", "0.00")


def test_under_net_current_a_refund_of_an_invoice_is_of_its_own_category_and_has_its_own_vat() -> None:
    # 1 200.00 of software with 20 % of VAT are worth 1 000.00: 100.00. 1 075.00 of training, on the same invoice, earn
    # nothing. 600.00 of software given back of the invoice are worth 500.00: minus 50.00.
    first = paid("S1", "1200.00", "2026-01-10", invoice_id="I1", vat_rate="20")
    lesson = paid("S2", "1075.00", "2026-02-10", invoice_id="I1", vat_rate="7.5", category="training")
    life = lived(
        block(SOFTWARE, not_commissioned="{training: no}"), first, lesson,
        of_invoice(back("R1", first, "600.00", "2026-03-10"), "I1"), months=3, refunds="net_current", base="net_of_vat",
    )  # fmt: skip
    assert life.posted() == amounts("100.00", "0.00", "-50.00")


def test_net_current_that_ended_leaves_later_refunds_what_it_did_not_take() -> None:
    # At 15 % 400.00 lower February by 60.00; from March what is left of January's sale goes back at its 10 %.
    first = paid("S1", "1000.00", "2026-01-10")
    dated = "[{from: 2026-01, policy: net_current}, {from: 2026-03, policy: original_rate}]"
    life = lived(
        [block(SOFTWARE), block(SOFTWARE.replace("10%", "15%"), since="2026-02")], first,
        back("R1", first, "400.00", "2026-02-05"), back("R2", first, "1000.00", "2026-03-05"), months=3, refunds=dated,
    )  # fmt: skip
    assert life.posted() == amounts("100.00", "-60.00", "-60.00")


def test_restated_a_volume_month_earns_what_it_would_have_without_the_refund() -> None:
    # 1 200.00 at 20 % are 240.00; 600.00 at 10 % would have been 60.00: 180.00 less. Then all of it.
    ladder = "software: {plan: tiered, categories: [software], by: volume, measure: all, tiers: {0: 10%, 1000: 20%}}"
    first = paid("S1", "1200.00", "2026-01-10")
    life = lived(
        block(ladder), first, back("R1", first, "600.00", "2026-02-05"), back("R2", first, "600.00", "2026-03-05"),
        months=3, refunds="restate",
    )  # fmt: skip
    assert life.posted() == amounts("240.00", "-180.00", "-60.00")


def test_restated_caps_and_guarantees_are_those_of_the_month_that_is_worked_out_again() -> None:
    # At most 100.00, at least 60.00. 500.00 left: 50.00, so 60.00. February has its own 60.00.
    life = lived(
        block(SOFTWARE, "most: {plan: cap, at_most: 100.00}", "least: {plan: guarantee, minimum: 60.00}"), S1,
        back("R1", S1, "500.00", "2026-02-05"), back("R2", S1, "1000.00", "2026-03-05"), months=3, refunds="restate",
    )  # fmt: skip
    assert life.posted() == amounts("100.00", "60.00", "20.00")


def test_restated_a_cap_for_life_gives_room_to_later_months_too() -> None:
    # At most 150.00 for life: 100.00 and 50.00 of 100.00. Without January's sale February earns its 100.00.
    first = paid("S1", "1000.00", "2026-01-10")
    life = lived(
        block(SOFTWARE, "most: {plan: cap, at_most: 150.00, window: lifetime}"), first, paid("S2", "1000.00", "2026-02-10"),
        back("R1", first, "1000.00", "2026-03-05"), paid("S3", "400.00", "2026-03-10"), months=3, refunds="restate",
    )  # fmt: skip
    # January 100.00 less, February 50.00 more; March 40.00, of which all are left.
    assert life.posted() == amounts("100.00", "50.00", "-10.00")


def test_restated_a_consolidated_bill_is_smaller_in_its_month_for_every_rule_that_measured_it() -> None:
    # Telephony's 700.00 of a bill of 1 500.00 reach 20 %: 140.00; software 5 %, 40.00. Without software the bill is
    # 700.00: 10 %, 70.00. So 70.00 and 40.00 less.
    calls = "telephony: {plan: tiered, categories: [telephony], by: volume, measure: all, tiers: {0: 10%, 1000: 20%}}"
    flat = "software: {plan: percentage, categories: [software], rate: 5%}"
    sold, called = paid("S1", "800.00", "2026-01-10"), paid("T1", "700.00", "2026-01-10", category="telephony")
    life = lived(
        block(calls, flat), sold, called, back("R1", sold, "800.00", "2026-02-05"), months=2, refunds="restate"
    )
    assert life.posted() == amounts("180.00", "-110.00")


def test_restated_a_goal_that_a_later_month_reached_on_it_is_taken_back_where_its_term_says_so() -> None:
    # 60.00, then 60.00 and 50.00 for 1 200.00 in all. Of January 300.00 are left: 900.00, so February's 50.00 go too.
    # April's 100.00 reach it again.
    goal = "goal: {plan: milestone, measure: {window: lifetime}, goals: {1000: 50.00}, taken_back: true}"
    first = paid("S1", "600.00", "2026-01-10")
    life = lived(
        block(SOFTWARE, goal), first, paid("S2", "600.00", "2026-02-10"), back("R1", first, "300.00", "2026-03-05"),
        paid("S3", "100.00", "2026-04-10"), refunds="restate",
    )  # fmt: skip
    assert life.posted() == amounts("60.00", "110.00", "-80.00", "60.00")


def test_restated_twice_under_a_cap_for_life_each_month_keeps_the_room_the_other_left() -> None:
    # At most 150.00 for life: 100.00 and 50.00 of 100.00. Half of January back: 50.00 and 100.00. Then half of
    # February: 50.00 and 50.00. Then the rest of January: 0.00 and 50.00.
    first, second = paid("S1", "1000.00", "2026-01-10"), paid("S2", "1000.00", "2026-02-10")
    life = lived(
        block(SOFTWARE, "most: {plan: cap, at_most: 150.00, window: lifetime}"), first, second,
        back("R1", first, "500.00", "2026-03-05"), back("R2", second, "500.00", "2026-04-05"),
        back("R3", first, "500.00", "2026-05-05"), months=5, refunds="restate",
    )  # fmt: skip
    assert life.posted() == amounts("100.00", "50.00", "0.00", "-50.00", "-50.00")


def test_net_current_that_was_followed_by_restate_leaves_a_month_what_lowered_another() -> None:
    # February was lowered by 400.00 of January's sale. January is worked out again without the other 600.00 alone: 40.00
    # of its 100.00 stand, which February has lost already.
    first = paid("S1", "1000.00", "2026-01-10")
    dated = "[{from: 2026-01, policy: net_current}, {from: 2026-03, policy: restate}]"
    life = lived(
        block(SOFTWARE), first, back("R1", first, "400.00", "2026-02-05"), back("R2", first, "600.00", "2026-03-05"),
        months=3, refunds=dated,
    )  # fmt: skip
    assert life.posted() == amounts("100.00", "-40.00", "-60.00")


def test_a_chargeback_that_lowered_its_month_is_won_at_the_rate_of_its_sale_under_a_later_policy() -> None:
    first = paid("S1", "1000.00", "2026-01-10")
    taken = chargeback("B1", first, minor("1000.00"), "2026-02-05")
    for policy in ("original_rate", "restate"):
        dated = f"[{{from: 2026-01, policy: net_current}}, {{from: 2026-03, policy: {policy}}}]"
        life = lived(block(SOFTWARE), first, taken, won("W1", taken, minor("1000.00"), "2026-03-05"), months=3,
                     refunds=dated)  # fmt: skip
        assert life.posted() == amounts("100.00", "-100.00", "100.00")


def test_restated_a_bill_is_smaller_by_what_it_counted_and_never_commissioned() -> None:
    # 400.00 of hardware and 700.00 of telephony: 20 %. Without the hardware 700.00 at 10 %: 70.00 less, then 10.00.
    bill = "telephony: {plan: tiered, categories: [telephony], by: volume, measure: all, tiers: {0: 10%, 1000: 20%}}"
    box, called = (
        paid("H1", "400.00", "2026-01-10", category="hardware"),
        paid("T1", "700.00", "2026-01-10", category="telephony"),
    )
    life = lived(
        block(bill, not_commissioned="{hardware: sold at cost}"), box, called, back("R1", box, "400.00", "2026-02-05"),
        back("R2", called, "100.00", "2026-03-05"), months=3, refunds="restate",
    )  # fmt: skip
    assert life.posted() == amounts("140.00", "-70.00", "-10.00")


def test_restated_a_first_sale_of_an_amount_stays_while_its_order_is_one() -> None:
    # 50.00 and 90.00. With 300.00 left 30.00 and still 90.00. Then nothing of either; April's order is the first.
    first = paid("S1", "500.00", "2026-01-10")
    life = lived(
        block(SOFTWARE, "first: {plan: first_sale, categories: [software], pays: 90.00}"), first,
        back("R1", first, "200.00", "2026-02-05"), back("R2", first, "300.00", "2026-03-05"),
        paid("S2", "300.00", "2026-04-10"), refunds="restate",
    )  # fmt: skip
    assert life.posted() == amounts("140.00", "-20.00", "-120.00", "120.00")


@pytest.mark.parametrize("refunds", ["original_rate", "restate"])
def test_an_override_on_a_month_that_a_cap_for_life_leaves_more_follows_it_as_its_own_amount(refunds: str) -> None:
    # At most 150.00 for life: 100.10 and 49.90 of 100.00; 5 % of it 5.005, 5.01, and 2.495, 2.50. January goes back, so
    # February has its 100.00: 50.10 more, of which 5 % are 2.505, 2.51. Each is rounded once, so February's senior has
    # 5.01 of what at once were 5.00; it all goes back with February.
    first, second = paid("S1", "1001.00", "2026-01-10", "C9"), paid("S2", "1000.00", "2026-02-10", "C9")
    life = lived(
        block("team: {plan: override, of: commission, levels: [5%]}"), first, second,
        back("R1", first, "1001.00", "2026-03-05"), back("R2", second, "1000.00", "2026-04-05"), refunds=refunds,
        plans=f"  below: {block(SOFTWARE, 'most: {plan: cap, at_most: 150.00, window: lifetime}')}\n",
        claims=[claim("C9", "J", claimed_on="2025-12-01")],
        partners=[partner("P", plan="ours"), partner("J", plan="below", parent_id="P")],
    )  # fmt: skip
    assert life.posted("J") == amounts("100.10", "49.90", "-50.00", "-100.00")
    assert life.posted("P") == amounts("5.01", "2.50", "-2.50", "-5.01")


BOTH = pytest.mark.parametrize("refunds", ["original_rate", "net_current"])


@BOTH
def test_a_line_that_waits_for_a_rule_is_in_the_whole_bill_of_the_month_that_first_saw_it_paid(refunds: str) -> None:
    # 600.00 of telephony and 500.00 of hardware, which no rule names, are 1 100.00: 20 %. The hardware is open, and in
    # February it is in no bill again: 600.00 at 10 %.
    calls = "telephony: {plan: tiered, categories: [telephony], by: volume, measure: all, tiers: {0: 10%, 1000: 20%}}"
    box = paid("H1", "500.00", "2026-01-12", category="hardware")
    months = [paid(f"T{month}", "600.00", f"2026-0{month}-10", category="telephony") for month in (1, 2)]
    life = lived(block(calls), box, *months, months=2, refunds=refunds)
    assert life.posted() == amounts("120.00", "60.00")
    assert life.outcome("H1")[0] == "open"


@BOTH
@pytest.mark.parametrize(
    "rules",
    [
        (SOFTWARE, "team: {plan: override, of: commission, levels: [5%]}", "most: {plan: cap, at_most: 1.00, rules: [team]}"),
        (SOFTWARE, "team: {plan: override, of: base, levels: [5%]}", "least: {plan: guarantee, minimum: 1.00, rules: [team]}"),
        (SOFTWARE, "codes: {plan: promo_code, categories: [software], borne_by: vendor, rate: 20%}"),
        (
            "software: {plan: tiered, categories: [software], by: volume, measure: all, tiers: {0: 10%, 1000: 20%}}",
            "codes: {plan: promo_code, categories: [software], borne_by: partner, rate: 10%}",
        ),
    ],
    ids=["a cap of an override", "a guarantee of an override", "a code at another rate", "a code beside a ladder"],
)  # fmt: skip
def test_what_could_not_be_carried_out_is_refused_when_the_file_is_read(rules: tuple[str, ...], refunds: str) -> None:
    head = PROGRAMME.format(base="gross", refunds=refunds)
    parse_programme(f"{head}  ours: {block(rules[0])}\n")
    with pytest.raises(BadInput, match=r"team|codes"):
        parse_programme(f"{head}  ours: {block(*rules)}\n")


def test_under_net_current_an_invoice_paid_over_the_border_of_two_months_is_given_back_once() -> None:
    # 60.00 in January; 40.00 in February, less 100.00 for the 1 000.00 of the invoice. Of a second refund nothing is left.
    one, two = (
        paid("S1", "600.00", "2026-01-31", invoice_id="I1"),
        paid("S2", "400.00", "2026-02-01", invoice_id="I1"),
    )
    given = [
        of_invoice(back(line_id, one, "1000.00", on), "I1")
        for line_id, on in (("R1", "2026-02-05"), ("R2", "2026-02-06"))
    ]
    life = lived(block(SOFTWARE), one, two, *given, months=3, refunds="net_current")
    assert life.posted() == amounts("60.00", "-60.00", "0.00")
    assert life.outcome("R2") == ("rejected", "refunded already")


def test_a_gift_that_its_month_worked_out_again_no_longer_reaches_is_taken_back_and_not_given_again() -> None:
    # Worth 30.00 at 1 000.00 in three months. Without January's 1 000.00 there is none; February and March see them still.
    gift = "gift: {plan: gift, gift: Pen, worth: 30.00, measure: {window: 3 months}, reaches: 1000}"
    sale = paid("S1", "1000.00", "2026-01-10")
    life = lived(block(SOFTWARE, gift), sale, back("R1", sale, "1000.00", "2026-02-05"),
                 paid("S2", "1000.00", "2026-04-10"), refunds="restate")  # fmt: skip
    assert life.apart("credit") == amounts("30.00", "0.00", "0.00", "0.00")
