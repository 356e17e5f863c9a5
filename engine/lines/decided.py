"""Lines: one pass over the month's lines, a piece at a time, that decides each and keeps what the month needs of it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from engine.frames.parquet import ParquetFile, compact, parquet_bytes
from engine.frames.schemas import DecidedLines, LineIds
from engine.frames.shards import Shards
from engine.frames.snapshot import LINES_AT_ONCE, Snapshot
from engine.lines.attribute import attribute
from engine.lines.contracts import Contracts
from engine.lines.records import added_up, tallies_of
from engine.lines.returns import ReturnedSales, as_they_were, like_their_sales, returns_with
from engine.lines.served import served_lines
from engine.lines.validate import Judged, judged_lines
from engine.sums.past import given_back_sums, month_sums, sums_together
from models.billing import Outcome, Reason
from models.period import Period
from models.progress import advance
from models.vendor import ControlTotal, Tally
from rules.lines.control import Received

SUMS_KEPT_APART = 1_000_000
"""Rows of sums of pieces of the lines that wait to be added up; and as many as came of it the last time, if more."""

DONE = (Outcome.SETTLED.value, Outcome.CLAWBACK.value, Outcome.FINAL.value)


@dataclass(frozen=True, eq=False)
class DecidedMonth:
    """What became of the month's lines.

    `lines` (DecidedLines and the vendor's own columns), `settled` (LineIds: those no later month looks at) and
    `carried` (the open lines as received) are Parquet; `sums` is MonthSums; `returns` is Returns,
    of what the month settled.
    """

    lines: bytes
    settled: bytes
    carried: bytes
    sums: pl.DataFrame
    given_back: pl.DataFrame  # MonthSums: what refunds of earlier months' sales take off what was paid, in `sums` too
    returns: pl.DataFrame
    clawbacks: pl.DataFrame  # those of the returns that take back what an earlier month earned
    took_nothing: pl.DataFrame  # those of sales that earned nothing, though a measure may have counted them
    shards: Shards
    tallies: tuple[Tally, ...]
    received: dict[str, Received]  # by currency, blank for none: counted before anything was decided
    posted: tuple[ControlTotal, ...]  # physical lines posted in the month; an unreadable amount counts as 0


@dataclass(frozen=True, eq=False)
class ReceivedMonth:
    """The lines of a month, judged, and what is known of them beside the contracts."""

    received: Snapshot
    judged: Judged
    bonds: pl.DataFrame  # Bonds: all attributions, born and new
    returned: ReturnedSales
    again: frozenset[str] = frozenset()  # lines put into a month that is worked out again
    late_invoices: frozenset[str] = frozenset()  # lines of earlier months' invoices that no month has seen


def decide_lines(month: ReceivedMonth, contracts: Contracts, lines_at_once: int = LINES_AT_ONCE) -> DecidedMonth:
    """Decide what becomes of every line received."""
    received, bonds, returned = month.received, month.bonds, month.returned
    made = _Making(contracts, Shards.of(_lines_by_partner(received, bonds, contracts), lines_at_once), month)
    serves = any(plan.cut().served for block in contracts.blocks.values() for plan in block.earn.values())
    for start, chunk in received.chunks(lines_at_once):
        typed = judged_lines(chunk, start, month.judged.faults)
        lines = attribute(like_their_sales(typed, returned, start), bonds, contracts)
        made.count(typed)
        made.keep(lines, received.extras)
        made.carry(chunk, lines["outcome"], lines["measured_minor"])
        made.shards.add(lines.filter(pl.col("partner_id").is_not_null()), served=False)
        if serves:
            made.shards.add(served_lines(lines, contracts), served=True)
        advance(chunk.height, "lines", received.height)
    return made.done()


@dataclass
class _Making:
    """What the pass has come to so far."""

    contracts: Contracts
    shards: Shards
    month: ReceivedMonth
    lines: ParquetFile = field(default_factory=ParquetFile)
    settled: list[pl.DataFrame] = field(default_factory=list)
    left_open: list[pl.DataFrame] = field(default_factory=list)
    since: list[pl.DataFrame] = field(default_factory=list)
    sums: list[pl.DataFrame] = field(default_factory=list)
    refunds: list[pl.DataFrame] = field(default_factory=list)
    tallies: list[pl.DataFrame] = field(default_factory=list)
    received: Counter[str] = field(default_factory=Counter)
    received_minor: Counter[str] = field(default_factory=Counter)
    posted: Counter[str] = field(default_factory=Counter)
    posted_minor: Counter[str] = field(default_factory=Counter)

    def keep(self, lines: pl.DataFrame, extras: Iterable[str]) -> None:
        as_received = as_they_were(lines)
        decided = DecidedLines.validate(as_received)
        self.lines.append(pl.concat([decided, as_received.select(*extras)], how="horizontal"))
        self.refunds.append(
            compact(
                decided.join(self.month.returned.named, on="line_id", how="semi").select("line_id", "outcome", "reason")
            )
        )
        self.settled.append(compact(LineIds.validate(lines.filter(pl.col("outcome").is_in(DONE)))))
        self.sums.append(compact(month_sums(lines, self.contracts.month, self.month.again, self.month.late_invoices)))
        added_up_before, *waiting = (part.height for part in self.sums)
        if sum(waiting) >= max(SUMS_KEPT_APART, added_up_before):
            self.sums = [sums_together(self.sums)]
        self.tallies.append(tallies_of(lines))

    def carry(self, received: pl.DataFrame, outcome: pl.Series, measured: pl.Series) -> None:
        month = str(self.contracts.month)
        measured_in = pl.when(measured.is_not_null()).then(pl.lit(month)).otherwise("measured_in")
        kept = received.with_columns(measured_in=measured_in).filter(outcome == Outcome.OPEN.value)
        self.left_open.append(compact(kept))
        self.since.append(compact(received.drop_nulls("carried_from").select("line_id", since="carried_from")))

    def count(self, judged: pl.DataFrame) -> None:
        month = self.contracts.month
        is_posted = pl.col("carried_from").is_null() & _within(month).fill_null(False)
        amount = pl.col("amount_minor").fill_null(0).cast(pl.Int128)
        counted = judged.group_by(pl.col("currency").fill_null("")).agg(
            pl.len(),
            amount.sum(),
            is_posted.sum().alias("posted"),
            amount.filter(is_posted).sum().alias("posted_minor"),
        )
        for currency, lines, minor, posted, posted_minor in counted.iter_rows():
            self.received[currency] += lines
            self.received_minor[currency] += minor
            self.posted[currency] += posted
            self.posted_minor[currency] += posted_minor

    def done(self) -> DecidedMonth:
        month, returned = str(self.contracts.month), self.month.returned
        refunds = pl.concat(self.refunds)
        clawbacks = returns_with(returned.returns, refunds, (Outcome.CLAWBACK.value,))
        of_nothing = refunds.filter(pl.col("reason") == Reason.SALE_EARNED_NOTHING.value)
        took_nothing = returns_with(returned.returns, of_nothing, (Outcome.FINAL.value,))
        partners = self.contracts.partners.items()
        lowers = {partner_id for partner_id, each in partners if each.newest_block.refunds_lower_the_measure}
        given_back = given_back_sums(pl.concat([clawbacks, took_nothing]), returned.sold, lowers)
        return DecidedMonth(
            lines=self.lines.to_bytes(),
            settled=parquet_bytes(pl.concat(self.settled).unique().sort("line_id")),
            carried=parquet_bytes(_carried(pl.concat(self.left_open), pl.concat(self.since), month)),
            sums=sums_together([*self.sums, given_back]),
            given_back=given_back,
            # Of a line that is rejected there is a return only where it is a chargeback that took nothing.
            returns=returns_with(returned.returns, refunds, (*DONE, Outcome.REJECTED.value)),
            clawbacks=clawbacks,
            took_nothing=took_nothing,
            shards=self.shards,
            tallies=added_up(self.tallies),
            received={each: Received(lines, self.received_minor[each]) for each, lines in self.received.items()},
            posted=tuple(
                ControlTotal(period=month, currency=currency, lines=lines, amount_minor=self.posted_minor[currency])
                for currency, lines in sorted(self.posted.items())
                if lines
            ),
        )


def _within(month: Period) -> pl.Expr:
    return pl.col("posted_on").is_between(month.first_day, month.last_day)


def _carried(open_lines: pl.DataFrame, since: pl.DataFrame, month: str) -> pl.DataFrame:
    """The open lines, one for each id, with the month in which the first version of each was seen."""
    first_seen = since.group_by("line_id").agg(pl.col("since").min())
    return (
        open_lines.unique("line_id", keep="first", maintain_order=True)
        .join(first_seen, on="line_id", how="left", maintain_order="left")
        .with_columns(carried_from=pl.col("since").fill_null(month))
        .drop("since")
    )


def _lines_by_partner(received: Snapshot, bonds: pl.DataFrame, contracts: Contracts) -> dict[str, int]:
    """How many of the lines are of each partner's clients: every partner in force is in it."""
    by_client = received.columns("client_id").group_by("client_id").len()
    counted = by_client.join(bonds, on="client_id", how="inner").group_by("partner_id").agg(pl.col("len").sum())
    return dict.fromkeys(contracts.partners, 0) | {
        partner_id: lines for partner_id, lines in counted.iter_rows() if partner_id in contracts.partners
    }
