"""settle adjust: an amount that a partner is given, or that is taken, by hand."""

import getpass
from datetime import datetime
from typing import Annotated

import typer

from cli.arguments import FolderOption, use_folder
from cli.printing import print_answer


def adjust(
    partner: Annotated[str, typer.Argument(help="The partner's id.")],
    amount: Annotated[str, typer.Option(help="What is given, in major units: 50.00; below 0 what is taken.")],
    adjustment_id: Annotated[str, typer.Option("--id", help="An id of its own: under it, it settles once.")],
    why: Annotated[str, typer.Option(help="Why. It stands on the statement.")],
    evidence: Annotated[str, typer.Option(help="What shows it: a mail, a contract.")] = "",
    cites: Annotated[str, typer.Option(help="The statement it corrects, by its key.")] = "",
    posted_on: Annotated[
        datetime | None,
        typer.Option("--on", formats=["%Y-%m-%d"], help="Its day. Default: the first of the next month to settle."),
    ] = None,
    by: Annotated[str | None, typer.Option(help="Who says so. Default: the user of this machine.")] = None,
    folder: FolderOption = None,
) -> None:
    """Give or take an amount by hand: a row of adjustments.csv. Who approves the month that settles it approves it."""
    from cli.short_answers import Adjust
    from flows.corrections.adjusting import ByHand
    from flows.corrections.adjusting import adjust as adjust_in
    from flows.office import Office
    from models.money import major
    from tasks.settings import read_settings

    use_folder(folder)
    office = Office.open(read_settings())
    said = ByHand(
        adjustment_id=adjustment_id,
        partner_id=partner,
        amount=amount,
        why=why,
        who=by or getpass.getuser(),
        evidence=evidence,
        cites=cites,
        posted_on=posted_on.date() if posted_on else None,
    )
    done = adjust_in(office, said)
    each = done.adjustment
    what = f"{each.adjustment_id}: {major(each.amount_minor, done.currency)} {done.currency} for {each.partner_id}"
    lines = [f"{what}, {'added to' if done.is_new else 'is already in'} adjustments.csv."]
    if done.settles_in is None:
        lines.append("A closed month has settled it.")
    else:
        lines.append(f"It settles in {done.settles_in}. Now: settle run {done.settles_in} --dry-run")
        if done.two_persons:
            lines.append(f"Somebody else than {each.who} has to approve of that month.")
    print_answer(Adjust.of(done), lines)
