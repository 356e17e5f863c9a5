"""What is done to a later version of a month: settle verify and verify.py find it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from models.canonical import canonical_json
from rules.archive.layout import SEAL
from tasks.auditing.verify import Archive
from tasks.storage.directory import DirectoryStore
from tasks.verify import verify
from tests.attacks.forger import resealed, rewrite


def removed(programme: Path) -> None:
    shutil.rmtree(programme / "2026-01/v2")
    resealed(programme)


def put_in_place_of_the_first(programme: Path) -> None:
    for path in sorted((programme / "2026-01/v2/statements").rglob("statement.*")):
        rewrite(programme / "2026-01/v1" / path.relative_to(programme / "2026-01/v2"), path.read_bytes())
    resealed(programme)


def statements_exchanged(programme: Path) -> None:
    one, other = (programme / f"2026-01/v2/statements/{partner}/statement.json" for partner in ("a", "b"))
    first, second = one.read_bytes(), other.read_bytes()
    rewrite(one, second)
    rewrite(other, first)
    resealed(programme)


def _edited(programme: Path, change: Callable[[dict[str, object]], None]) -> None:
    path = programme / "2026-01/v2/statements/a/statement.json"
    said = json.loads(path.read_bytes())
    change(said["supersedes"])
    rewrite(path, canonical_json(said))
    resealed(programme)


def difference_edited(programme: Path) -> None:
    _edited(programme, lambda said: said.update(difference_minor=10_00))


def beside_another(programme: Path) -> None:
    _edited(programme, lambda said: said.update(of_number="2026-000002"))


def settled_elsewhere(programme: Path) -> None:
    _edited(programme, lambda said: said.update(settled_in="2026-03"))


def made_by_another(programme: Path) -> None:
    path = programme / "2026-01/v2" / SEAL
    seal = json.loads(path.read_bytes())
    seal["restates"]["made_by"] = "nobody"
    rewrite(path, canonical_json(seal))
    resealed(programme)


def renumbered(programme: Path) -> None:
    (programme / "2026-01/v2").rename(programme / "2026-01/v3")
    resealed(programme)


@pytest.mark.parametrize(
    "tamper",
    [
        removed,
        put_in_place_of_the_first,
        statements_exchanged,
        difference_edited,
        beside_another,
        settled_elsewhere,
        made_by_another,
        renumbered,
    ],
    ids=lambda each: each.__name__,
)
def test_what_is_done_to_a_later_version_is_found_with_every_seal_made_anew(
    done: Path, tmp_path: Path, tamper: Callable[[Path], None]
) -> None:
    archive = Path(shutil.copytree(done / "home/archive", tmp_path / "archive"))
    tamper(archive / "test-partners")
    must_be_found(archive)


def must_be_found(archive: Path) -> None:
    alone = Archive(archive)
    months = alone.verify()
    assert not verify(DirectoryStore(archive)).holds
    assert not months or any(severity == "error" for severity, _, _ in alone.findings)
