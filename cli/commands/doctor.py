"""settle doctor: whether everything a settlement needs is there and works."""

import typer

from cli.printing import print_answer


def doctor() -> None:
    """Check settings, database, triggers, audit chain, archive and billing source; change nothing."""
    from cli.answers import Doctor
    from flows.questions.check_installation import check_installation
    from tasks.settings import read_settings

    checks = []
    for check in check_installation(read_settings()):
        checks.append(check)
        print_answer(Doctor.of(checks), [f"{'ok  ' if check.passed else 'FAIL'}  {check.words}"])
    raise typer.Exit(0 if all(check.passed for check in checks) else 1)
