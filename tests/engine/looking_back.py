"""A vendor of three months that leave each other all there is to leave: open lines, open events, sums, a fund."""

from pathlib import Path

import pytest

from engine.inputs import MonthInputs
from flows.result import Ending
from models.period import Period
from tasks.gather import gather, read_inputs
from tasks.storage.directory import DirectoryStore
from tests.made.vendors import claim, line, partner, settle, write_csv, write_vendor

PROGRAMME = """\
programme: looking-back
starts: 2026-01
currency: RUB
timezone: Europe/Moscow
base: gross
refunds: net_current
levels:
  by_turnover:
    measure: {categories: all, window: 2 months}
    levels:
      First: {reaches: 0, plan: first}
      Second: {reaches: 1000.00, plan: second}
plans:
  first:
    from: 2026-01
    earn:
      software: {plan: percentage, categories: [software], rate: 10%}
      installs: {plan: pay_per_action, event: install, pays: 5.00}
      fund: {plan: marketing_fund, categories: [software], rate: 2%}
  second:
    from: 2026-01
    earn:
      software: {plan: percentage, categories: [software], rate: 15%}
      installs: {plan: pay_per_action, event: install, pays: 5.00}
      ceiling: {plan: cap, at_most: 200.00, window: lifetime, rules: [software]}
"""
MONTHS = ["2026-01", "2026-02", "2026-03"]
GATHERED: dict[str, MonthInputs] = {}
"""The inputs of each month as they were gathered while it was settled."""


def event(event_id: str, client_id: str, day: str, cancels: str = "") -> dict[str, str]:
    return {
        "event_id": event_id,
        "client_id": "" if cancels else client_id,
        "partner_id": "",
        "kind": "" if cancels else "install",
        "product_code": "",
        "occurred_on": day,
        "cancels_event_id": cancels,
    }


def paid(line_id: str, client_id: str | None, amount_minor: int, day: str, **others: str | None) -> dict[str, object]:
    return line(line_id, client_id, amount_minor, issued_on=day, paid_on=day, **others)


def settle_all(folder: Path) -> Path:
    """Close three months with all that one month can leave to the next, and return their home."""
    vendor = write_vendor(
        folder / "vendor",
        programme=PROGRAMME,
        partners=[partner("ana", plan="by_turnover"), partner("bo", plan="first")],
        claims=[
            claim("acme", "ana"),
            claim("bell", "bo"),
            claim("acme", "bo", claim_id="K-late", claimed_on="2026-01-20"),
            claim("later", "bo", claimed_on="2026-02-10"),
        ],
        billing={
            "2026-01.csv": [
                paid("J1", "acme", 150_000, "2026-01-12"),
                paid("J2", "bell", 20_000, "2026-01-15"),
                paid("J2", "bell", 20_000, "2026-01-15"),  # a copy
                paid("J3", "later", 7_000, "2026-02-20", posted_on="2026-01-31"),  # open until February's claim
                paid("J4", None, 900, "2026-01-20"),  # open for ever
                paid("J5", "acme", 5, "soon"),
                line("J6", "acme", 4_000, paid_on=None),
            ],
            "2026-02.csv": [
                paid("F1", "acme", 90_000, "2026-02-03"),
                paid("F2", "bell", -2_000, "2026-02-03", refunds_line_id="J2"),
                paid("J1", "acme", 150_000, "2026-01-12", posted_on="2026-02-02"),  # settled in January
                paid("F3", "acme", 1_000, "2026-04-01"),  # waits for its month
            ],
            "2026-03.csv": [paid("M1", "acme", 30_000, "2026-03-03"), paid("M2", "later", 600, "2026-03-05")],
        },
        control=[
            {"period": "2026-01", "currency": "RUB", "lines": 5, "amount_minor": 197_900},
            {"period": "2026-02", "currency": "RUB", "lines": 3, "amount_minor": 238_000},
            {"period": "2026-03", "currency": "RUB", "lines": 2, "amount_minor": 30_600},
        ],
    )
    write_csv(
        vendor / "events.csv",
        [
            event("E1", "acme", "2026-01-12"),
            event("E2", "later", "2026-02-11"),
            event("E3", "nobody", "2026-01-13"),
            event("E4", "", "2026-02-12", cancels="E1"),
        ],
    )
    write_csv(
        vendor / "spending.csv",
        [{"entry_id": "S1", "partner_id": "bo", "spent_on": "2026-02-20", "activity": "a stand", "amount_minor": 300,
          "claims": ""}],
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:

        def gathered(*arguments: object) -> MonthInputs:
            found = gather(*arguments)  # type: ignore[arg-type]
            GATHERED[str(found.month)] = found
            return found

        patch.setattr("flows.consent.deciding.gather", gathered)
        results = settle(folder / "home", vendor, *MONTHS)
    assert [result.ending for result in results] == [Ending.CLOSED] * 3, [result.headline() for result in results]
    return folder / "home"


def from_archive(home: Path, period: str) -> MonthInputs:
    return read_inputs(DirectoryStore(home / "archive"), "looking-back", Period.parse(period))
