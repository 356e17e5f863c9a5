"""Left: what one closed month left to later ones, from its files in the archive and its statements."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import polars as pl
from sqlmodel import Session, col, select

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
)
from engine.frames.bodies import bodies_in
from engine.frames.parquet import frame_from, parquet_bytes, scan
from engine.frames.schemas import CitedStatements, of_types
from engine.gate.newcomers import digests_of
from engine.inputs import BILLING, MONTH, RESTATED, STOOD
from engine.lines.decided import DONE
from engine.lines.events import no_events, open_as_received
from engine.lines.sold import Wanted, accruals_of_statements, sold_again, sold_lines
from models.billing import Outcome
from models.errors import BadInput
from models.events import EVENT_COLUMNS
from models.formats import read_statement
from models.period import Period, Version
from models.restated import AcceptedRestatement, SupersededStatement
from models.rows import StatementRow
from rules.archive.layout import Input
from rules.draft import file_key
from tasks.database.database import Database
from tasks.storage import Store

AS_RESTATED = (SUMS, EARNED, ACCRUALS)
"""Results that are read of a month's newest version. Which lines are done with, and what was given back, never changes.
"""


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

    def corrected(self, name: str) -> bytes:
        """A file of the vendor's by which a later version was made."""
        return self.store.get(*Input.named(self.programme, self.restated[name]))

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
        return self.as_it_stands(sold_lines(wanted, {str(self.period): self.read(LINES)}))

    def as_it_stands(self, found: pl.DataFrame) -> pl.DataFrame:
        """Lines it settled (SoldLines) as they were restated, if they were."""
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
