"""Told: a watcher of works that keeps all it is told, for tests."""

from models.progress import Work


class Told:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.works: list[Work] = []

    def advanced(self, work: Work) -> None:
        self.works.append(work)

    def ended(self, work: Work) -> None:
        pass
