"""Sums that must agree: postings, accruals and statements of each month, and what its draft promised."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import orjson
from sqlmodel import Session, select

from models.errors import ChangedInDatabase
from models.money import major
from models.period import Period, Version
from models.rows import ApprovalRow, ConsentRow, StatementRow
from models.vendor import Attribution
from rules.draft import listed
from rules.ledger import ACCRUED, HELD, PAYABLE
from tasks.facts.documents import draft_document, programme_kept
from tasks.proof.difference import Difference
from tasks.proof.facts import CLAIM, claim_json
from tasks.proof.rows import rows

OF_MONTH = ("statement", "accrual", "correction", "posting", "stored", "seal")
ATTRIBUTION = Attribution._fields
FIGURES = ("opening_minor", "commission_minor", "held_minor", "to_pay_minor", "carried_minor")


class Sum(NamedTuple):
    """Postings of a month to one account of a partner."""

    version: Version
    partner_id: str
    account: str


def month_differences(session: Session) -> Iterator[Difference]:
    """Compare what the rows of every month come to, with each other and with the draft that was approved."""
    yield from _without_approval(session)
    yield from _uneven_entries(session)
    yield from _claims_without_bond(session)
    yield from _drafts_exchanged(session)
    accruals = _sums(session, "accrual", "commission_minor", "paid_to")
    corrections = _sums(session, "correction", "commission_minor", "paid_to")
    postings = _sums(session, "posting", "amount_minor", "account")
    statements: dict[Version, list[StatementRow]] = defaultdict(list)
    for row in session.exec(select(StatementRow)):
        statements[Version.of_columns(row.period, row.version)].append(row)
    for approval in session.exec(select(ApprovalRow).order_by(ApprovalRow.period)):
        version = Version.of_columns(approval.period, approval.version)
        try:
            draft = orjson.loads(draft_document(session, approval.draft_digest))
            programme_kept(session, approval.programme_digest)
        except ChangedInDatabase as changed:
            yield Difference(f"approval {version}", str(changed))
            continue
        yield from _approved_as_drafted(session, approval, draft)
        yield from _as_drafted(version, statements[version], draft)
        for row in statements[version]:
            earned = accruals.get(Sum(version, row.partner_id, "partner"), 0)
            corrected = corrections.get(Sum(version, row.partner_id, "partner"), 0)
            yield from _unequal(row, "its accruals", earned, "its commission", row.commission_minor)
            yield from _unequal(row, "its corrections", corrected, "what is corrected on it", row.corrections_minor)
            if not version.is_first:  # it books nothing: the month that settles it posts the difference
                continue
            accrued = postings.pop(Sum(version, row.partner_id, ACCRUED), 0)
            paid = postings.pop(Sum(version, row.partner_id, PAYABLE), 0)
            moved = row.carried_minor - row.opening_minor
            yield from _unequal(row, f"postings to {ACCRUED}", -accrued, "what it carries beyond its opening", moved)
            yield from _unequal(row, f"postings to {PAYABLE}", -paid, "to pay", row.to_pay_minor)
            held = postings.pop(Sum(version, row.partner_id, HELD), 0)
            yield from _unequal(row, f"postings to {HELD}", -held, "withheld less released", row.held_minor)
    for sum_, minor in sorted(postings.items()):
        if sum_.account in (ACCRUED, HELD, PAYABLE) and minor:
            words = f"{minor} minor units are posted to {sum_.account}, and no statement of {sum_.version} says so"
            yield Difference(f"postings of {sum_.partner_id}", words)
    yield from _openings(session, statements)


def _openings(session: Session, statements: Mapping[Version, list[StatementRow]]) -> Iterator[Difference]:
    """What a partner is owed is what its last statement carries; each statement opens with what the one before did."""
    carried: dict[str, StatementRow] = {}
    for version, of_version in sorted(statements.items()):
        for row in of_version if version.is_first else ():  # a later version carries nothing
            before = carried.get(row.partner_id)
            minor = before.carried_minor if before else 0
            yield from _unequal(row, "the statement before carries", minor, "it opens with", row.opening_minor)
            carried[row.partner_id] = row
    owed = rows(
        session,
        "SELECT partner_id, -sum(amount_minor) FROM posting WHERE account = :account GROUP BY partner_id",
        account=ACCRUED,
    )
    for partner_id, minor in owed:
        last = carried.get(partner_id)
        if last is None and minor:
            words = f"{minor} minor units are owed on {ACCRUED}, and it never had a statement"
            yield Difference(f"postings of {partner_id}", words)
        elif last is not None and int(minor) != last.carried_minor:
            yield Difference(
                f"postings of {partner_id}",
                f"{ACCRUED} comes to {major(int(minor), last.currency)} {last.currency}, and its last statement, "
                f"{last.period}/v{last.version}, carries {major(last.carried_minor, last.currency)} {last.currency}",
            )


def _unequal(row: StatementRow, one: str, minor: int, other: str, said: int) -> Iterator[Difference]:
    if minor != said:
        amounts = f"{one}: {major(minor, row.currency)}; {other}: {major(said, row.currency)} {row.currency}"
        yield Difference(f"statement {row.partner_id}/{row.period}/v{row.version}", amounts)


def _sums(session: Session, table: str, amount: str, group: str) -> dict[Sum, int]:
    summed = (
        f"SELECT period, version, partner_id, {group}, sum({amount}) FROM {table} "  # noqa: S608  (our own names)
        f"GROUP BY period, version, partner_id, {group}"
    )
    versions: dict[tuple[str, int], Version] = {}
    sums = {}
    for period, number, partner_id, name, minor in rows(session, summed):
        version = versions.setdefault((period, number), Version.of_columns(period, number))
        sums[Sum(version, partner_id, name)] = int(minor)
    return sums


def _without_approval(session: Session) -> Iterator[Difference]:
    for table in OF_MONTH:
        strange = (
            f"SELECT DISTINCT t.period, t.version FROM {table} t LEFT JOIN approval a "  # noqa: S608  (our own names)
            "ON a.period = t.period AND a.version = t.version WHERE a.period IS NULL"
        )
        for period, number in rows(session, strange):
            yield Difference(f"{table} {period}/v{number}", "has rows, and the month was never approved")
    for table in ("attribution", "claim"):
        strange = (
            f"SELECT DISTINCT t.period FROM {table} t LEFT JOIN approval a ON a.period = t.period "  # noqa: S608
            "WHERE a.period IS NULL"
        )
        for (period,) in rows(session, strange):
            yield Difference(f"{table} of {period}", "has rows, and the month was never approved")


def _uneven_entries(session: Session) -> Iterator[Difference]:
    uneven = (
        "SELECT period, version, entry, min(partner_id), min(account), sum(amount_minor), min(currency), count(*) "
        "FROM posting GROUP BY period, version, entry HAVING sum(amount_minor) <> 0 OR count(*) <> 2"
    )
    for period, number, entry, partner_id, account, minor, currency, legs in rows(session, uneven):
        words = f"{legs} legs ({partner_id}, {account}) come to {major(int(minor), currency)} {currency}, not to 0"
        yield Difference(f"posting {period}/v{number} entry {entry}", words)


def _claims_without_bond(session: Session) -> Iterator[Difference]:
    """A claim that was not rejected attributed its client: the trail tells it with the attribution."""
    alone = (
        "SELECT c.claim_id, c.client_id, c.outcome, c.period FROM claim c LEFT JOIN attribution a "
        "ON a.claim_id = c.claim_id AND a.client_id = c.client_id AND a.period = c.period "
        "WHERE c.outcome <> 'rejected' AND a.claim_id IS NULL ORDER BY c.claim_id"
    )
    for claim_id, client_id, outcome, period in rows(session, alone):
        words = f"is {outcome} in {period}, and attributed {client_id} to nobody: no month decided it"
        yield Difference(f"claim {claim_id}", words)
    otherwise = (
        "SELECT c.claim_id, c.claimed_on, a.claimed_on, c.reason FROM claim c JOIN attribution a "
        "ON a.claim_id = c.claim_id WHERE c.claimed_on <> a.claimed_on OR (c.outcome <> 'rejected' AND c.reason <> '') "
        "ORDER BY c.claim_id"
    )
    for claim_id, claimed_on, attributed_on, reason in rows(session, otherwise):
        says = ", ".join(filter(None, (claimed_on, reason)))
        yield Difference(f"claim {claim_id}", f"was made on {attributed_on} and accepted; its row says {says}")


def _drafts_exchanged(session: Session) -> Iterator[Difference]:
    """A draft that no month was approved by is read by nobody any more, and is what somebody saw."""
    unused = "SELECT digest FROM draft WHERE digest NOT IN (SELECT draft_digest FROM approval) ORDER BY digest"
    for (digest,) in list(rows(session, unused)):
        try:
            draft_document(session, digest)
        except ChangedInDatabase as changed:
            yield Difference(f"draft {digest}", str(changed))


def _as_drafted(version: Version, issued: list[StatementRow], draft: dict[str, Any]) -> Iterator[Difference]:
    """Where statements say other figures than the draft that was approved."""
    drafted = {totals["partner"]: totals for totals in draft["statements"]}
    for row in issued:
        totals = drafted.pop(row.partner_id, None)
        if totals is None:
            yield Difference(f"statement {version.of(row.partner_id)}", "was no part of the draft that was approved")
            continue
        for name in FIGURES:
            yield from _unequal(
                row, f"{name} in the draft", totals.get(name, 0), "in the statement", getattr(row, name)
            )
    for partner_id in sorted(drafted):
        yield Difference(f"statement {version.of(partner_id)}", "was approved with the draft, and is missing")


def _approved_as_drafted(session: Session, approval: ApprovalRow, draft: dict[str, Any]) -> Iterator[Difference]:
    where = f"approval {approval.period}/v{approval.version}"
    if draft["period"] != approval.period or draft["programme"]["digest"] != approval.programme_digest:
        yield Difference(where, "names another month or programme than its draft")
    given = session.exec(
        select(ConsentRow)
        .where(ConsentRow.draft_digest == _consented_to(session, approval, draft), ConsentRow.role == "approved")
        .order_by(ConsentRow.given_at, ConsentRow.given_by)
    ).all()
    names = ", ".join(row.given_by for row in given)
    if approval.approved_by not in ("system", names):
        words = f"was approved by {approval.approved_by}, and those who consented are: {names or 'nobody'}"
        yield Difference(where, words)
    for row in given:
        if row.given_at > approval.approved_at:
            words = f"was given at {row.given_at}, after the approval at {approval.approved_at}"
            yield Difference(f"consent of {row.given_by}", words)
    if draft["attributions"] != (found := _attributions(session, approval.period)):
        yield Difference(
            f"attributions of {approval.period}",
            f"are not those that were approved: {found['count']} are there, {draft['attributions']['count']} "
            f"were approved (digests {found['digest'][:12]} and {draft['attributions']['digest'][:12]})",
        )
    if draft["rejected_claims"] != (found := _rejected(session, approval.period)):
        yield Difference(
            f"rejected claims of {approval.period}",
            f"are not those that were approved: {found['count']} are there, {draft['rejected_claims']['count']} "
            f"were approved",
        )


def _consented_to(session: Session, approval: ApprovalRow, draft: dict[str, Any]) -> str:
    """The digest of the draft that an approval rests on: of a later version that of the month which settles it."""
    if "restated" not in draft:
        return approval.draft_digest
    settling = session.get(ApprovalRow, Version(Period.parse(draft["restated"]["settled_in"])).columns)
    return settling.draft_digest if settling else ""


def _attributions(session: Session, period: str) -> dict[str, Any]:
    statement = f"SELECT {', '.join(ATTRIBUTION)} FROM attribution WHERE period = :period"  # noqa: S608  (our own names)
    born = sorted(rows(session, statement, period=period))
    return listed(dict(zip(ATTRIBUTION, row, strict=True)) for row in born)


def _rejected(session: Session, period: str) -> dict[str, Any]:
    statement = (
        f"SELECT client_id, claimed_on, claim_id, {', '.join(CLAIM)}, reason FROM claim "  # noqa: S608  (our own names)
        "WHERE period = :period AND outcome = 'rejected'"
    )
    return listed(
        {"claim": claim_json(claim), "reason": reason}
        for _, _, _, *claim, reason in sorted(rows(session, statement, period=period))
    )
