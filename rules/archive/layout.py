"""The archive's layout: where each proof of a month lies. Keys carry ids, never names."""

import re
from typing import NamedTuple

from models.errors import BadInput
from models.period import Version

INPUTS = "inputs"
INPUTS_JSON = "inputs.json"
DRAFT = "draft.json"
SHA256SUMS = "SHA256SUMS"
SEAL = "SEAL"
SEAL_SIG = "SEAL.sig"
STATEMENTS = "statements"
STATEMENT_JSON = "statement.json"
CONTROL_JSON = "control.json"
LEDGER_JOURNAL = "ledger.journal"
RECEIVED = "received.csv.gz"
CLAIMS = "claims.csv.gz"
AUDIT = "audit.jsonl.gz"
VERIFY = "verify.py"
APPROVALS = "approvals.json"
KEPT = "kept.json"

VERSION = re.compile(r"(?P<period>[12][0-9]{3}-(?:0[1-9]|1[0-2]))/v(?P<number>[1-9]\d*)/(?P<path>.+)")
INPUT = re.compile(rf"{INPUTS}/(?P<name>[^/]+)")
INPUT_NAME = re.compile(r"(?P<sha256>[0-9a-f]{64})\.[A-Za-z0-9.]+")


def input_key(programme: str, sha256: str, ext: str) -> str:
    """Return the key of an input: its own digest. The same bytes are stored once, however often they are used."""
    return f"{_part(programme)}/{INPUTS}/{_part(f'{sha256}.{ext}')}"


class Input(NamedTuple):
    """Where an input or result of a draft lies, and the digest it has to have."""

    key: str
    sha256: str

    @classmethod
    def named(cls, programme: str, name: str) -> "Input":
        """The input that is called `{sha256}.{kind}` in a draft.

        >>> Input.named("uis-partners", "0a1b.parquet")
        Input(key='uis-partners/inputs/0a1b.parquet', sha256='0a1b')
        """
        sha256, _, kind = name.partition(".")
        return cls(input_key(programme, sha256, kind), sha256)


def period_folder(programme: str, version: Version) -> str:
    """Return the folder of one version of a month, without a slash at the end.

    >>> from models.period import Period
    >>> period_folder("uis-partners", Version(Period(2026, 1)))
    'uis-partners/2026-01/v1'
    """
    return f"{_part(programme)}/{version}"


def statement_key(programme: str, version: Version, partner_id: str, document: str) -> str:
    """Return the key of one document of a partner's statement.

    >>> from models.period import Period
    >>> statement_key("uis-partners", Version(Period(2026, 1)), "P-100", "statement.pdf")
    'uis-partners/2026-01/v1/statements/P-100/statement.pdf'
    """
    return f"{period_folder(programme, version)}/{statement_path(partner_id, document)}"


def statement_path(partner_id: str, document: str) -> str:
    """Return the path of a partner's document within the month's folder, as SHA256SUMS names it.

    >>> statement_path("P-100", "statement.pdf")
    'statements/P-100/statement.pdf'
    """
    return f"{STATEMENTS}/{_part(partner_id)}/{_part(document)}"


def locate(path: str) -> tuple[Version, str] | str | None:
    """Say what a key within a programme's folder is: a file of a version, the name of an input, or no part of it."""
    if match := VERSION.fullmatch(path):
        return Version.of_columns(match["period"], int(match["number"])), match["path"]
    if match := INPUT.fullmatch(path):
        return match["name"]
    return None


def digest_in(input_name: str) -> str | None:
    """The digest an input is named by, or None for a name that no input has."""
    match = INPUT_NAME.fullmatch(input_name)
    return match["sha256"] if match else None


def safe_key(key: str) -> str:
    """Return the key, if every store keeps it as it is written and inside its own folder; else raise BadInput."""
    if not key.isprintable() or "\\" in key or any(part == "" or part.startswith(".") for part in key.split("/")):
        raise BadInput(
            f"{key!r} cannot be a key of the archive: every part between slashes needs at least one character and "
            "must not begin with a dot, and backslashes and control characters are refused. "
            "Use other ids: keys are made of the ids of programme and partner."
        )
    return key


def _part(text: str) -> str:
    if "/" in text:  # it would land in somebody else's folder
        raise BadInput(f"{text!r} cannot be part of a key of the archive: it has a slash in it. Use an id without.")
    return safe_key(text)
