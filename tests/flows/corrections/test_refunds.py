"""What was given back is put right: each refund takes back what its sale earned, once, at its own rate."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from models.billing import WAS_SEEN_BEFORE, Reason
from tests.made.closing import close_months, control
from tests.made.vendors import claim, line, partner, write_csv, write_vendor

HEADING = """\
programme: test-partners
starts: 2026-01
currency: RUB
timezone: Europe/Moscow
base: gross
refunds: {refunds}
plans:
  integrator:
"""
TEN = "    - {from: 2026-01, earn: {software: {plan: percentage, categories: [software], rate: 10%}}}\n"


def sale(line_id: str, amount: float, day: str, refunds: str = "", **others: Any) -> dict[str, Any]:
    """A line paid on a day of its month: `L1 1000.00 2026-01-10`, or what gives it back."""
    posted = {"issued_on": day, "paid_on": day, "refunds_line_id": refunds or None}
    client_id = others.pop("client_id", "C1")
    return line(line_id, client_id, round(amount * 100), **{**posted, **others})


class Tried:
    """A vendor whose only partner `a` has the client C1, and the months it closed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(
        self, *lines: dict[str, Any], plan: str = TEN, refunds: str = "original_rate", months: int = 2, **others: Any
    ) -> list[float]:
        """Close the months, and return what each changed of what `a` is owed, in major units."""
        vendor = write_vendor(
            self.folder / "vendor",
            programme=HEADING.format(refunds=refunds) + plan,
            partners=others.get("partners", [partner("a", **{"from": "2025-12"})]),
            claims=[claim("C1", "a", claimed_on=others.get("claimed_on", "2025-12-01"))],
            billing={f"{name}.csv": mine for name, mine in by_month(lines).items()},
        )
        for name, rows in others.get("tables", {}).items():
            write_csv(vendor / name, rows)
        periods = [f"2026-{number:02d}" for number in range(1, months + 1)]
        self.statements = close_months(self.folder / "home", vendor, *periods)
        return [self.owed(period) for period in periods]

    def owed(self, period: str, partner_id: str = "a") -> float:
        summary = self.statements[period][partner_id].summary
        return (summary.commission_minor + summary.corrections_minor) / 100

    def outcomes(self, period: str) -> dict[tuple[str, str], int]:
        """What became of the lines of a month, without those that are another's."""
        elsewhere = (*WAS_SEEN_BEFORE, Reason.AFTER_CUT_OFF.value, Reason.REPEAT.value)
        found = control(self.folder / "home", period)
        return {key: lines for key, lines in found.items() if key[1] not in elsewhere}


def by_month(lines: Sequence[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for each in lines:
        found.setdefault(str(each.get("posted_on") or each["paid_on"])[:7], []).append(each)
    return found


@pytest.fixture
def tried(tmp_path: Path) -> Tried:
    return Tried(tmp_path)


def test_a_sale_that_earned_nothing_gives_nothing_back(tried: Tried) -> None:
    lines = sale("L1", 1000, "2026-01-10"), sale("L2", -1000, "2026-01-25", "L1")
    assert tried(*lines, claimed_on="2026-01-20", months=1) == [0]
    assert tried.outcomes("2026-01") == {("final", "paid before the claim"): 2}


def test_nor_does_one_of_before_the_partners_terms(tried: Tried) -> None:
    lines = sale("L1", 1000, "2026-01-10"), sale("L2", -1000, "2026-01-25", "L1")
    assert tried(*lines, partners=[partner("a", **{"from": "2026-01-20"})], months=1) == [0]


def test_nor_one_of_before_the_programme_starts(tried: Tried) -> None:
    early = sale("L1", 1000, "2025-12-10", posted_on="2025-12-10")
    assert tried({**early, "posted_on": None}, sale("L2", -1000, "2026-01-25", "L1"), months=1) == [0]
    assert tried.outcomes("2026-01") == {("final", "before the programme starts"): 2}


def test_a_sale_of_an_earlier_month_that_earned_nothing_gives_nothing_back(tried: Tried) -> None:
    lines = sale("L1", 1000, "2026-01-10"), sale("L2", -1000, "2026-02-10", "L1")
    assert tried(*lines, claimed_on="2026-01-20") == [0, 0]
    assert tried.outcomes("2026-02") == {("final", "its sale earned nothing"): 1}


CAPPED = """\
    from: 2026-01
    earn:
      software: {plan: percentage, categories: [software], rate: 10%}
      ceiling: {plan: cap, at_most: 100.00, PER}
"""


@pytest.mark.parametrize("per", ["window: month", "window: month, per: client", "window: lifetime", "per: client"])
def test_a_refund_takes_back_what_was_left_after_the_cap(tried: Tried, per: str) -> None:
    lines = sale("L1", 2000, "2026-01-10"), sale("L2", -2000, "2026-02-10", "L1")
    assert tried(*lines, plan=CAPPED.replace("PER", per)) == [100, -100]


def test_of_a_capped_month_only_what_falls_below_the_cap_is_taken_back(tried: Tried) -> None:
    lines = (
        sale("L1", 2000, "2026-01-10"),
        sale("L2", -500, "2026-02-10", "L1"),
        sale("L3", -1000, "2026-03-10", "L1"),
    )
    assert tried(*lines, plan=CAPPED.replace(", PER", ""), months=3) == [100, 0, -50]


def test_what_a_refund_frees_of_a_cap_for_life_may_be_earned_again(tried: Tried) -> None:
    lines = (
        sale("L1", 1000, "2026-01-10"),  # 100.00: the cap is reached
        sale("L2", -600, "2026-02-10", "L1"),  # 40.00 of it stay
        sale("L3", 500, "2026-02-11"),  # 50.00: all of it fits
    )
    assert tried(*lines, plan=CAPPED.replace("PER", "window: lifetime")) == [100, -10]


def test_a_guaranteed_month_never_falls_below_its_minimum(tried: Tried) -> None:
    plan = CAPPED.replace("ceiling: {plan: cap, at_most: 100.00, PER}", "floor: {plan: guarantee, minimum: 80.00}")
    lines = sale("L1", 1000, "2026-01-10"), sale("L2", -500, "2026-02-10", "L1")
    # January: 100.00, then 50.00 topped up to 80.00. February is guaranteed 80.00 of its own.
    assert tried(*lines, plan=plan) == [100, 60]


def test_a_refund_takes_back_after_the_partner_left(tried: Tried) -> None:
    lines = sale("L1", 1000, "2026-01-10"), sale("L2", -1000, "2026-02-10", "L1")
    gone = [partner("a", **{"from": "2025-12", "until": "2026-01-31"})]
    assert tried(*lines, partners=gone) == [100, -100]
    assert tried.outcomes("2026-02") == {("clawback", ""): 1}


def test_a_refund_takes_back_though_the_client_is_excluded_by_now(tried: Tried) -> None:
    lines = sale("L1", 1000, "2026-01-10"), sale("L2", -1000, "2026-02-10", "L1")
    excluded = [{"client_id": "C1", "rule": "", "reason": "our own", "from": "2026-02-01"}]
    assert tried(*lines, tables={"exclusions.csv": excluded}) == [100, -100]


def test_a_refund_takes_back_though_the_rate_has_ended(tried: Tried) -> None:
    plan = TEN.replace("plan: percentage", "plan: retention, since: attribution").replace(
        "rate: 10%", "years: {1: 10%}"
    )
    lines = sale("L1", 1000, "2026-01-10"), sale("L2", -1000, "2026-02-10", "L1")
    assert tried(*lines, plan=plan, claimed_on="2025-01-20") == [100, -100]


def test_a_credit_note_that_is_set_off_and_never_paid_out_takes_back(tried: Tried) -> None:
    lines = sale("L1", 1000, "2026-01-10"), sale("L2", -1000, "2026-02-10", "L1", paid_on=None, posted_on="2026-02-10")
    assert tried(*lines) == [100, -100]


@pytest.mark.parametrize("refunds", ["original_rate", "net_current"])
def test_one_sale_is_given_back_once(tried: Tried, refunds: str) -> None:
    lines = (
        sale("L1", 1000, "2026-01-10"),
        sale("L2", -1000, "2026-01-12", "L1"),
        sale("L3", -1000, "2026-01-20", "L1"),
    )
    assert tried(*lines, refunds=refunds, months=1) == [0]
    assert tried.outcomes("2026-01") == {("settled", ""): 2, ("rejected", "refunded already"): 1}


def test_a_refund_takes_what_is_left_of_its_sale(tried: Tried) -> None:
    lines = (
        sale("L1", 1000, "2026-01-10"),
        sale("L2", -600, "2026-02-10", "L1"),
        sale("L3", -600, "2026-02-11", "L1"),
        sale("L4", -600, "2026-03-11", "L1"),
    )
    assert tried(*lines, months=3) == [100, -100, 0]
    first, second = tried.statements["2026-02"]["a"].corrections
    assert (first.commission_minor, first.left_minor, first.excess_minor) == (-60_00, 400_00, 0)
    assert (second.commission_minor, second.left_minor, second.excess_minor) == (-40_00, 0, 200_00)
    assert (second.cites, second.rate, second.earned) == ("a/2026-01/v1", "10", "100.000000")
    assert tried.outcomes("2026-03") == {("rejected", "refunded already"): 1}


def test_a_refund_takes_back_at_the_rate_of_its_sale(tried: Tried) -> None:
    plan = TEN + TEN.replace("2026-01", "2026-02").replace("10%", "15%")
    lines = sale("L1", 1000, "2026-01-10"), sale("L2", -1000, "2026-02-10", "L1")
    assert tried(*lines, plan=plan) == [100, -100]


def test_a_refund_whose_sale_nobody_knows_waits(tried: Tried) -> None:
    assert tried(sale("L2", -1000, "2026-01-12", "L1"), sale("L1", 1000, "2026-02-10")) == [0, 0]
    assert tried.outcomes("2026-01") == {("open", "sale not known"): 1}
    assert tried.outcomes("2026-02") == {("settled", ""): 2}


def test_a_refund_of_what_is_not_paid_yet_waits_with_it(tried: Tried) -> None:
    unpaid = sale("L1", 1000, "2026-01-10", paid_on=None, posted_on="2026-01-10")
    paid = sale("L1", 1000, "2026-02-10", issued_on="2026-01-10")
    assert tried(unpaid, sale("L2", -400, "2026-01-12", "L1"), paid) == [0, 60]
    assert tried.outcomes("2026-01")["open", "sale not paid yet"] == 1


def test_a_refund_that_names_an_invoice_is_shared_over_what_is_left_of_its_lines(tried: Tried) -> None:
    plan = """\
    from: 2026-01
    earn:
      software: {plan: percentage, categories: [software], rate: 10%}
      telephony: {plan: percentage, categories: [telephony], rate: 20%}
"""
    of_invoice = {"invoice_id": "I1"}
    lines = (
        sale("L1", 300, "2026-01-10", **of_invoice),
        sale("L2", 100, "2026-01-10", category="telephony", **of_invoice),
        sale("L3", -200, "2026-02-10", refunds_invoice_id="I1"),  # 150.00 of the one, 50.00 of the other
        sale("L4", -200, "2026-03-10", refunds_invoice_id="I1"),
        sale("L5", -1, "2026-03-11", refunds_invoice_id="I1"),
        sale("L6", -500, "2026-03-12", refunds_invoice_id="I2"),
    )
    assert tried(*lines, plan=plan, months=3) == [50, -25, -25]
    assert tried.outcomes("2026-03") == {
        ("clawback", ""): 1,
        ("rejected", "refunded already"): 1,
        ("open", "sale not known"): 1,
    }


def test_a_chargeback_that_is_won_gives_again_just_what_it_took(tried: Tried) -> None:
    lines = (
        sale("L1", 333.33, "2026-01-10"),
        sale("L2", -111.11, "2026-02-10", "L1", kind="chargeback"),
        sale("L3", 111.11, "2026-03-10", "L2", kind="chargeback_won"),
        sale("L4", 111.11, "2026-03-11", "L2", kind="chargeback_won"),
    )
    assert tried(*lines, months=3) == [33.33, -11.11, 11.11]
    assert tried.outcomes("2026-03") == {("clawback", ""): 1, ("rejected", "refunded already"): 1}


def test_what_is_won_of_a_chargeback_that_took_nothing_does_not_stay_open(tried: Tried) -> None:
    lines = (
        sale("L1", 100, "2026-01-10"),
        sale("L2", -100, "2026-02-10", "L1"),
        sale("L3", -100, "2026-02-11", "L1", kind="chargeback"),
        sale("L4", 100, "2026-03-10", "L3", kind="chargeback_won"),
        sale("L5", 10, "2026-04-10"),
    )
    assert tried(*lines, months=4) == [10, -10, 0, 1]
    assert tried.outcomes("2026-03")["rejected", "refunded already"] == 2  # the chargeback is seen again, and L4
    assert not any(outcome == "open" for month in ("2026-03", "2026-04") for outcome, _ in tried.outcomes(month))


@pytest.mark.parametrize(
    ("paid", "posted", "late"),
    [
        ("2026-02-01", None, False),
        ("2026-01-31", None, True),
        ("2026-01-31", "2026-02-01", True),
        ("2026-02-03", "2026-01-31", True),
        ("2025-12-31", "2026-02-01", False),
    ],
    ids=["of the month", "of January", "posted in February", "posted in January", "before the programme starts"],
)
def test_a_payment_of_a_closed_month_by_either_of_its_days_is_flagged_late(
    tried: Tried, paid: str, posted: str | None, late: bool
) -> None:
    lines = sale("L1", 10, "2026-01-10"), sale("L3", 10, "2026-02-10")
    tried(*lines, months=1)
    write_csv(tried.folder / "vendor" / "billing" / "late.csv", [sale("L2", 100, paid, posted_on=posted)])
    (february,) = close_months(tried.folder / "home", tried.folder / "vendor", "2026-02").values()
    assert {each.line_id: each.late for each in february["a"].payments} == {"L2": late, "L3": False}


def test_the_tier_of_the_refunds_month_does_not_see_it(tried: Tried) -> None:
    plan = """\
    from: 2026-01
    earn:
      software: {plan: tiered, categories: [software], by: volume, measure: all, tiers: {0: 10%, 1000.00: 20%}}
"""
    lines = (
        sale("L1", 500, "2026-01-10"),
        sale("L2", -500, "2026-02-10", "L1"),
        sale("L3", 1000, "2026-02-11"),
    )
    assert tried(*lines, plan=plan) == [50, 150]


def test_a_refund_without_a_reference_lowers_the_month_it_is_posted_in(tried: Tried) -> None:
    plan = TEN + TEN.replace("2026-01", "2026-02").replace("10%", "15%")
    lines = sale("L1", 1000, "2026-01-10"), sale("L2", -1000, "2026-02-10")
    assert tried(*lines, plan=plan) == [100, -150]
    statement = tried.statements["2026-02"]["a"]
    assert statement.corrections == ()
    assert statement.refunds_without_sale is not None
    assert statement.refunds_without_sale.model_dump() == {"lines": 1, "amount_minor": -1000_00}
    assert tried.statements["2026-01"]["a"].refunds_without_sale is None


def test_a_programme_may_change_what_refunds_take_back_from_a_month_on(tried: Tried) -> None:
    plan = TEN + TEN.replace("2026-01", "2026-02").replace("10%", "15%")
    dated = "[{from: 2026-01, policy: net_current}, {from: 2026-03, policy: original_rate}]"
    lines = (
        sale("L1", 1000, "2026-01-10"),
        sale("L2", -400, "2026-02-10", "L1"),
        sale("L3", -600, "2026-03-10", "L1"),
    )
    assert tried(*lines, plan=plan, refunds=dated, months=3) == [100, -60, -60]


def test_under_net_current_a_credit_note_that_is_set_off_lowers_the_month_of_its_posting(tried: Tried) -> None:
    set_off = sale("L2", -400, "2026-02-10", "L1", paid_on=None, posted_on="2026-02-10")
    assert tried(sale("L1", 1000, "2026-01-10"), set_off, refunds="net_current") == [100, -40]
    assert tried.outcomes("2026-02") == {("settled", ""): 1}
