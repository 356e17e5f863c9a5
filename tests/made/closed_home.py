"""A home in which two months are closed, as somebody with a hand on its database or its archive finds it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from flows.office import Office
from flows.questions.check_installation import check_installation
from flows.settle_month import settle_month
from migrations.triggers import guards
from models.period import Period
from models.rows import AuditRow
from tasks.facts.audit import NOTHING_BEFORE, AuditEntry, digest
from tasks.proof.difference import FactsDisagree
from tasks.settings import Settings
from tests.made.tables import INSERT_ONLY, run, table, unique_keys

JANUARY, FEBRUARY, MARCH = (Period(2026, month) for month in (1, 2, 3))


@dataclass(frozen=True)
class Home:
    """An office in which January and February are closed, and what its doctor says."""

    office: Office
    settings: Settings

    def run(self, *statements: str) -> None:
        run(self.office.database, *statements)

    def unguarded(self, *statements: str) -> None:
        """Run statements with the guards taken away, and set them up again as they were."""
        database = self.office.database
        dialect = database.engine.dialect.name
        every = [(name, guard) for name in INSERT_ONLY for guard in guards(dialect, name, unique_keys(table(name)))]
        on = " ON {}" if dialect == "postgresql" else ""
        dropped = [f"DROP TRIGGER {guard.name}" + on.format(name) for name, guard in every]
        run(database, *dropped, *statements, *(words for _, guard in every for words in guard.statements))

    def must_stop(self, *said: str) -> None:
        """March is refused before it is approved, the doctor fails, and both name what was changed."""
        with pytest.raises(FactsDisagree) as refused:
            settle_month(MARCH, self.office)
        failed = [check.words for check in check_installation(self.settings) if not check.passed]
        assert len(failed) == 1
        for words in said:
            assert words in str(refused.value)
            assert words in failed[0]
        with self.office.database.reading() as session:
            approved = session.execute(select(table("approval").c.period)).scalars().all()
        assert sorted(approved) == ["2026-01", "2026-02"]

    def retold(self, change: Callable[[AuditEntry], Iterable[AuditEntry]], *statements: str) -> None:
        """Run statements unguarded, and refill the audit trail with other entries, chained anew."""
        with self.office.database.reading() as session:
            kept = session.execute(select(table("audit")).order_by(AuditRow.seq))  # type: ignore[arg-type]
            entries = [AuditEntry._make(row) for row in kept]
        told = chained([changed for entry in entries for changed in change(entry)])
        self.unguarded(*statements, "DELETE FROM audit", *inserted(told))

    @property
    def archive(self) -> Path:
        """The programme's folder in the archive."""
        return Path(self.settings.home) / "archive" / "test-partners"


def chained(entries: list[AuditEntry]) -> list[AuditEntry]:
    chained: list[AuditEntry] = []
    last = NOTHING_BEFORE
    for seq, entry in enumerate(entries, start=1):
        linked = entry._replace(seq=seq, previous=last)
        last = digest(linked)
        chained.append(linked._replace(digest=last))
    return chained


def inserted(entries: list[AuditEntry]) -> list[str]:
    cells = (["NULL" if value is None else f"'{value}'" for value in entry] for entry in entries)
    return [f"INSERT INTO audit VALUES({', '.join(row)})" for row in cells]
