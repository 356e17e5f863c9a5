"""settle audit: the audit trail as a file of JSON lines, and a check of such a file."""

from pathlib import Path
from typing import Annotated

import typer

from cli.arguments import HELP_OPTIONS
from cli.output import add
from cli.printing import print_answer

audit = typer.Typer(no_args_is_help=True, rich_markup_mode=None, context_settings=HELP_OPTIONS)


def export(
    to: Annotated[Path, typer.Option(metavar="FILE", help="The file to write; it must not be there.")],
) -> None:
    """Write the audit trail to a file: an entry a line, as JSON, each with its digest."""
    from cli.short_answers import AuditExport
    from flows.handing_over import audit_lines
    from flows.office import Office
    from models.errors import WrongUse
    from tasks.settings import read_settings

    database = Office.open(read_settings()).database
    if not database.exists():
        raise WrongUse(f"{database} does not exist: there is no audit trail yet.")
    if to.exists():
        raise WrongUse(f"--to {to} exists already, and is not written over.")
    count = 0
    with to.open("w", encoding="utf-8") as file:
        for count, line in enumerate(audit_lines(database), start=1):  # noqa: B007 (how many there were)
            file.write(line)
    print_answer(AuditExport(file=str(to), entries=count), [f"{to}: {count} entries."])


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A trail as settle audit export writes it.")],
) -> None:
    """Check an exported audit trail, without the database: no gap, and each entry is what its digest says."""
    import json

    from cli.short_answers import AuditCheck
    from models.errors import BadInput, WrongUse
    from tasks.facts.audit import AuditEntry, broken_links

    if not file.is_file():
        raise WrongUse(f"{file} is no file: settle audit export --to FILE writes one.")
    entries = []
    for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
        try:
            entries.append(AuditEntry(**json.loads(line)))
        except (ValueError, TypeError) as fault:
            raise BadInput(f"{file}, line {number}, is no entry of an audit trail: {fault}") from fault
    broken = broken_links(entries)
    end = f"it ends with entry {entries[-1].seq}, {entries[-1].digest}" if entries else "it has no entry"
    summary = f"{file} {'DOES NOT HOLD' if broken else 'holds'}: {len(entries)} entries; {end}."
    print_answer(AuditCheck.of(str(file), entries, broken), [*broken, summary])
    raise typer.Exit(1 if broken or not entries else 0)


add(audit, export, "settle audit export --to trail.jsonl")
add(audit, check, "settle audit check trail.jsonl")
