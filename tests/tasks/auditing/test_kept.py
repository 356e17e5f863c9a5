"""Versions and locks of a store are recorded when a month is closed, and compared when its archive is verified."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from models.errors import UnsafeStore
from tasks.settings import Settings
from tasks.storage.directory import DirectoryStore
from tasks.storage.open import open_store
from tasks.verify import Asked, verify
from tests.made.closing import close_months
from tests.made.vendors import two_months
from tests.servers.seaweedfs import SeaweedFS

URL, FOLDER = "s3://archive/main", "test-partners/2026-01/v1"
DIGESTS = Asked(figures=False)  # its months are closed without documents


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "moto")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "moto")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="archive", ObjectLockEnabledForBucket=True)
        yield client


@pytest.fixture
def closed(client: Any, tmp_path: Path) -> Any:
    """The bucket in which January is closed, each object locked for seven years."""
    vendor = two_months(tmp_path / "vendor", 100_000)
    close_months(tmp_path / "home", vendor, "2026-01", archive_url=URL, object_lock="governance:7")
    return client


def recorded(client: Any) -> dict[str, dict[str, str]]:
    body = client.get_object(Bucket="archive", Key=f"main/{FOLDER}/kept.json")["Body"].read()
    return {str(path): each for path, each in json.loads(body).items()}


def errors() -> list[tuple[str, str]]:
    report = verify(open_store(URL, Settings()), asked=DIGESTS)
    return [(each.where, each.words) for each in report.findings if each.severity == "error"]


def test_versions_and_locks_are_recorded_and_verification_shows_them(closed: Any) -> None:
    kept = recorded(closed)
    listed = closed.get_object(Bucket="archive", Key=f"main/{FOLDER}/SHA256SUMS")["Body"].read().decode().splitlines()
    assert sorted([*kept, "kept.json"]) == sorted(line.split("  ")[1] for line in listed)
    head = closed.head_object(Bucket="archive", Key=f"main/{FOLDER}/draft.json")
    until = head["ObjectLockRetainUntilDate"]
    assert kept["draft.json"] == {
        "version": head["VersionId"],
        "mode": "GOVERNANCE",
        "until": f"{until:%Y-%m-%dT%H:%M:%SZ}",
    }
    assert until.year - head["LastModified"].year == 7
    report = verify(open_store(URL, Settings()), asked=DIGESTS)
    assert report.holds
    (words,) = report.kept
    many = len(kept)
    assert words.startswith(f"{FOLDER}: {many} objects in versions, {many} of {many} locked (GOVERNANCE), until ")


def test_the_same_bytes_put_anew_are_another_version(closed: Any) -> None:
    was = recorded(closed)["draft.json"]
    data = closed.get_object(Bucket="archive", Key=f"main/{FOLDER}/draft.json")["Body"].read()
    now = closed.put_object(Bucket="archive", Key=f"main/{FOLDER}/draft.json", Body=data)["VersionId"]
    assert errors() == [
        (f"{FOLDER}/draft.json", f"is version {now}, and was sealed as version {was['version']}"),
        (f"{FOLDER}/draft.json", f"is locked not at all, and was sealed as locked GOVERNANCE until {was['until']}"),
    ]


def test_a_lock_that_was_shortened_is_named_and_one_made_longer_is_not(closed: Any) -> None:
    def lock(until: str) -> None:
        closed.put_object_retention(
            Bucket="archive",
            Key=f"main/{FOLDER}/draft.json",
            BypassGovernanceRetention=True,
            Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until},
        )

    was = recorded(closed)["draft.json"]["until"]
    lock("2099-01-01T00:00:00Z")
    assert errors() == []
    lock("2027-01-01T00:00:00Z")
    words = f"is locked GOVERNANCE until 2027-01-01T00:00:00Z, and was sealed as locked GOVERNANCE until {was}"
    assert errors() == [(f"{FOLDER}/draft.json", words)]


def test_a_copy_in_a_directory_holds_without_versions_and_locks(closed: Any, tmp_path: Path) -> None:
    for page in closed.get_paginator("list_objects_v2").paginate(Bucket="archive", Prefix="main/"):
        for item in page["Contents"]:
            path = tmp_path / item["Key"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(closed.get_object(Bucket="archive", Key=item["Key"])["Body"].read())
    assert verify(DirectoryStore(tmp_path / "main"), asked=DIGESTS).holds


def test_a_store_without_versions_and_locks_records_nothing(client: Any, tmp_path: Path) -> None:
    client.create_bucket(Bucket="plain")
    vendor = two_months(tmp_path / "vendor", 100_000)
    close_months(tmp_path / "home", vendor, "2026-01", archive_url="s3://plain/main")
    found = client.list_objects_v2(Bucket="plain", Prefix=f"main/{FOLDER}/kept")
    assert found["KeyCount"] == 0
    assert verify(open_store("s3://plain/main", Settings()), asked=DIGESTS).kept == ()


@pytest.mark.slow
def test_a_real_store_keeps_what_is_locked(seaweedfs: SeaweedFS, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in seaweedfs.environment().items():
        monkeypatch.setenv(name, value)
    client = seaweedfs.client()
    client.create_bucket(Bucket="locked-archive", ObjectLockEnabledForBucket=True)
    store = open_store("s3://locked-archive/main", Settings(object_lock="compliance:1"))
    store.probe()
    store.put_once("a", b"hello")
    kept = store.kept("a")
    assert kept is not None
    assert kept.mode == "COMPLIANCE"
    with pytest.raises(client.exceptions.ClientError, match="AccessDenied"):
        client.delete_object(Bucket="locked-archive", Key="main/a", VersionId=kept.version)
    assert store.put_once("a", b"hello") == store.find("a")
    assert store.kept("a") == kept


@pytest.mark.slow
def test_a_bucket_without_object_lock_is_named_where_it_is_asked_for(
    seaweedfs: SeaweedFS, seaweedfs_bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in seaweedfs.environment().items():
        monkeypatch.setenv(name, value)
    with pytest.raises(UnsafeStore, match="cannot be used for a"):
        open_store(seaweedfs_bucket, Settings(object_lock="compliance:1")).put_once("a", b"hello")
