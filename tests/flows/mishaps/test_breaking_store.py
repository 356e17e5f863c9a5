"""A store that breaks two calls in five: every statement arrives once, by credentials that may not delete.

60 statements here; `STATEMENTS=2000 pytest -s` tries more, and prints the figures.
"""

import json
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from flows import documenting
from flows.office import Office
from flows.result import Ending
from flows.settle_month import settle_month
from models.canonical import sha256
from models.errors import StoreUnreachable
from models.period import Period
from rules.archive.layout import SEAL
from tasks.render import Rendered
from tasks.settings import Settings
from tasks.storage import s3
from tests.made.tables import stored
from tests.made.vendors import claim, line, partner, write_vendor
from tests.servers.breaking import FAULTS, breaking
from tests.servers.seaweedfs import SeaweedFS

pytestmark = pytest.mark.slow
MANY = int(os.environ.get("STATEMENTS", "60"))
MOST_RUNS = 100


def no_deletes(bucket: str) -> str:
    """The policy of a bucket in which nobody deletes, its owner neither."""
    denied = {"Effect": "Deny", "Principal": "*", "Action": ["s3:DeleteObject", "s3:DeleteObjectVersion"]}
    return json.dumps({"Version": "2012-10-17", "Statement": [denied | {"Resource": [f"arn:aws:s3:::{bucket}/*"]}]})


def small(issued: Sequence[bytes], _: object) -> Rendered:
    """The statements as they are, with a line each for page and paper: drawing them is not what is tried here."""
    documents = {}
    for data in issued:
        partner_id = json.loads(data)["partner"]["partner_id"]
        views = {f"statement.{kind}": f"{kind} of {sha256(data)}".encode() * 500 for kind in ("html", "pdf")}
        documents[partner_id] = {"statement.json": data, **views}
    return Rendered(documents, {})


def test_every_statement_arrives_once_where_two_calls_in_five_are_broken(
    seaweedfs: SeaweedFS, seaweedfs_bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in seaweedfs.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(s3, "READ_SECONDS", 3)  # a call that stalls is given up after
    monkeypatch.setattr(documenting, "render", small)
    names = [f"p{number:04}" for number in range(MANY)]
    vendor = write_vendor(
        tmp_path / "vendor",
        partners=[partner(name) for name in names],
        claims=[claim(f"client of {name}", name) for name in names],
        billing={"2026-01.csv": [line(f"L-{name}", f"client of {name}", 100_000) for name in names]},
    )
    client, bucket = seaweedfs.client(), seaweedfs_bucket.removeprefix("s3://")
    client.put_bucket_policy(Bucket=bucket, Policy=no_deletes(bucket))
    runs: Counter[str] = Counter()
    with breaking(seaweedfs.endpoint, share=0.4) as proxy:
        settings = Settings(
            home=tmp_path / "home", vendor=vendor, archive_url=f"{seaweedfs_bucket}/main", s3_endpoint=proxy.endpoint,
            s3_region="us-east-1",
        )  # fmt: skip
        while not runs["Closed"] and runs.total() < MOST_RUNS:
            try:
                runs[settle_month(Period(2026, 1), Office.open(settings)).ending.title] += 1
            except StoreUnreachable:
                runs["StoreUnreachable"] += 1
    print(f"{MANY} statements, {runs.total()} runs:", dict(runs), dict(sorted(proxy.counts.items())))
    assert runs[Ending.CLOSED.title] == 1
    assert {fault for fault in FAULTS if proxy.counts[fault]} == set(FAULTS)

    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="main/test-partners/2026-01/")
    there = [item["Key"].removeprefix("main/") for page in pages for item in page["Contents"]]
    recorded = {str(row["key"]): str(row["sha256"]) for row in stored(Office.open(settings).database, "stored")}
    folder = "test-partners/2026-01/v1"
    assert sorted(there) == sorted([*recorded, f"{folder}/SHA256SUMS", f"{folder}/{SEAL}"])
    for key, digest in recorded.items():
        body = client.get_object(Bucket=bucket, Key=f"main/{key}")["Body"].read()
        assert sha256(body) == digest
    issued = [f"{folder}/statements/{name}/statement.{kind}" for name in names for kind in ("html", "json", "pdf")]
    assert sorted(key for key in there if "/statements/" in key) == issued
    with pytest.raises(ClientError, match="AccessDenied"):
        client.delete_object(Bucket=bucket, Key=f"main/{folder}/{SEAL}")
    trail = Counter(row["subject"] for row in stored(Office.open(settings).database, "audit")
                    if row["event"] == "statement.archived")  # fmt: skip
    assert trail == {f"{name}/2026-01/v1": 1 for name in names}
