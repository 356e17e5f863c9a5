"""The ledger: double entry, append only. What we owe is a credit; balances are sums of postings."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from models.money import decimal_text, minor_digits
from models.period import Period
from models.statement import CorrectionKind, Statement
from models.summary import EntryKind
from rules.plan import To

ACCRUED = "liabilities:accrued"  # earned, not yet to be paid
PAYABLE = "liabilities:payable"  # a statement said it is to be paid
HELD = "liabilities:held"  # would be to pay, and a person withholds it
FUND = "liabilities:fund"  # a partner's marketing fund
ACTIVITIES = "liabilities:activities"  # what the fund agreed to pay for

BESIDE_PAYOUT_ACCOUNTS = {To.FUND: FUND, To.CREDIT: "liabilities:credit", To.PERSON: "liabilities:persons"}
"""The account that owes what goes to each place beside the payout. A kept margin never was ours: it is not booked."""

BALANCE_ACCOUNTS = {to.value: account for to, account in BESIDE_PAYOUT_ACCOUNTS.items()} | {"held": HELD}
"""The account of each balance that a statement has beside the one it carries forward."""


class Leg(NamedTuple):
    """One leg of an entry: debit positive, credit negative."""

    account: str
    amount_minor: int


class Entry(NamedTuple):
    """One entry: its legs sum to zero. It cites the statement that explains it."""

    partner_id: str
    statement: str
    legs: tuple[Leg, ...]


def entries(statement: Statement) -> list[Entry]:
    """Return what a statement books: an entry for each rule, each rule corrected, each activity of a fund, what is
    released, withheld and paid out.

    Commission of 100.00 with 80.00 to pay debits the expense 100.00, credits accrued 100.00, then moves
    80.00 from accrued to payable. Where a person withholds them, they go from accrued to held.
    """
    partner_id = statement.partner.partner_id
    owed = {To.PARTNER: ACCRUED} | BESIDE_PAYOUT_ACCOUNTS
    moves = [
        (f"expenses:commission:{rule.rule}", owed[To(rule.to)], rule.commission_minor)
        for rule in statement.rules
        if To(rule.to) in owed
    ]
    moves += [
        (account, owed[To(to)], minor) for (account, to), minor in _corrected(statement).items() if To(to) in owed
    ]
    moves += [(FUND, ACTIVITIES, spent.amount_minor) for balance in statement.apart for spent in balance.spent]
    amounts = {entry.kind: entry.amount_minor for entry in statement.summary.entries}
    moves.append((HELD, ACCRUED, amounts.get(EntryKind.RELEASED, 0)))
    moves.append((ACCRUED, HELD, -amounts.get(EntryKind.HELD, 0)))
    moves.append((ACCRUED, PAYABLE, statement.summary.to_pay_minor))
    return [
        Entry(partner_id, statement.statement, (Leg(debit, amount), Leg(credit, -amount)))
        for debit, credit, amount in moves
        if amount
    ]


_BEARS = {
    CorrectionKind.ADJUSTMENT: "expenses:adjustment",
    CorrectionKind.RESTATEMENT: "expenses:restatement:{}",
}
"""The account that bears a correction, where it is not what a sale gave back."""


def _corrected(statement: Statement) -> dict[tuple[str, str], int]:
    """What is posted for earlier months, by the account that bears it and whom it goes to."""
    found: dict[tuple[str, str], int] = {}
    for each in statement.corrections:
        of = (_BEARS.get(each.kind, "expenses:clawback:{}").format(each.rule), each.to)
        found[of] = found.get(of, 0) + each.commission_minor
    return found


class Balance(NamedTuple):
    """What a partner was owed on an account before the month, and after it, in minor units."""

    partner_id: str
    account: str
    opening_minor: int
    closing_minor: int


def journal(period: Period, currency: str, booked: Iterable[Entry], balances: Sequence[Balance]) -> str:
    """Return the month as an hledger journal that `hledger check --strict` accepts.

    Each closing balance is an assertion, so one changed kopeck is an error with file and line.
    """
    digits = minor_digits(currency)

    def amount(minor: int) -> str:
        return f"{currency} {decimal_text(minor, digits)}"

    booked = list(booked)
    opened = [each for each in balances if each.opening_minor]
    accounts = {_account(entry.partner_id, leg.account) for entry in booked for leg in entry.legs}
    accounts |= {_account(each.partner_id, each.account) for each in balances} | {"equity:opening"}
    text = [f"; Commission of {period}", f"commodity {amount(0)}" if digits else f"commodity {currency} 0."]
    text += [f"account {account}" for account in sorted(accounts)]
    if opened:
        text += ["", f"{period.first_day} opening balances"]
        text += [f"    {_account(each.partner_id, each.account)}  {amount(-each.opening_minor)}" for each in opened]
        text += [f"    equity:opening  {amount(sum(each.opening_minor for each in opened))}"]
    for entry in booked:
        text += ["", f"{period.last_day} {entry.statement}"]
        text += [f"    {_account(entry.partner_id, leg.account)}  {amount(leg.amount_minor)}" for leg in entry.legs]
    text += ["", f"{period.last_day} carried forward, as each statement says"]
    text += [
        f"    {_account(each.partner_id, each.account)}  {amount(0)} = {amount(-each.closing_minor)}"
        for each in balances
    ]
    return "\n".join(text) + "\n"


def _account(partner_id: str, account: str) -> str:
    kind, _, name = account.partition(":")
    return f"{kind}:{partner_id}:{name}" if kind == "liabilities" else account
