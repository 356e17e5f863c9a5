"""Exporting: what finance wants of an approved month, as an Excel workbook or a CSV file, in major units."""

import csv
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from sqlmodel import col, select

from flows.office import Office
from models.errors import WrongUse
from models.money import decimal_text, minor_digits
from models.period import Period, Version
from models.rows import AccrualRow, CorrectionRow
from models.safe_text import safe_cell
from tasks.facts.approved import ApprovedMonth, approved_month

SHEETS = ("partners", "rules", "segments")
"""The tables of an export. A CSV file has one of them."""

MOST_DIGITS = 15
"""Of a number in Excel: a longer one would be rounded, so it is written as text."""

Cell = str | int | Decimal


class Table(NamedTuple):
    """A table: its name, its columns, and its rows. Amounts are decimals, in major units."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def exported(office: Office, period: Period, partners: Sequence[str] = ()) -> tuple[Table, ...]:
    """Return the tables of an approved month, of these partners alone where some are named.

    Raises WrongUse where the month is not approved, or a partner has no statement in it.
    """
    facts = approved_month(office.database, Version(period)) if office.database.exists() else None
    if facts is None:
        raise WrongUse(f"{period} is not approved: nothing of it is a fact yet. settle status shows the months.")
    if unknown := sorted(set(partners) - facts.statements.keys()):
        raise WrongUse(f"{', '.join(unknown)}: no statement in {period} is theirs.")
    wanted = sorted(set(partners) or facts.statements.keys())
    return _partners(facts, wanted), *_of_rules(office, facts, wanted)


def _partners(facts: ApprovedMonth, wanted: Sequence[str]) -> Table:
    columns = (
        "partner_id", "statement", "segments", "currency", "opening", "commission", "corrections", "held", "to_pay",
        "carried",
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for partner in wanted:
        row = facts.statements[partner]
        earned = (row.opening_minor, row.commission_minor, row.corrections_minor)
        amounts = (*earned, row.held_minor, row.to_pay_minor, row.carried_minor)
        rows.append(
            (partner, row.number, row.segments, row.currency, *(_major(each, row.currency) for each in amounts))
        )
    return Table("partners", columns, tuple(rows))


def _of_rules(office: Office, facts: ApprovedMonth, wanted: Sequence[str]) -> tuple[Table, Table]:
    """Return what every rule came to for every partner, row by row as totals.csv has it, and summed by segment."""
    rules: list[tuple[Cell, ...]] = []
    by_segment: dict[tuple[str, str, str, str], int] = defaultdict(int)
    with office.database.reading() as session:
        for row in (*session.exec(_rows_of(AccrualRow, facts)), *session.exec(_rows_of(CorrectionRow, facts))):
            if row.partner_id not in wanted:
                continue
            segments = facts.statements[row.partner_id].segments
            kind = row.kind if isinstance(row, CorrectionRow) else "accrual"
            lines, base_minor, rate = (
                (row.lines, row.base_minor, row.rate) if isinstance(row, AccrualRow) else (0, 0, "")
            )
            rules.append(
                (
                    row.partner_id, segments, kind, row.rule, row.paid_to, row.currency, lines,
                    _major(base_minor, row.currency), rate, _major(row.commission_minor, row.currency),
                )
            )  # fmt: skip
            by_segment[segments, row.rule, row.paid_to, row.currency] += row.commission_minor
    columns = (
        "partner_id", "segments", "kind", "rule", "paid_to", "currency", "lines", "base", "rate_percent", "commission",
    )  # fmt: skip
    summed = tuple((*key, _major(minor, key[-1])) for key, minor in sorted(by_segment.items()))
    return (
        Table("rules", columns, tuple(rules)),
        Table("segments", ("segments", "rule", "paid_to", "currency", "commission"), summed),
    )


def _rows_of(kind, facts: ApprovedMonth):  # type: ignore[no-untyped-def]  # a select of either kind of row
    period, number = facts.version.columns
    of_month = select(kind).where(kind.period == period, kind.version == number)
    return of_month.order_by(col(kind.partner_id), col(kind.rule))


def _major(minor: int, currency: str) -> Decimal:
    return Decimal(decimal_text(minor, minor_digits(currency)))


def write_export(tables: Sequence[Table], file: Path, sheet: str) -> None:
    """Write a workbook with every table, or a CSV file with the one called `sheet`. Never overwrites.

    Raises WrongUse where the file is there, or its name ends in neither.
    """
    if file.exists():
        raise WrongUse(f"{file} is there already, and nothing is overwritten: name another file.")
    try:
        match file.suffix.lower():
            case ".xlsx":
                _write_workbook(tables, file)
            case ".csv":
                _write_csv(next(table for table in tables if table.name == sheet), file)
            case _:
                raise WrongUse(f"{file}: the name of the file must end in .xlsx or .csv.")
    except OSError as error:
        raise WrongUse(f"{file} cannot be written ({error.strerror}): name another file.") from None


def _write_csv(table: Table, file: Path) -> None:
    # With a byte order mark: without it Excel takes the text for another encoding.
    with file.open("x", newline="", encoding="utf-8-sig") as opened:
        writer = csv.writer(opened)
        writer.writerow(table.columns)
        for row in table.rows:
            writer.writerow([safe_cell(cell) if isinstance(cell, str) else cell for cell in row])


def _write_workbook(tables: Sequence[Table], file: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        bold = book.add_format({"bold": True})
        for table in tables:
            sheet = book.add_worksheet(table.name)
            sheet.freeze_panes(1, 0)
            sheet.write_row(0, 0, table.columns, bold)
            sheet.autofilter(0, 0, max(len(table.rows), 1), len(table.columns) - 1)
            formats = {digits: book.add_format({"num_format": _format(digits)}) for digits in range(5)}
            for number, row in enumerate(table.rows, start=1):
                for column, cell in enumerate(row):
                    if isinstance(cell, Decimal) and len(cell.as_tuple().digits) <= MOST_DIGITS:
                        sheet.write_number(number, column, cell, formats[_decimals(cell)])
                    elif isinstance(cell, int):
                        sheet.write_number(number, column, cell)
                    else:
                        sheet.write_string(number, column, str(cell))
            sheet.autofit()


def _decimals(amount: Decimal) -> int:
    return max(0, -int(amount.as_tuple().exponent))


def _format(digits: int) -> str:
    return "#,##0" + ("." + "0" * digits if digits else "")
