"""How every command answers: words or one JSON document, warnings beside it, and nothing a file holds moves the cursor."""

import json
import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from cli.answers import ANSWERS, Approve, Explain, Run, Status, Verify
from cli.main import main
from cli.output import begin
from cli.printing import print_answer
from models.safe_text import safe_line, safe_lines
from tests.docs.pages import ROOT
from tests.made.vendors import claim, line, partner, write_vendor


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SETTLE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SETTLE_VENDOR", raising=False)
    return tmp_path


def told(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["settle", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    return int(end.value.code or 0)


def test_bare_settle_shows_the_help_and_is_no_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told([], monkeypatch) == 0
    assert capsys.readouterr().out.startswith("Usage: ")


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (["status", "--json"], 0, None),
        (["run", "2026-13", "--json"], 2, "WrongUse"),
        (["statu", "--json"], 2, "WrongUse"),
        (["status", "--json", "-q", "-v"], 2, "WrongUse"),
    ],
)
def test_with_json_standard_output_is_one_document_also_where_the_command_fails(
    arguments: list[str], code: int, error: str | None,
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert told(arguments, monkeypatch) == code
    document = json.loads(capsys.readouterr().out)
    assert set(document) == {"format", "exit_code", "answer", "words", "warnings", "error"}
    assert (document["format"], document["exit_code"]) == (1, code)
    assert (document["error"] and document["error"]["name"]) == error


def test_warnings_go_beside_the_answer_and_into_the_document(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_vendor(home / "v", partners=[partner("ana")], claims=[claim("acme", "ana")], billing={"1.csv": [line("L1", "acme", 100)]})  # fmt: skip
    assert told(["run", "2026-01", "--dry-run", "--json", "--from", str(home / "v")], monkeypatch) == 0
    said = capsys.readouterr()
    warnings = json.loads(said.out)["warnings"]
    assert [warning for warning in warnings if "there is no control.csv" in warning]
    assert "there is no control.csv" in said.err


@pytest.mark.parametrize(("option", "is_said"), [("-v", True), ("-q", False), (None, False)])
def test_steps_are_said_where_they_are_asked_for(
    option: str | None, is_said: bool, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        "cli.commands.status.print_answer", lambda *_: logging.getLogger("settle").info("a step: 0.1 s")
    )
    assert told(["status", *([option] if option else [])], monkeypatch) == 0
    assert ("a step: 0.1 s" in capsys.readouterr().err) is is_said


def test_a_warning_is_said_once(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def warn_twice(*_: str) -> None:
        logging.getLogger("settle").warning("odd")
        logging.getLogger("settle").warning("odd")

    monkeypatch.setattr("cli.commands.status.print_answer", warn_twice)
    told(["status"], monkeypatch)
    assert capsys.readouterr().err == "odd\n"


@pytest.mark.parametrize(
    ("line", "safe"),
    [
        ("\x1b[2J\x1b]0;title\x07", r"\x1b[2J\x1b]0;title\x07"),
        ("a\rb\nc", r"a\rb\nc"),
        ("\u202egnp.exe\u2066", r"\u202egnp.exe\u2066"),
        ("\x9b31m", r"\x9b31m"),
        ("Ромашка 東京 1\u202f000", "Ромашка 東京 1\u202f000"),
        ("R" * 300, "R" * 300),
        ("currency " + "R" * 301, "currency " + "R" * 60 + "...(301 characters)"),
    ],
)
def test_what_a_file_holds_is_shown_and_not_obeyed(line: str, safe: str) -> None:
    assert safe_line(line) == safe


def test_our_own_line_breaks_stay() -> None:
    assert safe_lines("one\n  two\x1b") == "one\n  two\\x1b"


def test_an_answer_is_words_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    begin([])
    print_answer(Approve(period="2026-01", draft="3fa9", by="anna", signed=False), ["anna approved 2026-01"])
    assert capsys.readouterr().out == "anna approved 2026-01\n"


@pytest.mark.parametrize(("option", "is_verbose"), [("-q", False), ("-v", True)])
def test_a_run_says_each_thing_once_and_its_steps_only_where_asked(option: str, is_verbose: bool, home: Path) -> None:
    # In a process of its own: Prefect sets up its logging once, when it is first imported.
    write_vendor(home / "v", partners=[partner("ana")], claims=[claim("acme", "ana")], billing={"1.csv": [line("L1", "acme", 100)]})  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "run", "2026-01", "--from", str(home / "v"), option],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("there is no control.csv") == 1
    assert done.stderr.count("validate: ") == int(is_verbose)
    assert "INFO" not in done.stderr


def test_a_run_answers_with_its_figures_in_major_units(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # 1 000.00 at the 10 % of the test's programme, below the minimum of a payout or not: what is owed adds up.
    write_vendor(home / "v", partners=[partner("ana")], claims=[claim("acme", "ana")], billing={"1.csv": [line("L1", "acme", 100_000)]})  # fmt: skip
    assert told(["run", "2026-01", "--json", "--from", str(home / "v")], monkeypatch) == 0
    (month,) = Run.model_validate(json.loads(capsys.readouterr().out)["answer"]).months
    assert (month.period, month.ending, month.missing, month.failed) == ("2026-01", "Closed", [], {})
    assert (month.figures.currency, month.figures.commission) == ("RUB", "500.00")
    assert [(each.outcome, each.count, each.amount_minor) for each in month.figures.lines] == [("settled", 1, 100_000)]
    assert {"extract", "validate", "calculate", "documents"} <= month.seconds.keys()

    assert told(["status", "--json"], monkeypatch) == 0
    (listed,) = Status.model_validate(json.loads(capsys.readouterr().out)["answer"]).months
    assert (listed.stage, listed.draft, listed.figures) == ("closed", month.draft, month.figures)

    assert told(["explain", "ana", "2026-01", "--json"], monkeypatch) == 0
    explained = Explain.model_validate(json.loads(capsys.readouterr().out)["answer"])
    assert explained.statement["summary"]["commission_minor"] == 50_000  # type: ignore[index]

    assert told(["verify", f"file://{home}/home/archive", "--json"], monkeypatch) == 0
    assert Verify.model_validate(json.loads(capsys.readouterr().out)["answer"]).holds


def rows_of(model: type[BaseModel]) -> list[str]:
    """What docs/answers.md has to say of each field."""
    return [f"| `{name}` | {kind_of(field.annotation)} | {field.description or ''} |" for name, field in model.model_fields.items()]  # fmt: skip


def kind_of(annotation: object) -> str:
    words = annotation.__name__ if isinstance(annotation, type) and not get_args(annotation) else str(annotation)
    names = {
        "str": "text",
        "int": "integer",
        "bool": "true or false",
        "None": "null",
        "dict": "object",
        "float": "number",
    }
    named = re.sub(r"cli\.(short_)?answers\.", "", words).replace(" | ", " or ")
    return re.sub(r"\b(str|int|bool|None|dict|float)\b", lambda found: names[found[0]], named)


def models_in(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    yield model
    for field in model.model_fields.values():
        for part in (field.annotation, *get_args(field.annotation)):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from models_in(part)


def test_every_field_of_every_answer_is_documented() -> None:
    page = (ROOT / "docs" / "answers.md").read_text(encoding="utf-8")
    for command, answer in ANSWERS.items():
        assert f"`settle {command}`" in page
        for model in models_in(answer):
            _, _, section = page.partition(f"\n### {model.__name__}\n")
            table = [row for row in section.partition("\n### ")[0].splitlines() if row.startswith("| `")]
            assert table == rows_of(model), model.__name__
