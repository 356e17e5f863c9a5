"""Approvers: whose signature counts, by which key, on which days, and up to what the month pays."""

import base64
from datetime import date

import pytest

from models.money import Money
from models.vendor import Approver
from rules.programme.blocks.approvers import Signature, SignedFor, counted, fingerprint, lacking, refusal


def key(letter: str) -> str:
    data = b"\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20" + letter.encode() * 32
    return f"ssh-ed25519 {base64.b64encode(data).decode()}"


def approver(name: str, letter: str, since: str, until: str = "", up_to_minor: int | None = None) -> Approver:
    day = date.fromisoformat
    return Approver(
        name=name, key=key(letter), from_day=day(since), until=day(until) if until else None, up_to_minor=up_to_minor
    )


def yes(by: str, letter: str, day: str = "2026-02-03") -> Signature:
    return Signature(by, key(letter), date.fromisoformat(day))


OLGA = approver("Olga", "o", "2026-02-01", "2026-02-28", 500_000)
ANTON = approver("Anton", "a", "2026-01-01")
LIST = (OLGA, ANTON)
PAYS = Money(minor=500_000, currency="RUB")


def test_a_signature_counts_from_the_first_day_to_the_last_and_up_to_the_amount_itself() -> None:
    assert [refusal(yes("Olga", "o", day), LIST, PAYS) for day in ("2026-02-01", "2026-02-28")] == ["", ""]
    assert refusal(yes("Anton", "a"), LIST, Money(minor=10**12, currency="RUB")) == ""


@pytest.mark.parametrize(
    ("signature", "pays_minor", "words"),
    [
        (yes("Olga", "o", "2026-01-31"), 1, "of Olga begins on 2026-02-01, and the yes is of 2026-01-31."),
        (yes("Olga", "o", "2026-03-01"), 1, "of Olga ended on 2026-02-28, and the yes is of 2026-03-01."),
        (yes("Anton", "o"), 1, "is Olga's, and the yes is Anton's."),
        (yes("Olga", "x"), 1, "is not in approvers.csv, which lists keys of Anton, Olga."),
    ],
)
def test_another_day_name_or_key_does_not_count(signature: Signature, pays_minor: int, words: str) -> None:
    told = refusal(signature, LIST, Money(minor=pays_minor, currency="RUB"))
    assert told == f"the key {fingerprint(signature.key)} {words}"


def test_a_kopeck_above_the_amount_needs_somebody_with_a_higher_one() -> None:
    told = refusal(yes("Olga", "o"), LIST, Money(minor=500_001, currency="RUB"))
    assert told == (
        f"Olga signs for at most {Money(minor=500_000, currency='RUB')}, and the month pays "
        f"{Money(minor=500_001, currency='RUB')}: somebody with a higher amount signs."
    )


def test_of_several_rows_that_hold_the_highest_amount_counts_and_none_is_without_limit() -> None:
    lower, higher = (
        approver("Olga", "o", "2026-01-01", up_to_minor=100),
        approver("Olga", "o", "2026-02-01", up_to_minor=200),
    )
    at, above = Money(minor=200, currency="RUB"), Money(minor=201, currency="RUB")
    assert refusal(yes("Olga", "o"), (lower, higher), at) == ""
    assert refusal(yes("Olga", "o"), (lower, higher), above).startswith("Olga signs for at most")
    assert refusal(yes("Olga", "o"), (lower, approver("Olga", "o", "2026-01-01")), above) == ""


def test_nobody_is_named_where_the_list_is_empty() -> None:
    assert refusal(yes("Olga", "o"), (), PAYS).endswith("is not in approvers.csv, which lists keys of nobody.")


def test_a_month_needs_a_signature_and_where_the_list_was_changed_one_of_each() -> None:
    before = (approver("Vera", "v", "2025-01-01"),)
    olga, vera = yes("Olga", "o"), yes("Vera", "v")
    same, changed = SignedFor(LIST, LIST, PAYS), SignedFor(LIST, before, PAYS)
    assert lacking([], same) == "it needs the signature of an approver"
    assert (lacking([olga], same), lacking([olga], SignedFor(LIST, None, PAYS)), lacking([olga, vera], changed)) == (
        "",
    ) * 3
    assert lacking([vera], same).startswith("none of the approvers has signed: the key SHA256:")
    assert lacking([olga], changed).startswith(
        "none of the approvers of the month before, who were changed, has signed: "
    )
    assert lacking([vera], changed).startswith("none of the approvers has signed: ")
    assert lacking([olga], changed).endswith("which lists keys of Vera")
    assert counted([olga, vera, yes("Olga", "x")], changed) == ("Olga", "Vera")
    assert counted([olga, vera], same) == ("Olga",)
