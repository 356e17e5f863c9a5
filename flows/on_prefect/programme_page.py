"""The page that answers "where are we": every month of the programme, whose turn it is, and what to do next."""

from collections.abc import Iterator

from prefect.artifacts import create_markdown_artifact

from flows.artifacts import escaped
from flows.office import Office
from flows.questions.month_status import MonthStatus, Stage, month_statuses
from tasks.clock import now
from tasks.facts.approved import programme_of

NEXT = {
    Stage.WAITING: ("a person's", "read the artifact approval of the month, and press Resume on its run"),
    Stage.REJECTED: ("a person's", "mend what the comment names, then run settle-month"),
    Stage.CONSENTED: ("the program's", "run settle-month, or press Retry on its run"),
    Stage.APPROVED: ("a person's", "see the artifact failed of the month, mend the cause, then press Retry on its run"),
    Stage.CLOSED: ("nobody's", "nothing: all is archived and sealed"),
}
"""Whose turn it is at each stage, and what to do."""


def publish_programme(office: Office) -> None:
    """Publish the artifact `programme`. Nothing where there is no database yet."""
    if office.database.exists():
        create_markdown_artifact(
            key="programme", markdown="\n".join(page(office)), description="Where each month stands, and what is next"
        )


def page(office: Office) -> Iterator[str]:
    """The page in Markdown, the newest month first."""
    name = escaped(programme_of(office.database) or "without a draft yet")
    yield f"Programme **{name}**, as of {now(office.settings)}."
    yield ""
    yield "| month | stands | to pay | whose turn | what to do |"
    yield "|:--|:--|--:|:--|:--|"
    months = month_statuses(office)
    yield from (_row(month) for month in reversed(months))
    if months and months[-1].stage is Stage.CLOSED:
        yield f"| {months[-1].period.next()} | open | | the program's | settle-month, when the month is over |"


def _row(month: MonthStatus) -> str:
    paid = month.figures.money(month.figures.to_pay_minor) if month.figures else "not decided"
    turn, action = NEXT[month.stage]
    return f"| {month.period} | {month.stage} | {paid} | {turn} | {action} |"
