"""settle doctor: whether everything a settlement needs is there and works."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from cli.arguments import FolderOption, use_folder
from cli.printing import print_answer

if TYPE_CHECKING:
    from flows.questions.check_installation import Check


def doctor(folder: FolderOption = None) -> None:
    """Check settings, database, triggers, audit chain, archive and billing source; change nothing."""
    from cli.answers import Doctor
    from flows.questions.check_installation import check_installation
    from tasks.settings import read_settings

    use_folder(folder)
    checks = []
    for check in check_installation(read_settings()):
        checks.append(check)
        print_answer(Doctor.of(checks), _lines(check))
    raise typer.Exit(0 if all(check.passed for check in checks) else 1)


def _lines(check: "Check") -> Iterator[str]:
    """What was found, one line for each that it has, under the word for it."""
    word = ("ok" if check.passed else "FAIL") if check.looked_at else "--"
    for line in check.words.splitlines():
        yield f"{word:<4}  {line}"
        word = ""
