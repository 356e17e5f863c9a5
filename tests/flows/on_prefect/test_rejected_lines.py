"""A month that is stopped for its rejected lines: its run leads to the report of them."""

from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.settle_period import settle_period
from models.period import Period
from sample import make_sample
from tests.servers.prefect import artifacts, flow_runs


@pytest.mark.slow
def test_a_month_in_which_too_many_lines_are_rejected_leads_to_their_report_also_when_it_is_the_first(
    prefect_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_sample(tmp_path / "vendor", clients=20, partners=2, months=1, seed=5, starts=Period(2026, 9))
    settings = {"HOME": tmp_path / "home", "VENDOR": tmp_path / "vendor", "FILES_URL": "http://127.0.0.1:1/token"}
    for name, value in settings.items():
        monkeypatch.setenv(f"SETTLE_{name}", str(value))
    with temporary_settings({PREFECT_API_URL: prefect_server}):
        dry = settle_period(period="2026-09", dry_run=True, return_state=True)
        stopped = settle_period(period="2026-09", return_state=True)
    assert [state.name for state in (dry, stopped)] == ["Drafted", "CannotApprove"]
    assert "6 of 91 new lines are rejected" in str(stopped.message)
    (run,) = flow_runs(prefect_server, "settle-2026-09")
    shown = artifacts(prefect_server, run["id"])
    assert "http://127.0.0.1:1/token/reports/2026-09-rejected.csv" in shown["rejected-lines-2026-09"]["data"]
    (run,) = flow_runs(prefect_server, "settle-2026-09-dry-run")
    assert "rejected-lines-2026-09" not in artifacts(prefect_server, run["id"])  # a dry run leaves nothing to open
