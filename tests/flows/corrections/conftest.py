"""Homes that tests of corrections share."""

from pathlib import Path

import pytest

from tests.flows.corrections.restated_january import three_months


@pytest.fixture(scope="package")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """January closed, restated, February and March closed with all their documents."""
    return three_months(tmp_path_factory.mktemp("restated"))
