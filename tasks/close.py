"""Close: the month's own files, SHA256SUMS, and the SEAL last. No seal, not finished."""

import csv
import gzip
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from sqlmodel import select

from models.canonical import canonical_json
from models.errors import StoredDifferently, WrongUse
from models.period import Version
from models.rows import AccrualRow, CorrectionRow, SealRow, StoredRow
from rules.archive.layout import (
    CONTROL_JSON,
    INPUTS_JSON,
    KEPT,
    LEDGER_JOURNAL,
    SEAL,
    SEAL_SIG,
    SHA256SUMS,
    VERIFY,
    Input,
    period_folder,
)
from rules.archive.seal import Seal, sha256sums
from rules.draft import inputs_of
from tasks.auditing.at_rest import must_be_at_rest
from tasks.auditing.evidence import evidence, sealed_facts
from tasks.auditing.kept import kept_json
from tasks.auditing.signing import sign
from tasks.database.database import Database
from tasks.database.lease import Epoch
from tasks.database.row_digests import ROWS_RECORDED, digest_of, rows_subject
from tasks.facts.approved import ApprovedMonth, last_seal, stored_keys, stored_row, the_approved_month
from tasks.facts.books import books
from tasks.step import step
from tasks.storage import Store, Stored

TOTALS = (
    "partner_id", "rule", "currency", "lines", "base_minor", "rate", "commission_minor", "paid_to", "segments", "kind",
)  # fmt: skip
RESULTS = (
    "lines.parquet", "accruals.parquet", "returns.parquet", "corrections.parquet", "expectations.json",
    "events.parquet", "event_expectations.json",
)  # fmt: skip
"""Results of the draft that stand beside the statements."""


class Closing(NamedTuple):
    """When a month is closed, and the key that signs its seal."""

    at: str
    key: Path | None = None  # None: the seal stays unsigned


@step(name="close")
def close(version: Version, database: Database, store: Store, epoch: Epoch, closing: Closing) -> SealRow:
    """Store the month's own files and the seal, record it, and return it. The next month may be approved."""
    month = the_approved_month(database, version)
    period, number = version.columns
    folder = period_folder(month.programme, version)
    rows = stored_keys(database, version)
    kept = (Input.named(month.programme, name) for name in inputs_of(month.draft).values())
    must_be_at_rest(store, [*(Input(row.key, row.sha256) for row in rows), *kept])
    own = [_put(store, f"{folder}/{name}", data) for name, data in _own_files(month, database, store)]
    files = [Stored(row.key, row.sha256, row.size) for row in rows]
    if versions := kept_json(store, folder, {file.key for file in [*files, *own]} - {f"{folder}/{KEPT}"}):
        own.append(_put(store, f"{folder}/{KEPT}", versions))
    listed = {file.key: file for file in [*files, *own]}.values()
    sums = store.put_once(f"{folder}/{SHA256SUMS}", sha256sums(listed, folder))
    with database.reading() as session:
        digests = {file.key.removeprefix(f"{folder}/"): file.sha256 for file in listed}
        facts = sealed_facts(month, session, store, digests)
    before = last_seal(database)
    seal = Seal(
        programme=month.programme,
        period=period,
        version=number,
        sha256sums=sums.sha256,
        files=len(listed),
        code=json.loads(month.draft)["code"],
        draft=month.draft_digest,
        control=json.loads(month.draft)["control"],
        previous=before.digest if before else "",
        signed=closing.key is not None,
        **facts,
    )
    _sign(seal, _read_seal(before, store, month.programme), store, closing.key)
    stored = store.put_once(f"{folder}/{SEAL}", seal.to_bytes())
    recorded = {file.key for file in files}
    new = [stored_row(file, version, "") for file in own if file.key not in recorded]
    every = digest_of(StoredRow, [*rows, *new])
    with database.writing(epoch, closing.at) as tx:
        row = SealRow(period=period, version=number, digest=stored.sha256, files=len(listed), sealed_at=tx.now)
        tx.add(*new, row)
        tx.record(ROWS_RECORDED, period=period, subject=rows_subject(StoredRow, version), about=every)
        tx.record("month.sealed", period=period, subject=month.programme, about=stored.sha256)
    return row


def _sign(seal: Seal, before: Seal | None, store: Store, key: Path | None) -> None:
    """Store the signature of a seal, where there is a key. Raises WrongUse where there has to be one."""
    signature = f"{period_folder(seal.programme, Version.of_columns(seal.period, seal.version))}/{SEAL_SIG}"
    if key is not None:
        store.put_once(signature, sign(seal.to_bytes(), key))
    elif (before is not None and before.signed) or store.find(signature):
        raise WrongUse(
            f"the seal of {seal.period} has to be signed, as the one before it was, or as a close began that was cut "
            f"off. Set SETTLE_SEAL_KEY, and run again: the month is approved, and only its seal is missing."
        )


def _read_seal(row: SealRow | None, store: Store, programme: str) -> Seal | None:
    if row is None:
        return None
    version = Version.of_columns(row.period, row.version)
    return Seal.parse(store.get(f"{period_folder(programme, version)}/{SEAL}", row.digest))


def _put(store: Store, key: str, data: bytes) -> Stored:
    """Store a file of the month. Other bytes with the same content, packed by another machine, stay as they are.

    So does the verify.py that a close by other code, cut off before its seal, has stored.
    """
    try:
        return store.put_once(key, data)
    except StoredDifferently:
        there = store.find(key) if key.endswith((".gz", f"/{VERIFY}")) else None
        if there is None:
            raise
        if key.endswith(".gz") and gzip.decompress(store.get(key, there.sha256)) != gzip.decompress(data):
            raise
        return there


def _own_files(month: ApprovedMonth, database: Database, store: Store) -> list[tuple[str, bytes]]:
    with database.reading() as session:
        period, number = month.version.columns
        accruals = session.exec(
            select(AccrualRow)
            .where(AccrualRow.period == period, AccrualRow.version == number)
            .order_by(AccrualRow.partner_id, AccrualRow.rule, AccrualRow.currency)
        ).all()
        corrections = session.exec(
            select(CorrectionRow)
            .where(CorrectionRow.period == period, CorrectionRow.version == number)
            .order_by(CorrectionRow.partner_id, CorrectionRow.rule, CorrectionRow.kind, CorrectionRow.paid_to)
        ).all()
        # A later version books nothing: the month that settles it does.
        journal = [(LEDGER_JOURNAL, books(session, month).encode())] if month.version.is_first else []
        for_auditors = list(evidence(month, session, store))
    beside = json.loads(month.control).get("beside", {})
    inputs = {"format": 1, "draft": month.draft_digest, "inputs": inputs_of(month.draft) | beside}
    return [
        *((name, store.get(*month.input(name))) for name in RESULTS if name in inputs_of(month.draft)),
        ("totals.csv", _totals_csv(accruals, corrections, month)),
        (CONTROL_JSON, month.control.encode()),
        ("draft.json", month.draft.encode()),
        *journal,
        (INPUTS_JSON, canonical_json(inputs)),
        *for_auditors,
    ]


def _totals_csv(accruals: Sequence[AccrualRow], corrections: Sequence[CorrectionRow], month: ApprovedMonth) -> bytes:
    """One row per partner and rule that earned, or had lines; then one per partner, rule and kind of correction."""
    text = io.StringIO()
    writer = csv.DictWriter(text, TOTALS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for accrual in accruals:
        segments = month.statements[accrual.partner_id].segments
        writer.writerow(accrual.model_dump() | {"segments": segments, "kind": "accrual"})
    for correction in corrections:
        segments = month.statements[correction.partner_id].segments
        writer.writerow({"lines": 0, "base_minor": 0, "rate": "", "segments": segments} | correction.model_dump())
    return text.getvalue().encode()
