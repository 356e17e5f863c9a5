"""Looking at a database of billing that nobody has described yet: its tables, and the query that would read them."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnClause, Connection, Select, inspect, literal_column, make_url, select
from sqlalchemy import table as named_table
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchTableError

from models.errors import WrongUse
from models.money import minor_digits
from rules.sources.billing_query import TABLES, Found, billing_query, billing_tables
from rules.sources.proposing import propose_names
from rules.sources.table_query import DIALECTS, DayIs, table_query
from tasks.beginning.block import MUST_BE_TOLD, Answers, propose_block
from tasks.beginning.looking import MOST_ROWS, LookedAt
from tasks.sources.sql.read_only import VARIABLE, complaint, connected, shown
from tasks.sources.typed import texts

MOST_TABLES = 200
ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Query:
    """A query that reads the billing, the block of sources.yaml around it, and what was taken for what."""

    text: str
    block: dict[str, object]
    names: Mapping[str, str]  # ours -> theirs
    warnings: tuple[str, ...] = ()


def written_url(url: str) -> str:
    """Return the URL as sources.yaml shall have it. Raises WrongUse for a password that is written out."""
    if VARIABLE.fullmatch(url):
        return url
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise WrongUse(
            f"--from {shown(url)} is no database URL: write sqlite:///billing.db or postgresql://…"
        ) from None
    if parsed.password and not VARIABLE.fullmatch(str(parsed.password)):
        raise WrongUse(
            f"--from {shown(url)}: sources.yaml would hold the password. Put it into an environment variable, and "
            f"write '${{BILLING_PASSWORD}}' in its place, with SETTLE_SOURCE_VARIABLES=BILLING_PASSWORD."
        )
    if parsed.get_backend_name() == "sqlite" and parsed.database and not os.path.isabs(parsed.database):
        return str(parsed.set(database=str(Path(parsed.database).absolute())))
    return url


def look_at_database(url: str, answers: Answers, table: str = "") -> Query:
    """Look at the tables of a database, and return how they would be read. Raises WrongUse for what is not known."""
    with connected(Path.cwd(), url, "--from") as connection:
        dialect = connection.dialect.name
        if dialect not in DIALECTS:
            raise WrongUse(
                f"--from {shown(url)}: only SQLite and PostgreSQL are looked at; describe it in sources.yaml."
            )
        try:
            if table:
                return _of_table(_read(connection, table), table, answers, dialect)
            return _found(connection, url, answers)
        except (DBAPIError, NoSuchTableError) as error:
            raise WrongUse(
                f"--from {shown(url)}: {table or 'a table'} cannot be read: {complaint(error, url)}"
            ) from None


def _found(connection: Connection, url: str, answers: Answers) -> Query:
    """The query of the tables that hold the billing, told by their names and columns."""
    asked = inspect(connection)
    names = sorted([*asked.get_table_names(), *asked.get_view_names()])[:MOST_TABLES]
    headers: dict[str, Sequence[str]] = {}
    closed: dict[str, str] = {}
    for name in names:
        try:
            headers[name] = list(connection.execute(_all_of(name, 0)).keys())
        except DBAPIError as error:
            connection.rollback()
            closed[name] = complaint(error, url).splitlines()[0]
    unread = tuple(f"{name} cannot be read ({reason})." for name, reason in sorted(closed.items()))
    if needed := [name for name in closed if name.lower() in {each for names in TABLES.values() for each in names}]:
        raise WrongUse(
            f"--from {shown(url)}: {' '.join(unread)} Let its user read {', '.join(needed)}, or say --table."
        )
    if (tables := billing_tables(headers)) is not None:
        query = _of_tables(connection, tables, answers)
        return replace(query, warnings=(*query.warnings, *unread))
    flat = [name for name, header in headers.items() if _is_billing(header, answers.columns)]
    if len(flat) == 1:
        query = _of_table(_read(connection, flat[0]), flat[0], answers, connection.dialect.name)
        return replace(query, warnings=(*query.warnings, *unread))
    if flat:
        raise WrongUse(
            f"--from {shown(url)}: {' and '.join(flat)} could be the billing: say which by --table {flat[0]}."
        )
    there = "; ".join(f"{name} ({', '.join(header)})" for name, header in sorted(headers.items())) or "none"
    raise WrongUse(
        f"--from {shown(url)}: no table is billing by the names of its columns: say --table NAME, and which column is "
        f"which by --column. Its tables: {there}. {' '.join(unread)}".rstrip()
    )


def _is_billing(header: Sequence[str], chosen: Mapping[str, str]) -> bool:
    names = propose_names(header, {ours: theirs for ours, theirs in chosen.items() if theirs in header})
    return {*MUST_BE_TOLD} <= names.keys() and bool({"amount", "amount_minor"} & names.keys())


def _all_of(name: str, most: int) -> "Select[Any]":
    """Every column of a table, of so many rows; `schema.table` is a table of another schema."""
    schema, _, table = name.rpartition(".")
    every: ColumnClause[object] = literal_column("*")
    return select(every).select_from(named_table(table, schema=schema or None)).limit(most)


def _read(connection: Connection, table: str) -> tuple[list[str], list[tuple[object, ...]]]:
    result = connection.execute(_all_of(table, MOST_ROWS))
    return list(result.keys()), [tuple(row) for row in result]


def _of_table(read: tuple[list[str], list[tuple[object, ...]]], table: str, answers: Answers, dialect: str) -> Query:
    """The query of one table whose rows are billing lines."""
    header, rows = read
    if not rows:
        raise WrongUse(f"{table} has no rows, and what stands in its columns cannot be told: name another by --table.")
    by_column = dict(zip(header, zip(*rows, strict=True), strict=True))
    floating = [name for name, values in by_column.items() if any(isinstance(value, float) for value in values)]
    binary = [name for name, values in by_column.items() if any(isinstance(value, bytes) for value in values)]
    kept = [name for name in header if name not in binary]
    written = {name: _as_read(table, name, by_column[name], name in floating) for name in kept}
    looked = LookedAt(
        table, tuple(kept), tuple(tuple(value or "" for value in row) for row in zip(*written.values(), strict=True))
    )
    block, names = propose_block(looked, answers)
    day = names.get("posted_on", names["paid_on"])
    return Query(table_query(table, kept, floating, (day, _form(by_column[day])), dialect), block, names)


def _as_read(table: str, column: str, values: Sequence[object], is_floating: bool) -> Sequence[str | None]:
    """Return the values of a column as the query will give them."""
    if is_floating:
        return [None if value is None else str(value) for value in values]
    return texts(table, column, values, "UTC")


def _form(values: Sequence[object]) -> DayIs:
    given = [value for value in values if value is not None]
    if all(isinstance(value, datetime) for value in given):
        return DayIs.MOMENT
    if all(isinstance(value, date) for value in given):
        return DayIs.DATE
    is_iso = all(isinstance(value, str) and ISO.match(value) for value in given)
    return DayIs.ISO_TEXT if is_iso else DayIs.OTHER


def _of_tables(connection: Connection, tables: Mapping[str, Found], answers: Answers) -> Query:
    """The query of a normalised billing: invoices with lines, payments, refunds."""
    seen = {role: dict(zip(read[0], zip(*read[1], strict=True), strict=False))
            for role, found in tables.items() if (read := _read(connection, found.name))}  # fmt: skip

    def column(role: str, ours: str) -> Sequence[object]:
        theirs = tables[role].columns.get(ours)
        return () if theirs is None else seen[role].get(theirs, ())

    codes = {str(code).strip().upper() for code in column("invoices", "currency")} or {answers.currency}
    per_major = {10 ** minor_digits(code) for code in codes}
    if len(per_major) > 1:
        raise WrongUse(f"{', '.join(sorted(codes))} have different minor units: describe the database in sources.yaml.")
    days = {
        "payments": _form(column("payments", "posted_on") or column("payments", "paid_on")),
        "refunds": _form(column("refunds", "refunded_on")) if "refunds" in tables else DayIs.DATE,
    }
    written = [value for role, ours in (("payments", "paid_on"), ("payments", "posted_on"), ("invoices", "issued_on"),
               ("refunds", "refunded_on")) if role in tables for value in column(role, ours)]  # fmt: skip
    block: dict[str, object] = {}
    if any(isinstance(value, datetime) or (isinstance(value, str) and ":" in value) for value in written):
        block["timezone"] = answers.timezone
    rest = {} if "currency" in tables["invoices"].columns else {"currency": answers.currency}
    for ours, value in (("category", answers.category or "billing"), ("quantity", "1"), ("product_code", "-")):
        if ours not in tables["invoice_lines"].columns:
            rest[ours] = value
    block |= {"set": rest} if rest else {}
    (unit,) = per_major
    return Query(billing_query(tables, days, connection.dialect.name, unit), block, _taken(tables), _no_refunds(tables))


def _taken(tables: Mapping[str, Found]) -> dict[str, str]:
    """What is taken for what, for a person to read."""
    names: dict[str, str] = {}
    for found in tables.values():
        for ours, theirs in found.columns.items():
            names.setdefault(ours, f"{found.name}.{theirs}")
    paid = tables["payments"]
    shared = tables.get("allocations", paid)
    items = tables["invoice_lines"]
    names["line_id"] = f"{paid.name}.{paid.columns['payment_id']}, invoice and line"
    names["amount"] = f"{shared.name}.{shared.columns['amount']}, over {items.name}.{items.columns['amount']}"
    names.setdefault("kind", names.get("status", "payments and refunds"))
    return names


def _no_refunds(tables: Mapping[str, Found]) -> tuple[str, ...]:
    if "refunds" in tables:
        return ()
    return (f"{tables['payments'].name}: no table of refunds is there: what is given back otherwise stays paid for.",)
