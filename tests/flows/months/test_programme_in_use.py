"""A programme file in use: immutable where a month used it, shown before it is applied, held to what a sale may cost."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from flows.consent.deciding import show_draft
from flows.result import Ending
from models.errors import BadInput, BadProgramme, CannotApprove
from models.period import Period
from tests.made.vendors import archived, claim, line, office, partner, settle, write_csv, write_vendor

HEADING = """\
programme: test-partners
starts: 2026-01
currency: RUB
timezone: Europe/Moscow
base: gross
refunds: net_current
"""
HALF = "{from: 2026-01, earn: {software: {plan: percentage, categories: [software], rate: 50%}}}"
THIRTY = "{from: 2026-02, earn: {software: {plan: percentage, categories: [software], rate: 30%}}}"


def in_february(line_id: str, client_id: str, amount_minor: int, **others: Any) -> dict[str, Any]:
    days = {"issued_on": "2026-02-10", "paid_on": "2026-02-12"}
    return line(line_id, client_id, amount_minor, **(days | others))


@pytest.fixture
def vendor(tmp_path: Path) -> Path:
    billing = {"2026-01.csv": [line("L1", "C1", 10_000)], "2026-02.csv": [in_february("L2", "C1", 10_000)]}
    text = f"{HEADING}plans:\n  integrator:\n    - {HALF}\n"
    return write_vendor(
        tmp_path / "vendor", programme=text, partners=[partner("P1")], claims=[claim("C1", "P1")], billing=billing
    )


def rewrite(vendor: Path, old: str, new: str) -> None:
    file = vendor / "programme.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_a_rate_that_a_month_used_cannot_be_changed_behind_its_back(tmp_path: Path, vendor: Path) -> None:
    settle(tmp_path / "home", vendor, "2026-01")
    rewrite(vendor, "rate: 50%", "rate: 30%")
    with pytest.raises(BadProgramme, match=r"(?s)changes what was used.*earn\.software.*from: 2026-02"):
        settle(tmp_path / "home", vendor, "2026-02")


def test_a_new_block_is_shown_in_money_before_it_is_applied(
    tmp_path: Path, vendor: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settle(tmp_path / "home", vendor, "2026-01")
    rewrite(vendor, HALF, f"{HALF}\n    - {THIRTY}")
    with caplog.at_level(logging.WARNING, logger="settle"):
        result = show_draft(Period(2026, 2), office(tmp_path / "home", vendor))
    (words,) = (record.message for record in caplog.records if record.message.startswith("programme.yaml changed: "))
    assert "50 000.00" in words
    assert "30 000.00" in words
    assert result.figures.commission_minor == 3_000


def test_a_file_with_other_words_and_the_same_promises_is_no_change(
    tmp_path: Path, vendor: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settle(tmp_path / "home", vendor, "2026-01")
    rewrite(vendor, "plans:", "# as agreed\nplans:")
    with caplog.at_level(logging.WARNING, logger="settle"):
        (result,) = settle(tmp_path / "home", vendor, "2026-02")
    assert result.ending is Ending.CLOSED
    assert not [record for record in caplog.records if "programme.yaml changed" in record.message]


def test_a_month_whose_fees_cost_more_than_the_programme_allows_is_not_approved(tmp_path: Path, vendor: Path) -> None:
    # 50 % of 100.00 and a fee of 10.01 are 60.01 on a base of 100.00.
    fee = "{plan: base_fee, pays: 10.01}"
    rewrite(vendor, "rate: 50%}}}", f"rate: 50%}}, fee: {fee}}}}}")
    rewrite(vendor, "refunds:", "cost_at_most: 60%\nrefunds:")
    with pytest.raises(CannotApprove, match=r"the month costs 60\.01 on a base of 100\.00"):
        settle(tmp_path / "home", vendor, "2026-01")
    rewrite(vendor, "10.01", "10.00")
    (result,) = settle(tmp_path / "home", vendor, "2026-01")
    assert result.ending is Ending.CLOSED


def test_a_fund_that_is_overspent_stops_the_month_before_anything_is_settled(tmp_path: Path, vendor: Path) -> None:
    rewrite(vendor, "rate: 50%}}}", "rate: 50%}, fund: {plan: marketing_fund, categories: all, rate: 2%}}}")
    entry = {"entry_id": "S-1", "partner_id": "P1", "spent_on": "2026-01-20", "activity": "A fair"}
    write_csv(vendor / "spending.csv", [entry | {"amount_minor": "201"}])
    with pytest.raises(BadInput, match=r"P1: S-1 spend 2\.01, but the fund holds 2\.00"):
        settle(tmp_path / "home", vendor, "2026-01")
    write_csv(vendor / "spending.csv", [entry | {"amount_minor": "200"}])
    january, february = settle(tmp_path / "home", vendor, "2026-01", "2026-02")
    assert (january.ending, february.ending) == (Ending.CLOSED, Ending.CLOSED)
    journal = (archived(tmp_path / "home", "2026-02") / "ledger.journal").read_text()
    assert "liabilities:P1:fund  RUB 0.00 = RUB -2.00" in journal  # the entry of January was not taken again


def test_a_client_excluded_from_a_rule_earns_nothing_and_the_partner_reads_why(tmp_path: Path, vendor: Path) -> None:
    write_csv(vendor / "exclusions.csv", [{"client_id": "C1", "rule": "software", "reason": "our own shop",
                                           "from": "2026-02"}])  # fmt: skip
    january, february = settle(tmp_path / "home", vendor, "2026-01", "2026-02")
    assert (january.figures.commission_minor, february.figures.commission_minor) == (5_000, 0)
    assert (
        '"note":"our own shop"' in (archived(tmp_path / "home", "2026-02") / "statements/P1/statement.json").read_text()
    )


def test_events_are_counted_like_lines_on_the_screen_and_in_the_control_file(
    tmp_path: Path, vendor: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rewrite(vendor, "rate: 50%}}}", "rate: 50%}, calls: {plan: pay_per_action, event: registration, pays: 5.00}}}")
    event = {"client_id": "C1", "partner_id": "", "product_code": "", "cancels_event_id": ""}
    days = (("E1", "registration", "2026-01-20"), ("E2", "visit", "2026-01-21"), ("E3", "registration", "2026-02-03"),
            ("E4", "registration", "2026-02-31"))  # fmt: skip
    write_csv(vendor / "events.csv", [event | {"event_id": e, "kind": k, "occurred_on": day} for e, k, day in days])
    january, february = settle(tmp_path / "home", vendor, "2026-01", "2026-02")
    assert (
        "1 event of kind 'visit' is open: no rule of their partner's plan names this kind. Rules name registration."
    ) in caplog.messages
    assert [line.split()[:-1] for line in january.table() if line.endswith("events")] == [
        ["other", "month:", "after", "the", "cut-off", "1"],
        ["open:", "kind", "without", "a", "rule", "1"],
        ["rejected:", "bad", "date", "1"],
        ["settled", "1"],
    ]
    counted = json.loads((archived(tmp_path / "home", "2026-02") / "control.json").read_text())["events"]
    assert [(tally["outcome"], tally["reason"], tally["lines"]) for tally in counted] == [
        ("other_month", "decided in an earlier month", 1),
        ("open", "kind without a rule", 1),
        ("rejected", "bad date", 1),
        ("settled", "", 1),
    ]
    assert february.figures.commission_minor == 5_000 + 500
