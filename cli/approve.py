"""settle approve and settle reject: a person says yes or no to one draft of a month."""

import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from cli.arguments import MonthArgument
from cli.printing import print_answer

if TYPE_CHECKING:
    from tasks.facts.consents import Consent

Digest = Annotated[str, typer.Option(help="The draft's digest, as settle run printed it.")]
By = Annotated[str | None, typer.Option(help="Who says so. Default: the user of this machine.")]


def approve(
    period: MonthArgument,
    digest: Digest,
    by: By = None,
    comment: Annotated[str, typer.Option(help="A word to the auditor; it stands in the audit trail.")] = "",
) -> None:
    """Say yes to one draft. Other data makes another draft, and needs another yes; then run the month again."""
    from cli.answers import Approve
    from tasks.facts.consents import APPROVED, Consent

    said = _recorded(Consent(period, digest, by or getpass.getuser(), APPROVED, comment))
    answer = Approve(period=period, draft=said.draft_digest, by=said.by)
    print_answer(answer, [f"{said.by} approved draft {said.draft_digest} of {period}. Now: settle run {period}"])


def reject(
    period: MonthArgument,
    digest: Digest,
    comment: Annotated[str, typer.Option(help="Why; it stands in the audit trail.")],
    by: By = None,
) -> None:
    """Say no to one draft. Mend what is wrong and run the month again: that makes another draft."""
    from cli.answers import Reject
    from tasks.facts.consents import REJECTED, Consent

    said = _recorded(Consent(period, digest, by or getpass.getuser(), REJECTED, comment))
    answer = Reject(period=period, draft=said.draft_digest, by=said.by, comment=comment)
    words = f"{said.by} rejected draft {said.draft_digest} of {period}: {comment}. Mend it, then: settle run {period}"
    print_answer(answer, [words])


def _recorded(said: "Consent") -> "Consent":
    """Record what was said, and return it with the draft's digest in full."""
    from flows.give_consent import record_consent
    from flows.office import Office
    from models.period import Period
    from tasks.settings import read_settings

    Period.parse(said.period)  # before anything is asked
    return said._replace(draft_digest=record_consent(Office.open(read_settings()), said))
