"""What the documents of a statement show, and in which order: every figure is in it, or is worked out here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import Any, NamedTuple

from models.money import decimal_text
from models.period import Period
from models.statement import BalanceBesidePayout, ClientAccrual, Level, Payment, RuleAccrual, ShareAccrual, Statement
from models.summary import Summary
from rules.payout import HELD
from tasks.documents.correction_view import CorrectionsView, corrections_view
from tasks.documents.rule_words import RuleWords, counts
from tasks.documents.typesetting import CannotRender
from tasks.documents.wording import Wording

ELSEWHERE = ("fund", "credit", "person", "kept", "nobody")
"""Where what is no part of the payout goes to, in the order it is shown."""


@dataclass(frozen=True)
class RuleView:
    """What one rule earned in the order people read it: the largest client first, payments by day."""

    accrual: RuleAccrual
    rate: str  # blank where no one rate says what was earned
    tier_share: int  # per mille of the way from the tier reached to the next
    counts: bool  # whether the tier is picked by a number of clients
    is_sliced: bool
    is_taken_off: bool  # it lowers the payout though nobody was refunded
    clients: Sequence[ClientAccrual]
    shares: Sequence[ShareAccrual]
    payments: Sequence[Payment]
    payments_minor: int
    payments_base_minor: int

    @property
    def has_lines(self) -> bool:
        return self.accrual.lines > 0

    @property
    def is_rounded(self) -> bool:
        return any(client.rounding_minor for client in self.clients) or any(
            share.rounding_minor for share in self.shares
        )

    @property
    def is_worked_out(self) -> bool:
        """Whether the steps say more than base and rate do."""
        return len(self.accrual.steps) > 1 or any(step.words or step.count != 1 for step in self.accrual.steps)


class Box(NamedTuple):
    """A balance beside the payout, line by line: what each line is called, and its amount in minor units."""

    rows: Sequence[tuple[str, int]]
    closing: tuple[str, int]


@dataclass(frozen=True)
class ElsewhereView:
    """What goes to one place beside the payout: what rules earned, corrections, and the balance, where one is kept."""

    to: str
    rules: Sequence[RuleView]
    corrections: CorrectionsView | None
    balance: BalanceBesidePayout | None
    box: Box | None


@dataclass(frozen=True)
class LevelView:
    """The level, why the partner is on it, and what the next one lacks."""

    level: Level
    why: str  # first, reached or grace
    until: str  # the month up to whose end it is measured
    distance: int
    share: int  # per mille of the way to the next level


def view(statement: Statement, words: Wording, digest: str) -> dict[str, Any]:
    """Return the names the templates may use."""
    if unknown := {payment.rule for payment in statement.payments} - {accrual.rule for accrual in statement.rules}:
        raise CannotRender(
            f"{statement.statement}: payments under {', '.join(sorted(unknown))}, a rule without commission here. "
            "Calculate the month again: no payment may be left out of its statement."
        )
    every = [rule_view(accrual, statement, words) for accrual in statement.rules]
    digits = statement.minor_digits
    return {
        "s": statement,
        "digest": digest,
        "every_rule": every,
        "rules": [rule for rule in every if rule.accrual.to == "partner"],
        "corrections": corrections_view(statement.corrections, "partner"),
        "elsewhere": list(elsewhere(every, statement, words)),
        "level": level_view(statement),
        "names": client_names(statement),
        "is_rounded": any(rule.is_rounded for rule in every),
        "nothing_left_out": nothing_left_out(every, statement),
        "carry": carry(statement.summary),
        "held": sum(balance.closing_minor for balance in statement.apart if balance.of == HELD),
        "w": words,
        "t": words.text,
        "say": RuleWords(words, digits),
        "money": partial(words.money, digits=digits),
        "rounding": partial(words.rounding, digits=digits),
        "exact": partial(words.exact, digits=digits),
    }


def rule_view(accrual: RuleAccrual, statement: Statement, words: Wording) -> RuleView:
    """Return one rule's part of the document."""
    payments = [payment for payment in statement.payments if payment.rule == accrual.rule]
    owed = accrual.to == "partner" and accrual.commission_minor < 0 <= accrual.base_minor
    return RuleView(
        accrual=accrual,
        rate=words.rate(accrual.rate) if accrual.rate else effective_rate(accrual, statement.minor_digits, words),
        tier_share=tier_share(accrual),
        counts=accrual.tier is not None and counts(accrual.tier),
        is_sliced=accrual.by == "graduated",
        is_taken_off=owed,
        clients=sorted(accrual.clients, key=lambda client: (-client.commission_minor, client.client_id)),
        shares=sorted(accrual.shares, key=lambda share: (-share.commission_minor, share.key)),
        payments=sorted(payments, key=lambda each: (each.paid_on or each.posted_on, each.invoice_id, each.line_id)),
        payments_minor=sum(payment.amount_minor for payment in payments),
        payments_base_minor=sum(payment.base_minor for payment in payments),
    )


def nothing_left_out(rules: Iterable[RuleView], statement: Statement) -> str:
    """Return what may be said of the lines where none was left out: all earned, all are under rules, or corrections."""
    if any(entry.sale_id for entry in statement.corrections):
        return "corrected"
    return "included" if all(map(each_earned, rules)) else "counted"


def each_earned(rule: RuleView) -> bool:
    """Whether every client whose payments stand under the rule earned the partner something by it."""
    earned = all(client.commission_minor for client in rule.clients)
    return not rule.payments or (rule.accrual.to == "partner" and earned)


def elsewhere(rules: Iterable[RuleView], statement: Statement, words: Wording) -> Iterable[ElsewhereView]:
    """Yield what is no part of the payout, by where it goes."""
    going: dict[str, list[RuleView]] = {to: [] for to in ELSEWHERE}
    for rule in rules:
        if rule.accrual.to != "partner":
            going.setdefault(rule.accrual.to, []).append(rule)
    for entry in statement.corrections:
        if entry.to != "partner":
            going.setdefault(entry.to, [])
    balances = {balance.of: balance for balance in statement.apart}
    for to, mine in going.items():
        corrections = corrections_view(statement.corrections, to)
        if mine or corrections or to in balances:
            held = balances.get(to)
            yield ElsewhereView(to, mine, corrections, held, box(held, words) if held else None)


def box(balance: BalanceBesidePayout, words: Wording) -> Box:
    """Return the balance of a fund; of what is only ever added to, how much it is by now."""

    def said(row: str) -> str:
        return words.text(f"fund.{row}") if balance.of == "fund" else words.text(f"so_far.{row}")

    rows = [(said("opening"), balance.opening_minor), (said("earned"), balance.earned_minor)]
    if balance.corrected_minor:
        rows.append((said("corrected"), balance.corrected_minor))
    if balance.of == "fund" or balance.spent_minor:
        rows.append((said("spent"), -balance.spent_minor))
    return Box(rows, (said("closing"), balance.closing_minor))


def level_view(statement: Statement) -> LevelView | None:
    """Return the level and why the partner is on it; None where the plan is not given by levels."""
    level = statement.level
    if level is None:
        return None
    why = "first" if not level.reached_in else "grace" if level.kept_by_grace else "reached"
    return LevelView(
        level=level,
        why=why,
        until=str(Period.parse(statement.period).previous()),
        distance=level.next_starts_at - level.measure,
        share=_per_mille(level.measure, level.starts_at, level.next_starts_at) if level.next_name else 1000,
    )


def client_names(statement: Statement) -> Mapping[str, str]:
    """Return what each client is called, by id; blank where nobody wrote a name."""
    names = {payment.client_id: "" for payment in statement.payments}
    names |= {item.client_id: item.client_name for item in statement.not_included}
    return names | {client.client_id: client.client_name for rule in statement.rules for client in rule.clients}


def effective_rate(accrual: RuleAccrual, digits: int, words: Wording) -> str:
    """Return what several rates came to on the whole base, to two decimals, marked as rounded.

    28 000.00 on 300 000.00 is 9.33 %. Blank where amounts were earned, not shares of a base.
    """
    on_base = sum(step.base_minor for step in accrual.steps) == accrual.base_minor
    if accrual.to == "kept" or not (accrual.by or (accrual.steps and accrual.lines and on_base)):
        return ""
    if accrual.base_minor == 0:
        return "—"
    share = 100 * Decimal(accrual.exact) / Decimal(decimal_text(accrual.base_minor, digits))
    return "≈ " + words.percent(str(share.quantize(Decimal("0.01"), ROUND_HALF_UP)))


def tier_share(accrual: RuleAccrual) -> int:
    """Return how far the measure has come from the tier it reached to the next, 0 to 1000."""
    if accrual.tier is None or accrual.tier.next is None:
        return 1000
    return _per_mille(accrual.tier.measure_minor, accrual.tier.starts_at_minor, accrual.tier.next.starts_at_minor)


def _per_mille(figure: int, start: int, end: int) -> int:
    return max(figure - start, 0) * 1000 // (end - start)


def carry(summary: Summary) -> str:
    """Return which text explains the balance carried forward; blank when nothing needs explaining."""
    if summary.carried_minor < 0:
        return "negative"
    return "below_minimum" if 0 < summary.carried_minor < summary.minimum_minor else ""
