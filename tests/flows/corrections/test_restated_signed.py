"""A month restated where it is hardest: PostgreSQL, an S3 store, signed consents and seals, a payout withheld.

By commands alone. January earned a 100.00 and b 50.00 at 10 %, and b is withheld. February earned a 10.00, and 20.00
were given by hand, so v1 of a came to 30.00; b earned 30.00. At 12 % February is 12.00 + 20.00 and 36.00: March posts
2.00 and 6.00, and takes 6.00 for the half of L3 that was given back, at the 12 % of v2.
"""

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from models.formats import read_statement
from models.statement import Statement
from tests.flows.consent.test_signed_approval import COLUMNS
from tests.flows.corrections.restated_january import right_rate
from tests.flows.corrections.test_refunds import HEADING, TEN, sale
from tests.keys import made_key as key
from tests.made.vendors import claim, partner, write_csv, write_vendor
from tests.runs import finished
from tests.servers.seaweedfs import SeaweedFS

pytestmark = pytest.mark.slow

PROGRAMME = HEADING.format(refunds="original_rate\napproval: signed\ntwo_persons: on") + TEN


class Desk:
    """Commands, each a process of its own, and what they print."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.vendor = write_vendor(
            folder / "vendor",
            programme=PROGRAMME,
            partners=[partner("a"), partner("b")],
            claims=[claim("C1", "a"), claim("C2", "b")],
            billing={
                "2026-01.csv": [sale("L1", 1000, "2026-01-10"), sale("L2", 500, "2026-01-11", client_id="C2")],
                "2026-02.csv": [sale("L3", 100, "2026-02-10"), sale("L4", 300, "2026-02-11", client_id="C2")],
                "2026-03.csv": [sale("L5", 100, "2026-03-10"), sale("L6", -50, "2026-03-11", "L3")],
            },
        )
        public = {name: key(folder / "keys", name).with_suffix(".pub").read_text().strip() for name in ("anna", "petr")}
        rows = [{"name": name, "key": text, "from": "2026-01"} for name, text in public.items()]
        write_csv(self.vendor / "approvers.csv", rows, COLUMNS)
        seal_key = key(folder / "keys", "seals")
        self.signers = folder / "signers"
        self.signers.write_text(
            f'test-partners namespaces="settlement-seal" {seal_key.with_suffix(".pub").read_text()}'
        )
        self.environment = {
            "SETTLE_HOME": str(folder / "home"), "SETTLE_VENDOR": str(self.vendor), "SETTLE_SEAL_KEY": str(seal_key),
            "SETTLE_CLOCK": "2026-12-03T03:00:00Z",
        } | dict(environment)  # fmt: skip

    def run(self, *arguments: str, ends: int = 0) -> str:
        log = self.folder / "printed"
        log.unlink(missing_ok=True)
        assert finished(arguments, self.environment, log) == ends, log.read_text()
        return log.read_text()

    def close(self, month: str, *holds: str) -> None:
        """Close a month as anna, who withholds, and petr, who is the second person, sign it."""
        said = [word for hold in holds for word in ("--hold", hold)]
        for name in ("anna", "petr"):
            (digest,) = set(re.findall(r"--digest ([0-9a-f]{64})", self.run("run", month, ends=4)))
            yes = ("approve", month, "--digest", digest, "--by", name, "--sign", str(self.folder / "keys" / name))
            self.run(*yes, *(said if name == "anna" else ()))
            if not said:
                break
        self.run("run", month)


def taken_home(seaweedfs: SeaweedFS, bucket: str, folder: Path) -> Path:
    """The archive as an auditor copies it."""
    client, name = seaweedfs.client(), bucket.removeprefix("s3://")
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=name):
        for each in page.get("Contents", ()):
            path = folder / each["Key"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(client.get_object(Bucket=name, Key=each["Key"])["Body"].read())
    return folder


def statement(archive: Path, name: str, who: str) -> Statement:
    return read_statement((archive / "test-partners" / name / f"statements/{who}/statement.json").read_bytes())


def totals(archive: Path, name: str, who: str) -> dict[str, int]:
    entries = statement(archive, name, who).summary.entries
    return {each.kind.value: each.amount_minor for each in entries if each.amount_minor}


def test_a_month_is_restated_on_postgresql_and_s3_with_signatures_and_a_payout_withheld(
    tmp_path: Path, postgres_url: str, seaweedfs: SeaweedFS, seaweedfs_bucket: str
) -> None:
    there = {"SETTLE_DATABASE_URL": postgres_url, "SETTLE_ARCHIVE_URL": seaweedfs_bucket} | seaweedfs.environment()
    desk = Desk(tmp_path, there)
    desk.close("2026-01", "b=the tax id is missing")
    desk.run(
        "adjust", "a", "--amount", "20.00", "--id", "A1", "--why", "a fair", "--evidence", "a mail", "--by", "olga"
    )
    desk.close("2026-02")
    right = right_rate(tmp_path / "right", desk.vendor)
    restate = ("restate", "2026-02", "--with", str(right))
    assert "a: was 30.00, would be 32.00; open 2.00" in desk.run(*restate)
    desk.run(*restate, "--accept", "--by", "olga", "--reason", "12 % by contract")
    desk.close("2026-03")

    archive = taken_home(seaweedfs, seaweedfs_bucket, tmp_path / "copy")
    assert totals(archive, "2026-02/v1", "a") == {"commission": 10_00, "adjustment": 20_00, "to_pay": -30_00}
    assert totals(archive, "2026-02/v2", "a") == {"commission": 12_00, "adjustment": 20_00, "to_pay": -32_00}
    # What is given by hand in the month itself stands on each version as of that version.
    for version in ("2026-02/v1", "2026-02/v2"):
        (entry,) = statement(archive, version, "a").corrections
        assert (entry.refund_id, entry.cites) == ("A1", f"a/{version}")
    assert totals(archive, "2026-03/v1", "a") == {
        "commission": 10_00, "clawback": -6_00, "restatement": 2_00, "to_pay": -6_00,
    }  # fmt: skip
    assert totals(archive, "2026-02/v2", "b") == {"commission": 36_00, "held": -36_00}
    assert totals(archive, "2026-03/v1", "b") == {"restatement": 6_00, "held": -6_00}

    signers = ("--allowed-signers", str(desk.signers))
    assert_holds(desk.run("verify", seaweedfs_bucket, "--recompute", *signers))
    assert_holds(desk.run("verify", archive.as_uri(), "--recompute", *signers))
    desk.run("doctor")
    alone = [sys.executable, "-I", str(archive / "test-partners/2026-03/v1/verify.py"), str(archive), *signers]
    done = subprocess.run(alone, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def assert_holds(said: str) -> None:
    assert "error" not in said
    assert "4 sealed months" in said
