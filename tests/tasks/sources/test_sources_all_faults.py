"""One pass over the billing names everything that is wrong with it, so that it is mended once."""

from pathlib import Path

import polars as pl
import pytest

from models.billing import TEXT_COLUMNS
from models.errors import BadInput
from models.period import Period
from tasks.extract import Window, extract
from tasks.sources.describe import describe

HEADER = (
    "line_id,invoice_id,client_id,client_name,product_code,category,quantity,amount,currency,issued_on,paid_on,kind"
)
ROW = "{id},I1,C1,Ann,P,software,1,{amount},RUB,2026-01-05,{paid},charge"
NOTHING = pl.DataFrame(schema=dict.fromkeys((*TEXT_COLUMNS, "carried_from"), pl.String()))


def row(line_id: str, amount: str = "1.00", paid: str = "2026-01-09") -> str:
    return ROW.format(id=line_id, amount=amount, paid=paid)


def said_of(folder: Path, sources: str | None, **files: str) -> list[str]:
    """What a month of these files is stopped for, line by line."""
    (folder / "billing").mkdir()
    for name, text in files.items():
        (folder / "billing" / f"{name}.csv").write_text(text)
    decided = pl.DataFrame(schema={"line_id": pl.String()})
    with pytest.raises(BadInput) as refused:
        extract(Window(Period(2026, 1), None), describe(sources, folder).sources, NOTHING, decided)
    return str(refused.value).splitlines()


def test_headers_of_several_files_and_forms_of_others_are_told_together(tmp_path: Path) -> None:
    said = said_of(
        tmp_path,
        None,
        a="\n".join([HEADER.replace("client_id", "client id").replace("kind", "knd"), row("A1")]),
        b="\n".join([HEADER, row("B1"), row("B2", paid="31.01.2026"), row("B3", amount='"1 234,50"')]),
        c="\n".join([HEADER.replace("currency", "curency"), row("C1")]),
        d="\n".join([HEADER, row("D1")]),
    )
    assert len(said) == 4
    assert said[0].startswith(
        "billing/a.csv: missing columns client_id, kind. Is 'client id' meant as client_id? Is 'knd' meant as kind?"
    )
    assert said[1].startswith("billing/c.csv: missing column currency. Is 'curency' meant as currency?")
    assert said[2].startswith("billing/b.csv: amount cannot be read in 1 of its lines: row 4 '1 234,50'.")
    assert 'say so in sources.yaml: `decimal: ","`; `thousands: " "`' in said[2]
    assert said[3].startswith("billing/b.csv: paid_on cannot be read in 1 of its lines: row 3 '31.01.2026'.")
    assert "`dates: DD.MM.YYYY`" in said[3]


def test_all_rows_of_a_file_that_break_its_form_are_told_together(tmp_path: Path) -> None:
    said = said_of(
        tmp_path,
        None,
        a="\n".join([HEADER, row("A1"), row("A2") + ",more", row("A3"), '"A4\nA5",I1', row("A6")[:-7], row("A7")]),
    )
    assert [line.split(":")[0] for line in said] == [
        "billing/a.csv row 3 has 13 values, but the header has 12",
        "billing/a.csv row 5",
        "billing/a.csv row 7 has 11 values, but the header has 12",
    ]


def test_of_very_many_rows_the_first_are_told_and_the_others_counted(tmp_path: Path) -> None:
    said = said_of(tmp_path, None, a="\n".join([HEADER, *(row(f"A{n}") + ",more" for n in range(25))]))
    assert len(said) == 21
    assert said[-1] == "and 5 more rows like these."


def test_the_faults_of_all_blocks_are_told_together(tmp_path: Path) -> None:
    said = said_of(
        tmp_path,
        "billing:\n- files: [billing/a.csv]\n- files: [billing/b.csv]\n- files: [nothing/*]\n",
        a="\n".join([HEADER.replace("kind", "knd"), row("A1")]),
        b="\n".join([HEADER.replace("paid_on", "paid"), row("B1")]),
    )
    assert [line[:30] for line in said] == [
        "billing/a.csv: missing column ", "billing/b.csv: missing column ", "no billing file matches nothin",
    ]  # fmt: skip


def test_names_that_are_there_twice_are_told_beside_those_that_are_missing(tmp_path: Path) -> None:
    header = HEADER.replace("client_name", "client_id").replace("kind", "knd")
    said = said_of(tmp_path, None, a=f"{header}\n{row('A1')}")
    assert said[0].startswith("billing/a.csv: more than one column is called client_id")
    assert said[1].startswith("billing/a.csv: missing columns client_name, kind")
