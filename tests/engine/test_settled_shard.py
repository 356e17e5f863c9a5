"""However a month is cut into shards, and whoever works them out, its draft is the same to the byte."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import pytest

from engine.draft import draft
from engine.each import Each, one_by_one
from engine.inputs import MonthInputs
from engine.settled_shard import settle_shard
from flows.consent.deciding import begin_gathering
from flows.office import Office
from models.period import Period
from rules.draft import Draft
from sample import make_sample
from tasks.packing import packed, unpacked
from tasks.settings import Settings
from tests.engine.looking_back import MONTHS, from_archive

C = TypeVar("C")
I = TypeVar("I")  # noqa: E741 (an item)
R = TypeVar("R")


def by_strangers(function: Callable[[C, I], R], common: C, items: Sequence[I]) -> Iterator[R]:
    """Have each item worked out by somebody who knows nothing but what travelled there, the last item first."""
    travelled = packed((function, common))

    def answer(item: bytes) -> bytes:
        there, known = unpacked(travelled)
        return packed(there(known, unpacked(item)))

    answers = [answer(packed(item)) for item in reversed(items)]
    for data in reversed(answers):
        yield unpacked(data)


def drafted(inputs: MonthInputs, shards: int, each: Each) -> tuple[Draft, int]:
    """The draft of a month that is cut into at least so many shards; and how many they were."""
    settled = 0

    def counted(function: Callable[[C, I], R], common: C, items: Sequence[I]) -> Iterator[R]:
        nonlocal settled
        settled += len(items) if function == settle_shard else 0
        return each(function, common, items)

    return draft(inputs, lines_at_once=max(1, inputs.lines.height // shards), each=counted), settled


@pytest.mark.parametrize(("programme", "seed"), [("uis", 1), ("network", 2), ("employees", 3), ("affiliate", 4)])
def test_a_draft_is_the_same_for_any_number_of_shards_and_whoever_works_them_out(
    programme: str, seed: int, tmp_path: Path
) -> None:
    make_sample(tmp_path / "vendor", clients=90, partners=35, months=1, seed=seed, programme=programme)
    office = Office.open(Settings(home=tmp_path / "home", vendor=tmp_path / "vendor"))
    inputs = begin_gathering(Period(2026, 1), office).inputs()
    whole, one = drafted(inputs, 1, one_by_one)
    assert one == 1
    assert sum(body.summary.commission_minor != 0 for body in whole.statements) >= 10
    for at_least, each in ((2, one_by_one), (7, by_strangers), (32, one_by_one), (32, by_strangers)):
        made, shards = drafted(inputs, at_least, each)
        assert shards >= min(at_least, 15)  # of 35 partners some have more than a 32nd of the lines
        assert made.results == whole.results
        assert made.digest == whole.digest
        assert made.statements == whole.statements
        assert made.findings.warnings == whole.findings.warnings


@pytest.mark.parametrize("month", MONTHS)
def test_what_earlier_months_left_travels_with_the_shards(home: Path, month: str) -> None:
    inputs = from_archive(home, month)
    (whole, one), (made, shards) = drafted(inputs, 1, one_by_one), drafted(inputs, 7, by_strangers)
    assert (one, shards) == (1, 2)  # ana and bo
    assert made.results == whole.results
    assert made.digest == whole.digest
