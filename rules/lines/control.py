"""Conservation: every line received has exactly one outcome, and the vendor's own totals agree."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from models.money import decimal_text, known_currency, minor_digits
from models.period import Period
from models.vendor import ControlTotal, Tally


class Received(NamedTuple):
    """What came in, counted before anything was decided."""

    lines: int
    amount_minor: int


def sums_by_currency(tallies: Iterable[Tally]) -> dict[str, Received]:
    """Add tallies up by currency."""
    totals: dict[str, Received] = {}
    for tally in tallies:
        before = totals.get(tally.currency, Received(0, 0))
        totals[tally.currency] = Received(before.lines + tally.lines, before.amount_minor + tally.amount_minor)
    return totals


def not_conserved(received: dict[str, Received], outcomes: Sequence[Tally]) -> list[str]:
    """Return, in words, every currency in which the outcomes do not add up to what was received."""
    decided = sums_by_currency(outcomes)
    return [
        f"{currency or 'no currency'}: received {_words(received.get(currency), currency)}, "
        f"the outcomes add up to {_words(decided.get(currency), currency)}"
        for currency in sorted(received.keys() | decided.keys())
        if received.get(currency) != decided.get(currency)
    ]


def disagreements(control: Sequence[ControlTotal], posted: Sequence[ControlTotal], period: Period) -> list[str]:
    """Return, in words, where the vendor's control totals differ from the lines read for the period."""
    theirs = {total.currency: total for total in control if total.period == str(period)}
    ours = {total.currency: total for total in posted}
    if not theirs:
        return [f"control.csv has no row for {period}: add one for each currency, or remove the file"]
    found = []
    for currency in sorted(theirs.keys() | ours.keys()):
        expected, actual = theirs.get(currency), ours.get(currency)
        if _figures(expected) != _figures(actual):
            found.append(
                f"{currency}: control.csv says {_words(expected, currency)}, "
                f"the lines posted in {period} are {_words(actual, currency)}"
            )
    return found


def _figures(total: Received | ControlTotal | None) -> tuple[int, int]:
    return (total.lines, total.amount_minor) if total else (0, 0)


def _words(total: Received | ControlTotal | None, currency: str) -> str:
    lines, amount_minor = _figures(total)
    digits = minor_digits(currency) if known_currency(currency) else 0
    return f"{lines} lines, {decimal_text(amount_minor, digits)}"
