"""Exports that nobody can guess, described in sources.yaml by its page, and settled by commands from an empty folder."""

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from cli.main import app

PROGRAMME = """\
programme: shop
starts: 2026-01
currency: RUB
timezone: Europe/Moscow
base: gross
plans:
  standard:
    from: 2026-01
    earn:
      software: {plan: percentage, categories: [software], rate: 10%}
"""


class Described(NamedTuple):
    """An export, the block that describes it, and what partner ana gets of client 7701234567, in minor units."""

    export: str
    block: str
    to_pay_minor: int
    files: dict[str, str] = {}  # noqa: RUF012  # a tuple of literals, never changed


CASES = {
    # 1 234.50 - 234.50 at 10 %
    "what is billed in one column and given back in another": Described(
        "No;Client;Date;Debit;Credit\nA1;7701234567;10.01.2026;1 234,50;\nA2;7701234567;11.01.2026;;234,50\n"
        "Total;;;1 234,50;234,50\n",
        """\
    delimiter: ";"
    decimal: ","
    thousands: " "
    dates: DD.MM.YYYY
    amount_from: {plus: Debit, minus: Credit}
    kind_by_sign: yes
    skip_where: {No: Total}
    rename: {No: [line_id, invoice_id], Client: [client_id, client_name], Date: [issued_on, paid_on]}
    set: {category: software, currency: RUB, quantity: 1, product_code: ""}
""",
        10_000,
    ),
    # The client stands in words: 1 000.00 of this one at 10 %, and 500.00 of another.
    "a client in the purpose of a payment, a currency behind the amount": Described(
        "Date;Number;Purpose;Amount\n10.01.2026;1;Оплата, ИНН 7701234567, за АТС;1 000,00 руб.\n"
        "11.01.2026;2;Оплата, ИНН 7709876543;500,00 руб.\n",
        """\
    delimiter: ";"
    decimal: ","
    thousands: " "
    dates: DD.MM.YYYY
    currency_signs: {руб.: RUB}
    kind_by_sign: yes
    extract: {client_id: {column: Purpose, pattern: "ИНН ([0-9]{10,12})"}}
    join: {line_id: [Date, Number]}
    rename: {Number: invoice_id, Date: [issued_on, paid_on], Purpose: client_name, Amount: amount}
    set: {category: software, currency: "", quantity: 1, product_code: ""}
""",
        10_000,
    ),
    # 700.00 of what the table calls software at 10 %; the phone earns nothing.
    "a category from a table of products": Described(
        "id,client,sku,paid,amount\nP1,7701234567,CRM-1,2026-01-10,700.00\nP2,7701234567,PHONE,2026-01-10,300.00\n",
        """\
    kind_by_sign: yes
    lookup: {category: {by: product_code, table: products.csv}}
    rename: {id: [line_id, invoice_id], client: [client_id, client_name], sku: product_code, paid: [issued_on, paid_on]}
    set: {currency: RUB, quantity: 1}
""",
        7_000,
        {"products.csv": "product_code,category\nCRM-1,software\nPHONE,hardware\n"},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_an_export_is_settled_as_sources_yaml_describes_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    described, vendor = CASES[name], tmp_path / "vendor"
    monkeypatch.setenv("SETTLE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SETTLE_APPROVAL", raising=False)
    written = {
        "programme.yaml": PROGRAMME,
        "partners.csv": "partner_id,name,plan,from\nana,Ana Ltd,standard,2026-01\n",
        "claims.csv": "claim_id,client_id,partner_id,claimed_on\nK1,7701234567,ana,2025-12-01\n",
        "sources.yaml": f"billing:\n  - files: [billing/*.csv]\n{described.block}",
        "billing/january.csv": described.export,
        **described.files,
    }
    (vendor / "billing").mkdir(parents=True)
    for file, text in written.items():
        (vendor / file).write_text(text)
    app(["run", "2026-01", "--from", str(vendor)], standalone_mode=False)
    (statement,) = (tmp_path / "home" / "archive").rglob("statement.json")
    assert json.loads(statement.read_bytes())["summary"]["to_pay_minor"] == described.to_pay_minor
