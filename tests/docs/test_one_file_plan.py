"""A way of earning is one file: put into rules/plans/ it is offered, documented, checked, enrolled, and it earns."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, blocks
from tests.made.vendors import archived, claim, line, partner, write_vendor

pytestmark = [pytest.mark.slow, pytest.mark.long]

NAME = "fixed_fee_per_client"
(FILE,) = blocks("docs/engineers.md", "python plan")
(RULE,) = blocks("docs/engineers.md", "yaml rule")
ROOMS = ("models", "rules", "expectations", "engine", "tasks", "flows", "cli", "migrations", "templates", "tests")
PROGRAMME = f"""\
programme: test-partners
starts: 2026-01
currency: RUB
timezone: Europe/Moscow
base: gross
refunds: net_current
plans:
  agent:
    from: 2026-01
    earn:
      {RULE.strip()}
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The product as it stands, with one file more."""
    folder = tmp_path_factory.mktemp("product")
    for room in ROOMS:
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "alembic.ini"):
        shutil.copy(ROOT / file, folder / file)
    (folder / "rules" / "plans" / f"{NAME}.py").write_text(FILE, encoding="utf-8")
    return folder


def python(tree: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the copied product, and in it alone."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("SETTLE_", "PREFECT_"))}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=tree,
        env=ours | {"PYTHONPATH": str(tree)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def printed(tree: Path, code: str) -> str:
    done = python(tree, "-c", code)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_is_offered_under_the_name_of_its_file(tree: Path) -> None:
    here = "import rules.plans; print(rules.plans.__file__); print(*rules.plans.offered())"
    place, names = printed(tree, here).splitlines()
    assert Path(place).parent == tree / "rules" / "plans"
    assert NAME in names.split()


def test_it_is_documented_with_its_fields_and_its_worked_number(tree: Path) -> None:
    text = printed(tree, f"from cli.plan_pages import plan_pages; print(plan_pages(['{NAME}']))")
    assert text.startswith(f"### {NAME}\n")
    assert "at 150.00 for each they earn 450.00" in text
    assert "| `pays` | the amount for each client that paid |" in text
    assert f"{NAME}-1: {{plan: {NAME}, categories: [software], pays: 150.00}}" in text


def test_it_is_in_the_schema_for_editors(tree: Path) -> None:
    schema = json.loads(printed(tree, "from rules.programme.schema import schema_text; print(schema_text())"))
    block = schema["$defs"]["FixedFeePerClient"]
    assert block["properties"]["plan"]["const"] == NAME
    assert block["properties"]["pays"]["description"] == "the amount for each client that paid"
    assert set(block["required"]) == {"plan", "pays"}


def test_a_fault_in_it_is_refused_with_line_and_column(tree: Path) -> None:
    (tree / "wrong.yaml").write_text(PROGRAMME.replace("pays: 150.00", "pays: 150.001, bonus: 1"), encoding="utf-8")
    read = (
        "from pathlib import Path\nfrom rules.programme.file import parse_programme\n"
        "from models.errors import BadProgramme\n"
        "try:\n    parse_programme(Path('wrong.yaml').read_text())\nexcept BadProgramme as refused:\n    print(refused)\n"
    )
    first, *faults = printed(tree, read).splitlines()
    assert first == "programme.yaml cannot be carried out:"
    assert faults[0].startswith("  line 11, column 72: plans.agent.earn.per_client.pays: ")
    assert faults[1].startswith("  line 11, column 87: plans.agent.earn.per_client.bonus: ")
    assert "write one of plan, categories, products, pays" in faults[1]


def test_it_is_enrolled_in_the_promises_that_every_plan_keeps(tree: Path) -> None:
    promises = ("tests/rules/plans/test_plans.py", "tests/engine/test_answers.py")
    done = python(tree, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", NAME, *promises)
    assert done.returncode == 0, done.stdout + done.stderr
    passed = int(done.stdout.rpartition(" passed")[0].split()[-1])
    assert passed >= 15
    assert " failed" not in done.stdout


def test_it_earns_through_a_whole_month(tree: Path, tmp_path: Path) -> None:
    paid = [line(f"L{client}", client, 1_000_00) for client in ("C1", "C2", "C3", "C4")]
    back = line("L5", "C4", -1_000_00, refunds_line_id="LC4")
    vendor = write_vendor(
        tmp_path / "vendor",
        programme=PROGRAMME,
        partners=[partner("ana", plan="agent")],
        claims=[claim(client, "ana") for client in ("C1", "C2", "C3", "C4")],
        billing={"2026-01.csv": [*paid, back]},
    )
    settle = "from cli.main import main; main()"
    home = tmp_path / "home"
    done = python(tree, "-c", settle, "run", "2026-01", "--from", str(vendor), SETTLE_HOME=str(home))
    assert done.returncode == 0, done.stdout + done.stderr

    path = archived(home, "2026-01") / "statements" / "ana" / "statement.json"
    statement = json.loads(path.read_text(encoding="utf-8"))
    (rule,) = statement["rules"]
    assert (rule["rule"], rule["commission_minor"]) == ("per_client", 450_00)
    assert {client["client_id"]: client["commission_minor"] for client in rule["clients"]} == {
        "C1": 150_00, "C2": 150_00, "C3": 150_00, "C4": 0,
    }  # fmt: skip
    assert statement["summary"]["to_pay_minor"] == 450_00
