"""settle restate: what a closed month would have come to by corrected files, and its later version, accepted."""

from pathlib import Path
from typing import Annotated

import typer

from cli.arguments import FolderOption, MonthArgument, use_folder
from cli.printing import print_answer


def restate(
    period: MonthArgument,
    corrected: Annotated[
        Path, typer.Option("--with", metavar="DIR", help="The corrected files: programme.yaml, partners.csv ...")
    ],
    folder: FolderOption = None,
    accept: Annotated[
        bool, typer.Option("--accept", help="Accept it: the next month settles it, as a later version of the month.")
    ] = False,
    reason: Annotated[str | None, typer.Option(help="Why. It stands on the statements; needed with --accept.")] = None,
    by: Annotated[str | None, typer.Option(help="Who accepts it; needed with --accept.")] = None,
) -> None:
    """Work a closed month out again by corrected files: what each partner would have got, and what is open of it."""
    from cli.answers import Restate
    from flows.corrections.restating import Said, restated
    from flows.corrections.restating import accept as accept_in
    from flows.office import Office
    from models.errors import WrongUse
    from models.period import Period
    from tasks.settings import read_settings

    if accept and not (by and reason):
        raise WrongUse("--accept needs --by and --reason: a statement says who put an amount right, and why.")
    use_folder(folder)
    office = Office.open(read_settings())
    found = restated(office, Period.parse(period), corrected, Said(by or "", reason or ""))
    lines, added = list(found.words()), False
    if accept:
        added = accept_in(found, office)
        there = "added" if added else "there already"
        lines.append(f"{found.asked.folder}: {there}. It settles in {found.settles_in}.")
    print_answer(Restate.of(found, added=added), lines)
