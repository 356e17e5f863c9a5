"""settle sample: write a made-up vendor to try the program on."""

import logging
from pathlib import Path
from typing import Annotated

import typer

from cli.printing import print_answer


def sample(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the vendor folder is written.")],
    clients: Annotated[int, typer.Option(help="Clients of the vendor.")] = 13_000,
    partners: Annotated[int, typer.Option(help="Partners who brought them.")] = 300,
    months: Annotated[int, typer.Option(help="Months of billing.")] = 3,
    seed: Annotated[int, typer.Option(help="The same seed makes the same vendor, byte for byte.")] = 1,
    programme: Annotated[
        str, typer.Option(metavar="NAME_OR_FILE", help="What it promises: an example in examples/, or a file.")
    ] = "uis",
) -> None:
    """Write a sample vendor folder: a programme, real-looking billing with dirt, and what else the programme needs."""
    from cli.short_answers import Sample
    from models.money import counted, grouped
    from sample import make_sample

    log = logging.getLogger("settle")
    made = make_sample(
        folder,
        clients=clients,
        partners=partners,
        months=months,
        seed=seed,
        programme=programme,
        progress=lambda words: log.info(words),
    )
    words = f"{folder}: {grouped(sum(made.lines.values()))} billing lines, {counted(len(made.lines), 'month')}."
    print_answer(Sample(folder=str(folder), lines=made.lines), [words])
