"""Refunds: which sale each one gives back, how much of it, and who took it before. Figures are kopecks."""

from datetime import date
from typing import Any

import pytest

from rules.corrections.refunds import Decided, Fate, Refund, Return, Sale, give_back, given_back_minor

JANUARY = "2026-01"


def sale(line_id: str, amount_minor: int = 100_000, **others: Any) -> Sale:
    """A sale of January's, of client C1 and invoice I1."""
    known: dict[str, Any] = {"month": JANUARY, "invoice_id": "I1", "client_id": "C1", "currency": "RUB"}
    return Sale(line_id=line_id, amount_minor=amount_minor, **(known | others))


def refund(line_id: str, sale_id: str, amount_minor: int, day: int = 10, **others: Any) -> Refund:
    """A refund of February's, that names its sale."""
    known: dict[str, Any] = {"invoice_id": "", "client_id": "C1", "currency": "RUB", "kind": "credit_note"}
    return Refund(
        line_id=line_id,
        sale_id=sale_id,
        amount_minor=amount_minor,
        posted_on=date(2026, 2, day),
        **(known | others),
    )


def of_invoice(line_id: str, amount_minor: int, day: int = 10, invoice_id: str = "I1", **others: Any) -> Refund:
    return refund(line_id, "", amount_minor, day, invoice_id=invoice_id, **others)


def chargeback(line_id: str, sale_id: str, amount_minor: int, day: int = 10, **others: Any) -> Refund:
    return refund(line_id, sale_id, amount_minor, day, kind="chargeback", **others)


def won(line_id: str, chargeback_id: str, amount_minor: int, day: int = 20, **others: Any) -> Refund:
    return refund(line_id, chargeback_id, amount_minor, day, kind="chargeback_won", **others)


def fates(decided: list[Decided]) -> dict[str, tuple[Fate, int]]:
    """What became of each refund, and what it takes."""
    return {each.refund.line_id: (each.fate, each.takes_minor) for each in decided}


def took(returns: list[Return]) -> list[tuple[str, str, int, int]]:
    """Who took of which sale how much, and what was left of it."""
    return [(each.refund_id, each.sale_id, each.gross_minor, each.left_minor) for each in returns]


def test_what_one_refund_takes_is_written_down_whole() -> None:
    decided, returns = give_back([refund("R1", "L1", -60_000)], [sale("L1")])
    assert decided == [Decided(refund("R1", "L1", -60_000), Fate.CLAWBACK, takes_minor=60_000)]
    assert returns == [
        Return(
            refund_id="R1", sale_id="L1", sale_month="2026-01", gross_minor=60_000, excess_minor=0,
            sale_minor=100_000, left_minor=40_000, posted_on="2026-02-10", undoes="", kind="credit_note",
        )
    ]  # fmt: skip


def test_a_second_refund_takes_what_is_left_and_says_by_how_much_it_is_too_large() -> None:
    decided, returns = give_back([refund("R1", "L1", -60_000, 10), refund("R2", "L1", -60_000, 11)], [sale("L1")])
    assert fates(decided) == {"R1": (Fate.CLAWBACK, 60_000), "R2": (Fate.CLAWBACK, 40_000)}
    assert took(returns) == [("R1", "L1", 60_000, 40_000), ("R2", "L1", 40_000, 0)]
    assert [each.excess_minor for each in returns] == [0, 20_000]


@pytest.mark.parametrize(
    ("amount_minor", "takes", "left", "excess"),
    [(-99_999, 99_999, 1, 0), (-100_000, 100_000, 0, 0), (-100_001, 100_000, 0, 1), (-1, 1, 99_999, 0)],
)
def test_a_refund_takes_no_more_than_its_sale(amount_minor: int, takes: int, left: int, excess: int) -> None:
    decided, (taken,) = give_back([refund("R1", "L1", amount_minor)], [sale("L1")])
    assert fates(decided) == {"R1": (Fate.CLAWBACK, takes)}
    assert (taken.gross_minor, taken.left_minor, taken.excess_minor) == (takes, left, excess)


def test_where_nothing_is_left_a_refund_takes_nothing_and_says_which_took_it() -> None:
    refunds = [refund("R1", "L1", -40_000, 9), refund("R2", "L1", -60_000, 10), refund("R3", "L1", -1, 11)]
    decided, returns = give_back(refunds, [sale("L1")])
    assert decided[2] == Decided(refunds[2], Fate.ALREADY, takes_minor=0, taken_by="R2")
    assert took(returns) == [("R1", "L1", 40_000, 60_000), ("R2", "L1", 60_000, 0)]


def test_a_kopeck_that_is_left_can_still_be_taken() -> None:
    decided, _ = give_back([refund("R1", "L1", -99_999, 10), refund("R2", "L1", -5, 11)], [sale("L1")])
    assert fates(decided)["R2"] == (Fate.CLAWBACK, 1)


def test_refunds_take_in_the_order_of_their_days_then_of_their_ids_whatever_the_order_they_came_in() -> None:
    refunds = [refund("B", "L1", -50_000, 11), refund("C", "L1", -50_000, 10), refund("A", "L1", -50_000, 11)]
    decided, _ = give_back(refunds, [sale("L1")])
    assert [(each.refund.line_id, each.fate) for each in decided] == [
        ("C", Fate.CLAWBACK),
        ("A", Fate.CLAWBACK),
        ("B", Fate.ALREADY),
    ]


def test_what_earlier_months_took_is_gone() -> None:
    _, before = give_back([refund("R1", "L1", -60_000)], [sale("L1")])
    decided, (taken,) = give_back([refund("R2", "L1", -60_000)], [sale("L1")], before)
    assert fates(decided) == {"R2": (Fate.CLAWBACK, 40_000)}
    assert (taken.left_minor, taken.excess_minor) == (0, 20_000)
    decided, returns = give_back([refund("R3", "L1", -1)], [sale("L1")], [*before, taken])
    assert (decided[0].fate, decided[0].taken_by, returns) == (Fate.ALREADY, "R2", [])


def test_what_earlier_months_took_of_sales_nobody_asks_for_now_does_no_harm() -> None:
    _, before = give_back([refund("R1", "L1", -60_000)], [sale("L1")])
    decided, _ = give_back([refund("R2", "L2", -100_000)], [sale("L2")], before)
    assert fates(decided) == {"R2": (Fate.CLAWBACK, 100_000)}


# Which sale


@pytest.mark.parametrize(
    "others",
    [{"client_id": "C2"}, {"currency": "USD"}, {"sale_id": "L2"}, {"line_id": "L1"}],
    ids=["another client's", "another money", "not known", "the line itself"],
)
def test_a_refund_gives_back_only_a_sale_of_its_client_in_its_money(others: dict[str, Any]) -> None:
    decided, returns = give_back([refund("R1", "L1", -60_000)._replace(**others)], [sale("L1")])
    assert [(each.fate, each.takes_minor) for each in decided] == [(Fate.NO_SALE, 0)]
    assert returns == []


def test_a_refund_without_a_client_is_of_the_client_of_its_sale() -> None:
    decided, _ = give_back([refund("R1", "L1", -60_000, client_id="")], [sale("L1")])
    assert fates(decided) == {"R1": (Fate.CLAWBACK, 60_000)}


@pytest.mark.parametrize(("amount_minor", "fate"), [(1, Fate.CLAWBACK), (0, Fate.NO_SALE), (-1, Fate.NO_SALE)])
def test_only_a_line_above_zero_can_be_given_back(amount_minor: int, fate: Fate) -> None:
    decided, _ = give_back([refund("R1", "L1", -1), of_invoice("R2", -1, 11)], [sale("L1", amount_minor)])
    assert [each.fate for each in decided] == [fate, Fate.ALREADY if amount_minor == 1 else fate]


# An invoice


def test_a_refund_of_an_invoice_is_shared_over_its_lines_by_what_is_left_of_each() -> None:
    sales = [sale("L1", 30_000), sale("L2", 10_000), sale("L3", 90_000, invoice_id="I2")]
    decided, returns = give_back([of_invoice("R1", -20_000)], sales)
    assert fates(decided) == {"R1": (Fate.CLAWBACK, 20_000)}
    assert took(returns) == [("R1", "L1", 15_000, 15_000), ("R1", "L2", 5_000, 5_000)]


def test_what_is_left_of_its_lines_counts_not_what_they_came_to() -> None:
    sales = [sale("L1", 30_000), sale("L2", 10_000)]
    decided, returns = give_back([refund("R1", "L1", -20_000, 9), of_invoice("R2", -10_000)], sales)
    assert fates(decided)["R2"] == (Fate.CLAWBACK, 10_000)
    assert took(returns)[1:] == [("R2", "L1", 5_000, 5_000), ("R2", "L2", 5_000, 5_000)]


def test_a_line_of_the_invoice_that_was_given_back_whole_is_left_out() -> None:
    sales = [sale("L1", 30_000), sale("L2", 10_000)]
    _, returns = give_back([refund("R1", "L1", -30_000, 9), of_invoice("R2", -10_000)], sales)
    assert took(returns) == [("R1", "L1", 30_000, 0), ("R2", "L2", 10_000, 0)]


def test_an_odd_kopeck_goes_to_one_line_and_none_is_lost() -> None:
    sales = [sale(line_id, 100) for line_id in ("L3", "L1", "L2")]
    _, returns = give_back([of_invoice("R1", -100)], sales)
    assert took(returns) == [("R1", "L1", 34, 66), ("R1", "L2", 33, 67), ("R1", "L3", 33, 67)]


def test_a_line_whose_share_rounds_to_nothing_is_not_named() -> None:
    _, returns = give_back([of_invoice("R1", -1)], [sale("L1", 300), sale("L2", 100)])
    assert took(returns) == [("R1", "L1", 1, 299)]


@pytest.mark.parametrize(("amount_minor", "fate"), [(-40_000, (Fate.CLAWBACK, 40_000)), (-40_001, (Fate.NO_SALE, 0))])
def test_a_refund_larger_than_its_invoice_is_of_another(amount_minor: int, fate: tuple[Fate, int]) -> None:
    decided, _ = give_back([of_invoice("R1", amount_minor)], [sale("L1", 30_000), sale("L2", 10_000)])
    assert fates(decided) == {"R1": fate}


def test_a_refund_no_larger_than_its_invoice_takes_what_is_left_and_says_the_excess_once() -> None:
    sales = [sale("L1", 30_000), sale("L2", 10_000)]
    decided, returns = give_back([of_invoice("R1", -30_000, 9), of_invoice("R2", -40_000)], sales)
    assert fates(decided)["R2"] == (Fate.CLAWBACK, 10_000)
    assert [(each.gross_minor, each.left_minor, each.excess_minor) for each in returns[2:]] == [
        (7_500, 0, 30_000),
        (2_500, 0, 0),
    ]


def test_an_invoice_that_was_given_back_whole_says_who_took_its_first_line() -> None:
    sales = [sale("L2", 10_000), sale("L1", 30_000)]
    refunds = [refund("R1", "L2", -10_000, 8), refund("R2", "L1", -30_000, 7), of_invoice("R3", -1)]
    decided, _ = give_back(refunds, sales)
    assert (decided[2].fate, decided[2].taken_by) == (Fate.ALREADY, "R2")


def test_other_clients_lines_of_an_invoice_are_left_alone() -> None:
    sales = [sale("L1", 30_000, client_id="C2"), sale("L2", 10_000)]
    decided, returns = give_back([of_invoice("R1", -10_000), of_invoice("R2", -10_001)], sales)
    assert [each.fate for each in decided] == [Fate.CLAWBACK, Fate.ALREADY]
    assert took(returns) == [("R1", "L2", 10_000, 0)]


def test_an_invoice_nobody_knows_is_waited_for() -> None:
    decided, _ = give_back([of_invoice("R1", -1, invoice_id="I9")], [sale("L1")])
    assert fates(decided) == {"R1": (Fate.NO_SALE, 0)}


# This month's sales, and those that are not paid or earned nothing


def test_a_refund_of_this_months_sale_is_judged_as_its_sale() -> None:
    decided, (taken,) = give_back([refund("R1", "L1", -60_000)], [sale("L1", month="")])
    assert decided == [Decided(refund("R1", "L1", -60_000), Fate.AS_SALE, takes_minor=60_000, as_sale="L1")]
    assert (taken.sale_month, taken.gross_minor) == ("", 60_000)


def test_a_refund_of_what_is_not_paid_yet_waits_and_takes_nothing() -> None:
    decided, returns = give_back(
        [refund("R1", "L1", -60_000), refund("R2", "L1", -60_000, 11)], [sale("L1", is_paid=False)]
    )
    assert fates(decided) == {"R1": (Fate.UNPAID, 0), "R2": (Fate.UNPAID, 0)}
    assert returns == []


def test_a_refund_of_an_invoice_waits_until_all_of_it_that_it_takes_is_paid() -> None:
    sales = [sale("L1", 30_000), sale("L2", 10_000, is_paid=False)]
    decided, returns = give_back([of_invoice("R1", -20_000)], sales)
    assert (fates(decided), returns) == ({"R1": (Fate.UNPAID, 0)}, [])


@pytest.mark.parametrize(
    ("first", "second", "fate"),
    [
        ({"month": ""}, {"month": ""}, Fate.AS_SALE),
        ({"month": "", "alike": ("software",)}, {"month": "", "alike": ("software",)}, Fate.AS_SALE),
        ({"month": "", "alike": ("software",)}, {"month": "", "alike": ("telephony",)}, Fate.UNPAID),
        ({"month": ""}, {"month": "2026-01"}, Fate.UNPAID),
        ({"alike": ("software",)}, {"alike": ("telephony",)}, Fate.CLAWBACK),
    ],
    ids=["of this month", "of one rule", "of two rules", "of two months", "settled before"],
)
def test_lines_of_an_invoice_that_are_judged_apart_are_given_back_when_all_are_settled(
    first: dict[str, Any], second: dict[str, Any], fate: Fate
) -> None:
    decided, returns = give_back(
        [of_invoice("R1", -20_000)], [sale("L1", 30_000, **first), sale("L2", 10_000, **second)]
    )
    waits = fate is Fate.UNPAID
    assert fates(decided) == {"R1": (fate, 0 if waits else 20_000)}
    assert len(returns) == (0 if waits else 2)
    assert decided[0].as_sale == ("L1" if fate is Fate.AS_SALE else "")


def test_a_sale_that_earned_nothing_gives_nothing_back_and_is_given_back_all_the_same() -> None:
    decided, returns = give_back([refund("R1", "L1", -60_000)], [sale("L1", may_have_earned=False)])
    assert fates(decided) == {"R1": (Fate.EARNED_NOTHING, 60_000)}
    assert took(returns) == [("R1", "L1", 60_000, 40_000)]


def test_an_invoice_of_which_one_line_earned_is_taken_back() -> None:
    sales = [sale("L1", 30_000, may_have_earned=False), sale("L2", 10_000)]
    decided, _ = give_back([of_invoice("R1", -20_000)], sales)
    assert fates(decided) == {"R1": (Fate.CLAWBACK, 20_000)}


# Chargebacks that were won


def test_a_chargeback_that_was_won_gives_again_just_what_it_took() -> None:
    lines = [chargeback("B1", "L1", -60_000), won("W1", "B1", 60_000)]
    decided, returns = give_back(lines, [sale("L1")])
    assert fates(decided) == {"B1": (Fate.CLAWBACK, 60_000), "W1": (Fate.CLAWBACK, 60_000)}
    assert took(returns) == [("B1", "L1", 60_000, 40_000), ("W1", "L1", -60_000, 100_000)]
    assert [(each.undoes, each.excess_minor) for each in returns] == [("", 0), ("B1", 0)]


def test_of_one_day_the_chargeback_comes_before_what_won_it_whatever_their_ids() -> None:
    decided, _ = give_back([won("A", "B", 60_000, 10), chargeback("B", "L1", -60_000, 10)], [sale("L1")])
    assert [(each.refund.line_id, each.fate) for each in decided] == [("B", Fate.CLAWBACK), ("A", Fate.CLAWBACK)]


def test_what_is_won_gives_again_no_more_than_the_chargeback_took() -> None:
    lines = [
        refund("R1", "L1", -70_000, 9),
        chargeback("B1", "L1", -60_000),  # takes the 300.00 that were left
        won("W1", "B1", 20_000, 20),
        won("W2", "B1", 20_000, 21),
        won("W3", "B1", 20_000, 22),
    ]
    decided, returns = give_back(lines, [sale("L1")])
    assert fates(decided) == {
        "R1": (Fate.CLAWBACK, 70_000),
        "B1": (Fate.CLAWBACK, 30_000),
        "W1": (Fate.CLAWBACK, 20_000),
        "W2": (Fate.CLAWBACK, 10_000),
        "W3": (Fate.ALREADY, 0),
    }
    assert [(each.left_minor, each.excess_minor) for each in returns] == [(30_000, 0), (0, 30_000), (20_000, 0), (30_000, 10_000)]  # fmt: skip
    assert decided[4].taken_by == "W2"


def test_a_refund_after_a_chargeback_that_was_won_takes_of_the_sale_again() -> None:
    lines = [chargeback("B1", "L1", -100_000), won("W1", "B1", 100_000, 20), refund("R1", "L1", -100_000, 21)]
    decided, returns = give_back(lines, [sale("L1")])
    assert fates(decided)["R1"] == (Fate.CLAWBACK, 100_000)
    assert took(returns)[-1] == ("R1", "L1", 100_000, 0)


def test_who_won_a_chargeback_did_not_take_the_sale() -> None:
    lines = [chargeback("B1", "L1", -60_000), won("W1", "B1", 10_000, 20), refund("R1", "L1", -50_000, 21)]
    decided, _ = give_back([*lines, refund("R2", "L1", -1, 22)], [sale("L1")])
    assert (decided[-1].fate, decided[-1].taken_by) == (Fate.ALREADY, "R1")
    whole = [chargeback("B1", "L1", -60_000), chargeback("B2", "L1", -40_000, 11), won("W1", "B1", 10_000, 20)]
    decided, _ = give_back([*whole, refund("R1", "L1", -10_000, 21), won("W2", "B1", 60_000, 22)], [sale("L1")])
    assert (decided[-1].fate, decided[-1].takes_minor) == (Fate.CLAWBACK, 50_000)


def test_a_chargeback_of_an_invoice_gives_again_to_the_lines_it_took_of() -> None:
    lines = [
        of_invoice("B1", -20_000, kind="chargeback"),
        won("W1", "B1", 10_000, 20),
        won("W2", "B1", 50_000, 21),
    ]
    decided, returns = give_back(lines, [sale("L1", 30_000), sale("L2", 10_000)])
    assert fates(decided)["W2"] == (Fate.CLAWBACK, 10_000)
    assert took(returns) == [
        ("B1", "L1", 15_000, 15_000),
        ("B1", "L2", 5_000, 5_000),
        ("W1", "L1", -7_500, 22_500),
        ("W1", "L2", -2_500, 7_500),
        ("W2", "L1", -7_500, 30_000),
        ("W2", "L2", -2_500, 10_000),
    ]
    assert [each.excess_minor for each in returns[4:]] == [40_000, 0]


def test_what_a_chargeback_of_an_earlier_month_took_is_won_now() -> None:
    _, before = give_back([chargeback("B1", "L1", -60_000)], [sale("L1")])
    decided, january = give_back([won("W1", "B1", 40_000)], [sale("L1")], before)
    assert fates(decided) == {"W1": (Fate.CLAWBACK, 40_000)}
    assert took(january) == [("W1", "L1", -40_000, 80_000)]
    decided, february = give_back([won("W2", "B1", 40_000)], [sale("L1")], [*before, *january])
    assert fates(decided) == {"W2": (Fate.CLAWBACK, 20_000)}
    decided, _ = give_back([won("W3", "B1", 40_000)], [sale("L1")], [*before, *january, *february])
    assert (decided[0].fate, decided[0].taken_by) == (Fate.ALREADY, "W2")


def test_what_is_won_of_a_chargeback_that_took_nothing_gives_nothing_and_waits_for_nothing() -> None:
    lines = [refund("R1", "L1", -100_000, 9), chargeback("B1", "L1", -60_000)]
    decided, before = give_back([*lines, won("W1", "B1", 60_000)], [sale("L1")])
    assert fates(decided) == {"R1": (Fate.CLAWBACK, 100_000), "B1": (Fate.ALREADY, 0), "W1": (Fate.ALREADY, 0)}
    assert [each.taken_by for each in decided] == ["", "R1", "R1"]
    assert took(before) == [("R1", "L1", 100_000, 0), ("B1", "L1", 0, 0)]
    # Seen again in a later month, the chargeback says nothing new; what is won of it then gives nothing either.
    again = [chargeback("B1", "L1", -60_000), won("W2", "B1", 60_000, 21)]
    decided, returns = give_back(again, [sale("L1")], before)
    assert [(each.fate, each.taken_by) for each in decided] == [(Fate.ALREADY, "R1"), (Fate.ALREADY, "R1")]
    assert returns == []


def test_a_refund_that_took_nothing_is_kept_nowhere() -> None:
    _, returns = give_back([refund("R1", "L1", -100_000, 9), refund("R2", "L1", -1)], [sale("L1")])
    assert took(returns) == [("R1", "L1", 100_000, 0)]


def test_a_chargeback_whose_reference_was_mended_is_won_of_what_it_took_then() -> None:
    _, before = give_back([refund("R1", "L1", -100_000, 9), chargeback("B1", "L1", -60_000)], [sale("L1")])
    mended = [chargeback("B1", "L2", -60_000), won("W1", "B1", 60_000)]
    decided, returns = give_back(mended, [sale("L1"), sale("L2")], before)
    assert fates(decided)["W1"] == (Fate.CLAWBACK, 60_000)
    assert took(returns) == [("B1", "L2", 60_000, 40_000), ("W1", "L2", -60_000, 100_000)]


@pytest.mark.parametrize(
    "others",
    [{"client_id": "C2"}, {"currency": "USD"}, {"sale_id": "B9"}, {"sale_id": "L1"}],
    ids=["another client's", "another money", "not known", "the sale instead of the chargeback"],
)
def test_what_is_won_names_a_chargeback_of_its_client_in_its_money(others: dict[str, Any]) -> None:
    lines = [chargeback("B1", "L1", -60_000), won("W1", "B1", 60_000)._replace(**others)]
    decided, returns = give_back(lines, [sale("L1")])
    assert fates(decided)["W1"] == (Fate.NO_SALE, 0)
    assert len(returns) == 1


def test_a_chargeback_of_a_sale_nobody_knows_any_more_is_not_won() -> None:
    _, before = give_back([chargeback("B1", "L1", -60_000)], [sale("L1")])
    decided, returns = give_back([won("W1", "B1", 60_000)], [sale("L2")], before)
    assert (fates(decided), returns) == ({"W1": (Fate.NO_SALE, 0)}, [])


@pytest.mark.parametrize(
    ("value", "parts", "sale_minor", "goes"),
    [
        (100, (333, 333, 333), 999, [33, 34, 33]),
        (1, (500, 500), 1_000, [0, 1]),
        (-100, (333, 666), 999, [-33, -67]),
        (50_000, (1_000,), 1_000, [50_000]),
    ],
)
def test_what_goes_of_a_value_adds_up_to_the_value(
    value: int, parts: tuple[int, ...], sale_minor: int, goes: list[int]
) -> None:
    left, found = sale_minor, []
    for part in parts:
        left -= part
        found.append(given_back_minor(value, part, left, sale_minor))
    assert found == goes
    assert sum(found) == value
