"""settle explain: what is behind each figure of a statement."""

from typing import Annotated

import typer

from cli.arguments import MonthArgument
from cli.printing import print_lines


def explain(
    partner: Annotated[str, typer.Argument(metavar="PARTNER", help="The partner's id.")],
    period: MonthArgument,
    client: Annotated[str | None, typer.Option(help="Only this client, with each payment.")] = None,
    archive: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Read a closed month from this archive alone, without the database."),
    ] = None,
) -> None:
    """Trace a statement: each figure to its lines, its clause and the claim behind it."""
    from flows.explaining import explained, explained_from_archive
    from flows.office import Office
    from models.period import Period
    from tasks.settings import read_settings
    from tasks.storage.open import open_store

    settings, month = read_settings(), Period.parse(period)
    if archive is None:
        print_lines(*explained(Office.open(settings), partner, month, client))
    else:
        print_lines(*explained_from_archive(open_store(archive, settings), partner, month, client))
