"""Partners who leave, clients who are handed over, balances and invoices over several months, worked by hand."""

import pytest

from tests.histories.history import chargeback, of_invoice, set_off, won
from tests.histories.worked.lives import SOFTWARE, amounts, back, block, lived, minor, paid
from tests.made.vendors import claim, partner

TEN, FIFTEEN = block(SOFTWARE), block(SOFTWARE.replace("10%", "15%"), since="2026-03")


def test_a_partner_who_left_and_came_back_gives_back_at_the_rates_of_each_time() -> None:
    # Away in February: nothing is earned then, and nothing goes back of it. January's sale goes back at 10 %, of which
    # 400.00 while away; March's at 15 %.
    first, between, later = (
        paid("S1", "1000.00", "2026-01-10"), paid("S2", "500.00", "2026-02-10"), paid("S3", "1000.00", "2026-03-10"),
    )  # fmt: skip
    life = lived(
        [TEN, FIFTEEN], first, between, later, back("R1", first, "400.00", "2026-02-15"),
        back("R2", first, "600.00", "2026-04-05"), back("R3", later, "1000.00", "2026-04-06"),
        back("R4", between, "500.00", "2026-04-07"),
        partners=[
            partner("P", plan="ours", until="2026-01-31"),
            partner("P", plan="ours", until="", **{"from": "2026-03"}),
        ],
    )  # fmt: skip
    assert life.posted() == amounts("100.00", "-40.00", "150.00", "-210.00")
    assert life.outcome("R4") == ("final", "its sale earned nothing")


def test_who_served_a_client_when_it_paid_gives_back_and_who_serves_it_now_does_not() -> None:
    # P brought C1: 10 %. S served it in January, T from February on: 5 % each of what was paid then.
    first, second = paid("S1", "1000.00", "2026-01-10"), paid("S2", "600.00", "2026-02-10")
    rows = [
        {"assignment_id": "A1", "client_id": "C1", "partner_id": "S", "from": "2026-01-01", "until": "2026-01-31"},
        {"assignment_id": "A2", "client_id": "C1", "partner_id": "T", "from": "2026-02-01", "until": ""},
    ]
    life = lived(
        TEN, first, second, back("R1", first, "1000.00", "2026-03-05"), back("R2", second, "300.00", "2026-03-06"),
        months=3, assignments=rows,
        plans="  serves: " + block("care: {plan: servicing, categories: all, rate: 5%}") + "\n",
        partners=[partner("P", plan="ours"), partner("S", plan="serves"), partner("T", plan="serves")],
    )  # fmt: skip
    assert life.posted("P") == amounts("100.00", "60.00", "-130.00")
    assert life.posted("S") == amounts("50.00", "0.00", "-50.00")
    assert life.posted("T") == amounts("0.00", "30.00", "-15.00")


def test_a_balance_below_the_minimum_waits_and_a_refund_sets_it_back() -> None:
    # 50.00; 90.00; then 30.00 less 30.00; then 100.00, which is the minimum.
    first = paid("S1", "500.00", "2026-01-10")
    life = lived(
        block(SOFTWARE, payout="{minimum: 100.00}"), first, paid("S2", "400.00", "2026-02-10"),
        paid("S3", "300.00", "2026-03-10"), back("R1", first, "300.00", "2026-03-05"), paid("S4", "100.00", "2026-04-10"),
    )  # fmt: skip
    assert life.carried() == amounts("50.00", "90.00", "90.00", "0.00")
    assert life.to_pay() == amounts("0.00", "0.00", "0.00", "100.00")


def test_what_is_owed_after_a_payout_is_set_against_later_months() -> None:
    # 100.00 are paid, and owed in February. March's 150.00 leave 50.00, below the minimum; April's 50.00 make 100.00.
    first = paid("S1", "1000.00", "2026-01-10")
    life = lived(
        block(SOFTWARE, payout="{minimum: 100.00}"), first, back("R1", first, "1000.00", "2026-02-05"),
        paid("S2", "1500.00", "2026-03-10"), paid("S3", "500.00", "2026-04-10"),
    )  # fmt: skip
    assert life.to_pay() == amounts("100.00", "0.00", "0.00", "100.00")
    assert life.carried() == amounts("0.00", "-100.00", "50.00", "0.00")


def test_a_refund_of_an_invoice_is_shared_by_what_is_left_of_its_lines_at_the_rate_of_each() -> None:
    # 60.00 and 80.00. 500.00 back: 300.00 of software and 200.00 of telephony, 30.00 and 40.00. Then software's other
    # 300.00 by its line: 30.00. 200.00 more of the invoice are telephony's: 40.00.
    soft = paid("S1", "600.00", "2026-01-10", invoice_id="I1")
    calls = paid("T1", "400.00", "2026-01-10", invoice_id="I1", category="telephony")
    of_invoice = {"refunds_line_id": None, "refunds_invoice_id": "I1"}
    life = lived(
        block(SOFTWARE, "telephony: {plan: percentage, categories: [telephony], rate: 20%}"), soft, calls,
        back("R1", soft, "500.00", "2026-02-05", **of_invoice), back("R2", soft, "300.00", "2026-03-05"),
        back("R3", soft, "200.00", "2026-04-05", **of_invoice),
    )  # fmt: skip
    assert life.posted() == amounts("140.00", "-70.00", "-30.00", "-40.00")


def test_the_rate_of_a_clients_year_is_that_of_the_day_it_paid() -> None:
    # Claimed on 15 March 2024: the second year, 10 %, ends with 14 March 2026; the third has no rate.
    years = "software: {plan: retention, categories: [software], since: attribution, years: {1: 20%, 2: 10%}}"
    second, third = paid("S1", "1000.00", "2026-03-14"), paid("S2", "1000.00", "2026-03-15")
    life = lived(
        block(years), second, third, back("R1", second, "1000.00", "2026-04-05"), back("R2", third, "1000.00", "2026-04-05"),
        claims=[claim("C1", "P", claimed_on="2024-03-15")],
    )  # fmt: skip
    assert life.posted() == amounts("0.00", "0.00", "100.00", "-100.00")


@pytest.mark.parametrize("refunds", ["original_rate", "net_current"])
def test_years_since_the_first_payment_are_counted_from_one_before_the_claim(refunds: str) -> None:
    # The client first paid on 20 January 2025, before it was claimed: 19 January 2026 is in its first year, the 20th in
    # its second, when it goes back too.
    years = "software: {plan: retention, categories: [software], since: first_payment, years: {1: 20%, 2: 10%}}"
    before = paid("S0", "1.00", "2025-01-20", posted_on="2026-01-02")
    one, two = paid("S1", "1000.00", "2026-01-19"), paid("S2", "1000.00", "2026-01-20")
    life = lived(block(years), before, one, two, back("R1", two, "500.00", "2026-02-05"), months=2,
                 refunds=refunds)  # fmt: skip
    assert life.posted() == amounts("300.00", "-50.00")


def test_a_fund_and_a_credit_go_back_beside_the_payout_and_no_cap_looks_at_them() -> None:
    # 3 % into the fund, 1 % as credit; 100.00 of 150.00 to pay. Of 600.00 left 18.00 and 6.00, and 60.00 to pay.
    first = paid("S1", "1500.00", "2026-01-10")
    life = lived(
        block(SOFTWARE, "fund: {plan: marketing_fund, categories: all, rate: 3%}",
              "credit: {plan: store_credit, categories: all, rate: 1%}", "most: {plan: cap, at_most: 100.00}"),
        first, back("R1", first, "900.00", "2026-02-05"), months=2,
    )  # fmt: skip
    assert life.posted() == amounts("100.00", "-40.00")
    assert (life.apart("fund"), life.apart("credit")) == (amounts("45.00", "18.00"), amounts("15.00", "6.00"))


def test_a_credit_note_that_is_set_off_counts_by_the_day_it_was_posted() -> None:
    first = paid("S1", "1000.00", "2026-01-10")
    life = lived(TEN, first, set_off(back("R1", first, "300.00", "2026-02-05")), months=2)
    assert life.posted() == amounts("100.00", "-30.00")


def test_a_chargeback_of_a_partner_who_left_is_won_back_for_it() -> None:
    first = paid("S1", "1000.00", "2026-01-10")
    taken = chargeback("B1", first, minor("1000.00"), "2026-02-05")
    life = lived(TEN, first, taken, won("W1", taken, minor("1000.00"), "2026-03-05"), months=3,
                 partners=[partner("P", plan="ours", until="2026-01-31")])  # fmt: skip
    assert life.posted() == amounts("100.00", "-100.00", "100.00")
    assert life.carried() == amounts("0.00", "-100.00", "0.00")


def test_what_is_given_back_in_the_month_of_its_sale_stands_on_the_statement_on_its_own_days() -> None:
    # 1 000.00 of January 10th; 300.00 are paid out on the 20th, and 200.00 set off on the 25th: 50.00 of 500.00.
    first = paid("S1", "1000.00", "2026-01-10")
    life = lived(
        block(SOFTWARE), first, back("R1", first, "300.00", "2026-01-20"),
        set_off(back("R2", first, "200.00", "2026-01-25")), months=1,
    )  # fmt: skip
    assert life.posted() == amounts("50.00")
    (january,) = life.months
    shown = [(each["line_id"], each["paid_on"], each["posted_on"]) for each in january.statements["P"]["payments"]]
    days = [("S1", "2026-01-10", "2026-01-10"), ("R1", "2026-01-20", "2026-01-20"), ("R2", "", "2026-01-25")]
    assert shown == days
    kept = january.frame("lines.parquet").sort("posted_on").select("line_id", "paid_on", "posted_on").rows()
    assert [(line_id, str(paid_on or ""), str(posted_on)) for line_id, paid_on, posted_on in kept] == days


@pytest.mark.parametrize("refunds", ["original_rate", "restate"])
def test_a_senior_gives_nothing_back_of_what_an_invoice_had_beside_its_commissioned_lines(refunds: str) -> None:
    # 1 000.00 of software and 1 000.00 of training, which earns nothing, on one invoice: 100.00, and 1 % of 1 000.00 for
    # the senior, 10.00. 1 000.00 of the invoice go back, 500.00 of each line: 50.00, and 5.00.
    of_invoice_1 = {"invoice_id": "I1"}
    sold = paid("S1", "1000.00", "2026-01-10", **of_invoice_1)
    taught = paid("S2", "1000.00", "2026-01-10", category="training", **of_invoice_1)
    senior = block(SOFTWARE, "team: {plan: override, of: base, levels: [1%]}")
    life = lived(
        block(SOFTWARE, not_commissioned="{training: no}"), sold, taught,
        of_invoice(back("R1", sold, "1000.00", "2026-02-05"), "I1"), months=2, refunds=refunds,
        plans=f"  above: {senior}\n",
        partners=[partner("P", plan="ours", parent_id="S"), partner("S", plan="above")],
    )  # fmt: skip
    assert (life.posted("P"), life.posted("S")) == (amounts("100.00", "-50.00"), amounts("10.00", "-5.00"))
