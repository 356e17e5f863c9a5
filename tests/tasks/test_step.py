"""A step outside a flow run: a plain call, several at a time where there are several items."""

import logging
import threading

import pytest

from models.errors import BadInput
from tasks.step import step
from tests.waiting import LONG


@step(name="double")
def double(number: int) -> int:
    """Return twice the number."""
    if number < 0:
        raise BadInput(f"{number} is negative")
    return 2 * number


def test_a_step_outside_a_flow_run_is_the_function_it_is() -> None:
    assert double(21) == 42
    assert double.function(21) == 42
    assert double.__doc__ == "Return twice the number."


def test_the_log_says_how_long_a_step_took(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="settle"):
        double(1)
    assert caplog.messages == ["double: 0.0 s"]


def test_every_item_is_tried_although_one_fails_and_then_its_error_is_raised() -> None:
    results: list[int] = []
    with pytest.raises(BadInput, match="-2 is negative"):
        results.extend(double.for_each([1, -2, 3], workers=2))
    assert sorted(results) == [2, 6]


def test_no_more_items_are_worked_on_at_a_time_than_there_are_workers() -> None:
    at_work, most, lock = set[int](), [0], threading.Lock()
    both = threading.Barrier(2)

    @step(name="count")
    def count(number: int) -> None:
        with lock:
            at_work.add(number)
            most[0] = max(most[0], len(at_work))
        both.wait(timeout=LONG)
        with lock:
            at_work.discard(number)

    assert list(count.for_each(range(6), workers=2)) == [None] * 6
    assert most == [2]


def is_told(logger: str, error: BaseException) -> bool:
    """Whether a log of Prefect takes a record with the traceback of this error."""
    named = logging.getLogger(logger)
    record = named.makeRecord(logger, logging.ERROR, "", 0, "Task run failed", (), (type(error), error, None))
    return bool(named.filter(record))


@pytest.mark.parametrize("logger", ["prefect.flow_runs", "prefect.task_runs"])
def test_an_error_that_a_person_has_to_act_on_is_no_traceback_and_a_mistake_of_ours_is(logger: str) -> None:
    assert not is_told(logger, BadInput("row 17 has no paid_on"))
    assert not is_told(logger, KeyboardInterrupt())
    assert is_told(logger, ZeroDivisionError())
