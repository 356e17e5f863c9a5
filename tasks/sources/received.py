"""Received: how the rows of one table become billing lines, and what of them was skipped."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from models.billing import TEXT_COLUMNS, Outcome, Reason
from models.vendor import Tally
from rules.lines.reading import amount_minor_of
from rules.sources.numbers import NOT_AS_DECLARED
from rules.sources.values import DAYS, MONEY, NUMBERS, beside
from tasks.sources.columns import ColumnNames, Columns

Values = Sequence[str | None] | pl.Series
SHOWN = 5

Known = Mapping[str, Mapping[str, str]]
"""What the tables of `lookup:` say: our column -> value it is looked up by -> its value."""


@dataclass
class Skipped:
    """Rows of one table that are no billing lines, counted, so that no row read is out of the sums."""

    rows: int = 0
    first: list[int] = field(default_factory=list)  # where the first of them stand
    tallies: list[Tally] = field(default_factory=list)

    def add(self, rows: pl.DataFrame) -> None:
        """Count rows, as billing lines would be."""
        self.rows += rows.height
        self.first += rows["row"].head(SHOWN - len(self.first)).to_list()
        sums = rows.group_by(pl.col("currency").fill_null("")).agg(
            pl.len().alias("lines"),
            amount_minor_of().cast(pl.Int128).sum(),
            amount_minor_of().is_null().sum().alias("unread"),
        )
        self.tallies += [
            Tally(outcome=Outcome.SKIPPED, reason=Reason.SKIP_WHERE, **sums_of)
            for sums_of in sums.iter_rows(named=True)
        ]


@dataclass
class Reading:
    """One table while it is read: its columns, and a count of what is no line."""

    place: str
    names: ColumnNames
    columns: Columns
    known: Known = field(default_factory=dict)
    skipped: Skipped = field(default_factory=Skipped)
    above: dict[str, str | None] = field(default_factory=dict)  # of `fill_down:`, what the last row read says
    not_found: Counter[tuple[str, str]] = field(default_factory=Counter)  # (our column, value) not in its table

    def lines(self, values: Callable[[str, str], Values], rows: Sequence[int]) -> pl.DataFrame:
        """Return the frame every source gives; `values` returns those of a column: the name it has here, and theirs."""
        given = {name: values(name, theirs) for name, theirs in self.columns.theirs.items()}
        given |= {beside(theirs): values(theirs, theirs) for theirs in self.columns.beside}
        frame = as_received(given, self.names.keep, self.place, rows)
        return self._as_declared(frame) if self.names.says_anything else frame

    @property
    def warnings(self) -> list[str]:
        """Rows that were skipped, and values that no table of `lookup:` has."""
        said = []
        if self.skipped.rows:
            first = ", ".join(str(row) for row in self.skipped.first)
            more = f" and {more} more" if (more := self.skipped.rows - len(self.skipped.first)) else ""
            rows = f"{self.skipped.rows} row{'s' if self.skipped.rows > 1 else ''}"
            said.append(f"{self.place}: {rows} skipped by `skip_where:`: {first}{more}.")
        for name in sorted({name for name, _ in self.not_found}):
            values = {value: lines for (of, value), lines in self.not_found.items() if of == name}
            lookup = self.names.lookup[name]
            shown = ", ".join(sorted(values)[:SHOWN]) + (
                f" and {len(values) - SHOWN} more" if len(values) > SHOWN else ""
            )
            lines = f"{self.place}: no {name} for {sum(values.values())} of its lines"
            said.append(f"{lines}: {lookup.table} has no {lookup.by} {shown}.")
        return said

    def _as_declared(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the lines as ours are written: rows that are none left out, values by our names, numbers, days."""
        names, columns = self.names, frame.columns
        is_skipped = frame.select(names.is_skipped().alias("skipped"))["skipped"]
        frame = self._filled_down(frame)
        # Later steps read what earlier ones made: a category is looked up by a product that was extracted and mapped.
        frame = frame.with_columns(*names.extracted(), *names.joined()).with_columns(
            *names.mapped(), *names.constants()
        )
        frame = self._looked_up(frame)
        frame = frame.with_columns(*names.amounts(names)) if names.amount_from else self._with_currency(frame)
        if names.says_numbers:
            # A constant is written in our way, and an amount of two columns is made already.
            made = {*names.set, *(("amount",) if names.amount_from else ())}
            given = [name for name in NUMBERS if name not in made]
            frame = frame.with_columns(names.as_plain(name, signed=name in MONEY).alias(name) for name in given)
        there = {name: beside(name) if name in self.columns.beside else name for name in names.negative_where}
        frame = frame.with_columns(*names.in_minor_units()).with_columns(*names.signs(there))
        frame = frame.with_columns(*names.kinds())
        if names.says_days:
            frame = frame.with_columns(names.as_iso(name) for name in DAYS)
        frame = frame.select(_blank_is_null(columns)).select(
            name for name in columns if name not in map(beside, self.columns.beside)
        )
        if is_skipped.any():
            self.skipped.add(frame.filter(is_skipped))
        return frame.filter(~is_skipped)

    def _filled_down(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the lines with what the rows above them say, where a report says it once for a group of rows."""
        for name in self.names.fill_down:
            theirs = [ours for ours, column in self.columns.theirs.items() if column == name]
            for column in dict.fromkeys((*theirs, beside(name) if name in self.columns.beside else name)):
                filled = frame[column].fill_null(strategy="forward")
                if (above := self.above.get(column)) is not None:
                    filled = filled.fill_null(above)
                if len(filled):
                    self.above[column] = filled[-1]
                frame = frame.with_columns(filled.alias(column))
        return frame

    def _looked_up(self, frame: pl.DataFrame) -> pl.DataFrame:
        for name, lookup in self.names.lookup.items():
            known = self.known[name]
            frame = frame.with_columns(
                pl.col(lookup.by).replace_strict(known, default=None, return_dtype=pl.String).alias(name)
            )
            unknown = frame.filter(pl.col(name).is_null() & pl.col(lookup.by).is_not_null())
            for value, lines in unknown.group_by(lookup.by).len().iter_rows():
                self.not_found[name, value] += lines
        return frame

    def _with_currency(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the lines with the currency whose sign stands beside the amount. It must be that of the column."""
        if not self.names.currency_signs:
            return frame
        amount = pl.coalesce("amount", "amount_minor")
        frame = frame.with_columns(signed=self.names.currency(amount))
        differs = (pl.col("signed") != pl.col("currency")).fill_null(False)
        marked = [
            pl.when(differs).then(pl.concat_str(name, pl.lit(NOT_AS_DECLARED))).otherwise(pl.col(name)).alias(name)
            for name in ("amount", "amount_minor")
        ]
        return frame.with_columns(*marked, pl.coalesce("currency", "signed").alias("currency")).drop("signed")


def as_received(columns: Mapping[str, Values], keep: Sequence[str], source: str, rows: Sequence[int]) -> pl.DataFrame:
    """Return the frame of a table: each column as text without outer white space, and blank is null."""
    given = pl.DataFrame({name: pl.Series(name, values, dtype=pl.String) for name, values in columns.items()})
    names = (*TEXT_COLUMNS, *keep, *(name for name in columns if name not in (*TEXT_COLUMNS, *keep)))
    text = [
        pl.col(name).str.strip_chars() if name in columns else pl.lit(None, pl.String).alias(name) for name in names
    ]
    return given.select(text).select(
        pl.when(pl.all() != "").then(pl.all()),
        pl.lit(source).alias("source"),
        pl.Series("row", rows, dtype=pl.Int64),
    )


def _blank_is_null(columns: Sequence[str]) -> list[pl.Expr]:
    return [
        pl.col(name) if name in ("source", "row") else pl.when(pl.col(name) != "").then(pl.col(name)).alias(name)
        for name in columns
    ]
