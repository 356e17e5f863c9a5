"""What the billing was asked for is kept in the archive, and no secret with it."""

import json
import sqlite3
from pathlib import Path

import pytest

from tasks.vendor.as_asked import without_secrets
from tests.made.vendors import archived, claim, line, partner, settle, write_vendor


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("sql: postgresql://reader:hunter2@billing:5432/db", "sql: postgresql://***@billing:5432/db"),
        ("sql: postgresql://${WHO}:${PASSWORD}@billing/db", "sql: postgresql://***@billing/db"),
        ("sql: sqlite:///billing.db", "sql: sqlite:///billing.db"),
        ("db:\n  password: hunter2\n  query: q.sql", "db:\n  password: ***\n  query: q.sql"),
        ("Secret_Key: abc", "Secret_Key: ***"),
        ("mail: a@b.example", "mail: a@b.example"),
    ],
)
def test_a_url_keeps_its_host_and_loses_its_password(written: str, kept: str) -> None:
    assert without_secrets(written) == kept


def test_sources_and_queries_lie_in_the_archive_as_they_were_read(tmp_path: Path) -> None:
    vendor = write_vendor(tmp_path / "vendor", partners=[partner("P-1")], claims=[claim("C-1", "P-1")])
    one = line("L-1", "C-1", 100_00)
    with sqlite3.connect(vendor / "billing.db") as billing:
        billing.execute(f"CREATE TABLE lines ({', '.join(one)})")
        billing.execute(f"INSERT INTO lines VALUES ({', '.join('?' * len(one))})", tuple(one.values()))
    query = "SELECT * FROM lines WHERE paid_on BETWEEN :since AND :until"
    (vendor / "query.sql").write_text(query)
    (vendor / "sources.yaml").write_text(f"billing:\n  - sql: sqlite:///{vendor}/billing.db\n    query: query.sql\n")
    settle(tmp_path / "home", vendor, "2026-01")
    beside = json.loads((archived(tmp_path / "home", "2026-01") / "control.json").read_text())["beside"]
    inputs = tmp_path / "home/archive/test-partners/inputs"
    assert (inputs / beside["query.sql"]).read_text() == query
    assert "query: query.sql" in (inputs / beside["sources.yaml"]).read_text()
