"""Recompute: a closed month worked out again from its archived inputs, and held against what was sealed."""

import csv
import gzip
import io
import json
from collections.abc import Iterator

from engine.draft import LINES, STATEMENTS, draft
from engine.frames.bodies import bodies_in
from engine.inputs import OTHER_MONTH
from models.canonical import sha256
from models.errors import InputsNotKept, SettlementError
from models.period import Version
from models.statement import Approved
from rules.archive.layout import (
    CLAIMS,
    CONTROL_JSON,
    DRAFT,
    INPUTS,
    RECEIVED,
    SHA256SUMS,
    STATEMENT_JSON,
    digest_in,
    statement_path,
)
from rules.archive.verification import Finding, error, warning
from rules.draft import Draft, totals
from rules.statement.issued import issued
from tasks.auditing.evidence import received_lines
from tasks.auditing.views import views_differ
from tasks.code_version import code_version
from tasks.gather import inputs_in
from tasks.storage.contents import Programme
from tasks.storage.sealed import SealedMonth, sealed_month


def recompute(programme: Programme, version: Version) -> Iterator[Finding]:
    """Yield what differs between a sealed month and the same month worked out again; nothing where it is the same.

    Reads the archive alone. The same code gives the draft's document and every statement byte for byte. Where other
    code closed the month, its figures are compared, and what is written otherwise is a warning.
    """
    folder = programme.key(version)
    try:
        sealed = sealed_month(programme.store, folder, version)
        inputs = inputs_in(sealed, version.period, lambda stored: _input(programme, stored))
        yield from _differences(programme, sealed, draft(inputs))
    except InputsNotKept as fault:
        yield warning(folder, f"cannot be worked out again: {fault}")
    except SettlementError as fault:
        yield error(folder, f"cannot be worked out again: {fault}")


def _input(programme: Programme, stored: str) -> bytes:
    return programme.store.get(programme.key(INPUTS, stored), digest_in(stored) or "")


def _differences(programme: Programme, sealed: SealedMonth, again: Draft) -> Iterator[Finding]:
    folder, archived = sealed.folder, sealed.read(DRAFT)
    said = json.loads(archived)
    same_code = said["code"] == code_version()
    if again.document != archived:
        now = json.loads(again.document)
        parts = [name for name in sorted(now.keys() | said.keys()) if now.get(name) != said.get(name)]
        figures = [totals(body) for body in again.statements] != said["statements"]
        words = f"worked out again, {' and '.join(parts) or 'its bytes'} are not what was approved"
        if same_code or figures:
            yield error(f"{folder}/{DRAFT}", words)
        else:
            yield warning(
                f"{folder}/{DRAFT}", f"{words}: {said['code']} closed the month, and this is {code_version()}"
            )
    yield from _results(programme, sealed, again, same_code=same_code)
    yield from _claims(sealed, again)
    yield from _statements(sealed, again, same_code=same_code)


def _results(programme: Programme, sealed: SealedMonth, again: Draft, *, same_code: bool) -> Iterator[Finding]:
    """The copies for people, in the month's folder, of what was worked out."""
    found = error if same_code else warning
    for name, data in again.results.items():
        if sealed.digests.get(name, sha256(data)) != sha256(data):
            yield found(f"{sealed.folder}/{name}", "is not what comes out when the month is worked out again")
    if RECEIVED in sealed.digests:
        beside = json.loads(sealed.read(CONTROL_JSON)).get("beside", {})
        others = _input(programme, beside[OTHER_MONTH]) if OTHER_MONTH in beside else None
        lines = gzip.decompress(received_lines(again.results[LINES], others))
        if gzip.decompress(sealed.read(RECEIVED)) != lines:
            yield found(
                f"{sealed.folder}/{RECEIVED}", "does not hold the lines that come out, and those of other months"
            )


def _claims(sealed: SealedMonth, again: Draft) -> Iterator[Finding]:
    if CLAIMS not in sealed.digests:
        return
    rows = csv.DictReader(io.StringIO(gzip.decompress(sealed.read(CLAIMS)).decode()))
    said = {tuple(row[name] for name in ("claim_id", "client_id", "partner_id", "outcome", "reason")) for row in rows}
    made = {(bond.claim_id, bond.client_id, bond.partner_id, "accepted", "") for bond in again.attributions}
    made |= {
        (lost.claim.claim_id, lost.claim.client_id, lost.claim.partner_id, "rejected", lost.reason)
        for lost in again.rejected_claims
    }
    for claim in sorted(said ^ made):
        words = "is there, and does not come out" if claim in said else "comes out, and is not there"
        said_of = " ".join(filter(None, claim))
        yield error(f"{sealed.folder}/{CLAIMS}", f"{said_of} {words} when the month is worked out again")


def _statements(sealed: SealedMonth, again: Draft, *, same_code: bool) -> Iterator[Finding]:
    """Each statement again: its body as worked out now, with the next number, and the approval all of them share."""
    wanted = {statement_path(body.partner_id, STATEMENT_JSON) for body in again.statements}
    for path in sorted({path for path in sealed.digests if path.endswith(f"/{STATEMENT_JSON}")} - wanted):
        yield error(f"{sealed.folder}/{path}", "does not come out when the month is worked out again")
    first: tuple[int, Approved] | None = None
    for count, (body, data) in enumerate(zip(again.statements, bodies_in(again.results[STATEMENTS]), strict=True)):
        path = statement_path(body.partner_id, STATEMENT_JSON)
        if path not in sealed.digests:
            yield error(f"{sealed.folder}/{path}", f"is missing: {SHA256SUMS} does not list it, and the month gives it")
            continue
        archived = sealed.read(path)
        if first is None:
            said = json.loads(archived)
            first = int(said["number"].rpartition("-")[2]) - count, Approved(**said["approved"])
        yield from views_differ(sealed, body.partner_id, archived, same_code=same_code)
        number = f"{again.numbered_in.year}-{first[0] + count:06d}"
        if issued(data, number, first[1], again.digest) == archived:
            continue
        words = "is not what comes out when the month is worked out again"
        if same_code:
            yield error(f"{sealed.folder}/{path}", words)
        else:
            yield warning(f"{sealed.folder}/{path}", f"{words} with {code_version()}; its figures are compared above")
