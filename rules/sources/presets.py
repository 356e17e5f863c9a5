"""Presets: how well-known programs write their exports, in the keys of sources.yaml; any of them can be overridden."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from models.money import known_currencies

Keys = Mapping[str, Any]
"""Keys of a block of sources.yaml, and what they say."""


class Table(NamedTuple):
    """One kind of table that a program exports: the columns it is told by, and how it is read."""

    told_by: frozenset[str]
    keys: Keys


class Preset(NamedTuple):
    """The tables of one program. Some hold the same money, and some need others beside them to be whole."""

    tables: Mapping[str, Table]
    not_together: tuple[str, ...] = ()
    need: Mapping[str, str] = {}  # table -> the table that must be there too


UPPER = {code.lower(): code for code in sorted(known_currencies())}
"""Stripe writes currencies in small letters."""

_STRIPE: Keys = {"stamps_in": "UTC", "set": {"quantity": "1", "product_code": ""}}

STRIPE = Preset(
    tables={
        "payments": Table(
            told_by=frozenset({"id", "Created date (UTC)", "Amount", "Amount Refunded", "Status"}),
            keys={
                **_STRIPE,
                "rename": {
                    "id": ["line_id", "invoice_id"],
                    "Customer ID": "client_id",
                    "Customer Email": "client_name",
                    "Amount": "amount",
                    "Currency": "currency",
                    "Created date (UTC)": ["issued_on", "paid_on"],
                    "Status": "kind",
                },
                "map": {
                    "kind": {"Paid": "charge", "Refunded": "charge", "Partially Refunded": "charge"},
                    "currency": UPPER,
                },
                "skip_where": {"Status": ["Failed", "Canceled", "canceled", "requires_*", "Requires *"]},
            },
        ),
        "invoices": Table(
            told_by=frozenset({"id", "Charge", "Amount Paid", "Paid At (UTC)", "Status"}),
            keys={
                **_STRIPE,
                "rename": {
                    "Charge": "line_id",
                    "id": "invoice_id",
                    "Customer": "client_id",
                    "Customer Name": "client_name",
                    "Amount Paid": "amount",
                    "Currency": "currency",
                    "Tax": "vat_minor",
                    "Date (UTC)": "issued_on",
                    "Paid At (UTC)": "paid_on",
                    "Status": "kind",
                },
                "major_units": ["vat_minor"],
                "map": {"kind": {"paid": "charge"}, "currency": UPPER},
                "skip_where": {
                    "Status": ["draft", "open", "void", "uncollectible", "deleted"],
                    "Amount Paid": ["0", "0.00"],
                },
            },
        ),
        "refunds": Table(
            told_by=frozenset({"id", "Charge ID", "Amount", "Status"}),
            keys={
                "stamps_in": "UTC",
                "set": {"quantity": "1", "product_code": "", "client_id": "", "client_name": ""},
                "rename": {
                    "id": ["line_id", "invoice_id"],
                    "Charge ID": "refunds_line_id",
                    "Amount": "amount",
                    "Currency": "currency",
                    "Created (UTC)": ["issued_on", "paid_on"],
                    "Created date (UTC)": ["issued_on", "paid_on"],
                    "Status": "kind",
                },
                "map": {
                    "kind": {"succeeded": "credit_note", "Succeeded": "credit_note"},
                    "currency": UPPER,
                },
                "negative_where": {"kind": "credit_note"},
                "skip_where": {"Status": ["failed", "Failed", "canceled", "Canceled", "pending", "Pending"]},
            },
        ),
    },
    not_together=("payments", "invoices"),
    need={"payments": "refunds", "invoices": "refunds"},
)

ONE_C = Preset(
    tables={
        "payments": Table(
            told_by=frozenset({"Дата", "Номер", "Контрагент", "Сумма"}),
            keys={
                "encoding": "windows-1251",
                "delimiter": ";",
                "decimal": ",",
                "thousands": " ",
                "negatives": ["1-", "(1)", "\u22121"],
                "dates": ["DD.MM.YYYY", "DD.MM.YYYY HH:mm:ss", "DD.MM.YYYY H:mm:ss"],
                "timezone": "Europe/Moscow",
                # A number of 1C begins again every year.
                "join": {"line_id": ["Номер", "Дата"]},
                "rename": {
                    "Номер": "invoice_id",
                    "Дата": ["issued_on", "paid_on"],
                    "ИНН": "client_id",
                    "Контрагент": "client_name",
                    "Сумма": "amount",
                    "Сумма НДС": "vat_minor",
                    "Вид операции": "kind",
                },
                "major_units": ["vat_minor"],
                "map": {
                    "kind": {
                        "Оплата от покупателя": "charge",
                        "Поступление по платежным картам": "charge",
                        "Возврат покупателю": "credit_note",
                    }
                },
                "negative_where": {"kind": "credit_note"},
                "set": {"currency": "RUB", "quantity": "1", "product_code": ""},
                "skip_where": {"Дата": ["", "Итого*"], "Номер": "Итого*"},
            },
        )
    }
)

PRESETS: Mapping[str, Preset] = {"stripe": STRIPE, "1c": ONE_C}
"""By what stands under `format:`."""

ORIGINS = ("set", "map", "lookup", "extract", "join")
"""Keys that hold a line for each of our columns."""


def with_preset(preset: Keys, written: Keys) -> dict[str, Any]:
    """Return the keys of a preset with what a block writes itself, which goes first.

    A column of ours that the block makes in its own way, or takes from another of theirs, is no longer the preset's.
    """
    renamed = {ours for names in written.get("rename", {}).values() for ours in _listed(names)}
    made = {name for key in ("set", "lookup", "extract", "join") for name in written.get(key, {})}
    made |= {"amount"} if "amount_from" in written else set()
    made |= {"kind"} if "kind_by_sign" in written else set()
    merged: dict[str, Any] = {}
    for key, said in preset.items():
        if key == "rename":
            kept = {
                theirs: [each for each in _listed(names) if each not in renamed | made]
                for theirs, names in said.items()
            }
            merged[key] = {theirs: names for theirs, names in kept.items() if names}
        elif key == "map":
            merged[key] = {name: values for name, values in said.items() if name not in made}
        elif key in ORIGINS:
            merged[key] = {name: value for name, value in said.items() if name not in renamed | made}
        else:
            merged[key] = said
    for key, said in written.items():
        merged[key] = {**merged[key], **said} if isinstance(merged.get(key), dict) and isinstance(said, dict) else said
    return merged


def _listed(names: object) -> list[str]:
    return [names] if isinstance(names, str) else list(names) if isinstance(names, (list, tuple)) else []
