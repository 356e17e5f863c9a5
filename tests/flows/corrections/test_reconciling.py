"""A closed month against its source today: what differs, what it is in money, and how it is put right once."""

from pathlib import Path

import pytest

from flows.corrections.reconciling import Reconciliation, accept, reconciled
from models.errors import WrongUse
from models.period import Period
from tests.flows.corrections.test_refunds import HEADING, TEN, sale
from tests.made.closing import close_months
from tests.made.vendors import claim, office, partner, write_csv, write_vendor

JANUARY = Period(2026, 1)


@pytest.fixture
def vendor(tmp_path: Path) -> Path:
    return write_vendor(
        tmp_path / "vendor",
        programme=HEADING.format(refunds="original_rate") + TEN,
        partners=[partner("a"), partner("b")],
        claims=[claim("C1", "a"), claim("C2", "b")],
        billing={
            "2026-01.csv": [
                sale("L1", 1000, "2026-01-10"),
                sale("L2", 500, "2026-01-11"),
                sale("L3", 300, "2026-01-12", client_id="C2"),
            ],
            "2026-02.csv": [sale("L4", 100, "2026-02-10")],
            "2026-03.csv": [sale("L5", 100, "2026-03-10")],
        },
    )


def compare(tmp_path: Path, vendor: Path) -> Reconciliation:
    return reconciled(office(tmp_path / "home", vendor), JANUARY)


def test_a_source_that_says_the_same_is_said_to(tmp_path: Path, vendor: Path) -> None:
    close_months(tmp_path / "home", vendor, "2026-01")
    rows = [sale("L1", 1000, "2026-01-10", client_name="Renamed"), sale("L2", 500, "2026-01-11")]
    rows.append(sale("L3", 300, "2026-01-12", client_id="C2"))
    write_csv(vendor / "billing/2026-01.csv", rows)  # a client was renamed: no payment says anything else
    found = compare(tmp_path, vendor)
    assert list(found.words()) == ["2026-01: the source says today what it said when the month was settled."]


def test_lines_that_were_added_changed_or_are_missing_are_named_with_what_they_change(
    tmp_path: Path, vendor: Path
) -> None:
    close_months(tmp_path / "home", vendor, "2026-01", "2026-02")
    write_csv(
        vendor / "billing/2026-01.csv",
        [sale("L1", 900, "2026-01-10"), sale("L2", 500, "2026-01-11"), sale("L9", 50, "2026-01-31")],
    )
    found = compare(tmp_path, vendor)
    assert list(found.words()) == [
        "2026-01: 1 line added, 1 line changed, 1 line missing",
        "  changed L1: amount_minor was '100000', is '90000'",
        "  missing L3: client_id C2, category software, amount_minor 30000, currency RUB, paid_on 2026-01-12",
        "  added L9: client_id C1, category software, amount_minor 5000, currency RUB, paid_on 2026-01-31",
        "  what was added settles by itself, as late, in the next month that is run",
        "  a: was 150.00, would be 140.00; open -10.00",
        "  b: was 30.00, would be 0.00; open -30.00",
    ]


def test_what_is_accepted_settles_in_the_next_month_and_is_open_no_more(tmp_path: Path, vendor: Path) -> None:
    close_months(tmp_path / "home", vendor, "2026-01", "2026-02")
    write_csv(vendor / "billing/2026-01.csv", [sale("L1", 900, "2026-01-10"), sale("L2", 500, "2026-01-11")])
    there = office(tmp_path / "home", vendor)
    assert accept(reconciled(there, JANUARY), there, "olga", vendor / "adjustments.csv") == 2
    assert (vendor / "adjustments.csv").read_text().splitlines() == [
        "adjustment_id,partner_id,posted_on,amount_minor,why,evidence,who,cites",
        "reconcile-2026-01-a-1,a,2026-03-01,-1000,the billing of 2026-01 changed after it was settled,L1,olga,"
        "a/2026-01/v1",
        "reconcile-2026-01-b-1,b,2026-03-01,-3000,the billing of 2026-01 changed after it was settled,L3,olga,"
        "b/2026-01/v1",
    ]
    assert [effect.open_minor for effect in compare(tmp_path, vendor).effects] == [0, 0]
    march = close_months(tmp_path / "home", vendor, "2026-03")["2026-03"]
    assert [march[who].summary.corrections_minor for who in "ab"] == [-1000, -3000]
    assert [effect.open_minor for effect in compare(tmp_path, vendor).effects] == [0, 0]
    assert accept(compare(tmp_path, vendor), there, "olga", tmp_path / "more.csv") == 0


def test_a_partner_reads_why_in_its_own_language(tmp_path: Path, vendor: Path) -> None:
    write_csv(vendor / "partners.csv", [partner("a", locale="ru"), partner("b", locale="pl")])
    close_months(tmp_path / "home", vendor, "2026-01", "2026-02")
    write_csv(vendor / "billing/2026-01.csv", [sale("L1", 900, "2026-01-10"), sale("L2", 500, "2026-01-11")])
    there = office(tmp_path / "home", vendor)
    accept(reconciled(there, JANUARY), there, "olga", vendor / "adjustments.csv")
    march = close_months(tmp_path / "home", vendor, "2026-03")["2026-03"]
    assert [march[who].corrections[0].words for who in "ab"] == [
        "счета за 2026-01 изменились после расчёта (olga; L1)",
        "rozliczenia za 2026-01 zmieniły się po zamknięciu miesiąca (olga; L3)",
    ]


def test_a_line_that_went_away_and_was_given_back_since_is_taken_once_and_not_twice(
    tmp_path: Path, vendor: Path
) -> None:
    write_csv(vendor / "billing/2026-02.csv", [sale("R1", -1000, "2026-02-10", refunds="L1")])
    months = close_months(tmp_path / "home", vendor, "2026-01", "2026-02")
    assert months["2026-02"]["a"].summary.corrections_minor == -10000  # what L1 earned is taken back already
    rest = [sale("L2", 500, "2026-01-11"), sale("L3", 300, "2026-01-12", client_id="C2")]
    write_csv(vendor / "billing/2026-01.csv", rest)
    found = compare(tmp_path, vendor)
    assert list(found.words())[1:] == [
        "  missing L1: client_id C1, category software, amount_minor 100000, currency RUB, paid_on 2026-01-10",
        "  a: was 150.00, would be 50.00; open -100.00",
        "  it cannot be accepted: of L1 something was given back since, which these amounts do not know; "
        "figure what is left of it, and say that by `settle adjust`",
    ]
    there = office(tmp_path / "home", vendor)
    with pytest.raises(WrongUse, match="nothing was written: of L1 something was given back since"):
        accept(found, there, "olga", vendor / "adjustments.csv")
    assert not (vendor / "adjustments.csv").exists()


def test_a_line_that_was_given_back_and_won_again_is_put_right_as_any(tmp_path: Path, vendor: Path) -> None:
    taken = sale("R1", -1000, "2026-02-10", refunds="L1", kind="chargeback")
    won = sale("W1", 1000, "2026-02-20", refunds="R1", kind="chargeback_won")
    write_csv(vendor / "billing/2026-02.csv", [taken, won])
    close_months(tmp_path / "home", vendor, "2026-01", "2026-02")
    rest = [sale("L2", 500, "2026-01-11"), sale("L3", 300, "2026-01-12", client_id="C2")]
    write_csv(vendor / "billing/2026-01.csv", rest)
    there = office(tmp_path / "home", vendor)
    assert accept(compare(tmp_path, vendor), there, "olga", vendor / "adjustments.csv") == 1


def test_what_the_next_month_looks_at_again_by_itself_is_put_right_by_nobody_else(tmp_path: Path, vendor: Path) -> None:
    lines = [
        sale("L1", 1000, "2026-01-10"),
        sale("L2", 500, "2026-01-11"),
        sale("L3", 300, "2026-01-12", client_id="C9"),
    ]
    write_csv(vendor / "billing/2026-01.csv", lines)
    close_months(tmp_path / "home", vendor, "2026-01")
    lines[2] = sale("L3", 300, "2026-01-12", client_id="C2")  # it was open, and is b's as it turns out
    write_csv(vendor / "billing/2026-01.csv", [*lines, sale("L9", 50, "2026-01-31")])
    found = compare(tmp_path, vendor)
    assert [(each.change, each.line_id) for each in found.changes] == [("added", "L9")]
    assert found.effects == ()
    february = close_months(tmp_path / "home", vendor, "2026-02")["2026-02"]
    assert [february[who].summary.commission_minor for who in "ab"] == [1500, 3000]


def test_a_month_that_is_not_closed_is_not_compared(tmp_path: Path, vendor: Path) -> None:
    with pytest.raises(WrongUse, match="2026-01 is not closed"):
        compare(tmp_path, vendor)
