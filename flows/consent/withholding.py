"""Withholding: a person says that a partner's payout is held, or released; that makes another draft of the month.

The draft is worked out again from what the first one rests on, so nothing but the payouts it names is another. Whoever
approves of it, by name or by signature, approves of what is withheld and of the reasons.
"""

import json
from collections.abc import Sequence
from typing import NamedTuple

from engine.draft import draft
from flows.consent.approving import asked
from flows.consent.deciding import keep_files, lines_at_once
from flows.consent.give_consent import whole_digest
from flows.office import Office
from models.errors import WrongUse
from models.period import Period
from rules.archive.layout import Input
from rules.payout import HELD, HoldWord, must_make_sense, standing, without_said
from rules.programme.blocks.approval import Approval, person
from tasks.approve import propose
from tasks.code_version import code_version
from tasks.database.lease import lease
from tasks.facts.drafts_kept import draft_kept
from tasks.facts.holds import held_now, last_words, record_holds
from tasks.gather import inputs_of_draft
from tasks.memory import rare_collections


class Withheld(NamedTuple):
    """The draft that says what is withheld, and whether a yes to it is to be signed."""

    draft_digest: str
    to_be_signed: bool


@rare_collections()
def withhold(office: Office, month: Period, digest: str, said: Sequence[HoldWord], by: str) -> Withheld:
    """Record what a person says of payouts, keep the draft that says so, and return it.

    The same a second time changes nothing. Raises WrongUse for a word that makes no sense, a draft that was never made
    or is another version's, and a month that is approved already.
    """
    by = person(by)
    office.check()
    document, programme = draft_kept(office.database, whole_digest(office, month, digest))
    if (made_by := json.loads(document)["code"]) != code_version():
        raise WrongUse(
            f"this draft was made by version {made_by}, and this is {code_version()}: settle run {month} makes it "
            f"again, then withhold."
        )
    with lease(office.database, programme.programme, office.settings.lease_seconds) as epoch:
        with office.database.reading() as session:
            held, before = held_now(session), last_words(session, month, by)
        new = without_said(said, held, before)
        must_make_sense(new, (each["partner"] for each in json.loads(document)["statements"]), held)
        then = standing([*(HoldWord(partner, HELD, reason) for partner, reason in held.items()), *new])
        inputs = inputs_of_draft(
            document, then, lambda stored: office.store.get(*Input.named(programme.programme, stored))
        )
        made = draft(inputs, lines_at_once=lines_at_once(inputs, office))
        keep_files(made, inputs, office)
        if new:
            record_holds(office.database, epoch, new, by, (month, office.now()))
        propose(made, office.database, epoch, office.now())
    return Withheld(made.digest, asked(month, programme, office) is Approval.SIGNED)
