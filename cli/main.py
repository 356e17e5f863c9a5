"""The command line: `settle`, one entry point for everybody who works with settlements.

What a command needs is imported when it runs, so that --help answers at once.
"""

import logging
import sys

import typer

from cli.approve import approve
from cli.arguments import HELP_OPTIONS
from cli.doctor import doctor
from cli.explain import explain
from cli.programme import programme
from cli.reconcile import reconcile
from cli.run import run
from cli.sample import sample
from cli.status import status
from cli.verify import verify
from models.errors import SettlementError

app = typer.Typer(
    name="settle",
    help="Pays a company's partners, right, every month, and can prove it.",
    epilog="Exit codes: 0 done; 1 some partners failed, or the month cannot be approved; 2 wrong use; "
    "3 another run holds the programme; 4 waiting for approval. Settings are environment variables: settle doctor.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings=HELP_OPTIONS,
)
app.command(epilog="Example: settle run 2026-01..2026-03 --from ./vendor")(run)
app.command(epilog="Example: settle approve 2026-10 --digest 3fa9c2... --by anna")(approve)
app.command(epilog="Example: settle status 2026-10")(status)
app.command(epilog="Example: settle explain P-0001 2026-10 --client C-00042")(explain)
app.command(epilog="Example: settle reconcile 2026-09 --from ./vendor")(reconcile)
app.command(epilog="Example: settle verify file:///srv/settlement/archive/uis-partners/2026-10")(verify)
app.command(epilog="Example: SETTLE_VENDOR=./vendor settle doctor")(doctor)
app.command(epilog="Example: settle sample ./vendor --clients 1300 --partners 30 --programme affiliate")(sample)
app.add_typer(programme, name="programme")


def main() -> None:
    """Run a command; a domain error is its message and its exit code, never a traceback."""
    logging.basicConfig(format="%(message)s", stream=sys.stderr)
    logging.getLogger("settle").setLevel(logging.INFO)
    try:
        app()
    except SettlementError as error:
        typer.echo(f"{type(error).__name__}: {error}", err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        typer.echo("Stopped. What is done stays done: run the same command again to go on.", err=True)
        sys.exit(130)
