"""Tiers and what is measured over several months, worked by hand: what is given back goes at its own rate."""

from tests.histories.history import chargeback, won
from tests.histories.worked.lives import amounts, back, block, lived, minor, paid

TIERS = "{{plan: tiered, categories: [software], by: {by}, measure: {measure}, tiers: {tiers}}}"


def tiers(by: str, measure: str = "all", ladder: str = "{0: 10%, 1000: 20%}") -> str:
    return "software: " + TIERS.format(by=by, measure=measure, tiers=ladder)


def test_a_volume_sale_goes_back_at_the_rate_it_reached_and_the_tier_of_now_does_not_see_it() -> None:
    # 1 200.00 reach 20 %: 240.00. 600.00 back are 120.00. February's 1 100.00 reach 20 % themselves: 220.00.
    first = paid("S1", "1200.00", "2026-01-10")
    life = lived(block(tiers("volume")), first, back("R1", first, "600.00", "2026-02-05"),
                 paid("S2", "1100.00", "2026-02-10"), months=2)  # fmt: skip
    assert life.posted() == amounts("240.00", "100.00")


def test_a_term_lets_the_tier_of_now_see_what_is_given_back() -> None:
    # The same, but 1 100.00 less 600.00 measure 500.00: 10 % of 1 100.00 are 110.00, less 120.00.
    first = paid("S1", "1200.00", "2026-01-10")
    life = lived(block(tiers("volume"), refunds_lower_the_measure="true"), first,
                 back("R1", first, "600.00", "2026-02-05"), paid("S2", "1100.00", "2026-02-10"), months=2)  # fmt: skip
    assert life.posted() == amounts("240.00", "-10.00")


def test_a_consolidated_bill_stays_what_it_was_in_its_month() -> None:
    # The bill is 1 500.00: telephony's 700.00 are the slice from 800.00, 200.00 at 10 % and 500.00 at 20 %: 120.00.
    # Software earns 5 %: 40.00. Half of telephony back is 60.00; software back is 40.00, and telephony's slices stay.
    calls = (
        "telephony: {plan: tiered, categories: [telephony], by: graduated, measure: all, tiers: {0: 10%, 1000: 20%}}"
    )
    flat = "software: {plan: percentage, categories: [software], rate: 5%}"
    sold, called = paid("S1", "800.00", "2026-01-10"), paid("T1", "700.00", "2026-01-10", category="telephony")
    life = lived(
        block(calls, flat), sold, called, back("R1", called, "350.00", "2026-02-05"), back("R2", sold, "800.00", "2026-02-05"),
        paid("T2", "500.00", "2026-02-10", category="telephony"), months=2,
    )  # fmt: skip
    assert life.posted() == amounts("160.00", "-50.00")


def test_a_graduated_sale_goes_back_over_months_to_the_last_kopeck_through_a_change_of_rates() -> None:
    # 1 000.00 at 10 % and 500.00 at 20 %: 200.00 on 1 500.00. A third is 66.67 (66.666..), two thirds 133.33, all 200.00.
    first = paid("S1", "1500.00", "2026-01-10")
    life = lived(
        [block(tiers("graduated")), block(tiers("graduated", ladder="{0: 1%, 10: 50%}"), since="2026-02")], first,
        *[back(f"R{month}", first, "500.00", f"2026-0{month}-05") for month in (2, 3, 4)],
    )  # fmt: skip
    assert life.posted() == amounts("200.00", "-66.67", "-66.66", "-66.67")


def test_started_packages_and_flat_amounts_go_back_in_the_part_of_the_sale() -> None:
    # 2 500.00 start three packages of 1 000.00 at 70.00: 210.00. A fifth is 42.00.
    packages = "software: {plan: tiered, categories: [software], by: package, measure: all, size: 1000.00, pays: 70.00}"
    first = paid("S1", "2500.00", "2026-01-10")
    parts = back("R1", first, "500.00", "2026-02-05"), back("R2", first, "2000.00", "2026-03-05")
    assert lived(block(packages), first, *parts, months=3).posted() == amounts("210.00", "-42.00", "-168.00")
    # 10 % and 50.00 for entering: 300.00. A fifth is 60.00.
    flat = tiers("volume", ladder="{0: 8%, 1000: {rate: 10%, flat: 50.00}}")
    assert lived(block(flat), first, *parts, months=3).posted() == amounts("300.00", "-60.00", "-240.00")


def test_a_ladder_over_three_months_counts_what_was_sold_then() -> None:
    # 600.00 at 10 %; with February's 600.00 the three months come to 1 200.00: 20 %. January goes back at 10 %; March's
    # three months are 600.00 + 600.00 + 100.00, for a refund does not change what earlier months measured: 20 %.
    first = paid("S1", "600.00", "2026-01-10")
    ladder = tiers("volume", "{window: 3 months}")
    life = lived(
        block(ladder), first, paid("S2", "600.00", "2026-02-10"), back("R1", first, "600.00", "2026-03-05"),
        paid("S3", "100.00", "2026-03-10"), months=3,
    )  # fmt: skip
    assert life.posted() == amounts("60.00", "120.00", "-40.00")


def test_a_graduated_ladder_for_life_goes_back_sale_by_sale() -> None:
    # The first 800.00 at 10 %; the next 400.00 are the slice from 800.00: 20.00 + 40.00. January's 800.00 back: 80.00,
    # and February's slices stay. April's 100.00 come after 1 200.00: 20 %.
    first, second = paid("S1", "800.00", "2026-01-10"), paid("S2", "400.00", "2026-02-10")
    life = lived(
        block(tiers("graduated", "{window: lifetime}")), first, second, back("R1", first, "800.00", "2026-03-05"),
        back("R2", second, "200.00", "2026-03-06"), paid("S3", "100.00", "2026-04-10"),
    )  # fmt: skip
    assert life.posted() == amounts("80.00", "60.00", "-110.00", "20.00")


def test_a_volume_ladder_and_a_cap_give_back_together() -> None:
    # 1 500.00 at 20 % are 300.00, at most 200.00. 500.00 back are 100.00 at its rate: 200.00 stay. 750.00 more: 50.00.
    first = paid("S1", "1500.00", "2026-01-10")
    life = lived(
        block(tiers("volume"), "most: {plan: cap, at_most: 200.00}"), first, back("R1", first, "500.00", "2026-02-05"),
        back("R2", first, "750.00", "2026-03-05"), months=3,
    )  # fmt: skip
    assert life.posted() == amounts("200.00", "0.00", "-150.00")


def test_a_chargeback_of_a_tier_is_won_back_at_the_rate_it_was_taken_at() -> None:
    # 240.00 at 20 %. The plan falls to 1 % in February; the bank takes 600.00, and gives 400.00 again in April.
    first = paid("S1", "1200.00", "2026-01-10")
    taken = chargeback("B1", first, minor("600.00"), "2026-02-05")
    life = lived(
        [block(tiers("volume")), block("software: {plan: percentage, categories: [software], rate: 1%}", since="2026-02")],
        first, taken, won("W1", taken, minor("400.00"), "2026-04-05"),
    )  # fmt: skip
    assert life.posted() == amounts("240.00", "-120.00", "0.00", "80.00")


def test_a_late_line_earns_by_the_month_of_its_payment_where_the_contract_says_so_and_goes_back_at_that() -> None:
    # 600.00 of January earn 10 %; 600.00 more of it come in February: 1 200.00 reach 20 %, so 120.00. Half of them back
    # is 60.00; the first 600.00 go back at the 10 % they earned.
    first, late = paid("S1", "600.00", "2026-01-10"), paid("S2", "600.00", "2026-01-20", posted_on="2026-02-03")
    life = lived(
        block(tiers("volume"), late_lines="month_of_payment"), first, late, back("R1", late, "300.00", "2026-03-05"),
        back("R2", first, "600.00", "2026-04-05"),
    )  # fmt: skip
    assert life.posted() == amounts("60.00", "120.00", "-60.00", "-60.00")
    # Without the term February settles it by itself: 600.00 at 10 %.
    usual = lived(block(tiers("volume")), first, late, back("R1", late, "300.00", "2026-03-05"), months=3)
    assert usual.posted() == amounts("60.00", "60.00", "-30.00")
