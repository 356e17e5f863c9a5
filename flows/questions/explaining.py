"""Explaining a statement: figure -> lines -> clause -> claim, from an approved month's facts or from its archive."""

from collections.abc import Iterable, Iterator

from flows.office import Office
from models.billing import CHARGEBACK
from models.errors import WrongUse
from models.formats import read_statement
from models.money import counted, major
from models.period import Period, Version
from models.statement import (
    ClientAccrual,
    CorrectionEntry,
    CorrectionKind,
    Payment,
    RuleAccrual,
    Statement,
    Step,
    TierReached,
)
from models.summary import EntryKind
from rules.archive.layout import SEAL, STATEMENT_JSON, statement_key, statement_path
from tasks.documents.rule_words import counts
from tasks.facts.approved import STATEMENTS, issued_statements, stored_keys, the_approved_month, versions_of
from tasks.storage import Store
from tasks.storage.contents import Programme, programmes
from tasks.storage.sealed import SealedMonth, sealed_month

MOST_CLIENTS = 20  # without --client, the clients that brought most
MOST_STEPS = 20

ENTRIES = {
    EntryKind.OPENING: "opening balance",
    EntryKind.COMMISSION: "commission",
    EntryKind.CLAWBACK: "refunds",
    EntryKind.LIMIT: "caps, guarantees",
    EntryKind.ADJUSTMENT: "adjustments",
    EntryKind.RESTATEMENT: "worked out again",
    EntryKind.RELEASED: "released",
    EntryKind.HELD: "withheld",
    EntryKind.TO_PAY: "to pay",
    EntryKind.CARRIED: "carried forward",
}
"""What the entries of a summary are called."""

ELSEWHERE = {
    "person": "people, paid directly",
    "fund": "the partner's marketing fund",
    "credit": "gifts and credit, never money",
    "kept": "the partner's own margin: its clients paid it, the partner has kept it",
    "nobody": "nobody: counted and shown only",
    "held": "withheld from the payout until it is released",
}
"""Where what is no part of the payout goes."""


def approved_statement(office: Office, partner: str, period: Period) -> bytes:
    """Return a partner's newest statement of an approved month, as it was issued. Raises WrongUse where none is."""
    if not office.database.exists() or not versions_of(office.database, period):
        raise WrongUse(f"{period} is not approved: there is nothing to explain yet. settle status shows the months.")
    mine = versions_of(office.database, period, partner)
    if not mine:
        raise WrongUse(f"{partner} has no statement for {period}.")
    return statement_of(office, partner, mine[-1])


def statement_of(office: Office, partner: str, version: Version) -> bytes:
    """Return a partner's statement in an approved version of a month, as it was issued."""
    facts = the_approved_month(office.database, version)
    key = statement_key(facts.programme, facts.version, partner, STATEMENT_JSON)
    if key in {row.key for row in stored_keys(office.database, facts.version)}:
        return office.store.get(key, facts.statements[partner].digest)
    # Approved and not archived yet: it is made of the draft's bodies, as it will be archived.
    (issued,) = issued_statements(office.store.get(*facts.input(STATEMENTS)), facts.issue([partner]))
    return issued


def sealed_statement(store: Store, partner: str, period: Period) -> bytes:
    """Return `statement.json` of a closed month from its archive, without the database.

    The store begins at an archive, at a programme or at a month. The bytes are compared with what the month's seal
    vouches for. Raises WrongUse where there is no such statement; ChangedInStore, NotStored, BadInput.
    """
    _, month = archived_statement(store, partner, period)
    return month.read(statement_path(partner, STATEMENT_JSON))


def archived_statement(store: Store, partner: str, period: Period) -> tuple[Programme, SealedMonth]:
    """Return the programme, and the newest sealed version of the month, that has the partner's statement.

    Raises WrongUse where none has it, or several programmes do.
    """
    path = statement_path(partner, STATEMENT_JSON)
    held = programmes(store)
    found = [(programme, month) for programme in held if (month := newest_with(path, programme, period))]
    if not found:
        closed = sorted({str(version.period) for programme in held for version in sealed_versions(programme)})
        raise WrongUse(
            f"{store.url} holds no statement of {partner} for {period} that is sealed. "
            f"Sealed there: {', '.join(closed) or 'no month at all; check the URL'}."
        )
    if len(found) > 1:
        folders = ", ".join(f"{store.url}/{month.folder}" for _, month in found)
        raise WrongUse(f"{partner} has a statement for {period} in {len(found)} programmes: name one of {folders}.")
    return found[0]


def newest_with(path: str, programme: Programme, period: Period) -> SealedMonth | None:
    """Return the newest sealed version of the month that has the file: a later one has what was restated alone."""
    for version in sorted(sealed_versions(programme), reverse=True):
        if version.period == period:
            month = sealed_month(programme.store, programme.key(version), version)
            if path in month.digests:
                return month
    return None


def sealed_versions(programme: Programme) -> list[Version]:
    """Return the versions of months that have their SEAL."""
    return [version for version, files in programme.versions.items() if SEAL in files]


def explained(issued: bytes, client: str | None) -> Iterator[str]:
    """Yield the explanation of a statement line by line. Raises WrongUse where there is no such client."""
    statement = read_statement(issued)
    if client and client not in _clients(statement):
        raise WrongUse(f"client {client} has no line in {statement.statement}: it brought nothing there.")
    yield from explanation(statement, client)


def explanation(statement: Statement, client: str | None) -> Iterator[str]:
    """Yield what is behind every figure of a statement, or behind those of one client."""
    yield from _summary(statement)
    yield from _level(statement)
    for rule in statement.rules:
        yield from _rule(statement, rule, client)
    yield from _corrections(statement, client)
    if not client:
        yield from _apart(statement)
    yield from _not_included(statement, client)


def _clients(statement: Statement) -> set[str]:
    return {
        *(client.client_id for rule in statement.rules for client in rule.clients),
        *(item.client_id for item in statement.not_included),
        *(entry.key for entry in statement.corrections if entry.shared_by == "client"),
    }


def _summary(statement: Statement) -> Iterator[str]:
    yield f"Statement {statement.number}, {statement.statement}: {statement.partner.name}"
    yield f"  approved {statement.approved.at} by {statement.approved.by}; draft {statement.digests.draft}"
    if said := statement.supersedes:
        beside = f"stands beside {said.of_number}, {said.statement}" if said.of_number else "no statement stood before"
        amounts = (major(minor, statement.currency) for minor in (said.total_minor, said.difference_minor))
        yield "  {}: {} there; the difference, {}, is posted in {}".format(beside, *amounts, said.settled_in)
        yield f"    {said.reason}; made by {said.made_by}"
    for entry in statement.summary.entries:
        yield f"  {ENTRIES[entry.kind]:<18} {major(entry.shown_minor, statement.currency):>20} {statement.currency}"


def _rule(statement: Statement, rule: RuleAccrual, client: str | None) -> Iterator[str]:
    def money(minor: int) -> str:
        return major(minor, statement.currency)

    yield ""
    base = f" on a base of {money(rule.base_minor)} from {counted(rule.lines, 'line')}" if rule.lines else ""
    yield f"{rule.rule}: {money(rule.commission_minor)}{base}"
    if rule.to != "partner":
        yield f"  goes to  {ELSEWHERE[rule.to]}; no part of the payout"
    yield f"  clause   {rule.clause.words}"
    yield f"           programme {rule.clause.programme}, digest {rule.clause.digest}, plan {rule.clause.plan}"
    if rule.tier:
        yield f"  tier     {_tier(statement, rule.tier)}"
    for step in rule.steps[:MOST_STEPS]:
        yield f"  working  {_step(statement, step)}"
    if len(rule.steps) > MOST_STEPS:
        yield f"  ... and {len(rule.steps) - MOST_STEPS} more steps; statement.json has them all"
    if not client:
        yield from _shares(statement, rule)
    shown = sorted(rule.clients, key=lambda accrual: (-abs(accrual.commission_minor), accrual.client_id))
    if client:
        shown = [accrual for accrual in shown if accrual.client_id == client]
    for accrual in shown[:MOST_CLIENTS]:
        yield from _accrual(statement, rule, accrual, with_lines=client is not None)
    if len(shown) > MOST_CLIENTS:
        yield f"  ... and {len(shown) - MOST_CLIENTS} more clients; --client C shows one with its payments"


def _tier(statement: Statement, tier: TierReached) -> str:
    def figure(number: int) -> str:
        return f"{number} clients" if counts(tier) else major(number, statement.currency)

    months = "" if tier.window_months == 1 else f", over {tier.window_months} months"
    window = ", since the programme starts" if tier.window_months is None else months
    group = ", over the consolidation group" if tier.over == "consolidation_group" else ""
    measured = "" if tier.measured == "paid" else f" ({tier.measured.replace('_', ' ')})"
    return (
        f"{tier.position}, from {figure(tier.starts_at_minor)}, {tier.rate} %: "
        f"{', '.join(tier.measure_of)}{measured} came to {figure(tier.measure_minor)}{window}{group}"
    )


def _step(statement: Statement, step: Step) -> str:
    """`3 x 500.00 = 1500.000000 (first sales)`: an amount as it is, or so much of a base."""
    times = f"{step.count} x " if step.count != 1 else ""
    words = f" ({step.words})" if step.words else ""
    rate = f" x {step.rate}" if "/" in step.rate else f" x {step.rate} %"
    if step.words and step.rate == "100":
        rate = ""
    return f"{times}{major(step.base_minor, statement.currency)}{rate} = {step.exact}{words}"


def _shares(statement: Statement, rule: RuleAccrual) -> Iterator[str]:
    """What came of each event, person, partner or goal."""
    for share in rule.shares[:MOST_CLIENTS]:
        name = f" {share.name}" if share.name else ""
        rounding = f", rounding {share.rounding_minor:+d}" if share.rounding_minor else ""
        amount = major(share.commission_minor, statement.currency)
        yield f"  {rule.shared_by} {share.key}{name}: {amount} (exactly {share.exact}{rounding})"
    if len(rule.shares) > MOST_CLIENTS:
        yield f"  ... and {len(rule.shares) - MOST_CLIENTS} more; statement.json has them all"


def _level(statement: Statement) -> Iterator[str]:
    level = statement.level
    if level is None:
        return

    def figure(number: int) -> str:
        return f"{number} clients" if level.counts else major(number, statement.currency)

    grace = ", kept by grace" if level.kept_by_grace else ""
    reached = f", reached in {level.reached_in}{grace}" if level.reached_in else ""
    following = f"; {level.next_name} from {figure(level.next_starts_at)}" if level.next_name else ""
    yield (
        f"  level              {level.name} of {level.ladder}, from {figure(level.starts_at)}{reached}; "
        f"up to the month before the measure came to {figure(level.measure)}{following}"
    )


def _apart(statement: Statement) -> Iterator[str]:
    """What is kept apart from the payout, and the activities a fund paid for."""

    def money(minor: int) -> str:
        return major(minor, statement.currency)

    for kept in statement.apart:
        yield ""
        corrected = f"+ {money(kept.corrected_minor)} corrected " if kept.corrected_minor else ""
        yield (
            f"Kept apart, {ELSEWHERE[kept.of]}: {money(kept.opening_minor)} + {money(kept.earned_minor)} earned "
            f"{corrected}- {money(kept.spent_minor)} spent = {money(kept.closing_minor)}"
        )
        for entry in kept.spent:
            brought = f"; brought the claims {', '.join(entry.claims)}" if entry.claims else ""
            yield f"  {entry.spent_on} {entry.entry_id} {entry.activity}: {money(entry.amount_minor)}{brought}"


def _accrual(statement: Statement, rule: RuleAccrual, accrual: ClientAccrual, *, with_lines: bool) -> Iterator[str]:
    rounding = f", rounding {accrual.rounding_minor:+d}" if accrual.rounding_minor else ""
    base = f" on {major(accrual.base_minor, statement.currency)}" if accrual.lines else ""
    since = f"; {rule.bond} {accrual.claim_id} of {accrual.claimed_on}" if accrual.claim_id else ""
    yield (
        f"  client {accrual.client_id}: {major(accrual.commission_minor, statement.currency)} "
        f"(exactly {accrual.exact}{rounding}){base}{since}"
    )
    if with_lines:
        for payment in statement.payments:
            if (payment.client_id, payment.rule) == (accrual.client_id, rule.rule):
                yield f"    {_payment(statement, payment)}"


def _payment(statement: Statement, payment: Payment) -> str:
    late = ", late" if payment.late else ""
    carried = f", open since {payment.carried_from}" if payment.carried_from else ""
    amount, base = (major(minor, statement.currency) for minor in (payment.amount_minor, payment.base_minor))
    paid = f"paid {payment.paid_on}" if payment.paid_on else f"set off {payment.posted_on}"
    return (
        f"line {payment.line_id}, invoice {payment.invoice_id}, {payment.category}, {paid}: "
        f"{amount}, base {base}{late}{carried}"
    )


def _corrections(statement: Statement, client: str | None) -> Iterator[str]:
    """What is posted now for earlier months: each with the statement it corrects, the sale, the refund and the rate."""
    entries = [
        entry for entry in statement.corrections if client is None or (entry.shared_by, entry.key) == ("client", client)
    ]
    if entries:
        yield ""
        yield f"Corrections: {_to_partner(statement, entries)} of the payout"
    for entry in entries[:MOST_CLIENTS]:
        cites = "" if entry.cites == statement.statement else f"; it corrects {_cited(entry)}"
        yield f"  {correction_words(statement, entry)}{cites}"
        if entry.sale_id:
            yield f"    {return_words(statement, entry)}"
            yield f"    {entry.sale_id} earned {entry.earned} at {_rate(entry.rate)}; --line {entry.sale_id} follows it"
    if len(entries) > MOST_CLIENTS:
        yield f"  ... and {len(entries) - MOST_CLIENTS} more corrections; statement.json has them all"


def _to_partner(statement: Statement, entries: Iterable[CorrectionEntry]) -> str:
    return major(sum(entry.commission_minor for entry in entries if entry.to == "partner"), statement.currency)


def correction_words(statement: Statement, entry: CorrectionEntry) -> str:
    """Return what was posted, under which rule and for whom: `software, client C1: -60.00 (exactly -60.000000)`."""
    whom = f", {entry.shared_by} {entry.key}" if entry.key else ""
    goes = "" if entry.to == "partner" else f", goes to {ELSEWHERE[entry.to]}"
    if entry.kind is CorrectionKind.ADJUSTMENT:
        return f"adjustment {entry.refund_id}: {major(entry.commission_minor, statement.currency)}, {entry.words}"
    if entry.kind is CorrectionKind.RESTATEMENT:
        difference = major(entry.commission_minor, statement.currency)
        by = f"with {entry.refund_id}" if entry.refund_id else entry.words
        return f"{entry.rule}{whom}: {difference}; {by}{_stands(statement, entry)}{goes}"
    again = ", the limit is figured again" if entry.kind is CorrectionKind.LIMIT else ""
    taken_again = f", taken again: {entry.words}" if entry.words else ""
    stands = "" if entry.sale_id or not entry.earned else _stands(statement, entry)
    return (
        f"{entry.rule}{whom}: {major(entry.commission_minor, statement.currency)} (exactly {entry.exact}{again})"
        f"{stands}{goes}{taken_again}"
    )


def _stands(statement: Statement, entry: CorrectionEntry) -> str:
    return f": it comes to {major(entry.left_minor, statement.currency)}, was {entry.earned}"


def return_words(statement: Statement, entry: CorrectionEntry) -> str:
    """Return which line gives back what of which sale, and what is left of it."""

    def money(minor: int) -> str:
        return major(minor, statement.currency)

    does = f"gives {'again' if entry.refunded_minor < 0 else 'back'} {money(abs(entry.refunded_minor))}"
    what = "chargeback" if entry.refund_kind == CHARGEBACK else "line"
    excess = f", and {money(entry.excess_minor)} more than was left" if entry.excess_minor else ""
    return (
        f"{what} {entry.refund_id} of {entry.posted_on} {does} of line {entry.sale_id}, "
        f"paid {money(entry.sale_minor)}{excess}; {money(entry.left_minor)} is left"
    )


def _cited(entry: CorrectionEntry) -> str:
    return f"{entry.of_number}, {entry.cites}" if entry.of_number else entry.cites


def _rate(rate: str) -> str:
    return rate if "/" in rate else f"{rate} %"


def _not_included(statement: Statement, client: str | None) -> Iterator[str]:
    items = [item for item in statement.not_included if client in (None, item.client_id)]
    if items:
        yield ""
        yield "Not included:"
    for item in items[:MOST_CLIENTS]:
        note = f" ({item.note})" if item.note else ""
        fate = "looked at again next month" if item.carried else "not carried"
        yield f"  client {item.client_id}, {item.category}: {counted(item.lines, 'line')}, {item.reason}{note}; {fate}"
    if len(items) > MOST_CLIENTS:
        yield f"  ... and {len(items) - MOST_CLIENTS} more"
