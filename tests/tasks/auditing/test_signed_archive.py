"""Signed approvals in the archive: both verifications follow them to approvers.csv, and find what was forged."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.canonical import canonical_json
from tasks.auditing.signing import sign_approval
from tasks.auditing.verify import Archive
from tasks.storage.directory import DirectoryStore
from tasks.verify import Asked, verify
from tests.attacks.forger import resealed, rewrite
from tests.flows.consent.test_signed_approval import FEBRUARY, Desk
from tests.keys import made_key as key


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two months approved by signature; before the second bo comes to the list, which anna signs for."""
    desk = Desk(tmp_path_factory.mktemp("signed"))
    desk.signs("anna", desk.waiting())
    assert desk.closes()
    desk.approvers({"name": "anna"}, {"name": "bo"})
    desk.signs("anna", desk.waiting(FEBRUARY), FEBRUARY)
    assert desk.closes(FEBRUARY)
    key(desk.folder / "keys", "bo")
    key(desk.folder / "keys", "eve")
    return desk.folder


@pytest.fixture
def root(signed: Path, tmp_path: Path) -> Path:
    shutil.copytree(signed / "home/archive", tmp_path / "archive")
    return tmp_path / "archive/test-partners"


def edited(path: Path, change: Callable[[Any], None]) -> None:
    said = json.loads(path.read_bytes())
    change(said)
    rewrite(path, canonical_json(said))


def errors(root: Path) -> tuple[list[str], list[str]]:
    """What settle verify and verify.py have against the archive."""
    alone = Archive(root)
    alone.verify()
    ours = [f"{each.where}: {each.words}" for each in verify(DirectoryStore(root)).findings if each.severity == "error"]
    return ours, [f"{where}: {words}" for severity, where, words in alone.findings if severity == "error"]


def test_signed_months_hold_and_come_out_again(root: Path) -> None:
    assert errors(root) == ([], [])
    assert verify(DirectoryStore(root), asked=Asked(again=True)).findings == ()
    for month in ("2026-01", "2026-02"):
        seal = json.loads((root / month / "v1/SEAL").read_bytes())
        assert (seal["approval"], seal["approved"]["by"]) == ("signed", "anna")
        (given,) = json.loads((root / month / "v1/approvals.json").read_bytes())["signatures"]
        assert given["by"] == "anna"


def forged(root: Path, signed: Path, by: str, name: str) -> Callable[[Any], None]:
    """The signature of the second month made by another key, under a name."""
    digest = json.loads((root / "2026-02/v1/SEAL").read_bytes())["draft"]
    made = sign_approval(f"{digest}\n".encode(), signed / "keys" / by)
    return lambda said: said["signatures"][0].update(signature=made, by=name)


def test_a_signature_by_a_key_that_is_not_listed_is_found(root: Path, signed: Path) -> None:
    edited(root / "2026-02/v1/approvals.json", forged(root, signed, "eve", "anna"))
    resealed(root)
    for found in errors(root):
        assert "2026-02/v1/approvals.json: anna approved, by no signature that approvers.csv lets count" in " ".join(
            found
        )


def test_a_signature_by_who_came_to_the_list_with_the_month_is_not_enough(root: Path, signed: Path) -> None:
    edited(root / "2026-02/v1/approvals.json", forged(root, signed, "bo", "bo"))
    resealed(root)
    for found in errors(root):
        assert "approvals.json: nobody of the approvers of the month before signed" in " ".join(found)


def test_the_signature_of_another_month_is_found(root: Path) -> None:
    january = json.loads((root / "2026-01/v1/approvals.json").read_bytes())["signatures"]
    edited(root / "2026-02/v1/approvals.json", lambda said: said.update(signatures=january))
    resealed(root)
    for found in errors(root):
        assert "approvals.json: the signature of anna is not good" in " ".join(found)


def test_a_seal_that_says_less_than_the_programme_asks_for_is_found(root: Path) -> None:
    (root / "2026-02/v1/approvals.json").unlink()
    edited(root / "2026-02/v1/SEAL", lambda said: said.update(approval="on"))
    resealed(root)
    for found in errors(root):
        assert "SEAL: says that the approval was not signed, and the programme asks for it" in " ".join(found)
