"""From an empty folder by commands alone: exports as people have them, to the first right statement."""

import gzip
import json
import zipfile
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from cli.main import app
from models.errors import WrongUse
from tests.flows.months.test_sources_settled import PAYMENTS, REFUNDS, REGISTER

STRIPE = """\
id,Description,Created date (UTC),Amount,Amount Refunded,Currency,Fee,Status,Customer ID,Customer Email,Invoice ID
ch_1,Plan A,2026-01-05 10:00:00,100.00,0.00,usd,3.20,Paid,cus_A,a@x.com,in_1
ch_2,Plan B,2026-02-01 04:30:00,250.50,0.00,usd,7.50,Paid,cus_A,a@x.com,in_2
ch_3,Plan A,2026-01-07 09:00:00,80.00,0.00,usd,0.00,Failed,cus_A,a@x.com,in_3
"""
ONE_C = """\
Платежи за январь

Номер;Дата;ИНН;Контрагент;Сумма;Вид операции
П-1;15.01.2026;7701234567;ООО «Ромашка»;1 234,50;Оплата от покупателя
П-2;20.01.2026;7709876543;АО «Дуб»;2 000,00;Оплата от покупателя
В-1;25.01.2026;7701234567;ООО «Ромашка»;234,50;Возврат покупателю
Итого;;;;3 000,00;
"""
INVOICES = """\
id,Amount Paid,Charge,Currency,Customer,Customer Name,Date (UTC),Paid At (UTC),Status,Tax,Total
in_1,122.00,ch_1,usd,cus_A,Ann Ltd,2026-01-10 09:00:00,2026-01-11 09:00:00,paid,22.00,122.00
in_2,0.00,,usd,cus_A,Ann Ltd,2026-01-10 09:00:00,,open,9.02,50.00
"""
PLAIN = "id;customer;date;amount\nR1;K1;2026-01-10;12,50\nR2;K1;2026-01-11;-2,50\n"

EXPORTS = {
    # 100.00 and 250.50 at 10 %: 23:30 in New York on the last of January is the next morning in UTC.
    "stripe": (STRIPE, "utf-8", "USD", "America/New_York", "cus_A", 3505),
    # 1 234.50 - 234.50 at 10 %: the other client is nobody's.
    "1c": (ONE_C, "windows-1251", "RUB", "Europe/Moscow", "7701234567", 10000),
    # 12.50 - 2.50 at 10 %
    "plain": (PLAIN, "utf-8", "EUR", "Europe/Berlin", "K1", 100),
    # 1 234.50 - 234.50 at 10 %, in three more hands.
    "utf-16 with tabs": (
        "id\tcustomer\tdate\tamount\nR1\tK1\t10.01.2026\t1\u00a0234,50\nR2\tK1\t31.01.2026\t\u2212234,50\n", "utf-16", "EUR",
        "Europe/Berlin", "K1", 10000,
    ),
    "a spreadsheet's days and a minus behind": (
        "id,customer,date,amount\nR1,K1,46032,1'234.50\nR2,K1,46053,234.50-\n", "utf-8", "CHF", "Europe/Zurich", "K1",
        10000,
    ),
    "a currency's sign beside it": (
        'id,customer,date,amount\nR1,K1,2026-01-10,"$1,234.50"\nR2,K1,2026-01-11,-$234.50\n', "utf-8", "USD",
        "America/New_York", "K1", 10000,
    ),
    "a currency behind it": (
        "id;customer;date;amount\nR1;K1;10.01.2026;1 234,50 руб.\nR2;K1;11.01.2026;-234,50 руб.\n", "windows-1251",
        "RUB", "Europe/Moscow", "K1", 10000,
    ),
    "seconds since 1970 and brackets": (
        "id,customer,date,amount\nR1,K1,1768003200,1234.50\nR2,K1,1769903999,(234.50)\n", "utf-8", "GBP", "Europe/London",
        "K1", 10000,
    ),
}  # fmt: skip
PRESETS: dict[str, tuple[dict[str, str | bytes], str, str, int]] = {
    # 120.00 of 23:30 in New York on the last of January, 50.00, and 20.00 back at 10 %; 1 000.00 came after it.
    "stripe payments": ({"payments.csv": PAYMENTS, "refunds.csv": REFUNDS}, "USD", "cus_A,cus_B", 1500),
    # 122.00, and 20.00 back.
    "stripe invoices": ({"a.csv": INVOICES, "refunds.csv": REFUNDS.replace("ch_2", "ch_1")}, "USD", "cus_A", 1020),
    # 12 200.00 - 1 220.00 at 10 %
    "1c": ({"register.csv": REGISTER.encode("windows-1251")}, "RUB", "7701234567", 109800),
    "1c in utf-8": ({"register.csv": REGISTER}, "RUB", "7701234567", 109800),
}


def settle(*arguments: str) -> None:
    app(list(arguments), standalone_mode=False)


@pytest.fixture(autouse=True)
def _empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SETTLE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SETTLE_VENDOR", raising=False)
    monkeypatch.delenv("SETTLE_APPROVAL", raising=False)


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_as_it_is_becomes_the_first_right_statement(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, encoding, currency, zone, client, commission_minor = EXPORTS[name]
    export, folder = tmp_path / "export.csv", tmp_path / "vendor"
    export.write_bytes(text.encode(encoding))
    settle("init", str(folder), "--from", str(export), "--currency", currency, "--timezone", zone)
    assert "settle run 2026-01 --from" in (folder / "README.txt").read_text()
    assert settled(tmp_path, [client], capsys) == (commission_minor, commission_minor)


@pytest.mark.parametrize("name", PRESETS)
def test_exports_that_a_preset_knows_are_begun_by_its_name_and_settled(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files, currency, clients, to_pay_minor = PRESETS[name]
    origins = []
    for file, data in files.items():
        (tmp_path / file).write_bytes(data.encode() if isinstance(data, str) else data)
        origins += ["--from", str(tmp_path / file)]
    zone = "America/New_York" if currency == "USD" else "Europe/Moscow"
    settle("init", str(tmp_path / "vendor"), *origins, "--currency", currency, "--timezone", zone)
    assert f"format: {name.partition(' ')[0]}\n" in (tmp_path / "vendor" / "sources.yaml").read_text()
    assert settled(tmp_path, clients.split(","), capsys)[1] == to_pay_minor


@pytest.mark.parametrize("name", ["e.csv.gz", "e.csv.zip"])
def test_a_packed_export_is_looked_at_and_settled_as_it_is(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if name.endswith(".gz"):
        (tmp_path / name).write_bytes(gzip.compress(PLAIN.encode()))
    else:
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("e.csv", PLAIN)
    origin = str(tmp_path / name)
    settle("init", str(tmp_path / "vendor"), "--from", origin, "--currency", "EUR", "--timezone", "Europe/Berlin")
    assert settled(tmp_path, ["K1"], capsys) == (100, 100)  # 12.50 - 2.50 at 10 %


@pytest.mark.parametrize("name", ["e.csv.gz", "e.csv.zip"])
def test_what_is_packed_by_its_name_alone_is_said_to_be_none(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(PLAIN)
    with pytest.raises(WrongUse, match="cannot be unpacked"):
        settle("init", str(tmp_path / "v"), "--from", str(tmp_path / name), "--currency", "EUR", "--timezone", "UTC")


def settled(folder: Path, clients: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, int]:
    """Fill in what README.txt says, run, approve, run. Returns the commission of January, and what is to pay."""
    vendor = folder / "vendor"
    with (vendor / "partners.csv").open("a") as partners, (vendor / "claims.csv").open("a") as claims:
        partners.write("ana,Ana Ltd,standard,2026-01\n")
        claims.writelines(f"K{number},{client},ana,2025-12-01,link,mail\n" for number, client in enumerate(clients))
    capsys.readouterr()
    with pytest.raises(SystemExit) as waiting:
        app(["run", "2026-01", "--from", str(vendor)])
    assert waiting.value.code == 4  # approval: on
    digest = capsys.readouterr().out.partition("--digest ")[2].partition(",")[0]
    settle("approve", "2026-01", "--digest", digest, "--by", "anna")
    settle("run", "2026-01", "--from", str(vendor))
    (statement,) = (folder / "home" / "archive").rglob("statement.json")
    summary = json.loads(statement.read_bytes())["summary"]
    return summary["commission_minor"], summary["to_pay_minor"]


def test_payments_without_refunds_are_read_as_a_table_with_a_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "e.csv").write_text(PAYMENTS)
    settle("init", str(tmp_path / "v"), "--from", str(tmp_path / "e.csv"), "--currency", "USD", "--timezone", "UTC")
    said = capsys.readouterr().out
    assert "read as `format: stripe` it stops:" in said
    assert "holds payments and no refunds: what was given back would stay paid for." in said


def test_it_shows_what_is_taken_for_what_and_the_rows_read_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "e.csv").write_text(PLAIN)
    settle("init", str(tmp_path / "v"), "--from", str(tmp_path / "e.csv"), "--currency", "EUR", "--timezone", "UTC")
    shown = capsys.readouterr().out
    assert "  client_id     column 'customer'" in shown
    assert "  category      always 'billing'" in shown
    assert "  R2  2026-01-11  K1  -2.50 EUR  credit_note" in shown


def test_what_was_given_back_beside_a_payment_is_warned_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "e.csv").write_text(STRIPE.replace("100.00,0.00", "100.00,30.00"))
    settle("init", str(tmp_path / "v"), "--from", str(tmp_path / "e.csv"), "--currency", "USD", "--timezone", "UTC")
    assert "column 'Amount Refunded' says what was given back, and is not read" in capsys.readouterr().out


def test_an_example_comes_in_the_users_currency_and_zone_and_asks_for_approval(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text(PLAIN)
    settle(
        "init", str(tmp_path / "v"), "--from", str(tmp_path / "e.csv"), "--currency", "EUR",
        "--timezone", "Europe/Berlin", "--programme", "distributor", "--category", "software",
    )  # fmt: skip
    text = (tmp_path / "v" / "programme.yaml").read_text()
    assert "\ncurrency: EUR" in text
    assert "\ntimezone: Europe/Berlin" in text
    assert "\napproval: on" in text
    settle("programme", "check", str(tmp_path / "v"))


@pytest.mark.parametrize(
    ("text", "arguments", "words"),
    [
        (PLAIN, ["--timezone", "UTC"], "--currency is needed where nobody can be asked"),
        (PLAIN, ["--currency", "EUR"], "--timezone is needed"),
        (PLAIN, ["--currency", "EURO", "--timezone", "UTC"], "'EURO' is not in ISO 4217"),
        (PLAIN, ["--currency", "EUR", "--timezone", "Mars/Base"], "is not an IANA time zone"),
        (PLAIN.replace("customer", "who"), ["--currency", "EUR", "--timezone", "UTC"], "--column client_id=NAME"),
        (PLAIN, ["--currency", "EUR", "--timezone", "UTC", "--column", "client_id=nix"], "nix: no column"),
        (PLAIN.replace("2026-01-1", "01/02/202"), ["--currency", "EUR", "--timezone", "UTC"], "say which by --dates"),
        (
            PLAIN.replace("2026-01-10", "soon"),
            ["--currency", "EUR", "--timezone", "UTC"],
            "no form of a day in which all",
        ),
        (PLAIN, ["--currency", "EUR", "--timezone", "UTC", "--dates", "soon"], "--dates: 'soon' is no form of a day"),
        (PLAIN.replace("12,50", "12,50 pc"), ["--currency", "EUR", "--timezone", "UTC"], "not written in one form"),
        (PLAIN.replace("12,50", "1,2,3"), ["--currency", "EUR", "--timezone", "UTC"], "not written in one form"),
        ("nothing\n", ["--currency", "EUR", "--timezone", "UTC"], "looks like the names of at least three columns"),
        ("PK\x03\x04", ["--currency", "EUR", "--timezone", "UTC"], "is an Excel workbook"),
    ],
)
def test_what_the_files_do_not_say_is_asked_and_nothing_is_written(
    text: str, arguments: list[str], words: str, tmp_path: Path
) -> None:
    (tmp_path / "e.csv").write_text(text)
    with pytest.raises(WrongUse, match=words):
        settle("init", str(tmp_path / "v"), "--from", str(tmp_path / "e.csv"), *arguments)
    assert not (tmp_path / "v").exists()


def test_two_ways_to_read_a_day_are_settled_by_a_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "e.csv").write_text(PLAIN.replace("2026-01-1", "01/02/202"))  # 01/02/2020 and 01/02/2021
    settle(
        "init", str(tmp_path / "v"), "--from", str(tmp_path / "e.csv"), "--currency", "EUR", "--timezone", "UTC",
        "--dates", "MM/DD/YYYY",
    )  # fmt: skip
    assert "R1  2020-01-02" in capsys.readouterr().out


def test_a_workbook_is_read_from_the_row_its_sheet_shows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "b.xlsx")) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Payments"])
        sheet.write_row(2, 0, ["Number", "Date", "Client ID", "Total"])
        sheet.write_row(3, 0, ["N1", "05.01.2026", "C1", 100.5])
    settle("init", str(tmp_path / "v"), "--from", str(tmp_path / "b.xlsx"), "--currency", "EUR", "--timezone", "UTC")
    assert "  N1  2026-01-05  C1  100.5 EUR  charge" in capsys.readouterr().out


def test_a_workbook_holds_numbers_and_days_beside_others_that_are_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "b.xlsx")) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "dd.mm.yyyy"})
        sheet.write_row(0, 0, ["Номер", "Дата", "ИНН", "Вид услуги", "Сумма, руб.", "Статус"])
        sheet.write_row(1, 0, ["П-1", "05.01.2026", "0500123456", "ПО", "12\u00a0345,50", "Проведён"])
        sheet.write_row(2, 0, ["П-2", "", "0500123456", "ПО", 1500.1, "Проведён"])
        sheet.write_datetime(2, 1, date(2026, 1, 17), day)
        sheet.write_row(3, 0, ["П-3", "31.01.2026", "0500123456", "ПО", "500,00", "Отменен"])
        sheet.write_row(4, 0, ["Итого", "", "", "", 14345.6, ""])
    settle("init", str(tmp_path / "v"), "--from", str(tmp_path / "b.xlsx"), "--currency", "RUB", "--timezone", "UTC")
    shown = capsys.readouterr().out
    assert "  П-1  2026-01-05  0500123456  12345.50 RUB  charge" in shown
    assert "  П-2  2026-01-17  0500123456  1500.1 RUB  charge" in shown
    assert "the first 2 of 2 lines" in shown
    assert "which is not known" not in shown


def test_a_workbook_that_is_none_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "b.xlsx").write_text(PLAIN)
    with pytest.raises(WrongUse, match=r"b.xlsx cannot be read as an Excel workbook"):
        settle(
            "init", str(tmp_path / "v"), "--from", str(tmp_path / "b.xlsx"), "--currency", "EUR", "--timezone", "UTC"
        )


@pytest.mark.parametrize(
    ("row", "is_warned"),
    [
        ("R1;K2;2026-01-11;3,00", True),
        ("R1;K1;2026-01-10;12,50", False),  # a copy
        ("R3;K2;2026-01-11;3,00", False),
    ],
)
def test_an_id_that_several_lines_share_is_warned_of(
    row: str, is_warned: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "e.csv").write_text(f"{PLAIN}{row}\n")
    settle("init", str(tmp_path / "v"), "--from", str(tmp_path / "e.csv"), "--currency", "EUR", "--timezone", "UTC")
    assert ("2 different rows have 'R1' in 'id', which was taken" in capsys.readouterr().out) is is_warned


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text(PLAIN)
    (tmp_path / "v").mkdir()
    (tmp_path / "v" / "mine.txt").write_text("mine")
    with pytest.raises(WrongUse, match="nothing is overwritten"):
        settle("init", str(tmp_path / "v"), "--from", str(tmp_path / "e.csv"), "--currency", "EUR", "--timezone", "UTC")
    assert [path.name for path in (tmp_path / "v").iterdir()] == ["mine.txt"]
