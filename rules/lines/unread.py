"""Unread: values in a form that is not read as it stands, by source and column, with rows to look at."""

from collections import defaultdict
from collections.abc import Iterable

import polars as pl

from models.money import grouped
from rules.lines.reading import amount_minor_of, date_of
from rules.sources.advice import in_sources_yaml

EXAMPLES = 3
DAYS = ("issued_on", "paid_on", "posted_on")


def unread_forms(frames: Iterable[pl.DataFrame]) -> list[str]:
    """Return a sentence for each column of a source with values that cannot be read, and the line that would read them.

    It is what a month would be stopped or its lines rejected for, told beside what stops the reading itself.
    """
    counts: dict[tuple[str, str], int] = defaultdict(int)
    shown: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for frame in frames:
        for column, value, unread in _looked_at():
            found = frame.filter(unread & value.is_not_null()).select("source", "row", value.alias("value"))
            for (source,), rows in found.group_by("source", maintain_order=True):
                counts[str(source), column] += rows.height
                shown[str(source), column] += rows.head(EXAMPLES).select("row", "value").rows()
    return [
        _words(source, column, lines, shown[source, column][:EXAMPLES])
        for (source, column), lines in sorted(counts.items())
    ]


def _looked_at() -> Iterable[tuple[str, pl.Expr, pl.Expr]]:
    """Each column that is looked at, its text, and whether that cannot be read."""
    for day in DAYS:
        yield day, pl.col(day), date_of(day).is_null()
    # Whether an amount in major units fits depends on the currency, which may be what is wrong.
    has_currency = pl.col("currency").is_not_null()
    yield "amount", pl.coalesce("amount", "amount_minor"), has_currency & amount_minor_of().is_null()


def _words(source: str, column: str, lines: int, examples: list[tuple[int, str]]) -> str:
    where = ", ".join(f"row {row} {value!r}" for row, value in examples)
    told = in_sources_yaml((column, value) for _, value in examples)
    return f"{source}: {column} cannot be read in {grouped(lines)} of its lines: {where}.{told}"
