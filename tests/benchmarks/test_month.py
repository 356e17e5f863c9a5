"""The benchmark of a whole month counts each step once, and misses none."""

from pathlib import Path

import pytest

from benchmarks.make_vendors import Size, make_vendor
from benchmarks.month import STEPS, beside, settled
from benchmarks.steps_of_a_run import costs


def test_a_step_that_runs_twice_at_a_time_counts_from_its_first_beginning_to_its_last_end() -> None:
    spans = [
        ("approve", 1.0, 3.0, 10.0, 12.0),
        ("documents", 3.0, 6.0, 12.0, 14.0),
        ("documents", 4.0, 9.0, 13.0, 17.0),
    ]
    assert costs(spans) == {"approve": {"cpu": 2.0, "wall": 2.0}, "documents": {"cpu": 6.0, "wall": 5.0}}


def test_what_a_month_takes_beside_its_steps_is_told_apart() -> None:
    cost = {
        "validate": {"cpu": 3.0, "wall": 4.0},
        "documents": {"cpu": 5.0, "wall": 2.0},
        "render": {"cpu": 4.0, "wall": 2.0},  # a part of the documents
        "whole": {"cpu": 10.0, "wall": 9.0},
    }
    assert beside(cost) == {"cpu": 2.0, "wall": 3.0}


@pytest.mark.slow
def test_every_step_of_a_month_that_is_measured_is_one_the_month_has(tmp_path: Path) -> None:
    make_vendor(tmp_path / "vendor", Size(40, 3))
    cost = settled(tmp_path / "vendor", tmp_path / "home", {"SETTLE_CLOCK": "2026-02-03T03:00:00Z"})
    assert set(STEPS) <= cost.keys()
    assert beside(cost)["cpu"] > 0
    assert list((tmp_path / "home").glob("archive/*/2026-01/v1/SEAL*"))
