"""Closed months for tests of the engine, settled once."""

from pathlib import Path

import pytest

from tests.engine.looking_back import settle_all


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three closed months; the inputs of each are in `tests.engine.looking_back.GATHERED`."""
    return settle_all(tmp_path_factory.mktemp("looking-back"))
