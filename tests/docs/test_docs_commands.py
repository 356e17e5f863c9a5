"""The commands of the README and the pages in docs/ run, and print what the pages say they print."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from flows.office import Office
from flows.settle_month import settle_month
from models.period import Period
from tasks.settings import Settings
from tests.docs.pages import BLOCK, ROOT, blocks, rows, text_of

pytestmark = [pytest.mark.slow, pytest.mark.long]

(WORKED_OUT_AGAIN,) = (text for text in blocks("docs/auditors.md", "python") if "read_inputs" in text)
RUN_ON_THE_SAMPLE = ("README.md", "docs/auditors.md", "docs/engineers.md", "docs/programme.md")
MONTHS = ("2026-01", "2026-02", "2026-03")
WHERE_THERE_WERE_ANY = {
    "events.parquet", "event_expectations.json", "returns.parquet", "corrections.parquet", "adjustments.json",
    "approvals.json", "kept.json",
}  # fmt: skip


def shell(folder: Path, command: str) -> str:
    """Run a piece of a page as a reader would, in the folder of the clone. Returns what it prints."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment: Mapping[str, str] = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("SETTLE_", "PREFECT_API"))},
        "PATH": path,
        "SETTLE_CLOCK": "2026-12-03T03:00:00Z",
    }
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\nended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a small sample was settled, as `make run` does with a larger one."""
    folder = tmp_path_factory.mktemp("clone")
    shell(folder, "settle sample var/sample --clients 60 --partners 3 --months 3")
    (folder / "printed").write_text(shell(folder, "settle run 2026-01..2026-03 --from var/sample 2>&1"))
    return folder


@pytest.mark.parametrize("page", RUN_ON_THE_SAMPLE)
def test_the_commands_of_a_page_run_on_the_sample(page: str, clone: Path) -> None:
    found = [block for block in BLOCK.finditer(text_of(page)) if block["kind"] in ("sh", "python")]
    assert found
    for block in found:
        if block["text"] == WORKED_OUT_AGAIN:
            continue  # it has a test of its own, where there is nothing but a copy of the archive
        if block["kind"] == "python":
            shell(clone, f"{sys.executable} - <<'END'\n{block['text']}END")
            continue
        lines = [line for line in block["text"].splitlines() if not line.startswith("make ")]
        if not shutil.which("hledger"):  # the other tools are on every machine
            lines = [line for line in lines if not line.startswith("hledger ")]
        shell(clone, "\n".join(lines))


def test_the_commands_of_the_corrections_page_print_what_it_says_in_an_empty_folder(tmp_path: Path) -> None:
    printed: list[str] = []
    for block in BLOCK.finditer(text_of("docs/corrections.md")):
        if block["kind"] == "sh":
            wanted = [
                line
                for line in block["text"].splitlines()
                if shutil.which("hledger") or not line.startswith("hledger ")
            ]
            printed = shell(tmp_path, "\n".join(wanted)).splitlines()
        elif block["kind"] == "text":
            told = block["text"].splitlines()
            assert [line for line in printed if line in told] == told


def test_a_month_is_worked_out_again_where_there_is_nothing_but_a_copy_of_the_archive(
    clone: Path, tmp_path: Path
) -> None:
    shutil.copytree(clone / "var/archive", tmp_path / "var/archive")
    printed = shell(tmp_path, f"{sys.executable} - <<'END'\n{WORKED_OUT_AGAIN}END")
    months = clone / "var/archive/uis-partners"
    sealed = {month: json.loads((months / month / "v1/SEAL").read_bytes())["draft"] for month in MONTHS}
    assert [line.split() for line in printed.splitlines()] == [[month, sealed[month]] for month in MONTHS]


def test_every_input_and_result_of_a_month_is_explained_to_the_auditor(clone: Path) -> None:
    draft = json.loads((clone / "var/archive/uis-partners/2026-02/v1/draft.json").read_bytes())
    told = {
        kind: {
            name for cells in rows("docs/auditors.md", f"| {kind} | what it is |") for name in cells[0].split("`, `")
        }
        for kind in ("input", "result")
    }
    assert set(draft["inputs"]) <= told["input"]
    results = set(draft["results"])
    assert results <= told["result"] <= results | WHERE_THERE_WERE_ANY


def test_every_file_of_a_month_is_explained_to_the_auditor(clone: Path) -> None:
    month = clone / "var/archive/uis-partners/2026-02/v1"
    files = {path.name for path in month.rglob("*") if path.is_file()}
    named = set(re.findall(r"^ +(\S+\.\w+|SHA256SUMS|SEAL)  ", blocks("docs/auditors.md", "text")[0], re.MULTILINE))
    assert files <= named <= files | WHERE_THERE_WERE_ANY


def test_what_make_run_says_fits_on_a_screen_of_forty_lines(clone: Path) -> None:
    made = subprocess.run(["make", "-n", "run"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    said = [*(clone / "printed").read_text().splitlines(), *shell(clone, "settle status 2>&1").splitlines()]
    assert len(said) + len(re.findall(r"^echo", made, re.MULTILINE)) <= 40


def test_what_the_readme_shows_of_a_month_is_what_is_printed(clone: Path, tmp_path: Path) -> None:
    size = re.search(r"^SAMPLE_SIZE := (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert size
    printed = shell(tmp_path, f"settle sample s {size[1]}; settle run 2026-01 --from s --dry-run 2>&1").splitlines()
    month, _, pointers = blocks("README.md", "text")[0].partition("\n\n")
    first, more, faults, headline, *sums, took = month.splitlines()
    assert {first, more} <= set(printed)
    shown, others = 3, re.fullmatch(r"rejected: (\d+) more", more)
    assert others
    assert f"all {shown + int(others[1])} faults" in faults
    full = settle_month(Period(2026, 1), Office.open(Settings(home=tmp_path, vendor=tmp_path / "s")), dry_run=True)
    assert sums == list(full.sums())
    assert re.fullmatch(r"  took {14}\d+ s: validate \d+ s, documents \d+ s", took)

    small = (clone / "printed").read_text()
    assert headline.replace("60 statements", "3 statements") in small
    made = subprocess.run(["make", "-n", "run"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    made = made.replace("$(ls -d var/archive/*/2026-03", "var/archive/uis-partners/2026-03").replace(
        "statements)", "statements"
    )
    for pointer in pointers.splitlines():
        assert f'echo "{pointer}"'.replace("file:///...", ROOT.as_uri()) in made
