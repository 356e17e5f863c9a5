"""The sample vendor's billing: what each client is billed and pays in a month, one line per payment and product."""

from collections.abc import Iterator, Sequence
from itertools import count
from random import Random

from models.period import Period
from sample.clients import HARDWARE, SUBSCRIPTION, Client, Product
from sample.dirt import UNPAID, dirty_clients, spoil
from sample.line import Line

CURRENCY = "RUB"


def month_lines(clients: Sequence[Client], period: Period, seed: int, currency: str) -> Iterator[Line]:
    """Return the lines posted in a month, and those never paid, of a vendor that bills in this currency."""
    lines = _month_lines(clients, period, seed)
    if currency == CURRENCY:
        return lines
    # What was in another currency than ours stays so.
    return (line._replace(currency=currency if line.currency == CURRENCY else CURRENCY) for line in lines)


def _month_lines(clients: Sequence[Client], period: Period, seed: int) -> Iterator[Line]:
    """Yield each client's bill, clean or spoiled."""
    random = Random(f"{seed} billing {period}")
    numbers = count(1)
    owed, dirty = dirty_clients(clients, period.previous(), seed), dirty_clients(clients, period, seed)
    for client in clients:
        bill = _bill(client, period, random, numbers)
        if owed.get(client.number) == UNPAID:
            late = _line(client, SUBSCRIPTION, period.previous(), period, 1, random.randint(4, 26), numbers)
            bill.append(late.priced(_amount_minor(client, SUBSCRIPTION)))
        first, *others = bill
        if kind := dirty.get(client.number):
            yield from spoil(kind, first, period, lambda: _line_id(period, numbers))
        else:
            yield first
        yield from others


def _bill(client: Client, period: Period, random: Random, numbers: Iterator[int]) -> list[Line]:
    """One invoice: a tenth are paid in two parts, some have a telephone in them, some get money back."""
    issued, paid = random.randint(1, 3), random.randint(4, 20)
    payments = [(100, paid)] if random.randrange(10) else [(60, paid), (40, paid + 6)]
    products = client.products if random.randrange(25) else (*client.products, HARDWARE)
    lines = []
    for product in products:
        # The subscription is the same every month; the rest is by use.
        use = 100 if product is SUBSCRIPTION else random.randint(70, 130)
        for percent, day in payments:
            line = _line(client, product, period, period, issued, day, numbers)
            line = line.priced(_amount_minor(client, product) * use * percent // 10_000)
            # The billing does not always say how much VAT there is, only at which rate.
            lines.append(line._replace(vat_minor="") if line.line_id.endswith("0") else line)
    if random.randrange(20) == 0:
        refunded = lines[-1]
        note = refunded._replace(
            line_id=_line_id(period, numbers), kind="credit_note", refunds_line_id=refunded.line_id
        )
        lines.append(note.priced(-(int(refunded.amount_minor) // 2)))
    return lines


def _line(
    client: Client, product: Product, invoiced: Period, period: Period, issued: int, paid: int, numbers: Iterator[int]
) -> Line:
    """A charge on one month's invoice, paid in the same month or another and posted the day after; not yet priced."""
    return Line(
        line_id=_line_id(period, numbers),
        invoice_id=f"INV-{invoiced}-{client.number:06d}",
        client_id=client.client_id,
        client_name=client.name,
        product_code=product.code,
        category=product.category,
        quantity="1",
        amount_minor="",
        currency=CURRENCY,
        issued_on=f"{invoiced}-{issued:02d}",
        paid_on=f"{period}-{paid:02d}",
        kind="charge",
        posted_on=f"{period}-{paid + 1:02d}",
        vat_minor="",
        vat_rate="",
        refunds_line_id="",
    )


def _amount_minor(client: Client, product: Product) -> int:
    return client.size_minor * product.share // 100


def _line_id(period: Period, numbers: Iterator[int]) -> str:
    return f"L-{period}-{next(numbers):06d}"
