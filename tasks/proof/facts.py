"""Facts as the audit trail must tell them: one expected entry for each row that was ever born."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sqlmodel import Session

from models.canonical import canonical_json, sha256
from models.period import Version
from models.rows import HoldRow
from models.vendor import Claim
from tasks.facts.audit import AuditEntry
from tasks.facts.consents import APPROVED_EVENTS, EVENTS, SIGNED
from tasks.facts.holds import WORD_EVENTS, word_digest
from tasks.proof.rows import rows

CLAIM = Claim._fields
"""The columns of a claim that are the claim itself."""


class Told(NamedTuple):
    """A fact as an entry tells it."""

    event: str
    at: str
    period: str
    subject: str
    about: str
    amount_minor: int | None = None
    currency: str = ""

    def __str__(self) -> str:
        amount = "" if self.amount_minor is None else f", {self.amount_minor} minor units of {self.currency}"
        return f"{self.event} {self.subject}, {self.period or 'any month'}{amount}, digest {self.about[:12]}, {self.at}"


def expected_entries(session: Session) -> Iterator[Told]:
    """Yield the entry that each row of the database must have in the trail."""
    (programme,) = next(iter(rows(session, "SELECT min(name) FROM programme")))
    yield from _drafts(session, programme)
    for row in rows(session, f"SELECT {', '.join(HoldRow.model_fields)} FROM hold"):  # noqa: S608  (our own names)
        partner, _, word, _, _, month, at = row
        yield Told(WORD_EVENTS.get(word, f"payout.{word}"), at, month, partner, word_digest(row))
    approvals = rows(session, "SELECT period, version, approved_at FROM approval")
    approved = {Version.of_columns(month, number): at for month, number, at in approvals}
    of_month = {str(version.period): at for version, at in sorted(approved.items(), reverse=True)}
    yield from _claims(session, of_month)
    for month, number, partner, digest, commission, currency in rows(
        session, "SELECT period, version, partner_id, digest, commission_minor, currency FROM statement"
    ):
        version = Version.of_columns(month, number)
        at = approved.get(version, "")
        yield Told("statement.issued", at, month, version.of(partner), digest, commission, currency)
    for month, number, partner, digest in rows(
        session, "SELECT period, version, partner_id, sha256 FROM stored WHERE partner_id <> '' AND key LIKE '%.json'"
    ):
        version = Version.of_columns(month, number)
        yield Told("statement.archived", "", month, version.of(partner), digest)
    for month, digest, at in rows(session, "SELECT period, digest, sealed_at FROM seal"):
        yield Told("month.sealed", at, month, programme, digest)


def as_told(entry: AuditEntry) -> Told:
    """Return what an entry tells, without what its row does not say: when a document was archived, and where a
    programme was kept first."""
    told = Told(entry.event, entry.at, entry.period, entry.subject, entry.about, entry.amount_minor, entry.currency)
    if told.event == "programme.kept":
        return told._replace(at="", period="")
    return told._replace(at="") if told.event == "statement.archived" else told


def claim_digest(claim: Iterable[str]) -> str:
    """Return the digest a claim has in the trail: of its canonical JSON."""
    return sha256(canonical_json(claim_json(claim)))


def claim_json(claim: Iterable[str]) -> dict[str, str]:
    """Return what canonical JSON is made of for a claim: the values of its columns, in the order of CLAIM."""
    return dict(zip(CLAIM, claim, strict=True))


def _drafts(session: Session, programme: str) -> Iterator[Told]:
    for digest, name in rows(session, "SELECT digest, name FROM programme"):
        yield Told("programme.kept", "", "", name, digest)
    for digest, month, at in rows(session, "SELECT digest, period, made_at FROM draft"):
        yield Told("draft.made", at, month, programme, digest)
    for digest, role, by, month, at in rows(
        session, "SELECT draft_digest, role, given_by, period, given_at FROM consent"
    ):
        yield Told(EVENTS.get(role, f"draft.{role}"), at, month, by, digest)
    for by, month, at, signature in rows(session, "SELECT given_by, period, signed_at, signature FROM signature"):
        yield Told(SIGNED, at, month, by, sha256(signature.encode()))
    approvals = rows(session, "SELECT period, version, approved_by, approved_at, draft_digest FROM approval")
    for month, number, by, at, digest in approvals:
        yield Told(APPROVED_EVENTS[Version.of_columns(month, number).is_first], at, month, by, digest)


def _claims(session: Session, approved: dict[str, str]) -> Iterator[Told]:
    """An attribution is told with the claim behind it, as the claim stands: another partner's is another digest."""
    for month, client, partner, *claim in rows(
        session,
        "SELECT a.period, a.client_id, a.partner_id, a.claim_id, c.client_id, c.partner_id, a.claimed_on, c.channel, "
        "c.evidence FROM attribution a LEFT JOIN claim c ON c.claim_id = a.claim_id AND c.outcome = 'accepted'",
    ):
        yield Told(
            "client.attributed",
            approved.get(month, ""),
            month,
            f"{client} to {partner}",
            claim_digest(claim),
        )
    for month, *claim in rows(
        session,
        "SELECT period, claim_id, client_id, partner_id, claimed_on, channel, evidence FROM claim "
        "WHERE outcome = 'rejected'",
    ):
        yield Told("claim.rejected", approved.get(month, ""), month, claim[0], claim_digest(claim))
