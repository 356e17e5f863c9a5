"""The command line: `settle`, one entry point for everybody who works with settlements.

What a command needs is imported when it runs, so that --help answers at once.
"""

import gc
import sys
from typing import Annotated, Final

import typer

from cli.arguments import HELP_OPTIONS
from cli.commands.adjust import adjust
from cli.commands.approve import approve, reject
from cli.commands.audit import audit
from cli.commands.doctor import doctor
from cli.commands.explain import explain
from cli.commands.export import export
from cli.commands.hand_over import anchor, bundle, download
from cli.commands.init import init
from cli.commands.programme import programme
from cli.commands.reconcile import reconcile
from cli.commands.restate import restate
from cli.commands.run import run
from cli.commands.sample import sample
from cli.commands.status import status
from cli.commands.verify import verify
from cli.output import add, begin, end
from cli.telling import tell_the_log
from models.errors import SettlementError, WrongUse
from models.safe_text import safe_lines

app = typer.Typer(
    name="settle",
    help="Pays a company's partners, right, every month, and can prove it.",
    epilog="Exit codes: 0 done; 1 some partners failed, or the month cannot be approved; 2 wrong use; "
    "3 another run holds the programme; 4 waiting for approval. Settings are environment variables: settle doctor.",
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings=HELP_OPTIONS,
)
add(app, init, "settle init ./vendor --from payments.csv --currency USD --timezone America/New_York")
add(app, run, "settle run 2026-01..2026-03 --from ./vendor")
add(app, approve, "settle approve 2026-10 --digest 3fa9c2... --by anna")
add(app, reject, "settle reject 2026-10 --digest 3fa9c2... --comment 'acme was billed twice' --by anna")
add(app, status, "settle status 2026-10")
add(app, explain, "settle explain P-0001 2026-10 --client C-00042")
add(app, adjust, "settle adjust P-0001 --amount 50.00 --id A-17 --why 'a stand at a fair' --by olga")
add(app, reconcile, "settle reconcile 2026-09 --from ./vendor")
add(app, export, "settle export 2026-10 --to october.xlsx")
add(app, restate, "settle restate 2026-01 --with ./corrected --from ./vendor")
add(app, verify, "settle verify file:///srv/settlement/archive/uis-partners/2026-10")
add(app, download, "settle download file:///srv/settlement/archive --period 2026-10 --partner P-0001 --to ./P-0001")
add(app, bundle, "settle bundle file:///srv/settlement/archive --period 2026-10 --partner P-0001 --to P-0001.zip")
add(app, anchor, "SETTLE_ANCHOR_URL=s3://elsewhere/anchor settle anchor")
add(app, doctor, "settle doctor --from ./vendor")
add(app, sample, "settle sample ./vendor --clients 1300 --partners 30 --programme affiliate")
app.add_typer(audit, name="audit", short_help="Export the audit trail, check an exported one.")
app.add_typer(programme, name="programme", short_help="Check a programme file, read it in words, compare two.")


def _print_version(is_asked: bool) -> None:
    if is_asked:
        from importlib.metadata import version

        typer.echo(f"settle {version('partner-settlement')}")
        raise typer.Exit


@app.callback()
def settle(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Show the help where no command is named."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


NEW_OBJECTS: Final = 50_000
"""So many, and Python looks for garbage among them. It does so at 700, a hundred times while libraries are loaded."""


def main() -> None:
    """Run a command; a domain error is its message and its exit code, never a traceback."""
    gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])
    begin(sys.argv[1:])
    tell_the_log()
    code = 0
    error: SettlementError | None = None
    try:
        app()
    except SettlementError as found:
        code, error = found.exit_code, found
        typer.echo(safe_lines(f"{type(found).__name__}: {found}"), err=True)
    except KeyboardInterrupt:
        code = 130
        typer.echo("Stopped. What is done stays done: run the same command again to go on.", err=True)
    except SystemExit as exit_:
        code = exit_.code if isinstance(exit_.code, int) else 0
        if code == WrongUse.exit_code:  # Typer has said on standard error what it could not read
            error = WrongUse("the command cannot be read: standard error says why.")
    end(code, error)
    sys.exit(code)


if __name__ == "__main__":
    main()
