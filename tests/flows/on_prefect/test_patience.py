"""When a run of a deployment tries again, when it waits for another, and when it ends at once."""

from collections.abc import Callable

import pytest

from flows.on_prefect.patience import LONGEST_SECONDS, patiently
from models.errors import BadInput, LeaseHeld, SettlementError, StoreUnreachable, UnsafeStore
from tasks.database.connection import DatabaseGone, DatabaseLocked, DatabaseUnavailable


class Page:
    """What the page was told, and how long was waited."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.waited: list[float] = []

    def patiently(self, work: Callable[[], str]) -> str:
        return patiently(work, lambda name, words: self.told.append((name, words)), self.waited.append)


def failing(*errors: SettlementError) -> Callable[[], str]:
    """Work that fails with each of the errors in turn, and then is done."""
    left = list(errors)

    def work() -> str:
        if left:
            raise left.pop(0)
        return "done"

    return work


@pytest.mark.parametrize("kind", [StoreUnreachable, DatabaseGone, DatabaseLocked])
def test_what_may_pass_is_tried_again_later_and_later_and_the_page_says_why(kind: type[SettlementError]) -> None:
    page = Page()
    assert page.patiently(failing(kind("no answer."), kind("no answer."))) == "done"
    assert page.waited == [15, 30]
    assert page.told == [
        ("TryingAgain", f"{kind.__name__}: no answer. It is tried again in 15 s."),
        ("TryingAgain", f"{kind.__name__}: no answer. It is tried again in 30 s."),
        ("Running", ""),
    ]


def test_a_store_that_is_down_for_two_minutes_is_outlasted_and_one_that_stays_down_ends_the_run() -> None:
    page = Page()
    with pytest.raises(StoreUnreachable):
        page.patiently(failing(*[StoreUnreachable("no answer.")] * 6))
    assert page.waited == [15, 30, 60, 120, 240]
    assert sum(page.waited) > 120


@pytest.mark.parametrize("kind", [BadInput, UnsafeStore, DatabaseUnavailable])
def test_what_a_person_has_to_mend_is_never_tried_again(kind: type[SettlementError]) -> None:
    page = Page()
    with pytest.raises(kind):
        page.patiently(failing(kind("mend it")))
    assert (page.waited, page.told) == ([], [])


def test_a_run_waits_for_another_and_its_state_says_for_which() -> None:
    page = Page()
    held = LeaseHeld("uis-partners: another run is settling it: host, process 7.")
    assert page.patiently(failing(held, held)) == "done"
    assert page.told[0] == ("WaitingForAnotherRun", "uis-partners: another run is settling it: host, process 7.")
    assert page.told[-1] == ("Running", "")


def test_it_waits_for_another_run_half_a_day_and_no_longer() -> None:
    page = Page()
    with pytest.raises(LeaseHeld):
        page.patiently(failing(*[LeaseHeld("held")] * (LONGEST_SECONDS // 15 + 1)))
    assert sum(page.waited) == LONGEST_SECONDS == 12 * 3600
