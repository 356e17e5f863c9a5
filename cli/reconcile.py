"""settle reconcile: what the source says of a closed month today, and what that is in money."""

from pathlib import Path
from typing import Annotated

import typer

from cli.arguments import MonthArgument
from cli.printing import print_answer


def reconcile(
    period: MonthArgument,
    folder: Annotated[
        Path | None, typer.Option("--from", metavar="DIR", help="The vendor folder. Default: SETTLE_VENDOR.")
    ] = None,
    adjustments: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Add the rows that put it right to this file, for adjustments.csv."),
    ] = None,
    by: Annotated[str | None, typer.Option(help="Who puts it right; needed with --adjustments.")] = None,
) -> None:
    """Compare a closed month with its source today: lines added, changed, missing, and what each partner would get."""
    import os

    from cli.answers import Reconcile
    from flows.office import Office
    from flows.reconciling import reconciled, write_adjustments
    from models.errors import WrongUse
    from models.period import Period
    from tasks.settings import read_settings

    if adjustments and not by:
        raise WrongUse("--adjustments needs --by: a statement says who put an amount right.")
    if folder:
        os.environ["SETTLE_VENDOR"] = str(folder.absolute())
    office = Office.open(read_settings())
    found = reconciled(office, Period.parse(period))
    print_answer(Reconcile.of(found), found.words())
    if adjustments and by:
        count = write_adjustments(found, office, by, adjustments)
        print_answer(Reconcile.of(found, count), [f"{count} rows added to {adjustments}."])
