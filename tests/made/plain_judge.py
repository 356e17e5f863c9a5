"""A plain judge: the checks on lines and events, made without Great Expectations, which takes 1.5 s for any two lines.

Tests whose subject is another use it. `tests/expectations/test_plain_judge.py` holds it equal to Great Expectations,
check by check. Checks of the table as a whole stay with Great Expectations.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from expectations.judging import Check, Verdict

ASK_GREAT_EXPECTATIONS = ("tests/expectations", "tests/engine", "tests/golden", "tests/flows/months", "tests/docs")
"""Folders whose tests have their lines judged as a month does: they are about the checks, or about whole months.

So do the first month of each process of tests, and every process that a test starts but those of `tests/runs.py`.
"""

Judge = Callable[..., "list[Verdict]"]


def choose_judge(path: str) -> None:
    """Have the lines of a test at this path judged by Great Expectations or plainly, once the judge is imported."""
    judging = sys.modules.get("expectations.judging")
    judge = getattr(judging, "judge", None)
    if judge is None:  # loading it takes seconds: a test that needs it does so itself
        return
    asked: Judge = getattr(judge, "instead_of", judge)
    judging.judge = asked if path.startswith(ASK_GREAT_EXPECTATIONS) else _plainly(asked)  # type: ignore[union-attr]


def _plainly(instead_of: Judge) -> Judge:
    def judge(frame: pl.DataFrame, checks: Sequence["Check"], first_place: int = 0) -> "list[Verdict]":
        if not all(check.is_of_lines for check in checks):
            return instead_of(frame, checks, first_place)
        return plain_verdicts(frame, checks, first_place)

    judge.instead_of = instead_of  # type: ignore[attr-defined]
    return judge


def plain_verdicts(frame: pl.DataFrame, checks: Sequence["Check"], first_place: int = 0) -> "list[Verdict]":
    """Return what `expectations.judging.judge` returns, for checks of rows."""
    from expectations.judging import Verdict

    rows = frame.with_row_index("place", first_place)
    verdicts = []
    for check in checks:
        kind, arguments = check.expectation.__name__, dict(check.arguments)
        if condition := arguments.pop("row_condition", None):
            of = rows.filter(pl.col(condition.column.name) == condition.parameter)
        else:
            of = rows
        value = pl.col(arguments.pop("column"))
        arguments.pop("mostly", None)
        if kind != "ExpectColumnValuesToNotBeNull":
            of = of.filter(value.is_not_null())  # what is blank is passed over
        failing = of.filter(_fails(kind, value, arguments))["place"].cast(pl.Int64)
        verdicts.append(Verdict(check, of.height, failing.rename("")))
    return verdicts


def _fails(kind: str, value: pl.Expr, arguments: Mapping[str, Any]) -> pl.Expr:
    """Whether a value fails an expectation of this kind. Raises LookupError for one that no check has."""
    if kind == "ExpectColumnValuesToNotBeNull":
        return value.is_null()
    if kind == "ExpectColumnValuesToBeInSet":
        return ~value.is_in(arguments["value_set"])
    if kind == "ExpectColumnValuesToNotMatchRegex":
        return value.str.contains(arguments["regex"])
    if kind == "ExpectColumnValuesToBeBetween":
        bounds = [(pl.Expr.lt, arguments.get("min_value")), (pl.Expr.gt, arguments.get("max_value"))]
        return pl.any_horizontal(*(is_beyond(value, bound) for is_beyond, bound in bounds if bound is not None))
    raise LookupError(f"{kind} is not made plainly: write how in {__file__}")
