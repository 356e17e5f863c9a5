"""settle doctor: what it prints, line by line, with a vendor folder and without one."""

import sys
from pathlib import Path

import pytest

from cli.main import main
from tests.made.vendors import two_months


def doctor(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, str]:
    monkeypatch.setattr(sys, "argv", ["settle", "doctor", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    return int(str(end.value.code)), capsys.readouterr().out


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SETTLE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SETTLE_VENDOR", "")  # what --from sets is taken back with this
    monkeypatch.delenv("SETTLE_VENDOR")


def test_in_an_empty_home_nothing_fails_and_the_last_line_says_how_to_look_at_a_folder(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, printed = doctor(capsys, monkeypatch)
    assert code == 0
    assert "FAIL" not in printed
    assert printed.splitlines()[-1].startswith("--    vendor folder: none is named")


def test_the_folder_is_named_by_an_option(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    two_months(tmp_path / "vendor", 200_00)
    code, printed = doctor(capsys, monkeypatch, "--from", str(tmp_path / "vendor"))
    assert code == 0
    assert printed.splitlines()[-2].startswith(f"ok    vendor folder: {tmp_path / 'vendor'}: programme")
    assert printed.splitlines()[-1].startswith("ok    billing: ")


def test_what_has_several_lines_is_printed_in_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    two_months(tmp_path / "vendor", 200_00)
    (tmp_path / "vendor" / "programme.yaml").write_text("programme: x\nstart: 2026-01\ncurrencies: RUB\n")
    code, printed = doctor(capsys, monkeypatch, "--from", str(tmp_path / "vendor"))
    assert code == 1
    assert "\\n" not in printed
    _, _, failed = printed.partition("FAIL  vendor folder: ")
    _, *more = failed.splitlines()
    assert more
    assert all(line.startswith("      ") for line in more)
