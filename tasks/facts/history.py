"""History: what earlier months decided for ever, as the next month needs it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl
from sqlmodel import Session, func, select

from models.billing import Outcome
from models.period import Period
from models.rows import ApprovalRow, AttributionRow, ClaimRow, PostingRow, SealRow, StatementRow
from models.vendor import Attribution
from rules.archive.layout import Input
from rules.draft import inputs_of
from rules.ledger import ACCRUED, KEPT_APART
from tasks.facts.database import Database
from tasks.facts.documents import draft_document, programme_text
from tasks.frames import frame_from
from tasks.past import EARNED, EARNED_SCHEMA, SUMS, SUMS_SCHEMA, Past
from tasks.storage import Store

EVENTS = "events.parquet"
DECIDED = (Outcome.SETTLED.value, Outcome.FINAL.value)


@dataclass(frozen=True)
class History:
    """Facts of the months before. Empty for the first month, and for a dry run with no database yet."""

    closed: tuple[Period, ...] = ()
    attributions: Mapping[str, Attribution] = field(default_factory=dict)  # by client
    decided_claims: frozenset[str] = frozenset()
    opening_minor: Mapping[str, int] = field(default_factory=dict)  # by partner
    apart_minor: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # by partner: fund, credit, person
    previous_statement: Mapping[str, str] = field(default_factory=dict)  # digest by partner
    last_commission_minor: Mapping[str, int] = field(default_factory=dict)  # by partner, of the month before
    settled_before: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema={"line_id": pl.String}))
    carried: pl.DataFrame | None = None  # our open lines, as received, with carried_from; None: no month before
    past: Past = field(default_factory=Past)  # empty where no rule looks back
    events: Mapping[Period, pl.DataFrame] = field(default_factory=dict)  # EVENT_SCHEMA, by month
    last_programme: str = ""  # the text the month before was settled by

    @property
    def partners(self) -> set[str]:
        """Partners with clients: their terms must be known."""
        return {bond.partner_id for bond in self.attributions.values()}

    @property
    def owed(self) -> set[str]:
        """Partners with a balance: their terms must be in force."""
        return {partner for partner, balance in self.opening_minor.items() if balance}


def read_history(database: Database, store: Store, programme: str, month: Period, *, looks_back: bool) -> History:
    """Read what was decided before `month`: facts from the database, lines from the archive.

    The past is read where a rule of the programme `looks_back`.
    """
    with database.reading() as session:
        closed = tuple(Period.parse(text) for text in session.exec(select(SealRow.period).order_by(SealRow.period)))
        before = tuple(period for period in closed if period < month)
        born = session.exec(select(AttributionRow).order_by(AttributionRow.client_id)).all()
        last = _statements(session, before[-1]) if before else []
        drafts = {period: _files(session, period) for period in before}
        return History(
            closed=closed,
            attributions={
                row.client_id: Attribution.model_validate(row.model_dump(exclude={"period"})) for row in born
            },
            decided_claims=frozenset(session.exec(select(ClaimRow.claim_id))),
            opening_minor=_balances(session, ACCRUED),
            apart_minor=_apart(session),
            previous_statement=_latest_statements(session),
            last_commission_minor={row.partner_id: row.commission_minor for row in last},
            settled_before=_settled_before(drafts, store, programme),
            carried=_carried(drafts[before[-1]], store, programme, before[-1]) if before else None,
            past=_past(drafts, store, programme) if looks_back else Past(),
            events={
                period: frame_from(store.get(*Input.named(programme, files[EVENTS])))
                for period, files in drafts.items()
                if EVENTS in files
            },
            last_programme=_programme_text(session, before[-1]) if before else "",
        )


def _statements(session: Session, period: Period) -> list[StatementRow]:
    return list(session.exec(select(StatementRow).where(StatementRow.period == str(period))))


def _latest_statements(session: Session) -> dict[str, str]:
    rows = session.exec(select(StatementRow.partner_id, StatementRow.digest).order_by(StatementRow.period))
    return dict(rows.all())


def _balances(session: Session, account: str) -> dict[str, int]:
    """What is owed to each partner on an account. A debt of ours is a credit, so the sign turns."""
    owed = (
        select(PostingRow.partner_id, func.sum(PostingRow.amount_minor))
        .where(PostingRow.account == account)
        .group_by(PostingRow.partner_id)
    )
    return {partner_id: -int(total) for partner_id, total in session.exec(owed)}


def _apart(session: Session) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for of, account in KEPT_APART.items():
        for partner_id, minor in _balances(session, account).items():
            found.setdefault(partner_id, {})[of.value] = minor
    return found


def _files(session: Session, period: Period) -> dict[str, str]:
    """The files of a month's draft, inputs and results, as they are stored, by name."""
    return inputs_of(draft_document(session, session.get_one(ApprovalRow, str(period)).draft_digest))


def _past(drafts: Mapping[Period, Mapping[str, str]], store: Store, programme: str) -> Past:
    files = {
        f"{name.removesuffix('.parquet')}-{period}.parquet": store.get(*Input.named(programme, stored[name]))
        for period, stored in drafts.items()
        for name in (SUMS, EARNED)
    }
    sums = [frame_from(data) for name, data in files.items() if name.startswith("sums-")]
    earned = [frame_from(data) for name, data in files.items() if name.startswith("earned-")]
    return Past(
        pl.concat([pl.DataFrame(schema=SUMS_SCHEMA), *sums]),
        pl.concat([pl.DataFrame(schema=EARNED_SCHEMA), *earned]),
        files,
    )


def _programme_text(session: Session, period: Period) -> str:
    return programme_text(session, session.get_one(ApprovalRow, str(period)))


def _settled_before(drafts: Mapping[Period, Mapping[str, str]], store: Store, programme: str) -> pl.DataFrame:
    done = [
        _outcomes(files, store, programme).filter(pl.col("outcome").is_in(DECIDED)).select("line_id")
        for files in drafts.values()
    ]
    return pl.concat([pl.DataFrame(schema={"line_id": pl.String}), *done])


def _outcomes(files: Mapping[str, str], store: Store, programme: str) -> pl.DataFrame:
    """What became of each line of a month, as its draft was approved: the month's folder holds a copy for people."""
    return frame_from(store.get(*Input.named(programme, files["lines.parquet"])), ["line_id", "outcome"])


def _carried(files: Mapping[str, str], store: Store, programme: str, last: Period) -> pl.DataFrame:
    """Our open lines exactly as they were received, so that the source's own copy is recognised."""
    received = frame_from(store.get(*Input.named(programme, files["billing.parquet"])))
    open_ids = _outcomes(files, store, programme).filter(pl.col("outcome") == Outcome.OPEN.value).select("line_id")
    return (
        received.join(open_ids, on="line_id", how="semi")
        .sort("carried_from", nulls_last=True)
        .unique("line_id", keep="first", maintain_order=True)
        .with_columns(pl.col("carried_from").fill_null(str(last)))
    )
