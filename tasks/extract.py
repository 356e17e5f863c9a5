"""Extract: the billing lines a month may have to settle, as received, and a count of those left to other months."""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import chain
from typing import NamedTuple

import polars as pl

from engine.frames.gzip_csv import gzip_csv
from engine.frames.parquet import compact
from engine.frames.snapshot import Snapshot
from models.billing import LAST_YEAR, TEXT_COLUMNS, Outcome, Reason
from models.errors import BadInput, stop_for
from models.period import Period
from models.progress import advance
from models.vendor import ControlTotal, Tally
from rules.lines.reading import amount_minor_of, posted_on_of
from rules.lines.unread import unread_forms
from tasks.sources import Source
from tasks.step import step

LOG = logging.getLogger("settle")
LOG_EVERY = 1_000_000

LAST_PLAUSIBLE = date(LAST_YEAR, 12, 31)

OTHER_MONTH = ("line_id", "posted_on", "paid_on", "currency", "amount_minor", "reason")
"""What is kept of a line of another month."""

LOOK_BACK_UNPOSTED = 2
"""Months: how long after its payment a line may reach the books, where the books do not say when it did."""


@dataclass(frozen=True)
class Extract:
    """The lines of the month as received, and what was read beside them, counted."""

    lines: Snapshot
    """As received, with `carried_from`; sorted, so that the order of reading says nothing: the same lines give the
    same bytes. Beside them, where each was read."""
    left: tuple[Tally, ...]
    """Lines of other months, and rows that are no line: read and not kept."""
    other_month: bytes
    """The lines of other months (OTHER_MONTH, as packed CSV), so that anybody can count them."""
    posted: tuple[ControlTotal, ...]
    """Physical lines posted in the month, repeats included, carried ones not; an unreadable amount counts as 0."""
    warnings: tuple[str, ...]


class Window(NamedTuple):
    """Which lines are asked for: up to the month's last day, and so many months before its first."""

    month: Period
    look_back: int | None  # None: 0 for a line that says when it was posted, else LOOK_BACK_UNPOSTED

    @property
    def since(self) -> date:
        return self.month.plus(-(LOOK_BACK_UNPOSTED if self.look_back is None else self.look_back)).first_day


@step(name="extract")
def extract(window: Window, sources: Sequence[Source], carried: pl.DataFrame, decided: pl.DataFrame) -> Extract:
    """Read the sources up to the month's last day, and the look-back before its first.

    A source may give older lines too: those an earlier month is done with (`decided`, LineIds) or left open
    (`carried`, as received) are counted and left; one that no month has seen is looked at, however old.
    """
    month = window.month
    seen = _Seen(window, pl.concat([decided["line_id"], carried["line_id"]]))
    # Frames are cut down as they come; none but the lines of the month are ever held together.
    kept = (seen.keep(frame) for frame in _read_all(sources, window))
    lines = _together(carried, kept, {name for source in sources for name in source.keep})
    posted, left = seen.posted(), (*skipped(sources), *seen.other_month())
    warnings = [warning for source in sources for warning in source.warnings]
    if not posted:
        warnings.append(f"no billing line was posted in {month}.")
    LOG.info("extract: %d lines read, %d to look at, %d of them carried", seen.lines, lines.height, carried.height)
    return Extract(lines, left, seen.lines_left(), posted, tuple(warnings))


def _read_all(sources: Sequence[Source], window: Window) -> Iterator[pl.DataFrame]:
    """Yield the frames of all sources. Raises BadInput for all that is wrong with them, together."""
    faults: list[BadInput] = []
    yield from _frames(sources, window, faults)
    if faults:
        forms = unread_forms(_frames(sources, window, []))
        stop_for([*faults, *map(BadInput, forms)])


def _frames(sources: Sequence[Source], window: Window, faults: list[BadInput]) -> Iterator[pl.DataFrame]:
    for source in sources:
        try:
            yield from source.read(window.since, window.month.last_day)
        except BadInput as error:
            faults.append(error)


@dataclass
class _Seen:
    """What went by while reading, counted, so that no line read is out of the sums."""

    window: Window
    known: pl.Series  # the line ids of lines that earlier months decided or carry
    lines: int = 0
    left: Counter[tuple[str, str]] = field(default_factory=Counter)  # (reason, currency) -> lines
    left_minor: Counter[tuple[str, str]] = field(default_factory=Counter)
    left_unread: Counter[tuple[str, str]] = field(default_factory=Counter)
    lines_of_others: list[pl.DataFrame] = field(default_factory=list)
    in_month: Counter[str] = field(default_factory=Counter)  # currency -> lines
    in_month_minor: Counter[str] = field(default_factory=Counter)

    def keep(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Count the lines of a frame, and return those that this month looks at."""
        month = self.window.month
        advance(frame.height, "lines")
        before, self.lines = self.lines, self.lines + frame.height
        if self.lines // LOG_EVERY > before // LOG_EVERY:
            LOG.info("extract: %d lines read", self.lines)
        judged = frame.select(
            pl.col("currency").fill_null(""),
            _left_because(self.window, self._is_known(frame)).alias("reason"),
            posted_on_of().is_between(month.first_day, month.last_day).fill_null(False).alias("in_month"),
            # Wide enough for any sum: a garbled amount must not wrap round and look right.
            amount_minor_of().cast(pl.Int128),
        )
        amount = pl.col("amount_minor")
        counts = judged.group_by("currency", "reason", "in_month").agg(
            pl.len(), amount.sum(), amount.is_null().sum().alias("unread")
        )
        for currency, reason, in_month, lines, amount_minor, unread in counts.iter_rows():
            if reason is not None:
                self.left[reason, currency] += lines
                self.left_minor[reason, currency] += amount_minor
                self.left_unread[reason, currency] += unread
            if in_month:
                self.in_month[currency] += lines
                self.in_month_minor[currency] += amount_minor
        self._keep_account(frame, judged)
        return frame.filter(judged["reason"].is_null())

    def _is_known(self, frame: pl.DataFrame) -> pl.Series:
        """Whether an earlier month decided or carries each line; of one that is asked for anyhow nobody looks."""
        is_old = frame.select(is_old=_is_before(self.window).fill_null(False))["is_old"]
        if not is_old.any():
            return is_old
        return is_old & _is_among(frame["line_id"], self._known_in_order)

    @cached_property
    def _known_in_order(self) -> pl.Series:
        return self.known.drop_nulls().unique().sort()

    def _keep_account(self, frame: pl.DataFrame, judged: pl.DataFrame) -> None:
        """Keep of each line left to another month what it takes to count it again."""
        others = frame.select("line_id", "posted_on", "paid_on").with_columns(
            judged["currency"], judged["amount_minor"].cast(pl.String), judged["reason"]
        )
        self.lines_of_others.append(compact(others.select(OTHER_MONTH).drop_nulls("reason")))

    def lines_left(self) -> bytes:
        empty = pl.DataFrame(schema=dict.fromkeys(OTHER_MONTH, pl.String()))
        return gzip_csv([pl.concat([empty, *self.lines_of_others]).sort(OTHER_MONTH)])

    def other_month(self) -> tuple[Tally, ...]:
        return tuple(
            Tally(
                outcome=Outcome.OTHER_MONTH,
                reason=reason,
                currency=currency,
                lines=lines,
                amount_minor=self.left_minor[reason, currency],
                unread=self.left_unread[reason, currency],
            )
            for (reason, currency), lines in sorted(self.left.items())
        )

    def posted(self) -> tuple[ControlTotal, ...]:
        return tuple(
            ControlTotal(
                period=str(self.window.month),
                currency=currency,
                lines=lines,
                amount_minor=self.in_month_minor[currency],
            )
            for currency, lines in sorted(self.in_month.items())
        )


def skipped(sources: Iterable[Source]) -> tuple[Tally, ...]:
    """Return what the last reading of the sources passed over because sources.yaml says so, by reason and currency."""
    found: dict[tuple[str, str], Tally] = {}
    for tally in (tally for source in sources for tally in source.skipped):
        before = found.get(key := (tally.reason, tally.currency))
        sums = {name: getattr(tally, name) + getattr(before, name, 0) for name in ("lines", "amount_minor", "unread")}
        found[key] = tally.model_copy(update=sums)
    return tuple(tally for _, tally in sorted(found.items()))


def _left_because(window: Window, is_known: pl.Series) -> pl.Expr:
    """Why a line is left to another month; null where it is ours to look at, as any line without a readable day is."""
    month = window.month
    return (
        # A filler such as 9999-12-31 would wait for its month for ever: it is looked at, and rejected.
        pl.when((posted_on_of() > month.last_day) & (posted_on_of() <= LAST_PLAUSIBLE))
        .then(pl.lit(Reason.AFTER_CUT_OFF.value))
        .when(_is_before(window) & is_known)
        .then(pl.lit(Reason.BEFORE_LOOK_BACK.value))
    )


def _is_before(window: Window) -> pl.Expr:
    """Whether a line is older than what is asked for."""
    since = window.month.plus(-(window.look_back or 0)).first_day
    first = pl.when(pl.col("posted_on").is_null()).then(pl.lit(window.since)).otherwise(pl.lit(since))
    return posted_on_of() < first


def _is_among(ids: pl.Series, known: pl.Series) -> pl.Series:
    """Whether each id is one of the known ones, which are sorted: they are looked up, not gone through each time."""
    if known.is_empty() or ids.is_empty():
        return pl.repeat(False, len(ids), dtype=pl.Boolean, eager=True)
    places = known.search_sorted(ids.fill_null("")).clip(upper_bound=len(known) - 1)
    return (known.gather(places) == ids).fill_null(False)


def _together(carried: pl.DataFrame, kept: Iterable[pl.DataFrame], extras: set[str]) -> Snapshot:
    """Return our own open lines and those just read as one, every column there, absent ones null."""
    extras |= set(carried.columns) - {*TEXT_COLUMNS, "carried_from", "measured_in", "source", "row"}
    names = (*TEXT_COLUMNS, *sorted(extras), "carried_from", "measured_in", "source")
    empty = pl.DataFrame(schema=dict.fromkeys(names, pl.String()) | {"row": pl.Int64()})
    own = carried.drop("row", strict=False).with_columns(source=pl.lit("carried"))

    def whole(frame: pl.DataFrame) -> pl.DataFrame:
        return pl.concat([empty, frame], how="diagonal_relaxed")

    return Snapshot.sorted_from(map(whole, chain([own], kept)))
