"""Recompute: a closed month worked out again from its archived inputs, and held against what was sealed."""

import json
from collections.abc import Iterator

from engine.draft import STATEMENTS, bodies_in, draft
from models.errors import InputsNotKept, SettlementError
from models.period import Version
from models.statement import Approved
from rules.archive.layout import DRAFT, INPUTS, SHA256SUMS, STATEMENT_JSON, digest_in, statement_path
from rules.archive.verification import Finding, error, warning
from rules.draft import Draft, totals
from rules.statement import issued
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
        yield from _differences(sealed, draft(inputs))
    except InputsNotKept as fault:
        yield warning(folder, f"cannot be worked out again: {fault}")
    except SettlementError as fault:
        yield error(folder, f"cannot be worked out again: {fault}")


def _input(programme: Programme, stored: str) -> bytes:
    return programme.store.get(programme.key(INPUTS, stored), digest_in(stored) or "")


def _differences(sealed: SealedMonth, again: Draft) -> Iterator[Finding]:
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
    yield from _statements(sealed, again, same_code=same_code)


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
        number = f"{again.period.year}-{first[0] + count:06d}"
        if issued(data, number, first[1], again.digest) == archived:
            continue
        words = "is not what comes out when the month is worked out again"
        if same_code:
            yield error(f"{sealed.folder}/{path}", words)
        else:
            yield warning(f"{sealed.folder}/{path}", f"{words} with {code_version()}; its figures are compared above")
