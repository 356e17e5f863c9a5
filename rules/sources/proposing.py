"""Proposing: what the columns and values of a file most likely are here; a person reads the proposal."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import polars as pl

from models.money import known_currency
from rules.sources.days import DayForm

NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "line_id": (
        "line_id", "id", "payment id", "charge id", "transaction id", "line id", "number", "no", "no.",
        "receipt", "receipt no.", "номер", "номер документа", "№", "belegnummer", "nr", "nr.",
    ),
    "invoice_id": (
        "invoice_id", "invoice id", "invoice", "invoice number", "счет", "счёт", "номер счета",
    ),
    "client_id": (
        "client_id", "customer id", "customer no.", "customer number", "customer", "client id", "client",
        "account id", "инн", "контрагент", "клиент", "inn", "kundennummer",
    ),
    "client_name": (
        "client_name", "customer name", "client name", "customer company", "company name", "account name", "customer",
        "client", "customer description", "company", "контрагент", "клиент", "наименование",
    ),
    "product_code": (
        "product_code", "product", "sku", "product id", "товар", "номенклатура",
    ),
    "category": (
        "category", "product category", "категория", "группа", "вид услуги",
    ),
    "quantity": (
        "quantity", "qty", "количество",
    ),
    "amount_minor": (
        "amount_minor",
    ),
    "amount": (
        "amount", "total", "sum", "gross", "gross amount", "amount paid", "сумма", "сумма документа",
        "сумма с ндс", "betrag", "kwota",
    ),
    "currency": (
        "currency", "currency code", "валюта", "währung", "waluta",
    ),
    "issued_on": (
        "issued_on", "invoice date", "issued on", "дата счета", "дата документа",
    ),
    "paid_on": (
        "paid_on", "created date (utc)", "created (utc)", "paid at (utc)", "payment date", "paid on", "paid at",
        "date", "дата оплаты", "дата", "datum", "data",
    ),
    "posted_on": (
        "posted_on", "posted on", "дата проводки",
    ),
    "kind": (
        "kind", "type", "transaction type", "payment type", "operation", "вид операции", "тип",
    ),
    "refunds_line_id": (
        "refunds_line_id", "refunded txn id", "refunded transaction id", "original transaction id",
        "parent transaction id", "original payment id",
    ),
    "vat_minor": (
        "vat_minor",
    ),
    "vat_rate": (
        "vat_rate", "vat rate", "ставка ндс",
    ),
}  # fmt: skip
"""What columns of ours are called elsewhere, in small letters. The first of a file's columns that fits is taken."""

KINDS: Final = {
    "charge": (
        "charge", "payment", "invoice", "sale", "purchase", "order", "capture", "оплата", "поступление",
        "оплата от покупателя", "zahlung", "rechnung", "wpłata", "faktura",
    ),
    "credit_note": (
        "credit_note", "credit note", "credit memo", "refund", "partial refund", "return", "возврат",
        "возврат покупателю", "gutschrift", "erstattung", "korekta", "zwrot",
    ),
    "chargeback": ("chargeback", "dispute"),
    "chargeback_won": ("chargeback_won",),
}  # fmt: skip
STATUS: Final = ("status", "payment status", "transaction status", "статус")
NO_PAYMENT: Final = (
    "failed", "failure", "declined", "rejected", "error", "canceled", "cancelled", "void", "voided", "expired",
    "incomplete", "pending", "open", "draft", "unpaid", "timeout", "in_progress", "requires_payment_method", "отменен",
    "отменён", "отменено", "отклонен", "отклонён", "отклонено", "не оплачен", "не оплачено", "не проведен",
    "не проведён", "ожидает оплаты", "черновик",
)  # fmt: skip
"""What a column called Status says of a row that is no payment."""

PAYMENT: Final = (
    "paid", "success", "successful", "succeeded", "complete", "completed", "captured", "settled", "cleared", "posted",
    "approved", "ok", "refunded", "partially refunded", "partially_refunded", "оплачен", "оплачено", "проведен",
    "проведён", "проведено",
)  # fmt: skip
"""What it says of one that is."""

NUMBERS: Final = ((".", ""), (",", ""), (",", " "), (".", ","), (",", "."), (".", " "), (".", "'"))
"""Decimal and thousands, in the order they are tried."""

SIGNS: Final[Mapping[str, tuple[str, ...]]] = {
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"),
    "€": ("EUR",),
    "£": ("GBP",),
    "₽": ("RUB",),
    "руб.": ("RUB",),
    "руб": ("RUB",),
    "р.": ("RUB",),
    "zł": ("PLN",),
    "kč": ("CZK",),
    "₴": ("UAH",),
    "₸": ("KZT",),
    "₺": ("TRY",),
    "₹": ("INR",),
}
"""What stands beside an amount, in small letters, and whose it may be; the first, unless the vendor's is among them."""

BEFORE_OR_BEHIND: Final = re.compile(
    r"^[\s(+\-−']*([^\s0-9()+\-−'.,][^\s0-9()+\-−']*)|([^\s0-9()+\-−'.,][^\s0-9()+\-−']*)[\s)\-]*$"
)

DATES: Final = (
    "DD.MM.YYYY", "D.M.YYYY", "DD/MM/YYYY", "MM/DD/YYYY", "D/M/YYYY", "M/D/YYYY", "YYYY/MM/DD", "YYYYMMDD",
    "DD-MM-YYYY", "MM-DD-YYYY", "DD-MMM-YYYY", "D-MMM-YYYY", "DD MMM YYYY", "D MMM YYYY", "MMM D, YYYY", "MMM-DD-YYYY",
)  # fmt: skip
TIMES: Final = ("", " H:mm", " H:mm:ss", " hh:mm AM", " hh:mm:ss AM", ", H:mm", ", hh:mm AM")
DAYS: Final = (*(day + time for time in TIMES for day in DATES), "unix", "excel")
"""Forms of days and moments, in the order they are tried."""


def propose_names(found: Sequence[str], chosen: Mapping[str, str]) -> dict[str, str]:
    """Return which of a file's columns gives which of ours: ours -> theirs. What was `chosen` stands.

    >>> propose_names(["id", "Customer ID", "Amount", "Fee"], {})
    {'line_id': 'id', 'client_id': 'Customer ID', 'amount': 'Amount'}
    >>> propose_names(["No", "Customer no.", "Customer", "Amount (EUR)"], {})
    {'line_id': 'No', 'client_id': 'Customer no.', 'client_name': 'Customer', 'amount': 'Amount (EUR)'}
    >>> propose_names(["ИНН", "Сумма, руб."], {})
    {'client_id': 'ИНН', 'amount': 'Сумма, руб.'}
    """
    by_small = {_small(name): name for name in reversed(found)}
    proposed = dict(chosen)
    for ours, names in NAMES.items():
        theirs = next((by_small[_small(name)] for name in names if _small(name) in by_small), None)
        if ours not in proposed and theirs is not None:
            proposed[ours] = theirs
    if "amount_minor" in proposed:
        proposed.pop("amount", None)
    return proposed


def _small(name: str) -> str:
    """The name of a column in small letters, words apart and without a currency: `Sum_paid (EUR)` is `sum paid`."""
    small = name.strip().casefold().replace("_", " ")
    of_currency = re.fullmatch(r"(.+?)[ ,]+\(?([^\s()]+)\)?", small)
    is_currency = of_currency and (known_currency(of_currency[2].upper()) or of_currency[2] in SIGNS)
    return of_currency[1] if of_currency and is_currency else small


def propose_signs(values: Sequence[str], currency: str) -> dict[str, str] | None:
    """Return whose sign or code stands beside amounts, where the vendor's is `currency`; None: one is not known.

    >>> propose_signs(["$1,234.50", "-$3"], "CAD"), propose_signs(["5 руб.", "7"], "RUB"), propose_signs(["5 m"], "EUR")
    ({'$': 'CAD'}, {'руб.': 'RUB'}, None)
    """
    found: dict[str, str] = {}
    for sign in dict.fromkeys(
        before or behind for value in values for before, behind in BEFORE_OR_BEHIND.findall(value)
    ):
        of = (sign.upper(),) if known_currency(sign.upper()) else SIGNS.get(sign.casefold(), ())
        if not of:
            return None
        found[sign] = currency if currency in of else of[0]
    return found


def without_signs(values: Sequence[str], signs: Iterable[str]) -> list[str]:
    """Return amounts without what stands beside them."""
    any_of = re.compile("|".join(re.escape(sign) for sign in sorted(signs, key=len, reverse=True)) or "(?!)")
    return [any_of.sub("", value).strip() for value in values]


def propose_numbers(values: Sequence[str]) -> tuple[str, str] | None:
    """Return the marks of decimals and thousands with which every value is an amount of money; None: there are none.

    >>> propose_numbers(["1 234,50", "-70,00"]), propose_numbers(["1.500", "2.50"])
    ((',', ' '), None)
    """
    bare = [
        re.sub(r"^[(\-−'+]+|[)\-]+$", "", re.sub(r"[\u00a0\u202f]", " ", value.strip())).strip() for value in values
    ]
    for decimal, thousands in NUMBERS:
        whole = rf"[0-9]{{1,3}}(?:{re.escape(thousands)}[0-9]{{3}})*" if thousands else "[0-9]+"
        pattern = re.compile(rf"{whole}(?:{re.escape(decimal)}[0-9]{{1,2}})?")
        if all(pattern.fullmatch(value) for value in bare if value):
            return decimal, thousands
    return None


def propose_negatives(values: Sequence[str]) -> tuple[str, ...]:
    """Return how amounts below zero are written, beside `-1`."""
    forms = {"1-": r"[0-9].*-$", "(1)": r"^\(.*\)$", "−1": "^−", "'-1": "^'-"}
    return tuple(form for form, pattern in forms.items() if any(re.search(pattern, value.strip()) for value in values))


def propose_days(values: Sequence[str], timezone: str, forms: Sequence[str] = DAYS) -> tuple[str, ...]:
    """Return those of the forms in which every value is a day; several where it cannot be told which is meant.

    `""` is the form that needs no word: YYYY-MM-DD. A moment is read in the time zone.

    >>> propose_days(["31.01.2026"], "UTC"), propose_days(["01/02/2026"], "UTC"), propose_days(["soon"], "UTC")
    (('DD.MM.YYYY',), ('DD/MM/YYYY', 'MM/DD/YYYY'), ())
    """
    read: dict[tuple[str, ...], str] = {}
    are_moments = any(":" in value for value in values)
    for form in ("", *(each for each in forms if (":" in each) == are_moments)):
        made = DayForm(dates=(form,) if form else (), timezone=timezone)
        days = pl.DataFrame({"day": list(values)}).select(made.as_iso("day"))["day"].to_list()
        if all(day and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", day) for day in days):
            read.setdefault(tuple(days), form)
    return tuple(read.values())


def propose_kinds(values: Sequence[str]) -> dict[str, str] | None:
    """Return what kind each value is; None where one of them is not known."""
    ours = {name: kind for kind, names in KINDS.items() for name in names}
    found = {value: ours.get(value.strip().casefold()) for value in values}
    return {value: kind for value, kind in found.items() if kind} if all(found.values()) else None


def propose_currencies(values: Sequence[str]) -> dict[str, str] | None:
    """Return the code of each value, `usd` -> `USD`; None where one of them is no currency."""
    found = {value: value.strip().upper() for value in values}
    return found if all(known_currency(code) for code in found.values()) else None
