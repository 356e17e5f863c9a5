"""settle reconcile: what the source says of a closed month today, and what that is in money."""

from typing import Annotated

import typer

from cli.arguments import AcceptOption, FolderOption, MonthArgument, use_folder
from cli.printing import print_answer


def reconcile(
    period: MonthArgument,
    folder: FolderOption = None,
    accept: AcceptOption = None,
    by: Annotated[str | None, typer.Option(help="Who accepts it; needed with --accept.")] = None,
) -> None:
    """Compare a closed month with its source today: lines added, changed, missing, and what each partner would get."""
    from cli.answers import Reconcile
    from flows.corrections.reconciling import accept as accept_in
    from flows.corrections.reconciling import reconciled
    from flows.office import Office
    from models.errors import WrongUse
    from models.period import Period
    from tasks.settings import read_settings

    if accept and not by:
        raise WrongUse("--accept needs --by: a statement says who put an amount right.")
    use_folder(folder)
    office = Office.open(read_settings())
    found = reconciled(office, Period.parse(period))
    print_answer(Reconcile.of(found), found.words())
    if accept and by:
        count = accept_in(found, office, by, accept)
        print_answer(Reconcile.of(found, count), [f"{count} rows added to {accept}."])
