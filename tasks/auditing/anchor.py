"""Anchor: the digest of each SEAL, kept in another store, so that a last month that was taken away is missed."""

import json
import re
from collections.abc import Iterator, Mapping

from models.canonical import canonical_json
from models.period import Version
from rules.archive.verification import Finding, error, warning
from tasks.storage import Store

KEY = re.compile(r"(?P<programme>[^/]+)/(?P<period>\d{4}-\d\d)-v(?P<number>[1-9]\d*)\.json")


def anchor(store: Store, programme: str, version: Version, digest: str) -> None:
    """Keep the digest of a SEAL. The same again changes nothing; raises StoredDifferently where another was kept."""
    period, number = version.columns
    data = canonical_json({"period": period, "programme": programme, "seal": digest, "version": number})
    store.put_once(f"{programme}/{period}-v{number}.json", data)


def anchored(store: Store, programme: str) -> dict[Version, str]:
    """Return the digests that are kept of a programme's SEALs."""
    found = {}
    for key in store.keys(f"{programme}/"):
        if match := KEY.fullmatch(key):
            stored = store.find(key)
            said = json.loads(store.get(key, stored.sha256)) if stored else {}
            found[Version.of_columns(match["period"], int(match["number"]))] = str(said.get("seal", ""))
    return found


def judge(folder: str, kept: Mapping[Version, str], sealed: Mapping[Version, str]) -> Iterator[Finding]:
    """Yield what differs between the digests that were kept elsewhere and the SEALs of the archive."""
    for version, digest in sorted(kept.items()):
        if version not in sealed:
            yield error(f"{folder}{version}", f"was closed, the anchor says, and is not there: its SEAL is {digest}")
        elif sealed[version] != digest:
            yield error(f"{folder}{version}/SEAL", f"is {sealed[version]}, and {digest} was anchored")
    for version in sorted(sealed.keys() - kept.keys()):
        yield warning(f"{folder}{version}/SEAL", "is not anchored: `settle anchor` does it")
