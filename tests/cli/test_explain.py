"""settle explain --archive: a closed month's statement, from its archive and nothing else."""

import json
import shutil
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from cli.main import main
from models.canonical import canonical_json
from tests.made.vendors import archived, claim, line, partner, settle, write_vendor

Explain = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive in which January is closed; each test has a copy of its own."""
    folder = tmp_path_factory.mktemp("made")
    vendor = write_vendor(
        folder / "vendor",
        partners=[partner("ana")],
        claims=[claim("acme", "ana")],
        billing={"2026-01.csv": [line("L1", "acme", 200_00)]},
    )
    settle(folder / "home", vendor, "2026-01")
    return folder / "home" / "archive"


@pytest.fixture
def archive(made: Path, tmp_path: Path) -> Path:
    """The archive, and nothing else that was there when January was closed."""
    return Path(shutil.copytree(made, tmp_path / "archive"))


@pytest.fixture
def explain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Explain:
    """Run `settle explain ...` as a person would, and return its exit code and what it printed."""
    monkeypatch.setenv("SETTLE_HOME", str(tmp_path / "elsewhere"))

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["settle", "explain", *arguments])
        code: object = 0
        try:
            main()
        except SystemExit as end:
            code = end.code
        printed = capsys.readouterr()
        assert isinstance(code, int | None)
        return code or 0, printed.out + printed.err

    return run


@pytest.mark.parametrize("within", ["", "/test-partners", "/test-partners/2026-01"])
def test_a_statement_is_explained_from_an_archive_a_programme_or_a_month(
    archive: Path, explain: Explain, within: str
) -> None:
    code, printed = explain("ana", "2026-01", "--archive", f"{archive.as_uri()}{within}")

    assert code == 0
    assert printed.startswith("Statement 2026-000001, ana/2026-01/v1: Partner ana\n")
    assert "  client acme: 100.00 (exactly 100.000000) on 200.00; claim K-acme of 2026-01-01\n" in printed
    assert not (archive.parent / "elsewhere").exists()


def test_one_client_is_explained_with_its_payments(archive: Path, explain: Explain) -> None:
    code, printed = explain("ana", "2026-01", "--archive", archive.as_uri(), "--client", "acme")

    assert code == 0
    assert "    line L1, invoice INV-L1, software, paid 2026-01-12: 200.00, base 200.00\n" in printed


def test_one_line_is_followed(archive: Path, explain: Explain) -> None:
    code, printed = explain("ana", "2026-01", "--archive", archive.as_uri(), "--line", "L1")

    assert code == 0
    assert printed.startswith("Line L1 of 2026-01: statement 2026-000001, ana/2026-01/v1\n")
    assert printed.endswith("  nothing of it was given back up to 2026-01\n")


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (["ana", "2026-01", "--line", "L2"], "--client C lists the lines of a client."),
        (["ana", "2026-01", "--line", "L1", "--client", "acme"], "--line follows a line: give one of them."),
        (["ana", "2026-02"], "holds no statement of ana for 2026-02 that is sealed. Sealed there: 2026-01."),
        (["bo", "2026-01"], "holds no statement of bo for 2026-01 that is sealed. Sealed there: 2026-01."),
        (["ana", "2026-01", "--client", "x"], "client x has no line in ana/2026-01/v1: it brought nothing there."),
    ],
)
def test_what_is_not_there_is_not_explained(archive: Path, explain: Explain, asked: list[str], answer: str) -> None:
    code, printed = explain(*asked, "--archive", archive.as_uri())

    assert code == 2
    assert printed.startswith("WrongUse: ")
    assert printed.endswith(f"{answer}\n")


def test_a_month_that_is_not_sealed_is_not_explained(archive: Path, explain: Explain) -> None:
    (archive / "test-partners/2026-01/v1/SEAL").unlink()
    code, printed = explain("ana", "2026-01", "--archive", archive.as_uri())

    assert (code, printed.count("Sealed there: no month at all; check the URL.")) == (2, 1)


def test_a_statement_that_was_changed_is_not_explained(archive: Path, explain: Explain) -> None:
    statement = archived(archive.parent, "2026-01") / "statements/ana/statement.json"
    statement.write_bytes(statement.read_bytes().replace(b"acme", b"acmf"))
    code, printed = explain("ana", "2026-01", "--archive", archive.as_uri())

    assert code == 1
    assert printed.startswith("ChangedInStore: ")


def test_the_newest_version_that_has_the_statement_is_explained(archive: Path, explain: Explain) -> None:
    _another_version(archive / "test-partners/2026-01")
    code, printed = explain("ana", "2026-01", "--archive", archive.as_uri())

    assert (code, printed.splitlines()[0]) == (0, "Statement 2026-000007, ana/2026-01/v1: Partner ana")


def test_of_several_programmes_one_has_to_be_named(archive: Path, explain: Explain) -> None:
    shutil.copytree(archive / "test-partners", archive / "other")
    code, printed = explain("ana", "2026-01", "--archive", archive.as_uri())

    assert code == 2
    assert "ana has a statement for 2026-01 in 2 programmes: name one of " in printed
    assert explain("ana", "2026-01", "--archive", f"{archive.as_uri()}/other")[0] == 0


def _another_version(month: Path) -> None:
    """Restate ana's statement: v2 holds it alone, under another number."""
    data = (month / "v1/statements/ana/statement.json").read_bytes().replace(b"2026-000001", b"2026-000007")
    (month / "v2/statements/ana").mkdir(parents=True)
    (month / "v2/statements/ana/statement.json").write_bytes(data)
    sums = f"{sha256(data).hexdigest()}  statements/ana/statement.json\n".encode()
    (month / "v2/SHA256SUMS").write_bytes(sums)
    seal = json.loads((month / "v1/SEAL").read_bytes())
    seal |= {"version": 2, "sha256sums": sha256(sums).hexdigest(), "files": 1}
    (month / "v2/SEAL").write_bytes(canonical_json(seal))
