"""What is kept apart from the payout: a fund fills and is spent, credit and persons are owed; never more than there is."""

from datetime import date
from typing import Any

import pytest

from models.errors import BadInput
from models.statement import BalanceBesidePayout, FundActivity
from models.vendor import Spending
from rules.earning.beside_payout import balances_beside_payout, must_cover_spending
from tests.rules.accruals import accrued

FUND: dict[str, Any] = {"plan": "marketing_fund", "categories": "all", "rate": "2%"}
CREDIT: dict[str, Any] = {"plan": "store_credit", "categories": "all", "rate": "1%"}
OWN: dict[str, Any] = {"plan": "percentage", "categories": "others", "rate": "10%"}


def fair(amount_minor: int, entry_id: str = "S-1") -> Spending:
    day = date(2026, 1, 20)
    return Spending(
        entry_id=entry_id, partner_id="P", spent_on=day, activity="A fair", amount_minor=amount_minor, claims=("K-1",)
    )


def test_a_fund_is_what_it_was_and_what_was_set_aside_less_what_was_spent() -> None:
    # 2 % of 10 000.00 is 200.00; 50.00 + 200.00 - 120.00 = 130.00.
    (fund,) = balances_beside_payout(accrued(1_000_000, fund=FUND, own=OWN), {"fund": 5_000}, [fair(12_000)])
    spent = FundActivity(entry_id="S-1", spent_on="2026-01-20", activity="A fair", claims=("K-1",), amount_minor=12_000)
    assert fund == BalanceBesidePayout(
        of="fund", opening_minor=5_000, earned_minor=20_000, spent_minor=12_000, closing_minor=13_000, spent=(spent,)
    )


def test_only_a_fund_is_spent_from() -> None:
    fund, credit = balances_beside_payout(accrued(1_000_000, fund=FUND, credit=CREDIT), {}, [fair(100)])
    assert (fund.of, fund.closing_minor) == ("fund", 19_900)
    assert (credit.of, credit.closing_minor, credit.spent) == ("credit", 10_000, ())


def test_commission_is_not_kept_apart_and_a_balance_stays_in_a_month_without_a_sale() -> None:
    assert balances_beside_payout(accrued(1_000_000, own=OWN), {}, []) == ()
    (fund,) = balances_beside_payout((), {"fund": 5_000}, [])
    assert (fund.opening_minor, fund.earned_minor, fund.closing_minor) == (5_000, 0, 5_000)


def test_a_fund_may_be_spent_to_nothing_and_not_one_kopeck_further() -> None:
    must_cover_spending({"P": balances_beside_payout((), {"fund": 12_000}, [fair(12_000)])}, "RUB")
    with pytest.raises(BadInput, match=r"partner P: S-1 spend 120\.01, but the fund holds 120\.00"):
        must_cover_spending({"P": balances_beside_payout((), {"fund": 12_000}, [fair(12_001)])}, "RUB")


def test_a_fund_that_refunds_pushed_below_zero_stops_nothing_while_nobody_spends() -> None:
    must_cover_spending({"P": balances_beside_payout(accrued(-1_000_000, fund=FUND), {"fund": 5_000}, [])}, "RUB")


def test_every_partner_who_spends_too_much_is_named_at_once() -> None:
    kept = {name: balances_beside_payout((), {}, [fair(1, f"S-{name}")]) for name in ("B", "A")}
    with pytest.raises(BadInput, match=r"(?s)partner A: S-A.*partner B: S-B.*Move an entry to a later month"):
        must_cover_spending(kept, "RUB")
