"""Refunds: which sale each one gives back, and how much of it: in the order they were posted, and each sale once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Literal, NamedTuple

from models.billing import CHARGEBACK, CHARGEBACK_WON
from rules.money import allocate, half_away

RefundPolicy = Literal["original_rate", "net_current", "restate"]
"""`original_rate`: a refund takes back what its sale earned. `net_current`: it lowers the month it is posted in.

`restate`: the month of its sale is worked out again with the refund in it, and the difference is taken back.
"""


class Sale(NamedTuple):
    """A line that a refund may give back. Amounts are minor units."""

    line_id: str
    month: str  # the month that settled it, or ended it for good; blank: it is among this month's lines
    invoice_id: str
    client_id: str
    currency: str
    amount_minor: int
    is_paid: bool = True
    may_have_earned: bool = True  # False: it ended without earning anybody anything
    alike: tuple[object, ...] = ()  # what its rule is found by: lines of an invoice that agree in it are judged alike


class Refund(NamedTuple):
    """A line that names what it gives back; of a chargeback that was won, the chargeback."""

    line_id: str
    sale_id: str  # blank where it names an invoice
    invoice_id: str
    client_id: str  # blank: that of its sale
    currency: str
    posted_on: date
    amount_minor: int  # below 0; of a chargeback that was won, above
    kind: str


class Return(NamedTuple):
    """What one refund took of one sale."""

    refund_id: str
    sale_id: str
    sale_month: str  # blank: this month
    gross_minor: int  # below 0 where it gives the sale again
    excess_minor: int
    sale_minor: int
    left_minor: int
    posted_on: str = ""
    undoes: str = ""  # the chargeback that was won; blank for a refund
    kind: str = ""  # of the line that gives it back; blank where an earlier version kept it


def given_back_minor(value_minor: int, gross_minor: int, left_minor: int, sale_minor: int) -> int:
    """Return what of a value of a sale goes with what is taken of it; all its parts add up to the value.

    `left_minor` of `sale_minor` are left after `gross_minor` were taken.

    >>> [given_back_minor(100, 333, left, 999) for left in (666, 333, 0)]
    [33, 34, 33]
    """
    left = [half_away(Fraction(value_minor * part, sale_minor)) for part in (left_minor + gross_minor, left_minor)]
    return left[0] - left[1]


class Fate(StrEnum):
    """What a refund's reference makes of it."""

    AS_SALE = "as its sale"  # judged as the sale is: both are this month's
    LOWERS = "lowers its month"  # judged by itself: a payment below zero
    CLAWBACK = "clawback"  # takes back what an earlier month earned
    EARNED_NOTHING = "earned nothing"
    ALREADY = "refunded already"
    NO_SALE = "no sale"
    UNPAID = "sale not paid"


class Decided(NamedTuple):
    """What becomes of a refund that names a sale."""

    refund: Refund
    fate: Fate
    takes_minor: int = 0  # of the sales it names, together
    as_sale: str = ""  # the sale it is judged as
    taken_by: str = ""  # the line that took the sale before it


def give_back(
    refunds: Iterable[Refund], sales: Iterable[Sale], before: Iterable[Return] = (), *, nets: bool = False
) -> tuple[list[Decided], list[Return]]:
    """Decide every refund, in the order of their days of posting, then of their ids; and what each took of which sale.

    `before` is what the refunds of earlier months took. A refund takes what is left of its sale: 600.00 given back
    of 1 000.00 and then 600.00 again takes 600.00, and 400.00 with an excess of 200.00. Where nothing is left it takes
    nothing, and says which line took it. Where it names an invoice, it is shared over the invoice's lines by what is
    left of each. A chargeback that was won gives again what that chargeback took.

    `nets`: a refund of an earlier month's sale lowers the month it is posted in, so one that names an invoice waits for
    none of its lines that settle in another month, or by another rule: its fate is LOWERS.
    """
    giving = _GivingBack(sales, before, nets=nets)
    # What was won is won of a chargeback, so on one day it comes after it.
    ordered = sorted(refunds, key=lambda each: (each.posted_on, each.kind == CHARGEBACK_WON, each.line_id))
    decided = [giving.decide(refund) for refund in ordered]
    return decided, giving.returns


class _GivingBack:
    """What is left of every sale, and who took the rest."""

    def __init__(self, sales: Iterable[Sale], before: Iterable[Return], *, nets: bool) -> None:
        self.nets = nets
        self.sales = {sale.line_id: sale for sale in sales}
        self.of_invoice: dict[str, list[Sale]] = defaultdict(list)
        for sale in sorted(self.sales.values()):
            if sale.amount_minor > 0:
                self.of_invoice[sale.invoice_id].append(sale)
        self.left = {sale.line_id: sale.amount_minor for sale in self.sales.values()}
        self.taken_by: dict[str, str] = {}
        self.took: dict[str, dict[str, int]] = defaultdict(dict)  # refund -> sale -> what it took, less what was won
        for each in before:
            self._note(each)
        self.returns: list[Return] = []

    def decide(self, refund: Refund) -> Decided:
        if refund.kind == CHARGEBACK_WON:
            return self._win(refund)
        named = self._named(refund)
        if not named:
            return Decided(refund, Fate.NO_SALE)
        left = {sale.line_id: self.left[sale.line_id] for sale in named if self.left[sale.line_id] > 0}
        if not left:
            self._note_nothing(refund, named[0])
            return Decided(refund, Fate.ALREADY, taken_by=self.taken_by.get(named[0].line_id, ""))
        if not refund.sale_id and -refund.amount_minor > sum(sale.amount_minor for sale in named):
            return Decided(refund, Fate.NO_SALE)  # larger than its invoice: it is of another, or a mistake
        takes_minor = min(-refund.amount_minor, sum(left.values()))
        exact = {line_id: Fraction(rest * takes_minor, sum(left.values())) for line_id, rest in left.items()}
        parts = {line_id: share.minor for line_id, share in allocate(takes_minor, exact).items() if share.minor}
        return self._take(refund, parts)

    def _win(self, won: Refund) -> Decided:
        took = self.took.get(won.sale_id, {})
        known = [sale_id for sale_id in took if sale_id in self.sales and _fits(won, self.sales[sale_id])]
        if not known:
            return Decided(won, Fate.NO_SALE)
        rest = {sale_id: took[sale_id] for sale_id in known if took[sale_id] > 0}
        if not rest:
            taken_by = self.taken_by.get(won.sale_id) or self.taken_by.get(known[0], "")
            return Decided(won, Fate.ALREADY, taken_by=taken_by)
        gives_minor = min(won.amount_minor, sum(rest.values()))
        exact = {sale_id: Fraction(gross * gives_minor, sum(rest.values())) for sale_id, gross in rest.items()}
        parts = {sale_id: -share.minor for sale_id, share in allocate(gives_minor, exact).items() if share.minor}
        return self._take(won, parts)

    def _take(self, refund: Refund, parts: Mapping[str, int]) -> Decided:
        """Take these parts of sales (minor units by sale), if the sales have been settled or settle now."""
        sales = [self.sales[line_id] for line_id in parts]
        takes_minor = abs(sum(parts.values()))
        if not all(sale.is_paid for sale in sales):
            return Decided(refund, Fate.UNPAID)
        now = [sale for sale in sales if not sale.month]
        is_as_sale = bool(now) and len(now) == len(sales) and len({sale.alike for sale in sales}) == 1
        if now and not is_as_sale and not self.nets:
            return Decided(refund, Fate.UNPAID)  # parts that are judged apart are given back when all are settled
        for number, (line_id, gross_minor) in enumerate(parts.items()):
            sale = self.sales[line_id]
            each = Return(
                refund_id=refund.line_id,
                sale_id=line_id,
                sale_month=sale.month,
                gross_minor=gross_minor,
                excess_minor=0 if number else abs(refund.amount_minor) - takes_minor,
                sale_minor=sale.amount_minor,
                left_minor=self.left[line_id] - gross_minor,
                posted_on=refund.posted_on.isoformat(),
                undoes=refund.sale_id if gross_minor < 0 else "",
                kind=refund.kind,
            )
            self._note(each)
            self.returns.append(each)
        if is_as_sale:
            return Decided(refund, Fate.AS_SALE, takes_minor, now[0].line_id)
        if self.nets:
            return Decided(refund, Fate.LOWERS, takes_minor)
        earned = any(sale.may_have_earned for sale in sales)
        return Decided(refund, Fate.CLAWBACK if earned else Fate.EARNED_NOTHING, takes_minor)

    def _note_nothing(self, refund: Refund, sale: Sale) -> None:
        """Keep, once, that a chargeback took nothing: what is won of it later gives nothing, and does not wait."""
        if refund.kind != CHARGEBACK or refund.line_id in self.took:
            return
        nothing = Return(
            refund_id=refund.line_id,
            sale_id=sale.line_id,
            sale_month=sale.month,
            gross_minor=0,
            excess_minor=-refund.amount_minor,
            sale_minor=sale.amount_minor,
            left_minor=0,
            posted_on=refund.posted_on.isoformat(),
            kind=refund.kind,
        )
        self._note(nothing)
        self.returns.append(nothing)

    def _note(self, each: Return) -> None:
        if each.sale_id in self.left:
            self.left[each.sale_id] -= each.gross_minor
        took = self.took[each.undoes or each.refund_id]
        took[each.sale_id] = took.get(each.sale_id, 0) + each.gross_minor
        if each.gross_minor:
            self.taken_by[each.undoes or each.sale_id] = each.refund_id

    def _named(self, refund: Refund) -> Sequence[Sale]:
        """The sales a refund names, and may give back."""
        if refund.sale_id:
            sale = self.sales.get(refund.sale_id)
            named: Iterator[Sale] = iter([sale] if sale else [])
        else:
            named = iter(self.of_invoice.get(refund.invoice_id, ()))
        return [sale for sale in named if sale.amount_minor > 0 and _fits(refund, sale)]


def _fits(refund: Refund, sale: Sale) -> bool:
    """Whether it is the client's own sale, in the same money, and not the line itself."""
    return (
        refund.client_id in ("", sale.client_id) and refund.currency == sale.currency and refund.line_id != sale.line_id
    )
