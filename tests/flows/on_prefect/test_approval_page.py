"""The page of a draft that waits: the way from last month by cause, whose moved, and what a person should look at."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from flows.on_prefect.approval_page import page
from flows.settle_month import settle_month
from models.period import Period
from tests.made.vendors import PROGRAMME, claim, line, office, partner, settle, write_csv, write_vendor

LENIENT = PROGRAMME + "stop_when: {rejected_above: 50%}\n"
CLIENTS = [claim(client, "ana") for client in ("acme", "beta", "gamma", "delta")]
JANUARY = [
    line("J1", "acme", 1_000_00, quantity="10"),  # earns 500.00
    line("J2", "beta", 200_00),  # 100.00
    line("J3", "delta", 90_000_00, category="telephony", quantity=""),  # 8 %: 7 200.00
]
FIFTH = "2026-02-05"
FEBRUARY = [
    # 660.00: 2 more at 100.00, and 10.00 more for each of 12
    line("F1", "acme", 1_320_00, quantity="12", paid_on=FIFTH),
    line("F2", "gamma", 400_00, paid_on=FIFTH),  # 200.00
    line("F3", "delta", 100_000_00, category="telephony", quantity="", paid_on=FIFTH),  # 10 %: 10 000.00
    line("F4", "acme", -100_00, quantity="1", paid_on=FIFTH),  # takes back 50.00
    line("F5", "delta", 60_00, paid_on="2026-01-30", issued_on="2026-01-30", posted_on="2026-01-30"),  # 30.00, late
    line("F6", "nobodys", 7_00, paid_on=FIFTH),
    *(line(f"F{number}", "acme", 1_00, kind="bonus", paid_on=FIFTH) for number in (7, 8, 9, 10)),
]


def waiting(folder: Path, programme: str = LENIENT, partners: Sequence[dict[str, Any]] = ()) -> list[str]:
    """The page of February, after January was closed; what the vendor rewrote since then is named."""
    billing = {"2026-01.csv": JANUARY}
    vendor = write_vendor(
        folder / "vendor", programme=LENIENT, partners=[partner("ana")], claims=CLIENTS, billing=billing
    )
    settle(folder / "home", vendor, "2026-01")
    write_csv(vendor / "billing/2026-02.csv", FEBRUARY)
    (vendor / "programme.yaml").write_text(programme)
    if partners:
        write_csv(vendor / "partners.csv", partners)
    there = office(folder / "home", vendor, approval="on")
    result = settle_month(Period(2026, 2), there)
    assert result.draft is not None
    return list(page(result.draft, result, there))


@pytest.fixture(scope="module")
def february(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return waiting(tmp_path_factory.mktemp("approval-page"))


def table(said: list[str], heading: str) -> list[str]:
    """The rows of the first table under a heading."""
    rows = said[said.index(heading) + 4 :]
    return rows[: rows.index("")]


def test_the_bridge_leads_from_last_month_to_this_by_cause(february: list[str]) -> None:
    assert table(february, "### From 2026-01 to 2026-02: commission and corrections") == [
        "| earned in 2026-01 |  | 7 800.00 RUB |",
        "| clients that began to pay, or pay again | 1 | 200.00 RUB |",
        "| clients that paid last month and do not now | 1 | -100.00 RUB |",
        "| clients bought more or less | 1 | 900.00 RUB |",  # acme 100.00, delta 10 000.00 more at 8 %
        "| what they bought has another price | 1 | 60.00 RUB |",
        "| another tier, rate or limit | 1 | 2 000.00 RUB |",  # 2 % more of 100 000.00
        "| refunds, chargebacks, and what follows from them | 1 | -50.00 RUB |",
        "| late payments: of earlier months, seen only now | 1 | 30.00 RUB |",
        "| earned in 2026-02 |  | 10 840.00 RUB |",
    ]
    assert 780_000 + 20_000 - 10_000 + 90_000 + 6_000 + 200_000 - 5_000 + 3_000 == 1_084_000


def test_the_page_names_who_moved_and_why_who_is_lost_who_is_new_and_whose_tier_is_another(february: list[str]) -> None:
    text = "\n".join(february)
    assert (
        "| ana | 7 800.00 RUB | 10 840.00 RUB | 3 040.00 RUB | "
        "another tier, rate or limit 2 000.00 RUB; clients bought more or less 900.00 RUB |"
    ) in text
    assert "### Lost clients\n\n- beta of ana: earned 100.00 RUB\n" in text
    assert "### New clients, and clients that pay again\n\n- gamma of ana: earn 200.00 RUB\n" in text
    assert "- ana, telephony: tier 1 (8 %) last month, tier 2 (10 %) now" in text


def test_the_page_shows_open_lines_by_reason_with_examples(february: list[str]) -> None:
    assert table(february, "### Open lines") == ["| not attributed | 1 | 7.00 | RUB |"]
    assert "- not attributed: line F6 of client nobodys, 2026-02-05, 7.00 RUB" in february


def test_of_rejected_lines_three_of_each_reason_are_shown_with_file_row_column_and_value(february: list[str]) -> None:
    assert table(february, "### Rejected lines") == ["| unknown kind | 4 | 4.00 | RUB |"]
    shown = [said for said in february if said.startswith("- unknown kind: ")]
    assert shown == [
        f"- unknown kind: billing/2026-02.csv row {row}, line F{row - 1}, kind 'bonus'" for row in (11, 8, 9)
    ]


def test_the_page_says_since_when_it_waits_and_that_nothing_of_programme_or_settings_changed(
    february: list[str],
) -> None:
    assert february[0].startswith("**It is a person's turn**, since 2026-12-03T03:00:00Z.")
    heading = february.index("### Programme, terms and settings that changed")
    assert february[heading + 1 : heading + 3] == ["", "- nothing"]


def test_what_of_the_programme_changed_is_told_apart_from_what_is_odd(tmp_path: Path) -> None:
    said = waiting(tmp_path, LENIENT + "approval: on\n")
    heading = said.index("### Programme, terms and settings that changed")
    assert said[heading + 1 : heading + 4] == ["", "- programme.yaml changed: approval: was not written, is now on", ""]


def test_terms_of_a_closed_month_that_were_rewritten_since_are_told_beside_the_programme(tmp_path: Path) -> None:
    said = waiting(tmp_path, partners=[partner("ana", name="Ana Ltd"), partner("bo", **{"from": "2026-02"})])
    heading = said.index("### Programme, terms and settings that changed")
    assert said[heading + 1 : heading + 4] == [
        "",
        "- partners.csv changed: ana from 2026-01-01, in closed months too: name was Partner ana and is Ana Ltd",
        "",
    ]


def test_in_the_first_month_nothing_is_compared_and_clients_are_counted_not_listed(tmp_path: Path) -> None:
    billing = {"2026-01.csv": JANUARY}
    vendor = write_vendor(tmp_path / "vendor", partners=[partner("ana")], claims=CLIENTS, billing=billing)
    there = office(tmp_path / "home", vendor, approval="on")
    result = settle_month(Period(2026, 1), there)
    assert result.draft is not None
    said = list(page(result.draft, result, there))
    first = "This is the programme's first month: there is none before it to compare with. 4 clients are attributed."
    assert first in said
    assert not [line for line in said if "New clients" in line or "acme" in line]
