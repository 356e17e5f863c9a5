"""Arguments that several commands share, and how every command answers a request for help."""

from typing import Annotated, Final

import typer

HELP_OPTIONS: Final = {"help_option_names": ["-h", "--help"]}

MonthArgument = Annotated[str, typer.Argument(metavar="PERIOD", help="A month, as 2026-10.")]
