"""Docs/benchmarks.md begins with a table of every benchmark there is."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
RUN_BY_ANOTHER = {"draft_of_one_month", "steps_of_a_run"}
"""Programs that a benchmark starts, to have a process of its own."""


def test_every_benchmark_stands_in_the_table_and_no_other() -> None:
    programs = {
        path.stem
        for path in (ROOT / "benchmarks").glob("*.py")
        if 'if __name__ == "__main__":' in path.read_text(encoding="utf-8")
    }
    page = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    table = page[: page.index("\n## ")]
    assert set(re.findall(r"^\| `benchmarks\.(\w+)`", table, re.MULTILINE)) == programs - RUN_BY_ANOTHER
