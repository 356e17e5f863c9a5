"""A history: a programme, its partners, and every billing line of up to twelve months, as one would write them down."""

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from models.period import Period
from tests.made.vendors import write_csv, write_vendor

Row = Mapping[str, Any]

COLUMNS = (
    "line_id", "invoice_id", "client_id", "client_name", "product_code", "category", "quantity", "amount_minor",
    "currency", "issued_on", "paid_on", "posted_on", "kind", "vat_rate", "refunds_line_id", "refunds_invoice_id",
    "discount_minor",
)  # fmt: skip


@dataclass(frozen=True)
class History:
    """What the vendor's folder says of some months. Dates are ISO text, amounts minor units."""

    programme: str
    partners: Sequence[Row]
    claims: Sequence[Row]
    lines: Sequence[Row]
    months: tuple[str, ...]
    assignments: Sequence[Row] = ()
    employees: Sequence[Row] = ()
    exclusions: Sequence[Row] = ()
    adjustments: Sequence[Row] = ()
    matches: Sequence[Row] = ()
    events: Sequence[Row] = ()

    @cached_property
    def written(self) -> dict[str, Any]:
        """The programme file as text in dictionaries."""
        found: dict[str, Any] = yaml.load(self.programme, Loader=yaml.BaseLoader)
        return found

    def posted_in(self, month: str) -> list[Row]:
        return [line for line in self.lines if posted_on(line)[:7] == month]

    def write(self, folder: Path) -> Path:
        """Write the vendor's folder, a billing file for each month."""
        write_vendor(folder, programme=self.programme, partners=self.partners, claims=self.claims)
        for month in self.months:
            write_csv(folder / "billing" / f"{month}.csv", self.posted_in(month), COLUMNS)
        for name, rows in (
            ("assignments", self.assignments), ("employees", self.employees), ("exclusions", self.exclusions),
            ("adjustments", self.adjustments), ("matches", self.matches), ("events", self.events),
        ):  # fmt: skip
            if rows:
                write_csv(folder / f"{name}.csv", rows)
        return folder


def posted_on(line: Row) -> str:
    """The day the books got a line: its own, else the day of payment."""
    return str(line["posted_on"] or line["paid_on"])


def months_from(first: str, count: int) -> tuple[str, ...]:
    start = Period.parse(first)
    return tuple(str(start.plus(number)) for number in range(count))


def last_day(month: str) -> str:
    year, number = map(int, month.split("-"))
    return f"{month}-{calendar.monthrange(year, number)[1]}"


def sale(line_id: str, client_id: str, amount_minor: int, paid_on: str | None, **others: Any) -> dict[str, Any]:
    """A payment for software, with what the test says differently."""
    return {
        "line_id": line_id,
        "invoice_id": f"I-{line_id}",
        "client_id": client_id,
        "client_name": client_id,
        "product_code": "SKU",
        "category": "software",
        "quantity": "1",
        "amount_minor": amount_minor,
        "currency": "RUB",
        "issued_on": paid_on or others.get("posted_on"),
        "paid_on": paid_on,
        "posted_on": None,
        "kind": "charge",
        "vat_rate": None,
        "refunds_line_id": None,
        "refunds_invoice_id": None,
        "discount_minor": None,
    } | others


def refund(line_id: str, of: Row, amount_minor: int, on: str, **others: Any) -> dict[str, Any]:
    """So much of a sale given back: `amount_minor` is above 0, the line's is below."""
    said = {"kind": "credit_note", "refunds_line_id": of["line_id"]}
    same = {name: of[name] for name in ("category", "product_code", "currency", "vat_rate")}
    return sale(line_id, of["client_id"], -amount_minor, on, **{**same, **said, **others})


def of_invoice(line: Row, invoice_id: str) -> dict[str, Any]:
    """A refund that names the invoice, and no line of it."""
    return {**line, "refunds_line_id": None, "refunds_invoice_id": invoice_id}


def naming(line: Row, line_id: str | None) -> dict[str, Any]:
    """A refund that names another line, or none."""
    return {**line, "refunds_line_id": line_id}


def set_off(line: Row) -> dict[str, Any]:
    """A refund that is set off against another invoice: it is in the books, and was never paid out."""
    return {**line, "paid_on": None, "posted_on": posted_on(line)}


def chargeback(line_id: str, of: Row, amount_minor: int, on: str, **others: Any) -> dict[str, Any]:
    """The client's bank took so much of a sale back."""
    return refund(line_id, of, amount_minor, on, kind="chargeback", **others)


def won(line_id: str, of: Row, amount_minor: int, on: str, **others: Any) -> dict[str, Any]:
    """So much of a chargeback came back to the vendor."""
    return refund(line_id, of, -amount_minor, on, kind="chargeback_won", **others)


def event(event_id: str, client_id: str, on: str, **others: Any) -> dict[str, Any]:
    """A lead of a client, with what the test says differently."""
    said = {"event_id": event_id, "client_id": client_id, "partner_id": "", "kind": "lead", "product_code": ""}
    return said | {"occurred_on": on, "cancels_event_id": "", "amount_minor": ""} | others


def cancelled(event_id: str, cancels: str, on: str) -> dict[str, Any]:
    """What cancels an event, and says nothing else."""
    return event(event_id, "", on, kind="", cancels_event_id=cancels)
