"""Homes that tests of corrections share."""

from pathlib import Path

import pytest

from flows.corrections.restating import accept
from tests.flows.corrections.restated_january import right_rate, worked_out, written
from tests.vendors import archived, digests, office, settle


@pytest.fixture(scope="package")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """January closed, restated, February and March closed with all their documents."""
    root = tmp_path_factory.mktemp("restated")
    vendor = written(root / "vendor")
    settle(root / "home", vendor, "2026-01")
    before = digests(archived(root / "home", "2026-01"))
    assert accept(worked_out(root, vendor, right_rate(root / "corrected", vendor)), office(root / "home", vendor))
    settle(root / "home", vendor, "2026-02", "2026-03")
    assert digests(archived(root / "home", "2026-01")) == before
    return root
