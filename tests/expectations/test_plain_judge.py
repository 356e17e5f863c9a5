"""The plain judge of the tests finds what Great Expectations finds, check by check and row by row."""

from collections.abc import Sequence
from functools import cache

import polars as pl
import pytest

from expectations import judging
from expectations.billing_lines import checks
from expectations.judging import Check, Verdict, judge
from models.billing import REQUIRED_COLUMNS
from tests.expectations import test_billing_lines, test_events_suite
from tests.made.plain_judge import plain_verdicts
from tests.made.received import findings_of, line_ids, received

FIRST_PLACE = 250_000  # as of a second part of a month's lines
OF_LINES = [check for check in checks("net_of_vat") if check.is_of_lines]


@cache
def lines() -> pl.DataFrame:
    """Lines that fail each check, and lines that nearly do, as the checks see them."""
    failing = [line for case in test_billing_lines.FAILS.values() for line in case]
    return findings_of(received(*failing, *test_billing_lines.PASSES.values()), line_ids("settled"))


def found(verdicts: Sequence[Verdict]) -> dict[str, tuple[int, list[int]]]:
    return {verdict.check.name: (verdict.evaluated, verdict.failing.to_list()) for verdict in verdicts}


def must_agree(frame: pl.DataFrame, checks: Sequence[Check]) -> dict[str, tuple[int, list[int]]]:
    asked, plainly = judge(frame, checks, FIRST_PLACE), plain_verdicts(frame, checks, FIRST_PLACE)
    assert found(plainly) == found(asked)
    assert {verdict.failing.dtype for verdict in (*asked, *plainly)} == {pl.Int64()}
    return found(asked)


def test_lines_that_fail_each_check_and_lines_that_nearly_do_are_judged_alike() -> None:
    each = must_agree(lines(), OF_LINES)
    assert [name for name, (_, failing) in each.items() if not failing] == []


@pytest.mark.parametrize("rows", [0, 1])
def test_no_lines_and_one_line_are_judged_alike(rows: int) -> None:
    must_agree(lines().head(rows), OF_LINES)


def test_lines_in_which_every_value_is_missing_are_judged_alike() -> None:
    must_agree(lines().clear(n=3), OF_LINES)


def test_a_table_with_all_columns_and_one_without_two_of_them_are_judged_alike() -> None:
    of_table = [check for check in checks("gross") if not check.is_of_lines]
    whole = pl.DataFrame(schema=dict.fromkeys([*REQUIRED_COLUMNS, "a column more"], pl.String()))
    without = whole.drop("paid_on", "kind")
    for table in (whole, without):
        assert told(plain_verdicts(table, of_table)) == told(judge(table, of_table))
    assert [failing for _, failing in told(plain_verdicts(without, of_table)).values()] == [["kind", "paid_on"]]


def told(verdicts: Sequence[Verdict]) -> dict[str, tuple[int, list[str]]]:
    return {verdict.check.name: (verdict.evaluated, sorted(verdict.failing)) for verdict in verdicts}


def test_events_that_fail_each_check_and_events_that_nearly_do_are_judged_alike(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    each = {}

    def both(frame: pl.DataFrame, checks: Sequence[Check]) -> list[Verdict]:
        each.update(must_agree(frame, checks))
        return judge(frame, checks)

    monkeypatch.setattr(judging, "judge", both)
    test_events_suite.judged_together.__wrapped__()
    assert list(each) == [check.name for check in test_events_suite.EVERY]
    assert [name for name, (_, failing) in each.items() if not failing] == []
