"""settle doctor: whether everything a settlement needs is there and works."""

import typer

from cli.printing import print_lines


def doctor() -> None:
    """Check settings, database, triggers, audit chain, archive and billing source; change nothing."""
    from flows.check_installation import check_installation
    from tasks.settings import read_settings

    all_passed = True
    for check in check_installation(read_settings()):
        all_passed = all_passed and check.passed
        print_lines(f"{'ok  ' if check.passed else 'FAIL'}  {check.words}")
    raise typer.Exit(0 if all_passed else 1)
