"""A plain judge: the checks on lines and events, made without Great Expectations, which takes 1.5 s for any two lines.

Runs that are killed use it (`tests/runs.py`). `tests/expectations/test_plain_judge.py` holds it equal to Great
Expectations, check by check. Checks of the table as a whole stay with Great Expectations.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from expectations.judging import Check, Verdict

Judge = Callable[..., "list[Verdict]"]


def judge_plainly() -> None:
    """Have the lines and events of this process judged plainly from now on."""
    from expectations import judging

    judging.judge = _plainly(judging.judge)


def _plainly(instead_of: Judge) -> Judge:
    def judge(frame: pl.DataFrame, checks: Sequence["Check"], first_place: int = 0) -> "list[Verdict]":
        if not all(check.is_of_lines for check in checks):
            return instead_of(frame, checks, first_place)
        return plain_verdicts(frame, checks, first_place)

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
