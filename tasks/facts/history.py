"""History: what earlier months decided for ever, as the next month needs it: from the database and the archive."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import polars as pl
from sqlalchemy import text
from sqlmodel import Session, col, func, select

from engine.draft import (
    ADJUSTMENTS,
    EARNED,
)
from engine.frames.parquet import parquet_bytes
from engine.frames.schemas import CitedStatements, DecidedClaims, of_types
from engine.frames.snapshot import no_lines
from engine.inputs import STANDING, STOOD, Balances, Code, adjustments_in, later_version, with_holds
from engine.lines.events import no_events
from engine.lines.sold import Wanted
from models.errors import BadInput
from models.events import EVENT_COLUMNS
from models.period import Period, Version
from models.restated import AcceptedRestatement, Restated
from models.rows import ApprovalRow, AuditRow, PostingRow, SealRow, StatementRow
from models.vendor import Adjustment
from rules.draft import inputs_of
from rules.ledger import ACCRUED, BALANCE_ACCOUNTS
from rules.programme.file import Programme
from tasks.database.database import Database
from tasks.facts.documents import draft_document, programme_text
from tasks.facts.holds import held_now
from tasks.facts.left_month import LeftMonth
from tasks.storage import Store

BY_WHICH_IT_STANDS = ("programme.yaml", "partners.csv")
"""What of a later version says the terms of its month."""


@dataclass(frozen=True, eq=False)
class History:
    """What the months before left. Empty for the first month, and for a dry run with no database yet."""

    parts: Mapping[str, bytes] = field(default_factory=dict)  # of the month's inputs, by name
    balances: Balances = field(default_factory=Balances)
    months: tuple[LeftMonth, ...] = ()  # the closed months, oldest first
    carried: pl.DataFrame = field(default_factory=no_lines)  # our open lines (ReceivedLines)
    carried_events: pl.DataFrame = field(default_factory=lambda: no_events().select(EVENT_COLUMNS))

    def inputs_of(self, period: str) -> dict[str, bytes]:
        """Return what a closed month's draft rested on, to work it out again. Raises BadInput where it was not kept."""
        return self._left(period).inputs()

    def version_of(self, accepted: AcceptedRestatement, settled_in: Period, code: Code) -> dict[str, bytes] | None:
        """Return the parts of a month's later version that was accepted; None where it was made already.

        Raises BadInput for a month that is not closed or was not kept whole, and for one that was made by other files.
        """
        if str(accepted.period) not in {str(each.period) for each in self.months}:
            raise BadInput(f"{accepted.folder}: {accepted.period} is not closed, so there is nothing to restate.")
        left = self._left(str(accepted.period))
        if accepted.version.number <= left.newest.number:
            left.must_be_made_by(accepted)
            return None
        if accepted.version != left.newest.after:
            raise BadInput(f"{accepted.folder}: the next version of {accepted.period} is {left.newest.after}.")
        restated = Restated(
            period=str(accepted.period),
            number=accepted.version.number,
            settled_in=str(settled_in),
            made_by=accepted.made_by,
            reason=accepted.reason,
            superseded=left.issued(),
        )
        if not left.is_kept_whole:
            raise BadInput(
                f"{accepted.folder}: {accepted.period} was closed by a version that did not keep everything its draft "
                f"rested on, so it cannot be worked out again. Put the amounts right by settle adjust."
            )
        own = {**left.inputs(), STOOD: left.read(EARNED)}
        return later_version(own, accepted.files, restated, code)

    def partners_of(self, period: str, line_ids: pl.Series) -> dict[str, str]:
        """Return whose client's each of these lines of a closed month was, as it stands, by line."""
        sold = self._left(period).sold(Wanted(line_ids, line_ids.clear()))
        return dict(sold.select("line_id", "partner_id").drop_nulls().iter_rows())

    def cited_since(self, period: str) -> bytes:
        """Return every statement (CitedStatements) of a closed month and of those after it; always of the last one."""
        last = self.months[-1:]
        frames = [each.statements() for each in self.months if str(each.period) >= period or each in last]
        return parquet_bytes(pl.concat([CitedStatements.create_empty(), *frames]))

    def standing(self) -> dict[str, bytes]:
        """Return the programme and the partners by which each restated month stands, as parts of a month's inputs."""
        return {
            f"{STANDING}{each.period}-{name}": each.corrected(name)
            for each in self.months
            if each.restated
            for name in BY_WHICH_IT_STANDS
        }

    def _left(self, period: str) -> LeftMonth:
        return next(each for each in self.months if str(each.period) == period)


def closed_months(database: Database) -> tuple[Period, ...]:
    """Return the months that are closed, in order."""
    with database.reading() as session:
        return tuple(sorted({Period.parse(closed) for closed in session.exec(select(SealRow.period))}))


def newest_version(database: Database, month: Period) -> Version | None:
    """Return the newest version of a month that is closed; None for one that is not."""
    with database.reading() as session:
        numbers = session.exec(select(SealRow.version).where(SealRow.period == str(month))).all()
    return Version.of_columns(str(month), max(numbers)) if numbers else None


def next_month(database: Database, programme: Programme) -> Period:
    """Return the month that is settled next."""
    closed = closed_months(database) if database.exists() else ()
    return closed[-1].next() if closed else programme.starts


def last_programme_text(database: Database, month: Period) -> str:
    """Return the text the last closed month before `month` was settled by; blank before the first."""
    before = [period for period in closed_months(database) if period < month]
    if not before:
        return ""
    with database.reading() as session:
        return programme_text(session, _approval(session, before[-1]))


def read_history(database: Database, store: Store, programme: Programme, month: Period) -> History:
    """Read what was decided before `month`. Sums and earnings are read where a rule of the programme looks back.

    Raises ChangedInStore, ChangedInDatabase where what is read is not what was stored.
    """
    before = [period for period in closed_months(database) if period < month]
    with database.reading() as session:
        files = {period: _files(session, period) for period in before}
        later = {period: _later_files(session, period) for period in before}
        last = _statements(session, before[-1]) if before else []
        balances = Balances(
            opening_minor=_owed(session, ACCRUED),
            apart_minor=_beside_payout(session),
            previous_statement=_latest_statements(session),
            last_commission_minor={row.partner_id: row.commission_minor for row in last},
            previous_seal=_last_seal(session, month),
        )
        claims = dict(_decided_claims(session))
        held = held_now(session)
    left = tuple(
        LeftMonth(period, files[period], store, programme.programme, *later[period], database) for period in before
    )
    parts = with_holds({f"claims-{period}.parquet": data for period, data in claims.items()}, held)
    for each in left:
        parts |= dict(each.parts(looks_back=programme.looks_back))
    if not left:
        return History(parts, balances)
    return History(parts, balances, left, left[-1].carried(), left[-1].carried_events())


def last_month_left(
    database: Database, store: Store, programme: str, month: Period
) -> tuple[LeftMonth, dict[str, int]] | None:
    """Return what the last closed month before `month` left, and what it earned each partner; None where there is none.

    What it earned is commission and corrections, in minor units.
    """
    before = [period for period in closed_months(database) if period < month]
    if not before:
        return None
    with database.reading() as session:
        files = _files(session, before[-1])
        rows = _statements(session, before[-1])
    earned = {row.partner_id: row.commission_minor + row.corrections_minor for row in rows}
    return LeftMonth(before[-1], files, store, programme), earned


def settled_adjustments(database: Database, store: Store, programme: Programme) -> tuple[Adjustment, ...]:
    """Return the adjustments that the closed months settled. Nothing else of these months is read."""
    closed = closed_months(database)
    with database.reading() as session:
        files = {period: _files(session, period) for period in closed}
    left = (LeftMonth(period, files[period], store, programme.programme) for period in closed)
    parts = {f"adjustments-{each.period}.json": each.read(ADJUSTMENTS) for each in left if ADJUSTMENTS in each.files}
    return adjustments_in(parts)


def _approval(session: Session, period: Period) -> ApprovalRow:
    return session.get_one(ApprovalRow, Version(period).columns)


def _files(session: Session, period: Period) -> dict[str, str]:
    """The files of a month's draft, inputs and results, as they are stored, by name."""
    return inputs_of(draft_document(session, _approval(session, period).draft_digest))


def _later_files(session: Session, period: Period) -> tuple[Version | None, dict[str, str]]:
    """The version that restated a month last, and the files of its draft; None where none did."""
    of_month = select(ApprovalRow).where(ApprovalRow.period == str(period))
    newest = max(session.exec(of_month).all(), key=lambda row: row.version)
    version = Version.of_columns(newest.period, newest.version)
    if version.is_first:
        return None, {}
    return version, inputs_of(draft_document(session, newest.draft_digest))


def _statements(session: Session, period: Period) -> list[StatementRow]:
    text, number = Version(period).columns
    return list(session.exec(select(StatementRow).where(StatementRow.period == text, StatementRow.version == number)))


def _latest_statements(session: Session) -> dict[str, str]:
    """The digest of each partner's last statement: of a first version, which later ones carry nothing of."""
    columns = select(StatementRow.period, StatementRow.version, StatementRow.partner_id, StatementRow.digest)
    rows = session.exec(columns.order_by(StatementRow.period)).all()
    return {partner: digest for period, number, partner, digest in rows if Version.of_columns(period, number).is_first}


def _last_seal(session: Session, month: Period) -> str:
    """The digest of the SEAL that was made last, of any month before; blank before the first."""
    sealed = select(AuditRow.about).where(AuditRow.event == "month.sealed", AuditRow.period < str(month))
    return session.exec(sealed.order_by(col(AuditRow.seq).desc()).limit(1)).first() or ""


def _owed(session: Session, account: str) -> dict[str, int]:
    """What is owed to each partner on an account. A debt of ours is a credit, so the sign turns."""
    owed = (
        select(PostingRow.partner_id, func.sum(PostingRow.amount_minor))
        .where(PostingRow.account == account)
        .group_by(PostingRow.partner_id)
    )
    return {partner_id: -int(total) for partner_id, total in session.exec(owed)}


def _beside_payout(session: Session) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for of, account in BALANCE_ACCOUNTS.items():
        for partner_id, minor in _owed(session, account).items():
            found.setdefault(partner_id, {})[of] = minor
    return found


def _decided_claims(session: Session) -> Iterator[tuple[str, bytes]]:
    """The claims (DecidedClaims) that each month decided: the same claims give the same bytes, month after month."""
    rows: dict[str, list[tuple[str, str, str, str, bool]]] = defaultdict(list)
    born = session.connection().execute(
        text("SELECT period, claim_id, client_id, partner_id, claimed_on, 1 FROM attribution")
    )
    lost = session.connection().execute(
        text("SELECT period, claim_id, client_id, partner_id, claimed_on, 0 FROM claim WHERE outcome = 'rejected'")
    )
    for period, claim_id, client_id, partner_id, claimed_on, is_accepted in (*born, *lost):
        rows[period].append((claim_id, client_id, partner_id, claimed_on, bool(is_accepted)))
    types = of_types(DecidedClaims) | {"claimed_on": pl.String()}
    for period in sorted(rows):
        claims = pl.DataFrame(rows[period], schema=types, orient="row").with_columns(pl.col("claimed_on").str.to_date())
        yield period, parquet_bytes(DecidedClaims.validate(claims.sort("claim_id")))
