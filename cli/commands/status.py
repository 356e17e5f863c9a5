"""settle status: where every month stands, or one month in figures."""

from typing import Annotated

import typer

from cli.printing import print_answer


def status(
    period: Annotated[str | None, typer.Argument(metavar="PERIOD", help="A month, as 2026-10.")] = None,
) -> None:
    """Show where every month stands, or one month in figures."""
    from cli.status_words import every_month, one_month
    from flows.office import Office
    from models.period import Period
    from tasks.settings import read_settings

    office = Office.open(read_settings())
    print_answer(*(one_month(office, Period.parse(period)) if period else every_month(office)))
