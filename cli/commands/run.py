"""settle run: settle one month, or several in order."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from cli.arguments import FolderOption, use_folder
from cli.output import OUTPUT, Loudness
from cli.printing import print_answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from flows.result import MonthResult
    from models.period import Period


def run(
    periods: Annotated[
        list[str],
        typer.Argument(metavar="PERIODS", help="Months, as 2026-10, and ranges of them, as 2026-01..2026-10."),
    ],
    folder: FolderOption = None,
    partners: Annotated[
        str | None, typer.Option(metavar="A,B", help="Only these partners' documents, of an approved month.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the draft and its changes; write nothing.")] = False,
    empty: Annotated[bool, typer.Option("--empty", help="The month may be without a new billing line.")] = False,
) -> None:
    """Settle months: billing in, archived statements out. Run it again after anything; it goes on where it stopped."""
    from cli.answers import Run, RunMonth
    from cli.progress import taken
    from flows.result import Ending
    from models.period import Period

    use_folder(folder)
    only = [partner.strip() for partner in partners.split(",")] if partners else []
    answer = Run(months=[])
    months = sorted({month for each in periods for month in Period.parse_range(each)})
    for month in months:
        result = _run_month(month, only, dry_run=dry_run, empty=empty)
        if isinstance(result, int):
            raise typer.Exit(result)
        seconds = taken()
        answer.months.append(RunMonth.of_run(result, seconds))
        of_partners = _of_partners(month, only) if only and result.ending is Ending.CLOSED_BEFORE else ()
        print_answer(answer, _words(result, seconds, of_partners, in_short=len(months) > 1))
        if result.ending.exit_code:
            raise typer.Exit(result.ending.exit_code)


def _of_partners(month: "Period", partners: list[str]) -> "Iterator[str]":
    """Say what these partners are owed in a month that is closed. Raises WrongUse for one without a statement."""
    from flows.office import Office
    from flows.questions.exporting import exported
    from tasks.settings import read_settings

    table = exported(Office.open(read_settings()), month, partners)[0]
    for row in table.rows:
        owed = dict(zip(table.columns, row, strict=True))
        yield (
            f"  {owed['partner_id']}: statement {owed['statement']}, commission {owed['commission']}, "
            f"to pay {owed['to_pay']}, carried forward {owed['carried']} {owed['currency']}"
        )


def _words(
    result: "MonthResult", seconds: "Mapping[str, float]", of_partners: "Iterable[str]", *, in_short: bool
) -> "Iterator[str]":
    """Say how a month ended; of one among several, where nothing is to be done, only what it comes to."""
    from cli.progress import times

    yield result.headline()
    if in_short and not result.ending.exit_code and OUTPUT.loudness is not Loudness.VERBOSE:
        yield from result.sums()
    else:
        yield from result.table()
        yield from result.outlook()
    yield from of_partners
    if seconds:
        yield f"  {'took':<17} {times(seconds)}"


def _run_month(month: "Period", partners: list[str], *, dry_run: bool, empty: bool) -> "MonthResult | int":
    """Settle one month, on the Prefect server where one is set; the exit code alone where its flow has said why."""
    from flows.office import Office
    from flows.settle_month import settle_month
    from tasks.settings import read_settings

    if not _has_server():
        return settle_month(month, Office.open(read_settings()), partners, dry_run=dry_run, empty=empty)
    from flows.result import MonthResult
    from flows.settle_period import exit_code, settle_period

    state = settle_period(period=str(month), partners=tuple(partners), dry_run=dry_run, empty=empty, return_state=True)
    return cast(MonthResult, state.result()) if state.is_completed() else exit_code(state)


def _has_server() -> bool:
    """Whether a Prefect server is set: by a variable, or in one of the files where Prefect looks for its settings."""
    home = Path(os.environ.get("PREFECT_HOME") or Path.home() / ".prefect")
    files = [
        os.environ.get("PREFECT_PROFILES_PATH") or home / "profiles.toml", ".env", "prefect.toml", "pyproject.toml",
    ]  # fmt: skip
    if not any(name.startswith("PREFECT_") for name in os.environ) and not any(map(_speaks_of_prefect, files)):
        return False  # without asking Prefect, which takes seconds to load
    # Set before Prefect loads: its page shows our log, and a plain run, which it knows nothing of, is no fault.
    os.environ.setdefault("PREFECT_LOGGING_EXTRA_LOGGERS", "settle")
    os.environ.setdefault("PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW", "ignore")
    from prefect.settings import PREFECT_API_URL

    return bool(PREFECT_API_URL.value())


def _speaks_of_prefect(file: str | Path) -> bool:
    try:
        text = Path(file).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return "PREFECT_" in text or "[tool.prefect" in text or Path(file).name == "prefect.toml"
