"""From a billing database to a settled month by commands alone: a table of lines, or invoices, payments and refunds."""

import json
import re
from pathlib import Path

import polars as pl
import pytest

from cli.main import app
from models.errors import BadInput, WrongUse
from rules.sources.billing_query import COLUMNS, TABLES
from tests.docs.pages import rows, text_of
from tests.servers.postgres import execute as execute_as_owner
from tests.tasks.sources.test_sources_sql import execute

BILLING = (Path(__file__).parents[1] / "fixtures" / "billing-database.sql").read_text(encoding="utf-8")
FLAT = """
    create table receipts (id varchar(20), customer varchar(20), amount double precision, currency varchar(3),
        payment_date {day}, note varchar(20));
    insert into receipts values ('R1', 'acme', 100.1, 'eur', '2026-01-10', null),
        ('R2', 'acme', -0.1, 'eur', '2026-01-31', null), ('R3', 'acme', 70.0, 'eur', '2026-02-01', null)
"""
ANSWERS = ("--currency", "EUR", "--timezone", "Europe/Berlin")


def settle(*arguments: str) -> None:
    app(list(arguments), standalone_mode=False)


@pytest.fixture(autouse=True)
def _empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SETTLE_HOME", str(tmp_path / "home"))
    for name in ("SETTLE_VENDOR", "SETTLE_APPROVAL", "SETTLE_SOURCE_VARIABLES"):
        monkeypatch.delenv(name, raising=False)


def init(url: str, folder: Path, monkeypatch: pytest.MonkeyPatch, *more: str) -> None:
    """Begin a folder; the URL of a server is in an environment variable, as it holds a password."""
    if not url.startswith("sqlite"):
        monkeypatch.setenv("BILLING_URL", url)
        monkeypatch.setenv("SETTLE_SOURCE_VARIABLES", "BILLING_URL")
        url = "${BILLING_URL}"
    settle("init", str(folder), "--from", url, *ANSWERS, *more)


def settled(folder: Path, home: Path, period: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    """Approve and close a month by commands. Returns what is to pay to ana, and her lines with their amounts."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as waiting:
        app(["run", period, "--from", str(folder)])
    assert waiting.value.code == 4
    digest = capsys.readouterr().out.partition("--digest ")[2].partition(",")[0]
    settle("approve", period, "--digest", digest, "--by", "anna")
    settle("run", period, "--from", str(folder))
    (statement,) = (path for path in (home / "archive").rglob("statement.json") if period in path.parts)
    said = json.loads(statement.read_bytes())
    (kept,) = (path for path in (home / "archive").rglob("lines.parquet") if period in path.parts)
    frame = pl.read_parquet(kept).filter(
        pl.col("outcome").is_in(["settled", "clawback"]) & pl.col("partner_id").is_not_null()
    )
    return said["summary"]["to_pay_minor"], sorted(
        f"{line} {amount}" for line, amount in frame.select("line_id", "amount_minor").rows()
    )


def with_partner(folder: Path, client: str) -> None:
    with (folder / "partners.csv").open("a") as partners, (folder / "claims.csv").open("a") as claims:
        partners.write("ana,Ana Ltd,standard,2026-01\n")
        claims.write(f"K1,{client},ana,2025-12-01,link,mail\n")


def test_invoices_payments_and_refunds_are_settled_by_commands_alone(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    execute(database_url, BILLING)
    folder = tmp_path / "vendor"
    init(database_url, folder, monkeypatch)
    shown = capsys.readouterr().out
    assert "  client_id     column 'invoices.customer_id'" in shown
    assert "  amount        column 'payments.amount, over line_items.amount'" in shown
    assert "1/10/100  2026-01-05  1  3333 EUR  charge" in shown
    assert "refund/7/1/10/100  2026-01-25  1  -1666 EUR  credit_note" in shown
    assert "500" not in (folder / "sources.yaml").read_text()  # nothing of the data is in it
    with_partner(folder, "1")
    # 50.00 of 100.00 is 33.33 and 16.67, and 25.00 of it back is 16.66 and 8.34; the failed 100.00 is nothing.
    # 50.00 + 50.00 - 25.00 = 75.00 at 10 %.
    to_pay, lines = settled(folder, tmp_path / "home", "2026-01", capsys)
    assert to_pay == 750
    assert lines == [
        "1/10/100 3333", "1/10/101 1667", "2/10/100 3334", "2/10/101 1666", "refund/7/1/10/100 -1666",
        "refund/7/1/10/101 -834",
    ]  # fmt: skip
    # 40.00, and the other 25.00 back: what both take is what the payment gave, 33.33 and 16.67.
    to_pay, lines = settled(folder, tmp_path / "home", "2026-02", capsys)
    assert to_pay == 150
    assert lines == ["5/12/103 4000", "refund/8/1/10/100 -1667", "refund/8/1/10/101 -833"]


def test_a_table_of_payments_is_settled_by_commands_alone(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    execute(database_url, FLAT.format(day="date"), "create table audit (id int, what varchar(20))")
    folder = tmp_path / "vendor"
    init(database_url, folder, monkeypatch)
    shown = capsys.readouterr().out
    assert "  paid_on       column 'payment_date'" in shown
    assert "  R2  2026-01-31  acme  -0.1 EUR  credit_note" in shown
    with_partner(folder, "acme")
    assert settled(folder, tmp_path / "home", "2026-01", capsys) == (1000, ["R1 10010", "R2 -10"])


def test_an_amount_that_is_no_whole_number_of_cents_is_rejected_and_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path / 'billing.db'}"
    execute(url, BILLING.replace("33.33", "33.333"))
    init(url, tmp_path / "vendor", monkeypatch)
    # Both lines of the invoice: what part of a payment is whose is not known.
    assert re.search(r"1/10/100  2026-01-05  1  None EUR  charge", capsys.readouterr().out)
    with_partner(tmp_path / "vendor", "1")
    with pytest.raises(BadInput, match=r"6 of 7 lines fail, the first is billing.sql row 1: amount_minor is ''"):
        settle("run", "2026-01", "--from", str(tmp_path / "vendor"))


def test_a_table_that_may_not_be_read_is_refused_by_name(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute(postgres_url, BILLING)
    execute_as_owner(
        postgres_url, "drop role if exists billing_reader", "create role billing_reader login",
        "grant select on customers, invoices, line_items, payments to billing_reader",
    )  # fmt: skip
    reader = re.sub(r"://[^@/]*@", "://billing_reader@", postgres_url)
    try:
        with pytest.raises(WrongUse, match=r"refunds cannot be read \(permission denied .*Let its user read refunds"):
            init(reader, tmp_path / "vendor", monkeypatch)
        with pytest.raises(WrongUse, match=r"refunds cannot be read: permission denied"):
            init(reader, tmp_path / "vendor", monkeypatch, "--table", "refunds")
    finally:
        execute_as_owner(postgres_url, "drop owned by billing_reader", "drop role billing_reader")
    assert not (tmp_path / "vendor").exists()


@pytest.mark.parametrize(
    ("tables", "url", "more", "words"),
    [
        ("create table t (a int)", "{sqlite}", [], r"no table is billing .* Its tables: t \(a\)"),
        (FLAT.format(day="date"), "{sqlite}", ["--table", "nix"], "nix cannot be read: no such table"),
        (f"{FLAT.format(day='date')}; create view again as select * from receipts", "{sqlite}", [],
         "again and receipts could be the billing: say which by --table again"),
        ("create table receipts (id int, customer int, amount int, date int)", "{sqlite}", [], "receipts has no rows"),
        ("create table t (a int)", "sqlite:///nowhere.db", [], "there is no such SQLite database"),
        ("create table t (a int)", "postgresql://reader:secret@h/b", [], r"would hold the password"),
        ("create table t (a int)", "postgresql://reader:${OTHER}@h/b", [], "SETTLE_SOURCE_VARIABLES=OTHER"),
        ("create table t (a int)", "s3://bucket/x", [], "is no database|does not give the billing"),
    ],
)  # fmt: skip
def test_what_a_database_does_not_say_is_asked_and_nothing_is_written(
    tables: str, url: str, more: list[str], words: str, tmp_path: Path
) -> None:
    sqlite = f"sqlite:///{tmp_path / 'billing.db'}"
    execute(sqlite, tables)
    with pytest.raises(Exception, match=words) as refused:
        settle("init", str(tmp_path / "v"), "--from", url.replace("{sqlite}", sqlite), *ANSWERS, *more)
    assert "secret" not in str(refused.value)
    assert not (tmp_path / "v").exists()


def test_looking_at_a_database_writes_nothing_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    url = f"sqlite:///{tmp_path / 'data' / 'billing.db'}"
    execute(url, BILLING)
    before = (tmp_path / "data" / "billing.db").read_bytes()
    init(url, tmp_path / "vendor", monkeypatch)
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["billing.db"]
    assert (tmp_path / "data" / "billing.db").read_bytes() == before


def test_the_page_names_each_table_and_column_that_is_looked_for() -> None:
    said = {(cells[0], cells[1]): cells[2] for cells in rows("docs/sources.md", "| table | column | or called |")}
    looked_for = {
        (table, column): "`, `".join(name for name in called if name != column)
        for table, columns in COLUMNS.items()
        for column, called in columns.items()
    }
    assert said == looked_for
    page = text_of("docs/sources.md")
    assert not [name for names in TABLES.values() for name in names if f"`{name}`" not in page]


def test_a_database_and_files_are_not_begun_together(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="one database, or files"):
        settle("init", str(tmp_path / "v"), "--from", "sqlite:///b.db", "--from", "a.csv", *ANSWERS)
    with pytest.raises(WrongUse, match="--table names a table of a database"):
        settle("init", str(tmp_path / "v"), "--from", "a.csv", "--table", "t", *ANSWERS)
