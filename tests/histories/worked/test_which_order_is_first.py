"""Which order of a client is its first: over blocks with terms of their own, and after one that was given back whole."""

import pytest

from tests.histories.worked.lives import SOFTWARE, amounts, back, block, lived, paid
from tests.made.vendors import partner

EVERY_POLICY = pytest.mark.parametrize("refunds", ["original_rate", "net_current", "restate"])
FIRST = "first: {plan: first_sale, categories: [software], rate: 20%}"
BLOCKS = [
    block(SOFTWARE, FIRST, late_lines="month_of_payment"),
    block(SOFTWARE, FIRST.replace("20%", "30%"), since="2026-02", late_lines="month_of_payment"),
]
LATE = {"posted_on": "2026-02-02"}
OF_JANUARY = paid("S1", "1000.00", "2026-01-31", **LATE)
PART = paid("S1", "1000.00", "2026-01-31", **LATE, invoice_id="I1")


@EVERY_POLICY
def test_a_late_first_order_and_one_of_now_under_another_block_are_one_first_sale(refunds: str) -> None:
    # January's 1 000.00 come in February: the first order, at January's 20 %. February's 500.00 are the second.
    life = lived(BLOCKS, OF_JANUARY, paid("S2", "500.00", "2026-02-03"), months=2, refunds=refunds)
    assert life.posted(rule="first") == amounts("0.00", "200.00")


@EVERY_POLICY
def test_by_the_terms_of_now_a_late_first_order_earns_what_these_say(refunds: str) -> None:
    plan = [each.replace("month_of_payment", "month_that_settles") for each in BLOCKS]
    life = lived(plan, OF_JANUARY, paid("S2", "500.00", "2026-02-03"), months=2, refunds=refunds)
    assert life.posted(rule="first") == amounts("0.00", "300.00")


def test_an_order_of_a_late_line_and_a_line_of_now_earns_on_each_at_the_rate_of_its_block() -> None:
    # One invoice: 1 000.00 at 20 % and 500.00 at 30 %. What is given back in March: 300.00 of the first, at 20 %.
    order = {"invoice_id": "I1"}
    life = lived(
        BLOCKS, PART, paid("S2", "500.00", "2026-02-03", **order),
        back("R1", OF_JANUARY, "300.00", "2026-03-05"), paid("S3", "100.00", "2026-03-06"), months=3,
    )  # fmt: skip
    assert life.posted(rule="first") == amounts("0.00", "350.00", "-60.00")


@pytest.mark.parametrize("late", ["month_of_payment", "month_that_settles"])
@pytest.mark.parametrize("since", ["2026-01", "2026-02"])
def test_an_amount_for_a_first_sale_is_earned_once_though_its_order_is_paid_by_two_terms(late: str, since: str) -> None:
    # 90.00 for the order, whether its lines earn by one block or by two.
    pays = FIRST.replace("rate: 20%", "pays: 90.00")
    blocks = [block(SOFTWARE, pays, late_lines=late)]
    if since == "2026-02":
        blocks.append(block(SOFTWARE, pays, since=since, late_lines=late))
    order = {"invoice_id": "I1"}
    life = lived(blocks, PART, paid("S2", "500.00", "2026-02-03", **order), months=2)
    assert life.posted(rule="first") == amounts("0.00", "90.00")


def test_a_late_order_that_is_given_back_in_its_month_leaves_the_one_of_now_the_first() -> None:
    # All of January's 1 000.00 go back in February, which so keeps 500.00 at 30 %.
    life = lived(
        BLOCKS, OF_JANUARY, back("R1", OF_JANUARY, "1000.00", "2026-02-20"), paid("S2", "500.00", "2026-02-03"),
        months=2,
    )  # fmt: skip
    assert life.posted(rule="first") == amounts("0.00", "150.00")


@EVERY_POLICY
def test_an_order_that_was_paid_while_the_first_still_stood_stays_the_second(refunds: str) -> None:
    # 20 % of January's 500.00, given back in March. February's 300.00 were the client's second order, so they were no
    # first sale, and its second part of April is none. The client has an order that stands: nor is May's the first.
    first = paid("S1", "500.00", "2026-01-10")
    order = {"invoice_id": "I2"}
    life = lived(
        block(SOFTWARE, FIRST), first, paid("S2", "300.00", "2026-02-10", **order),
        back("R1", first, "500.00", "2026-03-05"), paid("S3", "200.00", "2026-04-10", **order),
        paid("S4", "400.00", "2026-05-10"), months=5, refunds=refunds,
    )  # fmt: skip
    assert life.posted(rule="first") == amounts("100.00", "0.00", "-100.00", "0.00", "0.00")


@EVERY_POLICY
def test_after_all_orders_were_given_back_the_next_is_the_first(refunds: str) -> None:
    # January's and February's orders are both given back, the second in April: May's 400.00 are the first, 80.00.
    first, second = paid("S1", "500.00", "2026-01-10"), paid("S2", "300.00", "2026-02-10")
    life = lived(
        block(SOFTWARE, FIRST), first, second, back("R1", first, "500.00", "2026-03-05"),
        back("R2", second, "300.00", "2026-04-05"), paid("S3", "400.00", "2026-05-10"), months=5, refunds=refunds,
    )  # fmt: skip
    assert life.posted(rule="first") == amounts("100.00", "0.00", "-100.00", "0.00", "80.00")


@EVERY_POLICY
def test_of_two_orders_of_one_month_the_first_given_back_in_it_the_other_is_the_first(refunds: str) -> None:
    first = paid("S1", "500.00", "2026-01-10")
    life = lived(
        block(SOFTWARE, FIRST), first, paid("S2", "300.00", "2026-01-12"), back("R1", first, "500.00", "2026-01-20"),
        months=1, refunds=refunds,
    )  # fmt: skip
    assert life.posted(rule="first") == amounts("60.00")


def test_under_net_current_an_amount_for_a_first_sale_goes_back_when_nothing_is_left_of_all_the_client_paid() -> None:
    # 90.00 for C1, which pays 35.74 and 35.72 less by a credit note that names nothing. April's 8.01 leave nothing:
    # 90.00 go back. May's 100.00 are the first again.
    first = paid("S1", "35.74", "2026-03-05")
    life = lived(
        block(SOFTWARE, FIRST.replace("rate: 20%", "pays: 90.00")), first,
        paid("N1", "-35.72", "2026-03-05", kind="credit_note"), back("R1", first, "8.01", "2026-04-05"),
        paid("S2", "100.00", "2026-05-10"), months=5, refunds="net_current",
    )  # fmt: skip
    assert life.posted(rule="first") == amounts("0.00", "0.00", "90.00", "-90.00", "90.00")


@pytest.mark.parametrize(("refunds", "march"), [("net_current", "0.00"), ("original_rate", "-90.00")])
def test_an_amount_for_a_first_sale_while_a_second_order_stands(refunds: str, march: str) -> None:
    # 90.00. All of the first order goes back in March, of which the second leaves 300.00: under net_current the client
    # has paid, and under original_rate the order takes back what it earned.
    first = paid("S1", "500.00", "2026-01-10")
    life = lived(
        block(SOFTWARE, FIRST.replace("rate: 20%", "pays: 90.00")), first, paid("S2", "300.00", "2026-02-10"),
        back("R1", first, "500.00", "2026-03-05"), paid("S3", "400.00", "2026-04-10"), refunds=refunds,
    )  # fmt: skip
    assert life.posted(rule="first") == amounts("90.00", "0.00", march, "0.00")


@EVERY_POLICY
def test_an_order_begun_while_the_client_had_got_back_more_than_it_paid_is_the_first_when_it_goes_on(
    refunds: str,
) -> None:
    # 500.00 went back twice, the first time by a credit note that names nothing. P is away in March, when C1 pays 0.01,
    # which leaves nothing still; so April's 1 000.00 on that order are its first, 200.00.
    first, order = paid("S1", "500.00", "2026-01-10"), {"invoice_id": "I2"}
    life = lived(
        block(SOFTWARE, FIRST), first, paid("N1", "-500.00", "2026-01-11", kind="credit_note"),
        back("R1", first, "500.00", "2026-02-05"), paid("S2", "0.01", "2026-03-10", **order),
        paid("S3", "1000.00", "2026-04-10", **order), refunds=refunds,
        partners=[partner("P", plan="ours", until="2026-02-28"), partner("P", plan="ours", **{"from": "2026-04"})],
    )  # fmt: skip
    assert life.posted(rule="first")[-1:] == amounts("200.00")
