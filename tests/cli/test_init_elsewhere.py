"""From an empty folder by commands alone: reports grouped by client, Polish exports, orders with refunds beside them."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest
import xlsxwriter

from cli.main import app
from tests.docs.pages import blocks

HEADER = ["Customer", "Date", "Transaction type", "Num", "Product/Service", "Qty", "Amount"]
ABOVE = [
    ["Acme Resellers Inc"], ["Sales by Customer Detail"], ["January 2026"], [], HEADER,
    ["Blue Sky Café"],
    ["", "01/05/2026", "Invoice", "1001", "Licence", 1, 1200.00],
    ["", "01/15/2026", "Invoice", "1007", "Support", 2, 300.50],
    ["", "01/20/2026", "Credit Memo", "1012", "Licence", 1, -200.00],
    ["Total for Blue Sky Café", "", "", "", "", 3, 1300.50],
    ["Delta Ltd"],
    ["", "01/06/2026", "Invoice", "1002", "Licence", 1, 850.25],
    ["Total for Delta Ltd", "", "", "", "", 1, 850.25],
    ["TOTAL", "", "", "", "", 5, 2150.75],
]  # fmt: skip
BESIDE = [
    HEADER,
    ["Blue Sky Café", "01/05/2026", "Invoice", "1001", "Licence", 1, 1200.00],
    ["", "01/15/2026", "Invoice", "1007", "Support", 2, 300.50],
    ["", "01/20/2026", "Credit Memo", "1012", "Licence", 1, -200.00],
    ["Total for Blue Sky Café", "", "", "", "", 3, 1300.50],
    ["Delta Ltd", "01/06/2026", "Invoice", "1002", "Licence", 1, 850.25],
    ["Total for Delta Ltd", "", "", "", "", 1, 850.25],
    ["TOTAL", "", "", "", "", 5, 2150.75],
]
POLISH = """\
Numer;Data sprzedaży;Data zapłaty;Kontrahent;NIP;Usługa;Netto;VAT;Brutto
FV 1/01/2026;02.01.2026;10.01.2026;Żółw Sp. z o.o.;5260001246;Abonament;1\u00a0000,00 zł;230,00 zł;1\u00a0230,00 zł
FV 2/01/2026;05.01.2026;20.01.2026;Łoś S.A.;7740001454;Abonament;2\u00a0500,50 zł;575,12 zł;3\u00a0075,62 zł
KOR 1/01/2026;15.01.2026;22.01.2026;Żółw Sp. z o.o.;5260001246;Abonament;-100,00 zł;-23,00 zł;-123,00 zł
Razem;;;;;;3\u00a0400,50 zł;782,12 zł;4\u00a0182,62 zł
"""
ORDERS = """\
Name,Email,Financial Status,Paid at,Currency,Total,Refunded Amount,Customer,Lineitem name
#1001,a@x.com,paid,2026-01-05 10:00:00 -0500,USD,120.00,0.00,cust-1,Plan A
#1002,b@x.com,partially_refunded,2026-01-31 23:30:00 -0500,USD,80.00,-20.00,cust-2,Plan A
#1003,a@x.com,refunded,2026-01-12 09:00:00 -0500,USD,50.00,-50.00,cust-1,Plan B
#1004,b@x.com,pending,,USD,10.00,0.00,cust-2,Plan B
"""
TRANSACTIONS = """\
Id,Transaction Type,Date,Status,Amount,Currency,Customer Id,Customer Company,Refunded Txn Id
txn_1,Payment,05-Jan-2026 14:33,Success,100.00,EUR,acme,Acme GmbH,
txn_2,Payment,07-Jan-2026 10:00,Failure,50.00,EUR,beta,Beta Ltd,
txn_3,Payment,20-Jan-2026 23:59,Success,"1,250.00",EUR,beta,Beta Ltd,
txn_4,Refund,28-Jan-2026 08:00,Success,40.00,EUR,acme,Acme GmbH,txn_1
"""
PAYMENTS = """\
CREATE TABLE payments (
    id INTEGER PRIMARY KEY, customer_id TEXT, amount_cents INTEGER, currency TEXT, status TEXT, paid_at TEXT, product TEXT
);
INSERT INTO payments VALUES
    (1, 'c1', 10000, 'EUR', 'succeeded', '2026-01-05 10:00:00', 'pro'),
    (2, 'c2', 25050, 'EUR', 'succeeded', '2026-01-20 10:00:00', 'pro'),
    (3, 'c1', -2000, 'EUR', 'refunded', '2026-01-25 10:00:00', 'pro'),
    (4, 'c1', 8000, 'EUR', 'failed', '2026-01-26 10:00:00', 'pro');
"""


@pytest.fixture(autouse=True)
def _empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SETTLE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SETTLE_VENDOR", "")  # what --from sets is taken back with this
    monkeypatch.delenv("SETTLE_VENDOR")
    monkeypatch.delenv("SETTLE_APPROVAL", raising=False)


def begun(folder: Path, origin: str, *options: str) -> None:
    app(["init", str(folder / "vendor"), "--from", origin, *options], standalone_mode=False)


def drafted(folder: Path, clients: Sequence[str], capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Give the clients to a partner, and return what January comes to, in words."""
    with (folder / "vendor" / "partners.csv").open("a") as table:
        table.write("ana,Ana Ltd,standard,2026-01\n")
    with (folder / "vendor" / "claims.csv").open("a") as table:
        table.writelines(f"K{number},{client},ana,2025-12-01,link,mail\n" for number, client in enumerate(clients))
    capsys.readouterr()
    app(["run", "2026-01", "--from", str(folder / "vendor"), "--dry-run"], standalone_mode=False)
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("rows", [ABOVE, BESIDE], ids=["the client above its rows", "the client beside the first row"])
def test_a_workbook_grouped_by_client_with_sums_between_is_settled(
    rows: list[list[object]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "sales.xlsx")) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    begun(
        tmp_path, str(tmp_path / "sales.xlsx"), "--currency", "USD", "--timezone", "America/New_York",
        "--column", "line_id=Num",
    )  # fmt: skip
    assert "  1012  2026-01-20  Blue Sky Café  -200 USD  credit_note" in capsys.readouterr().out
    said = drafted(tmp_path, ["Blue Sky Café", "Delta Ltd"], capsys)
    assert "settled 4 lines 2 150.75 USD" in said
    assert "to pay 215.08 USD" in said  # 10 % of 1 200.00 + 300.50 - 200.00 + 850.25


def test_clients_that_are_blank_in_a_table_without_groups_are_not_filled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whose a line without a client is, nobody can tell there."""
    (tmp_path / "e.csv").write_text("id,customer,date,amount\nR1,K1,2026-01-10,12.50\nR2,,2026-01-11,7.50\n")
    begun(tmp_path, str(tmp_path / "e.csv"), "--currency", "USD", "--timezone", "UTC")
    assert "fill_down" not in (tmp_path / "vendor" / "sources.yaml").read_text()
    assert "open: no client 1 lines 7.50 USD" in drafted(tmp_path, ["K1"], capsys)


def test_a_polish_export_with_corrections_and_a_sum_is_settled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "faktury.csv").write_bytes(POLISH.encode("cp1250"))
    columns = ["line_id=Numer", "client_id=NIP", "client_name=Kontrahent", "paid_on=Data zapłaty", "amount=Brutto"]
    options = [option for column in columns for option in ("--column", column)]
    begun(tmp_path, str(tmp_path / "faktury.csv"), "--currency", "PLN", "--timezone", "Europe/Warsaw", *options)
    assert "encoding: windows-1250\n" in (tmp_path / "vendor" / "sources.yaml").read_text()
    said = drafted(tmp_path, ["5260001246", "7740001454"], capsys)
    assert "settled 3 lines 4 182.62 PLN" in said
    assert "to pay 418.26 PLN" in said  # 10 % of 1 230.00 + 3 075.62 - 123.00


def test_orders_with_what_was_given_back_beside_them_are_read_twice_as_the_page_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "orders.csv").write_text(ORDERS)
    zone = ("--timezone", "America/New_York")
    begun(tmp_path, str(tmp_path / "orders.csv"), "--currency", "USD", *zone, "--column", "line_id=Name")
    assert "or read the column as lines (docs/sources.md)" in capsys.readouterr().out
    (refunds,) = blocks("docs/sources.md", "yaml refunds")
    (tmp_path / "vendor" / "sources.yaml").write_text(refunds)
    said = drafted(tmp_path, ["cust-1", "cust-2"], capsys)
    assert "settled 5 lines 180.00 USD" in said
    assert "to pay 18.00 USD" in said  # 10 % of 120.00 + 80.00 - 20.00 + 50.00 - 50.00


def test_a_table_of_payments_in_cents_with_a_status_is_settled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with sqlite3.connect(tmp_path / "pay.db") as database:
        database.executescript(PAYMENTS)
    database.close()
    columns = ["line_id=id", "client_id=customer_id", "paid_on=paid_at", "amount_minor=amount_cents"]
    options = [option for column in columns for option in ("--column", column)]
    begun(
        tmp_path, f"sqlite:///{tmp_path}/pay.db", "--currency", "EUR", "--timezone", "Europe/Berlin", "--table",
        "payments", *options,
    )  # fmt: skip
    said = drafted(tmp_path, ["c1", "c2"], capsys)
    assert "settled 3 lines 330.50 EUR" in said
    assert "skipped: by skip_where 1 lines 80.00 EUR" in said
    assert "to pay 33.05 EUR" in said  # 10 % of 100.00 + 250.50 - 20.00


def test_transactions_with_refunds_above_zero_that_name_their_payment_are_settled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "transactions.csv").write_text(TRANSACTIONS)
    begun(tmp_path, str(tmp_path / "transactions.csv"), "--currency", "EUR", "--timezone", "Europe/Berlin")
    shown = capsys.readouterr().out
    assert "  refunds_line_id column 'Refunded Txn Id'" in shown
    assert shown.count("  amount  ") == 1
    assert "  txn_4  2026-01-28  acme  -40.00 EUR  credit_note" in shown
    # 100.00 + 1 250.00 - 40.00 = 1 310.00, of which 10 % are 131.00; the failed payment is none.
    assert "to pay 131.00 EUR" in drafted(tmp_path, ["acme", "beta"], capsys)


def test_a_kind_or_a_state_that_is_not_known_is_warned_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "t.csv").write_text(TRANSACTIONS.replace("Refund,", "Payback,").replace("Failure", "Odd"))
    begun(tmp_path, str(tmp_path / "t.csv"), "--currency", "EUR", "--timezone", "Europe/Berlin")
    shown = capsys.readouterr().out
    assert "column 'Transaction Type' holds 'Payback', which is not known, so the sign of the amount tells" in shown
    assert "column 'Status' holds 'Odd', which is not known, so its rows are read as payments" in shown
