"""settle programme: a programme file before it is used, checked, read in words, and compared."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.arguments import HELP_OPTIONS
from cli.output import add
from cli.printing import print_lines, print_text
from models.errors import WrongUse

if TYPE_CHECKING:
    from models.period import Period
    from rules.programme.file import Programme

programme = typer.Typer(
    help="The programme file under review: check it, read it in words, see what a change pays.",
    invoke_without_command=True,
    rich_markup_mode=None,
    context_settings=HELP_OPTIONS,
)


@programme.callback()
def show_help(context: typer.Context) -> None:
    """Show the help where no command is named."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


ProgrammeFile = Annotated[Path, typer.Argument(metavar="FILE", help="The programme file, or its vendor folder.")]


def check(file: ProgrammeFile) -> None:
    """Read the file as a run would: every fault by line and column, or its cliffs and the highest cost of a sale."""
    from cli.programme_words import checked
    from tasks.vendor.programme_file import read_programme

    print_lines(*checked(read_programme(file), str(file)))


def show(
    file: ProgrammeFile,
    period: Annotated[str | None, typer.Option(metavar="PERIOD", help="Only what is in force in this month.")] = None,
) -> None:
    """Show each plan in words: its rules, what is not commissioned, and when it is paid out."""
    from cli.programme_words import shown
    from models.period import Period
    from tasks.vendor.programme_file import read_programme

    month = Period.parse(period) if period else None
    print_lines(*shown(read_programme(file), month))


def diff(
    files: Annotated[
        list[Path], typer.Argument(metavar="[OLD] NEW", help="Without OLD: the file of the last approved month.")
    ],
) -> None:
    """Say in money what a new file changes: each rule, and what a base of 100 000.00 earned and earns.

    Without OLD also what a run will refuse, because approved months used it.
    """
    from cli.programme_words import NamedProgramme, compared, refused
    from tasks.vendor.programme_file import read_programme

    *old, new = files
    if len(old) > 1:
        raise WrongUse(f"{len(files)} files are named: name the new one, or the old and the new.")
    after = read_programme(new)
    if old:
        print_lines(*compared(NamedProgramme(str(old[0]), read_programme(old[0])), NamedProgramme(str(new), after)))
        return
    month, before = _last_approved()
    print_lines(
        *compared(NamedProgramme(f"the programme of {month}", before), NamedProgramme(str(new), after)),
        *refused(before, after, month),
    )


def _last_approved() -> "tuple[Period, Programme]":
    """Return the last approved month, and its programme."""
    from tasks.facts.database import Database
    from tasks.facts.last_programme import last_programme
    from tasks.settings import read_settings

    database = Database(read_settings().database)
    last = last_programme(database)
    if last is None:
        raise WrongUse(f"{database} has no approved month to compare with: settle programme diff OLD NEW.")
    return last


def schema() -> None:
    """Print the JSON Schema of the programme file, for editors that complete and check it."""
    from rules.programme.schema import schema_text

    print_text(schema_text())


def plans(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Only these plans.")] = None,
) -> None:
    """Print every way of earning: what it earns, with a worked number, its fields, and how it is written."""
    from cli.plan_pages import plan_pages

    print_text(plan_pages(names or ()))


add(programme, check, "settle programme check vendor/programme.yaml")
add(programme, show, "settle programme show vendor/programme.yaml --period 2026-10")
add(programme, diff, "settle programme diff old.yaml vendor/programme.yaml")
add(programme, schema, "settle programme schema > programme.schema.json")
add(programme, plans, "settle programme plans tiered cap")
