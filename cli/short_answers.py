"""The fields of the JSON answers of commands that say a few facts. Those that tell of months are in cli/answers.py."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, ConfigDict, Field

from models.money import decimal_text, minor_digits

if TYPE_CHECKING:
    from flows.corrections.adjusting import Adjusted
    from rules.programme.file import Programme
    from tasks.facts.audit import AuditEntry


class Answer(BaseModel):
    """What one command answers. Its schema is built when it is used: a command has one answer, and here are thirty."""

    model_config = ConfigDict(defer_build=True)


class Adjust(Answer):
    """settle adjust"""

    adjustment_id: str
    partner: str
    amount: str
    currency: str
    is_new: bool = Field(description="False where the row was there already")
    settles_in: str | None = Field(description="The month; null where a closed month has settled it")
    two_persons: bool = Field(description="Whether somebody else has to approve of that month")

    @classmethod
    def of(cls, done: "Adjusted") -> "Adjust":
        each = done.adjustment
        return cls(
            adjustment_id=each.adjustment_id,
            partner=each.partner_id,
            amount=decimal_text(each.amount_minor, minor_digits(done.currency)),
            currency=done.currency,
            is_new=done.is_new,
            settles_in=None if done.settles_in is None else str(done.settles_in),
            two_persons=done.two_persons,
        )


class Sample(Answer):
    """settle sample"""

    folder: str
    lines: dict[str, int] = Field(description="By month, how many billing lines")


class Fetched(Answer):
    """settle download, settle bundle"""

    to: str
    files: list[str]
    recorded: str = Field(description="Where it was recorded that the statement was handed over, in words")


class AnchoredSeal(Answer):
    """A seal whose digest is kept."""

    key: str = Field(description="The folder of the month's version, in the archive")
    sha256: str


class Anchor(Answer):
    """settle anchor"""

    archive: str
    anchor: str
    seals: list[AnchoredSeal]


class AuditExport(Answer):
    """settle audit export"""

    file: str
    entries: int


class AuditCheck(Answer):
    """settle audit check"""

    file: str
    holds: bool = Field(description="False also where the file has no entry")
    entries: int
    last: str | None = Field(description="The digest of its last entry")
    broken: list[str] = Field(description="What does not hold, in words")

    @classmethod
    def of(cls, file: str, entries: "Sequence[AuditEntry]", broken: Sequence[str]) -> "AuditCheck":
        last = entries[-1].digest if entries else None
        holds = bool(entries) and not broken
        return cls(file=file, holds=holds, entries=len(entries), last=last, broken=list(broken))


class CheckedProgramme(Answer):
    """settle programme check, settle programme show"""

    programme: str
    digest: str
    starts: str
    currency: str
    plans: dict[str, list[str]] = Field(description="The months from which each plan's dated blocks hold")

    @classmethod
    def of(cls, programme: "Programme") -> "CheckedProgramme":
        return cls(
            programme=programme.programme,
            digest=programme.digest,
            starts=str(programme.starts),
            currency=programme.currency,
            plans={name: [str(block.from_) for block in blocks] for name, blocks in programme.plans.items()},
        )


class ProgrammeDiff(Answer):
    """settle programme diff"""

    changes: list[str] = Field(description="In words, with what a base of 100 000.00 earned and earns")
    refused: list[str] = Field(description="The changes a run will refuse; none where two files are compared")


class ProgrammeSchema(Answer):
    """settle programme schema"""

    json_schema: dict[str, object]


class ProgrammePlans(Answer):
    """settle programme plans"""

    plans: dict[str, str] = Field(description="By name, the page of each in Markdown")


class Export(Answer):
    """settle export"""

    period: str
    file: str
    rows: dict[str, int] = Field(description="How many rows each table has")


class Init(Answer):
    """settle init"""

    folder: str
    files: list[str]
    starts: str = Field(description="The first month")


SHORT_ANSWERS: Final[dict[str, type[Answer]]] = {
    "export": Export,
    "init": Init,
    "adjust": Adjust,
    "download": Fetched,
    "bundle": Fetched,
    "anchor": Anchor,
    "sample": Sample,
    "audit export": AuditExport,
    "audit check": AuditCheck,
    "programme check": CheckedProgramme,
    "programme show": CheckedProgramme,
    "programme diff": ProgrammeDiff,
    "programme schema": ProgrammeSchema,
    "programme plans": ProgrammePlans,
}
"""What `answer` holds, by command."""
