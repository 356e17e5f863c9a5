"""A month is never closed on data nobody could read: it stops before approval, and says what to mend."""

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from flows.result import Ending, MonthResult
from flows.settle_month import settle_month
from models.errors import BadInput, CannotApprove
from models.period import Period
from tests.made.vendors import PROGRAMME, Row, archived, claim, line, office, partner, settle, write_csv, write_vendor


def vendor_with(folder: Path, lines: Sequence[Row], programme: str = PROGRAMME) -> Path:
    """A vendor whose partner ana brought C-1, with this billing of January."""
    return write_vendor(
        folder / "vendor",
        programme=programme,
        partners=[partner("ana")],
        claims=[claim("C-1", "ana")],
        billing={"2026-01.csv": lines},
    )


def stopped(folder: Path, vendor: Path, period: str = "2026-01") -> str:
    """Why the month is not approved. A dry run goes through, and nothing is settled."""
    home = folder / "home"
    assert settle_month(Period.parse(period), office(home, vendor), dry_run=True).ending is Ending.DRAFTED
    with pytest.raises(CannotApprove) as error:
        settle(home, vendor, period)
    assert not archived(home, period).exists()
    return str(error.value)


def closed(folder: Path, vendor: Path, *periods: str) -> list[MonthResult]:
    results = settle(folder / "home", vendor, *periods)
    assert [result.ending for result in results] == [Ending.CLOSED] * len(periods)
    return results


GERMAN: dict[str, Any] = {"paid_on": "31.01.2026"}
STAMP: dict[str, Any] = {"paid_on": "2026-01-12 10:00:00"}


@pytest.mark.parametrize(
    ("wrong", "reason", "shown"),
    [
        (GERMAN, "bad date", "paid_on '31.01.2026'"),
        (STAMP, "bad date", "paid_on '2026-01-12 10:00:00'"),
        ({"kind": "invoice"}, "unknown kind", "kind 'invoice'"),
        ({"currency": "rub"}, "unknown currency", "currency 'rub'"),
    ],
)
def test_a_month_whose_lines_are_all_rejected_stops(
    tmp_path: Path, wrong: dict[str, Any], reason: str, shown: str
) -> None:
    vendor = vendor_with(tmp_path, [line("L1", "C-1", 1000_00, **wrong), line("L2", "C-1", 500_00, **wrong)])

    said = stopped(tmp_path, vendor)

    assert f"2 of 2 new lines are rejected ({reason}: 2), for example billing/2026-01.csv row 2, {shown};" in said
    assert "billing/2026-01.csv row 3" in said
    assert "raise `rejected_above` (5 %) under `stop_when:` in programme.yaml" in said


def test_credit_notes_whose_amounts_cannot_be_read_stop_the_month(tmp_path: Path) -> None:
    charges = [line(f"L{n}", "C-1", 0) | {"amount_minor": "", "amount": "1000.00"} for n in range(100)]
    written = ["900.00-", "(500.00)", "\u221280.00", "'-70.00"]
    notes = [
        line(f"N{n}", "C-1", 0, kind="credit_note") | {"amount_minor": "", "amount": text}
        for n, text in enumerate(written)
    ]

    said = stopped(tmp_path, vendor_with(tmp_path, [*charges, *notes]))

    assert "4 of 4 new lines of kind credit_note are rejected (bad number: 4), for example" in said
    assert "billing/2026-01.csv row 102, amount '900.00-'" in said
    assert "take kind out of `all_of` under `stop_when:` in programme.yaml" in said


def test_an_amount_that_cannot_be_read_is_shown_as_unknown_and_never_as_nothing(tmp_path: Path) -> None:
    lines = [
        line("L1", "C-1", 1000_00),
        line("L2", "C-1", 0) | {"amount_minor": "900.00-"},
        line("L3", "C-1", 0) | {"amount_minor": "", "amount": "(500.00)"},
        line("L4", "C-1", 70_00, kind="gift"),
        line("L5", "C-1", 0, kind="gift") | {"amount_minor": "x"},
        line("L6", "C-1", 1_00),
    ]
    programme = PROGRAMME.replace("plans:", "stop_when: {rejected_above: 100%}\nplans:")
    (result,) = closed(tmp_path, vendor_with(tmp_path, lines, programme), "2026-01")

    table = [" ".join(row.split()) for row in result.table()]
    assert "rejected: bad number 2 lines unknown RUB" in table
    assert "rejected: bad number; unknown kind 1 lines unknown RUB" in table
    assert "rejected: unknown kind 1 lines 70.00 RUB" in table
    month = archived(tmp_path / "home", "2026-01")
    page = (month / "statements" / "ana" / "statement.html").read_text(encoding="utf-8")
    assert page.count('<td class="number">unknown</td>') == 1
    left_out = json.loads((month / "statements" / "ana" / "statement.json").read_text())["not_included"]
    assert [(item["reason"], item["lines"], item["amount_minor"], item.get("unread")) for item in left_out] == [
        ("bad number", 3, 0, 3),
        ("unknown kind", 1, 7000, None),
    ]
    control = json.loads((month / "control.json").read_text())
    assert control["received"] == {"RUB": {"lines": 6, "amount_minor": 1071_00, "unread": 3}}


def test_amounts_that_would_wrap_a_sum_stop_the_month(tmp_path: Path) -> None:
    lines = [line(f"L{number}", "C-1", 10**15) for number in range(10_000)]
    with pytest.raises(
        BadInput, match=r"10 000 000 000 000 000 000 minor units .* billing/2026-01.csv row 2: amount_m"
    ):
        settle(tmp_path / "home", vendor_with(tmp_path, lines), "2026-01")


def test_cents_read_as_units_stop_the_month_where_one_of_them_has_decimals(tmp_path: Path) -> None:
    lines = [line(f"L{n}", "C-1", 0) | {"amount_minor": amount} for n, amount in enumerate(("300", "300", "300.5"))]

    said = stopped(tmp_path, vendor_with(tmp_path, lines))

    assert "1 of 3 new lines of source billing/2026-01.csv have decimals in amount_minor (bad number: 1)" in said
    assert "for example billing/2026-01.csv row 4, amount_minor '300.5'" in said


def test_a_month_a_hundred_times_smaller_than_the_last_is_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Roubles in one month, and kopecks taken for roubles in the next."""
    vendor = vendor_with(tmp_path, [line("L1", "C-1", 1000_00)])
    closed(tmp_path, vendor, "2026-01")
    february = {"issued_on": "2026-02-10", "paid_on": "2026-02-12"}
    write_csv(vendor / "billing" / "2026-02.csv", [line("L2", "C-1", 10_00, **february)])
    with caplog.at_level(logging.WARNING, "settle"):
        settle_month(Period(2026, 2), office(tmp_path / "home", vendor), dry_run=True)
    assert any(
        "comes to 10.00 RUB, 100 times less than the 1 000.00 RUB" in record.message for record in caplog.records
    )


@pytest.mark.parametrize("other", ["c-17", "\u0421-17"])
def test_a_client_of_nobody_that_looks_like_a_partners_is_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, other: str
) -> None:
    vendor = vendor_with(tmp_path, [line("L1", "C-17", 100), line("L2", other, 100), line("L3", other, 100)])
    write_csv(vendor / "claims.csv", [claim("C-17", "ana")])
    with caplog.at_level(logging.WARNING, "settle"):
        settle_month(Period(2026, 1), office(tmp_path / "home", vendor), dry_run=True)
    (said,) = [record.message for record in caplog.records if "did you mean" in record.message]
    assert said.startswith(f"billing/2026-01.csv row 3: client_id '{other}'")
    assert "belongs to nobody (2 lines): did you mean 'C-17' of partner ana?" in said


def test_one_line_under_two_ids_that_look_the_same_is_not_paid_twice(tmp_path: Path) -> None:
    lines = [line("L1", "C-1", 100_00), line("L1\u200b", "C-1", 100_00)]
    (result,) = closed(tmp_path, vendor_with(tmp_path, lines), "2026-01")
    assert result.figures.commission_minor == 50_00


@pytest.mark.parametrize(
    ("table", "row", "said"),
    [
        ("exclusions", {"client_id": "C-1", "reason": "own", "rule": "sofware"}, "there is no rule 'sofware' (there are:"),
        ("employees", {"partner_id": "ana", "person_id": "P", "name": "P", "role": "seler", "from": "2026-01"},
         "no rule pays the role 'seler'"),
    ],
)  # fmt: skip
def test_a_table_that_names_what_the_programme_does_not_have_stops_the_month(
    tmp_path: Path, table: str, row: Row, said: str
) -> None:
    vendor = vendor_with(tmp_path, [line("L1", "C-1", 100)])
    write_csv(vendor / f"{table}.csv", [row])
    with pytest.raises(BadInput) as error:
        settle(tmp_path / "home", vendor, "2026-01")
    assert "the vendor's tables name what programme.yaml does not have:\n" in str(error.value)
    assert said in str(error.value)


def test_a_file_of_which_nothing_could_be_read_stops_the_month_however_small_it_is(tmp_path: Path) -> None:
    vendor = vendor_with(tmp_path, [line(f"L{number}", "C-1", 100) for number in range(100)])
    write_csv(vendor / "billing" / "b.csv", [line(f"B{number}", "C-1", 100, **GERMAN) for number in range(2)])

    assert "2 of 2 new lines of source billing/b.csv are rejected (bad date: 2)" in stopped(tmp_path, vendor)


def test_a_dry_run_warns_of_what_would_stop_the_month(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    vendor = vendor_with(tmp_path, [line("L1", "C-1", 1000_00, **GERMAN), line("L2", "C-1", 500_00, **GERMAN)])
    with caplog.at_level(logging.WARNING, "settle"):
        settle_month(Period(2026, 1), office(tmp_path / "home", vendor), dry_run=True)
    assert any(record.message.startswith("2 of 2 new lines are rejected") for record in caplog.records)


def test_a_vendor_that_is_used_to_rejected_lines_says_so(tmp_path: Path) -> None:
    lines = [line("L1", "C-1", 1000_00), line("L2", "C-1", 1_00, **GERMAN), line("L3", "C-1", 1_00, **GERMAN)]
    programme = PROGRAMME.replace("plans:", "stop_when: {rejected_above: 70%}\nplans:")
    closed(tmp_path, vendor_with(tmp_path, lines, programme), "2026-01")


def test_an_old_mistake_counts_once_until_somebody_changes_it(tmp_path: Path) -> None:
    """A cumulative export: the two lines of January that nobody mended come again every month."""
    old = [line(f"OLD{number}", "C-1", 100, **GERMAN) for number in range(2)]
    vendor = vendor_with(tmp_path, [*old, *(line(f"J{number}", "C-1", 100) for number in range(40))])
    closed(tmp_path, vendor, "2026-01")  # 2 of 42

    february = {"issued_on": "2026-02-10", "paid_on": "2026-02-12"}
    march = {"issued_on": "2026-03-10", "paid_on": "2026-03-12"}
    write_csv(vendor / "billing" / "2026-02.csv", [line("F1", "C-1", 100, **february)])
    closed(tmp_path, vendor, "2026-02")  # 1 sound, and two that are no news

    changed = [row | {"paid_on": "01.02.2026"} for row in old]
    write_csv(vendor / "billing" / "2026-03.csv", [*changed, line("M1", "C-1", 100, **march)])
    assert "2 of 3 new lines are rejected" in stopped(tmp_path, vendor, "2026-03")


def test_a_copy_of_a_line_is_no_new_line(tmp_path: Path) -> None:
    """Half of what came in is rejected, and nothing of it is lost."""
    lines = [line(f"L{number}", "C-1", 100) for number in range(10)]
    (result,) = closed(tmp_path, vendor_with(tmp_path, [*lines, *lines]), "2026-01")
    assert result.figures.to_pay_minor + result.figures.carried_minor == 500  # 50 % of 10.00


def test_a_line_of_a_closed_month_that_comes_again_was_seen_before_and_is_no_fault(tmp_path: Path) -> None:
    """A cumulative export without days of posting: January's lines are looked at in February too."""
    vendor = vendor_with(tmp_path, [line(f"J{number}", "C-1", 100) for number in range(10)])
    closed(tmp_path, vendor, "2026-01")
    february = {"issued_on": "2026-02-10", "paid_on": "2026-02-12"}
    write_csv(vendor / "billing" / "2026-02.csv", [line("F1", "C-1", 100, **february)])

    (result,) = closed(tmp_path, vendor, "2026-02")

    table = [" ".join(row.split()) for row in result.table()]
    assert "seen before: already settled 10 lines 10.00 RUB" in table
    assert not [row for row in table if row.startswith("rejected")]
    assert not (tmp_path / "home" / "reports" / "2026-02-rejected.csv").exists()
    assert result.figures.commission_minor == 50


def test_an_open_line_that_comes_again_was_seen_before_and_settles_once_when_its_client_is_claimed(
    tmp_path: Path,
) -> None:
    """C-2 is claimed in March: what its January line earns is earned then, however often it was sent."""
    january = [line("J1", "C-1", 100), line("J2", "C-2", 200)]
    vendor = vendor_with(tmp_path, january)
    closed(tmp_path, vendor, "2026-01")
    february = {"issued_on": "2026-02-10", "paid_on": "2026-02-12"}
    write_csv(vendor / "billing" / "2026-02.csv", [*january, line("F1", "C-1", 300, **february)])

    (result,) = closed(tmp_path, vendor, "2026-02")

    table = [" ".join(row.split()) for row in result.table()]
    assert "seen before: already open 2 lines 4.00 RUB" in table  # of January's file, and of February's
    assert "seen before: already settled 2 lines 2.00 RUB" in table
    assert "open: not attributed 1 lines 2.00 RUB" in table
    assert not [row for row in table if row.startswith("rejected")]
    assert not (tmp_path / "home" / "reports" / "2026-02-rejected.csv").exists()

    write_csv(vendor / "claims.csv", [claim("C-1", "ana"), claim("C-2", "ana")])
    march = {"issued_on": "2026-03-10", "paid_on": "2026-03-12"}
    write_csv(vendor / "billing" / "2026-03.csv", [*january, line("M1", "C-1", 50, **march)])
    (result,) = closed(tmp_path, vendor, "2026-03")
    assert result.figures.commission_minor == 125  # 50 % of 2.00 and of 0.50


def test_an_open_line_that_comes_again_changed_takes_the_place_of_ours(tmp_path: Path) -> None:
    vendor = vendor_with(tmp_path, [line("J1", "C-1", 100), line("J2", "", 200)])
    closed(tmp_path, vendor, "2026-01")
    february = {"issued_on": "2026-02-10", "paid_on": "2026-02-12"}
    write_csv(
        vendor / "billing" / "2026-01.csv",
        [line("J1", "C-1", 100), line("J2", "C-1", 200), line("F1", "C-1", 300, **february)],
    )

    (result,) = closed(tmp_path, vendor, "2026-02")

    table = [" ".join(row.split()) for row in result.table()]
    assert "rejected: replaced by a newer version 1 lines 2.00 RUB" in table
    assert result.figures.commission_minor == 250


def test_a_line_that_is_twice_in_the_file_of_its_month_is_a_repeat(tmp_path: Path) -> None:
    lines = [line(f"J{number}", "C-1", 100) for number in range(30)]
    (result,) = closed(tmp_path, vendor_with(tmp_path, [*lines, lines[0]]), "2026-01")
    table = [" ".join(row.split()) for row in result.table()]
    assert "rejected: repeat 1 lines 1.00 RUB" in table


def test_a_month_without_billing_stops_once_a_month_had_some(tmp_path: Path) -> None:
    vendor = vendor_with(tmp_path, [line("L1", "C-1", 1000_00)])
    closed(tmp_path, vendor, "2026-01")

    assert "no new billing line was posted in 2026-02, and earlier months had some" in stopped(
        tmp_path, vendor, "2026-02"
    )
    result = settle_month(Period(2026, 2), office(tmp_path / "home", vendor), empty=True)
    assert result.ending is Ending.CLOSED


def test_a_programme_may_say_that_months_can_be_empty(tmp_path: Path) -> None:
    programme = PROGRAMME.replace("plans:", "stop_when: {empty_month: allow}\nplans:")
    closed(tmp_path, vendor_with(tmp_path, [line("L1", "C-1", 1000_00)], programme), "2026-01", "2026-02")


def test_the_first_month_of_a_programme_may_be_empty(tmp_path: Path) -> None:
    closed(tmp_path, vendor_with(tmp_path, []), "2026-01")


def test_a_month_that_may_be_empty_may_still_not_be_unreadable(tmp_path: Path) -> None:
    vendor = vendor_with(tmp_path, [line("L1", "C-1", 1000_00, **GERMAN), line("L2", "C-1", 500_00, **GERMAN)])
    with pytest.raises(CannotApprove, match="2 of 2 new lines are rejected"):
        settle_month(Period(2026, 1), office(tmp_path / "home", vendor), empty=True)
