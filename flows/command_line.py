"""The command line: `settle`, one entry point for everybody who works with settlements.

What a command needs is imported when it runs, so that --help answers at once.
"""

import getpass
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from models.errors import SettlementError, WrongUse
from models.money import grouped
from models.period import Period

if TYPE_CHECKING:
    from rules.programme.file import Programme

app = typer.Typer(
    name="settle",
    help="Pays a company's partners, right, every month, and can prove it.",
    epilog="Exit codes: 0 done; 1 some partners failed, or the month cannot be approved; 2 wrong use; "
    "3 another run holds the programme; 4 waiting for approval. Settings are environment variables: settle doctor.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Month = Annotated[str, typer.Argument(metavar="PERIOD", help="A month, as 2026-10.")]


@app.command(epilog="Example: settle run 2026-01..2026-03 --from ./vendor")
def run(
    periods: Annotated[str, typer.Argument(metavar="PERIODS", help="A month, 2026-10, or several: 2026-01..2026-10.")],
    folder: Annotated[
        Path | None, typer.Option("--from", metavar="DIR", help="The vendor folder. Default: SETTLE_VENDOR.")
    ] = None,
    partners: Annotated[
        str | None, typer.Option(metavar="A,B", help="Only these partners' documents, of an approved month.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the draft and its changes; write nothing.")] = False,
) -> None:
    """Settle months: billing in, archived statements out. Run it again after anything; it goes on where it stopped."""
    if folder:
        os.environ["SETTLE_VENDOR"] = str(folder.absolute())
    only = [partner.strip() for partner in partners.split(",")] if partners else []
    for month in Period.parse_range(periods):
        if code := _run_month(month, only, dry_run):
            raise typer.Exit(code)


def _run_month(month: Period, partners: list[str], dry_run: bool) -> int:
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
        state = settle_period(period=str(month), partners=tuple(partners), dry_run=dry_run, return_state=True)
        if not state.is_completed():
            return exit_code(state)  # the flow has said why
        result = cast(MonthResult, state.result())
    else:
        result = settle_month(month, Office.open(read_settings()), partners, dry_run=dry_run)
    _say(result.headline(), *result.table(), *result.outlook())
    return result.ending.exit_code


@app.command(epilog="Example: settle approve 2026-10 --digest 3fa9c2... --by anna")
def approve(
    period: Month,
    digest: Annotated[str, typer.Option(help="The draft's digest, as settle run printed it.")],
    by: Annotated[str | None, typer.Option(help="Who says yes. Default: the user of this machine.")] = None,
) -> None:
    """Say yes to one draft. Other data makes another draft, and needs another yes; then run the month again."""
    from flows.approving import give_consent
    from flows.office import Office
    from tasks.settings import read_settings

    _say(give_consent(Office.open(read_settings()), Period.parse(period), digest, by or getpass.getuser()))


@app.command(epilog="Example: settle status 2026-10")
def status(
    period: Annotated[str | None, typer.Argument(metavar="[PERIOD]", help="A month, as 2026-10.")] = None,
) -> None:
    """Show where every month stands, or one month in figures."""
    from flows.office import Office
    from flows.standing import one_month, overview
    from tasks.settings import read_settings

    office = Office.open(read_settings())
    _say(*(one_month(office, Period.parse(period)) if period else overview(office)))


@app.command(epilog="Example: settle explain P-0001 2026-10 --client C-00042")
def explain(
    partner: Annotated[str, typer.Argument(metavar="PARTNER", help="The partner's id.")],
    period: Month,
    client: Annotated[str | None, typer.Option(help="Only this client, with each payment.")] = None,
) -> None:
    """Trace a statement: each figure to its lines, its clause and the claim behind it."""
    from flows.explaining import explained
    from flows.office import Office
    from tasks.settings import read_settings

    _say(*explained(Office.open(read_settings()), partner, Period.parse(period), client))


@app.command(epilog="Example: settle verify file:///srv/settlement/archive/uis-partners/2026-10")
def verify(
    url: Annotated[str, typer.Argument(metavar="URL", help="An archive's root, a programme or one month in it.")],
) -> None:
    """Check an archive against its seals: every digest and count, nothing extra or missing, the chain of months."""
    from tasks.settings import read_settings
    from tasks.storage.open import open_store
    from tasks.verify import verify as examine

    found = examine(open_store(url, read_settings()), progress=lambda words: logging.getLogger("settle").info(words))
    for finding in found.findings:
        _say(f"{finding.severity}: {finding.where}: {finding.words}")
    _say(
        f"{url} {'holds' if found.holds else 'DOES NOT HOLD'}: {found.periods} sealed months, "
        f"{grouped(found.files)} files, {grouped(found.bytes)} bytes read."
    )
    raise typer.Exit(0 if found.holds else 1)


@app.command(epilog="Example: SETTLE_VENDOR=./vendor settle doctor")
def doctor() -> None:
    """Check settings, database, triggers, audit chain, archive and billing source; change nothing."""
    from flows.checking import examine
    from tasks.settings import read_settings

    well = True
    for good, words in examine(read_settings()):
        well = well and good
        _say(f"{'ok  ' if good else 'FAIL'}  {words}")
    raise typer.Exit(0 if well else 1)


@app.command(epilog="Example: settle sample ./vendor --clients 1300 --partners 30 --programme affiliate")
def sample(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the vendor folder is written.")],
    clients: Annotated[int, typer.Option(help="Clients of the vendor.")] = 13_000,
    partners: Annotated[int, typer.Option(help="Partners who brought them.")] = 300,
    months: Annotated[int, typer.Option(help="Months of billing.")] = 3,
    seed: Annotated[int, typer.Option(help="The same seed makes the same vendor, byte for byte.")] = 1,
    programme: Annotated[
        str, typer.Option(metavar="NAME_OR_FILE", help="What it promises: an example in examples/, or a file.")
    ] = "uis",
) -> None:
    """Write a sample vendor folder: a programme, real-looking billing with dirt, and what else the programme needs."""
    from sample import make_sample

    log = logging.getLogger("settle")
    made = make_sample(
        folder,
        clients=clients,
        partners=partners,
        months=months,
        seed=seed,
        programme=programme,
        progress=lambda words: log.info(words),
    )
    _say(f"{folder}: {grouped(sum(made.lines.values()))} billing lines, {len(made.lines)} months.")


programme = typer.Typer(
    help="The programme file under review: check it, read it in words, see what a change pays.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(programme, name="programme")

ProgrammeFile = Annotated[Path, typer.Argument(metavar="FILE", help="The programme file, or its vendor folder.")]


@programme.command("check", epilog="Example: settle programme check vendor/programme.yaml")
def programme_check(file: ProgrammeFile) -> None:
    """Read the file as a run would: every fault by line and column, or its cliffs and the highest cost of a sale."""
    from flows.programming import checked

    _say(*checked(file))


@programme.command("show", epilog="Example: settle programme show vendor/programme.yaml --period 2026-10")
def programme_show(
    file: ProgrammeFile,
    period: Annotated[str | None, typer.Option(metavar="PERIOD", help="Only what is in force in this month.")] = None,
) -> None:
    """Show each plan in words: its rules, what is not commissioned, and when it is paid out."""
    from flows.programming import shown

    _say(*shown(file, Period.parse(period) if period else None))


@programme.command("diff", epilog="Example: settle programme diff old.yaml vendor/programme.yaml")
def programme_diff(
    files: Annotated[
        list[Path], typer.Argument(metavar="[OLD] NEW", help="Without OLD: the file of the last approved month.")
    ],
) -> None:
    """Say in money what a new file changes: each rule, and what a base of 100 000.00 earned and earns."""
    from flows.programming import compared, read_programme

    *old, new = files
    if len(old) > 1:
        raise WrongUse(f"{len(files)} files are named: name the new one, or the old and the new.")
    before, name = (read_programme(old[0]), str(old[0])) if old else _settled_with()
    _say(*compared(before, name, new))


def _settled_with() -> "tuple[Programme, str]":
    """Return the programme of the last approved month, and what to call it."""
    from tasks.facts.database import Database
    from tasks.facts.last_programme import last_programme
    from tasks.settings import read_settings

    database = Database(read_settings().database)
    last = last_programme(database)
    if last is None:
        raise WrongUse(f"{database} has no approved month to compare with: settle programme diff OLD NEW.")
    return last[1], f"the programme of {last[0]}"


@programme.command("schema", epilog="Example: settle programme schema > programme.schema.json")
def programme_schema() -> None:
    """Print the JSON Schema of the programme file, for editors that complete and check it."""
    from rules.programme.schema import schema_text

    typer.echo(schema_text(), nl=False)


@programme.command("plans", epilog="Example: settle programme plans tiered cap")
def programme_plans(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Only these plans.")] = None,
) -> None:
    """Print every way of earning: what it earns, with a worked number, its fields, and how it is written."""
    from flows.plan_pages import plan_pages

    typer.echo(plan_pages(names or ()), nl=False)


def _say(*lines: str) -> None:
    for line in lines:
        typer.echo(line)


def main() -> None:
    """Run a command; a domain error is its message and its exit code, never a traceback."""
    logging.basicConfig(format="%(message)s", stream=sys.stderr)
    logging.getLogger("settle").setLevel(logging.INFO)
    try:
        app()
    except SettlementError as error:
        typer.echo(f"{type(error).__name__}: {error}", err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        typer.echo("Stopped. What is done stays done: run the same command again to go on.", err=True)
        sys.exit(130)
