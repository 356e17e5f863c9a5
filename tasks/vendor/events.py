"""Events of the vendor folder: `events.csv` and `events/*.csv`, as received."""

from pathlib import Path

import polars as pl

from engine.lines.events import no_events
from models.errors import BadInput
from models.events import EVENT_COLUMNS, EVENT_REQUIRED
from tasks.vendor.table import read_table


def read_events(folder: Path) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return the events of `events.csv` and `events/*.csv` as received, and warnings. No file: no events."""
    paths = [folder / "events.csv", *sorted((folder / "events").glob("*.csv"))]
    frames = [no_events()]
    warnings: list[str] = []
    for path in (path for path in paths if path.exists()):
        name = path.relative_to(folder).as_posix()
        try:
            table = read_table(name, path.read_bytes(), EVENT_REQUIRED, ("amount_minor",))
        except OSError as error:
            raise BadInput(f"{name} cannot be read: {error.strerror or error}.") from None
        table.stop_if_wrong()
        rows = [(*(row.text[column] or None for column in EVENT_COLUMNS), name, row.number) for row in table.rows]
        frames.append(pl.DataFrame(rows, no_events().schema, orient="row"))
        warnings += table.warnings
    return pl.concat(frames), tuple(warnings)
