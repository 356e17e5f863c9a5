"""settle export: a month for finance, as an Excel workbook or a CSV file."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.arguments import MonthArgument
from cli.printing import print_answer


class Sheet(StrEnum):
    """Which table a CSV file has; a workbook has all three."""

    PARTNERS = "partners"
    RULES = "rules"
    SEGMENTS = "segments"


def export(
    period: MonthArgument,
    to: Annotated[Path, typer.Option(metavar="FILE", help="Ends in .xlsx or .csv; nothing is overwritten.")],
    partners: Annotated[str | None, typer.Option(metavar="A,B", help="Only these partners.")] = None,
    sheet: Annotated[Sheet, typer.Option(help="Which table a .csv has; an .xlsx has all.")] = Sheet.PARTNERS,
) -> None:
    """Write an approved month for finance: what partners are owed, commission by rule and segment, in major units."""
    from cli.short_answers import Export
    from flows.office import Office
    from flows.questions.exporting import exported, write_export
    from models.period import Period
    from tasks.settings import read_settings

    only = [partner.strip() for partner in partners.split(",")] if partners else []
    tables = exported(Office.open(read_settings()), Period.parse(period), only)
    write_export(tables, to, sheet)
    rows = {table.name: len(table.rows) for table in tables if to.suffix.lower() == ".xlsx" or table.name == sheet}
    words = ", ".join(f"{name} {count} rows" for name, count in rows.items())
    print_answer(Export(period=period, file=str(to.absolute()), rows=rows), [f"{to}: {words}."])
