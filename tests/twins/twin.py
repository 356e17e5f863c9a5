"""The slow twin: one month settled in the most obvious way, for the fast engine to be compared with.

Plain Python, exact fractions, the standard library, one line at a time. It shares no code with the
rooms, so the same mistake has to be made twice to go unseen. Dates stay ISO text, which compares as
the days do; amounts are whole minor units.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from tests.twins.twin_money import (
    Line,
    amount_of,
    base_of,
    decimal,
    earn,
    half_away,
    is_day,
    percentage,
    share_out,
    vat_inside,
    whole,
)

COMPARED = (
    "line_id", "invoice_id", "client_id", "client_name", "product_code", "category", "quantity", "amount_minor",
    "currency", "issued_on", "paid_on", "kind", "posted_on", "vat_minor", "vat_rate", "refunds_line_id", "amount",
)  # fmt: skip
MINOR_DIGITS = {"RUB": 2, "EUR": 2, "USD": 2, "GBP": 2, "PLN": 2, "JPY": 0, "KWD": 3}


@dataclass(frozen=True)
class TwinAccrual:
    """What one partner earned under one rule, and each client's part: (lines, base, commission)."""

    lines: int
    base_minor: int
    measure_minor: int | None  # None where no tier is picked
    rate: Fraction | None  # None when graduated
    exact: Fraction
    commission_minor: int
    clients: dict[str, tuple[int, int, int]]


@dataclass(frozen=True)
class TwinResult:
    """The month: each line's (outcome, reason) in the order given, who won which client, what was earned."""

    fates: list[tuple[str, str]]  # a rejected line carries every reason, sorted, joined by "; "
    attributions: dict[str, tuple[str, str, str]]  # born this month: client -> (partner, claim id, claimed on)
    accruals: dict[tuple[str, str], TwinAccrual]  # (partner, rule)


def read_csv(*paths: Path) -> list[dict[str, str | None]]:
    """Read files as the twin wants them: text, blank is None."""
    rows: list[dict[str, str | None]] = []
    for path in paths:
        with path.open(encoding="utf-8", newline="") as file:
            rows += ({key: value or None for key, value in row.items()} for row in csv.DictReader(file))
    return rows


def settle_month(
    lines: Sequence[Line], *, period: str, starts: str, currency: str, base: str,
    claims: Sequence[Line], terms: Sequence[Line], plans: Mapping[str, Any],
    born: Mapping[str, tuple[str, str]] | None = None, settled_before: Collection[str] = (),
    currencies: Mapping[str, int] = MINOR_DIGITS,
) -> TwinResult:  # fmt: skip
    """Settle the lines of one month, all of them posted in its window.

    A line with a `carried_from` is one that we carry open. `plans` is that key of the programme file as YAML gives it: text, with the tiers' bounds in major
    units; a plan is a block or a list of dated ones. `born` holds the attributions of earlier months.
    `currencies` are the known ones, with their minor digits.
    """
    lines = [{key: value or None for key, value in line.items()} for line in lines]
    rejected = _rejected(lines, base, settled_before, currencies)
    winners = _winners(claims, terms, period, born or {})
    owners = dict(born or {}) | {client: (partner, str(day)) for client, (partner, _, day) in winners.items()}
    books = {partner: _books(partner, terms, plans, period) for partner, _ in owners.values()}

    fates: list[tuple[str, str]] = []
    earned: dict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)  # (partner, rule) -> (client, base)
    billed: dict[str, dict[str | None, int]] = defaultdict(lambda: defaultdict(int))  # partner -> category -> base
    for line, reasons in zip(lines, rejected, strict=True):
        if seen := next((each for each in ("already settled", "already open") if each in reasons), ""):
            fate = ("seen_before", seen)
        elif reasons:
            fate = ("rejected", "; ".join(sorted(reasons)))
        else:
            fate = _fate(line, starts, currency, owners, books)
        fates.append(fate)
        if fate in (("settled", ""), ("final", "excluded by the plan")):
            client = str(line["client_id"])
            partner, category = owners[client][0], str(line["category"])
            base_minor = base_of(line, base, currencies)
            billed[partner][category] += base_minor
            if rule := _rule_of(books[partner][1], category):
                earned[partner, rule].append((client, base_minor))
    accruals = {
        (partner, rule): _accrue(books[partner][1]["earn"][rule], lines_, billed[partner], 10 ** currencies[currency])
        for (partner, rule), lines_ in earned.items()
    }
    return TwinResult(fates, winners, accruals)


# What becomes of a line


def _rejected(
    lines: Sequence[Line], base: str, settled_before: Collection[str], currencies: Mapping[str, int]
) -> list[set[str]]:
    # A line sent unpaid, and again when it was paid, is two states of one line: each is compared with its own.
    contents: dict[tuple[str | None, bool], set[tuple[str | None, ...]]] = defaultdict(set)
    for line in lines:
        if line.get("carried_from") is None:
            contents[line.get("line_id"), line.get("paid_on") is None].add(_content(line))
    seen = Counter(_content(line) for line in lines if line.get("carried_from") is not None)
    ours = set(seen)
    found = []
    for line in lines:
        reasons = _own_faults(line, base, currencies)
        if (line_id := line.get("line_id")) is not None:
            sent = contents[line_id, line.get("paid_on") is None]
            if len(sent) > 1:
                reasons.add("contradiction")
            if line.get("carried_from") is not None:
                if len(sent) == 1 and _content(line) not in sent:
                    reasons.add("replaced by a newer version")
            elif _content(line) in ours and len(sent) == 1:
                reasons.add("already open")
            elif seen[_content(line)]:
                reasons.add("repeat")
            if line_id in settled_before:
                reasons.add("already settled")
            seen[_content(line)] += line.get("carried_from") is None
        found.append(reasons)
    return found


def _content(line: Line) -> tuple[str | None, ...]:
    return tuple(line.get(column) for column in COMPARED)


def _own_faults(line: Line, base: str, currencies: Mapping[str, int]) -> set[str]:
    dates = [line.get(column) for column in ("issued_on", "paid_on", "posted_on")]
    amount = amount_of(line, currencies)
    is_known = line.get("currency") in currencies
    # 12.50 of a currency nobody knows is a fault of the currency, not of the number.
    is_legible = amount is not None or (
        not is_known and line.get("amount_minor") is None and decimal(line.get("amount") or "") is not None
    )
    quantity = line.get("quantity")
    faults = {
        "no line id": line.get("line_id") is None,
        "no invoice": line.get("invoice_id") is None,
        "bad date": any(text is not None and not is_day(text) for text in dates),
        "bad number": not is_legible or (quantity is not None and decimal(quantity) is None),
        "unknown kind": line.get("kind") not in ("charge", "credit_note"),
        "unknown currency": not is_known,
        "positive credit note": line.get("kind") == "credit_note" and amount is not None and amount > 0,
    }
    return {reason for reason, applies in faults.items() if applies} | _vat_faults(line, amount, base)


def _vat_faults(line: Line, amount: int | None, base: str) -> set[str]:
    rate_text, vat_text = line.get("vat_rate"), line.get("vat_minor")
    if rate_text is None and vat_text is None:
        return {"VAT is not known"} if base == "net_of_vat" else set()
    rate, vat = percentage(rate_text or ""), whole(vat_text or "")
    faults = set()
    if (rate is None and rate_text is not None) or (vat is None and vat_text is not None):
        faults.add("bad number")
    if amount is not None and vat is not None:
        # The invoice's own figure counts; a part of a payment may have been rounded one minor unit away.
        is_part = min(amount, 0) <= vat <= max(amount, 0)
        if not is_part or (rate is not None and abs(vat - vat_inside(amount, rate)) > 1):
            faults.add("VAT does not fit the amount")
    return faults


def _fate(
    line: Line, starts: str, currency: str, owners: Mapping[str, tuple[str, str]], books: Mapping[str, tuple[str, Any]]
) -> tuple[str, str]:
    paid, client, category = line.get("paid_on"), line.get("client_id"), line.get("category")
    if paid is None:
        return "unpaid", "not paid yet"
    if (line.get("posted_on") or paid)[:7] < starts:
        return "final", "before the programme starts"
    if client is None:
        return "open", "no client"
    if client not in owners:
        return "open", "not attributed"
    partner, claimed_on = owners[client]
    terms_from, plan = books[partner]
    if paid < str(claimed_on):
        return "final", "paid before the claim"
    if not terms_from or paid < terms_from:
        return "final", "paid before the partner's terms"
    if line.get("currency") != currency:
        return "open", "other currency"
    if category in plan.get("not_commissioned", {}):
        return "final", "excluded by the plan"
    if not _rule_of(plan, category):
        return "open", "category without a rule"
    return "settled", ""


# Claims and terms


def _winners(
    claims: Sequence[Line], terms: Sequence[Line], period: str, born: Mapping[str, tuple[str, str]]
) -> dict[str, tuple[str, str, str]]:
    known = {row["partner_id"] for row in terms}
    valid = [row for row in claims if row["partner_id"] in known and str(row["claimed_on"])[:7] <= period]
    winners: dict[str, tuple[str, str, str]] = {}
    for row in sorted(valid, key=lambda row: (str(row["claimed_on"]), row.get("claim_id") or "")):
        client, partner, claim_id = str(row["client_id"]), str(row["partner_id"]), row.get("claim_id") or ""
        if client not in born:
            winners.setdefault(client, (partner, claim_id, str(row["claimed_on"])))
    return winners


def _books(partner: str, terms: Sequence[Line], plans: Mapping[str, Any], period: str) -> tuple[str, dict[str, Any]]:
    """The day the partner's first terms begin ("" where none are in force) and the plan block in force."""
    rows = sorted((str(row["from"]), row["plan"]) for row in terms if row["partner_id"] == partner)
    rows = [row for row in rows if row[0][:7] <= period]
    if not rows:
        return "", {}
    first, (_, name) = rows[0][0], rows[-1]
    blocks = plans[str(name)] if isinstance(plans[str(name)], list) else [plans[str(name)]]
    in_force = [block for block in blocks if str(block["from"]) <= period]
    return (first if len(first) == 10 else first + "-01"), (in_force[-1] if in_force else {})


def _rule_of(plan: Mapping[str, Any], category: str | None) -> str:
    return next((name for name, rule in plan.get("earn", {}).items() if category in rule["categories"]), "")


def _accrue(
    rule: Mapping[str, Any], lines: Sequence[tuple[str, int]], billed: Mapping[str | None, int], unit: int
) -> TwinAccrual:
    base = sum(amount for _, amount in lines)
    by_client: dict[str, int] = defaultdict(int)
    for client, amount in lines:
        by_client[client] += amount
    measure, rate, exact, first_rate = earn(rule, base, billed, unit)
    total = half_away(exact)
    shares = {client: exact * own / base if base else first_rate * own for client, own in by_client.items()}
    parts = share_out(total, shares)
    count = Counter(client for client, _ in lines)
    clients = {client: (count[client], own, parts[client]) for client, own in by_client.items()}
    return TwinAccrual(len(lines), base, measure, rate, exact, total, clients)
