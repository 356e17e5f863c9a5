"""Settings that cannot be used: each is named, with what it may be."""

import pytest

from models.errors import WrongUse
from tasks.settings import read_settings


@pytest.mark.parametrize("runner", ["", "dask:local", "dask:tcp://scheduler:8786", "dask:tls://10.0.0.1:8786"])
def test_a_task_runner_is_none_or_a_cluster(runner: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SETTLE_TASK_RUNNER", runner)
    assert read_settings().task_runner == runner


@pytest.mark.parametrize(
    "runner", ["dask", "tcp://scheduler:8786", "dask:scheduler:8786", "dask:tcp://a b", "dask:local2"]
)
def test_another_task_runner_is_answered_with_what_to_write(runner: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SETTLE_TASK_RUNNER", runner)
    with pytest.raises(WrongUse) as refused:
        read_settings()
    assert "SETTLE_TASK_RUNNER" in str(refused.value)
    assert "write dask:tcp://scheduler:8786, dask:tls://scheduler:8786 or dask:local" in str(refused.value)
