"""Every command answers with --json by the fields that docs/answers.md shows: none answers null."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from cli.answers import ANSWERS
from cli.main import main
from tests.made.vendors import claim, line, partner, settle, write_vendor


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("answers")
    write_vendor(folder / "v", partners=[partner("ana")], claims=[claim("acme", "ana")], billing={"1.csv": [line("L1", "acme", 100_00)]})  # fmt: skip
    settle(folder / "home", folder / "v", "2026-01")
    programme = (folder / "v" / "programme.yaml").read_text(encoding="utf-8")
    (folder / "corrected").mkdir()
    for place in (folder / "new.yaml", folder / "corrected" / "programme.yaml"):
        place.write_text(programme.replace("rate: 50%", "rate: 40%"), encoding="utf-8")
    return folder


@pytest.fixture
def answer(settled: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    monkeypatch.setenv("SETTLE_HOME", str(settled / "home"))
    monkeypatch.setenv("SETTLE_VENDOR", str(settled / "v"))
    monkeypatch.setenv("SETTLE_ANCHOR_URL", f"file://{settled}/anchor")

    def answered(command: str, *arguments: str) -> dict[str, Any]:
        monkeypatch.setattr(sys, "argv", ["settle", *command.split(), *arguments, "--json"])
        with pytest.raises(SystemExit) as end:
            main()
        document = json.loads(capsys.readouterr().out)
        assert end.value.code in (0, None), document
        found: dict[str, Any] = document["answer"]
        assert ANSWERS[command].model_validate(found).model_dump(mode="json") == found
        assert document["words"]
        return found

    return answered


def test_every_command_has_an_answer_with_documented_fields() -> None:
    from typer.main import get_command

    from cli.main import app

    def names(group: Any, before: str = "") -> list[str]:
        return [
            each
            for name, command in group.commands.items()
            for each in (names(command, f"{name} ") if hasattr(command, "commands") else [before + name])
        ]

    assert set(ANSWERS) - {"status PERIOD"} == set(names(get_command(app)))


def test_of_the_programme_file(settled: Path, answer: Any) -> None:
    programme, new = str(settled / "v" / "programme.yaml"), str(settled / "new.yaml")
    checked = answer("programme check", programme)
    assert (checked["programme"], checked["currency"], checked["plans"]) == (
        "test-partners", "RUB", {"integrator": ["2026-01"]},
    )  # fmt: skip
    assert answer("programme show", programme) == checked
    assert answer("programme diff", programme, programme) == {"changes": [], "refused": []}
    against_the_last = answer("programme diff", new)
    assert len(against_the_last["changes"]) == 1
    assert len(against_the_last["refused"]) == 1
    assert answer("programme schema")["json_schema"]["title"]
    assert list(answer("programme plans", "tiered", "cap")["plans"]) == ["tiered", "cap"]


def test_of_what_leaves_the_archive(settled: Path, answer: Any) -> None:
    archive, asked = f"file://{settled}/home/archive", ("--period", "2026-01", "--partner", "ana", "--to")
    fetched = answer("download", archive, *asked, str(settled / "fetched"))
    assert "verify.py" in fetched["files"]
    assert fetched["recorded"]
    assert answer("bundle", archive, *asked, str(settled / "ana.zip"))["files"] == fetched["files"]
    (kept,) = answer("anchor")["seals"]
    assert (kept["key"], len(kept["sha256"])) == ("test-partners/2026-01/v1", 64)


def test_of_the_audit_trail(settled: Path, answer: Any) -> None:
    trail = str(settled / "trail.jsonl")
    exported = answer("audit export", "--to", trail)
    checked = answer("audit check", trail)
    assert (checked["holds"], checked["entries"], checked["broken"]) == (True, exported["entries"], [])
    assert len(checked["last"]) == 64


def test_of_a_month_that_is_worked_out_again_and_an_amount_by_hand(settled: Path, answer: Any) -> None:
    """50 % of 100.00 was 50.00; at 40 % it is 40.00, and 10.00 is to be taken."""
    again = answer("restate", "2026-01", "--with", str(settled / "corrected"))
    assert (again["corrected"], again["version"], again["added"]) == (["programme.yaml"], "2026-01/v2", False)
    assert again["partners"] == [
        {"partner": "ana", "was": "50.00", "now": "40.00", "settled": "0.00", "open": "-10.00"}
    ]
    by_hand = ("ana", "--amount", "-10.00", "--id", "A-1", "--why", "the rate was 40 %", "--by", "olga")
    added = answer("adjust", *by_hand)
    assert (added["amount"], added["settles_in"], added["is_new"]) == ("-10.00", "2026-02", True)
    assert answer("adjust", *by_hand)["is_new"] is False


def test_of_a_sample(settled: Path, answer: Any) -> None:
    made = answer("sample", str(settled / "sample"), "--clients", "20", "--partners", "2", "--months", "1")
    assert (made["folder"], list(made["lines"])) == (str(settled / "sample"), ["2026-01"])
