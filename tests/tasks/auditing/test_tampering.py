"""An archive of three months is tampered with at random: settle verify and verify.py find it, or say what they need."""

import os
import random
import shutil
from collections import Counter
from pathlib import Path

import pytest

from models.canonical import sha256
from tasks.auditing.verify import Archive
from tasks.storage.directory import DirectoryStore
from tasks.verify import verify
from tests.pages import rows
from tests.tampering import KINDS, NEED_THE_ANCHOR

MANY = int(os.environ.get("TAMPERINGS", "32"))
"""How many are drawn. TAMPERINGS=1000 for the table in docs/auditors.md."""


def found_by(folder: Path, head: str = "") -> tuple[bool, bool]:
    """Whether settle verify finds that an archive does not hold, and whether verify.py does."""
    alone = Archive(folder, head=head)
    months = alone.verify()
    errors = any(severity == "error" for severity, _, _ in alone.findings)
    return not verify(DirectoryStore(folder)).holds, errors or not months


def test_what_is_tampered_with_is_found(three_months: Path, tmp_path: Path) -> None:
    head = sha256((three_months / "test-partners/2026-03/v1/SEAL").read_bytes())
    tried, ours, theirs, with_head = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for seed in range(MANY):
        draw = random.Random(seed)
        kind = list(KINDS)[seed % len(KINDS)]
        folder = tmp_path / "archive"
        shutil.copytree(three_months, folder)
        if KINDS[kind](folder / "test-partners", draw):
            by_settle, by_python = found_by(folder)
            tried[kind] += 1
            ours[kind] += by_settle
            theirs[kind] += by_python
            with_head[kind] += by_python or found_by(folder, head)[1]
        shutil.rmtree(folder)
    table = {kind: (tried[kind], ours[kind], theirs[kind], with_head[kind]) for kind in tried}
    print(*(f"| {kind} | {' | '.join(map(str, counts))} |" for kind, counts in table.items()), sep="\n")
    missed = {kind for kind, (drawn, mine, alone, _) in table.items() if mine < drawn or alone < drawn}
    assert missed <= set(NEED_THE_ANCHOR)
    assert [kind for kind, counts in table.items() if counts[3] < counts[0]] == []


def test_the_page_for_auditors_says_of_every_kind_what_finds_it() -> None:
    told = [cells[0] for cells in rows("docs/auditors.md", "| what was done | tried |")]
    assert told == list(KINDS)


@pytest.mark.parametrize("kind", NEED_THE_ANCHOR)
def test_what_needs_the_anchor_does_not_show_without_it(kind: str, three_months: Path, tmp_path: Path) -> None:
    shutil.copytree(three_months, tmp_path / "archive")
    assert KINDS[kind](tmp_path / "archive/test-partners", random.Random(0))
    assert found_by(tmp_path / "archive") == (False, False)
