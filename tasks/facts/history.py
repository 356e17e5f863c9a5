"""History: what earlier months decided for ever, as the next month needs it: from the database and the archive."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import polars as pl
from sqlalchemy import text
from sqlmodel import Session, col, func, select

from engine.draft import (
    ACCRUALS,
    ADJUSTMENTS,
    CARRIED,
    CORRECTIONS,
    EARNED,
    EVENTS,
    LINES,
    REJECTED,
    RESULTS,
    RETURNS,
    SETTLED,
    STATEMENTS,
    SUMS,
    bodies_in,
)
from engine.frames.parquet import frame_from, parquet_bytes
from engine.frames.schemas import DecidedClaims, of_types
from engine.frames.snapshot import no_lines
from engine.inputs import BILLING, MONTH, Balances, adjustments_in
from engine.lines.decided import DONE
from engine.lines.events import no_events, open_as_received
from engine.lines.newcomers import digests_of
from engine.lines.sold import accruals_of_statements
from models.billing import Outcome
from models.errors import BadInput
from models.events import EVENT_COLUMNS
from models.formats import read_statement
from models.period import Period, Version
from models.rows import ApprovalRow, AuditRow, PostingRow, SealRow, StatementRow
from models.vendor import Adjustment
from rules.archive.layout import Input
from rules.draft import inputs_of
from rules.ledger import ACCRUED, BESIDE_PAYOUT_ACCOUNTS
from rules.programme.file import Programme
from tasks.facts.database import Database
from tasks.facts.documents import draft_document, programme_text
from tasks.storage import Store


@dataclass(frozen=True, eq=False)
class History:
    """What the months before left. Empty for the first month, and for a dry run with no database yet."""

    parts: Mapping[str, bytes] = field(default_factory=dict)  # of the month's inputs, by name
    balances: Balances = field(default_factory=Balances)
    months: tuple["LeftMonth", ...] = ()  # the closed months, oldest first
    carried: pl.DataFrame = field(default_factory=no_lines)  # our open lines (ReceivedLines)
    carried_events: pl.DataFrame = field(default_factory=lambda: no_events().select(EVENT_COLUMNS))

    def inputs_of(self, period: str) -> dict[str, bytes]:
        """Return what a closed month's draft rested on, to work it out again. Raises BadInput where it was not kept."""
        return next(each for each in self.months if str(each.period) == period).inputs()


def closed_months(database: Database) -> tuple[Period, ...]:
    """Return the months that are closed, in order."""
    with database.reading() as session:
        return tuple(sorted({Period.parse(closed) for closed in session.exec(select(SealRow.period))}))


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
        last = _statements(session, before[-1]) if before else []
        balances = Balances(
            opening_minor=_owed(session, ACCRUED),
            apart_minor=_beside_payout(session),
            previous_statement=_latest_statements(session),
            last_commission_minor={row.partner_id: row.commission_minor for row in last},
            previous_seal=_last_seal(session, month),
        )
        claims = dict(_decided_claims(session))
    left = tuple(LeftMonth(period, files[period], store, programme.programme) for period in before)
    parts = {f"claims-{period}.parquet": data for period, data in claims.items()}
    for each in left:
        parts |= dict(each.parts(looks_back=programme.looks_back))
    if not left:
        return History(parts, balances)
    return History(parts, balances, left, left[-1].carried(), left[-1].carried_events())


def last_month_left(
    database: Database, store: Store, programme: str, month: Period
) -> tuple["LeftMonth", dict[str, int]] | None:
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


def gave_back_later(database: Database, store: Store, programme: Programme, month: Period) -> tuple[Period, ...]:
    """Return the closed months after `month` that gave back sales of it."""
    later = [period for period in closed_months(database) if period > month]
    with database.reading() as session:
        files = {period: _files(session, period) for period in later}
    left = (LeftMonth(period, files[period], store, programme.programme) for period in later)
    return tuple(
        each.period
        for each in left
        if RETURNS in each.files and str(month) in frame_from(each.read(RETURNS), ["sale_month"])["sale_month"]
    )


@dataclass(frozen=True)
class LeftMonth:
    """What one closed month left to later ones. Its draft names the files, by their digests."""

    period: Period
    files: Mapping[str, str]
    store: Store
    programme: str

    def read(self, name: str) -> bytes:
        return self.store.get(*Input.named(self.programme, self.files[name]))

    def inputs(self) -> dict[str, bytes]:
        """What its draft rested on, by name."""
        if MONTH not in self.files or ACCRUALS not in self.files:
            raise BadInput(
                f"{self.period} was closed by a version that did not keep everything its draft rested on, so it cannot "
                f"be worked out again with what is given back of it now. Under refunds: original_rate it is taken back "
                f"by its statements: write refunds as a list, and that policy from the month at hand on."
            )
        return {name: self.read(name) for name in self.files if name not in RESULTS}

    def parts(self, *, looks_back: bool) -> Iterator[tuple[str, bytes]]:
        yield f"settled-{self.period}.parquet", self.settled()
        for name in (EVENTS, RETURNS, CORRECTIONS):
            if name in self.files:
                yield f"{name.removesuffix('.parquet')}-{self.period}.parquet", self.read(name)
        if ADJUSTMENTS in self.files:
            yield f"adjustments-{self.period}.json", self.read(ADJUSTMENTS)
        yield f"rejected-{self.period}.parquet", self.rejected()
        for name in (SUMS, EARNED) if looks_back else ():
            yield f"{name.removesuffix('.parquet')}-{self.period}.parquet", self.read(name)

    def settled(self) -> bytes:
        if SETTLED in self.files:
            return self.read(SETTLED)
        # A draft of format 1 left this to be found among its lines.
        done = self._outcomes().filter(pl.col("outcome").is_in(DONE))
        return parquet_bytes(done.select("line_id").unique().sort("line_id"))

    def accruals(self, sold: pl.DataFrame) -> pl.DataFrame:
        """What lines earned (Accruals): all of the month's, or where it kept none, those of the sold lines' clients."""
        if ACCRUALS in self.files:
            return frame_from(self.read(ACCRUALS))
        statements = (read_statement(body) for body in bodies_in(self.read(STATEMENTS)))
        return accruals_of_statements(sold, self.read(LINES), statements)

    def rejected(self) -> bytes:
        if REJECTED in self.files:
            return self.read(REJECTED)
        # Months that were closed before this was left have what their rejected lines said beside the others.
        lines = frame_from(self.read(LINES), ["outcome", "as_received"])
        said = lines.filter(pl.col("outcome") == Outcome.REJECTED.value)["as_received"].drop_nulls()
        return parquet_bytes(pl.DataFrame({"digest": digests_of(said)}).unique().sort("digest"))

    def carried(self) -> pl.DataFrame:
        """Our open lines exactly as they were received, so that the source's own copy is recognised."""
        if CARRIED in self.files:
            return frame_from(self.read(CARRIED))
        open_ids = self._outcomes().filter(pl.col("outcome") == Outcome.OPEN.value).select("line_id")
        return (
            frame_from(self.read(BILLING))
            .join(open_ids, on="line_id", how="semi")
            .sort("carried_from", nulls_last=True, maintain_order=True)
            .unique("line_id", keep="first", maintain_order=True)
            .with_columns(pl.col("carried_from").fill_null(str(self.period)))
        )

    def carried_events(self) -> pl.DataFrame:
        """Our open events as they were received; a month without events leaves none."""
        if EVENTS not in self.files:
            return no_events().select(EVENT_COLUMNS)
        return open_as_received(frame_from(self.read(EVENTS)))

    def _outcomes(self) -> pl.DataFrame:
        return frame_from(self.read(LINES), ["line_id", "outcome"])


def _approval(session: Session, period: Period) -> ApprovalRow:
    return session.get_one(ApprovalRow, Version(period).columns)


def _files(session: Session, period: Period) -> dict[str, str]:
    """The files of a month's draft, inputs and results, as they are stored, by name."""
    return inputs_of(draft_document(session, _approval(session, period).draft_digest))


def _statements(session: Session, period: Period) -> list[StatementRow]:
    text, number = Version(period).columns
    return list(session.exec(select(StatementRow).where(StatementRow.period == text, StatementRow.version == number)))


def _latest_statements(session: Session) -> dict[str, str]:
    rows = session.exec(
        select(StatementRow.partner_id, StatementRow.digest).order_by(StatementRow.period, col(StatementRow.version))
    )
    return dict(rows.all())


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
    for of, account in BESIDE_PAYOUT_ACCOUNTS.items():
        for partner_id, minor in _owed(session, account).items():
            found.setdefault(partner_id, {})[of.value] = minor
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
