"""Totals among billing lines: rejected rows that say of themselves that they are a sum, and what to write then."""

import re
from collections.abc import Iterable
from typing import Final

from models.billing import RejectedRecord

TOTALS: Final = ("total", "grand total", "subtotal", "итого", "всего", "summe", "razem")
"""What a row of sums says, in small letters."""

SHOWN: Final = 3

_BEGINS: Final = re.compile(rf"\s*(?:{'|'.join(TOTALS)})\b", re.IGNORECASE)


def totals_rows(rejected: Iterable[RejectedRecord]) -> list[str]:
    """Return a sentence on the rejected rows that begin as a sum does, with the first of them, or nothing.

    >>> row = RejectedRecord("billing/a.csv", 7, "Total for Acme", "client_id", "", "is missing")
    >>> totals_rows([row])[0].partition("? ")[0]
    "billing/a.csv row 7 ('Total for Acme'): a row of sums"
    """
    found: dict[tuple[str, int], str] = {}
    for each in rejected:
        said = next((text for text in (each.line_id, each.value) if _BEGINS.match(text)), None)
        if said is not None:
            found.setdefault((each.source, each.row), said)
    if not found:
        return []
    first = list(found.items())[:SHOWN]
    rows = ", ".join(f"{source} row {row} ({said!r})" for (source, row), said in first)
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return [
        f"{rows}{more}: a row of sums? It is no billing line: name it in sources.yaml, by the column in which the word "
        f"stands, as skip_where: {{COLUMN: {first[0][1].strip().split()[0]}*}}"
    ]
