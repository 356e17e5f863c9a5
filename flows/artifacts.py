"""Artifacts: the tables and summaries on a month's page in Prefect. They only show; the facts are in our database.

Each kind is published by every run, also when there is nothing in it: the page shows the newest of a kind,
and must not go on showing a failure that was mended.
"""

import re
from collections.abc import Iterator

from prefect.artifacts import create_markdown_artifact, create_table_artifact

from flows.result import TO_PAY, Ending, MonthResult, amount_text
from models.billing import Outcome
from models.money import grouped
from tasks.code_version import code_version

MOST_ROWS = 200  # of a table: a larger one makes the page slow; its title says how many there are
APPROVED = (Ending.CLOSED, Ending.CLOSED_BEFORE, Ending.INCOMPLETE)

Row = dict[str, str]


def publish(result: MonthResult) -> None:
    """Publish a month's artifacts: summary, open and rejected lines by reason, failed partners."""
    month = str(result.period)
    summary = "\n".join(_summary(result))
    create_markdown_artifact(key=f"summary-{month}", markdown=summary, description=result.headline())
    for outcome in (Outcome.OPEN, Outcome.REJECTED):
        _publish_table(
            f"{outcome.value}-{month}", _rows_of(result, outcome), f"{month}: {outcome.value} lines, by reason"
        )
    if result.ending in APPROVED:
        create_markdown_artifact(
            key=f"failed-{month}",
            markdown="\n".join(_failures(result)),
            description=f"{month}: partners without documents; Retry makes only theirs",
        )


def _publish_table(key: str, rows: list[Row], description: str) -> None:
    if not rows:
        description += " (there are none)"
    elif len(rows) > MOST_ROWS:
        description += f" (the first {MOST_ROWS} of {grouped(len(rows))})"
    shown = [{name: escaped(text) for name, text in row.items()} for row in rows[:MOST_ROWS]]
    create_table_artifact(key=key, table=shown, description=description)


def _summary(result: MonthResult) -> Iterator[str]:
    """The figures in Markdown."""
    figures = result.figures
    yield f"| {result.period} | {result.ending.title} |"
    yield "|:--|--:|"
    yield f"| partners | {grouped(figures.partners)} |"
    for words, minor in figures.owed():
        bold = "**" if words == TO_PAY else ""
        yield f"| {bold}{words}{bold} | {bold}{figures.money(minor)}{bold} |"
    yield f"| lines received | {grouped(figures.lines_received)} |"
    yield f"| the vendor's control totals | {figures.control} |"
    yield ""
    yield "What became of the lines:"
    yield ""
    yield "| | reason | lines | sum | |"
    yield "|:--|:--|--:|--:|:--|"
    for outcome in Outcome:
        for row in _rows_of(result, outcome):
            cells = (outcome.value.replace("_", " "), row["reason"], row["lines"], row["sum"], row["currency"])
            yield f"| {' | '.join(escaped(cell) for cell in cells)} |"
    if figures.events:
        yield ""
        yield "What became of the events:"
        yield ""
        yield "| | reason | events |"
        yield "|:--|:--|--:|"
        for tally in figures.events:
            yield f"| {escaped(tally.outcome.replace('_', ' '))} | {escaped(tally.reason)} | {grouped(tally.lines)} |"
    if result.changes:
        yield ""
        yield "Largest changes against last month:"
        yield ""
        yield from (f"- {escaped(change)}" for change in result.changes)
    yield ""
    yield f"Draft `{result.draft_digest}`"
    yield ""
    yield f"This run's code: `{code_version()}`"


def escaped(text: str) -> str:
    """Text with Markdown's signs escaped: Prefect reads cells as Markdown, and the vendor's files may hold anything."""
    return re.sub(r"([\\`*_\[\]<>|#~$&])", r"\\\1", " ".join(text.split()))


def _rows_of(result: MonthResult, outcome: Outcome) -> list[Row]:
    return [
        {"reason": tally.reason, "lines": grouped(tally.lines), "sum": amount_text(tally), "currency": tally.currency}
        for tally in sorted(result.figures.tallies, key=lambda tally: (tally.reason, tally.currency))
        if tally.outcome == outcome.value
    ]


def _failures(result: MonthResult) -> Iterator[str]:
    """Every partner without documents, in full: those of one reason together."""
    if not result.missing:
        yield "Every partner has its documents."
        return
    by_reason: dict[str, list[str]] = {}
    for partner in result.missing:
        by_reason.setdefault(result.failed.get(partner, "not tried in this run"), []).append(partner)
    yield f"{grouped(len(result.missing))} of {grouped(result.figures.partners)} partners have no documents."
    for reason, partners in by_reason.items():
        yield ""
        yield f"**{escaped(', '.join(partners))}**"
        yield ""
        # Quoted: the page cuts a cell of a table to one line, and lets a line of code go on beyond its edge.
        yield "> " + "  \n> ".join(escaped(line) for line in reason.splitlines())
