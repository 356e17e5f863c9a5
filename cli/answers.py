"""The fields of the JSON answers, command by command. docs/answers.md shows them as they are declared here."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from pydantic import Field

from cli.short_answers import SHORT_ANSWERS, Answer
from models.money import decimal_text, minor_digits

if TYPE_CHECKING:
    from flows.corrections.effects import Effect
    from flows.corrections.reconciling import Reconciliation
    from flows.corrections.restating import Restatement
    from flows.questions.check_installation import Check
    from flows.questions.month_status import AuditLine, MonthStatus
    from flows.result import Figures, MonthResult
    from models.period import Period
    from models.vendor import Tally
    from tasks.verify import Verification


class Count(Answer):
    """How many lines or events had one outcome, for one reason, in one currency."""

    outcome: str
    reason: str
    currency: str
    count: int
    amount_minor: int = Field(description="Minor units; of an amount that cannot be read, nothing is in it")
    unread: int = Field(description="How many of them have an amount that cannot be read")

    @classmethod
    def of(cls, tally: "Tally") -> "Count":
        return cls(
            outcome=tally.outcome,
            reason=tally.reason,
            currency=tally.currency,
            count=tally.lines,
            amount_minor=tally.amount_minor,
            unread=tally.unread,
        )


class Sums(Answer):
    """The figures of a month. Opening, commission and corrections are what is withheld, to pay and carried forward."""

    currency: str
    partners: int
    opening: str = Field(description="A decimal, in major units, as all amounts")
    commission: str
    corrections: str
    held: str = Field(description="Withheld of the payouts, less what is released of earlier ones")
    to_pay: str
    carried: str
    control: str = Field(description="Whether the vendor's own totals agree: agrees, disagrees, or absent")
    lines: list[Count]
    events: list[Count]

    @classmethod
    def of(cls, figures: "Figures") -> "Sums":
        digits = minor_digits(figures.currency)
        return cls(
            currency=figures.currency,
            partners=figures.partners,
            opening=decimal_text(figures.opening_minor, digits),
            commission=decimal_text(figures.commission_minor, digits),
            corrections=decimal_text(figures.corrections_minor, digits),
            held=decimal_text(figures.held_minor, digits),
            to_pay=decimal_text(figures.to_pay_minor, digits),
            carried=decimal_text(figures.carried_minor, digits),
            control=figures.control,
            lines=[Count.of(tally) for tally in figures.tallies],
            events=[Count.of(tally) for tally in figures.events],
        )


class Month(Answer):
    """Where a month stands after a run, or by its facts."""

    period: str
    ending: str = Field(description="Closed, ClosedBefore, Drafted, WaitingForApproval or Incomplete")
    draft: str = Field(description="The digest of its draft")
    figures: Sums
    archive: str = Field(description="The URL of its folder, whether or not it is there yet")
    failed: dict[str, str] = Field(description="The reason for each partner whose documents failed")
    missing: list[str] = Field(description="Partners whose documents are not archived")
    changes: list[str] = Field(description="The largest changes against the month before, in words")
    differing_inputs: list[str] = Field(description="Of a month that was closed before: inputs that differ by now")

    @classmethod
    def of(cls, result: "MonthResult") -> "Month":
        return cls(
            period=str(result.period),
            ending=result.ending.title,
            draft=result.draft_digest,
            figures=Sums.of(result.figures),
            archive=result.archive,
            failed=dict(result.failed),
            missing=list(result.missing),
            changes=list(result.changes),
            differing_inputs=list(result.differing_inputs),
        )


class RunMonth(Month):
    """A month that was run."""

    seconds: dict[str, float] = Field(description="How long each step took")

    @classmethod
    def of_run(cls, result: "MonthResult", seconds: Mapping[str, float]) -> "RunMonth":
        rounded = {name: round(each, 3) for name, each in seconds.items()}
        return cls(**Month.of(result).model_dump(), seconds=rounded)


class Run(Answer):
    """settle run"""

    months: list[RunMonth] = Field(description="In order; where one did not come to its end, it is the last")


class Entry(Answer):
    """An entry of the audit trail."""

    at: str
    event: str
    subject: str


class ListedMonth(Answer):
    """A month that has a draft or more."""

    period: str
    stage: str = Field(description="waiting, consented, approved or closed")
    draft: str = Field(description="The digest of its last draft")
    figures: Sums | None = Field(description="Null until it is approved")

    @classmethod
    def of(cls, month: "MonthStatus") -> "ListedMonth":
        return cls(
            period=str(month.period),
            stage=month.stage.value,
            draft=month.latest_draft,
            figures=None if month.figures is None else Sums.of(month.figures),
        )


class Status(Answer):
    """settle status"""

    programme: str | None
    database: str
    archive: str
    at_work: str | None = Field(description="Who settles now")
    months: list[ListedMonth]

    @classmethod
    def of(
        cls, programme: str | None, at_work: str | None, months: "Sequence[MonthStatus]", places: Mapping[str, str]
    ) -> "Status":
        listed = [ListedMonth.of(month) for month in months]
        return cls(programme=programme, at_work=at_work, months=listed, **places)


class MonthStatusAnswer(Answer):
    """settle status PERIOD"""

    period: str
    listed: ListedMonth | None = Field(description="Null where no draft of it was kept")
    month: Month | None = Field(description="Null until it is approved")
    audit: list[Entry] = Field(description="Its last entries in the audit trail")

    @classmethod
    def of(
        cls, period: "Period", listed: "MonthStatus | None", result: "MonthResult | None", audit: "Sequence[AuditLine]"
    ) -> "MonthStatusAnswer":
        return cls(
            period=str(period),
            listed=None if listed is None else ListedMonth.of(listed),
            month=None if result is None else Month.of(result),
            audit=[Entry(**entry._asdict()) for entry in audit],
        )


class Found(Answer):
    """What verify found."""

    severity: str = Field(description="error or warning")
    where: str
    words: str


class Verify(Answer):
    """settle verify"""

    url: str
    holds: bool
    months: int = Field(description="Sealed versions of months")
    files: int
    bytes: int
    findings: list[Found]
    kept: list[str] = Field(description="Where the store has versions or locks: how it keeps each month, in words")

    @classmethod
    def of(cls, url: str, report: "Verification") -> "Verify":
        return cls(
            url=url,
            holds=report.holds,
            months=report.periods,
            files=report.files,
            bytes=report.bytes,
            findings=[Found(severity=each.severity, where=each.where, words=each.words) for each in report.findings],
            kept=list(report.kept),
        )


class Explain(Answer):
    """settle explain"""

    partner: str
    period: str
    statement: dict[str, object] = Field(
        description="The statement's canonical JSON, as it was issued: every figure has its lines, clause and claim"
    )


class Looked(Answer):
    """One thing that doctor looked at."""

    passed: bool
    words: str
    looked_at: bool = Field(description="False where nothing named it, as the vendor folder")


class Doctor(Answer):
    """settle doctor"""

    passed: bool
    checks: list[Looked]

    @classmethod
    def of(cls, checks: "Sequence[Check]") -> "Doctor":
        return cls(
            passed=all(check.passed for check in checks),
            checks=[Looked(**check._asdict()) for check in checks],
        )


class Approve(Answer):
    """settle approve"""

    period: str
    draft: str = Field(description="The digest of the draft, in full")
    by: str
    signed: bool = Field(description="Whether a key of approvers.csv signed it")


class Reject(Answer):
    """settle reject"""

    period: str
    draft: str = Field(description="The digest of the draft, in full")
    by: str
    comment: str


class Difference(Answer):
    """A line that differs."""

    line_id: str
    change: str = Field(description="added, changed or missing")
    was: dict[str, str] = Field(description="What the line said; of a changed one only what differs")
    now: dict[str, str]


class PartnerEffect(Answer):
    """What the differences change for a partner."""

    partner: str
    was: str
    now: str
    settled: str = Field(description="What adjustments have put right already")
    open: str

    @classmethod
    def of(cls, effect: "Effect", currency: str) -> "PartnerEffect":
        digits = minor_digits(currency)
        return cls(
            partner=effect.partner_id,
            was=decimal_text(effect.was_minor, digits),
            now=decimal_text(effect.now_minor, digits),
            settled=decimal_text(effect.settled_minor, digits),
            open=decimal_text(effect.open_minor, digits),
        )


class Reconcile(Answer):
    """settle reconcile"""

    period: str
    currency: str
    lines: list[Difference]
    partners: list[PartnerEffect]
    given_back: list[str] = Field(description="Lines given back since: where there are any it cannot be accepted")
    adjustments_written: int

    @classmethod
    def of(cls, found: "Reconciliation", written: int = 0) -> "Reconcile":
        return cls(
            period=str(found.month),
            currency=found.currency,
            lines=[
                Difference(line_id=each.line_id, change=each.change.value, was=dict(each.was), now=dict(each.now))
                for each in found.changes
            ],
            partners=[PartnerEffect.of(each, found.currency) for each in found.effects],
            given_back=list(found.given_back),
            adjustments_written=written,
        )


class Restate(Answer):
    """settle restate"""

    period: str
    currency: str
    corrected: list[str] = Field(description="The files that were corrected")
    partners: list[PartnerEffect]
    version: str = Field(description="What it would be, as 2026-05/v2")
    against: list[str] = Field(description="Why it cannot be accepted")
    added: bool = Field(description="Whether it was put into the vendor folder now")

    @classmethod
    def of(cls, found: "Restatement", *, added: bool = False) -> "Restate":
        return cls(
            period=str(found.asked.period),
            currency=found.currency,
            corrected=list(found.asked.files),
            partners=[PartnerEffect.of(each, found.currency) for each in found.partners],
            version=str(found.asked.version),
            against=list(found.against),
            added=added,
        )


ANSWERS: Final[Mapping[str, type[Answer]]] = {
    "run": Run,
    "status": Status,
    "status PERIOD": MonthStatusAnswer,
    "explain": Explain,
    "verify": Verify,
    "reconcile": Reconcile,
    "approve": Approve,
    "reject": Reject,
    "doctor": Doctor,
    "restate": Restate,
    **SHORT_ANSWERS,
}
"""What `answer` holds, by command."""
