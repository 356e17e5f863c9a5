"""The ledger: every entry sums to zero, and another program agrees with the month's journal."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.period import Period
from models.statement import Statement
from rules.ledger import ACCRUED, Balance, Entry, Leg, entries, journal
from tests.rules.strategies import amounts
from tests.rules.worked import statement
from tests.templates.pieces import summary

JANUARY = Period(2026, 1)

JOURNAL = """\
; Commission of 2026-01
commodity RUB 0.00
account equity:opening
account expenses:commission:software
account expenses:commission:telephony
account liabilities:P-100:accrued
account liabilities:P-100:payable
account liabilities:P-200:accrued

2026-01-01 opening balances
    liabilities:P-100:accrued  RUB -1000.50
    liabilities:P-200:accrued  RUB 20.00
    equity:opening  RUB 980.50

2026-01-31 P-100/2026-01/v1
    expenses:commission:software  RUB 42222.22
    liabilities:P-100:accrued  RUB -42222.22

2026-01-31 P-100/2026-01/v1
    expenses:commission:telephony  RUB 36000.00
    liabilities:P-100:accrued  RUB -36000.00

2026-01-31 P-100/2026-01/v1
    liabilities:P-100:accrued  RUB 79222.72
    liabilities:P-100:payable  RUB -79222.72

2026-01-31 carried forward, as each statement says
    liabilities:P-100:accrued  RUB 0.00 = RUB 0.00
    liabilities:P-200:accrued  RUB 0.00 = RUB 20.00
"""
"""P-100 was owed 1 000.50 and is paid all; P-200 owes us 20.00 and had no lines."""

needs_hledger = pytest.mark.skipif(
    shutil.which("hledger") is None, reason="hledger is not installed (apt-get install hledger): nothing to check with"
)


def january() -> str:
    shown = statement(opening_minor=100_050)
    assert (shown.summary.to_pay_minor, shown.summary.carried_minor) == (7_922_272, 0)
    return journal(
        JANUARY,
        "RUB",
        entries(shown),
        [Balance("P-100", ACCRUED, 100_050, 0), Balance("P-200", ACCRUED, -2_000, -2_000)],
    )


def accepts(text: str, folder: Path) -> bool:
    file = folder / "ledger.journal"
    file.write_text(text, encoding="utf-8")
    checked = subprocess.run(
        ["hledger", "check", "--strict", "-f", str(file)], capture_output=True, text=True, check=False
    )
    assert (checked.returncode == 0) == (checked.stderr == ""), checked.stderr
    return checked.returncode == 0


def test_each_rule_and_what_is_to_be_paid_is_an_entry_that_cites_the_statement() -> None:
    assert entries(statement()) == [
        Entry(
            "P-100",
            "P-100/2026-01/v1",
            (Leg("expenses:commission:software", 4_222_222), Leg("liabilities:accrued", -4_222_222)),
        ),
        Entry(
            "P-100",
            "P-100/2026-01/v1",
            (Leg("expenses:commission:telephony", 3_600_000), Leg("liabilities:accrued", -3_600_000)),
        ),
        Entry(
            "P-100", "P-100/2026-01/v1", (Leg("liabilities:accrued", 7_822_222), Leg("liabilities:payable", -7_822_222))
        ),
    ]


def changed(commission: dict[str, int], to_pay: int) -> Statement:
    shown = statement()
    rules = [rule.model_copy(update={"commission_minor": commission[rule.rule]}) for rule in shown.rules]
    box = summary(0, sum(commission.values()), to_pay)
    return shown.model_copy(update={"rules": tuple(rules), "summary": box})


def test_nothing_is_booked_where_nothing_moves() -> None:
    assert entries(changed({"software": 0, "telephony": 0}, to_pay=0)) == []


def test_a_negative_commission_takes_the_expense_back() -> None:
    (entry,) = entries(changed({"software": -500, "telephony": 0}, to_pay=0))
    assert entry.legs == (Leg("expenses:commission:software", -500), Leg("liabilities:accrued", 500))


@given(amounts, amounts, st.integers(0, 10**9))
def test_the_legs_of_every_entry_sum_to_zero(software: int, telephony: int, to_pay: int) -> None:
    booked = entries(changed({"software": software, "telephony": telephony}, to_pay))
    assert all(sum(leg.amount_minor for leg in entry.legs) == 0 for entry in booked)
    accrued = sum(leg.amount_minor for entry in booked for leg in entry.legs if leg.account == "liabilities:accrued")
    assert accrued == to_pay - software - telephony


def test_the_journal_of_a_small_month_to_the_letter() -> None:
    assert january() == JOURNAL


@needs_hledger
def test_another_program_accepts_the_journal(tmp_path: Path) -> None:
    assert accepts(JOURNAL, tmp_path)


@needs_hledger
@pytest.mark.parametrize(
    "place",
    [match.start(1) for match in re.finditer(r"RUB (-?\d+\.\d\d)", JOURNAL)][1:],  # the first only shows the format
    ids=lambda place: JOURNAL[JOURNAL.rindex("\n", 0, place) : place + 9].strip(),
)
def test_another_program_refuses_the_journal_after_one_kopeck_was_changed(place: int, tmp_path: Path) -> None:
    last = JOURNAL.index(".", place) + 2
    assert not accepts(f"{JOURNAL[:last]}{(int(JOURNAL[last]) + 1) % 10}{JOURNAL[last + 1 :]}", tmp_path)


@needs_hledger
def test_a_strict_journal_knows_every_account_it_uses(tmp_path: Path) -> None:
    assert not accepts(JOURNAL.replace("account expenses:commission:software\n", ""), tmp_path)


@needs_hledger
@pytest.mark.parametrize("currency", ["JPY", "RUB", "KWD"])
def test_a_journal_is_accepted_whatever_decimals_its_currency_has(currency: str, tmp_path: Path) -> None:
    text = journal(JANUARY, currency, entries(statement()), [Balance("P-100", ACCRUED, 5, 5)])
    commodity = {"JPY": "commodity JPY 0.", "RUB": "commodity RUB 0.00", "KWD": "commodity KWD 0.000"}
    assert commodity[currency] in text.splitlines()
    assert accepts(text, tmp_path)


@needs_hledger
def test_a_month_without_statements_has_a_journal_without_entries(tmp_path: Path) -> None:
    text = journal(JANUARY, "RUB", [], [])
    assert text == (
        "; Commission of 2026-01\ncommodity RUB 0.00\naccount equity:opening\n\n"
        "2026-01-31 carried forward, as each statement says\n"
    )
    assert accepts(text, tmp_path)
