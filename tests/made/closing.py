"""Months closed without their documents, as fast as a test of figures wants it; and what they came to."""

import json
from pathlib import Path
from typing import Any

from engine.draft import STATEMENTS
from engine.frames.bodies import bodies_in
from flows.consent.deciding import approve_draft
from flows.settle_month import programme_name
from models.formats import read_statement
from models.period import Period, Version
from models.statement import Statement
from tasks.clock import now
from tasks.close import Closing, close
from tasks.database.lease import lease
from tasks.facts.approved import the_approved_month
from tests.made.vendors import office


def close_months(home: Path, vendor: Path, *periods: str, **settings: Any) -> dict[str, dict[str, Statement]]:
    """Approve and close months in order, and return each one's statements by partner."""
    there = office(home, vendor, **settings)
    there.database.prepare()
    found: dict[str, dict[str, Statement]] = {}
    for period in periods:
        month = Period.parse(period)
        with lease(there.database, programme_name(there), 60) as epoch:
            assert approve_draft(month, there, epoch) is None
            for version in (*the_approved_month(there.database, Version(month)).versions, Version(month)):
                close(version, there.database, there.store, epoch, Closing(now(there.settings)))
        approved = the_approved_month(there.database, Version(month))
        bodies = there.store.get(*approved.input(STATEMENTS))
        found[period] = {each.partner.partner_id: each for each in map(read_statement, bodies_in(bodies))}
    return found


def control(home: Path, period: str, programme: str = "test-partners") -> dict[tuple[str, str], int]:
    """What became of the month's lines: {(outcome, reason): lines}."""
    said = json.loads((home / "archive" / programme / period / "v1" / "control.json").read_text())
    return {(each["outcome"], each["reason"]): each["lines"] for each in said["outcomes"]}
