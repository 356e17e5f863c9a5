"""What `make serve` refuses before it starts anything, and the clock that prefect.yaml sets."""

import socket
import subprocess
import sys
from pathlib import Path

import yaml

from models.period import Period
from rules.programme.file import parse_programme
from sample.programme import programme_text
from tests.servers.prefect import ROOT, clean_environment
from tests.waiting import LONG

SERVE = [sys.executable, "-m", "flows.serving.local_server"]


def refused(**settings: str) -> str:
    """What `make serve` prints when it will not start."""
    done = subprocess.run(
        SERVE, cwd=ROOT, env=clean_environment() | settings, capture_output=True, text=True, timeout=LONG, check=False
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    return done.stderr


def test_serving_without_a_vendor_says_what_to_set_and_where_a_sample_comes_from() -> None:
    said = refused()
    assert said.startswith("WrongUse: SETTLE_VENDOR is not set")
    assert "`make run` makes a sample vendor" in said


def test_serving_a_vendor_whose_folder_is_not_there_names_the_folder(tmp_path: Path) -> None:
    assert f"there is no folder {tmp_path / 'nobody'}" in refused(SETTLE_VENDOR=str(tmp_path / "nobody"))


def test_serving_on_a_port_that_is_taken_names_it_and_how_to_choose_another(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = refused(SETTLE_VENDOR=str(tmp_path), PREFECT_PORT=str(port))
    assert f"port {port} cannot be used" in said
    assert "PREFECT_PORT=4201 make serve" in said


def test_the_clock_of_the_deployment_is_the_one_the_sample_programme_is_settled_by() -> None:
    deployments = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
    zones = {schedule["timezone"] for each in deployments for schedule in each.get("schedules", ())}
    assert zones == {parse_programme(programme_text(Period(2026, 1))).zone.key}
