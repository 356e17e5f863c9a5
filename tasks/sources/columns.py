"""Columns: which of a table's own columns are ours, and what to say when one is missing."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import NamedTuple, Self

import polars as pl
from pydantic import Field, field_validator, model_validator

from engine.frames.schemas import JudgedLines
from models.billing import REQUIRED_COLUMNS, TEXT_COLUMNS
from models.errors import BadInput
from models.value import Value

RESERVED = {*TEXT_COLUMNS, *JudgedLines.column_names(), "source", "row"}


class Columns(NamedTuple):
    """Which column of a table gives which of ours; the rest is left behind."""

    theirs: dict[str, str]  # ours -> theirs
    unknown: tuple[str, ...]
    absent: tuple[str, ...]  # asked for under keep:, and not there


class ColumnNames(Value):
    """What a block of sources.yaml says about columns: theirs that are ours by another name, and theirs to keep."""

    rename: dict[str, str] = Field(default_factory=dict)
    keep: tuple[str, ...] = ()

    @field_validator("keep")
    @classmethod
    def _kept_names_are_free(cls, keep: tuple[str, ...]) -> tuple[str, ...]:
        if taken := sorted(RESERVED.intersection(keep)):
            raise ValueError(f"{', '.join(taken)}: this name is ours already, so it is no column of your own to keep")
        return tuple(sorted(set(keep)))

    @model_validator(mode="after")
    def _new_names_are_known(self) -> Self:
        for theirs, ours in self.rename.items():
            if ours not in (*TEXT_COLUMNS, *self.keep):
                raise ValueError(
                    f"rename: {theirs}: {ours!r} is no billing column (there are: {', '.join(TEXT_COLUMNS)}); "
                    f"to keep a column of your own under this name, add it to `keep:`"
                )
        return self

    def match(self, place: str, found: Sequence[str]) -> Columns:
        """Find our columns among those of a table. Raises BadInput naming every one that is missing or there twice."""
        ours = [self.rename.get(name, name) for name in found]
        if twice := sorted({name for name in ours if ours.count(name) > 1}):
            raise BadInput(f"{place}: more than one column is called {', '.join(twice)}: leave one, or rename it.")
        theirs = {name: their for name, their in zip(ours, found, strict=True) if name in (*TEXT_COLUMNS, *self.keep)}
        # Decimal text in major units may stand instead of a whole number of minor units.
        instead = {"amount_minor"} if "amount" in theirs else set()
        if missing := [name for name in REQUIRED_COLUMNS if name not in theirs and name not in instead]:
            advice = "Rename it where it is made, or under `rename:` in sources.yaml (their name: our name)."
            raise BadInput(f"{place}: {describe_missing(missing, found)} {advice}")
        return Columns(
            theirs,
            unknown=tuple(their for name, their in zip(ours, found, strict=True) if name not in theirs),
            absent=tuple(name for name in self.keep if name not in theirs),
        )


class FileColumns(ColumnNames):
    """The columns of a file: where a value may hold a line break, beside what is said of every table."""

    line_breaks: tuple[str, ...] = ()  # by their names


def describe_missing(missing: Sequence[str], found: Sequence[str]) -> str:
    """Name the missing columns, the names that look alike, and what is there."""
    alike = []
    for name in missing:
        by_small = {other.strip().lower(): other for other in found}
        if near := get_close_matches(name, by_small, n=1, cutoff=0.7):
            alike.append(f"is {by_small[near[0]]!r} meant as {name}?")
    words = f"missing column{'s' if len(missing) > 1 else ''} {', '.join(missing)}"
    if len(found) == 1 and any(mark in found[0] for mark in ";\t|"):
        alike.append("Are the columns separated by something else than a comma?")
    return " ".join([f"{words}.", *(f"{hint[0].upper()}{hint[1:]}" for hint in alike), f"It has: {', '.join(found)}."])


def not_kept(name: str, unknown: Iterable[str], absent: Iterable[str]) -> list[str]:
    """Return warnings: columns left behind, and columns that were asked for and are not there."""
    warnings = []
    if left := sorted(set(unknown)):
        warnings.append(f"{name}: columns not kept: {', '.join(left)} (to keep them, name them under `keep:`).")
    if gone := sorted(set(absent)):
        warnings.append(f"{name}: columns named under `keep:` that are not everywhere: {', '.join(gone)}.")
    return warnings


def as_received(
    columns: Mapping[str, Sequence[str | None] | pl.Series], keep: Sequence[str], source: str, rows: Sequence[int]
) -> pl.DataFrame:
    """Return the frame every source gives: each column as text without outer white space, and blank is null."""
    given = pl.DataFrame({name: pl.Series(name, values, dtype=pl.String) for name, values in columns.items()})
    text = [
        pl.col(name).str.strip_chars() if name in columns else pl.lit(None, pl.String).alias(name)
        for name in (*TEXT_COLUMNS, *keep)
    ]
    return given.select(text).select(
        pl.when(pl.all() != "").then(pl.all()),
        pl.lit(source).alias("source"),
        pl.Series("row", rows, dtype=pl.Int64),
    )
