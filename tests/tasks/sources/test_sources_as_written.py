"""Billing as its users have it: what sources.yaml declares is read as ours, and nothing else is."""

import gzip
import io
import zipfile
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from models.errors import BadInput
from tasks.sources import Source
from tasks.sources.describe import describe

JANUARY = (date(2026, 1, 1), date(2026, 1, 31))

OURS = {
    "line_id": "Nr", "invoice_id": "Invoice", "client_id": "Client", "client_name": "Name", "product_code": "Item",
    "category": "Group", "quantity": "Qty", "amount": "Amount", "currency": "Cur", "issued_on": "Issued",
    "paid_on": "Paid", "kind": "Kind",
}  # fmt: skip
VALUES = ("1", "I1", "C1", "Acme", "P1", "software", "1", "10.00", "RUB", "2026-01-05", "2026-01-09", "charge")
RENAME = "{" + ", ".join(f"{theirs}: {ours}" for ours, theirs in OURS.items()) + "}"


def row(**values: str) -> str:
    """One row of the table, with `;` between its values, changed in what is named by its column."""
    return ";".join(values.get(name, usual) for name, usual in zip(OURS.values(), VALUES, strict=True)) + "\n"


TABLE = ";".join(OURS.values()) + "\n"


def source(folder: Path, data: str | bytes, keys: str = "", name: str = "a.csv") -> Source:
    """The source of one file, in a block with `rename:`, a semicolon, and these keys."""
    path = folder / "billing" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    delimiter = "" if "delimiter:" in keys or "sep=" in str(data) else '  delimiter: ";"\n'
    indented = "".join(f"  {key}\n" for key in keys.splitlines())
    (found,) = describe(f"billing:\n- files: [billing/*]\n{delimiter}  rename: {RENAME}\n{indented}", folder).sources
    return found


def lines(of: Source) -> pl.DataFrame:
    return pl.concat(of.read(*JANUARY))


def refusal(folder: Path, data: str | bytes, keys: str = "", name: str = "a.csv") -> str:
    with pytest.raises(BadInput) as refused:
        lines(source(folder, data, keys, name))
    return str(refused.value)


EXCEL_MINUSES = 'negatives: ["1-", "(1)", "\u22121", "\'-1"]'


@pytest.mark.parametrize(
    ("keys", "written", "read"),
    [
        ("", "1234.50", "1234.50"),
        ("", "1234,50", "1234,50"),
        ('decimal: ","', "1234,50", "1234.50"),
        ('decimal: ","', "1234.50", "1234.50 (not as sources.yaml says)"),
        ('decimal: ","\nthousands: " "', "1 234,50", "1234.50"),
        ('decimal: ","\nthousands: " "', "1\u00a0234\u202f567,50", "1234567.50"),
        ('decimal: ","\nthousands: "."', "1.234,50", "1234.50"),
        ('decimal: ","\nthousands: "."', "1.23,50", "1.23,50"),
        ('thousands: ","', "1,234.50", "1234.50"),
        ('thousands: "\'"', "1'234.50", "1234.50"),
        ('thousands: "\'"', "1\u2019234.50", "1234.50"),
        (EXCEL_MINUSES, "900.00-", "-900.00"),
        (EXCEL_MINUSES, "(500.00)", "-500.00"),
        (EXCEL_MINUSES, "\u221280.00", "-80.00"),
        (EXCEL_MINUSES, "'-70.00", "-70.00"),
        (EXCEL_MINUSES, "(-5.00)", "(-5.00)"),
        ("", "(500.00)", "(500.00)"),
        ("currency_signs: {$: USD}", "-$80.00", "-80.00"),
        ('currency_signs: {\u20bd: RUB, RUB: RUB}\ndecimal: ","', "80,00 \u20bd", "80.00"),
        ("currency_signs: {\u20bd: RUB, RUB: RUB}", "RUB 80.00", "80.00"),
    ],
)
def test_an_amount_is_read_as_sources_yaml_says_it_is_written(
    tmp_path: Path, keys: str, written: str, read: str
) -> None:
    signs = "" if "USD" not in keys else "USD"
    (amount,) = lines(source(tmp_path, TABLE + row(Amount=written, **({"Cur": signs} if signs else {})), keys))[
        "amount"
    ]
    assert amount == read


def test_the_sign_of_a_currency_gives_the_currency_and_never_another_than_the_column(tmp_path: Path) -> None:
    keys = "currency_signs: {$: USD, \u20ac: EUR}"
    table = TABLE + row(Amount="$5.00", Cur="") + row(Amount="5.00 \u20ac", Cur="EUR") + row(Amount="$5.00", Cur="EUR")
    assert lines(source(tmp_path, table, keys)).select("amount", "currency").rows() == [
        ("5.00", "USD"),
        ("5.00", "EUR"),
        ("$5.00 (not as sources.yaml says)", "EUR"),
    ]


@pytest.mark.parametrize(
    ("keys", "written", "read"),
    [
        ("", "31.01.2026", "31.01.2026"),
        ("dates: DD.MM.YYYY", "31.01.2026", "2026-01-31"),
        ("dates: DD.MM.YYYY", "2026-01-31", "2026-01-31"),
        ("dates: DD.MM.YYYY", "03.04.2026", "2026-04-03"),
        ("dates: MM/DD/YYYY", "03/04/2026", "2026-03-04"),
        ("dates: M/D/YYYY", "3/4/2026", "2026-03-04"),
        ("dates: D MMM YYYY", "4 Mar 2026", "2026-03-04"),
        ("dates: DD.MM.YYYY HH:mm:ss\ntimezone: Europe/Moscow", "31.01.2026 23:59:59", "2026-01-31"),
        ("dates: excel", "46053", "2026-01-31"),
        ("timezone: America/New_York", "2026-02-01T04:30:00Z", "2026-01-31"),
        ("timezone: America/New_York", "2026-01-31T23:30:00-05:00", "2026-01-31"),
        ("timezone: America/New_York", "2026-02-01 00:30:00-05:00", "2026-02-01"),
        # Clocks go forward on 8 March: midnight in New York is 05:00 UTC before, and 04:00 after.
        ("timezone: America/New_York\nstamps_in: UTC", "2026-03-08 04:59:00", "2026-03-07"),
        ("timezone: America/New_York\nstamps_in: UTC", "2026-03-09 04:00:00", "2026-03-09"),
        ("dates: unix\ntimezone: UTC", "1769903999", "2026-01-31"),
        ("", "2026-01-31T23:30:00-05:00", "2026-01-31T23:30:00-05:00"),
    ],
)
def test_a_day_is_read_as_sources_yaml_says_it_is_written(tmp_path: Path, keys: str, written: str, read: str) -> None:
    assert lines(source(tmp_path, TABLE + row(Paid=written), keys))["paid_on"].to_list() == [read]


def test_rows_before_the_header_are_passed_over_where_its_row_is_named(tmp_path: Path) -> None:
    table = 'Register of payments\n"a quote that never ends\n\n' + TABLE + row()
    frame = lines(source(tmp_path, table, "header_row: 4"))
    assert frame.select("line_id", "row").rows() == [("1", 5)]
    assert "row 3 is blank, and `header_row:`" in refusal(tmp_path, table, "header_row: 3")


def test_a_header_further_down_is_named_where_it_is_missed(tmp_path: Path) -> None:
    assert "Row 3 looks like the header: then write `header_row: 3`" in refusal(
        tmp_path, "Register\n\n" + TABLE + row()
    )


def test_rows_that_are_no_billing_lines_are_skipped_and_counted(tmp_path: Path) -> None:
    failed = row(Nr="2", Kind="failed", Amount="70.00")
    table = TABLE + row() + failed + "Total;;;;;;;80.00\n" + "Made by Anna\n"
    of = source(tmp_path, table, 'skip_where: {Kind: failed, Nr: [Total*, "Made by *"]}')
    assert lines(of)["line_id"].to_list() == ["1"]
    assert [(each.outcome, each.reason, each.currency, each.lines, each.amount_minor, each.unread) for each in sorted(
        of.skipped, key=lambda tally: tally.currency)] == [
        ("skipped", "by skip_where", "", 2, 0, 2),
        ("skipped", "by skip_where", "RUB", 1, 7000, 0),
    ]  # fmt: skip
    assert "billing/a.csv: 3 rows skipped by `skip_where:`: 3, 4, 5." in of.warnings


def test_a_totals_row_that_nobody_named_stops_and_is_named(tmp_path: Path) -> None:
    said = refusal(tmp_path, TABLE + row() + "Total;;;;;;;80.00\n")
    assert said.startswith("billing/a.csv row 3 has 8 values, but the header has 12:")
    assert "is named under `skip_where:` in sources.yaml" in said


def test_a_spreadsheets_first_row_names_the_delimiter(tmp_path: Path) -> None:
    frame = lines(source(tmp_path, "\ufeffsep=;\r\n" + TABLE + row()))
    assert frame.select("line_id", "row").rows() == [("1", 3)]
    said = refusal(tmp_path, "sep=;\n" + TABLE + row(), 'delimiter: ","')
    assert "row 1 says that ';' separates the columns, and sources.yaml that ',' does" in said


def test_columns_without_a_name_at_the_end_may_be_there_while_they_are_empty(tmp_path: Path) -> None:
    wider = TABLE.replace("\n", ";;\n") + row().replace("\n", ";;\n")
    assert lines(source(tmp_path, wider))["line_id"].to_list() == ["1"]
    assert "row 2 ends in 1 more empty values than the header has names" in refusal(
        tmp_path, TABLE + row().replace("\n", ";\n")
    )
    assert "row 3 has a value in a column without a name" in refusal(tmp_path, wider + row().replace("\n", ";;x\n"))


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("utf-16", "Ромашка"), ("cp1251", "Ромашка"), ("cp1250", "Łódź"), ("latin2", "Łódź"), ("utf-8", "Łódź")],
)
def test_a_file_is_read_in_the_encoding_that_is_named(tmp_path: Path, encoding: str, name: str) -> None:
    frame = lines(source(tmp_path, (TABLE + row(Name=name)).encode(encoding), f"encoding: {encoding}"))
    assert frame["client_name"].to_list() == [name]


def test_utf_16_is_told_by_its_first_bytes(tmp_path: Path) -> None:
    assert refusal(tmp_path, (TABLE + row()).encode("utf-16")) == (
        "billing/a.csv is not UTF-8 but UTF-16, by its first two bytes: write `encoding: utf-16` in sources.yaml."
    )


def packed(table: str, *names: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in names:
            archive.writestr(name, table)
    return data.getvalue()


def test_a_packed_table_is_read_and_an_archive_of_several_is_not(tmp_path: Path) -> None:
    table = TABLE + row()
    for name, data in (("a.csv.zip", packed(table, "x.csv")), ("b.csv.gz", gzip.compress(table.encode()))):
        assert lines(source(tmp_path, data, name=name)).height == 1
        (tmp_path / "billing" / name).unlink()
    assert "must hold one CSV file, and it holds x.csv, y.csv" in refusal(
        tmp_path, packed(table, "x.csv", "y.csv"), name="a.csv.zip"
    )
    assert "is damaged and does not unpack" in refusal(tmp_path, packed(table, "x.csv")[:40], name="a.csv.zip")


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"PK\x03\x04", "Excel workbook (.xlsx)"),
        (b"\xd0\xcf\x11\xe0\xa1", "old Excel workbook (.xls)"),
        (b"\x1f\x8b\x08", "packed by gzip: name it .csv.gz"),
        (b"PAR1", "Parquet"),
        (b"%PDF-1.7", "PDF"),
        (b"SQLite format 3\x00", "under `sql:`"),
    ],
)
def test_a_file_under_another_name_is_told_what_it_is(tmp_path: Path, head: bytes, words: str) -> None:
    assert words in refusal(tmp_path, head + b"\x00" * 40)


def test_one_column_may_be_used_twice(tmp_path: Path) -> None:
    path = tmp_path / "billing" / "a.csv"
    path.parent.mkdir()
    path.write_text("id,client,when,amount\n7,C1,2026-01-09,5.00\n")
    (of,) = describe(
        "billing:\n- files: [billing/*]\n"
        "  rename: {id: [line_id, invoice_id], client: [client_id, client_name], when: [issued_on, paid_on]}\n"
        "  set: {product_code: P1, category: software, quantity: 1, currency: RUB}\n  kind_by_sign: yes\n",
        tmp_path,
    ).sources
    assert lines(of).select(
        "line_id", "invoice_id", "client_name", "issued_on", "paid_on", "kind", "category"
    ).rows() == [("7", "7", "C1", "2026-01-09", "2026-01-09", "charge", "software")]


def test_values_are_named_by_ours_and_one_that_the_map_lacks_stays(tmp_path: Path) -> None:
    table = TABLE + row(Cur="usd", Kind="payment") + row(Cur="eur", Kind="fee")
    frame = lines(source(tmp_path, table, "map: {currency: {usd: USD}, kind: {payment: charge}}"))
    assert frame.select("currency", "kind").rows() == [("USD", "charge"), ("eur", "fee")]


def test_a_category_is_looked_up_by_its_product_and_what_is_not_found_is_told(tmp_path: Path) -> None:
    (tmp_path / "products.csv").write_text("product_code,category\nP1,telephony\nP2,software\n")
    table = TABLE + row() + row(Item="P2") + row(Item="P9")
    of = source(tmp_path, table, "lookup: {category: {by: product_code, table: products.csv}}")
    assert lines(of)["category"].to_list() == ["telephony", "software", None]
    assert "billing/a.csv: no category for 1 of its lines: products.csv has no product_code P9." in of.warnings
    (tmp_path / "products.csv").write_text("product_code,category\nP1,telephony\nP1,software\n")
    with pytest.raises(BadInput, match=r"products.csv row 3: product_code 'P1' has category 'software' here and"):
        lines(of)


def test_an_id_is_taken_out_of_a_text(tmp_path: Path) -> None:
    keys = 'extract: {client_id: {column: Name, pattern: "INN ([0-9]{10})"}}'
    frame = lines(source(tmp_path, TABLE + row(Name="Acme, INN 7701234567") + row(Name="Acme"), keys))
    assert frame.select("client_id", "client_name").rows() == [("7701234567", "Acme, INN 7701234567"), (None, "Acme")]


@pytest.mark.parametrize(
    ("debit", "credit", "amount"),
    [
        ("100.00", "", "100.00"),
        ("0.00", "40.00", "-40.00"),
        ("", "40.00", "-40.00"),
        ("100.00", "40.00", "100.00 and 40.00"),
        ("", "-40.00", "nothing and -40.00"),
    ],
)
def test_debit_and_credit_make_one_amount_unless_both_are_there(
    tmp_path: Path, debit: str, credit: str, amount: str
) -> None:
    table = TABLE.replace("Amount", "Debit").replace("\n", ";Credit\n") + row(Amount=debit).replace(
        "\n", f";{credit}\n"
    )
    frame = lines(source(tmp_path, table, "amount_from: {plus: Debit, minus: Credit}"))
    assert frame["amount"].to_list() == [amount]


def test_the_sign_of_an_amount_may_stand_in_another_column(tmp_path: Path) -> None:
    table = TABLE + row(Kind="refund") + row(Kind="sale")
    keys = "map: {kind: {sale: charge, refund: credit_note}}\nnegative_where: {kind: credit_note}"
    assert lines(source(tmp_path, table, keys)).select("amount", "kind").rows() == [
        ("-10.00", "credit_note"),
        ("10.00", "charge"),
    ]


def test_everything_that_a_table_lacks_is_told_at_once(tmp_path: Path) -> None:
    said = refusal(tmp_path, TABLE.replace("Cur;", "Curr;") + row(), "skip_where: {Status: failed}")
    assert "missing column currency." in said
    assert "sources.yaml asks for its missing column Status." in said


def test_a_form_that_is_not_there_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"line 5, column 3: billing.0.timezone: 'Moscow' is not an IANA time zone"):
        source(tmp_path, TABLE, "timezone: Moscow")
    with pytest.raises(BadInput, match=r"decimals: is no key of this block; is `decimal:` meant\?"):
        source(tmp_path, TABLE, 'decimals: ","')
    with pytest.raises(BadInput, match=r"dates: DD.MM.YYYY HH:mm is a moment, and the day it falls on depends"):
        source(tmp_path, TABLE, "dates: DD.MM.YYYY HH:mm")
