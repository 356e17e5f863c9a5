"""Renderers: the same bytes whoever draws them, and a process that ends takes no statement with it."""

import logging
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tasks.documents import renderers as processes
from tasks.documents.renderers import Renderers
from tasks.render import drawn, render
from tests.templates.examples import graduated, named, nothing, volume
from tests.waiting import LONG, wait_for

pytestmark = pytest.mark.slow

STATEMENTS = [each.to_bytes() for each in (volume("ru"), graduated("pl"), nothing("en"))]


def is_alive(pid: int) -> bool:
    """Whether the process is there and has not ended."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.startswith("Z")


def pids(renderers: Renderers) -> set[int]:
    return {process.pid for process in renderers._running}


def test_processes_draw_the_same_bytes_as_the_run_itself_and_are_gone_after_it() -> None:
    with Renderers(2) as renderers, ThreadPoolExecutor(3) as threads:
        made = list(threads.map(renderers.draw, STATEMENTS))
        started = pids(renderers)
    assert [each.files for each in made] == [drawn(each).files for each in STATEMENTS]
    assert 1 <= len(started) <= 2
    assert [pid for pid in started if is_alive(pid)] == []


def test_a_statement_that_cannot_be_drawn_is_named_with_its_reason_and_the_others_are_made() -> None:
    wrong = volume("en").model_copy(update={"base": "gross_of_everything"}).to_bytes()
    with Renderers(1) as renderers:
        made = render([b"{}", wrong], renderers)
        again = render(STATEMENTS[2:], renderers)
        assert len(pids(renderers)) == 1, "a mistake in a statement ends no process"
    assert made == render([b"{}", wrong])
    assert len(made.failed) == 2
    assert list(again.documents) == [nothing("en").partner.partner_id]


def test_what_a_process_cannot_print_is_a_warning_of_the_run(caplog: pytest.LogCaptureFixture) -> None:
    with Renderers(1) as renderers, caplog.at_level(logging.WARNING, "settle"):
        render([named("漢字").to_bytes()], renderers)
    assert "the PDF shows □ for 字 U+5B57, 漢 U+6F22" in caplog.text


def test_a_process_killed_while_it_draws_is_named_and_its_statement_drawn_by_another(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with Renderers(1) as renderers, ThreadPoolExecutor(1) as threads:
        renderers.draw(STATEMENTS[2])
        (killed,) = pids(renderers)
        os.kill(killed, signal.SIGSTOP)
        waiting = threads.submit(renderers.draw, STATEMENTS[0])
        wait_for(lambda: renderers._places.qsize() == 0, "the statement is given to the process")
        os.kill(killed, signal.SIGKILL)
        made = waiting.result(LONG)
        assert pids(renderers) != {killed}
    assert made.files == drawn(STATEMENTS[0]).files
    assert "the process that drew the statement of P-100 ended by signal 9" in caplog.text


def test_a_statement_that_ends_every_process_fails_its_partner_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    heavy, light = volume("ru"), nothing("ru")
    heavy = heavy.model_copy(update={"partner": heavy.partner.model_copy(update={"partner_id": "P-HEAVY"})})
    draw = processes._Process.draw

    def out_of_memory(process: processes._Process, data: bytes) -> processes.Drawn | None:
        if b"P-HEAVY" in data:
            os.kill(process.pid, signal.SIGKILL)
        return draw(process, data)

    monkeypatch.setattr(processes._Process, "draw", out_of_memory)
    with Renderers(1) as renderers:
        made = render([heavy.to_bytes(), light.to_bytes()], renderers)
    assert list(made.documents) == [light.partner.partner_id]
    assert made.failed == {
        "P-HEAVY": "RendererEnded: each of 2 processes that drew it ended, the last by signal 9. Where the machine ran "
        "out of memory, set SETTLE_RENDERERS lower. Run again."
    }


def test_a_process_is_replaced_after_so_many_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "STATEMENTS_PER_PROCESS", 2)
    with Renderers(1) as renderers:
        used = []
        for _ in range(3):
            assert not renderers.draw(STATEMENTS[2]).failed
            used.append(pids(renderers))
    assert [len(each) for each in used] == [1, 0, 1]
    assert used[0] != used[2]


def test_where_the_run_is_killed_its_processes_end_too(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from tasks.documents.renderers import Renderers\n"
        "renderers = Renderers(1); assert renderers.draw(Path(sys.argv[1]).read_bytes()).files\n"
        "print(*[each.pid for each in renderers._running], flush=True); time.sleep(9999)"
    )
    (tmp_path / "statement.json").write_bytes(STATEMENTS[2])
    command = [sys.executable, "-c", program, str(tmp_path / "statement.json")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout
        pid = int(run.stdout.readline())
        assert is_alive(pid)
        run.kill()
    wait_for(lambda: not is_alive(pid), f"process {pid} ends")


def test_a_process_loads_neither_the_screen_nor_the_checks_nor_frames() -> None:
    program = "import sys, tasks.documents.renderers, tasks.render; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert {"prefect", "great_expectations", "polars", "sqlalchemy"} & {*done.stdout.split()} == set()
