"""settle approve: a person says yes to one draft of a month."""

import getpass
from typing import Annotated

import typer

from cli.arguments import MonthArgument
from cli.printing import print_answer


def approve(
    period: MonthArgument,
    digest: Annotated[str, typer.Option(help="The draft's digest, as settle run printed it.")],
    by: Annotated[str | None, typer.Option(help="Who says yes. Default: the user of this machine.")] = None,
) -> None:
    """Say yes to one draft. Other data makes another draft, and needs another yes; then run the month again."""
    from cli.answers import Approve
    from flows.give_consent import give_consent
    from flows.office import Office
    from models.period import Period
    from tasks.settings import read_settings

    month, who = Period.parse(period), by or getpass.getuser()
    draft_digest = give_consent(Office.open(read_settings()), month, digest, who)
    answer = Approve(period=str(month), draft=draft_digest, by=who)
    print_answer(answer, [f"{who} approved draft {draft_digest} of {month}. Now: settle run {month}"])
