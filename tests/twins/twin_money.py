"""The slow twin's money: what text says, what a base is, what it earns, how a total is shared out.

See twin.py. Amounts are whole minor units, everything between them exact fractions.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from math import floor
from typing import Any

Line = Mapping[str, str | None]


def earn(
    rule: Mapping[str, Any], base: int, billed: Mapping[str | None, int], unit: int
) -> tuple[int | None, Fraction | None, Fraction, Fraction]:
    """Return (measure, rate, exact commission, first rate)."""
    if rule["plan"] == "percentage":
        rate = _rate(rule["rate"])
        return None, rate, base * rate, rate
    ladder = sorted((int(Fraction(str(bound)) * unit), _rate(rate)) for bound, rate in rule["tiers"].items())
    of = rule["measure"] if rule["measure"] == "all" else rule["measure"]["categories"]
    measure = sum(amount for category, amount in billed.items() if of == "all" or category in of)
    first = ladder[0][1]
    if rule["by"] == "volume":
        # A negative base owes at the first tier's rate, whatever the measure reached.
        reached = [rate for bound, rate in ladder if bound <= measure and base >= 0]
        rate = reached[-1] if reached else first
        return measure, rate, base * rate, first
    exact = area(ladder, measure) - area(ladder, measure - base) if base >= 0 else base * first
    return measure, None, exact, first


def area(ladder: Sequence[tuple[int, Fraction]], amount: int) -> Fraction:
    """What everything from 0 up to `amount` earns, each slice at its own rate; below 0 at the first."""
    if amount < 0:
        return amount * ladder[0][1]
    ends = [bound for bound, _ in ladder[1:]] + [amount]
    slices = (
        (min(amount, end) - bound) * rate for (bound, rate), end in zip(ladder, ends, strict=True) if amount > bound
    )
    return sum(slices, start=Fraction(0))


def share_out(total: int, exact: Mapping[str, Fraction]) -> dict[str, int]:
    if sum(exact.values()) < 0:
        return {client: -part for client, part in share_out(-total, {c: -x for c, x in exact.items()}).items()}
    parts = {client: floor(amount) for client, amount in exact.items()}
    queue = sorted(exact, key=lambda client: (-(exact[client] - parts[client]), -exact[client], client))
    for client in queue[: total - sum(parts.values())]:
        parts[client] += 1
    return parts


def base_of(line: Line, base: str, currencies: Mapping[str, int]) -> int:
    amount = amount_of(line, currencies)
    assert amount is not None, f"line {line.get('line_id')} has no readable amount, so it was rejected"
    if base == "gross":
        return amount
    vat = line.get("vat_minor")
    return amount - (int(vat) if vat is not None else vat_inside(amount, Fraction(line["vat_rate"] or "")))


def vat_inside(amount: int, rate: Fraction) -> int:
    return half_away(amount * rate / (100 + rate))


def half_away(exact: Fraction) -> int:
    size = floor(abs(exact) + Fraction(1, 2))
    return size if exact >= 0 else -size


def amount_of(line: Line, currencies: Mapping[str, int]) -> int | None:
    """The amount, or None where it cannot be read, or is written twice and the two differ."""
    readings = set()
    if line.get("amount_minor") is not None:
        readings.add(whole(str(line["amount_minor"])))
    if line.get("amount") is not None:
        major, digits = decimal(str(line["amount"])), currencies.get(line.get("currency") or "")
        minor = Fraction(1, 2) if major is None or digits is None else major * 10**digits
        readings.add(int(minor) if minor.denominator == 1 else None)
    amount = readings.pop() if len(readings) == 1 else None
    return amount if amount is not None and abs(amount) <= 10**15 else None


def whole(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[+-]?[0-9]+", text) else None


def decimal(text: str) -> Fraction | None:
    return Fraction(text) if re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", text) else None


def percentage(text: str) -> Fraction | None:
    rate = decimal(text)
    return rate if rate is not None and 0 <= rate <= 100 and (rate * 10_000).denominator == 1 else None


def _rate(percent: str) -> Fraction:
    return Fraction(percent.rstrip("%")) / 100


def is_day(text: str) -> bool:
    try:
        return bool(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) and date.fromisoformat(text))
    except ValueError:
        return False
