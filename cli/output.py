"""How every command answers: words, or one JSON document; and how much is said beside the answer.

A command prints its answer with `cli.printing`. With --json nothing is printed before its end: then comes one document,
also where it failed. What is said beside the answer (warnings, steps, progress) goes to standard error.
"""

import functools
import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

if TYPE_CHECKING:
    from cli.progress import Stopwatch

FORMAT: Final = 1
"""Of the JSON document. A field is added without a new number; one that goes or changes its meaning needs it."""


class Loudness(IntEnum):
    """How much is said beside the answer."""

    QUIET = 0  # warnings and errors
    NORMAL = 1
    VERBOSE = 2  # and every step, with its time


@dataclass
class Output:
    """How the command at hand answers, and what it has said so far."""

    as_json: bool = False
    loudness: Loudness = Loudness.NORMAL
    answer: Mapping[str, Any] | None = None
    lines: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    stopwatch: "Stopwatch | None" = None


OUTPUT: Final = Output()
"""Of this process: a command line runs one command."""

SHARED: Final = {
    "as_json": Annotated[bool, typer.Option("--json", help="Print one JSON document instead of words.")],
    "quiet": Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing beside the answer but warnings.")],
    "verbose": Annotated[bool, typer.Option("--verbose", "-v", help="Say every step, and how long it took.")],
}
"""The options that every command has."""


def begin(arguments: list[str]) -> None:
    """Forget what an earlier command said. Whether --json is asked for is known before the options are read."""
    OUTPUT.__init__(as_json="--json" in arguments)  # type: ignore[misc]  # the one Output there is, as new


def answering(command: Callable[..., None]) -> Callable[..., None]:
    """Return the command with the options that every command has."""

    @functools.wraps(command)
    def run(*args: Any, as_json: bool, quiet: bool, verbose: bool, **kwargs: Any) -> None:
        if quiet and verbose:
            raise typer.BadParameter("give one of --quiet and --verbose, not both.")
        OUTPUT.as_json = as_json
        OUTPUT.loudness = Loudness.QUIET if quiet else Loudness.VERBOSE if verbose else Loudness.NORMAL
        from cli.progress import shown

        with shown() as OUTPUT.stopwatch:
            command(*args, **kwargs)

    own = inspect.signature(command, eval_str=True)
    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=False, annotation=annotation)
        for name, annotation in SHARED.items()
    ]
    run.__signature__ = own.replace(parameters=[*own.parameters.values(), *shared])  # type: ignore[attr-defined]
    run.__annotations__ = {**command.__annotations__, **SHARED}
    return run


def add(group: typer.Typer, command: Callable[..., None], example: str, name: str | None = None) -> None:
    """Make a function a command of the group, with the options that every command has and an example of its use."""
    group.command(name, epilog=f"Example: {example}", short_help=_first_sentence(command))(answering(command))


def _first_sentence(command: Callable[..., None]) -> str:
    """What the list of commands says of it: the first line of its docstring up to a colon or full stop."""
    first = (inspect.getdoc(command) or "").partition("\n")[0]
    return first.partition(": ")[0].partition(". ")[0].rstrip(".") + "."


def end(exit_code: int, error: Exception | None = None) -> None:
    """Print the JSON document, where one is asked for."""
    if not OUTPUT.as_json:
        return
    import json

    document = {
        "format": FORMAT,
        "exit_code": exit_code,
        "answer": OUTPUT.answer,
        "words": OUTPUT.lines,
        "warnings": OUTPUT.warnings,
        "error": None if error is None else {"name": type(error).__name__, "message": str(error)},
    }
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
