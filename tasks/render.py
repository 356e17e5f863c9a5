"""Render: the statement as people see it. Canonical JSON is the truth; HTML and PDF are views of the same value.

Templates only place what they are given: every figure is in the statement, or is worked out here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import Any

from models.canonical import sha256
from models.money import decimal_text
from models.statement import ClientAccrual, Payment, RuleAccrual, Statement, Summary
from tasks.step import step
from tasks.typesetting import CannotRender, html_templates, pdf, typst_templates
from tasks.wording import Wording, wording

MOST_ROWS = 200
"""Rows of one table that the PDF prints, saying so where there are more. HTML and JSON have them all.

Nobody reads 200 pages of payments, and a row costs the typesetter 0.2 MB of memory.
"""


@dataclass(frozen=True)
class Rendered:
    """The documents of one batch by partner and file name, and the partners that failed, each with the reason."""

    documents: Mapping[str, Mapping[str, bytes]]
    failed: Mapping[str, str]


@step(name="render")
def render(statements: Sequence[Statement]) -> Rendered:
    """Return the documents of every statement that can be rendered, and the reason for each that cannot."""
    done: dict[str, Mapping[str, bytes]] = {}
    failed: dict[str, str] = {}
    for statement in statements:
        # One partner's document must never cost the others theirs, whatever is wrong with it.
        try:
            done[statement.partner.partner_id] = documents(statement)
        except Exception as error:
            failed[statement.partner.partner_id] = f"{type(error).__name__}: {error}"
    return Rendered(done, failed)


def documents(statement: Statement) -> dict[str, bytes]:
    """Return the statement's files by name. The same statement gives the same bytes."""
    canonical = statement.to_bytes()
    words = wording(statement.partner.locale)
    facts = view(statement, words, sha256(canonical))
    return {
        "statement.json": canonical,
        "statement.html": html_templates().get_template("statement.html.j2").render(facts).encode(),
        "statement.pdf": pdf(
            typst_templates().get_template("statement.typ.j2").render(facts),
            title=f"{words.text('title')} {words.text('number', number=statement.number)}",
            author=statement.programme,
            language=words.locale,
            at=statement.approved.at,
        ),
    }


@dataclass(frozen=True)
class RuleView:
    """One rule's commission in the order people read it: the largest client first, payments by day."""

    accrual: RuleAccrual
    rate: str
    tier_share: int  # per mille of the way from the tier reached to the next
    clients: Sequence[ClientAccrual]
    payments: Sequence[Payment]
    payments_minor: int
    names: Mapping[str, str]


def view(statement: Statement, words: Wording, digest: str) -> dict[str, Any]:
    """Return the names the templates may use."""
    if strange := {payment.rule for payment in statement.payments} - {accrual.rule for accrual in statement.rules}:
        raise CannotRender(
            f"{statement.statement}: payments under {', '.join(sorted(strange))}, a rule without commission here. "
            "Calculate the month again: no payment may be left out of its statement."
        )
    return {
        "s": statement,
        "digest": digest,
        "rules": [rule_view(accrual, statement, words) for accrual in statement.rules],
        "is_rounded": any(client.rounding_minor for accrual in statement.rules for client in accrual.clients),
        "carry": carry(statement.summary),
        "most_rows": MOST_ROWS,
        "w": words,
        "t": words.text,
        "money": partial(words.money, digits=statement.minor_digits),
        "rounding": partial(words.rounding, digits=statement.minor_digits),
        "exact": partial(words.exact, digits=statement.minor_digits),
    }


def rule_view(accrual: RuleAccrual, statement: Statement, words: Wording) -> RuleView:
    """Return one rule's part of the document."""
    payments = [payment for payment in statement.payments if payment.rule == accrual.rule]
    return RuleView(
        accrual=accrual,
        rate=words.percent(accrual.rate) if accrual.rate else effective_rate(accrual, statement.minor_digits, words),
        tier_share=tier_share(accrual),
        clients=sorted(accrual.clients, key=lambda client: (-client.commission_minor, client.client_id)),
        payments=sorted(payments, key=lambda payment: (payment.paid_on, payment.invoice_id, payment.line_id)),
        payments_minor=sum(payment.amount_minor for payment in payments),
        names={client.client_id: client.client_name for client in accrual.clients},
    )


def effective_rate(accrual: RuleAccrual, digits: int, words: Wording) -> str:
    """Return what a graduated rule came to on its whole base, to two decimals, marked as rounded.

    28 000.00 on 300 000.00 is 9.33 %.
    """
    if accrual.base_minor == 0:
        return "—"
    share = 100 * Decimal(accrual.exact) / Decimal(decimal_text(accrual.base_minor, digits))
    return "≈ " + words.percent(str(share.quantize(Decimal("0.01"), ROUND_HALF_UP)))


def tier_share(accrual: RuleAccrual) -> int:
    """Return how far the measure has come from the tier it reached to the next, 0 to 1000."""
    if accrual.tier is None or accrual.tier.next is None:
        return 1000
    start, end = accrual.tier.starts_at_minor, accrual.tier.next.starts_at_minor
    return max(accrual.tier.measure_minor - start, 0) * 1000 // (end - start)


def carry(summary: Summary) -> str:
    """Return which text explains the balance carried forward; blank when nothing needs explaining."""
    if summary.carried_minor < 0:
        return "negative"
    return "below_minimum" if 0 < summary.carried_minor < summary.minimum_minor else ""
