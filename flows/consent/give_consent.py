"""Give consent: a person says yes or no to one draft, by its digest. Other data needs another yes."""

from collections.abc import Callable

from flows.consent.approving import judged
from flows.office import Office
from models.errors import WrongUse
from models.period import Period, Version
from models.rows import ApprovalRow
from rules.programme.blocks.approval import person
from rules.programme.blocks.approvers import signed_text
from tasks.database.lease import lease
from tasks.facts.approved import programme_of
from tasks.facts.consents import APPROVED, Consent, consent, drafts_made


def give_consent(office: Office, period: Period, digest: str, by: str) -> str:
    """Record a person's yes to a draft, and return the draft's digest in full. Raises as `record_consent` does."""
    return record_consent(office, Consent(str(period), digest, by))


def record_consent(office: Office, given: Consent) -> str:
    """Record what a person says of a draft, and return the draft's digest in full."""
    return recorded(office, given).draft_digest


def recorded(office: Office, given: Consent, sign: Callable[[bytes], str] | None = None) -> Consent:
    """Record what a person says of a draft, and return it as it was recorded.

    The digest may be shortened to 12 digits or more. `sign` returns the signature of a text; then the name may be
    blank, for the key says whose it is. Raises WrongUse where no such draft was made, or the month is approved already,
    or the name is nobody's, or has to be signed.
    """
    period = Period.parse(given.period)
    if given.by or sign is None:
        given = given._replace(by=person(given.by))
    if not office.database.exists():
        raise WrongUse(f"{office.database} does not exist yet: settle run {period} makes the draft first.")
    office.check()
    given = given._replace(draft_digest=whole_digest(office, period, given.draft_digest))
    if sign is not None:
        given = given._replace(signature=sign(signed_text(given.draft_digest)))
    if given.role == APPROVED:
        given = judged(given, office)
    programme = programme_of(office.database)
    assert programme is not None, "a draft is kept together with its programme"
    with lease(office.database, programme, office.settings.lease_seconds) as epoch:
        consent(office.database, epoch, given, office.now())
    return given


def whole_digest(office: Office, period: Period, digest: str) -> str:
    """The digest, in full, of the one draft of the month that `digest` begins."""
    with office.database.reading() as session:
        if session.get(ApprovalRow, Version(period).columns):
            raise WrongUse(f"{period} is approved already; nothing of it can change.")
    made = drafts_made(office.database, period)
    matching = [known for known in made if known.startswith(digest)] if len(digest) >= 12 else []
    if len(matching) != 1:
        raise WrongUse(
            f"no draft of {period} has the digest {digest!r} (12 digits or more); drafts made: "
            f"{', '.join(made) or 'none, settle run ' + str(period) + ' makes one'}."
        )
    return matching[0]
