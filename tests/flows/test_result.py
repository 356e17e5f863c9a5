"""The figures of a month: what is owed adds up for whoever reads it, of a draft and of facts."""

from pathlib import Path

from cli.status_words import one_month
from flows.consent.give_consent import give_consent
from flows.questions.month_status import approved_result
from flows.result import Figures
from models.period import Period
from tests.flows.corrections.test_refunds import HEADING, TEN, by_month, sale
from tests.made.closing import close_months
from tests.made.vendors import claim, office, partner, settle, write_vendor


def vendor(folder: Path) -> Path:
    """A vendor whose partner earned 100.00 in January, of which 60.00 go back in February, beside 5.00 it earns."""
    lines = (
        sale("L1", 1000, "2026-01-10"),
        sale("L2", -600, "2026-02-10", "L1"),
        sale("L3", 50, "2026-02-11"),
    )
    return write_vendor(
        folder,
        programme=HEADING.format(refunds="original_rate") + TEN.replace("}}}", "}}, payout: {minimum: 500.00}}"),
        partners=[partner("a", **{"from": "2025-12"})],
        claims=[claim("C1", "a", claimed_on="2025-12-01")],
        billing={f"{name}.csv": mine for name, mine in by_month(lines).items()},
    )


def owed(figures: Figures) -> list[int]:
    return [minor for _, minor in figures.owed()]


def test_opening_commission_and_corrections_come_to_what_is_paid_and_carried(tmp_path: Path) -> None:
    there = vendor(tmp_path / "vendor")
    settle(tmp_path / "home", there, "2026-01")
    (draft,) = settle(tmp_path / "home", there, "2026-02", approval="on")
    assert owed(draft.figures) == [100_00, 5_00, -60_00, 0, 45_00]

    here = office(tmp_path / "home", there)
    give_consent(here, Period(2026, 2), draft.draft_digest, "anna")
    close_months(tmp_path / "home", there, "2026-02")
    assert owed(approved_result(here, Period(2026, 2)).figures) == [100_00, 5_00, -60_00, 0, 45_00]

    _, printed = one_month(here, Period(2026, 2))
    assert [" ".join(line.split()) for line in printed if " RUB" in line] == [
        "settled 1 lines 50.00 RUB",
        "clawback 1 lines -600.00 RUB",
        "seen before: already settled 1 lines 1 000.00 RUB",
        "opening balances 100.00 RUB",
        "commission 5.00 RUB",
        "corrections -60.00 RUB",
        "to pay 0.00 RUB",
        "carried forward 45.00 RUB",
    ]
