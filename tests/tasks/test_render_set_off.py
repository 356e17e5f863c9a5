"""Render, for a refund that is set off: it was never paid out, so its day of payment is a dash, on screen and on paper."""

from typing import Any

import pytest

from models.statement import Statement
from models.vendor import LOCALES
from tests.tasks.test_render import Page, needs_pdftotext, pdf_text, squeezed
from tests.templates.drawn import drawn
from tests.templates.examples import volume


def with_first_payment(locale: str, **others: Any) -> Statement:
    """January of the worked example, its first payment said differently."""
    issued = volume(locale)
    first, *rest = issued.payments
    return issued.model_copy(update={"payments": (first.model_copy(update=others), *rest)})


DAY = {"en": "25 Jan 2026", "pl": "25.01.2026", "ru": "25.01.2026"}


@needs_pdftotext
@pytest.mark.parametrize("locale", LOCALES)
def test_a_refund_that_is_set_off_has_a_dash_for_its_day_of_payment_and_its_day_of_posting(locale: str) -> None:
    posted = {"posted_on": "2026-01-25", "invoice_id": "I-SET-OFF", "line_id": "R2"}
    set_off = drawn(with_first_payment(locale, paid_on="", **posted))
    paid_out = drawn(with_first_payment(locale, paid_on="2026-01-25", **posted))
    day = squeezed(DAY[locale])

    assert squeezed(f"— {day} I-SET-OFF R2") in squeezed(Page(set_off["statement.html"]).text)
    assert squeezed(f"{day} {day} I-SET-OFF R2") in squeezed(Page(paid_out["statement.html"]).text)
    assert f"—{day}I-SET-OFF" in squeezed(pdf_text(set_off["statement.pdf"]))
    assert f"{day}{day}I-SET-OFF" in squeezed(pdf_text(paid_out["statement.pdf"]))
