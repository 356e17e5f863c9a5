"""Judging: Great Expectations looks at a frame and names every row that fails a check, not a sample of them."""

import gc
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from fractions import Fraction
from threading import Lock
from typing import Any, NamedTuple, Protocol

import great_expectations as gx
import polars as pl
import pyarrow as pa
from great_expectations.core import ExpectationValidationResult
from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)
from great_expectations.expectations.core import (  # type: ignore[attr-defined]  # it re-exports without saying so
    ExpectColumnValuesToNotBeNull,
)
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.metadata_types import FailureSeverity

from models.errors import CannotApprove

MANY_ROWS = 50_000
"""From so many on, memory is given back as soon as they are judged."""

ROWS, NUMBER = "rows of the kind", "number of the kind"
"""Columns beside those that are judged."""

# Failing rows come by their place in the frame, for a line id may be missing or repeated. (Named by a
# column instead, a million of them take a minute.)
COMPLETE = {"result_format": "COMPLETE", "return_unexpected_index_query": False}


class Check(Protocol):
    """One expectation of a suite, what it gives to a row that fails it, and what it is for."""

    @property
    def name(self) -> str: ...
    @property
    def reason(self) -> StrEnum | None: ...
    @property
    def reads(self) -> tuple[str, ...]: ...
    @property
    def expectation(self) -> type[Expectation]: ...
    @property
    def arguments(self) -> Mapping[str, Any]: ...
    @property
    def why(self) -> str: ...
    @property
    def cost(self) -> str: ...
    @property
    def remedy(self) -> str: ...
    @property
    def severity(self) -> FailureSeverity: ...
    @property
    def is_of_lines(self) -> bool: ...
    @property
    def least(self) -> Fraction: ...


class Verdict(NamedTuple):
    """How one check came out: how many rows it looked at, and the places of those that fail.

    For a check of the table as a whole: how many columns, and the names of those that are missing.
    """

    check: Check
    evaluated: int
    failing: pl.Series

    @property
    def holds(self) -> bool:
        """Whether enough of it passes."""
        return self.evaluated - len(self.failing) >= self.check.least * self.evaluated

    def entry(self) -> dict[str, Any]:
        """Return it as it is archived: the same for the same rows, so no ids, times or hosts."""
        return {
            "name": self.check.name,
            "columns": list(self.check.reads),
            "severity": self.check.severity.value,
            "reason": self.check.reason.value if self.check.reason else None,
            "why": self.check.why,
            "cost": self.check.cost,
            "evaluated": self.evaluated,
            "unexpected": len(self.failing),
            "success": self.holds,
        }


def suite_of(name: str, checks: Iterable[Check]) -> gx.ExpectationSuite:
    """Return checks as a suite; the name of each is in its `meta`."""
    return gx.ExpectationSuite(
        name=name,
        expectations=[
            check.expectation(
                **check.arguments,
                severity=check.severity,
                notes=f"{check.why} {check.cost}",
                meta={"name": check.name, "reason": check.reason, "why": check.why, "cost": check.cost},
            )
            for check in checks
        ],
    )


def judge(frame: pl.DataFrame, checks: Sequence[Check], first_place: int = 0) -> list[Verdict]:
    """Return a verdict per check on the whole frame; `first_place` is the place of its first row among all rows.

    A frame without rows is judged too: its checks are part of the month's record.
    """
    asset = _context().data_sources.add_pandas("billing").add_dataframe_asset("lines")
    # Arrow columns stay what they are; plain pandas makes floats of integers when one of them is null.
    data = {"dataframe": frame.to_pandas(use_pyarrow_extension_array=True)}
    batch = asset.add_batch_definition_whole_dataframe("chunk").get_batch(data)
    results = batch.validate(suite_of("checks", checks), result_format=COMPLETE).results
    by_name = {result.expectation_config.meta["name"]: result for result in results if result.expectation_config}
    verdicts = [_verdict(check, by_name[check.name], first_place) for check in checks]
    if frame.height >= MANY_ROWS:
        # What was looked at hangs together in circles, a hundred megabytes of it, until somebody collects it.
        del asset, data, batch, results, by_name
        gc.collect()
        pa.default_memory_pool().release_unused()
    return verdicts


class Judging:
    """Judges rows a piece at a time. Rows that are alike in every column are of one kind, and a kind is judged once.

    So where the columns take few values, Great Expectations has looked at every row for the price of a few, and in a
    later month only looks at kinds that are new. Several threads may ask at a time.
    """

    def __init__(self, checks: Sequence[Check]) -> None:
        self._checks = checks
        self._kinds: pl.DataFrame | None = None  # those known so far, with NUMBER
        self._failing: list[set[int]] = [set() for _ in checks]
        self._learning = Lock()

    def judge(self, frame: pl.DataFrame, first_place: int = 0) -> list[Verdict]:
        """Return a verdict per check on the frame, as `judge` does."""
        names = frame.columns
        rows = frame.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias(ROWS)).group_by(names).agg(ROWS)
        with self._learning:
            known = self._known(rows.select(names))
        found = rows.join(known, on=names, how="left", nulls_equal=True)
        return [self._verdict(number, found, first_place) for number in range(len(self._checks))]

    def _known(self, found: pl.DataFrame) -> pl.DataFrame:
        """All kinds that are known, these among them."""
        known = found.clear().with_columns(pl.lit(0, pl.Int64).alias(NUMBER)) if self._kinds is None else self._kinds
        new = found.join(known, on=found.columns, how="anti", nulls_equal=True)
        if new.height or self._kinds is None:
            verdicts = judge(new, self._checks, known.height)
            for verdict in verdicts:
                must_ask_all(verdict, new)
            for verdict, failing in zip(verdicts, self._failing, strict=True):
                failing.update(verdict.failing)
            numbers = pl.int_range(known.height, known.height + new.height, dtype=pl.Int64)
            known = pl.concat([known, new.with_columns(numbers.alias(NUMBER))])
        self._kinds = known
        return known

    def _verdict(self, number: int, found: pl.DataFrame, first_place: int) -> Verdict:
        check = self._checks[number]
        of_failing = found.filter(pl.col(NUMBER).is_in(list(self._failing[number])))[ROWS]
        failing = of_failing.explode(empty_as_null=False).sort() + first_place
        return Verdict(check, int(found.filter(is_asked(check))[ROWS].list.len().sum()), failing)


def is_asked(check: Check) -> pl.Expr:
    """Whether a check looks at a row: it passes over blanks, except where it asks for them, and over other rows."""
    asked = pl.lit(True)
    if check.expectation is not ExpectColumnValuesToNotBeNull:
        asked = pl.col(check.arguments["column"]).is_not_null()
    if condition := check.arguments.get("row_condition"):
        asked &= pl.col(condition.column.name) == condition.parameter
    return asked.fill_null(False)


def must_ask_all(verdict: Verdict, rows: pl.DataFrame) -> None:
    """Raise CannotApprove where Great Expectations looked at other rows than a check is about (`is_asked`)."""
    asked = rows.filter(is_asked(verdict.check)).height
    if verdict.evaluated != asked:
        raise CannotApprove(
            f"check {verdict.check.name} looked at {verdict.evaluated} kinds of rows, and is about {asked}. "
            "Nothing was approved: repair the check in expectations/ and run the month again."
        )


def added_up(parts: Sequence[Sequence[Verdict]]) -> list[Verdict]:
    """Return the verdicts on the whole, from those on its parts in order: half of it is half of all parts together."""
    return [
        Verdict(first.check, sum(each.evaluated for each in of_check), pl.concat([each.failing for each in of_check]))
        for of_check in zip(*parts, strict=True)
        for first in of_check[:1]
    ]


def _context() -> EphemeralDataContext:
    """Great Expectations in memory: no files, no network, nothing kept."""
    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(),
        progress_bars=ProgressBarsConfig(globally=False),
        analytics_enabled=False,
    )
    return gx.get_context(mode="ephemeral", project_config=config)


def _verdict(check: Check, given: ExpectationValidationResult, start: int) -> Verdict:
    found = given.result
    if found and not check.is_of_lines:
        missing = found.get("details", {}).get("mismatched", {}).get("missing", [])
        return Verdict(check, len(check.reads), pl.Series(missing, dtype=pl.String))
    failing = found.get("unexpected_index_list")
    # A check that could not be made, or that names only some of the rows it counts, must not pass for a clean one.
    if failing is None or len(failing) != found["unexpected_count"]:
        raise CannotApprove(
            f"check {check.name} could not be made: {_said(given.exception_info or {})}. "
            "Nothing was approved: repair the check in expectations/ and run the month again."
        )
    evaluated = found["element_count"] - found.get("missing_count", 0)
    return Verdict(check, evaluated, pl.Series(failing, dtype=pl.Int64) + start)


def _said(exceptions: Mapping[str, Any]) -> str:
    # One exception, or one for each thing that was to be computed.
    each: list[Mapping[str, Any]] = [part for part in exceptions.values() if isinstance(part, dict)] or [exceptions]
    messages = {str(part.get("exception_message") or "not every failing line was named") for part in each}
    return "; ".join(sorted(message.rstrip(".") for message in messages))
