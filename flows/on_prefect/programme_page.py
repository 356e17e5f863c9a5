"""The page that answers "where are we": every month of the programme, whose turn it is, until when, and what to do."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta

from prefect.artifacts import create_markdown_artifact
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactCollectionFilter, ArtifactCollectionFilterKey
from prefect.settings import PREFECT_UI_URL

from flows.artifacts import escaped
from flows.office import Office
from flows.on_prefect.approval import DAYS
from flows.questions.month_status import MonthStatus, Stage, month_statuses
from models.errors import BadInput
from models.period import Period
from rules.due import CALENDAR
from tasks.clock import now
from tasks.facts.approved import programme_of
from tasks.vendor.calendar import read_calendar

NEXT = {
    Stage.WAITING: ("a person's", "Read approval, then press Resume on its run."),
    Stage.REJECTED: ("a person's", "Mend what the comment names, then run settle-month."),
    Stage.CONSENTED: ("the program's", "Run settle-month, or press Retry on its run."),
    Stage.APPROVED: ("a person's", "See failed, mend the cause, then press Retry on its run."),
}
"""Whose turn it is at each stage, and what to do; of a month that is closed it is nobody's."""

SHOWN = {
    Stage.WAITING: ("approval", "rejected-lines"),
    Stage.REJECTED: ("approval", "rejected-lines"),
    Stage.CONSENTED: ("approval", "rejected-lines"),
    Stage.APPROVED: ("failed", "documents", "rejected-lines"),
    Stage.CLOSED: ("summary", "documents", "rejected-lines"),
}
"""The artifacts of a month that are linked at each stage, of those that there are."""

LINKED = 36  # months of which artifacts are linked, at most: the server tells of 200 artifacts at a time


def publish_programme(office: Office) -> None:
    """Publish the artifact `programme`. Nothing where there is no database yet."""
    if office.database.exists():
        months = month_statuses(office)
        create_markdown_artifact(
            key="programme",
            markdown="\n".join(page(office, months, _shown(months))),
            description="Where each month stands, and what is next",
        )


def page(office: Office, months: Sequence[MonthStatus], shown: Collection[str] = ()) -> Iterator[str]:
    """The page in Markdown, the newest month first. `shown`: the keys of artifacts that there are."""
    name = escaped(programme_of(office.database) or "without a draft yet")
    yield f"Programme **{name}**, as of {now(office.settings)}."
    yield ""
    # Sentences, because the page cuts off what a table has on its right.
    for month in reversed(months):
        if month.stage in NEXT:
            yield from (_what_is_next(month), "")
    if months and months[-1].stage is Stage.CLOSED:
        coming = months[-1].period.next()
        due = _day_it_is_due(coming, office)
        yield f"**{coming}** is open: it is the program's turn{due}. Settle-month runs when the month is over."
        yield ""
    yield "| month | stands | to pay | look at |"
    yield "|:--|:--|--:|:--|"
    yield from (_row(month, shown) for month in reversed(months))


def _what_is_next(month: MonthStatus) -> str:
    turn, action = NEXT[month.stage]
    until = f", until {_last_day_to_answer(month)}" if month.stage is Stage.WAITING else ""
    return f"**{month.period}** is {month.stage}: it is {turn} turn{until}. {action}"


def _row(month: MonthStatus, shown: Collection[str]) -> str:
    paid = month.figures.money(month.figures.to_pay_minor) if month.figures else "not decided"
    links = ", ".join(
        f"[{word}]({PREFECT_UI_URL.value()}/artifacts/key/{key})"
        for word in SHOWN[month.stage]
        if (key := f"{word}-{month.period}") in shown
    )
    return f"| {month.period} | {month.stage} | {paid} | {links} |"


def _last_day_to_answer(month: MonthStatus) -> str:
    """The day on which a run that waits for an answer ends as Failed."""
    return str(date.fromisoformat(month.drafted_at[:10]) + timedelta(days=DAYS))


def _day_it_is_due(month: Period, office: Office) -> str:
    """The day from which on the clock settles a month; blank where this installation has no vendor folder."""
    if not office.settings.vendor:
        return ""
    try:
        return f", from {read_calendar(office.vendor_folder).due(month)} on"
    except BadInput:  # the run of that month will say which line it is
        return f", once {CALENDAR} can be carried out"


def _shown(months: Sequence[MonthStatus]) -> set[str]:
    """Which artifacts of the months there are on the server."""
    keys = [f"{word}-{month.period}" for month in months[-LINKED:] for word in SHOWN[month.stage]]
    asked = ArtifactCollectionFilter(key=ArtifactCollectionFilterKey(any_=keys))
    with get_client(sync_client=True) as client:
        return {found.key for found in client.read_latest_artifacts(artifact_filter=asked)}
