"""What the tests of auditing share: an archive of three months, made once."""

from pathlib import Path
from typing import Any

import pytest

from tests.made.vendors import claim, line, partner, settle, write_vendor


@pytest.fixture(scope="session")
def three_months(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of three months of two partners: a balance carried, open and rejected lines, a claim that lost."""
    folder = tmp_path_factory.mktemp("three months")

    def of(month: str, **others: Any) -> dict[str, Any]:
        return {"issued_on": f"{month}-02", "paid_on": f"{month}-03"} | others

    lines = {
        "2026-01.csv": [
            line("L-1", "C-1", 1_000_00),
            line("L-2", "C-2", 50_00, category="telephony"),
            line("L-3", "C-9", 70_00),
            line("L-4", "C-1", 10_00, kind="bonus"),
            line("L-5", "C-1", 30_00, **of("2026-02")),
        ],
        "2026-02.csv": [line("L-6", "C-2", 90_00, **of("2026-02")), line("L-7", "C-9", 5_00, **of("2026-02"))],
        "2026-03.csv": [line("L-8", "C-1", 25_00, **of("2026-03")), line("L-9", "C-2", 400_00, **of("2026-03"))],
    }
    claims = [
        claim("C-1", "P-1"),
        claim("C-2", "P-2"),
        claim("C-1", "P-2", claim_id="K-late", claimed_on="2026-01-20"),
    ]
    vendor = write_vendor(folder / "vendor", partners=[partner("P-1"), partner("P-2")], claims=claims, billing=lines)
    (vendor / "programme.yaml").write_text(
        (vendor / "programme.yaml").read_text() + "stop_when: {rejected_above: 50%}\n", encoding="utf-8"
    )
    settle(folder / "home", vendor, "2026-01", "2026-02", "2026-03")
    return folder / "home/archive"
