"""Bundle: one statement as it stands in a sealed month, with all it takes to check it, and no other partner in it."""

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from models.canonical import canonical_json
from models.errors import NotStored, WrongUse
from models.period import Version
from rules.archive import merkle
from rules.archive.layout import (
    CLAIMS,
    INPUTS,
    SEAL,
    SEAL_SIG,
    STATEMENT_JSON,
    STATEMENTS,
    VERIFY,
    statement_path,
)
from tasks.auditing import verify
from tasks.storage.contents import Programme
from tasks.storage.sealed import SealedMonth, sealed_month

VERIFY_MD = """\
# How to check this statement

`statement.json` is the statement; the page and the paper show what it says. With Python alone:

    python3 verify.py .

It adds the statement up, compares `payments.csv` and `claims.csv` with it, and follows `proof.json` from the
statement's files to the `root` that SEAL names: the SHA-256 of a zero byte and the files' lines as `sha256sum` writes
them; then, for each neighbour, of a one byte and the two digests, left before right. So the statement is one of those
that were sealed.

That SEAL is the one that was made, two things show: its SHA-256, which `verify.py` prints, is the one that the vendor
gives for the month; and where there is SEAL.sig, its signature, by a key that you got from the vendor on another way:

    ssh-keygen -Y verify -f ALLOWED_SIGNERS -I {programme} -n settlement-seal -s SEAL.sig < SEAL

`programme.yaml` is the programme the statement cites as `digests.programme`, its SHA-256.
"""


def bundle(programme: Programme, version: Version, partner_id: str) -> dict[str, bytes]:
    """Return the files of a bundle by name. Raises NotStored, ChangedInStore; WrongUse for a month of format 1."""
    sealed = sealed_month(programme.store, programme.key(version), version)
    if sealed.seal.statements is None:
        raise WrongUse(f"{sealed.folder} was sealed before a statement could be proved alone: give the whole month.")
    if statement_path(partner_id, STATEMENT_JSON) not in sealed.digests:
        raise NotStored(f"{programme.store.url}/{sealed.folder} has no statement of {partner_id}.")
    own = f"{STATEMENTS}/{partner_id}/"
    files = {path.removeprefix(own): sealed.read(path) for path in sealed.digests if path.startswith(own)}
    statement = json.loads(files[STATEMENT_JSON])
    leaves = merkle.leaves(sealed.digests)
    proof = merkle.proof(list(leaves.values()), list(leaves).index(partner_id))
    signature = {SEAL_SIG: _read(programme, version, SEAL_SIG)} if sealed.seal.signed else {}
    clause = statement["digests"]["programme"]
    return files | {
        "payments.csv": _csv(statement["payments"]),
        "claims.csv": _csv(list(_claims(programme, version, statement))),
        "programme.yaml": programme.store.get(programme.key(INPUTS, f"{clause}.yaml"), clause),
        "proof.json": canonical_json({"leaf": leaves[partner_id], "neighbours": proof}),
        SEAL: sealed.seal.to_bytes(),
        **signature,
        VERIFY: Path(verify.__file__).read_bytes(),
        "VERIFY.md": VERIFY_MD.replace("{programme}", sealed.seal.programme).encode(),
    }


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return the files as a ZIP: the same files give the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _read(programme: Programme, version: Version, name: str) -> bytes:
    key = programme.key(version, name)
    stored = programme.store.find(key)
    if stored is None:
        raise NotStored(f"{programme.store.url}/{key} is missing.")
    return programme.store.get(key, stored.sha256)


def _claims(programme: Programme, version: Version, statement: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """The rows of the claims that the statement names, from the months that decided them."""
    rules: list[dict[str, object]] = statement["rules"]  # type: ignore[assignment]
    named = {
        client["claim_id"]
        for rule in rules
        if rule["bond"] == "claim"
        for client in rule["clients"]  # type: ignore[attr-defined]
    }
    for month in sorted(each for each in programme.versions if each <= version):
        if CLAIMS not in programme.versions[month] or SEAL not in programme.versions[month]:
            continue
        sealed: SealedMonth = sealed_month(programme.store, programme.key(month), month)
        for row in csv.DictReader(io.StringIO(gzip.decompress(sealed.read(CLAIMS)).decode())):
            if row["claim_id"] in named:
                yield {"decided_in": str(month), **row}


def _csv(rows: list[Mapping[str, object]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
