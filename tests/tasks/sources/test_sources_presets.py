"""Presets: exports of well-known programs, in the columns they have, read and settled by one word under `format:`."""

import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from models.errors import BadInput
from rules.programme.yaml_text import parse_yaml
from rules.sources.presets import PRESETS
from tasks.sources import Source
from tasks.sources.describe import describe
from tests.docs.pages import text_of

JANUARY = (date(2026, 1, 1), date(2026, 1, 31))

PAYMENTS = """\
id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Description,Fee,Status,Customer ID,Customer Email,Invoice ID
ch_1,2026-02-01 04:30:00,120.00,0.00,usd,true,Pro plan,3.78,Paid,cus_A,ann@example.com,in_1
ch_2,2026-01-20 10:00:00,500,500,jpy,true,Pro plan,30,Refunded,cus_B,bo@example.com,in_2
ch_3,2026-01-21 10:00:00,99.00,0.00,usd,false,Pro plan,0.00,Failed,cus_B,bo@example.com,in_3
ch_4,2026-01-22 10:00:00,10.00,0.00,usd,true,Pro plan,0.59,Under Review,cus_B,bo@example.com,in_4
"""
REFUNDS = """\
id,Amount,Charge ID,Created (UTC),Currency,Reason,Status
re_1,500,ch_2,2026-01-25 10:00:00,jpy,requested_by_customer,succeeded
re_2,10.00,ch_4,2026-01-26 10:00:00,usd,,failed
"""
INVOICES = """\
id,Amount Due,Amount Paid,Charge,Currency,Customer,Customer Name,Date (UTC),Number,Paid At (UTC),Status,Tax,Total
in_1,122.00,122.00,ch_1,eur,cus_A,Ann Ltd,2026-01-10 09:00:00,A-1,2026-01-11 09:00:00,paid,22.00,122.00
in_2,50.00,0.00,,eur,cus_A,Ann Ltd,2026-01-10 09:00:00,A-2,,open,9.02,50.00
in_3,0.00,0.00,,eur,cus_B,Bo Ltd,2026-01-10 09:00:00,A-3,2026-01-10 09:00:00,paid,0.00,0.00
"""
ONE_C = """\
Дата;Номер;Вид операции;Контрагент;ИНН;Сумма;Сумма НДС;Назначение платежа
31.01.2026;00БП-000123;Оплата от покупателя;ООО "Ромашка";7701234567;12 200,00;2 200,00;Оплата по счёту 5
31.01.2026 12:30:00;00БП-000124;Возврат покупателю;ООО "Ромашка";7701234567;1 220,50;220,09;Возврат
Итого;;;;;10 979,50;1 979,91;
""".replace('"', "")


def source(folder: Path, keys: str, **files: str | bytes) -> Source:
    (folder / "billing").mkdir(exist_ok=True)
    for name, data in files.items():
        (folder / "billing" / f"{name}.csv").write_bytes(data.encode() if isinstance(data, str) else data)
    (found,) = describe(f"billing:\n- files: [billing/*]\n{keys}", folder).sources
    return found


def read(of: Source, *columns: str) -> list[tuple[object, ...]]:
    return pl.concat(of.read(*JANUARY)).select(columns).rows()


STRIPE = "  format: stripe\n  timezone: America/New_York\n  set: {category: software}\n"


def test_payments_and_refunds_of_stripe_are_charges_and_credit_notes(tmp_path: Path) -> None:
    of = source(tmp_path, STRIPE, payments=PAYMENTS, refunds=REFUNDS)
    assert read(of, "line_id", "client_id", "category", "amount", "currency", "paid_on", "kind", "refunds_line_id") == [
        ("ch_1", "cus_A", "software", "120.00", "USD", "2026-01-31", "charge", None),
        ("ch_2", "cus_B", "software", "500", "JPY", "2026-01-20", "charge", None),
        ("ch_4", "cus_B", "software", "10.00", "USD", "2026-01-22", "Under Review", None),
        ("re_1", None, "software", "-500", "JPY", "2026-01-25", "credit_note", "ch_2"),
    ]
    assert sum(tally.lines for tally in of.skipped) == 2


def test_invoices_of_stripe_are_charges_with_their_tax(tmp_path: Path) -> None:
    of = source(tmp_path, STRIPE, invoices=INVOICES, refunds=REFUNDS.splitlines()[0] + "\n")
    assert read(of, "line_id", "invoice_id", "client_name", "amount", "vat_minor", "issued_on", "paid_on", "kind") == [
        ("ch_1", "in_1", "Ann Ltd", "122.00", "2200", "2026-01-10", "2026-01-11", "charge")
    ]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"a": PAYMENTS}, "holds payments and no refunds: what was given back would stay paid for"),
        ({"a": PAYMENTS, "b": REFUNDS, "c": INVOICES}, "holds invoices and payments, which are the same money"),
        (
            {"a": "id,total\n1,2\n"},
            "billing/a.csv is no table that `format: stripe` knows. It knows payments by Amount,",
        ),
    ],
)
def test_what_would_pay_too_much_of_stripes_files_stops(tmp_path: Path, files: dict[str, str], words: str) -> None:
    with pytest.raises(BadInput) as refused:
        read(source(tmp_path, STRIPE, **files))
    assert words in str(refused.value)


def test_stripes_moments_wait_for_the_zone_of_the_books(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"of the payments of stripe: stamps_in: add `timezone:`"):
        source(tmp_path, "  format: stripe\n", payments=PAYMENTS)


def test_a_register_of_payments_of_1c_is_read_by_one_word(tmp_path: Path) -> None:
    of = source(tmp_path, "  format: 1c\n  set: {category: software}\n", a=ONE_C.encode("windows-1251"))
    assert read(
        of, "line_id", "client_id", "client_name", "amount", "vat_minor", "currency", "paid_on", "kind", "row"
    ) == [
        ("00БП-000123/31.01.2026", "7701234567", "ООО Ромашка", "12200.00", "220000", "RUB", "2026-01-31", "charge", 2),
        (
            "00БП-000124/31.01.2026 12:30:00",
            "7701234567",
            "ООО Ромашка",
            "-1220.50",
            "-22009",
            "RUB",
            "2026-01-31",
            "credit_note",
            3,
        ),
    ]
    assert [(tally.lines, tally.unread) for tally in of.skipped] == [(1, 0)]


def test_each_key_of_a_preset_gives_way_to_the_blocks_own(tmp_path: Path) -> None:
    keys = "  format: 1c\n  encoding: utf-8\n  set: {category: software}\n  rename: {Назначение платежа: client_id}\n"
    (line, _) = read(source(tmp_path, keys + "  extract: {product_code: {column: Номер, pattern: '(^..)'}}\n", a=ONE_C),
                     "client_id", "client_name", "product_code")  # fmt: skip
    assert line == ("Оплата по счёту 5", "ООО Ромашка", "00")


@pytest.mark.parametrize("name", PRESETS)
def test_what_a_preset_says_stands_in_the_docs_key_by_key(name: str) -> None:
    page = text_of("docs/sources.md")
    for table, of in PRESETS[name].tables.items():
        block = re.search(rf"```yaml\n# format: {name}, {table}\n(.*?)```", page, flags=re.DOTALL)
        assert block, f"docs/sources.md has no block for {name}, {table}"
        said = parse_yaml(block[1], "docs").data
        assert isinstance(said, dict)
        assert said == {key: shown(key, value) for key, value in of.keys.items()}


def shown(key: str, value: object) -> object:
    """What the docs show of a key: of the currencies one stands for all."""
    if key == "map" and isinstance(value, dict) and "currency" in value:
        return {**value, "currency": {"usd": "USD"}}
    return value
