"""The worked example as a golden quarter: from billing files to archived statements, every kopeck, both tier modes."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.made import oracle
from tests.made.vendors import archived, claim, digests, office, partner, settle, write_csv, write_vendor
from tests.servers.seaweedfs import SeaweedFS


def example(folder: Path, by: str) -> Path:
    """The example as a vendor folder, with control totals of its own."""
    billing: dict[str, list[dict[str, Any]]] = {f"{month}.csv": [] for month in oracle.MONTHS}
    for payment in oracle.PAYMENTS:
        paid_in_its_month = payment.value_date.startswith(payment.posted_in)
        billing[f"{payment.posted_in}.csv"].append(
            {
                "line_id": payment.payment_id,
                "invoice_id": payment.invoice_id,
                "client_id": payment.client,
                "client_name": payment.client,
                "product_code": payment.category,
                "category": payment.category,
                "quantity": "1",
                "amount": payment.gross,
                "currency": "RUB",
                "issued_on": "2025-12-31",
                "paid_on": payment.value_date,
                "posted_on": payment.value_date if paid_in_its_month else f"{payment.posted_in}-09",
                "kind": "charge",
                "vat_rate": payment.vat_percent,
            }
        )
    for refund in oracle.REFUNDS:
        sale = next(line for lines in billing.values() for line in lines if line["line_id"] == refund.payment_id)
        given = {"line_id": refund.refund_id, "amount": f"-{refund.gross}", "kind": "credit_note"}
        days = dict.fromkeys(("issued_on", "paid_on", "posted_on"), refund.day)
        billing[f"{refund.day[:7]}.csv"].append({**sale, **given, **days, "refunds_line_id": refund.payment_id})
    for name, lines in billing.items():
        columns = [column for column in lines[0] if column != "amount_minor"]
        write_csv(folder / "billing" / name, lines, columns)
    return write_vendor(
        folder,
        programme=oracle.programme(by),
        partners=[
            partner(oracle.PARTNER, name="Integrator", parent_id=oracle.PARENT),
            partner(oracle.PARENT, name="Parent", plan="parent", parent_id=""),
        ],
        claims=[claim(client, oracle.PARTNER, claimed_on=oracle.ATTRIBUTED_FROM) for client in oracle.CLIENTS],
        control=[
            {
                "period": period,
                "currency": "RUB",
                "lines": total.payments + sum(refund.day.startswith(period) for refund in oracle.REFUNDS),
                "amount_minor": oracle.minor(total.gross)
                - sum(oracle.minor(refund.gross) for refund in oracle.REFUNDS if refund.day.startswith(period)),
            }
            for period, total in oracle.CONTROL.items()
        ],
    )


def statement_of(home: Path, period: str, partner_id: str = oracle.PARTNER) -> dict[str, Any]:
    path = archived(home, period, "uis-partners") / "statements" / partner_id / "statement.json"
    statement: dict[str, Any] = json.loads(path.read_text())
    return statement


@pytest.mark.parametrize("by", ["volume", "graduated"])
def test_a_quarter_comes_out_to_the_kopeck(by: str, tmp_path: Path) -> None:
    results = settle(tmp_path / "home", example(tmp_path / "vendor", by), *oracle.MONTHS)

    assert [result.figures.control for result in results] == ["agrees"] * 3
    for period in oracle.MONTHS:
        statement = statement_of(tmp_path / "home", period)
        found = {rule["rule"]: rule for rule in statement["rules"]}
        for total in oracle.totals(period, by):
            rule = found[total.rule]
            assert rule["base_minor"] == oracle.minor(total.base)
            assert rule["exact"] == total.exact
            assert rule["commission_minor"] == oracle.minor(total.commission)
            assert [
                (line["client_id"], line["base_minor"], line["exact"], line["commission_minor"])
                for line in rule["clients"]
            ] == [
                (line.client, oracle.minor(line.base), line.exact, oracle.minor(line.commission))
                for line in total.lines
            ]
            assert [
                (step["from_minor"], step["rate"], step["base_minor"], step["exact"])
                for step in rule["steps"]
                if by == "graduated" and total.slices
            ] == [
                (oracle.minor(part.starts_at), part.rate, oracle.minor(part.base), part.exact) for part in total.slices
            ]
        taken = [row for row in oracle.REFUNDS if row.day.startswith(period)]
        assert [
            (row["refund_id"], row["sale_id"], row["cites"], row["commission_minor"])
            for row in statement["corrections"]
        ] == [(row.refund_id, row.payment_id, "P-100/2026-01/v1", oracle.minor(getattr(row, by))) for row in taken]
        control = oracle.CONTROL[period]
        assert sum(payment["amount_minor"] for payment in statement["payments"]) == oracle.minor(control.gross)
        assert sum(payment["base_minor"] for payment in statement["payments"]) == oracle.minor(control.base)


@pytest.mark.parametrize("by", ["volume", "graduated"])
def test_the_parents_override_follows_what_its_junior_gave_back(by: str, tmp_path: Path) -> None:
    settle(tmp_path / "home", example(tmp_path / "vendor", by), *oracle.MONTHS)
    for expected in oracle.PARENTS:
        if expected.by == by:
            junior = statement_of(tmp_path / "home", expected.period)["summary"]
            summary = statement_of(tmp_path / "home", expected.period, oracle.PARENT)["summary"]
            assert junior["commission_minor"] + junior["corrections_minor"] == oracle.minor(expected.junior_net)
            assert summary["commission_minor"] + summary["corrections_minor"] == oracle.minor(expected.override)
            assert [summary[name] for name in ("opening_minor", "to_pay_minor", "carried_minor")] == [
                oracle.minor(each) for each in (expected.opening, expected.to_pay, expected.carried)
            ]


def test_the_statement_names_the_tier_and_what_the_next_one_needed(tmp_path: Path) -> None:
    settle(tmp_path / "home", example(tmp_path / "vendor", "volume"), *oracle.MONTHS)
    (tier,) = [r["tier"] for r in statement_of(tmp_path / "home", "2026-03")["rules"] if r["rule"] == "telephony"]
    assert (tier["position"], tier["rate"], tier["measure_minor"]) == (3, "12", 99_999_999)
    # One kopeck more would have paid 15 %: 30 000.00 more on this base, to the kopeck.
    assert tier["next"] == {
        "starts_at_minor": 100_000_000,
        "rate": "15",
        "distance_minor": 1,
        "gain_minor": 3_000_000,
    }


@pytest.mark.skipif(
    not shutil.which("hledger"), reason="hledger is not installed: its check of the ledger was left out"
)
def test_hledger_accepts_the_ledger_of_every_month(tmp_path: Path) -> None:
    settle(tmp_path / "home", example(tmp_path / "vendor", "volume"), *oracle.MONTHS)
    for period in oracle.MONTHS:
        journal = archived(tmp_path / "home", period, "uis-partners") / "ledger.journal"
        subprocess.run(["hledger", "-f", str(journal), "check", "--strict"], check=True)


@pytest.mark.slow
def test_postgresql_and_s3_give_the_same_archive_as_sqlite_and_a_directory(
    tmp_path: Path, postgres_url: str, seaweedfs: SeaweedFS, seaweedfs_bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor = example(tmp_path / "vendor", "graduated")
    settle(tmp_path / "home", vendor, *oracle.MONTHS)
    for name, value in seaweedfs.environment().items():
        monkeypatch.setenv(name, value)
    other = {"database_url": postgres_url, "archive_url": seaweedfs_bucket, "s3_endpoint": seaweedfs.endpoint}
    settle(tmp_path / "other", vendor, *oracle.MONTHS, **other)
    store = office(tmp_path / "other", vendor, **other).store
    found = {key: stored.sha256 for key in store.keys("") if (stored := store.find(key))}
    assert found == {
        key: digest for key, digest in digests(tmp_path / "home" / "archive").items() if not key.startswith(".")
    }
