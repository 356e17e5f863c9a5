"""The seal: the last object of a month's archive. It closes the month, and chains it to the month before."""

import re
from collections.abc import Iterable
from typing import Annotated, Literal, Protocol, Self

from pydantic import Field, ValidationError, model_validator

from models.canonical import canonical_json, sha256
from models.errors import BadInput
from models.period import PATTERN
from models.restated import SealedRestatement
from models.value import Value
from rules.archive.layout import safe_key

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

LATER = ("lock", "month", "next", "approved", "consents", "audit", "statements", "clock")
"""What a seal says since format 2."""

LINE = re.compile(r"(?P<sha256>[0-9a-f]{64})  (?P<path>.+)")


class Filed(Protocol):
    """An object by its key and digest."""

    @property
    def key(self) -> str: ...

    @property
    def sha256(self) -> str: ...


def sha256sums(files: Iterable[Filed], folder: str = "") -> bytes:
    """Return the list of files as `sha256sum -c` reads it: one digest and path a line, sorted by path.

    Keys that begin with `folder` are written relative to it, so that the list can be checked inside that folder.
    """
    digests = {file.key.removeprefix(f"{folder}/"): file.sha256 for file in files}
    return "".join(f"{digest}  {safe_key(path)}\n" for path, digest in sorted(digests.items())).encode()


def parse_sha256sums(data: bytes) -> dict[str, str]:
    """Return path -> digest. Raises BadInput, naming the line, for anything `sha256sums` would not have written."""
    digests: dict[str, str] = {}
    lines = data.decode(errors="replace").split("\n")
    if lines.pop():
        raise BadInput("SHA256SUMS does not end with a line feed: it was cut short.")
    for number, line in enumerate(lines, start=1):
        match = LINE.fullmatch(line)
        if not match or match["path"] in digests:
            fault = "names a file twice" if match else "is not 64 hexadecimal digits, two spaces and a path"
            raise BadInput(f"SHA256SUMS, line {number}, {fault}: {line!r}")
        digests[safe_key(match["path"])] = match["sha256"]
    return digests


class SealedApproval(Value):
    """When the month became facts, and by whom."""

    at: str
    by: str


class SealedConsent(Value):
    """One person's word on the draft."""

    at: str
    by: str
    role: str  # approved | prepared


class TrailHead(Value):
    """The last entry of the audit trail as of the approval."""

    seq: int
    digest: Digest


class SealedStatements(Value):
    """Which statements were issued: their numbers have no gap, and `root` stands for all their folders."""

    count: int = Field(ge=0)
    first: str  # the number; blank where there is no statement
    last: str
    root: Digest | Literal[""]


class Seal(Value):
    """What the seal says. It has no clock: the same month gives the same seal.

    Format 1 ends with `previous` and `signed`, which was false.
    """

    format: Literal[1, 2] = 1
    programme: str
    period: str = Field(pattern=PATTERN)
    version: int = Field(ge=1)
    sha256sums: Digest
    files: int = Field(ge=0)  # as many as SHA256SUMS lists
    code: str  # the version of this system that made the archive
    draft: Digest
    control: Literal["agrees", "absent"]  # absent: the source gave no control totals to compare with
    previous: Digest | Literal[""]  # the SEAL that was made before this one, of whichever month
    signed: bool = False  # SEAL.sig lies beside it
    lock: Digest | Literal[""] | None = None  # the SHA-256 of the lock file of what the code was installed with
    month: int | None = None  # which month of the programme it is: 1 is its first
    next: str | None = None  # the month that comes next
    approved: SealedApproval | None = None
    consents: tuple[SealedConsent, ...] | None = None
    approval: Literal["off", "on", "signed"] | None = None  # on is weak: names that somebody wrote; None: older
    audit: TrailHead | None = None
    statements: SealedStatements | None = None
    pinned: Digest | None = None  # of a month that settles restatements: the SEAL before theirs, as statements name it
    restates: SealedRestatement | None = None  # of a later version of a month
    clock: Literal["machine", "fixed"] | None = None  # fixed: by SETTLE_CLOCK, so the month is a test's

    @model_validator(mode="after")
    def _says_what_its_format_says(self) -> Self:
        later = [getattr(self, name) for name in LATER]
        if self.format == 1 and (self.signed or any(value is not None for value in later)):
            raise ValueError("a seal of format 1 does not say that")
        if self.format == 2 and any(value is None for value in later):
            raise ValueError("a seal of format 2 says more")
        return self

    def to_bytes(self) -> bytes:
        """The SEAL as it is archived."""
        return canonical_json(self.model_dump(mode="json", exclude_none=True))

    @property
    def digest(self) -> str:
        """What the next seal calls `previous`."""
        return sha256(self.to_bytes())

    @classmethod
    def parse(cls, data: bytes) -> "Seal":
        """Read a SEAL. Raises BadInput for bytes that no seal has."""
        try:
            seal = cls.model_validate_json(data, strict=True)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "the whole file"
            raise BadInput(f"SEAL cannot be read: {where}: {first['msg']}.") from error
        if seal.to_bytes() != data:
            raise BadInput("SEAL is not written the way seals are (sorted keys, no spaces, one line): it was changed.")
        return seal
