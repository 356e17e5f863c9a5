"""settle run: settle one month, or several in order."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from cli.printing import print_lines

if TYPE_CHECKING:
    from models.period import Period


def run(
    periods: Annotated[str, typer.Argument(metavar="PERIODS", help="A month, 2026-10, or several: 2026-01..2026-10.")],
    folder: Annotated[
        Path | None, typer.Option("--from", metavar="DIR", help="The vendor folder. Default: SETTLE_VENDOR.")
    ] = None,
    partners: Annotated[
        str | None, typer.Option(metavar="A,B", help="Only these partners' documents, of an approved month.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the draft and its changes; write nothing.")] = False,
    empty: Annotated[bool, typer.Option("--empty", help="The month may be without a new billing line.")] = False,
) -> None:
    """Settle months: billing in, archived statements out. Run it again after anything; it goes on where it stopped."""
    from models.period import Period

    if folder:
        os.environ["SETTLE_VENDOR"] = str(folder.absolute())
    only = [partner.strip() for partner in partners.split(",")] if partners else []
    for month in Period.parse_range(periods):
        if code := _run_month(month, only, dry_run=dry_run, empty=empty):
            raise typer.Exit(code)


def _run_month(month: "Period", partners: list[str], *, dry_run: bool, empty: bool) -> int:
    """Settle one month, on the Prefect server where one is set, and return the exit code."""
    # Set before Prefect loads: its page shows our log, and a plain run, which it knows nothing of, is no fault.
    os.environ.setdefault("PREFECT_LOGGING_EXTRA_LOGGERS", "settle")
    os.environ.setdefault("PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW", "ignore")
    from prefect.settings import PREFECT_API_URL

    from flows.office import Office
    from flows.result import MonthResult
    from flows.settle_period import exit_code, settle_month, settle_period
    from tasks.settings import read_settings

    if PREFECT_API_URL.value():
        state = settle_period(
            period=str(month), partners=tuple(partners), dry_run=dry_run, empty=empty, return_state=True
        )
        if not state.is_completed():
            return exit_code(state)  # the flow has said why
        result = cast(MonthResult, state.result())
    else:
        result = settle_month(month, Office.open(read_settings()), partners, dry_run=dry_run, empty=empty)
    print_lines(result.headline(), *result.table(), *result.outlook())
    return result.ending.exit_code
