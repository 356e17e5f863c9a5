"""settle programme: a programme file before it is used, checked, read in words, and compared."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.arguments import HELP_OPTIONS
from cli.output import add
from cli.printing import print_answer, print_text
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
    from cli.short_answers import CheckedProgramme
    from tasks.vendor.programme_file import read_programme

    found = read_programme(file)
    print_answer(CheckedProgramme.of(found), checked(found, str(file)))


def show(
    file: ProgrammeFile,
    period: Annotated[str | None, typer.Option(metavar="PERIOD", help="Only what is in force in this month.")] = None,
) -> None:
    """Show each plan in words: its rules, what is not commissioned, and when it is paid out."""
    from cli.programme_words import shown
    from cli.short_answers import CheckedProgramme
    from models.period import Period
    from tasks.vendor.programme_file import read_programme

    month = Period.parse(period) if period else None
    found = read_programme(file)
    print_answer(CheckedProgramme.of(found), shown(found, month))


def diff(
    files: Annotated[
        list[Path], typer.Argument(metavar="[OLD] NEW", help="Without OLD: the file of the last approved month.")
    ],
) -> None:
    """Say in money what a new file changes: each rule, and what a base of 100 000.00 earned and earns.

    Without OLD also what a run will refuse, because approved months used it.
    """
    from cli.programme_words import NamedProgramme, compared, refused
    from cli.short_answers import ProgrammeDiff
    from rules.programme.changes import changes
    from rules.programme.used import changed_after_use
    from tasks.vendor.programme_file import read_programme

    *old, new = files
    if len(old) > 1:
        raise WrongUse(f"{len(files)} files are named: name the new one, or the old and the new.")
    after = read_programme(new)
    if old:
        was, month = NamedProgramme(str(old[0]), read_programme(old[0])), None
    else:
        month, before = _last_approved()
        was = NamedProgramme(f"the programme of {month}", before)
    answer = ProgrammeDiff(
        changes=changes(was.programme, after),
        refused=changed_after_use(was.programme, after, month) if month else [],
    )
    lines = [*compared(was, NamedProgramme(str(new), after)), *(refused(was.programme, after, month) if month else ())]
    print_answer(answer, lines)


def _last_approved() -> "tuple[Period, Programme]":
    """Return the last approved month, and its programme."""
    from tasks.database.database import Database
    from tasks.facts.last_programme import last_programme
    from tasks.settings import read_settings

    database = Database(read_settings().database)
    last = last_programme(database)
    if last is None:
        raise WrongUse(f"{database} has no approved month to compare with: settle programme diff OLD NEW.")
    return last


def schema() -> None:
    """Print the JSON Schema of the programme file, for editors that complete and check it."""
    import json

    from cli.short_answers import ProgrammeSchema
    from rules.programme.schema import schema_text

    text = schema_text()
    print_text(text, ProgrammeSchema(json_schema=json.loads(text)))


def plans(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Only these plans.")] = None,
) -> None:
    """Print every way of earning: what it earns, with a worked number, its fields, and how it is written."""
    from cli.plan_pages import pages_of
    from cli.short_answers import ProgrammePlans

    pages = pages_of(names or ())
    print_text("\n".join(pages.values()), ProgrammePlans(plans=pages))


add(programme, check, "settle programme check vendor/programme.yaml")
add(programme, show, "settle programme show vendor/programme.yaml --period 2026-10")
add(programme, diff, "settle programme diff old.yaml vendor/programme.yaml")
add(programme, schema, "settle programme schema > programme.schema.json")
add(programme, plans, "settle programme plans tiered cap")
