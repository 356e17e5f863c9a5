"""Starting up: a command loads what it uses. Modules are counted, not seconds: a machine may be busy."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from tasks.database.database import ALEMBIC, revisions
from tests.docs.pages import ROOT
from tests.made.vendors import claim, line, partner, settle, write_vendor

NEVER = {"great_expectations", "prefect", "pandas", "typst", "boto3", "alembic", "jinja2", "polars", "pyarrow", "numpy"}

LOADED = """
import sys
from cli.main import main
sys.argv = ["settle", *sys.argv[1:]]
try:
    main()
finally:
    print("loaded:", *{name.partition(".")[0] for name in sys.modules}, *("rules.plans" for name in sys.modules if name == "rules.plans"))
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("start")
    write_vendor(folder / "v", partners=[partner("ana")], claims=[claim("acme", "ana")], billing={"1.csv": [line("L1", "acme", 100)]})  # fmt: skip
    settle(folder / "home", folder / "v", "2026-01")
    return folder


@pytest.mark.parametrize(
    "arguments",
    [
        ["status"],
        ["status", "2026-01"],
        ["run", "2026-01"],
        ["explain", "ana", "2026-01"],
        ["explain", "ana", "2026-01", "--client", "acme"],
        ["programme", "check", "v/programme.yaml"],
    ],
    ids=" ".join,
)
def test_what_is_settled_is_told_without_what_settles(arguments: list[str], home: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments], cwd=home, capture_output=True, text=True,
        env={**environment, "SETTLE_HOME": str(home / "home"), "HOME": str(home), "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answer, _, loaded = done.stdout.partition("loaded: ")
    assert "2026-01" in answer
    assert not NEVER & set(loaded.split())
    if arguments[0] != "programme":
        assert "rules.plans" not in loaded, "no plan is read where nothing is worked out"


def test_the_revision_of_a_migration_is_what_the_name_of_its_file_begins_with() -> None:
    script = ScriptDirectory.from_config(Config(ALEMBIC))
    assert revisions() == [each.revision for each in script.walk_revisions()]


@pytest.mark.parametrize(
    ("file", "text", "is_set"),
    [
        (None, "", False),
        (".env", "SETTLE_HOME=x\n", False),
        (".env", "PREFECT_API_URL=http://127.0.0.1:9/api\n", True),
        ("prefect.toml", "[api]\nurl = 'http://127.0.0.1:9/api'\n", True),
        ("pyproject.toml", "[tool.prefect.api]\nurl = 'http://127.0.0.1:9/api'\n", True),
        ("home/profiles.toml", "active = 'x'\n[profiles.x]\nPREFECT_API_URL = 'http://127.0.0.1:9/api'\n", True),
    ],
)
def test_a_prefect_server_is_found_wherever_prefect_finds_it(
    file: str | None, text: str, is_set: bool, tmp_path: Path
) -> None:
    (tmp_path / "home").mkdir()
    if file:
        (tmp_path / file).write_text(text)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    script = (
        "import os; from pathlib import Path; os.environ.pop('PREFECT_HOME'); from cli.commands.run import _has_server;"
        "Path.home = lambda: Path('nobody'); print(_has_server())"
    )
    if file == "home/profiles.toml":
        script = "from cli.commands.run import _has_server; print(_has_server())"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True,
        env={**environment, "PYTHONPATH": str(ROOT), "PREFECT_HOME": str(tmp_path / "home")},
    )  # fmt: skip
    assert done.stdout == f"{is_set}\n", done.stderr


def test_a_variable_alone_names_a_server(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from cli.commands.run import _has_server; print(_has_server())"],
        cwd=tmp_path, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PREFECT_API_URL": "http://127.0.0.1:9/api"},
    )  # fmt: skip
    assert done.stdout == "True\n", done.stderr
