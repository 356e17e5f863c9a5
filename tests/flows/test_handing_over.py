"""A statement leaves the archive with all it takes to check it; the trail leaves the database, and is checked alone."""

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from cli.main import app
from flows.handing_over import anchored_seals, audit_lines, taken
from flows.settle_month import settle_month
from models.errors import ChangedBeforeSeal, NotStored, SettlementError, WrongUse
from models.period import Period
from tasks.auditing.bundle import zipped
from tasks.settings import Settings
from tests.attacks.forger import rewrite
from tests.flows.months.test_home_of_format_1 import unpacked_archive
from tests.made.vendors import archived, claim, line, office, partner, settle, write_vendor
from tests.servers.seaweedfs import SeaweedFS

JANUARY, FEBRUARY = Period(2026, 1), Period(2026, 2)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vendor, and the home in which its two months are closed; each test has copies of its own."""
    lines = {
        "2026-01.csv": [line("L-1", "C-1", 1_000_00), line("L-2", "C-2", 300_00), line("L-3", "C-3", 10_00)],
        "2026-02.csv": [line("L-4", "C-1", 20_00, issued_on="2026-02-02", paid_on="2026-02-03")],
    }
    claims = [claim("C-1", "P-1"), claim("C-2", "P-2"), claim("C-3", "P-3")]
    partners = [partner("P-1"), partner("P-2"), partner("P-3")]
    folder = tmp_path_factory.mktemp("made")
    write_vendor(folder / "vendor", partners=partners, claims=claims, billing=lines)
    settle(folder / "home", folder / "vendor", "2026-01", "2026-02")
    return folder


@pytest.fixture
def vendor(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "vendor", tmp_path / "vendor"))


@pytest.fixture
def home(made: Path, vendor: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "home", tmp_path / "home"))


def alone(home: Path) -> Settings:
    """The settings of somebody who may read the archive, and has no database."""
    return Settings(home=home / "nobody")


def unpacked(files: dict[str, bytes], folder: Path) -> Path:
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def checked(folder: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(folder / "verify.py"), str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


@pytest.mark.parametrize("partner_id", ["P-1", "P-2", "P-3"])
def test_a_bundle_is_checked_with_python_alone_and_names_no_other_partner(
    partner_id: str, home: Path, tmp_path: Path
) -> None:
    files, recorded = taken((home / "archive").as_uri(), alone(home), FEBRUARY, partner_id, "eve")
    assert recorded == "not recorded: there is no database of this programme here"
    folder = unpacked(files, tmp_path / "bundle")
    code, said = checked(folder)
    assert (code, said.splitlines()[-1].partition(",")[0]) == (0, f"{folder} holds: 1 statements")
    others = {"P-1", "P-2", "P-3"} - {partner_id}
    named = {
        other for other in others for name, data in files.items() if name != "verify.py" and other.encode() in data
    }
    assert named == set()


@pytest.mark.parametrize(
    ("name", "was", "now"),
    [
        ("statement.json", b'"carried_minor":', b'"carried_minor":1'),
        ("statement.html", b"</html>", b"</html> "),
        ("payments.csv", b"L-1", b"L-9"),
        ("claims.csv", b"P-1", b"P-2"),
        ("programme.yaml", b"50%", b"60%"),
        ("proof.json", b'"leaf":"', b'"leaf":"0'),
        ("SEAL", b'"period":"2026-01"', b'"period":"2026-02"'),
    ],
)
def test_a_bundle_in_which_anything_was_changed_does_not_hold(
    name: str, was: bytes, now: bytes, home: Path, tmp_path: Path
) -> None:
    files, _ = taken((home / "archive").as_uri(), alone(home), JANUARY, "P-1", "eve")
    assert was in files[name]
    code, said = checked(unpacked(files | {name: files[name].replace(was, now)}, tmp_path / "bundle"))
    assert code == 1, said


def test_the_same_bundle_is_the_same_zip(home: Path) -> None:
    packed = [zipped(taken((home / "archive").as_uri(), alone(home), JANUARY, "P-1", "eve")[0]) for _ in range(2)]
    assert packed[0] == packed[1]


def test_who_took_a_statement_is_in_the_trail_where_there_is_one(home: Path, vendor: Path) -> None:
    here = office(home, vendor)
    _, recorded = taken(here.store.url, here.settings, JANUARY, "P-1", "eve")
    assert recorded == "recorded in the audit trail"
    last = json.loads(list(audit_lines(here.database))[-1])
    assert (last["event"], last["subject"]) == ("statement.taken", "P-1/2026-01/v1 by eve")
    assert settle_month(JANUARY, here).headline()  # facts and trail still agree


def test_what_is_not_there_is_said(home: Path, tmp_path: Path) -> None:
    with pytest.raises(NotStored, match="has no sealed statement of P-9 for 2026-01"):
        taken((home / "archive").as_uri(), alone(home), JANUARY, "P-9", "eve")
    with pytest.raises(WrongUse, match="was sealed before a statement could be proved alone"):
        taken(unpacked_archive(tmp_path / "old").as_uri(), alone(home), JANUARY, "P-1", "eve")


def test_the_command_line_writes_bundles_and_never_over_a_file(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SETTLE_HOME", str(tmp_path / "nobody"))
    url, run = (home / "archive").as_uri(), CliRunner().invoke
    of = ["--period", "2026-01", "--partner", "P-1", "--to"]
    assert run(app, ["download", url, *of, str(tmp_path / "P-1")]).exit_code == 0
    assert checked(tmp_path / "P-1")[0] == 0
    assert run(app, ["bundle", url, *of, str(tmp_path / "P-1.zip")]).exit_code == 0
    assert "statement.pdf" in zipfile.ZipFile(tmp_path / "P-1.zip").namelist()
    for command, there in (("download", "P-1"), ("bundle", "P-1.zip")):
        assert isinstance(run(app, [command, url, *of, str(tmp_path / there)]).exception, WrongUse)


def test_an_exported_trail_is_checked_without_the_database(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SETTLE_HOME", str(home))
    run, file = CliRunner().invoke, tmp_path / "trail.jsonl"
    assert run(app, ["audit", "export", "--to", str(file)]).exit_code == 0
    held = run(app, ["audit", "check", str(file)])
    assert held.exit_code == 0
    assert f"{file} holds: " in held.output
    file.write_text(file.read_text().replace('"system"', '"nobody"', 1))
    broken = run(app, ["audit", "check", str(file)])
    assert broken.exit_code == 1
    assert "DOES NOT HOLD" in broken.output
    file.write_text("{}\n")
    assert isinstance(run(app, ["audit", "check", str(file)]).exception, SettlementError)


def test_seals_are_anchored_only_where_the_archive_holds(home: Path, tmp_path: Path) -> None:
    url = (home / "archive").as_uri()
    with pytest.raises(WrongUse, match="SETTLE_ANCHOR_URL is not set"):
        anchored_seals(url, alone(home))
    settings = Settings(home=home / "nobody", anchor_url=(tmp_path / "anchor").as_uri())
    assert [kept.key for kept in anchored_seals(url, settings)] == [
        "test-partners/2026-01/v1",
        "test-partners/2026-02/v1",
    ]
    rewrite(archived(home, "2026-01") / "totals.csv", b"")
    with pytest.raises(WrongUse, match="does not hold, so it was not anchored"):
        anchored_seals(url, settings)


@pytest.mark.parametrize("how", ["replaced", "deleted"])
def test_what_was_changed_between_its_archiving_and_the_close_is_not_sealed(
    how: str, vendor: Path, tmp_path: Path, database_url: str
) -> None:
    home = tmp_path / "late"
    in_the_way = archived(home, "2026-01") / "statements" / "P-2"
    in_the_way.parent.mkdir(parents=True)
    in_the_way.write_text("a file where a folder should be")
    settle(home, vendor, "2026-01", database_url=database_url)
    in_the_way.unlink()
    page = archived(home, "2026-01") / "statements/P-1/statement.html"
    was = page.read_bytes()
    page.chmod(0o644)
    page.write_bytes(b"more for me") if how == "replaced" else page.unlink()
    with pytest.raises(ChangedBeforeSeal, match=r"statements/P-1/statement.html (was changed|is gone)"):
        settle(home, vendor, "2026-01", database_url=database_url)
    assert not (archived(home, "2026-01") / "SEAL").exists()
    page.write_bytes(was)
    assert [result.ending.name for result in settle(home, vendor, "2026-01", database_url=database_url)] == ["CLOSED"]


@pytest.mark.slow
def test_credentials_that_may_only_read_are_enough_to_take_a_statement_and_to_verify(
    seaweedfs: SeaweedFS, seaweedfs_bucket: str, vendor: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in seaweedfs.environment().items():
        monkeypatch.setenv(name, value)
    archive = f"{seaweedfs_bucket}/main"
    settle(tmp_path / "home", vendor, "2026-01", archive_url=archive, s3_endpoint=seaweedfs.endpoint)
    bucket = seaweedfs_bucket.removeprefix("s3://")
    writing = ["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
    denied = {"Effect": "Deny", "Principal": "*", "Action": writing, "Resource": [f"arn:aws:s3:::{bucket}/*"]}
    client = seaweedfs.client()
    client.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [denied]}))
    with pytest.raises(ClientError, match="AccessDenied"):
        client.put_object(Bucket=bucket, Key="main/more", Body=b"")
    monkeypatch.setenv("SETTLE_HOME", str(tmp_path / "nobody"))
    monkeypatch.setenv("SETTLE_S3_ENDPOINT", seaweedfs.endpoint)
    of = ["--period", "2026-01", "--partner", "P-1", "--to"]
    for command, to in (("download", "P-1"), ("bundle", "P-1.zip")):
        said = CliRunner().invoke(app, [command, archive, *of, str(tmp_path / to)])
        assert said.exit_code == 0
        assert "not recorded" in said.output
    assert checked(tmp_path / "P-1")[0] == 0
    assert CliRunner().invoke(app, ["verify", archive]).exit_code == 0
