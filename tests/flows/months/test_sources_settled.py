"""Exports as their users have them, settled from a folder that has nothing else of ours: the figures are by hand."""

from collections.abc import Callable
from pathlib import Path

import pytest

from flows.result import Ending
from tasks.auditing.verify import Archive
from tasks.storage.directory import DirectoryStore
from tasks.verify import verify
from tests.made.vendors import settle
from tests.tasks.sources.test_sources_workbooks import HEADER, line, workbook

PROGRAMME = """\
programme: agents
starts: 2026-01
currency: {currency}
timezone: {timezone}
base: {base}
refunds: original_rate
plans:
  agent:
    from: 2026-01
    earn:
      software: {{plan: percentage, categories: [software], rate: 10%}}
    payout: {{minimum: 1.00}}
"""
PAYMENTS = """\
id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Description,Fee,Status,Customer ID,Customer Email
ch_1,2026-02-01 04:30:00,120.00,0.00,usd,true,Pro plan,3.78,Paid,cus_A,ann@example.com
ch_2,2026-01-20 10:00:00,50.00,50.00,usd,true,Pro plan,1.75,Refunded,cus_B,bo@example.com
ch_3,2026-01-21 10:00:00,99.00,0.00,usd,false,Pro plan,0.00,Failed,cus_B,bo@example.com
ch_4,2026-02-01 05:30:00,1000.00,0.00,usd,true,Pro plan,29.30,Paid,cus_A,ann@example.com
"""
REFUNDS = """\
id,Amount,Charge ID,Created (UTC),Currency,Reason,Status
re_1,20.00,ch_2,2026-01-25 10:00:00,usd,requested_by_customer,succeeded
re_2,30.00,ch_2,2026-02-15 10:00:00,usd,requested_by_customer,succeeded
"""
REGISTER = """\
Дата;Номер;Вид операции;Контрагент;ИНН;Сумма;Сумма НДС;Назначение платежа
15.01.2026;00БП-000123;Оплата от покупателя;ООО Ромашка;7701234567;12 200,00;2 200,00;Оплата по счёту 5
31.01.2026 12:30:00;00БП-000124;Возврат покупателю;ООО Ромашка;7701234567;1 220,00;220,00;Возврат
Итого;;;;;10 980,00;1 980,00;
"""


def stripe(folder: Path) -> None:
    (folder / "payments.csv").write_text(PAYMENTS)
    (folder / "refunds.csv").write_text(REFUNDS)


def one_c(folder: Path) -> None:
    (folder / "register.csv").write_bytes(REGISTER.encode("windows-1251"))


def sheet(folder: Path) -> None:
    rows = [
        ["Payments of January"],
        HEADER,
        line(client_id="C1", amount=1000.5),
        line(line_id="L2", client_id="C1", amount=-0.5, kind="credit_note"),
        ["Total", *[None] * 6, 1000],
    ]
    workbook(folder / "january.xlsx", Payments=rows, Notes=[["paid late"]])


@pytest.mark.parametrize(
    ("exported", "keys", "terms", "client", "months"),
    [
        # 120.00 of 23:30 on 31 January in New York, 50.00 and 20.00 back; then 1 000.00, and 30.00 back of January's.
        (stripe, "format: stripe\n  timezone: America/New_York", ("USD", "America/New_York", "gross"), "cus_A,cus_B",
         {"2026-01": (1500, 1, 9900), "2026-02": (9700, 1, 9900)}),
        # 10 000.00 net of VAT, and 1 000.00 back.
        (one_c, "format: 1c", ("RUB", "Europe/Moscow", "net_of_vat"), "7701234567", {"2026-01": (90000, 1, 1098000)}),
        # 1 000.50 - 0.50; the total has no currency, so what it comes to is not known.
        (sheet, "sheet: Payments\n  header_row: 2\n  skip_where: {line_id: Total}", ("RUB", "Europe/Moscow", "gross"),
         "C1", {"2026-01": (10000, 1, 0)}),
    ],
)  # fmt: skip
def test_an_export_is_settled_as_it_is(
    tmp_path: Path,
    exported: Callable[[Path], None],
    keys: str,
    terms: tuple[str, str, str],
    client: str,
    months: dict[str, tuple[int, int, int]],
) -> None:
    vendor = tmp_path / "vendor"
    (vendor / "billing").mkdir(parents=True)
    exported(vendor / "billing")
    currency, timezone, base = terms
    (vendor / "programme.yaml").write_text(PROGRAMME.format(currency=currency, timezone=timezone, base=base))
    (vendor / "partners.csv").write_text("partner_id,name,plan,from\nP1,Ann,agent,2026-01\n")
    claims = "".join(f"{each},P1,2026-01-01\n" for each in client.split(","))
    (vendor / "claims.csv").write_text(f"client_id,partner_id,claimed_on\n{claims}")
    constants = "" if "sheet:" in keys else "  set: {category: software}\n"
    (vendor / "sources.yaml").write_text(f"billing:\n- files: [billing/*]\n  {keys}\n{constants}", encoding="utf-8")
    for result in settle(tmp_path / "home", vendor, *months):
        assert result.ending is Ending.CLOSED
        (skipped,) = (tally for tally in result.figures.tallies if tally.outcome == "skipped")
        assert (result.figures.to_pay_minor, skipped.lines, skipped.amount_minor) == months[str(result.period)]
    # A refund of an export may name no client: whose it is follows from its sale, and the archive proves itself so.
    archive = tmp_path / "home/archive"
    assert verify(DirectoryStore(archive)).holds
    alone = Archive(archive)
    assert alone.verify() == len(months)
    assert not [each for each in alone.findings if each[0] == "error"]
