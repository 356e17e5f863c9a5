"""A billing line as the sample vendor writes it, with the VAT the law of its invoice's day puts into it."""

from typing import NamedTuple


class Line(NamedTuple):
    """One billing line, all text. The fields are the columns of the file, in order."""

    line_id: str
    invoice_id: str
    client_id: str
    client_name: str
    product_code: str
    category: str
    quantity: str
    amount_minor: str
    currency: str
    issued_on: str
    paid_on: str
    kind: str
    posted_on: str
    vat_minor: str
    vat_rate: str
    refunds_line_id: str
    discount_minor: str = ""  # this and the next only where the programme says who bears discounts
    promo_code: str = ""

    def priced(self, amount_minor: int) -> "Line":
        """The line with another amount, and the VAT that is in it by the law of the day the invoice was issued."""
        rate = _vat_percent(self.category, self.issued_on)
        size = (2 * abs(amount_minor) * rate + 100 + rate) // (2 * (100 + rate))  # half away from zero
        vat_minor = size if amount_minor >= 0 else -size
        return self._replace(amount_minor=str(amount_minor), vat_minor=str(vat_minor), vat_rate=str(rate))


def _vat_percent(category: str, issued_on: str) -> int:
    # Russian software is exempt; the standard rate rose from 20 % to 22 % with 2026.
    if category == "software":
        return 0
    return 20 if issued_on < "2026" else 22
