"""Guarantees over several months, worked by hand: a guaranteed month never falls below its minimum."""

from tests.histories.worked.lives import SOFTWARE, amounts, back, block, lived, paid
from tests.made.vendors import claim, partner

LEAST = "least: {plan: guarantee, minimum: 50.00}"
GUARANTEED = block(SOFTWARE, LEAST)
"""10 %, and at least 50.00 a month."""


def test_a_month_that_was_topped_up_stays_at_its_minimum_whatever_is_given_back() -> None:
    # 30.00 and 20.00. February earns 80.00; of January nothing is left, and 50.00 are guaranteed.
    first = paid("S1", "300.00", "2026-01-10")
    life = lived(GUARANTEED, first, paid("S2", "800.00", "2026-02-10"), back("R1", first, "300.00", "2026-02-05"),
                 months=2)  # fmt: skip
    assert life.posted() == amounts("50.00", "80.00")


def test_a_month_above_its_minimum_gives_back_down_to_it() -> None:
    # 80.00. With 400.00 left 40.00 and 10.00: 30.00 less. February has its own 50.00. Then nothing more.
    first = paid("S1", "800.00", "2026-01-10")
    life = lived(GUARANTEED, first, back("R1", first, "400.00", "2026-02-05"), back("R2", first, "400.00", "2026-03-05"),
                 months=3)  # fmt: skip
    assert life.posted() == amounts("80.00", "20.00", "50.00")


def test_what_is_guaranteed_of_a_part_of_a_month_is_not_given_back_either() -> None:
    # 62.00 for 15 of 31 days are 30.00: 10.00 and 20.00. February earns its 62.00.
    first = paid("S1", "100.00", "2026-01-20")
    life = lived(
        block(SOFTWARE, "least: {plan: guarantee, minimum: 62.00}"), first, back("R1", first, "100.00", "2026-02-05"),
        months=2, partners=[partner("P", plan="ours", **{"from": "2026-01-17"})],
    )  # fmt: skip
    assert life.posted() == amounts("30.00", "62.00")


def test_a_guarantee_of_one_rule_does_not_keep_what_another_earned() -> None:
    # Telephony 30.00, topped up to 40.00; software 100.00. All is given back: software's 100.00 alone are gone.
    calls, first = paid("S1", "300.00", "2026-01-10", category="telephony"), paid("S2", "1000.00", "2026-01-10")
    life = lived(
        block(SOFTWARE, "telephony: {plan: percentage, categories: [telephony], rate: 10%}",
              "least: {plan: guarantee, minimum: 40.00, rules: [telephony]}"),
        calls, first, back("R1", calls, "300.00", "2026-02-05"), back("R2", first, "1000.00", "2026-02-05"), months=2,
    )  # fmt: skip
    assert life.posted() == amounts("140.00", "-60.00")


def test_a_cap_and_a_guarantee_hold_together() -> None:
    # 200.00, at most 100.00. With 300.00 left 30.00, at least 60.00: 40.00 less. February has its own 60.00.
    first = paid("S1", "2000.00", "2026-01-10")
    life = lived(
        block(SOFTWARE, "most: {plan: cap, at_most: 100.00}", "least: {plan: guarantee, minimum: 60.00}"), first,
        back("R1", first, "1700.00", "2026-02-05"), back("R2", first, "300.00", "2026-03-05"), months=3,
    )  # fmt: skip
    assert life.posted() == amounts("100.00", "20.00", "60.00")


def test_a_cap_after_a_guarantee_for_life_counts_what_was_guaranteed() -> None:
    # At least 50.00 a month, at most 120.00 for life: 80.00, then 40.00 of February's 50.00, then nothing of March's.
    # Of January nothing is left: its 50.00 are guaranteed, so February has its 50.00, and 20.00 are left for March.
    first = paid("S1", "800.00", "2026-01-10")
    life = lived(
        block(SOFTWARE, LEAST, "most: {plan: cap, at_most: 120.00, window: lifetime}"), first,
        back("R1", first, "800.00", "2026-03-05"),
    )  # fmt: skip
    # In March: January 30.00 less, February 10.00 more, March's own 20.00.
    assert life.posted() == amounts("80.00", "40.00", "0.00", "0.00")


def test_a_senior_earns_on_what_its_junior_is_guaranteed_and_gives_none_of_it_back() -> None:
    # 50.00 a month: 10 % of them are 5.00. What is given back of January changes nothing above its minimum.
    first = paid("S1", "300.00", "2026-01-10", "C9")
    life = lived(
        block("team: {plan: override, of: commission, levels: [10%]}"), first, back("R1", first, "300.00", "2026-02-05"),
        months=2, plans=f"  below: {GUARANTEED}\n", claims=[claim("C9", "J", claimed_on="2025-12-01")],
        partners=[partner("P", plan="ours"), partner("J", plan="below", parent_id="P")],
    )  # fmt: skip
    assert (life.posted("J"), life.posted("P")) == (amounts("50.00", "50.00"), amounts("5.00", "5.00"))


def test_a_senior_gives_back_its_part_of_what_a_capped_junior_gives_back() -> None:
    # 200.00, at most 100.00: 10.00 above it. 500.00 back take nothing, 1 000.00 more 50.00, and 5.00 above it. On what
    # clients pay, 1 %, each refund takes its part: 20.00, then 5.00 and 10.00.
    first = paid("S1", "2000.00", "2026-01-10", "C9")
    life = lived(
        block("team: {plan: override, of: commission, levels: [10%]}", "sales: {plan: override, of: base, levels: [1%]}"),
        first, back("R1", first, "500.00", "2026-02-05"), back("R2", first, "1000.00", "2026-03-05"), months=3,
        plans=f"  below: {block(SOFTWARE, 'most: {plan: cap, at_most: 100.00}')}\n",
        claims=[claim("C9", "J", claimed_on="2025-12-01")],
        partners=[partner("P", plan="ours"), partner("J", plan="below", parent_id="P")],
    )  # fmt: skip
    assert life.posted("J") == amounts("100.00", "0.00", "-50.00")
    assert life.posted(rule="team") == amounts("10.00", "0.00", "-5.00")
    assert life.posted(rule="sales") == amounts("20.00", "-5.00", "-10.00")


def test_an_amount_by_hand_counts_for_no_guarantee() -> None:
    # Nothing is sold: 50.00 are guaranteed beside the 30.00 given by hand.
    row = {
        "adjustment_id": "A1", "partner_id": "P", "posted_on": "2026-01-31", "amount_minor": 3_000, "why": "a fair",
        "evidence": "", "who": "olga", "cites": "",
    }  # fmt: skip
    life = lived(GUARANTEED, months=2, adjustments=[row])
    assert life.posted() == amounts("80.00", "50.00")
