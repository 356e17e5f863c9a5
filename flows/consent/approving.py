"""What a draft needs before it is approved: nobody, a person's yes, or a yes signed by a key of approvers.csv."""

import json
import logging
from collections.abc import Iterator
from datetime import date

from flows.office import Office
from models.errors import BadInput, WrongUse
from models.money import Money
from models.period import Period
from rules.programme.blocks.approval import Approval, asked_for, how_to_approve
from rules.programme.blocks.approvers import (
    Approvers,
    Signature,
    SignedFor,
    counted,
    key_in,
    lacking,
    name_of,
    refusal,
    signed_text,
)
from rules.programme.file import Programme
from tasks.auditing.signing import approval_fault
from tasks.facts.consents import Consent, drafts_made, signatures
from tasks.facts.drafts_kept import approvers_before, approvers_in, draft_kept, last_programme_before

log = logging.getLogger("settle")


def asked(month: Period, programme: Programme, office: Office) -> Approval:
    """Return what the month needs before it is paid. Nobody's consent can be switched off by who needs it alone."""
    wanted = asked_for(programme.approval_asked, office.settings.approval)
    last = last_programme_before(office.database, month)
    before = last.approval_asked if last else Approval.OFF
    if asked_for(wanted, before) is not wanted:
        log.warning(
            "%s: programme.yaml switches the approval from %s to %s: the month that does so is approved as before.",
            month,
            before.value,
            wanted.value,
        )
        return before
    if wanted is Approval.OFF and drafts_made(office.database, month):
        log.warning("%s: a draft of it waited for a person's yes: it still does, though approval is off now.", month)
        return Approval.ON
    return wanted


def asked_of_draft(month: Period, digest: str, office: Office) -> Approval:
    """Return what a draft that was kept needs before its month is paid. Raises ChangedInDatabase."""
    _, programme = draft_kept(office.database, digest)
    return asked(month, programme, office)


def signed_by(month: Period, digest: str, judging: SignedFor, office: Office) -> tuple[str, ...]:
    """Return whose signatures of a draft count, where they are enough to approve it; nobody, where they are not."""
    given = list(_signatures(month, digest, office))
    if words := lacking(given, judging):
        log.warning("%s: approval is signed: %s: %s", month, words, how_to_approve(month, digest, Approval.SIGNED))
        return ()
    return counted(given, judging)


def signed_for(month: Period, approvers: Approvers | None, pays: Money, office: Office) -> SignedFor:
    """Return what signatures are judged by. Raises BadInput where nobody could sign."""
    before = approvers_before(office.database, office.store, month)
    standing = approvers if approvers is not None else before
    if not standing:
        raise BadInput(
            "approval is signed, and approvers.csv lists nobody: write one with the columns "
            "name,key,from,until,up_to_minor, and in it who may sign, each with the line of their .pub file."
        )
    return SignedFor(standing, before, pays)


def judged(given: Consent, office: Office) -> Consent:
    """Return a yes with the name of whose key signed it. Raises WrongUse where it counts for nothing as it is."""
    month = Period.parse(given.period)
    document, programme = draft_kept(office.database, given.draft_digest)
    if not given.signature:
        if asked(month, programme, office) is Approval.SIGNED:
            raise WrongUse(
                f"approval of {month} is signed: a name alone approves nothing. "
                f"{how_to_approve(month, given.draft_digest, Approval.SIGNED)}"
            )
        return given
    minor = sum(each["to_pay_minor"] for each in json.loads(document)["statements"])
    approvers = approvers_in(document, office.store)
    judging = signed_for(month, approvers, Money(minor=minor, currency=programme.currency), office)
    key = key_in(given.signature)
    by = given.by or next(filter(None, (name_of(key, each) for each in judging.lists)), "")
    signature = Signature(by, key, date.fromisoformat(office.now()[:10]))
    if words := _fault(given.signature, key, given.draft_digest):
        raise WrongUse(f"the signature is not of draft {given.draft_digest}: {words}")
    refused = [refusal(signature, each, judging.pays) for each in judging.lists]
    if "" not in refused:
        raise WrongUse(f"nothing was approved: {refused[0]}")
    return given._replace(by=by)


def _signatures(month: Period, digest: str, office: Office) -> Iterator[Signature]:
    """The signatures of a draft that are what they say. Any other is named, and counts for nothing."""
    for row in signatures(office.database, digest):
        try:
            key = key_in(row.signature)
            words = _fault(row.signature, key, digest)
        except BadInput as fault:
            words = str(fault)
        if words:
            log.warning("%s: the signature of %s does not count: %s", month, row.given_by, words)
            continue
        yield Signature(row.given_by, key, date.fromisoformat(row.signed_at[:10]))


def _fault(signature: str, key: str, digest: str) -> str:
    return approval_fault(signed_text(digest), signature, key)
