"""settle explain: what is behind each figure of a statement."""

from typing import Annotated

import typer

from cli.arguments import MonthArgument
from cli.printing import print_lines


def explain(
    partner: Annotated[str, typer.Argument(metavar="PARTNER", help="The partner's id.")],
    period: MonthArgument,
    client: Annotated[str | None, typer.Option(help="Only this client, with each payment.")] = None,
) -> None:
    """Trace a statement: each figure to its lines, its clause and the claim behind it."""
    from flows.explaining import explained
    from flows.office import Office
    from models.period import Period
    from tasks.settings import read_settings

    print_lines(*explained(Office.open(read_settings()), partner, Period.parse(period), client))
