"""The rooms: who may import whom, and what never enters. The layout is a promise, so a test holds it."""

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "models": {"models"},
    "rules": {"models", "rules"},
    "expectations": {"models", "rules", "expectations"},
    "engine": {"models", "rules", "expectations", "engine"},
    "templates": set[str](),
    "migrations": {"models", "migrations"},
    "sample": {"models", "rules", "tasks", "sample"},
    "tasks": {"models", "rules", "expectations", "engine", "templates", "migrations", "tasks"},
    "flows": {"models", "rules", "expectations", "engine", "templates", "migrations", "tasks", "flows"},
    "cli": {"models", "rules", "expectations", "templates", "migrations", "sample", "tasks", "flows", "cli"},
}
OURS = {*MAY_IMPORT, "tests", "benchmarks"}
PACKING = {"read_parquet", "scan_parquet", "write_parquet", "ParquetWriter", "read_csv", "write_csv", "scan_csv"}
STEPS = ("extract", "approve", "render", "archive", "close")
PRODUCT = [path.relative_to(ROOT) for room in MAY_IMPORT for path in sorted((ROOT / room).rglob("*.py"))]
PURE = ("models", "rules", "engine")
pure = pytest.mark.parametrize("path", [path for path in PRODUCT if path.parts[0] in PURE], ids=str)
every_file = pytest.mark.parametrize("path", PRODUCT, ids=str)


def parsed(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def imported(path: Path) -> Iterator[str]:
    """Every module the file names in an import, wherever it stands: `from tasks import clock` is tasks.clock."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relative to itself: write the whole name"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@every_file
def test_imports_run_one_way(path: Path) -> None:
    rooms = {name.partition(".")[0] for name in imported(path)} & OURS
    assert rooms <= MAY_IMPORT[path.parts[0]]


@pytest.mark.parametrize("step", STEPS)
def test_the_steps_do_not_import_each_other(step: str) -> None:
    others = {f"tasks.{other}" for other in STEPS if other != step}
    assert not others & {".".join(name.split(".")[:2]) for name in imported(Path(f"tasks/{step}.py"))}


@every_file
def test_the_number_of_a_months_first_version_stands_in_one_place(path: Path) -> None:
    # Migrations say what was so then; everywhere else a Version travels.
    if path == Path("models/period.py") or path.parts[0] == "migrations":
        return
    tree = parsed(path)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    said = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, documented)}
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    assert [text for text in texts if re.search(r"/v1\b", text) and text not in said] == []
    numbers = [node for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "version"]
    assert [node.value for node in numbers if isinstance(node.value, ast.Constant)] == []


@every_file
def test_what_is_read_from_the_archive_is_compared_with_its_recorded_digest(path: Path) -> None:
    # Verification reads what it is about to judge: SEAL, SHA256SUMS and what they list.
    if path.parent == Path("tasks/storage") or path in (Path("tasks/verify.py"), Path("tasks/auditing/figures.py")):
        return
    nodes = list(ast.walk(parsed(path)))
    used = [node for node in nodes if isinstance(node, ast.Attribute) and node.attr == "read_unchecked"]
    assert not used, "read by Store.get(key, sha256)"


@pure
def test_no_float_touches_money(path: Path) -> None:
    for node in ast.walk(parsed(path)):
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), f"a float in line {node.lineno}"
        assert not (isinstance(node, ast.Name) and node.id == "float"), f"float in line {node.lineno}"
        assert not (isinstance(node, ast.Attribute) and node.attr.startswith("Float")), f"float in line {node.lineno}"


@pure
def test_models_rules_and_engine_know_no_clock_and_do_no_input_or_output(path: Path) -> None:
    used = {node.attr for node in ast.walk(parsed(path)) if isinstance(node, ast.Attribute)}
    assert not used & {
        "today",
        "now",
        "utcnow",
        "time",
        "monotonic",
        "environ",
        "read_text",
        "write_text",
        "read_bytes",
    }
    named = {node.id for node in ast.walk(parsed(path)) if isinstance(node, ast.Name)}
    assert not named & {"open", "print", "input"}
    assert not {name.partition(".")[0] for name in imported(path)} & {
        "os",
        "time",
        "random",
        "pathlib",
        "logging",
        "socket",
        "tempfile",
        "subprocess",
    }


@pure
def test_what_is_packed_stays_in_memory(path: Path) -> None:
    calls = [node for node in ast.walk(parsed(path)) if isinstance(node, ast.Call)]
    packing = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in PACKING]
    for call in packing:
        said = ast.unparse(call.args[0])
        assert "buffer" in said or said == "packed" or said.startswith("io.BytesIO("), f"a path in line {call.lineno}"


@every_file
def test_every_module_says_what_part_of_the_agreement_or_the_journey_it_is(path: Path) -> None:
    first_line = (ast.get_docstring(parsed(path)) or "").partition("\n")[0]
    assert len(first_line.split()) >= 4
    assert first_line.endswith((".", ":", "?"))


@pytest.mark.parametrize("path", [path for path in PRODUCT if path.parent == Path("flows")], ids=str)
def test_no_flow_bears_the_name_of_a_room_or_of_a_dependency(path: Path) -> None:
    # Prefect puts the folder of a flow first on the path: the name would hide the other.
    assert path.stem not in OURS | installed() | sys.stdlib_module_names


@cache
def installed() -> frozenset[str]:
    return frozenset(packages_distributions())
