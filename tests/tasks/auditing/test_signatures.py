"""Seals are signed by a key, keys rotate by dated rows, and what the archive cannot show alone an anchor knows."""

import shutil
import subprocess
from pathlib import Path

import pytest

from flows.questions.check_installation import check_installation
from flows.result import Ending
from models.canonical import sha256
from models.errors import BadInput, StoredDifferently, WrongUse
from rules.archive.seal import Seal
from tasks.auditing.signing import fault_of, sign
from tasks.auditing.verify import Archive
from tasks.proof.difference import FactsDisagree
from tasks.settings import Settings
from tasks.storage.directory import DirectoryStore
from tasks.verify import Asked, verify
from tests.attacks.forger import resealed, rewrite
from tests.made.vendors import claim, line, partner, settle, write_vendor


def key(folder: Path, name: str, kind: str = "ed25519") -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", str(folder / name)], check=True)
    return folder / name


def allowed(folder: Path, *rows: tuple[Path, str]) -> Path:
    """A file of allowed signers: each key with its dates."""
    text = "".join(
        f'test-partners namespaces="settlement-seal"{dates} {path.with_suffix(".pub").read_text()}'
        for path, dates in rows
    )
    (folder / "signers").write_text(text)
    return folder / "signers"


@pytest.fixture
def vendor(tmp_path: Path) -> Path:
    lines = {
        f"{month}.csv": [line(f"L-{month}", "C-1", 100_00, issued_on=f"{month}-02", paid_on=f"{month}-03")]
        for month in ("2026-01", "2026-02", "2026-03")
    }
    return write_vendor(tmp_path / "vendor", partners=[partner("P-1")], claims=[claim("C-1", "P-1")], billing=lines)


def findings(home: Path, **asked: object) -> list[tuple[str, str]]:
    report = verify(DirectoryStore(home / "archive"), asked=Asked(**asked))  # type: ignore[arg-type]
    return [(each.severity, each.words) for each in report.findings]


def by_python(home: Path, signers: Path) -> list[tuple[str, str]]:
    alone = Archive(home / "archive", str(signers))
    alone.verify()
    return [(severity, words) for severity, _, words in alone.findings if "is the newest" not in words]


def test_a_signed_seal_is_good_by_its_key_and_by_no_other(vendor: Path, tmp_path: Path) -> None:
    home, ours, other = tmp_path / "home", key(tmp_path, "ours"), key(tmp_path, "other")
    settle(home, vendor, "2026-01", seal_key=ours)
    signers = allowed(tmp_path, (ours, ""))
    assert findings(home, signers=signers) == by_python(home, signers) == []
    not_checked = [("warning", "is signed; whose key it is was not checked: give --allowed-signers")]
    assert findings(home) == not_checked
    signers = allowed(tmp_path, (other, ""))
    (ours_said,), (python_said,) = findings(home, signers=signers), by_python(home, signers)
    assert ours_said[0] == python_said[0] == "error"
    assert ours_said[1].startswith("its signature is not good: ")


def test_stock_ssh_keygen_checks_a_seal(vendor: Path, tmp_path: Path) -> None:
    home, ours = tmp_path / "home", key(tmp_path, "ours")
    settle(home, vendor, "2026-01", seal_key=ours)
    signers, month = allowed(tmp_path, (ours, "")), home / "archive/test-partners/2026-01/v1"
    command = (
        f"ssh-keygen -Y verify -f {signers} -I test-partners -n settlement-seal -s {month}/SEAL.sig < {month}/SEAL"
    )
    assert "Good" in subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True).stdout


def test_keys_rotate_by_dated_rows_and_old_seals_stay_good(vendor: Path, tmp_path: Path) -> None:
    home, old, new = tmp_path / "home", key(tmp_path, "old"), key(tmp_path, "new")
    settle(home, vendor, "2026-01", seal_key=old, clock="2026-02-02T03:00:00Z")
    settle(home, vendor, "2026-02", seal_key=new, clock="2026-03-02T03:00:00Z")
    until, since = ',valid-before="20260301"', ',valid-after="20260301"'
    signers = allowed(tmp_path, (old, until), (new, since))
    assert findings(home, signers=signers) == by_python(home, signers) == []
    settle(home, vendor, "2026-03", seal_key=old, clock="2026-04-02T03:00:00Z")  # its time was over
    assert [each[0] for each in findings(home, signers=signers)] == ["error"]
    assert [each[0] for each in by_python(home, signers)] == ["error"]


def test_an_unsigned_seal_after_a_signed_one_is_refused_and_a_fault(vendor: Path, tmp_path: Path) -> None:
    home, ours = tmp_path / "home", key(tmp_path, "ours")
    settle(home, vendor, "2026-01", seal_key=ours)
    with pytest.raises(WrongUse, match="the seal of 2026-02 has to be signed, as the one before it was"):
        settle(home, vendor, "2026-02")
    (finished,) = settle(home, vendor, "2026-02", seal_key=ours)
    assert finished.ending is Ending.CLOSED

    february = home / "archive/test-partners/2026-02/v1"
    seal = Seal.parse((february / "SEAL").read_bytes())
    rewrite(february / "SEAL", seal.model_copy(update={"signed": False}).to_bytes())
    (february / "SEAL.sig").unlink()
    signers = allowed(tmp_path, (ours, ""))
    anew = "not signed: who took all signatures away could make every SEAL anew"
    assert findings(home, signers=signers) == [
        ("error", "is not signed, and that of 2026-01 was"),
        ("error", f"is the newest, and {anew}"),
    ]
    assert by_python(home, signers) == [
        ("error", "is not signed, and the SEAL before it was"),
        ("error", f"its newest SEAL is {anew}"),
    ]


def test_an_archive_whose_signatures_were_all_taken_away_is_not_the_signed_one(vendor: Path, tmp_path: Path) -> None:
    home, ours = tmp_path / "home", key(tmp_path, "ours")
    settle(home, vendor, "2026-01", seal_key=ours)
    month, signers = home / "archive/test-partners/2026-01/v1", allowed(tmp_path, (ours, ""))
    (month / "SEAL.sig").unlink()
    seal = Seal.parse((month / "SEAL").read_bytes())
    rewrite(month / "SEAL", seal.model_copy(update={"signed": False}).to_bytes())
    assert findings(home) == []
    for found in (findings(home, signers=signers), by_python(home, signers)):
        assert ["not signed: who took all signatures away" in words for _, words in found] == [True]


def test_a_forger_without_the_key_cannot_seal_anew(vendor: Path, tmp_path: Path) -> None:
    home, ours = tmp_path / "home", key(tmp_path, "ours")
    settle(home, vendor, "2026-01", "2026-02", seal_key=ours)
    path = home / "archive/test-partners/2026-02/v1/expectations.json"
    rewrite(path, path.read_bytes() + b" ")
    resealed(home / "archive/test-partners")
    signers = allowed(tmp_path, (ours, ""))
    assert [each[0] for each in findings(home, signers=signers)] == ["error"]
    assert [each[0] for each in by_python(home, signers)] == ["error"]


def test_a_signature_that_is_gone_or_strange_is_named(vendor: Path, tmp_path: Path) -> None:
    home, ours = tmp_path / "home", key(tmp_path, "ours")
    settle(home, vendor, "2026-01", seal_key=ours)
    signature = home / "archive/test-partners/2026-01/v1/SEAL.sig"
    signature.unlink()
    assert findings(home) == [("error", "there is no SEAL.sig")]
    settle(tmp_path / "unsigned", vendor, "2026-01")
    (tmp_path / "unsigned/archive/test-partners/2026-01/v1/SEAL.sig").write_bytes(b"-")
    assert findings(tmp_path / "unsigned") == [("error", "SEAL.sig is beside it, and it says there is none")]


def test_a_signature_that_is_not_good_stops_the_next_month(vendor: Path, tmp_path: Path) -> None:
    home, ours, other = tmp_path / "home", key(tmp_path, "ours"), key(tmp_path, "other")
    settle(home, vendor, "2026-01", seal_key=ours)
    month, signers = home / "archive/test-partners/2026-01/v1", allowed(tmp_path, (ours, ""))
    was = (month / "SEAL.sig").read_bytes()
    rewrite(month / "SEAL.sig", was.replace(b"U1NIU0lH", b"U1NIU0lI"))
    for asked in ({}, {"allowed_signers": signers}):
        with pytest.raises(FactsDisagree, match=r"2026-01/v1/SEAL\.sig: is not good: "):
            settle(home, vendor, "2026-02", seal_key=ours, **asked)
    assert [each[0] for each in findings(home)] == ["error"]
    rewrite(month / "SEAL.sig", sign((month / "SEAL").read_bytes(), other))
    with pytest.raises(FactsDisagree, match=r"2026-01/v1/SEAL\.sig: is not good: "):
        settle(home, vendor, "2026-02", seal_key=ours, allowed_signers=signers)
    settings = Settings(home=home, vendor=vendor, clock="2026-12-03T03:00:00Z", allowed_signers=signers)
    assert ["SEAL.sig: is not good" in each.words for each in check_installation(settings) if not each.passed] == [True]
    rewrite(month / "SEAL.sig", was)
    (closed,) = settle(home, vendor, "2026-02", seal_key=ours, allowed_signers=signers)
    assert closed.ending is Ending.CLOSED


def test_the_same_key_signs_the_same_again_and_another_kind_of_key_is_refused(tmp_path: Path) -> None:
    ours = key(tmp_path, "ours")
    assert sign(b"{}\n", ours) == sign(b"{}\n", ours)
    with pytest.raises(BadInput, match="is no ssh-ed25519 key"):
        sign(b"{}\n", key(tmp_path, "rsa", "rsa"))
    with pytest.raises(WrongUse, match="is no file"):
        sign(b"{}\n", tmp_path / "nowhere")
    (tmp_path / "junk").write_text("no key")
    (tmp_path / "junk").chmod(0o600)
    with pytest.raises(BadInput, match="cannot sign"):
        sign(b"{}\n", tmp_path / "junk")


def test_allowed_signers_that_are_not_there_are_named(vendor: Path, tmp_path: Path) -> None:
    settle(tmp_path / "home", vendor, "2026-01", seal_key=key(tmp_path, "ours"))
    month = tmp_path / "home/archive/test-partners/2026-01/v1"
    seal = Seal.parse((month / "SEAL").read_bytes())
    with pytest.raises(WrongUse, match="is no file: name the file of keys"):
        fault_of(seal, (month / "SEAL.sig").read_bytes(), tmp_path / "nowhere")


def test_a_last_month_that_was_taken_away_is_missed_by_the_anchor(vendor: Path, tmp_path: Path) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    anchors = DirectoryStore(elsewhere)
    settle(home, vendor, "2026-01")
    assert findings(home, anchors=anchors) == [("warning", "is not anchored: `settle anchor` does it")]
    settle(home, vendor, "2026-02", "2026-03", anchor_url=elsewhere.as_uri())
    shutil.rmtree(home / "archive/test-partners/2026-03")
    assert [words for severity, words in findings(home) if severity == "error"] == []
    (missed,) = [words for severity, words in findings(home, anchors=anchors) if severity == "error"]
    assert missed.startswith("was closed, the anchor says, and is not there: its SEAL is ")


def test_a_last_seal_made_anew_is_not_the_anchored_one(vendor: Path, tmp_path: Path) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    settle(home, vendor, "2026-01", anchor_url=elsewhere.as_uri())
    was = sha256((home / "archive/test-partners/2026-01/v1/SEAL").read_bytes())
    path = home / "archive/test-partners/2026-01/v1/expectations.json"
    rewrite(path, path.read_bytes() + b" ")
    resealed(home / "archive/test-partners")
    now = sha256((home / "archive/test-partners/2026-01/v1/SEAL").read_bytes())
    assert findings(home, anchors=DirectoryStore(elsewhere)) == [("error", f"is {now}, and {was} was anchored")]


def test_an_anchor_is_never_written_anew(vendor: Path, tmp_path: Path) -> None:
    from models.period import Period, Version
    from tasks.auditing.anchor import anchor, anchored

    store, version = DirectoryStore(tmp_path), Version(Period(2026, 1))
    anchor(store, "uis", version, "1" * 64)
    anchor(store, "uis", version, "1" * 64)
    with pytest.raises(StoredDifferently):
        anchor(store, "uis", version, "2" * 64)
    assert anchored(store, "uis") == {version: "1" * 64}
