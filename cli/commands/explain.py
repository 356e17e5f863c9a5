"""settle explain: what is behind each figure of a statement."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.arguments import MonthArgument
from cli.printing import print_answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.office import Office
    from models.period import Period
    from tasks.storage import Store


def explain(
    partner: Annotated[str, typer.Argument(metavar="PARTNER", help="The partner's id.")],
    period: MonthArgument,
    client: Annotated[str | None, typer.Option(help="Only this client, with each payment.")] = None,
    line: Annotated[
        str | None,
        typer.Option(help="Follow this line: to the sale it gives back, and on to later refunds of it."),
    ] = None,
    archive: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Read a closed month from this archive alone, without the database."),
    ] = None,
) -> None:
    """Trace a statement: each figure to its lines, its clause and the claim behind it."""
    import json

    from cli.answers import Explain
    from flows.office import Office
    from flows.questions.explaining import approved_statement, explained, sealed_statement
    from models.errors import WrongUse
    from models.period import Period
    from tasks.settings import read_settings
    from tasks.storage.open import open_store

    if client and line:
        raise WrongUse("--client shows a client's part of one statement, --line follows a line: give one of them.")
    settings, month = read_settings(), Period.parse(period)
    if archive is None:
        office = Office.open(settings)
        issued = approved_statement(office, partner, month)
        lines = _followed(office, partner, month, line) if line else explained(issued, client)
    else:
        store = open_store(archive, settings)
        issued = sealed_statement(store, partner, month)
        lines = _followed(store, partner, month, line) if line else explained(issued, client)
    print_answer(Explain(partner=partner, period=str(month), statement=json.loads(issued)), lines)


def _followed(place: "Office | Store", partner: str, month: "Period", line: str) -> "Iterator[str]":
    # Imported where a line is followed: that needs frames, which a statement does not.
    from flows.office import Office
    from flows.questions.following import followed, followed_in_archive

    if isinstance(place, Office):
        return followed(place, partner, month, line)
    return followed_in_archive(place, partner, month, line)
