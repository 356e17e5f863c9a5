"""A stranger's path: a signed archive, the public key and the anchor, the page for auditors, and nothing of ours."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import blocks, rows
from tests.keys import allowed, made_key

pytestmark = [pytest.mark.slow, pytest.mark.long]
OURS = ("settle ", "from engine", "import polars")
STOCK = "/usr/local/bin:/usr/bin:/bin"


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new folder with the archive of three months, signed; `signers`, and `anchor`, got in other ways."""
    home, folder = tmp_path_factory.mktemp("vendor"), tmp_path_factory.mktemp("stranger")
    key = made_key(home / "keys", "vendor")
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "SETTLE_SEAL_KEY": str(key),
        "SETTLE_ANCHOR_URL": (home / "anchor").as_uri(),
    }
    for command in (
        "settle sample var/sample --clients 60 --partners 3 --months 3",
        "settle run 2026-01..2026-03 --from var/sample",
        'settle bundle "file://$PWD/var/archive" --period 2026-02 --partner P-0001 --to bundle.zip',
    ):
        subprocess.run(["bash", "-c", command], cwd=home, env=environment, check=True, capture_output=True)
    shutil.copytree(home / "var/archive", folder / "var/archive")
    shutil.copytree(home / "anchor", folder / "anchor")
    shutil.copy(home / "bundle.zip", folder / "bundle.zip")
    allowed(folder, key, "uis-partners")
    return folder


def alone(folder: Path, command: str) -> str:
    """Run a command as somebody does who has stock tools and nothing of ours, not even its libraries."""
    assert shutil.which("settle", path=STOCK) is None
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command], cwd=folder, env={"PATH": STOCK}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{command}\nended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout


def test_every_command_of_the_page_that_needs_nothing_of_ours_runs(stranger: Path) -> None:
    """Seals, chain, draft, inputs, books, lines: what `settle` itself does is left out."""
    ran = 0
    for block in blocks("docs/auditors.md", "sh"):
        if "settle " not in block:
            lines = block.splitlines()
            there = [line for line in lines if not line.startswith("hledger ") or shutil.which("hledger", path=STOCK)]
            alone(stranger, "\n".join(there))
            ran += 1
    assert ran >= 8
    printed = ""
    for block in blocks("docs/auditors.md", "python"):
        if not any(ours in block for ours in OURS):
            printed += alone(stranger, f"python3 -I -S - <<'END'\n{block}END")
    for words in ("payment ", "clause ", "claim ", "approved by system at "):
        assert words in printed


def test_the_signatures_and_the_end_of_the_chain_are_checked_as_the_page_says(stranger: Path) -> None:
    commands = [cells[1] for cells in rows("docs/auditors.md", "| to check | command |")]
    one, all_of_them, end, by_us = commands
    assert "Good" in alone(
        stranger, f"cd var/archive/uis-partners/2026-03/v1; {one.replace('signers', '../../../../../signers')}"
    )
    shutil.copy(stranger / "var/archive/uis-partners/2026-03/v1/verify.py", stranger / "verify.py")
    for command in (all_of_them, end):
        said = alone(stranger, command.replace("ARCHIVE", "var/archive").replace("ANCHOR", "anchor"))
        assert said.splitlines()[-1].startswith("var/archive holds: 3 sealed months")
        assert "signature" not in said
    assert "is the newest: compare" not in said
    assert by_us.startswith("settle verify")


def test_a_bundle_is_checked_by_what_is_in_it(stranger: Path) -> None:
    alone(stranger, "python3 -m zipfile -e bundle.zip bundle")
    said = alone(stranger, "python3 -I -S bundle/verify.py bundle")
    seal = stranger / "var/archive/uis-partners/2026-02/v1/SEAL"
    assert "bundle holds: 1 statements" in said
    assert alone(stranger, f"sha256sum < {seal}").split()[0] in said
    assert json.loads((stranger / "bundle/SEAL").read_bytes())["period"] == "2026-02"
