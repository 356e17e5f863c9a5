"""A plain judge: the checks on lines and events, made without Great Expectations, which takes 1.5 s for any two lines.

Runs that are killed use it (`tests/runs.py`), and so do tests of what becomes of lines that were judged
(AFTER_JUDGING). `tests/expectations/test_plain_judge.py` holds it equal to Great Expectations, check by check.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

if TYPE_CHECKING:
    from expectations.judging import Check, Verdict

AFTER_JUDGING = (
    "cli/test_explain.py",
    "cli/test_init",
    "cli/test_status.py",
    "docs/test_docs_stranger.py",
    "engine/test_answers.py",
    "engine/test_bodies.py",
    "engine/test_events.py",
    "engine/test_evidence.py",
    "engine/test_inputs.py",
    "engine/test_lines.py",
    "engine/test_settled_shard.py",
    "engine/closed_months/",
    "engine/test_twin_agrees.py",
    "flows/consent/",
    "flows/corrections/",
    "flows/months/test_first_payments.py",
    "flows/months/test_home_of_format_1.py",
    "flows/months/test_id_again.py",
    "flows/months/test_late_invoices.py",
    "flows/months/test_mutated_months.py",
    "flows/months/test_programme_in_use.py",
    "flows/months/test_sent_twice.py",
    "flows/months/test_settled_again.py",
    "flows/months/test_sources_settled.py",
    "flows/months/test_unreadable_months.py",
    "flows/proof/",
    "flows/questions/",
    "flows/serving/test_cluster.py",
    "flows/test_",
    "histories/",
    "tasks/auditing/",
    "tasks/sources/test_sources_mutated.py",
    "tasks/test_",
)
"""Where lines are judged plainly, as paths begin: what is tested there becomes of them after that.

Great Expectations judges in all others: the worked example, the examples' months, the golden months, the real billing,
whatever starts the program, and the tests of judging itself (tests/expectations, engine/test_validate.py).
"""


@pytest.fixture(scope="module", autouse=True)
def judge(request: pytest.FixtureRequest) -> Iterator[None]:
    """Have lines judged plainly in a file of AFTER_JUDGING; what Great Expectations found is not mixed in."""
    if not request.path.relative_to(request.config.rootpath / "tests").as_posix().startswith(AFTER_JUDGING):
        yield
        return
    from expectations import judging
    from expectations.billing_lines import judging_of

    judging_of.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judging, "judge", plain_verdicts)
        yield
    judging_of.cache_clear()


def judge_plainly() -> None:
    """Have the lines and events of this process judged plainly from now on."""
    from expectations import judging

    judging.judge = plain_verdicts


def plain_verdicts(frame: pl.DataFrame, checks: Sequence["Check"], first_place: int = 0) -> "list[Verdict]":
    """Return what `expectations.judging.judge` returns."""
    from expectations.judging import Verdict

    of_rows = [check for check in checks if check.is_of_lines]
    asked_and_failing = frame.with_columns(
        *(_is_asked(check).fill_null(False).alias(f"{check.name} asked") for check in of_rows),
        *((_is_asked(check) & _fails(check)).fill_null(False).alias(check.name) for check in of_rows),
    )
    verdicts = []
    for check in checks:
        if check.is_of_lines:
            failing = asked_and_failing[check.name].arg_true().cast(pl.Int64).rename("") + first_place
            verdicts.append(Verdict(check, len(asked_and_failing[f"{check.name} asked"].arg_true()), failing))
        else:
            missing = [name for name in check.reads if name not in frame.columns]
            verdicts.append(Verdict(check, len(check.reads), pl.Series(missing, dtype=pl.String)))
    return verdicts


def _is_asked(check: "Check") -> pl.Expr:
    """Whether a check looks at a row: it passes over what is blank, unless blanks are what it asks for."""
    asked = pl.lit(True)
    if check.expectation.__name__ != "ExpectColumnValuesToNotBeNull":
        asked = pl.col(check.arguments["column"]).is_not_null()
    if condition := check.arguments.get("row_condition"):
        asked &= pl.col(condition.column.name) == condition.parameter
    return asked


def _fails(check: "Check") -> pl.Expr:
    """Whether a value fails an expectation of this kind. Raises LookupError for one that no check has."""
    kind, arguments = check.expectation.__name__, check.arguments
    value = pl.col(arguments["column"])
    if kind == "ExpectColumnValuesToNotBeNull":
        return value.is_null()
    if kind == "ExpectColumnValuesToBeInSet":
        return ~value.is_in(arguments["value_set"])
    if kind == "ExpectColumnValuesToNotMatchRegex":
        return value.str.contains(arguments["regex"])
    if kind == "ExpectColumnValuesToBeBetween":
        return _is_beyond(value, arguments)
    raise LookupError(f"{kind} is not made plainly: write how in {__file__}")


def _is_beyond(value: pl.Expr, arguments: Mapping[str, Any]) -> pl.Expr:
    bounds = [(pl.Expr.lt, arguments.get("min_value")), (pl.Expr.gt, arguments.get("max_value"))]
    return pl.any_horizontal(*(is_beyond(value, bound) for is_beyond, bound in bounds if bound is not None))
