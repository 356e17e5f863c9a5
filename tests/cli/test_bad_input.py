"""Bad input: a clear message or a harmless document, never a traceback, and no line is lost."""

import csv
import gzip
import json
import logging
import re
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from cli.main import main
from models.billing import REQUIRED_COLUMNS
from tests.made.vendors import PROGRAMME, archived, claim, line, partner, write_csv, write_vendor

Settle = Callable[[], tuple[int, str]]


@pytest.fixture
def vendor(tmp_path: Path) -> Path:
    return write_vendor(
        tmp_path / "vendor",
        partners=[partner("ana")],
        claims=[claim("acme", "ana")],
        billing={"2026-01.csv": [line(f"L{number}", "acme", 100) for number in range(2, 32)]},
    )


@pytest.fixture
def settle(vendor: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Settle:
    """Run `settle run 2026-01` as a person would, and return its exit code and everything it said."""
    monkeypatch.setenv("SETTLE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(sys, "argv", ["settle", "run", "2026-01", "--from", str(vendor)])

    def run() -> tuple[int, str]:
        try:
            main()
        except SystemExit as end:
            code = end.code
        said = capsys.readouterr()
        text = said.out + said.err
        assert "Traceback" not in text
        return int(code or 0), text

    return run


def control(tmp_path: Path) -> dict[str, int]:
    """Lines by `outcome: reason` in the archived control totals."""
    document = json.loads((archived(tmp_path / "home", "2026-01") / "control.json").read_text())
    return {f"{tally['outcome']}: {tally['reason']}": tally["lines"] for tally in document["outcomes"]}


BILLING = "billing/2026-01.csv"
STOPS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a missing column": (
        lambda folder: write_csv(folder / BILLING, [{k: v for k, v in line("L1", "acme", 1).items() if k != "paid_on"}]),
        r"2026-01\.csv.*paid_on",
    ),
    "an empty file": (lambda folder: (folder / BILLING).write_bytes(b""), r"2026-01\.csv.*empty"),
    "Windows-1251": (
        lambda folder: (folder / BILLING).write_bytes((folder / BILLING).read_text().replace("acme", "Ромашка").encode("cp1251")),
        r"2026-01\.csv.*UTF-8",
    ),
    "a row with a field too many": (
        lambda folder: (folder / BILLING).write_text((folder / BILLING).read_text().replace("L17,", "L17,,,", 1)),
        r"2026-01\.csv.*row 17",
    ),
    "a programme key written twice": (
        lambda folder: (folder / "programme.yaml").write_text(PROGRAMME + "currency: EUR\n"),
        r"programme\.yaml line \d+.*currency.*twice",
    ),
    "a key this version cannot carry out": (
        lambda folder: (folder / "programme.yaml").write_text(PROGRAMME.replace("minimum: 50.00", "carry_forward_at_most: 3")),
        r"payout\.carry_forward_at_most",
    ),
    "a plan nobody wrote": (
        lambda folder: (folder / "programme.yaml").write_text(PROGRAMME.replace("plan: tiered", "plan: pay_per_view")),
        r"pay_per_view.*no file in rules/plans/ \(there are: base_fee, .*, tiered",
    ),
    "no partners": (lambda folder: write_csv(folder / "partners.csv", [], ["partner_id", "name", "plan", "from"]), "partners.csv"),
    "a partner id that leaves its folder": (
        lambda folder: write_csv(folder / "partners.csv", [partner("../../etc")]),
        r"partners\.csv.*row 2.*partner_id",
    ),
    "one claim id with two contents": (
        lambda folder: write_csv(folder / "claims.csv", [claim("acme", "ana"), claim("bell", "ana", claim_id="K-acme")]),
        r"claims\.csv.*K-acme",
    ),
    "an Excel workbook under another name": (
        lambda folder: pl.DataFrame({"line_id": ["L1"]}).write_excel(folder / "billing/b.xlsx")
        and (folder / "billing/b.xlsx").rename(folder / BILLING),
        r"2026-01\.csv: This is an Excel workbook \(\.xlsx\), or a zip archive, under another name: save its sheet as CSV UTF-8",
    ),
    "commas at the end of one row": (
        lambda folder: (folder / BILLING).write_text((folder / BILLING).read_text().replace("charge\n", "charge,,\n", 1)),
        r"2026-01\.csv row 2 ends in 2 more empty values than the header has names\. If every row ends so, let the header",
    ),
    "a decimal comma in every amount": (
        lambda folder: write_csv(
            folder / BILLING, [line(f"L{n}", "acme", 0) | {"amount_minor": "", "amount": "12,50"} for n in range(3)]
        ),
        r"row 2: amount is '12,50'.*say so in sources\.yaml: `decimal: \",\"`",
    ),
    "a sum under the table": (
        lambda folder: (folder / BILLING).write_text((folder / BILLING).read_text() + "Total,100\n"),
        r"has 2 values, but the header has 12.*A row that is no billing line, such as a total, is named under `skip_where:`",
    ),
    "UTF-16": (
        lambda folder: (folder / BILLING).write_bytes((folder / BILLING).read_text().encode("utf-16")),
        r"not UTF-8 but UTF-16, by its first two bytes: write `encoding: utf-16` in sources\.yaml",
    ),
    "a rate with a decimal comma": (
        lambda folder: (folder / "programme.yaml").write_text(PROGRAMME.replace("rate: 50%", "rate: 12,5%")),
        r"programme\.yaml line 11, column \d+: 12,5% is two values here, .*: write 12\.5%, with a dot",
    ),
    "a minimum with a decimal comma": (
        lambda folder: (folder / "programme.yaml").write_text(PROGRAMME.replace("minimum: 50.00", "minimum: 5000,00")),
        r"programme\.yaml line 19, column \d+: 5000,00 is two values here, .*: write 5000\.00, with a dot",
    ),
    "no billing at all": (lambda folder: (folder / BILLING).unlink(), r"billing/\*"),
}  # fmt: skip


@pytest.mark.parametrize("fault", STOPS)
def test_a_file_that_cannot_be_read_stops_the_month_with_its_name_and_place(
    fault: str, vendor: Path, settle: Settle
) -> None:
    spoil, expected = STOPS[fault]
    spoil(vendor)
    code, said = settle()
    assert code == 1
    assert re.search(expected, said, re.DOTALL), said


def test_a_wrong_type_in_row_17_rejects_that_line_and_settles_the_others(
    vendor: Path, settle: Settle, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_csv(
        vendor / BILLING,
        [line(f"L{n}", "acme", 100) | ({"amount_minor": "3e2"} if n == 17 else {}) for n in range(2, 32)],
    )
    caplog.set_level(logging.WARNING, "settle")
    assert settle()[0] == 0
    assert control(tmp_path) == {"settled: ": 29, "rejected: bad number": 1}
    told = "rejected: billing/2026-01.csv row 17, line L17, amount_minor '3e2': bad number"
    assert told in caplog.messages
    report = (tmp_path / "home" / "reports" / "2026-01-rejected.csv").read_text().splitlines()
    assert report == [
        "source,row,line_id,column,value,reason",
        "billing/2026-01.csv,17,L17,amount_minor,3e2,bad number",
    ]


def test_the_report_has_every_fault_of_fifteen_hundred_lines(
    vendor: Path, settle: Settle, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sound = [line(f"S{n}", "acme", 100) for n in range(2_005)]
    wrong = [line(f"L{n}", "acme", 100, paid_on="soon") for n in range(1_500)]
    write_csv(vendor / BILLING, [*sound, *wrong])
    caplog.set_level(logging.WARNING, "settle")
    code, said = settle()
    assert code == 1
    assert "1500 of 3505 new lines are rejected (bad date: 1500)" in said
    report = tmp_path / "home" / "reports" / "2026-01-rejected.csv"
    assert "rejected: 1 497 more" in caplog.messages
    assert f"rejected: all 1 500 faults, with file, row and column, are in {report}" in caplog.messages
    with report.open(newline="") as file:
        written = {(row["row"], row["line_id"], row["value"], row["reason"]) for row in csv.DictReader(file)}
    assert written == {(str(2 + 2_005 + n), f"L{n}", "soon", "bad date") for n in range(1_500)}


def test_a_byte_order_mark_is_no_part_of_the_first_column(vendor: Path, settle: Settle, tmp_path: Path) -> None:
    (vendor / BILLING).write_bytes(b"\xef\xbb\xbf" + (vendor / BILLING).read_bytes())
    for name in ("partners.csv", "claims.csv", "programme.yaml"):
        (vendor / name).write_bytes(b"\xef\xbb\xbf" + (vendor / name).read_bytes())
    assert settle()[0] == 0
    assert control(tmp_path) == {"settled: ": 30}


def test_a_file_with_a_header_and_no_lines_closes_an_empty_month_with_a_warning(
    vendor: Path, settle: Settle, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_csv(vendor / BILLING, [], REQUIRED_COLUMNS)
    caplog.set_level(logging.WARNING, "settle")
    assert settle()[0] == 0
    assert "no billing line was posted in 2026-01." in caplog.messages
    assert (archived(tmp_path / "home", "2026-01") / "statements" / "ana" / "statement.pdf").stat().st_size > 0


def test_a_claim_that_is_there_twice_counts_once(vendor: Path, settle: Settle, tmp_path: Path) -> None:
    write_csv(vendor / "claims.csv", [claim("acme", "ana"), claim("acme", "ana")])
    assert settle()[0] == 0
    assert control(tmp_path) == {"settled: ": 30}


HOSTILE = [
    "../../../etc/passwd",
    "<script>alert(1)</script>",
    '#read("/etc/passwd")',
    "$x^2$ *b* _i_ \\ `raw` @ref <l>",
]


def test_hostile_names_and_ids_become_harmless_documents(vendor: Path, settle: Settle, tmp_path: Path) -> None:
    write_csv(vendor / "partners.csv", [partner("ana", name=HOSTILE[1])])
    write_csv(vendor / "claims.csv", [claim(text, "ana", claim_id=f"K{n}") for n, text in enumerate(HOSTILE)])
    write_csv(vendor / BILLING, [line(f"L{n}", text, 1_000, client_name=text) for n, text in enumerate(HOSTILE)])
    assert settle()[0] == 0
    assert control(tmp_path) == {"settled: ": 4}
    folder = archived(tmp_path / "home", "2026-01") / "statements"
    assert [path.name for path in folder.iterdir()] == ["ana"]
    page = (folder / "ana" / "statement.html").read_text()
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    statement = json.loads((folder / "ana" / "statement.json").read_text())
    assert {client["client_id"] for rule in statement["rules"] for client in rule["clients"]} == set(HOSTILE)


def test_compressed_billing_that_is_cut_short_is_named(vendor: Path, settle: Settle) -> None:
    whole = gzip.compress((vendor / BILLING).read_bytes())
    (vendor / BILLING).unlink()
    (vendor / "billing" / "2026-01.csv.gz").write_bytes(whole[: len(whole) // 2])
    code, said = settle()
    assert code == 1
    assert "2026-01.csv.gz" in said


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (["run", "2026-13"], 2, "2026-13"),
        (["run", "2026-03..2026-01"], 2, "runs backwards"),
        (["run", "2026-01", "--from", "/nowhere/at/all"], 2, "no folder /nowhere/at/all"),
        (["run", "2026-01"], 2, "SETTLE_VENDOR"),
        (["explain", "ana", "2026-01"], 2, "not approved"),
        (["approve", "2026-01", "--digest", "abc"], 2, "makes the draft first"),
        (["verify", "ftp://somewhere"], 2, "names no archive"),
    ],
)
def test_wrong_use_is_told_in_a_sentence_and_ends_with_2(
    words: list[str], code: int, expected: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("SETTLE_HOME", str(tmp_path))
    monkeypatch.delenv("SETTLE_VENDOR", raising=False)
    monkeypatch.setattr(sys, "argv", ["settle", *words])
    with pytest.raises(SystemExit) as end:
        main()
    said = capsys.readouterr()
    assert end.value.code == code
    assert expected in said.out + said.err


def test_a_setting_that_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SETTLE_APPROVAL", "maybe")
    monkeypatch.setattr(sys, "argv", ["settle", "status"])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    assert "SETTLE_APPROVAL" in capsys.readouterr().err
