"""Billing from files: every line arrives as it was written, or the file, the row and the way out are named."""

import gzip
import io
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import boto3
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto.server import ThreadedMotoServer

from models.billing import REQUIRED_COLUMNS, TEXT_COLUMNS
from models.errors import BadInput, SettlementError
from tasks.sources import FRAME_LINES, SourceUnreachable
from tasks.sources.csv_lines import records
from tasks.sources.describe import describe

HEADER = ",".join(REQUIRED_COLUMNS)
BROKEN_NAMES = "billing:\n- files: [billing/*]\n  line_breaks: [client_name]\n"
"""Names of clients may hold line breaks."""

JANUARY = (date(2026, 1, 1), date(2026, 1, 31))


def line(number: int, client_name: str = "Acme") -> str:
    return f"L{number},I{number},acme,{client_name},P1,software,1,{number}00,RUB,2026-01-05,2026-01-09,charge"


def table(*lines: str, header: str = HEADER) -> str:
    return "".join(f"{each}\n" for each in (header, *lines))


def read(folder: Path, sources_yaml: str | None = None) -> pl.DataFrame:
    """Read everything the folder's sources give, as one frame."""
    return pl.concat([frame for source in describe(sources_yaml, folder).sources for frame in source.read(*JANUARY)])


def billing(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / "billing" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refusal(folder: Path, sources_yaml: str | None = None) -> str:
    with pytest.raises(BadInput) as refused:
        read(folder, sources_yaml)
    return str(refused.value)


def warnings(folder: Path, sources_yaml: str | None = None) -> list[str]:
    (source,) = describe(sources_yaml, folder).sources
    for _ in source.read(*JANUARY):
        pass
    return source.warnings


# What arrives


def test_every_file_in_billing_is_read_in_the_order_of_names(tmp_path: Path) -> None:
    billing(tmp_path, "b.csv.gz", gzip.compress(table(line(3)).encode()))
    billing(tmp_path, "a.csv", table(line(1), line(2)))
    billing(tmp_path, ".hidden", "no billing of ours")
    frame = read(tmp_path)
    assert frame.columns == [*TEXT_COLUMNS, "source", "row"]
    assert frame.select("line_id", "amount_minor", "source", "row").rows() == [
        ("L1", "100", "billing/a.csv", 2),
        ("L2", "200", "billing/a.csv", 3),
        ("L3", "300", "billing/b.csv.gz", 2),
    ]
    assert frame["posted_on"].to_list() == [None, None, None]


def test_text_is_kept_as_written_without_the_white_space_around_it(tmp_path: Path) -> None:
    rows = ["  L1 ,I1,\t,Acme  Ltd ,0012,software,1.50,1e3,rub,05.01.2026,NULL, charge"]
    billing(tmp_path, "a.csv", table(*rows))
    assert read(tmp_path).select(REQUIRED_COLUMNS).row(0) == (
        "L1", "I1", None, "Acme  Ltd", "0012", "software", "1.50", "1e3", "rub", "05.01.2026", "NULL", "charge",
    )  # fmt: skip


def test_a_row_is_where_its_line_starts_whatever_stands_between_quotes_and_lines(tmp_path: Path) -> None:
    quoted = '"Фирма ""Ромашка"",\n и брат"'
    billing(tmp_path, "a.csv", "\ufeff" + table(line(1, quoted), "", line(2)).replace("\n", "\r\n"))
    frame = read(tmp_path, BROKEN_NAMES)
    assert frame.select("line_id", "row").rows() == [("L1", 2), ("L2", 5)]
    assert frame["client_name"][0] == 'Фирма "Ромашка",\r\n и брат'


@given(names=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), min_size=1, max_size=5))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_stands_in_quotes_arrives_whole(tmp_path: Path, names: list[str]) -> None:
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    billing(tmp_path, "a.csv", table(*(line(number, name) for number, name in enumerate(quoted))))
    read_names = read(tmp_path, BROKEN_NAMES)["client_name"].to_list()
    assert read_names == [pl.Series([name]).str.strip_chars()[0] or None for name in names]


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    billing(tmp_path, "a.csv", b"\xef\xbb\xbf" + table(line(1)).encode())
    assert read(tmp_path)["line_id"].to_list() == ["L1"]


def test_windows_1251_is_read_when_sources_yaml_says_so(tmp_path: Path) -> None:
    billing(tmp_path, "a.csv", table(line(1, "Ромашка")).encode("windows-1251"))
    frame = read(tmp_path, "billing:\n  - {files: [billing/*], encoding: windows-1251}\n")
    assert frame["client_name"].to_list() == ["Ромашка"]


def test_another_delimiter_is_read_when_sources_yaml_says_so(tmp_path: Path) -> None:
    billing(tmp_path, "a.csv", table(line(1, '"Acme; Ltd"')).replace(",", ";"))
    frame = read(tmp_path, 'billing:\n  - {files: [billing/*], delimiter: ";"}\n')
    assert frame["client_name"].to_list() == ["Acme; Ltd"]


def test_a_table_with_a_header_alone_is_a_quiet_month(tmp_path: Path) -> None:
    billing(tmp_path, "a.csv", table())
    assert read(tmp_path).height == 0


def test_decimal_text_in_major_units_may_stand_instead_of_minor_units(tmp_path: Path) -> None:
    billing(tmp_path, "a.csv", table(line(1), header=HEADER.replace("amount_minor", "amount")))
    assert read(tmp_path).select("amount", "amount_minor").row(0) == ("100", None)


def test_columns_of_the_vendor_are_renamed_kept_or_left_with_a_warning(tmp_path: Path) -> None:
    header = HEADER.replace("client_id", "customer") + ",region,manager,posted_on"
    billing(tmp_path, "a.csv", table(line(1) + ",north,eve,2026-01-10", header=header))
    described = "billing:\n  - files: [billing/*]\n    rename: {customer: client_id}\n    keep: [region]\n"
    frame = read(tmp_path, described)
    assert frame.columns == [*TEXT_COLUMNS, "region", "source", "row"]
    assert frame.select("client_id", "region", "posted_on").row(0) == ("acme", "north", "2026-01-10")
    assert warnings(tmp_path, described) == [
        "billing/*: columns not kept: manager (to keep them, name them under `keep:`)."
    ]


def test_unknown_columns_are_told_once_for_all_files(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        billing(tmp_path, name, table(line(1) + ",x,y", header=HEADER + ",one,two"))
    assert warnings(tmp_path) == ["billing/*: columns not kept: one, two (to keep them, name them under `keep:`)."]


def test_a_column_to_keep_that_is_not_there_is_told(tmp_path: Path) -> None:
    billing(tmp_path, "a.csv", table(line(1)))
    told = warnings(tmp_path, "billing:\n  - {files: [billing/*], keep: [region]}\n")
    assert told == ["billing/*: columns named under `keep:` that are not everywhere: region."]


def test_frames_are_short_however_long_the_file_is(tmp_path: Path) -> None:
    billing(tmp_path, "a.csv.gz", gzip.compress(table(*map(line, range(FRAME_LINES + 1))).encode()))
    (source,) = describe(None, tmp_path).sources
    frames = list(source.read(*JANUARY))
    assert [frame.height for frame in frames] == [100_000, 1]
    assert frames[1]["row"].to_list() == [100_002]


def test_two_globs_that_name_a_file_read_it_once(tmp_path: Path) -> None:
    path = billing(tmp_path, "a.csv", table(line(1)))
    assert read(tmp_path, "billing:\n  - files: ['billing/*', '**/a.csv']\n").height == 1
    assert read(tmp_path, f"billing:\n  - files: ['{path}']\n").height == 1


# What is refused


def test_bytes_that_are_not_utf_8_are_named_by_file_row_and_byte(tmp_path: Path) -> None:
    billing(tmp_path, "a.csv", table(line(1), line(2), line(3, "Ромашка")).encode("windows-1251"))
    assert refusal(tmp_path) == (
        "billing/a.csv row 4: the byte 0xD0 is not UTF-8. Save the file as UTF-8, "
        "or say what it is in sources.yaml, for example `encoding: windows-1251`."
    )


def test_bytes_that_are_not_utf_8_are_found_deep_inside_a_long_packed_file(tmp_path: Path) -> None:
    text = table(*map(line, range(30_000))).encode() + line(1, "Ромашка").encode("windows-1251")
    billing(tmp_path, "a.csv.gz", gzip.compress(text))
    assert "billing/a.csv.gz row 30002: the byte 0xD0 is not UTF-8" in refusal(tmp_path)


def test_a_character_cut_in_two_at_the_end_is_refused(tmp_path: Path) -> None:
    billing(
        tmp_path,
        "a.csv",
        (table() + line(1, "Ромашка")).encode()[: -len(",P1,software,1,100,RUB,2026-01-05,2026-01-09,charge") - 1],
    )
    assert "billing/a.csv row 2: the byte 0xD0 is not UTF-8" in refusal(tmp_path)


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_an_empty_file_is_refused(tmp_path: Path, name: str) -> None:
    billing(tmp_path, name, b"")
    assert f"billing/{name} is empty: no header" in refusal(tmp_path)


@pytest.mark.parametrize(("row", "values"), [(line(16) + ",more", 13), ("L16,I16", 2)])
def test_a_row_with_more_or_fewer_values_than_the_header_is_named(tmp_path: Path, row: str, values: int) -> None:
    billing(tmp_path, "a.csv", table(*map(line, range(1, 16)), row, line(17)))
    assert f"billing/a.csv row 17 has {values} values, but the header has 12" in refusal(tmp_path)


@pytest.mark.parametrize(
    "rows",
    [
        [line(1), line(2, '"Acme'), line(3)],
        [line(1), line(2, '"Acme'), line(3, '"Beta"'), line(4)],
        [line(1), line(2, '"Acme" Ltd')],
    ],
)
def test_a_quote_that_swallows_other_lines_is_refused_by_the_row_it_opens_in(tmp_path: Path, rows: list[str]) -> None:
    billing(tmp_path, "a.csv", table(*rows))
    message = refusal(tmp_path)
    assert message.startswith("billing/a.csv row 3: ")
    assert "a quote opened and never closed" in message


def test_a_missing_column_is_named_with_those_found_and_the_way_to_rename(tmp_path: Path) -> None:
    billing(tmp_path, "a.csv", table(line(1), header=HEADER.replace("client_id", "ClientID").replace("paid_on", "x")))
    message = refusal(tmp_path)
    assert "billing/a.csv: missing columns client_id, paid_on." in message
    assert "Is 'ClientID' meant as client_id?" in message
    assert "It has: line_id, invoice_id, ClientID," in message
    assert "`rename:`" in message


def test_without_any_amount_the_amount_in_minor_units_is_missing(tmp_path: Path) -> None:
    billing(tmp_path, "a.csv", table(line(1), header=HEADER.replace("amount_minor", "sum")))
    assert "missing column amount_minor." in refusal(tmp_path)


def test_a_column_that_is_there_twice_after_renaming_is_refused(tmp_path: Path) -> None:
    billing(tmp_path, "a.csv", table(line(1) + ",x", header=HEADER + ",customer"))
    message = refusal(tmp_path, "billing:\n  - {files: [billing/*], rename: {customer: client_id}}\n")
    assert "more than one column is called client_id" in message


def test_no_file_at_all_is_refused(tmp_path: Path) -> None:
    assert "no billing file matches billing/*" in refusal(tmp_path)


def test_a_file_of_another_kind_is_not_passed_over(tmp_path: Path) -> None:
    billing(tmp_path, "a.csv", table(line(1)))
    billing(tmp_path, "march.ods", b"PK")
    assert "billing/march.ods ends in none of .csv, .csv.gz, .csv.zip, .parquet, .xlsx, .xlsm" in refusal(tmp_path)


def test_a_file_that_went_away_is_named(tmp_path: Path) -> None:
    billing(tmp_path, "a.csv", table(line(1)))
    path = billing(tmp_path, "b.csv", table(line(2)))
    (source,) = describe(None, tmp_path).sources
    frames = source.read(*JANUARY)
    assert next(frames)["line_id"].to_list() == ["L1"]
    path.unlink()
    with pytest.raises(BadInput, match=r"billing/b\.csv cannot be read: No such file or directory"):
        next(frames)


def test_a_packed_file_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    billing(tmp_path, "a.csv.gz", gzip.compress(table(*map(line, range(1000))).encode())[:-100])
    assert "billing/a.csv.gz is damaged and does not unpack" in refusal(tmp_path)
    billing(tmp_path, "a.csv.gz", table(line(1)))
    assert "billing/a.csv.gz is damaged and does not unpack" in refusal(tmp_path)


# Parquet


def parquet(folder: Path, name: str = "a.parquet", **columns: pa.Array) -> None:
    """Write two lines, with these columns in place of the text ones."""
    text = {name: pa.array([f"{name}-1", f"{name}-2"]) for name in REQUIRED_COLUMNS if name not in columns}
    (folder / "billing").mkdir(exist_ok=True)
    pq.write_table(pa.table({**text, **columns}), folder / "billing" / name)


def test_typed_parquet_columns_become_the_text_a_vendor_would_have_written(tmp_path: Path) -> None:
    parquet(
        tmp_path,
        amount_minor=pa.array([-1250, None], pa.int64()),
        amount=pa.array([Decimal("-12.50"), None], pa.decimal128(18, 2)),
        client_id=pa.array(["acme", " "]).dictionary_encode(),
        paid_on=pa.array([date(2026, 1, 9), None]),
        issued_on=pa.array([datetime.combine(date(2026, 1, 5), time()), None]),
        quantity=pa.array([1.5, None]),
        vat_minor=pa.array([None, None], pa.float64()),
        vat_rate=pa.array([Decimal("22"), Decimal("7.5")], pa.decimal128(5, 1)),
    )
    frame = read(tmp_path)
    assert frame.select(
        "amount_minor",
        "amount",
        "client_id",
        "paid_on",
        "issued_on",
        "quantity",
        "vat_minor",
        "vat_rate",
        "source",
        "row",
    ).rows() == [
        ("-1250", "-12.50", "acme", "2026-01-09", "2026-01-05", "1.5", None, "22.0", "billing/a.parquet", 1),
        (None, None, None, None, None, None, None, "7.5", "billing/a.parquet", 2),
    ]


@pytest.mark.parametrize("column", ["amount", "amount_minor", "vat_minor", "vat_rate", "client_id", "line_id"])
def test_floating_point_is_refused_where_money_or_an_id_stands(tmp_path: Path, column: str) -> None:
    parquet(tmp_path, **{column: pa.array([None, 17850.0])})
    message = refusal(tmp_path)
    assert f"billing/a.parquet: column {column}: 17850.0 is floating point" in message
    assert "write integers, decimals or text" in message


@pytest.mark.parametrize(
    "moment",
    [datetime.combine(date(2026, 1, 31), time(23, 59)), datetime(2026, 1, 31, tzinfo=ZoneInfo("Europe/Moscow"))],
)
def test_a_moment_is_not_guessed_into_a_day(tmp_path: Path, moment: datetime) -> None:
    parquet(tmp_path, paid_on=pa.array([moment, None]))
    message = refusal(tmp_path)
    assert "billing/a.parquet: column paid_on: 2026-01-31" in message
    assert "write the date" in message


def test_a_column_of_the_vendors_own_decides_nothing_and_may_be_of_any_plain_type(tmp_path: Path) -> None:
    parquet(
        tmp_path,
        is_new=pa.array([True, None]),
        share=pa.array([0.5, None]),
        seen_at=pa.array([datetime.combine(date(2026, 1, 5), time(23, 30)), None]),
    )
    frame = read(tmp_path, "billing:\n  - {files: [billing/*], keep: [seen_at, is_new, share]}\n")
    assert frame.select("is_new", "seen_at", "share").row(0) == ("true", "2026-01-05T23:30:00", "0.5")


def test_bytes_and_nested_values_have_no_text(tmp_path: Path) -> None:
    parquet(tmp_path, line_id=pa.array([b"1", b"2"]))
    assert "column line_id: a value of type bytes has no text of its own" in refusal(tmp_path)


def test_parquet_is_read_batch_by_batch(tmp_path: Path) -> None:
    (tmp_path / "billing").mkdir()
    ids = pa.array([str(number) for number in range(FRAME_LINES + 1)])
    pq.write_table(pa.table(dict.fromkeys(REQUIRED_COLUMNS, ids)), tmp_path / "billing" / "a.parquet")
    (source,) = describe(None, tmp_path).sources
    frames = list(source.read(*JANUARY))
    assert [frame.height for frame in frames] == [100_000, 1]
    assert frames[1].select("line_id", "row").row(0) == ("100000", 100_001)


def test_parquet_without_a_line_or_a_column_or_its_end(tmp_path: Path) -> None:
    empty = pa.table({name: pa.array([], pa.string()) for name in REQUIRED_COLUMNS})
    (tmp_path / "billing").mkdir()
    pq.write_table(empty, tmp_path / "billing" / "a.parquet")
    assert sum(frame.height for source in describe(None, tmp_path).sources for frame in source.read(*JANUARY)) == 0
    pq.write_table(empty.drop_columns("kind"), tmp_path / "billing" / "a.parquet")
    with pytest.raises(BadInput, match=r"billing/a\.parquet: missing column kind"):
        list(describe(None, tmp_path).sources[0].read(*JANUARY))
    billing(tmp_path, "a.parquet", b"PAR1 and no more")
    assert "billing/a.parquet cannot be read as Parquet" in refusal(tmp_path)


# A bucket


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, bytes], None]]:
    """A bucket `uis` on a server that speaks S3; what is given is put into it."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("SETTLE_S3_ENDPOINT", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    client = boto3.client("s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1")
    client.create_bucket(Bucket="uis")
    yield lambda key, data: client.put_object(Bucket="uis", Key=key, Body=data) and None
    server.stop()


def test_files_in_a_bucket_are_read_by_glob(tmp_path: Path, bucket: Callable[[str, bytes], None]) -> None:
    bucket("export/2026-01.csv", table(line(1)).encode())
    bucket("export/2026-02.csv.gz", gzip.compress(table(line(2)).encode()))
    bucket("export/", b"")
    bucket("export/.2026-03.csv", b"half an upload")
    bucket("export/old/2025-12.csv", table(line(3)).encode())
    bucket("exports/2026-01.csv", table(line(4)).encode())
    frame = read(tmp_path, "billing:\n  - files: ['s3://uis/export/*']\n")
    assert frame.select("line_id", "source", "row").rows() == [
        ("L1", "s3://uis/export/2026-01.csv", 2),
        ("L2", "s3://uis/export/2026-02.csv.gz", 2),
    ]
    assert "2 files" in describe("billing:\n  - files: ['s3://uis/export/*']\n", tmp_path).sources[0].check()


def test_a_bucket_that_is_not_there_is_named(tmp_path: Path, bucket: Callable[[str, bytes], None]) -> None:
    with pytest.raises(SourceUnreachable, match=r"s3://other/export/\* cannot be read: .*NoSuchBucket"):
        read(tmp_path, "billing:\n  - files: ['s3://other/export/*']\n")


def test_a_glob_that_a_bucket_would_read_in_another_way_is_refused(tmp_path: Path) -> None:
    assert "`**` is not understood" in refusal(tmp_path, "billing:\n  - files: ['s3://uis/**/*.csv']\n")


# sources.yaml


@pytest.mark.parametrize(
    ("described", "words"),
    [
        ("billing: {files: [x]}\n", "must hold `billing:`"),
        ("billing: []\n", "must hold `billing:`"),
        ("- files: [x]\n", "must hold `billing:`"),
        (
            "billing:\n  - http: https://x\n",
            "line 2, column 5: billing.0: this version does not read http: it reads files",
        ),
        ("billing:\n  - ftp: x\n", "billing.0: a block must have one of `files:`, `sql:`, and only one"),
        ("billing:\n  - {files: [x], sql: y}\n", "billing.0: a block must have one of"),
        ("billing:\n  - just text\n", "billing.0: a block must have one of"),
        ("billing:\n  - files: x\n", "line 2, column 5: billing.0.files: must be a list"),
        ("billing:\n  - files: []\n", "line 2, column 5: billing.0.files: must not be empty"),
        ("billing:\n  - files: [x]\n    colour: red\n", "line 3, column 5: billing.0.colour: is no key of this block"),
        (
            "billing:\n  - files: [x]\n    format: xml\n",
            "line 3, column 5: billing.0.format: 'xml' is none of csv, parquet,",
        ),
        ("billing:\n  - files: [x]\n    encoding: ansi\n", "billing.0.encoding: is no encoding of text"),
        ("billing:\n  - files: [x]\n    encoding: hex\n", "billing.0.encoding: is no encoding of text"),
        ("billing:\n  - files: [x]\n    delimiter: ';;'\n", "billing.0.delimiter: must be one character"),
        ("billing:\n  - files: [x]\n    rename: {a: b}\n", "rename: a: 'b' is no billing column"),
        (
            "billing:\n  - files: [x]\n    keep: [row, region]\n",
            "line 3, column 5: billing.0.keep: row: this name is ours",
        ),
        ("billing:\n  - files: [x]\nhourly: yes\n", "line 3, column 1: hourly: is no key of this file"),
        (
            "billing:\n  - files: [x]\nlook_back_months: 25\n",
            "line 3, column 1: look_back_months: must be a whole number",
        ),
        ("billing:\n  - files: [x]\nlook_back_months: -1\n", "look_back_months: must be a whole number from 0 to 24"),
        (
            "billing:\n  - files: [x]\n  - files: [y]\n    files: [z]\n",
            "line 4, column 5: the key 'files' is written twice",
        ),
    ],
)
def test_what_sources_yaml_cannot_mean_is_refused_by_its_line(tmp_path: Path, described: str, words: str) -> None:
    with pytest.raises(BadInput) as refused:
        describe(described, tmp_path)
    assert str(refused.value).startswith("sources.yaml")
    assert words in str(refused.value)


def test_every_wrong_line_of_sources_yaml_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        describe("billing:\n  - files: x\n    colour: red\n  - http: y\nhourly: yes\n", tmp_path)
    assert len(str(refused.value).splitlines()) == 4


def test_months_to_look_back_are_read(tmp_path: Path) -> None:
    assert describe("billing:\n  - files: [x]\nlook_back_months: 24\n", tmp_path).look_back_months == 24
    assert describe("billing:\n  - files: [x]\n", tmp_path).look_back_months is None
    assert describe(None, tmp_path).look_back_months is None


def test_a_check_says_how_many_files_there_are(tmp_path: Path) -> None:
    (source,) = describe(None, tmp_path).sources
    with pytest.raises(SettlementError, match="no billing file matches"):
        source.check()
    billing(tmp_path, "2026-01.csv", "")
    billing(tmp_path, "2026-02.csv", "")
    assert source.check() == "2 files, the last is billing/2026-02.csv"


# What is passed over without a word


def test_two_stray_quotes_that_make_one_record_of_two_rows_stop_the_month(tmp_path: Path) -> None:
    """Legal CSV: the second line would be gone, and its 9.00 would be paid for the first client's."""
    first = 'L1,I1,C1,"A,X,software,1,100,RUB,2026-01-05,2026-01-09,charge'
    second = 'L2,I2,C2,B",X,software,1,900,RUB,2026-01-05,2026-01-09,charge'
    billing(tmp_path, "a.csv", table(first, second))
    assert (
        "billing/a.csv row 2: column client_name: a line break inside a quoted value, from row 2 to row 3. A stray "
        "quote in each of two rows makes one record of them, and loses the second: take the quotes away, or write each "
        "as two. If line breaks belong there, name the column under `line_breaks:` in sources.yaml."
    ) in refusal(tmp_path)


@pytest.mark.parametrize("mark", ["\n", "\r", "\r\n"])
def test_a_line_break_in_a_column_that_is_not_read_stops_too(tmp_path: Path, mark: str) -> None:
    rows = [f'{line(1)},"to check', f'{line(2)},ok"', f"{line(3)},"]
    billing(tmp_path, "a.csv", mark.join([f"{HEADER},remark", *rows, ""]))
    assert "billing/a.csv row 2: column remark: a line break inside a quoted value" in refusal(tmp_path)
    assert read(tmp_path, BROKEN_NAMES.replace("client_name", "remark"))["line_id"].to_list() == ["L1", "L3"]


def test_a_line_break_in_the_header_stops(tmp_path: Path) -> None:
    billing(tmp_path, "a.csv", table(line(1), header=HEADER.replace("category", '"cate\ngory"')))
    assert "billing/a.csv row 1: column" in refusal(tmp_path)


@given(rows=st.lists(st.booleans(), max_size=9))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
def test_the_physical_lines_of_a_file_add_up(rows: list[bool]) -> None:
    """Every line of the file is the header, part of one record, or blank: none is in two, and none is in no one's."""
    text = "a,b\n" + "".join('"x\ny",1\n' if is_broken else "x,1\n" for is_broken in rows)
    found = list(records(io.StringIO(text, newline="")))
    lines = [number for starts, _, ends in found for number in range(starts, ends + 1)]
    assert lines == list(range(1, text.count("\n") + 1))


@pytest.mark.parametrize("kind", ["a link that leads nowhere", "a named pipe", "a device", "a socket"])
def test_a_name_that_leads_to_no_file_is_refused_and_not_waited_on(tmp_path: Path, kind: str) -> None:
    billing(tmp_path, "a.csv", table(line(1)))
    odd = tmp_path / "billing" / "b.csv"
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        match kind:
            case "a link that leads nowhere":
                odd.symlink_to("gone.csv")
            case "a named pipe":
                os.mkfifo(odd)
            case "a device":
                odd.symlink_to("/dev/null")
            case _:
                listener.bind(str(odd))
        assert refusal(tmp_path).startswith(f"billing/b.csv is {kind}")


def test_a_folder_in_the_billing_is_named_unless_folders_are_read_too(tmp_path: Path) -> None:
    billing(tmp_path, "a.csv", table(line(1)))
    (tmp_path / "billing" / "2026").mkdir()
    assert read(tmp_path).height == 1
    (tmp_path / "billing" / "2026" / "b.csv").write_text(table(line(2)))
    assert "billing/2026 is a folder, and what is in it is not read" in refusal(tmp_path)
    assert "write `files: [billing/**/*]` in sources.yaml" in refusal(tmp_path)
    assert read(tmp_path, "billing:\n- files: [billing/**/*]\n").height == 2


def test_a_link_to_a_file_of_the_vendor_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.csv").write_text(table(line(1)))
    (tmp_path / "billing").mkdir()
    (tmp_path / "billing" / "a.csv").symlink_to(tmp_path / "elsewhere.csv")
    assert read(tmp_path)["line_id"].to_list() == ["L1"]


# What would fill the memory


def test_a_packed_file_of_nothing_is_refused_and_not_unpacked(tmp_path: Path) -> None:
    billing(tmp_path, "a.csv.gz", gzip.compress(b"\0" * 50_000_000))
    assert "billing/a.csv.gz row 1 has more than 1 000 000 characters: that is no table" in refusal(tmp_path)


def test_a_packed_file_that_comes_to_far_more_than_its_size_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = line(1).replace("Acme", "x" * 10_000)
    billing(tmp_path, "a.csv.gz", gzip.compress(f"{HEADER}\n".encode() + f"{row}\n".encode() * 10_500))
    assert "billing/a.csv.gz unpacks to more than 200 times its size" in refusal(tmp_path)
    monkeypatch.setenv("SETTLE_UNPACK_AT_MOST", "2000")
    assert read(tmp_path).height == 10_500


def test_a_long_row_is_read_and_one_of_more_than_a_million_characters_is_refused(tmp_path: Path) -> None:
    row = line(1)
    billing(tmp_path, "a.csv", table(row.replace("Acme", "x" * 100_000)))
    assert read(tmp_path).height == 1
    billing(tmp_path, "a.csv", table(row, row.replace("Acme", "x" * 1_000_001)))
    assert "billing/a.csv row 3 has more than 1 000 000 characters" in refusal(tmp_path)


def test_a_parquet_file_whose_text_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    """3 000 rows of one name of a megabyte, which Parquet keeps once: 3 GB in a file of a hundred kilobytes."""
    rows = 3_000
    columns = dict(zip(REQUIRED_COLUMNS, line(1).split(","), strict=True))
    path = tmp_path / "billing" / "a.parquet"
    path.parent.mkdir()
    name = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array(["x" * 1_000_000]))
    arrays = {key: pa.array([text] * rows) for key, text in columns.items()} | {"client_name": name}
    pq.write_table(pa.table(arrays), path, compression="zstd")
    assert path.stat().st_size < 200_000
    assert "billing/a.parquet: column client_name: 3 000 rows hold 3 000 000 000 bytes of text" in refusal(tmp_path)


def test_a_parquet_file_with_more_rows_than_bytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "billing" / "a.parquet"
    path.parent.mkdir()
    rows = 2_000_000
    arrays = {key: pa.nulls(rows, pa.string()) for key in REQUIRED_COLUMNS}
    pq.write_table(pa.table(arrays), path, compression="zstd")
    assert "billing/a.parquet says that it has 2 000 000 rows, in" in refusal(tmp_path)
