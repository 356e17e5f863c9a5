"""A stranger's path: a signed archive, the public key and the anchor, the page for auditors, and nothing of ours."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from cli.main import app
from sample import make_sample
from tests.docs.pages import blocks, rows
from tests.keys import allowed, made_key
from tests.made.vendors import settle

pytestmark = [pytest.mark.slow, pytest.mark.long]
OURS = ("settle ", "from engine", "import polars")
STOCK = "/usr/local/bin:/usr/bin:/bin"


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new folder with the archive of three months, signed; `signers`, and `anchor`, got in other ways."""
    home, folder = tmp_path_factory.mktemp("vendor"), tmp_path_factory.mktemp("stranger")
    key = made_key(home / "keys", "vendor")
    make_sample(home / "sample", clients=60, partners=3, months=3, seed=1)
    months = ("2026-01", "2026-02", "2026-03")
    settle(home / "var", home / "sample", *months, seal_key=key, anchor_url=(home / "anchor").as_uri())
    shutil.copytree(home / "var/archive", folder / "var/archive")
    shutil.copytree(home / "anchor", folder / "anchor")
    of = ["--period", "2026-02", "--partner", "P-0001", "--to", str(folder / "bundle.zip")]
    app(["bundle", (folder / "var/archive").as_uri(), *of], standalone_mode=False)
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
