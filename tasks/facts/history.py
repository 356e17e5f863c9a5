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
from engine.frames.parquet import frame_from, parquet_bytes, scan
from engine.frames.schemas import CitedStatements, DecidedClaims, of_types
from engine.frames.snapshot import no_lines
from engine.inputs import BILLING, MONTH, RESTATED, STOOD, Balances, Code, adjustments_in, later_version, with_holds
from engine.lines.decided import DONE
from engine.lines.events import no_events, open_as_received
from engine.lines.newcomers import digests_of
from engine.lines.sold import Wanted, accruals_of_statements, sold_again, sold_lines
from models.billing import Outcome
from models.errors import BadInput
from models.events import EVENT_COLUMNS
from models.formats import read_statement
from models.period import Period, Version
from models.restated import AcceptedRestatement, Restated, SupersededStatement
from models.rows import ApprovalRow, AuditRow, PostingRow, SealRow, StatementRow
from models.vendor import Adjustment
from rules.archive.layout import Input
from rules.draft import file_key, inputs_of
from rules.ledger import ACCRUED, BALANCE_ACCOUNTS
from rules.programme.file import Programme
from tasks.facts.database import Database
from tasks.facts.documents import draft_document, programme_text
from tasks.facts.holds import held_now
from tasks.storage import Store

AS_RESTATED = (SUMS, EARNED, ACCRUALS)
"""Results that are read of a month's newest version. Which lines are done with, and what was given back, never changes.
"""


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

    def cited_since(self, period: str) -> bytes:
        """Return every statement (CitedStatements) of a closed month and of those after it; always of the last one."""
        last = self.months[-1:]
        frames = [each.statements() for each in self.months if str(each.period) >= period or each in last]
        return parquet_bytes(pl.concat([CitedStatements.create_empty(), *frames]))

    def _left(self, period: str) -> "LeftMonth":
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


@dataclass(frozen=True)
class LeftMonth:
    """What one closed month left to later ones. Its draft names the files, by their digests."""

    period: Period
    files: Mapping[str, str]
    store: Store
    programme: str
    later: Version | None = None  # that restated it last
    restated: Mapping[str, str] = field(default_factory=dict)  # the files of that one's draft, where there is one
    database: Database | None = None  # of the statements that were issued

    def read(self, name: str) -> bytes:
        """A file of the month as it was closed, or as it stands: what its rules came to is read as it was restated."""
        named = self.restated if self.restated and name in AS_RESTATED else self.files
        return self.store.get(*Input.named(self.programme, named[name]))

    @property
    def newest(self) -> Version:
        return self.later or Version(self.period)

    def issued(self) -> dict[str, SupersededStatement]:
        """The newest statement of each partner for the month."""
        assert self.database is not None, "a month whose statements are asked for is read with its database"
        with self.database.reading() as session:
            return _issued(session, self.period)

    def statements(self) -> pl.DataFrame:
        """Every statement of the month (CitedStatements), whatever its version."""
        assert self.database is not None, "a month whose statements are asked for is read with its database"
        columns = select(StatementRow.period, StatementRow.partner_id, StatementRow.version, StatementRow.number)
        with self.database.reading() as session:
            rows = session.exec(columns.where(StatementRow.period == str(self.period))).all()
        frame = pl.DataFrame([tuple(row) for row in rows], schema=of_types(CitedStatements), orient="row")
        return CitedStatements.validate(frame.sort("partner_id", "version"))

    @property
    def is_kept_whole(self) -> bool:
        return MONTH in self.files and ACCRUALS in self.files

    def must_be_made_by(self, accepted: AcceptedRestatement) -> None:
        """Raise BadInput where the version that is there was made by other files."""
        if accepted.version != self.newest:
            return  # superseded itself
        was = {name: self.restated.get(name) for name in accepted.files}
        now = {name: file_key(name, data) for name, data in accepted.files.items()}
        if differs := sorted(name for name in now if now[name] != was[name]):
            raise BadInput(
                f"{accepted.folder}: {', '.join(differs)} is not what {accepted.version} was made by, and that is "
                f"settled. Put it back as it was; what is still wrong is corrected by {self.newest.after}."
            )

    def sold(self, wanted: Wanted) -> pl.DataFrame:
        """The wanted lines among those it settled (SoldLines), as the month stands."""
        found = sold_lines(wanted, self.read(LINES), str(self.period))
        if found.is_empty() or not self.restated:
            return found
        again = self.store.get(*Input.named(self.programme, self.restated[LINES]))
        return sold_again(found, again, str(self.period))

    def inputs(self) -> dict[str, bytes]:
        """What its draft rested on, as the month stands, by name."""
        if not self.is_kept_whole:
            raise BadInput(
                f"{self.period} was closed by a version that did not keep everything its draft rested on, so it cannot "
                f"be worked out again with what is given back of it now. Under refunds: original_rate it is taken back "
                f"by its statements: write refunds as a list, and that policy from the month at hand on."
            )
        named = self.restated or self.files
        return {
            name: self.store.get(*Input.named(self.programme, stored))
            for name, stored in named.items()
            if name not in RESULTS and name not in (RESTATED, STOOD)
        }

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

    def accruals(self, sold: pl.DataFrame) -> pl.LazyFrame:
        """What lines earned (Accruals): all of the month's, or where it kept none, those of the sold lines' clients."""
        if ACCRUALS in self.files:
            return scan(self.read(ACCRUALS))
        statements = (read_statement(body) for body in bodies_in(self.read(STATEMENTS)))
        return accruals_of_statements(sold, self.read(LINES), statements).lazy()

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


def _later_files(session: Session, period: Period) -> tuple[Version | None, dict[str, str]]:
    """The version that restated a month last, and the files of its draft; None where none did."""
    of_month = select(ApprovalRow).where(ApprovalRow.period == str(period))
    newest = max(session.exec(of_month).all(), key=lambda row: row.version)
    version = Version.of_columns(newest.period, newest.version)
    if version.is_first:
        return None, {}
    return version, inputs_of(draft_document(session, newest.draft_digest))


def _issued(session: Session, period: Period) -> dict[str, SupersededStatement]:
    """The newest statement of each partner for a month."""
    found: dict[str, SupersededStatement] = {}
    of_month = select(StatementRow).where(StatementRow.period == str(period))
    for row in session.exec(of_month.order_by(col(StatementRow.version))):
        found[row.partner_id] = SupersededStatement(
            statement=Version.of_columns(row.period, row.version).of(row.partner_id),
            number=row.number,
            digest=row.digest,
            total_minor=row.commission_minor + row.corrections_minor,
        )
    return found


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
