"""Promo codes on the sample vendor's bills: what they took off the price of each line."""

import re
from collections.abc import Collection, Iterable, Iterator

from sample.clients import Client
from sample.line import Line

CODE = "WELCOME10"
"""It takes off a tenth: who paid 90.00 would have paid 100.00, so the discount is a ninth of what was paid."""


def with_codes(lines: Iterable[Line], clients: Iterable[Client], *, net: bool) -> Iterator[Line]:
    """Yield the lines; those of one client in ten were bought with a code. `net`: discounts are told without VAT."""
    lucky = {client.client_id for client in clients if client.shows_all or client.number % 10 == 0}
    for line in lines:
        yield _discounted(line, net) if _may_have_one(line, lucky) else line


def _may_have_one(line: Line, lucky: Collection[str]) -> bool:
    return line.client_id in lucky and re.fullmatch(r"-?[0-9]+", line.amount_minor) is not None


def _discounted(line: Line, net: bool) -> Line:
    """A refund gives back its part of the discount too."""
    amount_minor = int(line.amount_minor)
    parts = 9 * (100 + int(line.vat_rate)) if net else 900
    discount_minor = abs(amount_minor) * 100 // parts
    return line._replace(discount_minor=str(discount_minor if amount_minor >= 0 else -discount_minor), promo_code=CODE)
