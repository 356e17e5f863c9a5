"""What is said beside an answer, on standard error: warnings, steps, and how far long work has come."""

import logging

import typer

from cli.output import OUTPUT, Loudness
from models.safe_text import safe_lines

LOG = logging.getLogger("settle")


class Teller(logging.Handler):
    """Says each message once: a warning that every month of a run repeats is no news the second time."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter("%(message)s"))
        self.said: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if record.levelno >= logging.WARNING:
            if message in self.said:
                return
            self.said.add(message)
            OUTPUT.warnings.append(message)
        elif OUTPUT.loudness < Loudness.VERBOSE:
            return
        typer.echo(safe_lines(message), err=True)


def tell_the_log() -> None:
    """Let the log of this program go to standard error, as much of it as was asked for."""
    # At the root, as a handler with a formatter and a public name: such a one Prefect leaves, any other it replaces
    # by a console of its own.
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, Teller)]:
        root.removeHandler(handler)
    root.addHandler(Teller())
    LOG.setLevel(logging.INFO)
