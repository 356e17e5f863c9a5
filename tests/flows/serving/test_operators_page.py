"""The operators' page: what a run can be called stands there, with what to do."""

from pathlib import Path

import pytest

from flows.result import Ending
from models.errors import SettlementError

PAGE = (Path(__file__).parents[3] / "docs/operators.md").read_text(encoding="utf-8")


def errors(kind: type[SettlementError]) -> list[type[SettlementError]]:
    return [one for below in kind.__subclasses__() for one in (below, *errors(below))]


@pytest.mark.parametrize("name", [ending.title for ending in Ending])
def test_every_ending_of_a_month_is_explained_to_the_operator(name: str) -> None:
    assert f"| {name} | " in PAGE


@pytest.mark.parametrize("error", [error for error in errors(SettlementError) if error.__module__ == "models.errors"])
def test_every_error_that_ends_a_month_is_explained_to_the_operator(error: type[SettlementError]) -> None:
    rows = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| ")]
    assert any(error.__name__ in row.replace(",", " ").split() for row in rows)
