"""settle init: a vendor folder from files or a database of billing as they are."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.printing import print_answer


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to write: new or empty.")],
    origins: Annotated[
        list[str], typer.Option("--from", metavar="FILE|URL", help="CSV, XLSX, Parquet; repeatable. Or a database.")
    ],
    currency: Annotated[str | None, typer.Option(help="The programme's currency: USD.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Whose days count: Europe/Moscow.")] = None,
    starts: Annotated[str, typer.Option(help="The first month. Default: that of the first payment.")] = "",
    programme: Annotated[str, typer.Option(metavar="NAME", help="An example in examples/. Default: one rate.")] = "",
    category: Annotated[str, typer.Option(help="The category of every line, where no column has it.")] = "",
    dates: Annotated[str, typer.Option(help="How days are written, where two ways are possible.")] = "",
    column: Annotated[
        list[str] | None, typer.Option(metavar="OURS=THEIRS", help="Which column is which; may be repeated.")
    ] = None,
    table: Annotated[str, typer.Option(metavar="NAME", help="Which table of a database is the billing.")] = "",
) -> None:
    """Begin a vendor folder from billing as it is: shows what is taken for what; writes what a run needs."""
    from cli.short_answers import Init
    from flows.begin_folder import proposed, proposed_of_database, shown, write_folder
    from models.errors import WrongUse
    from sample.programme import agreed
    from tasks.beginning.block import Answers

    chosen = dict(pair.split("=", 1) for pair in column or [] if "=" in pair)
    if len(chosen) != len(column or []):
        raise WrongUse("--column is written OURS=THEIRS, each of ours once: --column 'client_id=Customer ID'.")
    answers = Answers(
        currency=_asked(currency, "--currency", "The programme's currency (USD, EUR, RUB)"),
        timezone=_asked(timezone, "--timezone", "Whose days count (Europe/Moscow, America/New_York)"),
        starts=starts,
        programme=(lambda month: agreed(programme, month).text) if programme else None,
        category=category,
        dates=dates,
        columns=chosen,
    )
    urls = [origin for origin in origins if "://" in origin or origin.startswith("${")]
    if urls and len(origins) > 1:
        raise WrongUse("--from names one database, or files: not both, and not two databases.")
    files = [] if urls else [Path(origin) for origin in origins]
    if table and not urls:
        raise WrongUse("--table names a table of a database, and --from is none.")
    proposal = proposed_of_database(urls[0], answers, folder, table) if urls else proposed(files, answers, folder)
    written = write_folder(folder, files, proposal)
    words = [*shown(proposal), f"{folder}: {', '.join(written)}.", f"Read {folder / 'README.txt'}."]
    print_answer(Init(folder=str(folder.absolute()), files=written, starts=proposal.starts), words)


def _asked(given: str | None, flag: str, question: str) -> str:
    """What was given, or the answer of a person at a terminal."""
    if given:
        return given
    if not sys.stdin.isatty():
        from models.errors import WrongUse

        raise WrongUse(f"{flag} is needed where nobody can be asked: {question}.")
    return str(typer.prompt(question))
