"""Arguments that several commands share, and how every command answers a request for help."""

import os
from pathlib import Path
from typing import Annotated, Final

import typer

HELP_OPTIONS: Final = {"help_option_names": ["-h", "--help"]}

MonthArgument = Annotated[str, typer.Argument(metavar="PERIOD", help="A month, as 2026-10.")]
FolderOption = Annotated[
    Path | None, typer.Option("--from", metavar="DIR", help="The vendor folder. Default: SETTLE_VENDOR.")
]
AcceptOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Accept it: add the rows that put it right to this file, adjustments.csv."),
]


def use_folder(folder: Path | None) -> None:
    """Make a folder that is named the vendor folder: of the settings that are read from here on."""
    if folder:
        os.environ["SETTLE_VENDOR"] = str(folder.absolute())
