"""Waiting is by asking: whatever takes its time is waited for, and a process that has died is not."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.waiting import Beside, wait_for


def beside(code: str, log: Path) -> Beside:
    with log.open("wb") as output:
        return Beside(subprocess.Popen([sys.executable, "-c", code], stdout=output, stderr=output), log)


def test_an_answer_that_takes_its_time_is_waited_for() -> None:
    answers = iter(["", "", "here"])
    assert wait_for(lambda: next(answers), "an answer") == "here"


def test_a_process_that_died_is_not_waited_for_and_its_last_words_are_told(tmp_path: Path) -> None:
    server = beside("import sys; sys.exit('the port is taken')", tmp_path / "server.log")
    before = time.monotonic()
    with pytest.raises(pytest.fail.Exception, match=r"(?s)the server: .* ended first, with code 1.*the port is taken"):
        wait_for(lambda: False, "the server", server)
    assert time.monotonic() - before < 600  # and not the 900 that a living one is given


def test_what_a_process_did_last_counts_although_it_has_ended(tmp_path: Path) -> None:
    file = tmp_path / "written"
    writer = beside(f"open({str(file)!r}, 'w').close()", tmp_path / "writer.log")
    writer.process.wait()  # type: ignore[union-attr]
    asked: list[bool] = []

    def found() -> bool:  # not there when it is first asked for, as where the process ends between two questions
        asked.append(file.exists())
        return len(asked) > 1 and asked[-1]

    assert wait_for(found, "the file", writer)


def test_what_never_comes_is_given_up_after_the_limit() -> None:
    with pytest.raises(pytest.fail.Exception, match="the end of time: not within 0 s"):
        wait_for(lambda: False, "the end of time", seconds=0)
