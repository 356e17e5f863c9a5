"""Render, for corrections of earlier months: each stands in a row of its own, with the sale, the refund and the rate."""

from typing import Any

import pytest

from models.billing import Reason
from models.statement import Statement
from models.vendor import LOCALES
from tasks.documents.correction_view import corrections_view, what_it_is
from tasks.documents.wording import wording
from tasks.render import render
from tests.tasks.test_render import HOSTILE, Page, needs_pdftotext, pdf_text, squeezed
from tests.templates.corrected import corrected, correction, corrections, follows
from tests.templates.drawn import drawn
from tests.templates.examples import left_out, nothing


def shown(issued: Statement) -> tuple[str, str]:
    """What is read on the screen and on paper, without white space."""
    made = drawn(issued)
    return squeezed(Page(made["statement.html"]).text), squeezed(pdf_text(made["statement.pdf"]))


def on_screen(issued: Statement) -> str:
    return squeezed(Page(drawn(issued)["statement.html"]).text)


@pytest.mark.parametrize(
    "row",
    [
        "Sale given back software statement P-100/2026-01/v1 Ромашка ООО C1 1,000.00 L1 600.00 R1 10 Feb 2026 "
        "400.00 100.00 at 10% −60.00",
        "1,000.00 L1 400.00 R2 11 Feb 2026 200.00 more than was left 0.00 100.00 at 10% −40.00",
        "Chargeback won, the sale counts again telephony@2025-06 statement P-100/2025-12/v1 Żabka Łódź Sp. z o.o. C2 "
        "333.33 L7 −333.33 R3 12 Feb 2026 333.33 33.333 at 1/3 33.33",
        "Follows from corrections of a partner below you network statement P-100/2026-01/v1 P-7 — — — — −3.00",
        "Cap or guarantee, figured again ceiling statement P-100/2026-01/v1 — — — — — 50.00",
        "Adjustment by hand A1 agreed by phone (olga) — — — — 7.00",
        "Total −12.67",
    ],
)
def test_a_correction_says_what_it_takes_of_which_sale_and_what_that_earned_at_which_rate(row: str) -> None:
    assert squeezed(row) in on_screen(corrected())


@needs_pdftotext
@pytest.mark.parametrize(
    "figure",
    ["600.00", "400.00", "−333.33", "33.333", "at10%", "at1/3", "200.00morethanwasleft", "−60.00", "−40.00", "33.33",
     "−3.00", "50.00", "−12.67", "A1", "428.571429", "−20.00", "telephony@2025-06", "L1", "L7", "R1", "R2",
     "R3", "11Feb2026", "P-100/2025-12/v1"],
)  # fmt: skip
def test_paper_has_every_figure_of_a_correction(figure: str) -> None:
    assert figure in shown(corrected())[1]


@needs_pdftotext
@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en", ["Refunds of earlier months", "Caps and guarantees of earlier months",
                "Corrections", "Those statements stay as they were issued.", "Sale given back"]),
        ("pl", ["Zwroty za wcześniejsze miesiące", "Limity i gwarancje wcześniejszych miesięcy",
                "Korekty ręczne", "Tamte rozliczenia się nie zmieniają.", "Zwrot sprzedaży",
                "o 200,00 więcej, niż zostało"]),
        ("ru", ["Возвраты за прошлые месяцы", "Лимиты и гарантии прошлых месяцев", "Исправления", "Ручные корректировки",
                "Сами расчёты не меняются.", "Возврат продажи", "на 200,00 больше остатка"]),
    ],
)  # fmt: skip
def test_corrections_stand_in_the_words_of_the_partners_language(locale: str, words: list[str]) -> None:
    for document in shown(corrected(locale)):
        for word in map(squeezed, words):
            assert word in document


def test_the_first_page_adds_up_with_its_corrections() -> None:
    box = (
        "Opening balance 0.00 Commission for February 2026 78,222.22 Refunds of earlier months −69.67 "
        "Caps and guarantees of earlier months 50.00 Adjustments by hand 7.00 Balance 78,209.55"
    )
    assert squeezed(box) in on_screen(corrected())


@needs_pdftotext
def test_the_fund_shows_by_how_much_earlier_months_were_corrected() -> None:
    box = (
        "In the fund before 12,345.00 Earned this month 6,000.00 Corrected for earlier months −20.00 "
        "Spent on activities −5,500.00 In the fund now 12,825.00"
    )
    for document in shown(corrected()):
        assert squeezed(box) in document


def test_what_never_was_paid_out_is_corrected_in_its_own_place_and_in_no_total_of_the_payout() -> None:
    paid, beside = on_screen(corrected()).split(squeezed("Not part of the payout"))

    assert "−428.57" not in paid
    assert "Yourmargin" in beside
    assert "Total−428.57" in beside
    assert "Total−20.00" in beside


def test_a_statement_without_corrections_says_nothing_of_any() -> None:
    assert "Corrections" not in on_screen(nothing())
    assert corrections_view((), "partner") is None
    assert corrections_view(corrections(), "credit") is None


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        (correction(refunded_minor=1), "refund"),
        (correction(refunded_minor=0), "refund"),
        (correction(refunded_minor=-1), "won"),
        (follows(), "follows"),
        (follows(kind="limit"), "limit"),
        (follows(kind="adjustment"), "adjustment"),
    ],
)
def test_what_a_correction_is_follows_from_what_it_cites(entry: Any, what: str) -> None:
    assert what_it_is(entry) == what
    assert wording("en").text(f"correction.{what}")


@needs_pdftotext
def test_where_nothing_was_left_out_corrections_are_not_said_to_have_earned() -> None:
    for document in shown(corrected()):
        assert squeezed("stands under a rule or among the corrections above.") in document
        assert squeezed("seen this month earned commission.") not in document


@pytest.mark.parametrize(
    ("reason", "carried", "next_step"),
    [
        (Reason.NO_SALE, True, "looked at again next month"),
        (Reason.SALE_UNPAID, True, "looked at again next month"),
        (Reason.SALE_EARNED_NOTHING, False, "final"),
        (Reason.REFUNDED_ALREADY, False, "final"),
        (Reason.NEGATIVE_WON, False, "counts when it is corrected"),
    ],
)
def test_a_refund_that_takes_nothing_back_says_why_and_what_happens_next(
    reason: Reason, carried: bool, next_step: str
) -> None:
    item = left_out()[0].model_copy(update={"reason": reason.value, "carried": carried})
    text = on_screen(nothing().model_copy(update={"not_included": (item,)}))

    assert squeezed(wording("en").reasons(reason.value)) in text
    assert squeezed(f"RUB {next_step}") in text


@needs_pdftotext
def test_the_pdf_prints_the_first_rows_of_many_corrections_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.render.MOST_ROWS", 30)
    monkeypatch.setattr("tasks.render.FEW_ROWS", 5)
    many = [correction(refund_id=f"R{number}", commission_minor=-1) for number in range(31)]
    beside = [correction(refund_id=f"S{number}", to="credit", commission_minor=-1) for number in range(6)]
    made = drawn(nothing().model_copy(update={"corrections": (*many, *beside)}))
    pdf = pdf_text(made["statement.pdf"])

    assert "Printed here are the first 30 of 31 rows." in pdf
    assert "Printed here are the first 5 of 6 rows." in pdf
    assert "R30" not in pdf
    assert "R30" in made["statement.html"].decode()


@needs_pdftotext
@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_in_a_correction_is_only_ever_text(name: str) -> None:
    def called(text: str) -> Statement:
        entry = correction(name=text, key=text, rule=text, sale_id=text, refund_id=text, cites=text)
        return nothing().model_copy(update={"corrections": (entry,)})

    made, harmless = drawn(called(name)), Page(drawn(called("Acme"))["statement.html"])
    page = Page(made["statement.html"])

    assert page.tags == harmless.tags
    assert page.text.count(name) >= 6
    assert "root:" not in pdf_text(made["statement.pdf"])


@pytest.mark.parametrize("locale", LOCALES)
def test_the_corrections_of_a_statement_give_the_same_bytes_twice(locale: str) -> None:
    assert drawn(corrected(locale)) == drawn(corrected(locale))
    assert render([corrected(locale).to_bytes()]).failed == {}


@needs_pdftotext
@pytest.mark.parametrize("locale", LOCALES)
def test_refunds_that_name_no_sale_are_said_to_lower_the_month_at_its_own_rates(locale: str) -> None:
    words = wording(locale)
    sentence = words.text("refunds_without_sale", lines="2", amount=words.money(-31_500, 2))
    for document in shown(corrected(locale)):
        assert squeezed(sentence) in document
