"""What is wrong with the sample's billing: about one and a half lines in a hundred, as in life.

Every kind is there every month, on clients whose partner is clear, so that nothing but the dirt decides
what becomes of the line. Clients that nobody claimed, and hardware, come on top.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import cycle
from random import Random

from models.period import Period
from sample.clients import Client
from sample.line import Line

NewId = Callable[[], str]
Spoil = Callable[[Line, Period, NewId], tuple[Line, ...]]

UNPAID = "unpaid"
BEFORE_CLAIM = "paid before the claim"


def dirty_clients(clients: Sequence[Client], period: Period, seed: int) -> dict[int, str]:
    """Return which clients, by number, have something wrong on their bill this month, and what."""
    first_day = period.first_day
    settled_down = [client for client in clients if client.claimed_on and client.claimed_on < first_day]
    each = max(1, len(clients) * 5 // 950)
    unlucky = Random(f"{seed} dirt {period}").sample(settled_down, min(each * len(DIRT), len(settled_down)))
    dirty = {client.number: kind for client, kind in zip(unlucky, cycle(DIRT), strict=False)}
    new = (client for client in clients if client.claimed_on and Period.of(client.claimed_on) == period)
    return dirty | {client.number: BEFORE_CLAIM for client in new}


def spoil(kind: str, line: Line, period: Period, new_id: NewId) -> tuple[Line, ...]:
    """Return what stands in the file in place of a clean line of this month."""
    return _paid_before_the_claim(line, period, new_id) if kind == BEFORE_CLAIM else DIRT[kind](line, period, new_id)


def _amount(line: Line) -> int:
    return int(line.amount_minor)


def _paid_before_the_claim(line: Line, period: Period, new_id: NewId) -> tuple[Line, ...]:
    # Clients are claimed from the 10th on.
    return (line._replace(paid_on=f"{period}-08", posted_on=f"{period}-09"),)


def _late(line: Line, period: Period, new_id: NewId) -> tuple[Line, ...]:
    before = period.previous()
    late = line._replace(
        invoice_id=line.invoice_id.replace(str(period), str(before)),
        issued_on=f"{before}-25",
        paid_on=str(before.last_day),
        posted_on=f"{period}-01",
    )
    return (late.priced(_amount(line)),)


DIRT: Mapping[str, Spoil] = {
    "no client": lambda line, *_: (line._replace(client_id="", client_name=""),),
    "category without a rule": lambda line, *_: (line._replace(category="training", product_code="TRAINING"),),
    "other currency": lambda line, *_: (line._replace(currency="EUR").priced(_amount(line) // 100),),
    UNPAID: lambda line, *_: (line._replace(paid_on="", posted_on=""),),
    "bad date": lambda line, *_: (line._replace(paid_on="2026-02-30"),),
    "bad number": lambda line, *_: (line._replace(amount_minor="1 250"),),
    "unknown kind": lambda line, *_: (line._replace(kind="bonus"),),
    "positive credit note": lambda line, *_: (line._replace(kind="credit_note"),),
    "repeat": lambda line, *_: (line, line),
    "contradiction": lambda line, *_: (line, line.priced(_amount(line) + 1_000)),
    "look-alike": lambda line, _, new_id: (line, line._replace(line_id=new_id())),
    "late": _late,
    "negative charge": lambda line, *_: (line.priced(-_amount(line) // 10),),
}
