"""Progress on the Prefect page: one bar for the month, which says what is done of the step at hand."""

import logging
from time import monotonic
from typing import cast
from uuid import UUID

from prefect.artifacts import create_progress_artifact, update_progress_artifact

from models.money import grouped
from models.progress import Work

log = logging.getLogger("settle")

SECONDS = 2  # between two updates of a step: each is a call of Prefect's server


class ProgressBar:
    """Keeps the artifact `progress-2026-10` of the run at hand. A watcher of `models.progress`."""

    def __init__(self, month: str) -> None:
        self._key = f"progress-{month}"
        self._artifact: UUID | None = None
        self._told: tuple[str, float] = ("", 0.0)  # the step that was told last, and when
        self._broken = False

    def advanced(self, work: Work) -> None:
        """Tell how far the step is, unless it was told a moment ago."""
        step, at = self._told
        if work.name != step or monotonic() - at >= SECONDS or work.done == work.of:
            self._tell(work, float(work.percent or 0))

    def ended(self, work: Work) -> None:
        """Tell that the step is done."""
        self._tell(work, 100.0)

    def _tell(self, work: Work, percent: float) -> None:
        if self._broken:
            return
        said = f"{work.name}: {_far(work)}" if work.unit else work.name
        try:
            if self._artifact is None:
                made = create_progress_artifact(percent, key=self._key, description=said)
                self._artifact = cast(UUID, made)  # typed for flows that are coroutines, too
            else:
                update_progress_artifact(self._artifact, percent, description=said)
        except Exception as error:
            log.warning("the progress is shown no longer: %s", error)
            self._broken = True
        self._told = work.name, monotonic()


def _far(work: Work) -> str:
    """How far: `25 of 60 partners`."""
    of = "" if work.of is None else f" of {grouped(work.of)}"
    return f"{grouped(work.done)}{of} {work.unit}"
