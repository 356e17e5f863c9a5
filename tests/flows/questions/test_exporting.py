"""A month for finance: in major units, its sums are those of the archive, and Excel reads it."""

import csv
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from cli.main import app
from flows.questions.exporting import exported, write_export
from models.errors import WrongUse
from models.period import Period
from tests.made.closing import close_months
from tests.made.vendors import claim, line, office, partner, write_vendor

JANUARY = Period(2026, 1)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    write_vendor(
        tmp_path / "v",
        partners=[partner("ana"), partner("bo")],
        claims=[claim("acme", "ana"), claim("oak", "bo")],
        billing={"1.csv": [line("L1", "acme", 100_001), line("L2", "oak", 20_000)]},
    )
    close_months(tmp_path / "home", tmp_path / "v", "2026-01")
    return tmp_path


def test_every_figure_of_every_partner_is_there_in_major_units(home: Path) -> None:
    partners, rules, segments = exported(office(home / "home", home / "v"), JANUARY)
    # 50 % of 1 000.01 is 500.005, rounded half away from zero.
    assert [row[0] for row in partners.rows] == ["ana", "bo"]
    figures = dict(zip(partners.columns[3:], map(str, partners.rows[0][3:]), strict=True))
    assert figures == {
        "currency": "RUB", "opening": "0.00", "commission": "500.01", "corrections": "0.00", "held": "0.00",
        "to_pay": "500.01", "carried": "0.00",
    }  # fmt: skip
    assert [(row[0], row[3], row[6], str(row[7]), str(row[9])) for row in rules.rows] == [
        ("ana", "software", 1, "1000.01", "500.01"),
        ("bo", "software", 1, "200.00", "100.00"),
    ]
    assert segments.rows == (("", "software", "partner", "RUB", Decimal("600.01")),)


def test_the_sums_are_those_of_the_archive(home: Path) -> None:
    there = office(home / "home", home / "v")
    _, rules, segments = exported(there, JANUARY)
    (totals,) = (home / "home" / "archive").rglob("totals.csv")
    with totals.open(newline="") as file:
        sealed = sum(int(row["commission_minor"]) for row in csv.DictReader(file))
    assert sealed == 60_001
    for table in (rules, segments):
        assert sum(Decimal(row[-1]) for row in table.rows) == Decimal("600.01")


def test_a_workbook_has_three_sheets_whose_amounts_are_numbers(home: Path) -> None:
    write_export(exported(office(home / "home", home / "v"), JANUARY), home / "m.xlsx", "partners")
    read = pl.read_excel(home / "m.xlsx", sheet_id=0)
    assert list(read) == ["partners", "rules", "segments"]
    assert read["partners"]["to_pay"].to_list() == [500.01, 100.0]


@pytest.mark.parametrize(("sheet", "first"), [("partners", "ana"), ("rules", "ana"), ("segments", "")])
def test_a_csv_file_has_the_table_that_is_named(sheet: str, first: str, home: Path) -> None:
    write_export(exported(office(home / "home", home / "v"), JANUARY), home / "m.csv", sheet)
    assert (home / "m.csv").read_bytes().startswith(b"\xef\xbb\xbf")  # Excel takes it for UTF-8
    with (home / "m.csv").open(newline="", encoding="utf-8-sig") as file:
        assert list(csv.reader(file))[1][0] == first


def test_of_one_partner_only_its_own_rows_are_there(home: Path) -> None:
    tables = exported(office(home / "home", home / "v"), JANUARY, ["bo"])
    assert [{row[0] for row in table.rows} for table in tables[:2]] == [{"bo"}, {"bo"}]
    assert tables[2].rows[0][-1] == Decimal("100.00")


def test_what_cannot_be_exported_is_said(home: Path) -> None:
    there = office(home / "home", home / "v")
    with pytest.raises(WrongUse, match="2026-02 is not approved"):
        exported(there, Period(2026, 2))
    with pytest.raises(WrongUse, match="cy: no statement in 2026-01 is theirs"):
        exported(there, JANUARY, ["ana", "cy"])
    tables = exported(there, JANUARY)
    with pytest.raises(WrongUse, match=r"must end in .xlsx or .csv"):
        write_export(tables, home / "m.ods", "partners")
    with pytest.raises(WrongUse, match="cannot be written"):
        write_export(tables, home / "nowhere" / "m.csv", "partners")
    (home / "m.csv").write_text("mine")
    with pytest.raises(WrongUse, match="nothing is overwritten"):
        write_export(tables, home / "m.csv", "partners")
    assert (home / "m.csv").read_text() == "mine"


def test_a_run_of_a_closed_month_for_some_partners_answers_about_them(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SETTLE_HOME", str(home / "home"))
    app(["run", "2026-01", "--partners", "bo"], standalone_mode=False)
    answer = capsys.readouterr().out
    assert "  bo: statement 2026-000002, commission 100.00, to pay 100.00, carried forward 0.00 RUB" in answer
    assert "ana:" not in answer
    with pytest.raises(WrongUse, match="cy: no statement"):
        app(["run", "2026-01", "--partners", "cy"], standalone_mode=False)
