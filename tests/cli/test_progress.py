"""How far long work has come: what is said of it, how often, and to whom."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cli.progress import PlainLines, Stopwatch, how_far, times
from models.progress import Work, advance, watching, working
from tests.docs.pages import ROOT
from tests.made.vendors import claim, line, partner, write_vendor


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("work", "seconds", "words"),
    [
        (Work("approve"), 9, "approve"),
        (Work("extract", 500, None, "lines"), 0.9, "extract: 500 lines"),
        (Work("extract", 500, None, "lines"), 1, "extract: 500 lines, 500 a second"),
        (Work("extract", 3, None, "lines", 99_999, 99_999), 9, "extract: 3 lines, 20 a minute"),
        (Work("extract", 3, None, "lines", 100_000, 100_000), 9, "extract: 0.1 of 0.1 MB, 3 lines, 20 a minute"),
        (Work("extract", 0, None, "", 1_250_000, 5_000_000), 0.9, "extract: 1.2 of 5.0 MB"),
        (Work("extract", 0, None, "", 1_250_000, 5_000_000), 2, "extract: 1.2 of 5.0 MB, 6 s left"),
        (
            Work("extract", 500, None, "lines", 25_000_000, 100_000_000),
            2,
            "extract: 25 of 100 MB, 500 lines, 250 a second, 6 s left",
        ),
        (Work("extract", 500, None, "lines", 25_000_000), 2, "extract: 25 MB, 500 lines, 250 a second"),
        (
            Work("extract", 500, None, "lines", 5_000_000, 5_000_000),
            2,
            "extract: 5.0 of 5.0 MB, 500 lines, 250 a second",
        ),
        (Work("documents", 120, 300, "partners"), 60, "documents: 120 of 300 partners, 2 a second, 1:30 left"),
        (Work("documents", 20, 300, "partners"), 60, "documents: 20 of 300 partners, 20 a minute, 14:00 left"),
        (Work("documents", 300, 300, "partners"), 60, "documents: 300 of 300 partners, 5 a second"),
        (Work("validate", 0, 300, "lines"), 60, "validate: 0 of 300 lines"),
    ],
)
def test_what_is_done_is_said_with_its_rate_and_the_time_left(work: Work, seconds: float, words: str) -> None:
    assert how_far(work, seconds) == words


def test_without_a_terminal_a_line_comes_each_fifteen_seconds() -> None:
    said: list[str] = []
    clock = Clock()
    with watching(PlainLines(said.append, clock)), working("documents", 4, "partners"):
        for clock.now in (14.9, 15.0, 29.9, 30.0):
            advance(1, "partners")
    assert said == [
        "documents: 2 of 4 partners, 8 a minute, 15 s left",
        "documents: 4 of 4 partners, 8 a minute",
    ]


def test_short_work_says_nothing() -> None:
    said: list[str] = []
    with watching(PlainLines(said.append, Clock())), working("extract"):
        advance(1, "lines")
    assert said == []


def test_a_work_within_a_work_is_a_part_of_it() -> None:
    clock = Clock()
    stopwatch = Stopwatch(clock)
    with watching(stopwatch), working("documents"), working("render"):
        clock.now = 2.0
    assert stopwatch.taken() == {"documents": 2.0}
    assert stopwatch.taken() == {}


def test_a_work_that_fails_has_ended() -> None:
    stopwatch = Stopwatch(Clock())
    with pytest.raises(ZeroDivisionError), watching(stopwatch), working("extract"):
        raise ZeroDivisionError
    with watching(stopwatch), working("validate"):
        advance(1, "lines")
    assert list(stopwatch.taken()) == ["extract", "validate"]


def test_the_time_of_a_run_is_said_with_its_longest_steps() -> None:
    assert times({"extract": 0.9, "validate": 1.0, "documents": 3_700.0}) == "1:01:42: validate 1 s, documents 1:01:40"


LIVE = """
import sys, time, typer
from cli.output import OUTPUT
from cli.progress import shown
from models.progress import advance, working
with shown():
    with working("documents", 3, "partners"):
        for _ in range(3):
            advance(1, "partners")
            time.sleep(0.3)
        typer.echo("a warning", err=True)
print("the answer")
"""


def test_on_a_terminal_one_line_is_drawn_over_and_taken_away_before_the_answer() -> None:
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-c", LIVE], cwd=ROOT, stdout=subprocess.PIPE, stderr=theirs, text=True,
        env={**os.environ, "TERM": "xterm"},
    )  # fmt: skip
    os.close(theirs)
    drawn = os.read(ours, 100_000).decode()
    os.close(ours)
    assert done.stdout == "the answer\n"  # standard output has the answer alone
    assert re.search("documents: [1-3] of 3 partners", drawn)  # a busy machine draws some of them
    assert "a warning" in drawn
    assert drawn.count("\n") <= 2
    assert drawn.rstrip().endswith("\x1b[2K")  # the line is cleared


def test_a_run_on_a_terminal_shows_bytes_lines_partners_and_documents_as_they_are_done(tmp_path: Path) -> None:
    vendor = write_vendor(
        tmp_path / "v",
        partners=[partner("ana"), partner("bo")],
        claims=[claim("acme", "ana"), claim("brick", "bo")],
        billing={"1.csv": [line(f"L{number}", ("acme", "brick")[number % 2], 100) for number in range(2_000)]},
    )
    drawn = on_a_terminal([sys.executable, "-m", "cli.main", "run", "2026-01", "--from", str(vendor)], tmp_path / "h")
    for words in (
        "extract: 0.2 of 0.2 MB, 2 000 lines",
        "validate: 2 000 of 2 000 lines",
        "calculate: 2 of 2 partners",
        "documents: 2 of 2 partners",
        "2026-01 is closed",
        "took",
    ):
        assert words in drawn, words
    assert drawn.count("documents: 2 of 2 partners\n") == 0  # drawn over, never left behind as a line


def on_a_terminal(command: list[str], home: Path) -> str:
    """Run a command on a terminal of its own, and return all that was drawn there."""
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "120", "SETTLE_HOME": str(home)},
    )  # fmt: skip
    os.close(theirs)
    drawn = b""
    while True:
        try:
            piece = os.read(ours, 100_000)
        except OSError:  # Linux: the other side is closed
            piece = b""
        if not piece:
            break
        drawn += piece
    os.close(ours)
    assert running.wait() == 0, drawn.decode()
    return drawn.decode()
