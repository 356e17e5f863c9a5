"""Excel workbooks: billing and the vendor's tables from a sheet, read as a careful person would have written them."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter

from models.billing import REQUIRED_COLUMNS
from models.errors import BadInput
from tasks.sources.describe import describe
from tasks.vendor.folder import read_vendor

JANUARY = (date(2026, 1, 1), date(2026, 1, 31))
HEADER = [name if name != "amount_minor" else "amount" for name in REQUIRED_COLUMNS]
LINE = ["L1", "I1", "C1", "Acme", "P1", "software", 1, 1234.5, "RUB", date(2026, 1, 5), date(2026, 1, 9), "charge"]


def workbook(path: Path, **sheets: Sequence[Any]) -> Path:
    """Write a workbook with these sheets; a day is a day, and a text stays text."""
    path.parent.mkdir(exist_ok=True)
    with xlsxwriter.Workbook(str(path)) as book:
        day, moment = book.add_format({"num_format": "dd.mm.yyyy"}), book.add_format({"num_format": "dd.mm.yyyy hh:mm"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                for column, value in enumerate(row):
                    match value:
                        case str() if value.startswith("="):
                            sheet.write_formula(at, column, value, None, "#N/A")
                        case str():
                            sheet.write_string(at, column, value)
                        case datetime():
                            sheet.write_datetime(at, column, value, moment)
                        case date():
                            sheet.write_datetime(at, column, value, day)
                        case None:
                            pass
                        case _:
                            sheet.write(at, column, value)
    return path


def line(**changed: object) -> list[object]:
    return [changed.get(name, usual) for name, usual in zip(HEADER, LINE, strict=True)]


def read(folder: Path, keys: str = "") -> pl.DataFrame:
    (source,) = describe(f"billing:\n- files: [billing/*]\n{keys}", folder).sources
    return pl.concat(source.read(*JANUARY))


def refusal(folder: Path, keys: str = "") -> str:
    with pytest.raises(BadInput) as refused:
        read(folder, keys)
    return str(refused.value)


def test_a_sheet_is_read_cell_by_cell_at_its_own_rows(tmp_path: Path) -> None:
    workbook(tmp_path / "billing/a.xlsx", Pay=[[], HEADER, line(), [None] * 3, line(line_id="00123", amount=0.1 + 0.2)])
    assert read(tmp_path).select("line_id", "quantity", "amount", "paid_on", "source", "row").rows() == [
        ("L1", "1", "1234.5", "2026-01-09", "billing/a.xlsx", 3),
        ("00123", "1", "0.3", "2026-01-09", "billing/a.xlsx", 5),
    ]


def test_rows_before_the_header_and_rows_to_skip_are_as_in_any_file(tmp_path: Path) -> None:
    workbook(tmp_path / "billing/a.xlsx", Pay=[["Register"], [], HEADER, line(), ["Total", None, None]])
    frame = read(tmp_path, "  header_row: 3\n  skip_where: {line_id: Total}\n")
    assert frame["line_id"].to_list() == ["L1"]
    assert "billing/a.xlsx row 2 is blank, and `header_row:`" in refusal(tmp_path, "  header_row: 2\n")


def test_the_cell_of_a_number_needs_no_decimal_comma_and_text_beside_it_does(tmp_path: Path) -> None:
    workbook(tmp_path / "billing/a.xlsx", Pay=[HEADER, line(), line(amount="7,25"), line(amount="7.25")])
    assert read(tmp_path, '  decimal: ","\n')["amount"].to_list() == [
        "1234.5",
        "7.25",
        "7.25 (not as sources.yaml says)",
    ]


def test_a_day_with_a_time_of_day_waits_for_its_zone(tmp_path: Path) -> None:
    workbook(tmp_path / "billing/a.xlsx", Pay=[HEADER, line(paid_on=datetime.fromisoformat("2026-02-01T04:30"))])
    assert read(tmp_path)["paid_on"].to_list() == ["2026-02-01 04:30:00"]
    zone = "  timezone: America/New_York\n  stamps_in: UTC\n"
    assert read(tmp_path, zone)["paid_on"].to_list() == ["2026-01-31"]


def test_an_id_of_sixteen_digits_is_kept_as_text_and_shortened_as_a_number(tmp_path: Path) -> None:
    ids = ["4111111111111110", 4111111111111110, 411111111111111]
    workbook(tmp_path / "billing/a.xlsx", Pay=[HEADER, *(line(line_id=each) for each in ids)])
    assert read(tmp_path)["line_id"].to_list() == ["4111111111111110", "4.11111E+15", "411111111111111"]


def test_of_several_sheets_the_one_is_read_that_sources_yaml_names(tmp_path: Path) -> None:
    workbook(tmp_path / "billing/a.xlsx", Notes=[["hello"]], Pay=[HEADER, line()], Blank=[])
    assert "has 2 sheets with something in them (it has Notes, Pay, Blank): name the one" in refusal(tmp_path)
    assert read(tmp_path, "  sheet: Pay\n").height == 1
    assert "has no sheet 'Paid': it has Notes, Pay, Blank" in refusal(tmp_path, "  sheet: Paid\n")


def test_a_formula_that_failed_stops_and_is_named(tmp_path: Path) -> None:
    workbook(tmp_path / "billing/a.xlsx", Pay=[HEADER, line(), line(client_id="=VLOOKUP(1,A1:A2,1)")])
    assert "row 3, column client_id: #N/A" in refusal(tmp_path)


def test_what_is_no_workbook_is_told_so(tmp_path: Path) -> None:
    path = workbook(tmp_path / "billing/a.xlsx", Pay=[HEADER, line()])
    path.write_bytes(path.read_bytes()[:300])
    assert "billing/a.xlsx cannot be read as an Excel workbook" in refusal(tmp_path)
    path.write_bytes(b"\xd0\xcf\x11\xe0old")
    assert "An old .xls, or one with a password" in refusal(tmp_path)


def vendor(folder: Path) -> Path:
    (folder / "programme.yaml").write_text((Path(__file__).parents[3] / "examples/uis.yaml").read_text())
    partners = [["partner_id", "name", "plan", "from"], ["P1", "Ann", "integrator", date(2026, 1, 1)]]
    workbook(folder / "partners.xlsx", partners=partners)
    claims = [["client_id", "partner_id", "claimed_on"], [], ["C1", "P1", date(2026, 1, 2)]]
    workbook(folder / "claims.xlsx", Read_me=[["Who brought whom"]], claims=claims)
    return folder


def test_the_vendors_tables_may_be_sheets_and_are_kept_as_the_csv_they_stand_for(tmp_path: Path) -> None:
    found = read_vendor(vendor(tmp_path))
    assert [(claim.client_id, claim.claimed_on) for claim in found.tables.claims] == [("C1", date(2026, 1, 2))]
    assert found.files["claims.csv"] == b"client_id,partner_id,claimed_on\n\nC1,P1,2026-01-02\n"
    assert "claims.xlsx" not in found.files


def test_what_is_wrong_with_a_table_names_the_workbook_as_it_is_called(tmp_path: Path) -> None:
    claims = [["client_id", "partner_id", "claimed_on"], [], ["C1", "nobody", date(2026, 1, 2)]]
    workbook(vendor(tmp_path) / "claims.xlsx", claims=claims)
    (warning,) = read_vendor(tmp_path).warnings
    assert warning.startswith("claims.xlsx row 3: claim ")
    assert "'nobody' is no partner of partners.csv" in warning
    workbook(tmp_path / "partners.xlsx", partners=[["partner_id", "name", "plan", "from"], ["P1", "Ann", "", "soon"]])
    with pytest.raises(BadInput, match=r"partners.xlsx cannot be used as it is:\n  row 2: plan is blank"):
        read_vendor(tmp_path)


def test_a_table_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    (vendor(tmp_path) / "claims.csv").write_text("client_id,partner_id,claimed_on\n")
    with pytest.raises(BadInput, match=r"claims.csv and claims.xlsx are the same table: keep one."):
        read_vendor(tmp_path)


def test_a_line_break_in_a_cell_of_a_table_is_named(tmp_path: Path) -> None:
    claims = [["client_id", "partner_id", "claimed_on"], ["C\n1", "P1", date(2026, 1, 2)]]
    workbook(vendor(tmp_path) / "claims.xlsx", claims=claims)
    with pytest.raises(BadInput, match=r"claims.xlsx has a line break inside a cell: row 2, column client_id"):
        read_vendor(tmp_path)
