"""Following a line through the months: from a refund back to its sale, and from a sale on to what was given back."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple, Protocol

import polars as pl
from sqlmodel import select

from engine.accruals import exact_of
from engine.draft import ACCRUALS, LINES, RETURNS
from engine.frames.later_columns import with_later_columns
from engine.frames.parquet import rows_from
from engine.frames.schemas import Accruals, Returns
from flows.office import Office
from flows.questions.explaining import (
    approved_statement,
    archived_statement,
    correction_words,
    newest_with,
    sealed_versions,
    statement_of,
)
from models.billing import Outcome
from models.errors import WrongUse
from models.formats import read_statement
from models.money import major
from models.period import Period, Version
from models.rows import ApprovalRow
from models.statement import CorrectionEntry, Payment, Statement
from rules.archive.layout import STATEMENT_JSON, statement_path
from rules.corrections.refunds import Return
from rules.draft import inputs_of
from rules.statement.texts import exact_text, rate_text
from tasks.facts.approved import the_approved_month, versions_of
from tasks.storage import Store
from tasks.storage.contents import Programme
from tasks.storage.sealed import sealed_month

MOST_SALES = 20  # of a refund that names an invoice


class Months(Protocol):
    """What is known of a partner's months: from the database and the store, or from an archive alone."""

    @property
    def periods(self) -> Sequence[Period]: ...

    def versions(self, period: Period) -> Sequence[Statement]:
        """The partner's statements of a month, oldest first; none where it was not there yet, or has left."""
        ...

    def file(self, period: Period, name: str) -> bytes | None: ...


class Given(NamedTuple):
    """What one refund took of a sale, and the month that settled the refund."""

    month: Period
    back: Return


def followed(office: Office, partner: str, period: Period, line: str) -> Iterator[str]:
    """Yield where a line of a statement comes from and what became of it. Raises WrongUse where it is not there."""
    approved_statement(office, partner, period)  # says what is wrong with partner or month
    yield from _followed(_ApprovedMonths(office, partner), period, line)


def followed_in_archive(store: Store, partner: str, period: Period, line: str) -> Iterator[str]:
    """Yield the same from an archive or a programme of it, without the database."""
    programme, _ = archived_statement(store, partner, period)
    yield from _followed(_ArchivedMonths(programme, partner), period, line)


class _ApprovedMonths:
    """The approved months: facts from the database, files from the store."""

    def __init__(self, office: Office, partner: str) -> None:
        self.office, self.partner = office, partner
        self._versions: dict[Period, Sequence[Statement]] = {}

    @cached_property
    def periods(self) -> Sequence[Period]:
        with self.office.database.reading() as session:
            return sorted({Period.parse(text) for text in session.exec(select(ApprovalRow.period))})

    def versions(self, period: Period) -> Sequence[Statement]:
        if period not in self._versions:
            mine = versions_of(self.office.database, period, self.partner)
            issued = (statement_of(self.office, self.partner, version) for version in mine)
            self._versions[period] = [read_statement(each) for each in issued]
        return self._versions[period]

    def file(self, period: Period, name: str) -> bytes | None:
        *_, newest = (Version(period), *versions_of(self.office.database, period, self.partner))
        facts = the_approved_month(self.office.database, newest)
        return self.office.store.get(*facts.input(name)) if name in inputs_of(facts.draft) else None


class _ArchivedMonths:
    """The sealed months of one programme in an archive."""

    def __init__(self, programme: Programme, partner: str) -> None:
        self.programme, self.partner = programme, partner
        self._versions: dict[Period, Sequence[Statement]] = {}

    @cached_property
    def periods(self) -> Sequence[Period]:
        return sorted({version.period for version in sealed_versions(self.programme)})

    def versions(self, period: Period) -> Sequence[Statement]:
        if period not in self._versions:
            path, programme = statement_path(self.partner, STATEMENT_JSON), self.programme
            of_period = [version for version in sorted(sealed_versions(programme)) if version.period == period]
            sealed = (sealed_month(programme.store, programme.key(version), version) for version in of_period)
            self._versions[period] = [read_statement(each.read(path)) for each in sealed if path in each.digests]
        return self._versions[period]

    def file(self, period: Period, name: str) -> bytes | None:
        month = newest_with(name, self.programme, period)
        return month.read(name) if month else None


def _newest(months: Months, period: Period) -> Statement | None:
    """What a month stands at now for the partner; None where it has no statement."""
    *_, newest = (None, *months.versions(period))
    return newest


def _posted_by(months: Months, period: Period, entry: CorrectionEntry) -> Statement:
    """The statement that posted a correction: of a month's versions the first that has it, a later one repeats it."""
    versions = months.versions(period)
    has = (each for each in versions if any(_is_same(one, entry) for one in each.corrections))
    return next(has, versions[-1])


def _is_same(one: CorrectionEntry, other: CorrectionEntry) -> bool:
    """Whether two versions of a month say the same of a correction; what it cites may be a newer version in one."""
    of = [
        (each.kind, each.rule, each.to, each.key, each.sale_id, each.refund_id, each.commission_minor)
        for each in (one, other)
    ]
    return of[0] == of[1]


def _followed(months: Months, period: Period, line: str) -> Iterator[str]:
    statement = _newest(months, period)
    assert statement is not None, "it was looked for before"
    here = {payment.line_id for payment in statement.payments}
    here |= {one for entry in statement.corrections for one in (entry.sale_id, *entry.refund_id.split(", ")) if one}
    if line not in here:
        yield from _set_aside(months, period, line, statement)
        return
    sales = list(_sales(months, period, line).items())
    for number, (sale_id, sold_in) in enumerate(sales[:MOST_SALES]):
        if number:
            yield ""
        yield from _sale(months, sale_id, sold_in)
    if len(sales) > MOST_SALES:
        yield f"... and {len(sales) - MOST_SALES} more sales that {line} gives back; --line follows each of them"


def _set_aside(months: Months, period: Period, line: str, statement: Statement) -> Iterator[str]:
    """What became of a line that earned nothing, and of the sale it names. Raises WrongUse for one not there."""
    partner = statement.partner.partner_id
    data = months.file(period, LINES)
    decided = [Outcome.REJECTED.value, Outcome.OPEN.value, Outcome.FINAL.value]
    is_mine = (pl.col("line_id") == line) & (pl.col("partner_id") == partner) & pl.col("outcome").is_in(decided)
    found = next(rows_from(data, is_mine).iter_rows(named=True), None) if data else None
    if found is None:
        raise WrongUse(
            f"line {line} is in no payment and no correction of {statement.statement}. "
            f"settle explain {partner} {period} --client C lists the lines of a client."
        )
    note = f" ({found['note']})" if found["note"] else ""
    amount = major(found["amount_minor"], statement.currency)
    yield f"Line {line} of {period}, {amount}: {found['outcome']}, {found['reason']}{note}; it earned nothing"
    if sale_id := found.get("refunds_line_id"):
        for sale, sold_in in _sales(months, period, sale_id).items():
            yield from _sale(months, sale, sold_in)


def _sales(months: Months, period: Period, line: str) -> dict[str, Period]:
    """The sales that a line gives back, or the line itself where it gives back none; each with the month it is of."""
    named = [each.back for each in _given(months, period, pl.col("refund_id") == line)]
    found = {each.sale_id: Period.parse(each.sale_month) for each in named}
    as_sale = {each.back.sale_month for each in _given(months, period, pl.col("sale_id") == line)}
    return found or {line: Period.parse(as_sale.pop()) if as_sale else period}


def _given(months: Months, period: Period, which: pl.Expr) -> Iterator[Given]:
    """What refunds that a month settled took, in their order."""
    data = months.file(period, RETURNS)
    rows = with_later_columns(rows_from(data, which), Returns) if data else Returns.create_empty()
    for row in rows.select(Return._fields).iter_rows():
        yield Given(period, Return(*row))


def _sale(months: Months, sale_id: str, sold_in: Period) -> Iterator[str]:
    statement = _newest(months, sold_in)
    payments = {each.rule: each for each in statement.payments if each.line_id == sale_id} if statement else {}
    if statement is None or not payments:
        yield f"Line {sale_id} of {sold_in}: it is in no statement of this partner"
    else:
        yield f"Line {sale_id} of {sold_in}: statement {statement.number}, {statement.statement}"
        for payment in payments.values():
            yield f"  {_payment(statement, payment)}"
        yield from _earned(months, sale_id, sold_in, statement)
    later = [month for month in months.periods if month >= sold_in]
    given = [each for month in later for each in _given(months, month, pl.col("sale_id") == sale_id)]
    again = list(_again(months, sale_id, later))
    if not given:
        yield f"  nothing of it was given back up to {months.periods[-1]}"
        return
    taken_minor, currency = 0, ""
    for each in given:
        of_month = _newest(months, each.month)
        if of_month is None:
            continue
        currency = of_month.currency
        rows = [entry for entry in of_month.corrections if (entry.refund_id, entry.sale_id) == each.back[:2]]
        mine = [entry for entry in rows if not entry.words]
        taken_minor += sum(entry.commission_minor for entry in mine if entry.to == "partner")
        yield from _taken(months, each, mine)
    for of_month, entry in again:
        yield f"  month {of_month.period}: what {entry.refund_id} gave back is figured again by {entry.cites}"
        yield f"    {correction_words(of_month, entry)}; statement {of_month.number}, {of_month.statement}"
        taken_minor += entry.commission_minor if entry.to == "partner" else 0
    if currency:
        left = major(given[-1].back.left_minor, currency)
        yield f"  left of it: {left}; later months changed the payout by {major(taken_minor, currency)}"


def _again(months: Months, sale_id: str, later: Sequence[Period]) -> Iterator[tuple[Statement, CorrectionEntry]]:
    """What later versions of its month made of what was given back of the sale before."""
    for month in later:
        statement = _newest(months, month)
        if statement is not None:
            yield from ((statement, each) for each in statement.corrections if each.sale_id == sale_id and each.words)


def _payment(statement: Statement, payment: Payment) -> str:
    amount, base = (major(minor, statement.currency) for minor in (payment.amount_minor, payment.base_minor))
    late = f", posted {payment.posted_on}, late" if payment.late else ""
    return (
        f"client {payment.client_id}, invoice {payment.invoice_id}, {payment.category}, paid {payment.paid_on}{late}: "
        f"{amount}, base {base}, under {payment.rule}"
    )


def _earned(months: Months, sale_id: str, sold_in: Period, statement: Statement) -> Iterator[str]:
    """What the sale earned under each rule, exactly, and the clause that says so."""
    data = months.file(sold_in, ACCRUALS)
    if data is None:
        yield f"  what each line of {sold_in} earned was not kept then; its client's line in the statement has it"
        return
    mine = (pl.col("line_id") == sale_id) & (pl.col("partner_id") == statement.partner.partner_id)
    clauses = {rule.rule: rule.clause for rule in statement.rules}
    for (rule, whom), (exact, base_minor) in _by_rule(rows_from(data, mine)).items():
        rate = rate_text(exact / base_minor) if base_minor else "0"
        percent = rate if "/" in rate else f"{rate} %"
        yield f"  earned under {rule}{whom}: {exact_text(exact, statement.minor_digits)} at {percent}"
        if rule in clauses:
            yield f"    clause {clauses[rule].words}; programme digest {clauses[rule].digest}"


def _by_rule(accruals: pl.DataFrame) -> Mapping[tuple[str, str], tuple[Fraction, int]]:
    found: dict[tuple[str, str], tuple[Fraction, int]] = {}
    for row in accruals.select(Accruals.column_names()).iter_rows(named=True):
        of = (row["rule"] + row["terms"], f", {row['shared_by']} {row['key']}" if row["key"] else "")
        exact, base_minor = found.get(of, (Fraction(0), 0))
        found[of] = (exact + exact_of(row), base_minor + row["base_minor"])
    return found


def _taken(months: Months, each: Given, mine: Sequence[CorrectionEntry]) -> Iterator[str]:
    """What one refund took of the sale, and what that posted for the partner."""
    statement = months.versions(each.month)[-1]
    back, currency = each.back, statement.currency
    does = "gave again" if back.gross_minor < 0 else "gave back"
    excess = f", and {major(back.excess_minor, currency)} more than was left" if back.excess_minor else ""
    yield (
        f"  {back.posted_on}, month {each.month}: line {back.refund_id} {does} "
        f"{major(abs(back.gross_minor), currency)}{excess}; {major(back.left_minor, currency)} left"
    )
    for entry in mine:
        by = _posted_by(months, each.month, entry)
        yield f"    {correction_words(statement, entry)}; statement {by.number}, {by.statement}"
    if not mine and back.sale_month == str(each.month):
        yield "    in the month of the sale: both are among its payments, and nothing was posted for later"
    elif not mine and any(payment.line_id == back.refund_id for payment in statement.payments):
        yield f"    it lowers {each.month}, as a payment below 0 of that month"
    elif not mine and any(back.refund_id in entry.refund_id.split(", ") for entry in statement.corrections):
        yield f"    {back.sale_month} was worked out again with it: see the corrections of {statement.statement}"
    elif not mine:
        yield "    it takes nothing back from this partner"
