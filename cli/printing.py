"""What a command prints: lines of text on standard output."""

import typer


def print_lines(*lines: str) -> None:
    """Print each on a line of its own, without colours or markup."""
    for line in lines:
        typer.echo(line)
