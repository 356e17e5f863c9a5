"""The query for a normalised billing database: payments and refunds, spread over the lines of their invoices.

Which table and column is which is told by its name. What a payment gives to the lines adds up to the payment, and what
the refunds of a payment take from its lines adds up to the refunds: both are laid end to end as scales of one length,
and a cell of their grid is the difference of four corners, each rounded once.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from rules.sources.proposing import NO_PAYMENT
from rules.sources.table_query import DayIs, column_name, quoted, window

TABLES: Final[Mapping[str, tuple[str, ...]]] = {
    "invoices": ("invoices", "bills"),
    "invoice_lines": ("invoice_lines", "invoice_items", "invoice_line_items", "line_items", "bill_lines"),
    "payments": ("payments", "charges", "receipts"),
    "allocations": ("allocations", "payment_allocations", "invoice_payments"),
    "refunds": ("refunds", "payment_refunds"),
    "clients": ("clients", "customers", "accounts"),
}
"""The tables, and what they are called; those of OPTIONAL may be missing."""

OPTIONAL: Final = ("allocations", "refunds", "clients")

AMOUNTS: Final = ("amount_minor", "amount_cents", "amount")
COLUMNS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "invoices": {
        "invoice_id": ("invoice_id", "id"),
        "client_id": ("client_id", "customer_id", "account_id"),
        "currency": ("currency", "currency_code"),
        "issued_on": ("issued_on", "issued_at", "invoice_date", "created_at"),
        "kind": ("kind",),
    },
    "invoice_lines": {
        "invoice_id": ("invoice_id", "bill_id"),
        "position": ("position", "line_no", "line_number", "invoice_line_id", "id"),
        "product_code": ("product_code", "product", "sku", "product_id"),
        "category": ("category", "product_category"),
        "quantity": ("quantity", "qty"),
        "vat_rate": ("vat_rate", "tax_rate"),
        "amount": AMOUNTS,
    },
    "payments": {
        "payment_id": ("payment_id", "id"),
        "invoice_id": ("invoice_id", "bill_id"),
        "amount": AMOUNTS,
        "paid_on": ("paid_on", "paid_at", "payment_date", "received_on", "created_at"),
        "posted_on": ("posted_on", "posted_at", "booked_on"),
        "status": ("status", "state"),
    },
    "allocations": {
        "payment_id": ("payment_id",),
        "invoice_id": ("invoice_id", "bill_id"),
        "amount": AMOUNTS,
    },
    "refunds": {
        "refund_id": ("refund_id", "id"),
        "payment_id": ("payment_id", "charge_id"),
        "amount": AMOUNTS,
        "refunded_on": ("refunded_on", "refunded_at", "refund_date", "created_at"),
        "status": ("status", "state"),
    },
    "clients": {
        "client_id": ("client_id", "customer_id", "account_id", "id"),
        "client_name": ("name", "client_name", "company", "title"),
    },
}
"""By table: what a column is here, and what it is called there."""

MAY_LACK: Final = {
    "invoices": ("currency", "kind"),
    "invoice_lines": ("product_code", "category", "quantity", "vat_rate"),
    "payments": ("posted_on", "status"),
    "refunds": ("status",),
}


class Found(NamedTuple):
    """A table of the database: its name, and its own columns by what they are here."""

    name: str
    columns: Mapping[str, str]


def billing_tables(found: Mapping[str, Sequence[str]]) -> dict[str, Found] | None:
    """Return which tables, given with their columns, are those of a normalised billing; None: they are not.

    >>> billing_tables({"payments": ["id", "amount"]}) is None
    True
    """
    by_small = {name.rpartition(".")[2].lower(): name for name in found}
    tables: dict[str, Found] = {}
    for role, names in TABLES.items():
        there = next((by_small[name] for name in names if name in by_small), None)
        if there is None:
            continue
        theirs = {column.lower(): column for column in found[there]}
        columns = {
            ours: next(theirs[name] for name in called if name in theirs)
            for ours, called in COLUMNS[role].items()
            if any(name in theirs for name in called)
        }
        needed = {*COLUMNS[role]} - {*MAY_LACK.get(role, ())}
        if role == "payments" and "allocations" in by_small:
            needed -= {"amount", "invoice_id"}
        if needed <= columns.keys():
            tables[role] = Found(there, columns)
        elif role not in OPTIONAL:
            return None
    if not {*TABLES} - {*OPTIONAL} <= tables.keys():
        return None
    return tables if "allocations" in tables or "invoice_id" in tables["payments"].columns else None


def minor_units(column: str, per_major: int) -> str:
    """Return an amount in whole minor units; null, so that the line is rejected and seen, where it is not whole.

    >>> minor_units("amount_minor", 100)
    'cast("amount_minor" as bigint)'
    """
    name = column_name(column)
    if column.lower().endswith(("_minor", "_cents")):
        return f"cast({name} as bigint)"
    whole = f"round({name} * {per_major})"
    return f"case when abs({whole} - {name} * {per_major}) < 0.0001 then cast({whole} as bigint) end"


def billing_query(tables: Mapping[str, Found], days: Mapping[str, DayIs], dialect: str, per_major: int) -> str:
    """Return the query that gives what was paid and given back, line by line of the invoices.

    `days` has, for payments and refunds, how the day is written that decides which month they are of.
    """
    is_posted = "posted_on" in tables["payments"].columns
    names = ("refund_id", "payment_id", "amount", "refunded_on", "status")
    blocks = [
        _block("invoice", tables["invoices"], ("invoice_id", "client_id", "currency", "issued_on", "kind"), per_major),
        _block("item", tables["invoice_lines"], tuple(COLUMNS["invoice_lines"]), per_major),
        *_payment(tables, is_posted, per_major),
        *(
            [_block("client", tables["clients"], ("client_id", "client_name"), per_major)]
            if "clients" in tables
            else []
        ),
        *([_block("refund", tables["refunds"], names, per_major)] if "refunds" in tables else []),
    ]
    posted = "posted_on" if is_posted else "paid_on"
    parts = {
        "client_name": "client.client_name" if "clients" in tables else "invoice.client_id",
        "join": "\n    left join client on client.client_id = invoice.client_id" if "clients" in tables else "",
        "posted": posted,
        "posted_of_payment": "\n        paid.posted_on," if is_posted else "",
        "posted_of_line": "\n    posted_on," if is_posted else "",
        "posted_of_refund": "\n    null," if is_posted else "",
        "is_paid": ", ".join(f"'{word}'" for word in PAID_WORDS),
        "paid_window": window(posted, days["payments"], dialect),
    }
    query = "with " + ",\n".join(blocks) + ",\n" + SPREAD.format_map(parts)
    if "refunds" not in tables:
        return query + PAID.format_map(parts)
    parts["refund_window"] = window("refunded_on", days["refunds"], dialect)
    return query + ",\n" + GIVEN_BACK + PAID.format_map(parts) + "union all\n" + REFUNDED.format_map(parts)


def _block(name: str, table: Found, columns: Sequence[str], per_major: int) -> str:
    """A table of the vendor by our names; null is what it does not have."""
    listed = ",\n        ".join(_column(ours, table.columns.get(ours), per_major) for ours in columns)
    where = ""
    if "status" in columns and "status" in table.columns:
        words = ", ".join(f"'{word}'" for word in NO_PAYMENT)
        where = f"\n    where lower(coalesce({column_name(table.columns['status'])}, '')) not in ({words})"
    return f"{name} as (\n    select\n        {listed}\n    from {quoted(table.name)}{where}\n)"


def _column(ours: str, theirs: str | None, per_major: int) -> str:
    if ours == "amount":
        return f"{minor_units(theirs or '', per_major)} as amount_minor"
    if theirs is None:
        return f"cast(null as varchar(40)) as {ours}"
    if ours == "vat_rate":
        return f"cast({column_name(theirs)} as varchar(20)) as vat_rate"
    return f"{column_name(theirs)} as {ours}" if theirs != ours else ours


def _payment(tables: Mapping[str, Found], is_posted: bool, per_major: int) -> list[str]:
    """Payments with the invoice each is of: by allocations where there are any."""
    days = ("paid_on", "posted_on") if is_posted else ("paid_on",)
    if "allocations" not in tables:
        return [
            _block("payment", tables["payments"], ("payment_id", "invoice_id", "amount", *days, "status"), per_major)
        ]
    return [
        _block("received", tables["payments"], ("payment_id", *days, "status"), per_major),
        _block("allocation", tables["allocations"], ("payment_id", "invoice_id", "amount"), per_major),
        ALLOCATED.format(days=", ".join(days)),
    ]


PAID_WORDS: Final = ("", "paid", "succeeded", "success", "completed", "settled", "refunded", "partially_refunded")
"""What a payment's status says of one that came in. Any other is passed on as a kind, rejected, and so seen."""

ALLOCATED: Final = """\
payment as (
    select payment_id, invoice_id, amount_minor, {days}, status
    from allocation
    join received using (payment_id)
)"""

SPREAD: Final = """\
line as (
    select
        *,
        cast(sum(amount_minor) over (partition by invoice_id order by position) as bigint) as ends_at,
        -- null where a line is no whole number, or all of them come to nothing: then each is rejected, and seen
        case
            when count(*) over (partition by invoice_id) = count(amount_minor) over (partition by invoice_id)
            then nullif(cast(sum(amount_minor) over (partition by invoice_id) as bigint), 0)
        end as invoice_minor
    from item
),
paid as (
    select
        *,
        cast(sum(amount_minor) over (partition by invoice_id order by {posted}, payment_id) as bigint) as ends_at
    from payment
),
cell as (
    select
        paid.payment_id || '/' || coalesce(cast(paid.invoice_id as varchar(40)), '') || '/'
            || coalesce(cast(line.position as varchar(40)), '') as line_id,
        paid.payment_id,
        paid.invoice_id,
        line.position,
        invoice.client_id,
        {client_name} as client_name,
        line.product_code,
        line.category,
        line.quantity,
        line.vat_rate,
        case
            when line.invoice_id is null or paid.amount_minor = 0 then paid.amount_minor
            else paid.ends_at * line.ends_at / line.invoice_minor
                - (paid.ends_at - paid.amount_minor) * line.ends_at / line.invoice_minor
                - paid.ends_at * (line.ends_at - line.amount_minor) / line.invoice_minor
                + (paid.ends_at - paid.amount_minor) * (line.ends_at - line.amount_minor) / line.invoice_minor
        end as amount_minor,
        invoice.currency,
        invoice.issued_on,
        paid.paid_on,{posted_of_payment}
        paid.status,
        invoice.kind
    from paid
    left join invoice on invoice.invoice_id = paid.invoice_id
    left join line on line.invoice_id = paid.invoice_id{join}
)"""

GIVEN_BACK: Final = """\
share as (
    select
        *,
        cast(sum(amount_minor) over (partition by payment_id order by invoice_id, position) as bigint) as ends_at,
        nullif(cast(sum(amount_minor) over (partition by payment_id) as bigint), 0) as payment_minor
    from cell
),
back as (
    select
        *,
        cast(sum(amount_minor) over (partition by payment_id order by refunded_on, refund_id) as bigint) as ends_at
    from refund
)"""

PAID: Final = """
select
    line_id,
    invoice_id,
    client_id,
    client_name,
    product_code,
    category,
    quantity,
    amount_minor,
    currency,
    issued_on,
    paid_on,{posted_of_line}
    case
        when amount_minor < 0 then coalesce(kind, 'credit_note')
        when lower(coalesce(status, '')) in ({is_paid}) then coalesce(kind, 'charge')
        else status
    end as kind,
    vat_rate,
    null as refunds_line_id
from cell
where {paid_window}
"""

REFUNDED: Final = """\
select
    'refund/' || back.refund_id || '/' || coalesce(share.line_id, ''),
    share.invoice_id,
    share.client_id,
    share.client_name,
    share.product_code,
    share.category,
    share.quantity,
    case
        when share.line_id is null then -back.amount_minor
        else (back.ends_at - back.amount_minor) * share.ends_at / share.payment_minor
            - back.ends_at * share.ends_at / share.payment_minor
            + back.ends_at * (share.ends_at - share.amount_minor) / share.payment_minor
            - (back.ends_at - back.amount_minor) * (share.ends_at - share.amount_minor) / share.payment_minor
    end,
    share.currency,
    share.issued_on,
    back.refunded_on,{posted_of_refund}
    'credit_note',
    share.vat_rate,
    share.line_id
from back
left join share on share.payment_id = back.payment_id
where {refund_window}
"""
