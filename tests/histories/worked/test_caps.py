"""Caps over several months, worked by hand: a cap is figured again on its own month, less all that was given back."""

from tests.histories.history import chargeback, won
from tests.histories.worked.lives import SOFTWARE, amounts, back, block, lived, minor, paid

CAPPED = block(SOFTWARE, "most: {plan: cap, at_most: 100.00}")
"""10 %, at most 100.00 a month."""

S1 = paid("S1", "2000.00", "2026-01-10")


def test_a_month_above_its_cap_gives_back_only_what_falls_below_it() -> None:
    # 200.00, of which 100.00 are paid. Of 1 500.00 left 150.00 are earned, 100.00 paid; of 700.00, 70.00; then nothing.
    life = lived(
        CAPPED, S1,
        back("R1", S1, "500.00", "2026-02-05"), back("R2", S1, "800.00", "2026-03-05"),
        back("R3", S1, "700.00", "2026-04-05"),
    )  # fmt: skip
    assert life.posted() == amounts("100.00", "0.00", "-30.00", "-70.00")


def test_what_is_given_back_in_its_own_month_is_netted_before_the_cap() -> None:
    # 2 000.00 less 1 700.00 earn 30.00, which no cap touches. Then 200.00 more: 20.00 of it.
    life = lived(CAPPED, S1, back("R1", S1, "1700.00", "2026-01-20"), back("R2", S1, "200.00", "2026-02-05"), months=2)
    assert life.posted() == amounts("30.00", "-20.00")


def test_two_clients_under_one_cap_give_back_what_they_leave_of_it() -> None:
    # 60.00 and 140.00 earn 100.00. Without C1 140.00 are earned, 100.00 paid. With 400.00 of C2 left, 40.00.
    first, second = paid("S1", "600.00", "2026-01-10"), paid("S2", "1400.00", "2026-01-10", "C2")
    life = lived(
        CAPPED, first, second,
        back("R1", first, "600.00", "2026-02-05"), back("R2", second, "1000.00", "2026-03-05"), months=3,
    )  # fmt: skip
    assert life.posted() == amounts("100.00", "0.00", "-60.00")


def test_the_cap_of_the_month_of_a_refund_does_not_see_it() -> None:
    # February earns 150.00, at most 100.00, and gives back January's 100.00: nothing. Not 150.00 less 100.00.
    life = lived(CAPPED, paid("S1", "1000.00", "2026-01-10"), paid("S2", "1500.00", "2026-02-10"),
                 back("R1", paid("S1", "1000.00", "2026-01-10"), "1000.00", "2026-02-05"), months=2)  # fmt: skip
    assert life.posted() == amounts("100.00", "0.00")
    assert life.posted(rule="most") == amounts("0.00", "-50.00")


def test_a_cap_for_each_client_is_figured_again_for_that_client() -> None:
    # At most 50.00 each: C1 100.00, so 50.00; C2 30.00. With 400.00 left C1 earns 40.00.
    first, second = paid("S1", "1000.00", "2026-01-10"), paid("S2", "300.00", "2026-01-10", "C2")
    life = lived(
        block(SOFTWARE, "most: {plan: cap, at_most: 50.00, per: client}"), first, second,
        back("R1", first, "600.00", "2026-02-05"), back("R2", second, "300.00", "2026-02-06"),
        back("R3", first, "400.00", "2026-03-05"), months=3,
    )  # fmt: skip
    assert life.posted() == amounts("80.00", "-40.00", "-40.00")


def test_what_is_for_no_client_is_outside_a_cap_for_each_client() -> None:
    # A fee of 100.00, and 50.00 of C1's 100.00; with 400.00 left C1 earns 40.00. February has its own fee.
    rules = ("fee: {plan: base_fee, pays: 100.00}", SOFTWARE, "most: {plan: cap, at_most: 50.00, per: client}")
    first = paid("S1", "1000.00", "2026-01-10")
    life = lived(block(*rules), first, back("R1", first, "600.00", "2026-02-05"), months=2)
    assert life.posted() == amounts("150.00", "90.00")


def test_a_cap_for_life_that_was_not_reached_after_all_gives_room_to_later_months() -> None:
    # At most 150.00 for life: 100.00, then 50.00 of 100.00. With 300.00 of January left, 30.00 and 100.00: 130.00,
    # 20.00 less than before. March earns 50.00, of which 20.00 are left for life; April nothing.
    first = paid("S1", "1000.00", "2026-01-10")
    life = lived(
        block(SOFTWARE, "most: {plan: cap, at_most: 150.00, window: lifetime}"), first,
        paid("S2", "1000.00", "2026-02-10"), paid("S3", "500.00", "2026-03-10"), paid("S4", "100.00", "2026-04-10"),
        back("R1", first, "700.00", "2026-03-05"),
    )  # fmt: skip
    assert life.posted() == amounts("100.00", "50.00", "0.00", "0.00")
    assert life.posted(rule="most") == amounts("0.00", "-50.00", "20.00", "-10.00")


def test_a_cap_for_the_life_of_each_client_gives_room_to_that_client() -> None:
    # At most 60.00: 50.00, then 10.00 of 50.00. Without January February's 50.00 are below it; half of them, 25.00.
    first, second = paid("S1", "500.00", "2026-01-10"), paid("S2", "500.00", "2026-02-10")
    life = lived(
        block(SOFTWARE, "most: {plan: cap, at_most: 60.00, window: lifetime, per: client}"), first, second,
        paid("S3", "500.00", "2026-02-10", "C2"),
        back("R1", first, "500.00", "2026-03-05"), back("R2", second, "250.00", "2026-04-05"),
    )  # fmt: skip
    assert life.posted() == amounts("50.00", "60.00", "-10.00", "-25.00")


def test_a_chargeback_of_a_capped_month_is_won_back_in_parts() -> None:
    # 500.00 left are 50.00. 300.00 won: 80.00. 1 200.00 more: 200.00, at most 100.00.
    taken = chargeback("B1", S1, minor("1500.00"), "2026-02-05")
    life = lived(
        CAPPED, S1, taken, won("W1", taken, minor("300.00"), "2026-03-05"), won("W2", taken, minor("1200.00"), "2026-04-05")
    )  # fmt: skip
    assert life.posted() == amounts("100.00", "-50.00", "30.00", "20.00")


def test_each_month_is_figured_again_by_its_own_cap() -> None:
    # 100.00 at most in January, 50.00 from February on. In March January has 500.00 left: 50.00; February 300.00: 30.00.
    second = paid("S2", "2000.00", "2026-02-10")
    life = lived(
        [CAPPED, block(SOFTWARE, "most: {plan: cap, at_most: 50.00}", since="2026-02")], S1, second,
        back("R1", S1, "1500.00", "2026-03-05"), back("R2", second, "1700.00", "2026-03-06"), months=3,
    )  # fmt: skip
    assert life.posted() == amounts("100.00", "50.00", "-70.00")


def test_a_cap_that_came_later_holds_nothing_of_a_month_before_it() -> None:
    # January's 200.00 were not capped: 500.00 back take 50.00. February earns 150.00, of which 100.00.
    life = lived(
        [block(SOFTWARE), block(SOFTWARE, "most: {plan: cap, at_most: 100.00}", since="2026-02")], S1,
        back("R1", S1, "500.00", "2026-02-05"), paid("S2", "1500.00", "2026-02-10"), months=2,
    )  # fmt: skip
    assert life.posted() == amounts("200.00", "50.00")


def test_a_cap_for_life_that_was_raised_is_figured_again_month_by_month() -> None:
    # At most 150.00 for life until February, 300.00 from March: 100.00, 50.00, 100.00. Without January February's
    # 100.00 stand below 150.00, 50.00 more; March's 100.00 stay.
    first = paid("S1", "1000.00", "2026-01-10")
    rule = "most: {{plan: cap, at_most: {}, window: lifetime}}"
    life = lived(
        [block(SOFTWARE, rule.format("150.00")), block(SOFTWARE, rule.format("300.00"), since="2026-03")],
        first, paid("S2", "1000.00", "2026-02-10"), paid("S3", "1000.00", "2026-03-10"),
        back("R1", first, "1000.00", "2026-04-05"),
    )  # fmt: skip
    assert life.posted() == amounts("100.00", "50.00", "100.00", "-50.00")


def test_a_cap_on_one_rule_leaves_what_another_earned() -> None:
    # Software 200.00, at most 100.00; telephony 20 % of 500.00. Back: telephony 50.00, software to 80.00.
    calls = paid("S2", "500.00", "2026-01-10", category="telephony")
    life = lived(
        block(SOFTWARE, "telephony: {plan: percentage, categories: [telephony], rate: 20%}",
              "most: {plan: cap, at_most: 100.00, rules: [software]}"),
        S1, calls, back("R1", calls, "250.00", "2026-02-05"), back("R2", S1, "1200.00", "2026-02-06"), months=2,
    )  # fmt: skip
    assert life.posted() == amounts("200.00", "-70.00")


def test_a_cap_for_each_client_comes_before_the_cap_of_all_that_follows_it() -> None:
    # 100.00 and 100.00, at most 50.00 each, then at most 80.00 together. With 200.00 of C1 left: 20.00 and 50.00.
    first, second = paid("S1", "1000.00", "2026-01-10"), paid("S2", "1000.00", "2026-01-10", "C2")
    life = lived(
        block(SOFTWARE, "each: {plan: cap, at_most: 50.00, per: client}", "all: {plan: cap, at_most: 80.00}"),
        first, second, back("R1", first, "800.00", "2026-02-05"), months=2,
    )  # fmt: skip
    assert life.posted() == amounts("80.00", "-10.00")


def test_a_bonus_that_people_share_is_under_the_cap_of_its_partner() -> None:
    # 100.00 and a bonus of 20.00, at most 100.00. Half: 50.00 and 10.00, below it.
    bonus = "bonus: {plan: employee_bonus, categories: all, roles: {seller: 2%}, paid: through_partner}"
    first = paid("S1", "1000.00", "2026-01-10")
    people = [
        {"partner_id": "P", "person_id": who, "name": who, "role": "seller", "from": "2026-01-01", "until": ""}
        for who in ("W1", "W2")
    ]
    life = lived(
        block(SOFTWARE, bonus, "most: {plan: cap, at_most: 100.00}"), first, back("R1", first, "500.00", "2026-02-05"),
        months=2, employees=people,
    )  # fmt: skip
    assert life.posted() == amounts("100.00", "-40.00")


def test_two_refunds_that_ask_for_more_than_there_was_take_it_once() -> None:
    # 1 500.00 and 1 500.00 of 2 000.00: the second takes 500.00. 50.00 are left, then nothing.
    life = lived(
        CAPPED, S1, back("R1", S1, "1500.00", "2026-02-05"), back("R2", S1, "1500.00", "2026-03-05"), months=3
    )  # fmt: skip
    assert life.posted() == amounts("100.00", "-50.00", "-50.00")


def test_a_cap_looks_at_what_is_net_of_vat_where_commission_does() -> None:
    # 1 220.00 with 22 % of VAT are 1 000.00: 100.00, at most 80.00. Back 200.00: 80.00 stay. Then 400.00: 40.00.
    first = paid("S1", "1220.00", "2026-01-10", vat_rate="22")
    life = lived(
        block(SOFTWARE, "most: {plan: cap, at_most: 80.00}"), first,
        back("R1", first, "244.00", "2026-02-05"), back("R2", first, "488.00", "2026-03-05"), months=3,
        base="net_of_vat",
    )  # fmt: skip
    assert life.posted() == amounts("80.00", "0.00", "-40.00")
