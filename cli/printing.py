"""What a command prints: its answer in words, and as the fields of the JSON document."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import typer

from cli.output import OUTPUT
from models.safe_text import safe_line

if TYPE_CHECKING:
    from pydantic import BaseModel


def print_lines(*lines: str) -> None:
    """Print each on a line of its own, without colours or markup; with --json they are the document's `words`."""
    for line in lines:
        if OUTPUT.as_json:
            OUTPUT.lines.append(line)
        else:
            typer.echo(safe_line(line))


def print_answer(answer: "BaseModel", lines: Iterable[str]) -> None:
    """Print the answer: its lines of words, or with --json the answer itself (`cli.answers`) as well."""
    OUTPUT.answer = answer.model_dump(mode="json")
    print_lines(*lines)


def print_text(text: str, answer: "BaseModel") -> None:
    """Print a text of ours as it is, with its line breaks; with --json the answer as well."""
    OUTPUT.answer = answer.model_dump(mode="json")
    if OUTPUT.as_json:
        OUTPUT.lines.extend(text.splitlines())
    else:
        typer.echo(text, nl=False)
