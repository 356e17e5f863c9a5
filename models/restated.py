"""A restatement: why a closed month has a later version, who made it, and what that version stands beside."""

from collections.abc import Mapping

from pydantic import Field

from models.period import PATTERN, Period, Version
from models.value import Value


class AcceptedRestatement(Value):
    """A restatement as the vendor's folder asks for it: the corrected files of a closed month, who made it, and why."""

    folder: str  # restatements/2026-05-v2
    version: Version
    made_by: str
    reason: str
    files: Mapping[str, bytes]  # by name

    @property
    def period(self) -> Period:
        return self.version.period


class SupersededStatement(Value):
    """A statement as it was issued before: what a later version of it stands beside."""

    statement: str  # partner/period/version
    number: str
    digest: str
    total_minor: int  # its commission, and the corrections on it


class Restated(Value):
    """What a later version of a month rests on, beside the inputs of the month."""

    period: str
    number: int  # of the version
    settled_in: str  # the month whose statements post the difference
    made_by: str
    reason: str
    superseded: Mapping[str, SupersededStatement]  # by partner: the newest statement that each has for the month

    @property
    def version(self) -> Version:
        return Version.of_columns(self.period, self.number)

    @property
    def settled_in_month(self) -> Period:
        return Period.parse(self.settled_in)


class Supersedes(Value):
    """What a restated statement says of the one it stands beside, and of the difference."""

    statement: str  # partner/period/version; blank where the partner had none
    of_number: str
    digest: str
    total_minor: int  # commission and corrections it stated
    difference_minor: int  # what this one states more; below 0: less
    settled_in: str  # the month whose statement posts the difference, as a restatement
    reason: str
    made_by: str  # who consented is who approved

    @property
    def comes_to_minor(self) -> int:
        """What the month comes to by the later statement."""
        return self.total_minor + self.difference_minor


class SealedRestatement(Value):
    """What the SEAL of a later version says of the one it stands beside, and of the month that settles it."""

    seal: str = Field(pattern=r"^[0-9a-f]{64}$")  # the digest of the SEAL of the version before
    settled_in: str = Field(pattern=PATTERN)
    draft: str = Field(pattern=r"^[0-9a-f]{64}$")  # of that month: what was consented to
    made_by: str
    reason: str
