"""Payout: what of a partner's balance is to pay now, what a person withholds of it, and what is carried forward."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from models.errors import WrongUse
from models.statement import BalanceBesidePayout
from models.summary import EntryKind, SummaryEntry
from rules.earning.commission import balance

HELD, RELEASED = "held", "released"
"""The words that may be said of a partner's payout."""

LONGEST_REASON = 200


class HoldWord(NamedTuple):
    """What a person says of a partner's payout: it is held, and why; or what is held is released."""

    partner_id: str
    word: str
    reason: str = ""


class Payout(NamedTuple):
    """What becomes of a balance, in minor units."""

    released_minor: int  # of earlier payouts; it is part of the balance again
    held_minor: int
    to_pay_minor: int
    carried_minor: int


def payout(owed_minor: int, minimum_minor: int, held_before_minor: int = 0, *, is_held: bool = False) -> Payout:
    """Return what becomes of what is owed, where earlier payouts are held and this one may be.

    What was held comes back into the balance once nobody holds it: a debt of later months is set against it. Of 100.00
    that are owed, 100.00 are held, and with the 40.00 of the next month 140.00 are to pay when they are released.

    >>> payout(10_000, 5_000, is_held=True)
    Payout(released_minor=0, held_minor=10000, to_pay_minor=0, carried_minor=0)
    >>> payout(4_000, 5_000, held_before_minor=10_000)
    Payout(released_minor=10000, held_minor=0, to_pay_minor=14000, carried_minor=0)
    """
    released_minor = 0 if is_held else held_before_minor
    due_minor, carried_minor = balance(owed_minor, released_minor, minimum_minor)
    return Payout(released_minor, due_minor if is_held else 0, 0 if is_held else due_minor, carried_minor)


def held_entries(made: Payout, reason: str, before: tuple[str, ...]) -> Iterator[SummaryEntry]:
    """Yield what a summary says of what is released, citing the statement before, and of what is held, and why."""
    if made.released_minor:
        yield SummaryEntry(kind=EntryKind.RELEASED, amount_minor=made.released_minor, cites=before)
    if made.held_minor:
        yield SummaryEntry(kind=EntryKind.HELD, amount_minor=-made.held_minor, cites=(), reason=reason)


def held_balance(before_minor: int, made: Payout) -> Iterator[BalanceBesidePayout]:
    """Yield what is held of a partner before and after its statement; nothing where nothing is."""
    if before_minor or made.held_minor:
        yield BalanceBesidePayout(
            of=HELD,
            opening_minor=before_minor,
            earned_minor=made.held_minor,
            spent_minor=made.released_minor,
            closing_minor=before_minor + made.held_minor - made.released_minor,
            spent=(),
        )


def words_of(holds: Iterable[str], releases: Iterable[str]) -> list[HoldWord]:
    """Return the words that a person wrote: a hold as `PARTNER=REASON`, a release as `PARTNER`.

    Raises WrongUse for a hold without its reason.

    >>> words_of(["ana=a dispute"], ["bo"])
    [HoldWord(partner_id='ana', word='held', reason='a dispute'), HoldWord(partner_id='bo', word='released', reason='')]
    """
    written = [each.partition("=") for each in holds]
    if wrong := ["".join(each) for each in written if not each[0].strip() or not each[2].strip()]:
        raise WrongUse(f"{wrong[0]!r} withholds nothing: write PARTNER=REASON, as P-0001='the tax id is missing'.")
    held = [HoldWord(partner.strip(), HELD, " ".join(reason.split())) for partner, _, reason in written]
    return [*held, *(HoldWord(partner.strip(), RELEASED) for partner in releases)]


def standing(words: Iterable[HoldWord]) -> dict[str, str]:
    """Return why payouts are held, by partner: of each partner the last word stands.

    >>> standing([HoldWord("ana", "held", "a dispute"), HoldWord("bo", "held", "why"), HoldWord("bo", "released")])
    {'ana': 'a dispute'}
    """
    last = {each.partner_id: each for each in words}
    return {partner: each.reason for partner, each in sorted(last.items()) if each.word == HELD}


def without_said(said: Iterable[HoldWord], held: Mapping[str, str], before: Iterable[HoldWord]) -> list[HoldWord]:
    """Return what is said anew: no hold that stands with its reason, no release that the same person said `before`.

    >>> without_said([HoldWord("ana", "held", "why"), HoldWord("bo", "released")], {"ana": "why", "bo": "why"}, [])
    [HoldWord(partner_id='bo', word='released', reason='')]
    """
    done = set(before)
    return [
        each
        for each in said
        if not (
            held.get(each.partner_id) == each.reason
            if each.word == HELD
            else each in done and each.partner_id not in held
        )
    ]


def must_make_sense(said: Iterable[HoldWord], partners: Iterable[str], held: Iterable[str]) -> None:
    """Raise WrongUse for a word about a partner without a statement, a hold without its reason, a release of nothing.

    `partners` have a statement in the draft, of `held` the payout is held up to now.
    """
    known, now, named = set(partners), set(held), set[str]()
    faults = []
    for each in said:
        if each.partner_id in named:
            faults.append(f"{each.partner_id} is named twice: say one thing of each partner.")
        elif each.partner_id not in known:
            faults.append(
                f"{each.partner_id!r} has no statement in this draft, so there is nothing to hold or release."
            )
        elif each.word == RELEASED and each.partner_id not in now:
            faults.append(f"nothing of {each.partner_id} is held, so there is nothing to release.")
        elif each.word == HELD and not _is_reason(each.reason):
            faults.append(
                f"a hold of {each.partner_id} needs a reason of at most {LONGEST_REASON} characters that are seen; it "
                f"stands on the statement."
            )
        named.add(each.partner_id)
    if faults:
        raise WrongUse("nothing was recorded: " + " ".join(faults))


def _is_reason(written: str) -> bool:
    return bool(written.strip()) and written.isprintable() and len(written) <= LONGEST_REASON
