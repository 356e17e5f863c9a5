"""The progress bar of a month on the page: what it says, how often, and that nothing depends on it."""

from typing import Any
from uuid import UUID

import pytest

from flows.on_prefect import progress_bar
from flows.on_prefect.progress_bar import ProgressBar
from models.progress import advance, watching, working

ID = UUID(int=1)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, str | None]]:
    """What the page was told, in order; two seconds pass between two looks at the clock only where `later` is called."""
    said: list[tuple[float, str | None]] = []

    def create(percent: float, key: str, description: str) -> UUID:
        assert key == "progress-2026-01"
        said.append((percent, description))
        return ID

    def update(artifact: UUID, percent: float, description: str) -> None:
        assert artifact == ID
        said.append((percent, description))

    monkeypatch.setattr(progress_bar, "create_progress_artifact", create)
    monkeypatch.setattr(progress_bar, "update_progress_artifact", update)
    monkeypatch.setattr(progress_bar, "monotonic", lambda: 0.0)
    return said


def test_the_bar_says_how_many_of_how_many_are_done_step_by_step(told: list[Any]) -> None:
    with watching(ProgressBar("2026-01")):
        with working("validate"):
            advance(1_200, "lines", 1_200)
        with working("documents", 60, "partners"):
            advance(60, "partners")
    assert told == [
        (0.0, "validate"),
        (100.0, "validate: 1 200 of 1 200 lines"),
        (100.0, "validate: 1 200 of 1 200 lines"),
        (0.0, "documents: 0 of 60 partners"),
        (100.0, "documents: 60 of 60 partners"),
        (100.0, "documents: 60 of 60 partners"),
    ]


def test_between_two_updates_of_a_step_two_seconds_pass(told: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    with watching(ProgressBar("2026-01")), working("documents", 60, "partners"):
        advance(25, "partners")  # in the same moment as the step began
        monkeypatch.setattr(progress_bar, "monotonic", lambda: 1.9)
        advance(1, "partners")
        monkeypatch.setattr(progress_bar, "monotonic", lambda: 2.0)
        advance(4, "partners")
        assert told == [(0.0, "documents: 0 of 60 partners"), (50.0, "documents: 30 of 60 partners")]


def test_a_page_that_cannot_be_told_is_told_no_more_and_the_month_goes_on(
    told: list[Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tried = []

    def refuse(*_: Any, **__: Any) -> None:
        tried.append(1)
        raise ConnectionError("no server")

    monkeypatch.setattr(progress_bar, "create_progress_artifact", refuse)
    with watching(ProgressBar("2026-01")), working("documents", 2, "partners"):
        advance(2, "partners")
    assert len(tried) == 1
    assert told == []
    assert "the progress is shown no longer: no server" in caplog.text
