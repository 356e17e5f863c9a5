"""settle approve and settle reject: a person says yes or no to one draft of a month."""

import getpass
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.arguments import MonthArgument
from cli.printing import print_answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flows.consent.withholding import Withheld
    from rules.payout import HoldWord
    from tasks.facts.consents import Consent

Digest = Annotated[str, typer.Option(help="The draft's digest, as settle run printed it.")]
By = Annotated[str | None, typer.Option(help="Who says so. Default: whose key signs, or the user of this machine.")]


def approve(
    period: MonthArgument,
    digest: Digest,
    by: By = None,
    comment: Annotated[str, typer.Option(help="A word to the auditor; it stands in the audit trail.")] = "",
    sign: Annotated[
        Path | None, typer.Option(help="Sign with this SSH key, or with the one an agent holds for this .pub file.")
    ] = None,
    signature: Annotated[
        Path | None, typer.Option(help="A signature that was made elsewhere, of the digest: see docs/operators.md.")
    ] = None,
    hold: Annotated[
        list[str] | None,
        typer.Option(metavar="PARTNER=REASON", help="Withhold a partner's payout, from this month until a release."),
    ] = None,
    release: Annotated[
        list[str] | None, typer.Option(metavar="PARTNER", help="Pay with this month what is held of a partner.")
    ] = None,
    prepared: Annotated[
        bool, typer.Option("--prepared", help="Say that you prepared the draft, which is no yes to it.")
    ] = False,
) -> None:
    """Say yes to one draft. Other data makes another draft, and needs another yes; then run the month again."""
    from cli.answers import Approve
    from models.errors import WrongUse
    from rules.payout import words_of
    from tasks.facts.consents import APPROVED, PREPARED, Consent

    given = _signing(sign, signature)
    name = by or ("" if given else getpass.getuser())
    words = words_of(hold or (), release or ())
    if prepared and (words or given):
        raise WrongUse("--prepared says who made the draft, and nothing else: give it without a yes.")
    if words:
        if not name or signature:
            raise WrongUse(
                "what is withheld or released makes another draft, and that one is signed: give --by NAME with --sign; "
                "a signature made elsewhere is given afterwards, of the draft that is named then."
            )
        digest, to_be_signed = _withheld(period, digest, words, name)
        if to_be_signed and not given:
            lines = [f"{name} made draft {digest} of {period} by it, which is to be signed before it is paid."]
            print_answer(Approve(period=period, draft=digest, by=name, signed=False), lines)
            return
    said = _recorded(Consent(period, digest, name, PREPARED if prepared else APPROVED, comment), given)
    answer = Approve(period=period, draft=said.draft_digest, by=said.by, signed=bool(said.signature))
    how = "prepared" if prepared else "signed and approved" if said.signature else "approved"
    print_answer(answer, [f"{said.by} {how} draft {said.draft_digest} of {period}. Now: settle run {period}"])


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


def _withheld(period: str, digest: str, words: "Sequence[HoldWord]", by: str) -> "Withheld":
    """Record what is said of payouts, and return the draft that says so."""
    from flows.consent.withholding import withhold
    from flows.office import Office
    from models.period import Period
    from tasks.settings import read_settings

    return withhold(Office.open(read_settings()), Period.parse(period), digest, words, by)


def _signing(key: Path | None, made: Path | None) -> "Callable[[bytes], str] | None":
    """What gives the signature of a text: a key, or the file of one made elsewhere; None: nobody signs."""
    from models.errors import BadInput, WrongUse
    from tasks.auditing.signing import sign_approval

    if key is not None and made is not None:
        raise WrongUse("--sign makes a signature, and --signature names one that was made: give one of the two.")
    if key is not None:
        return lambda text: sign_approval(text, key)
    if made is None:
        return None
    try:
        signature = made.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as fault:
        raise BadInput(f"--signature {made} cannot be read as a signature: {fault}.") from None
    return lambda _: signature


def _recorded(said: "Consent", sign: "Callable[[bytes], str] | None" = None) -> "Consent":
    """Record what was said, and return it as it was recorded."""
    from flows.consent.give_consent import recorded
    from flows.office import Office
    from models.period import Period
    from tasks.settings import read_settings

    Period.parse(said.period)  # before anything is asked
    return recorded(Office.open(read_settings()), said, sign)
