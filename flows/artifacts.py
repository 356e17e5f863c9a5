"""Artifacts: what the operator sees on the Prefect page of a month. They show; the truth is in our database."""

from collections.abc import Sequence

from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact

from flows.result import MonthResult, amount_text
from models.billing import Outcome
from models.vendor import Tally

MOST_ROWS = 200  # larger tables are a burden on the page; the archive has every line


def publish(result: MonthResult) -> None:
    """Show a month: its summary, what is open or rejected and why, who failed, and where the archive is."""
    month = str(result.period)
    create_markdown_artifact(key=f"summary-{month}", markdown=_summary(result), description=result.headline())
    for outcome in (Outcome.OPEN, Outcome.REJECTED):
        rows = _rows(result.figures.tallies, outcome)
        create_table_artifact(
            key=f"{outcome.value}-{month}", table=rows, description=f"{month}: {outcome.value} lines by reason"
        )
    if result.missing:
        table = [
            {"partner": partner, "reason": result.failed.get(partner, "not tried in this run")}
            for partner in result.missing[:MOST_ROWS]
        ]
        create_table_artifact(
            key=f"failed-{month}",
            table=table,
            description=f"{month}: {len(result.missing)} partners without documents; Retry does only these",
        )
    create_link_artifact(key=f"archive-{month}", link=result.archive, link_text=f"{month}: the archive")


def _summary(result: MonthResult) -> str:
    figures = "\n".join(result.table())
    changes = "\n".join(f"- {change}" for change in result.changes)
    against = f"\n\nAgainst last month:\n\n{changes}" if changes else ""
    return f"## {result.headline()}\n\n```text\n{figures}\n```\n\nDraft `{result.draft_digest}`{against}\n"


def _rows(tallies: Sequence[Tally], outcome: Outcome) -> list[dict[str, str | int]]:
    return [
        {"reason": tally.reason, "currency": tally.currency, "lines": tally.lines, "sum": amount_text(tally)}
        for tally in tallies
        if tally.outcome == outcome.value
    ][:MOST_ROWS]
