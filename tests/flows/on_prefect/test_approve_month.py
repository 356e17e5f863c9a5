"""The form of approve-month: a yes or no to a draft whose run was started in a shell, or has ended."""

from pathlib import Path
from typing import Any

import pytest

from flows.office import Office
from flows.on_prefect.approval import Decision
from flows.on_prefect.by_form import approve_month
from flows.result import Ending, MonthResult
from flows.settle_month import settle_month
from models.period import Period
from sample import make_sample
from tasks.settings import read_settings

MONTH = Period(2026, 1)


@pytest.fixture
def waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MonthResult:
    """A month that waits for a person."""
    make_sample(tmp_path / "vendor", clients=60, partners=5, months=1, seed=5, starts=MONTH)
    for name, value in {"HOME": tmp_path / "home", "VENDOR": tmp_path / "vendor", "APPROVAL": "on"}.items():
        monkeypatch.setenv(f"SETTLE_{name}", str(value))
    return settle_month(MONTH, Office.open(read_settings()))


def said(result: MonthResult, **fields: Any) -> tuple[str, str, str]:
    """What the state is that a run of the form ends in: type, name and message."""
    answer = {"period": "2026-01", "draft_digest": result.draft_digest, "decision": Decision.APPROVE, "name": "anna"}
    state = approve_month.fn(**answer | fields)
    return state.type.value, str(state.name), str(state.message)


def test_a_yes_by_the_form_pays_the_month_when_it_is_run(waiting: MonthResult) -> None:
    assert waiting.ending is Ending.WAITING
    kind, name, message = said(waiting, draft_digest=waiting.draft_digest[:12])
    assert (kind, name) == ("COMPLETED", "Recorded")
    assert message.startswith(f"anna says approve to draft {waiting.draft_digest} of 2026-01.")
    assert settle_month(MONTH, Office.open(read_settings())).ending is Ending.CLOSED


def test_a_no_by_the_form_needs_a_comment_and_pays_nothing(waiting: MonthResult) -> None:
    refused = said(waiting, decision=Decision.REJECT)
    assert refused == ("FAILED", "WrongUse", "a reject needs a comment: whoever mends it has to know why.")
    assert said(waiting, decision=Decision.REJECT, comment="acme was billed twice")[1] == "Recorded"
    assert settle_month(MONTH, Office.open(read_settings())).ending is Ending.WAITING


def test_a_draft_that_was_never_made_is_named(waiting: MonthResult) -> None:
    kind, name, message = said(waiting, draft_digest="0" * 64)
    assert (kind, name) == ("FAILED", "WrongUse")
    assert "no draft of 2026-01 has the digest" in message


def test_a_yes_that_withholds_a_partner_is_to_the_draft_that_says_so(waiting: MonthResult) -> None:
    _, name, message = said(waiting, withhold="P-0001: the tax id is missing")
    assert name == "Recorded"
    assert waiting.draft_digest not in message
    assert settle_month(MONTH, Office.open(read_settings())).ending is Ending.CLOSED


def test_nobody_says_nothing(waiting: MonthResult) -> None:
    assert said(waiting, name=" ") == ("FAILED", "WrongUse", "nobody's name was given.")
