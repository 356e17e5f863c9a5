"""Billing from a database: the vendor's query, the window bound to it, and no secret in any message."""

import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import create_engine

from models.billing import REQUIRED_COLUMNS, TEXT_COLUMNS
from models.errors import BadInput
from tasks.beginning.block import Answers
from tasks.beginning.database import look_at_database
from tasks.sources import Source, SourceUnreachable
from tasks.sources.describe import describe

JANUARY = (date(2026, 1, 1), date(2026, 1, 31))
DOCUMENT = Path(__file__).parents[3] / "docs" / "sources.md"
BILLING = """
    line_id varchar(40), invoice_id varchar(40), client_id varchar(40), client_name varchar(40),
    product_code varchar(40), category varchar(40), quantity numeric(10, 2), amount_minor bigint, currency varchar(3),
    issued_on date, paid_on date, kind varchar(20), posted_on date
"""
WINDOW = "where posted_on between :since and :until"


def execute(url: str, *scripts: str) -> None:
    """Make the vendor's tables, as the vendor would."""
    engine = create_engine(str(url).replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        for statement in ";".join(scripts).split(";"):
            connection.exec_driver_sql(statement)
    engine.dispose()


def source(folder: Path, url: str, query: str, more: str = "") -> Source:
    (folder / "billing.sql").write_text(query, encoding="utf-8")
    (only,) = describe(f"billing:\n  - sql: '{url}'\n    query: billing.sql\n{more}", folder).sources
    return only


def text_columns(**given: str) -> str:
    """SQL that gives every required column as text, or as said."""
    values = {name: f"'{name}'" for name in REQUIRED_COLUMNS} | given
    return ", ".join(f"{value} as {name}" for name, value in values.items())


def test_lines_of_the_window_arrive_as_text_both_days_included(tmp_path: Path, database_url: str) -> None:
    def row(line_id: str, posted_on: str) -> str:
        return (
            f"insert into billing values ('{line_id}', 'I1', ' acme ', '', 'P1', 'software', 1.5, -1250, 'RUB', "
            f"'2026-01-05', null, 'charge', '{posted_on}')"
        )

    days = ["2025-12-31", "2026-01-01", "2026-01-31", "2026-02-01"]
    execute(database_url, f"create table billing ({BILLING})", *(row(f"L-{day}", day) for day in days))
    january = source(tmp_path, database_url, f"select * from billing {WINDOW} order by line_id;\n")
    (frame,) = january.read(*JANUARY)
    assert frame.columns == [*TEXT_COLUMNS, "source", "row"]
    assert frame.select("line_id", "client_id", "amount_minor", "issued_on", "paid_on", "posted_on", "row").rows() == [
        ("L-2026-01-01", "acme", "-1250", "2026-01-05", None, "2026-01-01", 1),
        ("L-2026-01-31", "acme", "-1250", "2026-01-05", None, "2026-01-31", 2),
    ]
    assert frame["quantity"].to_list() == (["1.50"] * 2 if "postgresql" in database_url else ["1.5"] * 2)
    assert frame["source"].unique().to_list() == ["billing.sql"]
    assert "answers with 13 of our columns" in january.check()


def test_rows_are_streamed_in_short_frames(tmp_path: Path, database_url: str) -> None:
    execute(database_url, "create table other (x bigint)")
    cursors = "(select count(*) from pg_cursors)" if "postgresql" in database_url else "1"
    query = (
        f"with recursive n(i) as (select 1 union all select i + 1 from n where i < 40001) "
        f"select {text_columns(line_id='i', quantity=cursors)} from n where :since <= :until"
    )
    frames = list(source(tmp_path, database_url, query).read(*JANUARY))
    assert [frame.height for frame in frames] == [20_000, 20_000, 1]
    assert frames[2].select("line_id", "row").row(0) == ("40001", 40_001)
    # On PostgreSQL the rows come through a cursor that lives in the server.
    assert frames[0]["quantity"].unique().to_list() == ["1"]


def test_a_window_without_lines_is_no_error(tmp_path: Path, database_url: str) -> None:
    execute(database_url, f"create table billing ({BILLING})")
    assert (
        sum(frame.height for frame in source(tmp_path, database_url, f"select * from billing {WINDOW}").read(*JANUARY))
        == 0
    )


def test_columns_are_renamed_kept_or_left_with_a_warning(tmp_path: Path, database_url: str) -> None:
    execute(database_url, "create table other (x bigint)")
    columns = text_columns().replace("as client_id", "as customer")
    query = f"select {columns}, 7 as region, 'eve' as manager where :since <= :until"
    more = "    rename: {customer: client_id}\n    keep: [region]\n"
    read = source(tmp_path, database_url, query, more)
    (frame,) = read.read(*JANUARY)
    assert frame.select("client_id", "region").row(0) == ("client_id", "7")
    assert read.warnings == ["billing.sql: columns not kept: manager (to keep them, name them under `keep:`)."]


def test_a_missing_column_is_named_before_any_line_is_read(tmp_path: Path, database_url: str) -> None:
    execute(database_url, "create table other (x bigint)")
    query = f"select {text_columns().replace('as paid_on', 'as paid')} where :since <= :until"
    with pytest.raises(BadInput, match=r"billing\.sql: missing column paid_on\. Is 'paid' meant as paid_on\?"):
        source(tmp_path, database_url, query).check()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"amount_minor": "cast(12.5 as double precision)"}, "column amount_minor: 12.5 is floating point"),
        ({"client_id": "cast(1 as double precision)"}, "column client_id: 1.0 is floating point"),
    ],
)
def test_floating_point_is_refused(tmp_path: Path, database_url: str, given: dict[str, str], words: str) -> None:
    execute(database_url, "create table other (x bigint)")
    with pytest.raises(BadInput, match=re.escape(words)):
        list(source(tmp_path, database_url, f"select {text_columns(**given)} where :since <= :until").read(*JANUARY))


def test_a_time_stamp_is_a_day_only_at_midnight_without_a_zone(tmp_path: Path, postgres_url: str) -> None:
    def read(moment: str) -> str:
        query = f"select {text_columns(paid_on=moment)} where :since <= :until"
        (frame,) = source(tmp_path, postgres_url, query).read(*JANUARY)
        return str(frame["paid_on"][0])

    assert read(r"timestamp '2026-01-31 00\:00\:00'") == "2026-01-31"
    with pytest.raises(BadInput, match="column paid_on: 2026-01-31 23:59:00 is a moment"):
        read(r"timestamp '2026-01-31 23\:59\:00'")
    with pytest.raises(BadInput, match=r"column paid_on: 2026-01-3. .* is a moment"):
        read(r"timestamptz '2026-01-31 00\:00\:00+00'")


def test_the_vendors_database_is_only_read(tmp_path: Path, postgres_url: str) -> None:
    execute(postgres_url, "create sequence number")
    columns = text_columns(quantity="nextval('number')")
    query = f"select {columns} where :since <= :until"
    with pytest.raises(SourceUnreachable, match=r"cannot execute nextval\(\) in a read-only transaction"):
        list(source(tmp_path, postgres_url, query).read(*JANUARY))


@pytest.mark.parametrize(
    "query",
    [
        "vacuum into :since || :until",
        "attach :since || :until as other",
        f"delete from billing {WINDOW}",
        "insert into billing (line_id) select :since || :until",
    ],
)
def test_a_query_against_sqlite_can_do_nothing_but_select(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    execute(f"sqlite:///{tmp_path / 'billing.db'}", f"create table billing ({BILLING})")
    before = (tmp_path / "billing.db").read_bytes()
    monkeypatch.chdir(tmp_path)
    reader = source(tmp_path, "sqlite:///billing.db", query)
    with pytest.raises((SourceUnreachable, BadInput)):
        list(reader.read(*JANUARY))
    assert (tmp_path / "billing.db").read_bytes() == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["billing.db", "billing.sql"]


@pytest.mark.parametrize(
    "query",
    [f"with gone as (delete from billing returning *) select * from gone {WINDOW}", f"delete from billing {WINDOW}"],
)
def test_a_query_against_postgresql_cannot_delete(tmp_path: Path, postgres_url: str, query: str) -> None:
    execute(postgres_url, f"create table billing ({BILLING})", "insert into billing (line_id) values ('L1')")
    with pytest.raises(SourceUnreachable):
        list(source(tmp_path, postgres_url, query).read(*JANUARY))


def test_a_url_may_read_only_the_variables_that_are_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI")
    monkeypatch.setenv("SETTLE_SOURCE_VARIABLES", "BILLING_PASSWORD")
    reader = source(
        tmp_path, "postgresql://reader@${AWS_SECRET_ACCESS_KEY}.thief.example/billing", f"select 1 {WINDOW}"
    )
    with pytest.raises(BadInput) as refused:
        reader.check()
    assert "set SETTLE_SOURCE_VARIABLES=BILLING_PASSWORD,AWS_SECRET_ACCESS_KEY where settle runs" in str(refused.value)
    assert "wJalr" not in str(refused.value)


@pytest.mark.parametrize("url", ["postgresql://reader@${HIDDEN}/billing", "sqlite:///${HIDDEN}", "${HIDDEN}"])
def test_no_message_shows_what_a_variable_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    whole = url == "${HIDDEN}"
    monkeypatch.setenv("HIDDEN", "postgresql://wJalr:wJalr@wJalr.invalid/wJalr" if whole else "wJalr.invalid")
    monkeypatch.setenv("SETTLE_SOURCE_VARIABLES", "HIDDEN")
    with pytest.raises(SourceUnreachable) as refused:
        source(tmp_path, url, f"select 1 {WINDOW}").check()
    assert "wJalr" not in str(refused.value)
    assert "${HIDDEN}" in str(refused.value)


def test_what_the_database_complains_of_is_passed_on(tmp_path: Path, database_url: str) -> None:
    execute(database_url, "create table other (x bigint)")
    with pytest.raises(SourceUnreachable, match=r"billing\.sql: .* does not give the billing: .*elsewhere"):
        source(tmp_path, database_url, f"select * from elsewhere {WINDOW}").check()


def test_no_message_shows_a_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BILLING_PASSWORD", "s3cr@t/:?#")
    monkeypatch.setenv("SETTLE_SOURCE_VARIABLES", "BILLING_PASSWORD")
    reader = source(tmp_path, "postgresql://reader:${BILLING_PASSWORD}@127.0.0.1:1/billing", f"select 1 {WINDOW}")
    with pytest.raises(SourceUnreachable) as refused:
        reader.check()
    assert "postgresql://reader:${BILLING_PASSWORD}@127.0.0.1:1/billing" in str(refused.value)
    assert "s3cr" not in str(refused.value)
    assert refused.value.__suppress_context__


def test_a_whole_url_may_be_an_environment_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    execute(database_url, f"create table billing ({BILLING})")
    monkeypatch.setenv("BILLING_URL", database_url)
    monkeypatch.setenv("SETTLE_SOURCE_VARIABLES", "BILLING_URL")
    assert "answers with 13" in source(tmp_path, "${BILLING_URL}", f"select * from billing {WINDOW}").check()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("${BILLING_NOWHERE}", "names ${BILLING_NOWHERE}, and no such environment variable is set"),
        ("not a url with s3cret", "is no database URL"),
        ("nosuchkind://reader:s3cret@host/billing", "nosuchkind"),
        ("sqlite:///nowhere.db", "there is no such SQLite database"),
        ("sqlite://", "there is no such SQLite database"),
    ],
)
def test_a_url_that_leads_nowhere_is_told_without_its_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, words: str
) -> None:
    monkeypatch.setenv("SETTLE_SOURCE_VARIABLES", "BILLING_NOWHERE")
    with pytest.raises((BadInput, SourceUnreachable)) as refused:
        source(tmp_path, url, f"select 1 {WINDOW}").check()
    assert words in str(refused.value)
    assert "s3cret" not in str(refused.value)
    assert not (tmp_path / "nowhere.db").exists()


def test_a_relative_sqlite_database_is_looked_for_in_the_vendor_folder(tmp_path: Path) -> None:
    execute(f"sqlite:///{tmp_path / 'billing.db'}", f"create table billing ({BILLING})")
    assert "answers with 13" in source(tmp_path, "sqlite:///billing.db", f"select * from billing {WINDOW}").check()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("select 1", "must mention :since and :until"),
        ("select 1 where posted_on <= :until", "must mention :since:"),
        ("select 1 where day between :since and :until and region = :region", "mentions :region"),
    ],
)
def test_a_query_that_does_not_ask_for_the_window_is_refused(tmp_path: Path, query: str, words: str) -> None:
    with pytest.raises(BadInput, match=re.escape(words)):
        source(tmp_path, "sqlite:///billing.db", query)


def test_a_query_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"the query nowhere\.sql cannot be read"):
        describe("billing:\n  - {sql: 'sqlite:///billing.db', query: nowhere.sql}\n", tmp_path)


# What the documentation shows


def examples(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)


def test_the_sources_that_the_documentation_shows_are_understood(tmp_path: Path) -> None:
    (tmp_path / "billing.sql").write_text(f"select 1 {WINDOW}", encoding="utf-8")
    shown, of_stripe = (each for each in examples("yaml") if each.startswith("billing:"))
    assert [each.name for each in describe(of_stripe, tmp_path).sources] == ["stripe/*.csv"]
    described = describe(shown, tmp_path)
    assert [each.name for each in described.sources] == [
        "billing/*.csv, s3://uis-billing/export/*.csv.gz",
        "warehouse/**/*.parquet",
        "billing.sql",
    ]
    assert described.look_back_months == 3


TABLES = """
    create table clients (client_id varchar(40), name varchar(40));
    create table invoices (
        invoice_id varchar(40), client_id varchar(40), issued_on date, currency varchar(3), kind varchar(20)
    );
    create table invoice_lines (
        invoice_id varchar(40), position int, product_code varchar(40), category varchar(40),
        quantity numeric(10, 2), amount_minor bigint, vat_rate numeric(5, 2)
    );
    create table payments (payment_id varchar(40), paid_on date, posted_on date);
    create table allocations (payment_id varchar(40), invoice_id varchar(40), amount_minor bigint)
"""

# P1 and P2 pay I1 by halves; P2 and P4 pay I2, which holds a discount; P3 gives money back; Z1 costs nothing.
BOOKS = """
    insert into clients values ('acme', 'Acme'), ('beta', 'Beta');
    insert into invoices values
        ('I1', 'acme', '2025-12-20', 'RUB', 'charge'),
        ('I2', 'beta', '2026-01-10', 'RUB', 'charge'),
        ('C1', 'acme', '2026-01-15', 'RUB', 'credit_note'),
        ('Z1', 'beta', '2026-01-10', 'RUB', 'charge');
    insert into invoice_lines values
        ('I1', 1, 'PBX', 'software', 1, 6667, 22), ('I1', 2, 'MIN', 'telephony', 40, 3333, 22),
        ('I2', 1, 'PBX', 'software', 1, 10000, 7.5), ('I2', 2, 'DSC', 'discount', 1, -1000, 7.5),
        ('I2', 3, 'MIN', 'telephony', 9, 1, 7.5),
        ('C1', 1, 'PBX', 'software', 1, -1000, 22), ('C1', 2, 'MIN', 'telephony', 1, -500, 22),
        ('Z1', 1, 'PBX', 'software', 1, 500, 22), ('Z1', 2, 'DSC', 'discount', 1, -500, 22);
    insert into payments values
        ('P1', '2025-12-30', '2025-12-31'), ('P2', '2026-01-08', '2026-01-09'),
        ('P3', '2026-01-16', '2026-01-16'), ('P4', '2026-01-30', '2026-02-02');
    insert into allocations values
        ('P1', 'I1', 5000), ('P2', 'I1', 5000), ('P2', 'I2', 3000), ('P3', 'C1', -1000), ('P4', 'I2', 6001),
        ('P2', 'Z1', 0)
"""


def query_of_these_tables(database_url: str) -> str:
    """What `settle init` writes for the tables above."""
    answers = Answers(currency="RUB", timezone="Europe/Moscow")
    return look_at_database(database_url, answers).text


def test_the_query_of_a_normalised_database_spreads_each_payment_over_its_invoice(
    tmp_path: Path, database_url: str
) -> None:
    execute(database_url, TABLES, BOOKS)
    query = query_of_these_tables(database_url)
    read = source(tmp_path, database_url, query)

    def lines(since: date, until: date) -> list[tuple[str, ...]]:
        frame = pl.concat(read.read(since, until)).filter(
            pl.col("posted_on").is_between(pl.lit(str(since)), pl.lit(str(until)))
        )
        return (
            frame.select("line_id", "client_id", "category", "amount_minor", "paid_on", "kind").sort("line_id").rows()
        )

    # Half of 66.67 + 33.33 is 33.33 + 16.67; the other half brings the missing kopecks.
    assert lines(date(2025, 12, 1), date(2025, 12, 31)) == [
        ("P1/I1/1", "acme", "software", "3333", "2025-12-30", "charge"),
        ("P1/I1/2", "acme", "telephony", "1667", "2025-12-30", "charge"),
    ]
    assert lines(*JANUARY) == [
        ("P2/I1/1", "acme", "software", "3334", "2026-01-08", "charge"),
        ("P2/I1/2", "acme", "telephony", "1666", "2026-01-08", "charge"),
        ("P2/I2/1", "beta", "software", "3332", "2026-01-08", "charge"),
        ("P2/I2/2", "beta", "discount", "-333", "2026-01-08", "charge"),
        ("P2/I2/3", "beta", "telephony", "1", "2026-01-08", "charge"),
        ("P2/Z1/1", "beta", "software", "0", "2026-01-08", "charge"),
        ("P2/Z1/2", "beta", "discount", "0", "2026-01-08", "charge"),
        ("P3/C1/1", "acme", "software", "-666", "2026-01-16", "credit_note"),
        ("P3/C1/2", "acme", "telephony", "-334", "2026-01-16", "credit_note"),
    ]
    # What a line got from all payments is the line: 100.00, -10.00 and 0.01.
    assert lines(date(2026, 2, 1), date(2026, 2, 28)) == [
        ("P4/I2/1", "beta", "software", "6668", "2026-01-30", "charge"),
        ("P4/I2/2", "beta", "discount", "-667", "2026-01-30", "charge"),
        ("P4/I2/3", "beta", "telephony", "0", "2026-01-30", "charge"),
    ]


def test_an_amount_too_large_for_that_query_is_said_and_not_rounded(tmp_path: Path, database_url: str) -> None:
    execute(
        database_url,
        TABLES,
        "insert into clients values ('acme', 'Acme')",
        "insert into invoices values ('I1', 'acme', '2026-01-05', 'RUB', 'charge')",
        "insert into invoice_lines values ('I1', 1, 'PBX', 'software', 1, 4000000000, 22)",
        "insert into payments values ('P1', '2026-01-08', '2026-01-09')",
        "insert into allocations values ('P1', 'I1', 4000000000)",
    )
    query = query_of_these_tables(database_url)
    with pytest.raises((BadInput, SourceUnreachable), match=r"floating point|out of range"):
        list(source(tmp_path, database_url, query).read(*JANUARY))


def test_the_documentation_names_every_column() -> None:
    assert set(TEXT_COLUMNS) <= set(re.findall(r"`(\w+)`", DOCUMENT.read_text(encoding="utf-8")))
