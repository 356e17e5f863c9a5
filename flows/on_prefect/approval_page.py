"""The page a person reads before answering the form: whose turn it is, what the month pays, and what moved."""

from collections.abc import Iterable, Iterator, Sequence

from prefect.artifacts import create_markdown_artifact
from sqlmodel import col, select

from flows.artifacts import escaped
from flows.office import Office
from flows.result import MonthResult
from models.money import grouped, major
from models.rows import DraftRow
from rules.draft import Draft
from rules.review import MOST_EXAMPLES, MOST_MOVES, bridge, differences, moves
from tasks.approve import rejected_by
from tasks.clock import now

MOST_DIFFERENCES = 50


def publish_question(result: MonthResult, office: Office) -> None:
    """Publish `approval-2026-10`: what is to be decided."""
    assert result.draft is not None, "a month that waits has a draft"
    month = str(result.period)
    create_markdown_artifact(
        key=f"approval-{month}",
        markdown="\n".join(page(result.draft, result, office)),
        description=f"{month} waits for a person's yes or no: press Resume on the run's page",
    )


def page(draft: Draft, result: MonthResult, office: Office) -> Iterator[str]:
    """The page in Markdown."""

    def money(minor: int) -> str:
        return f"{major(minor, draft.programme.currency)} {draft.programme.currency}"

    since = now(office.settings)
    yield f"**It is a person's turn**, since {since}. Press Resume on the run's page, and answer the form."
    if who := rejected_by(office.database, draft.digest):
        yield ""
        yield f"{escaped(who)} has rejected this very draft."
    yield from _table(
        (result.period, "to pay" if result.figures.to_pay_minor else "nothing is paid"),
        [[words, money(minor)] for words, minor in result.figures.owed()],
    )
    yield from _section("What changed since the draft before", _since_the_draft_before(draft, office))
    yield from _heading("From last month's commission to this month's")
    yield from _table(
        ("", "partners", "commission"),
        [[step.words, grouped(step.partners), money(step.amount_minor)] for step in bridge(draft)],
    )
    moved = moves(draft)
    yield from _heading(f"The largest moves ({min(len(moved), MOST_MOVES)} of {grouped(len(moved))})")
    yield from _table(
        ("partner", "last month", "now", "moved by"),
        [
            [move.partner, money(move.before_minor), money(move.now_minor), money(move.by_minor)]
            for move in moved[:MOST_MOVES]
        ],
    )
    born = [f"{bond.client_id} to {bond.partner_id}, claimed on {bond.claimed_on}" for bond in draft.attributions]
    yield from _section("New clients", born)
    yield from _section("What is odd, and what of the programme changed", draft.findings.warnings)
    faults = [
        f"{fault.source} row {fault.row}, line {fault.line_id}, {fault.column} {fault.value!r}: {fault.reason}"
        for fault in draft.findings.rejected
    ]
    yield from _section(f"Rejected lines ({grouped(draft.findings.faults)} faults)", faults)
    yield ""
    yield f"Draft `{draft.digest}`"


def _since_the_draft_before(draft: Draft, office: Office) -> list[str]:
    """What another draft of the month said that was kept before this one; nothing where there was none."""
    with office.database.reading() as session:
        made = select(DraftRow).where(DraftRow.period == str(draft.period), DraftRow.digest != draft.digest)
        before = session.exec(made.order_by(col(DraftRow.made_at).desc()).limit(1)).first()
        document = before.document if before else None
    if document is None:
        return []
    return list(differences(document, draft.document.decode(), draft.programme.currency))


def _heading(words: str) -> Iterator[str]:
    yield ""
    yield f"### {words}"


def _section(heading: str, said: Sequence[str]) -> Iterator[str]:
    if not said:
        return
    most = MOST_DIFFERENCES if len(said) > MOST_EXAMPLES else len(said)
    yield from _heading(heading)
    yield ""
    yield from (f"- {escaped(each)}" for each in said[:most])
    if len(said) > most:
        yield f"- and {grouped(len(said) - most)} more"


def _table(heads: Sequence[object], lines: Iterable[Sequence[str]]) -> Iterator[str]:
    yield ""
    yield f"| {' | '.join(str(head) for head in heads)} |"
    yield f"|:--|{'--:|' * (len(heads) - 1)}"
    for cells in lines:
        yield f"| {' | '.join(escaped(cell) for cell in cells)} |"
