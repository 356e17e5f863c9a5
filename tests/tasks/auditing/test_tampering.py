"""An archive is tampered with at random: settle verify and verify.py find it, or say what they need."""

import os
import random
import shutil
from collections import Counter
from pathlib import Path

import pytest

from models.canonical import sha256
from tasks.auditing.verify import Archive
from tasks.storage.directory import DirectoryStore
from tasks.verify import Asked, verify
from tests.attacks.tampering import KINDS, NEED_THE_ANCHOR, NEEDS_THE_KEY
from tests.docs.pages import rows
from tests.flows.corrections.restated_january import three_months
from tests.keys import allowed, made_key

MANY = int(os.environ.get("TAMPERINGS", "34"))
"""How many are drawn. TAMPERINGS=1000 for the table in docs/auditors.md."""


@pytest.fixture(scope="module")
def restated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of three months, the first of which has a second version, all signed; beside it who may sign."""
    folder = tmp_path_factory.mktemp("restated")
    key = made_key(folder / "keys", "vendor")
    allowed(folder, key)
    return three_months(folder, key)


@pytest.fixture
def archive(restated: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(restated / "home/archive", tmp_path / "archive"))


def alone_finds(folder: Path, signers: str = "", head: str = "") -> bool:
    """Whether verify.py finds that an archive does not hold."""
    alone = Archive(folder, signers, head)
    months = alone.verify()
    return not months or any(severity == "error" for severity, _, _ in alone.findings)


def test_what_is_tampered_with_is_found(restated: Path, tmp_path: Path) -> None:
    head = sha256((restated / "home/archive/test-partners/2026-03/v1/SEAL").read_bytes())
    signers = str(restated / "signers")
    tried, found = Counter[str](), {kind: Counter[str]() for kind in KINDS}
    for seed in range(MANY):
        kind, folder = list(KINDS)[seed % len(KINDS)], tmp_path / "archive"
        shutil.copytree(restated / "home/archive", folder)
        if KINDS[kind](folder / "test-partners", random.Random(seed)):
            tried[kind] += 1
            alone = alone_finds(folder)
            found[kind]["settle verify"] += not verify(DirectoryStore(folder)).holds
            found[kind]["verify.py"] += alone
            found[kind]["public key"] += alone or alone_finds(folder, signers)
            found[kind]["newest SEAL"] += alone or alone_finds(folder, head=head)
        shutil.rmtree(folder)
    for kind, by in found.items():
        print(f"| {kind} | {tried[kind]} | {' | '.join(map(str, by.values()))} |")
    missed = {by: {kind for kind in KINDS if found[kind][by] < tried[kind]} for by in found["a bit flipped"]}
    assert missed["settle verify"] | missed["verify.py"] <= set(NEED_THE_ANCHOR)
    assert missed["public key"] <= {"the last month removed"}
    assert missed["newest SEAL"] == set()


def test_the_page_for_auditors_says_of_every_kind_what_finds_it() -> None:
    told = [cells[0] for cells in rows("docs/auditors.md", "| what was done | tried |")]
    assert told == list(KINDS)


@pytest.mark.parametrize("kind", NEED_THE_ANCHOR)
def test_what_needs_the_key_or_the_anchor_does_not_show_without_it(kind: str, restated: Path, archive: Path) -> None:
    last = next(seed for seed in range(99) if random.Random(seed).randrange(4) == 3)  # of the four versions, March
    assert KINDS[kind](archive / "test-partners", random.Random(last))
    assert verify(DirectoryStore(archive)).holds
    assert not alone_finds(archive)
    by_key = verify(DirectoryStore(archive), asked=Asked(signers=restated / "signers"))
    assert by_key.holds is (kind != NEEDS_THE_KEY)


def test_what_nobody_touched_holds_by_every_way(restated: Path, archive: Path) -> None:
    newest = sha256((archive / "test-partners/2026-03/v1/SEAL").read_bytes())
    assert not alone_finds(archive, str(restated / "signers"), newest)
    assert verify(DirectoryStore(archive), asked=Asked(signers=restated / "signers")).findings == ()
