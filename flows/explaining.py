"""Explaining a statement: figure -> lines -> clause -> claim, from the facts of an approved month."""

from collections.abc import Iterator

from flows.office import Office
from models.errors import WrongUse
from models.money import major
from models.period import Period
from models.statement import ClientAccrual, Payment, RuleAccrual, Statement
from tasks.facts import STATEMENTS, approved_month, issued_statements

MOST_CLIENTS = 20  # without --client, the clients that brought most


def explained(office: Office, partner: str, period: Period, client: str | None) -> Iterator[str]:
    """Yield the explanation line by line. Raises WrongUse where there is no such statement or client."""
    facts = approved_month(office.database, period) if office.database.exists() else None
    if facts is None:
        raise WrongUse(f"{period} is not approved: there is nothing to explain yet. settle status shows the months.")
    if partner not in facts.statements:
        raise WrongUse(f"{partner} has no statement for {period}.")
    (statement,) = issued_statements(office.store.get(facts.input_key(STATEMENTS)), facts, [partner])
    if client and client not in _clients(statement):
        raise WrongUse(f"client {client} brought nothing to {partner} in {period}: it has no line in this statement.")
    yield from _summary(statement)
    for rule in statement.rules:
        yield from _rule(statement, rule, client)
    yield from _not_included(statement, client)


def _clients(statement: Statement) -> set[str]:
    return {client.client_id for rule in statement.rules for client in rule.clients} | {
        item.client_id for item in statement.not_included
    }


def _summary(statement: Statement) -> Iterator[str]:
    summary = statement.summary
    yield f"Statement {statement.number}, {statement.statement}: {statement.partner.name}"
    yield f"  approved {statement.approved.at} by {statement.approved.by}; draft {statement.digests.draft}"
    for words, minor in (
        ("opening balance", summary.opening_minor),
        ("commission", summary.commission_minor),
        ("to pay", summary.to_pay_minor),
        ("carried forward", summary.carried_minor),
    ):
        yield f"  {words:<18} {major(minor, statement.currency):>20} {statement.currency}"


def _rule(statement: Statement, rule: RuleAccrual, client: str | None) -> Iterator[str]:
    def money(minor: int) -> str:
        return major(minor, statement.currency)

    yield ""
    yield f"{rule.rule}: {money(rule.commission_minor)} on a base of {money(rule.base_minor)} from {rule.lines} lines"
    yield f"  clause   {rule.clause.words}"
    yield f"           programme {rule.clause.programme}, digest {rule.clause.digest}, plan {rule.clause.plan}"
    if rule.tier:
        yield (
            f"  tier     {rule.tier.position}, from {money(rule.tier.starts_at_minor)}, {rule.tier.rate} %: "
            f"{', '.join(rule.tier.measure_of)} came to {money(rule.tier.measure_minor)}"
        )
    for step in rule.steps:
        yield f"  working  {money(step.base_minor)} x {step.rate} % = {step.exact}"
    shown = sorted(rule.clients, key=lambda accrual: (-abs(accrual.commission_minor), accrual.client_id))
    if client:
        shown = [accrual for accrual in shown if accrual.client_id == client]
    for accrual in shown[:MOST_CLIENTS]:
        yield from _accrual(statement, rule, accrual, with_lines=client is not None)
    if len(shown) > MOST_CLIENTS:
        yield f"  ... and {len(shown) - MOST_CLIENTS} more clients; --client C shows one with its payments"


def _accrual(statement: Statement, rule: RuleAccrual, accrual: ClientAccrual, *, with_lines: bool) -> Iterator[str]:
    rounding = f", rounding {accrual.rounding_minor:+d}" if accrual.rounding_minor else ""
    yield (
        f"  client {accrual.client_id}: {major(accrual.commission_minor, statement.currency)} "
        f"(exactly {accrual.exact}{rounding}) on {major(accrual.base_minor, statement.currency)}; "
        f"claim {accrual.claim_id} of {accrual.claimed_on}"
    )
    if with_lines:
        for payment in statement.payments:
            if (payment.client_id, payment.rule) == (accrual.client_id, rule.rule):
                yield f"    {_payment(statement, payment)}"


def _payment(statement: Statement, payment: Payment) -> str:
    late = ", late" if payment.late else ""
    carried = f", open since {payment.carried_from}" if payment.carried_from else ""
    amount, base = (major(minor, statement.currency) for minor in (payment.amount_minor, payment.base_minor))
    return (
        f"line {payment.line_id}, invoice {payment.invoice_id}, {payment.category}, paid {payment.paid_on}: "
        f"{amount}, base {base}{late}{carried}"
    )


def _not_included(statement: Statement, client: str | None) -> Iterator[str]:
    items = [item for item in statement.not_included if client in (None, item.client_id)]
    if items:
        yield ""
        yield "Not included:"
    for item in items[:MOST_CLIENTS]:
        note = f" ({item.note})" if item.note else ""
        fate = "looked at again next month" if item.carried else "not carried"
        yield f"  client {item.client_id}, {item.category}: {item.lines} lines, {item.reason}{note}; {fate}"
    if len(items) > MOST_CLIENTS:
        yield f"  ... and {len(items) - MOST_CLIENTS} more"
