"""A month's commissions by hand in a loop over the rows of an ORM session, on SQLite: one line after another."""

import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq
from sqlalchemy import insert
from sqlalchemy.orm import registry
from sqlmodel import Field, Session, SQLModel, create_engine, select

from benchmarks.by_hand.contract import (
    CURRENCY,
    FIRST_DAY,
    GIVE_BACK,
    KINDS,
    LAST_DAY,
    SOFTWARE,
    TELEPHONY,
    Sums,
    billing_of,
    commissions,
    terms_of,
)


class Table(SQLModel, registry=registry()):
    """Tables of this loop alone: the product's schema does not know them."""


class Line(Table, table=True):
    """A billing line as it was sent."""

    place: int = Field(primary_key=True)
    line_id: str | None
    invoice_id: str | None
    client_id: str | None
    client_name: str | None
    product_code: str | None
    category: str | None
    quantity: str | None
    amount_minor: str | None
    currency: str | None
    issued_on: str | None
    paid_on: str | None
    kind: str | None
    posted_on: str | None
    vat_minor: str | None
    vat_rate: str | None
    refunds_line_id: str | None

    @property
    def content(self) -> tuple[object, ...]:
        """All that was sent."""
        return tuple(value for name, value in self.model_dump().items() if name != "place")


class Client(Table, table=True):
    """A client of a partner, and since when the partner earns."""

    client_id: str = Field(primary_key=True)
    partner_id: str
    since: date


def commissions_of(vendor: Path, run: Callable[..., Any]) -> dict[str, int]:
    """Return the month's commission of each partner in kopecks; `run(name, function, *arguments)` runs a step.

    The lines are in the database before the first step begins.
    """
    with TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{folder}/billing.db")
        Table.metadata.create_all(engine)
        with Session(engine) as session:
            _load(session, vendor)
            left_out = run("read and leave out", _left_out, session)
            sums = run("attribute and calculate", _calculate, session, left_out)
        engine.dispose()
        return commissions(sums, terms_of(vendor))


def _load(session: Session, vendor: Path) -> None:
    lines = pq.read_table(billing_of(vendor)).to_pylist()
    session.connection().execute(insert(Line), [{"place": place, **line} for place, line in enumerate(lines)])
    terms = terms_of(vendor)
    clients: dict[str, dict[str, object]] = {}
    with (vendor / "claims.csv").open(encoding="utf-8", newline="") as file:
        for claim in sorted(csv.DictReader(file), key=lambda claim: (claim["claimed_on"], claim["claim_id"])):
            claimed_on, partner = date.fromisoformat(claim["claimed_on"]), terms.get(claim["partner_id"])
            if claimed_on <= LAST_DAY and partner:
                since = max(claimed_on, partner.first_day)
                bond = {"client_id": claim["client_id"], "partner_id": claim["partner_id"], "since": since}
                clients.setdefault(claim["client_id"], bond)
    session.connection().execute(insert(Client), list(clients.values()))
    session.commit()


def _every_line(session: Session) -> Iterator[Line]:
    return iter(session.exec(select(Line).order_by("place").execution_options(yield_per=1_000)))


def _left_out(session: Session) -> set[int]:
    """The places of the lines that cannot be read, repeat one before them, or contradict another."""
    left_out, copies = set[int](), defaultdict[object, list[Line]](list)
    for line in _every_line(session):
        copies[line.line_id, line.paid_on is None].append(line)
        if not _is_readable(line):
            left_out.add(line.place)
    for first, *others in copies.values():
        if others:
            is_repeat = {line.content for line in others} == {first.content}
            left_out |= {line.place for line in (others if is_repeat else (first, *others))}
    return left_out


def _is_readable(line: Line) -> bool:
    try:
        amount_minor = _whole(line.amount_minor)
        vat = _whole(line.vat_minor or line.vat_rate)
        for day in (line.issued_on, line.paid_on, line.posted_on):
            _day(day)
    except ValueError:
        return False
    if amount_minor is None or vat is None or not line.line_id or not line.invoice_id or line.kind not in KINDS:
        return False
    return amount_minor <= 0 or line.kind not in GIVE_BACK


def _whole(text: str | None) -> int | None:
    if text is not None and not text.lstrip("+-").isdigit():
        raise ValueError(text)
    return None if text is None else int(text)


def _day(text: str | None) -> date | None:
    if text is not None and len(text) != 10:
        raise ValueError(text)
    return None if text is None else date.fromisoformat(text)


def _calculate(session: Session, left_out: set[int]) -> list[Sums]:
    given_back = Counter[tuple[str, str]]()
    for line in _every_line(session):
        if line.place not in left_out and _counts(line) and _is_refund(line):
            given_back[line.refunds_line_id or "", line.client_id or ""] -= int(line.amount_minor or "")
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for line in _every_line(session):
        if line.place in left_out or line.client_id is None or not _counts(line) or _is_refund(line):
            continue
        client, paid_on = session.get(Client, line.client_id), _day(line.paid_on)
        if client is None or paid_on is None or paid_on < client.since:
            continue
        base_minor = _net_minor(line, given_back[line.line_id or "", line.client_id])
        of = sums[client.partner_id]
        of[0] += base_minor if line.category in SOFTWARE else 0
        of[1] += base_minor if line.category in TELEPHONY else 0
        of[2] += base_minor
    return [Sums(partner_id, *figures) for partner_id, figures in sums.items()]


def _counts(line: Line) -> bool:
    posted_on = _day(line.posted_on or line.paid_on)
    return line.currency == CURRENCY and posted_on is not None and FIRST_DAY <= posted_on <= LAST_DAY


def _is_refund(line: Line) -> bool:
    return line.refunds_line_id is not None and int(line.amount_minor or "") < 0


def _net_minor(line: Line, given_minor: int) -> int:
    """What a line comes to net of VAT, less its part of what was given back."""
    amount = int(line.amount_minor or "")
    rate = int(line.vat_rate or 0)
    by_rate = (2 * abs(amount) * rate + 100 + rate) // (2 * (100 + rate))
    vat = int(line.vat_minor) if line.vat_minor is not None else by_rate if amount >= 0 else -by_rate
    net = amount - vat
    if given_minor and amount > 0:
        return (2 * net * max(amount - given_minor, 0) + amount) // (2 * amount)
    return net
