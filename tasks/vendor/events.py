"""Events of the vendor folder: `events.csv` and `events/*.csv`, plain or gzip, as received."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from engine.lines.events import no_events
from models.errors import BadInput
from models.events import EVENT_COLUMNS, EVENT_REQUIRED
from tasks.settings import Settings
from tasks.sources.files import ENDS
from tasks.sources.plain_files import MB, is_there, must_be_plain, must_be_small
from tasks.vendor.tables.table import read_table
from tasks.vendor.tables.workbook import csv_of, workbook_for

FORMS = (".csv", ".csv.gz", *ENDS)


def read_events(folder: Path) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return the events of `events.csv` and `events/*` as received, and warnings. No file: no events."""
    frames = [no_events()]
    warnings: list[str] = []
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        data = csv_of(folder, name) if path.suffix.lower() in ENDS else _unpacked(folder, name)
        table = read_table(name, data, EVENT_REQUIRED, ("amount_minor",))
        table.stop_if_wrong()
        rows = [(*(row.text[column] or None for column in EVENT_COLUMNS), name, row.number) for row in table.rows]
        frames.append(pl.DataFrame(rows, no_events().schema, orient="row"))
        warnings += table.warnings
    return pl.concat(frames), tuple(warnings)


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files with events, in the order of their names. Raises BadInput for one in a form that is not read."""
    if workbook := workbook_for(folder / "events.csv"):
        yield workbook
    elif is_there(folder / "events.csv"):
        yield folder / "events.csv"
    if not (folder / "events").is_dir():
        return
    for path in sorted((folder / "events").iterdir()):
        if path.name.startswith("."):
            continue
        if not path.name.lower().endswith(FORMS):
            raise BadInput(
                f"events/{path.name} ends in none of {', '.join(FORMS)}, so nothing of it would be read: "
                f"save it as CSV, or take it away."
            )
        yield path


def _unpacked(folder: Path, name: str) -> bytes:
    path = folder / name
    must_be_plain(path, name, folder)
    largest_mb = Settings().largest_table_mb
    must_be_small(path, name, largest_mb, "SETTLE_LARGEST_TABLE_MB")
    try:
        with gzip.open(path) if name.lower().endswith(".gz") else path.open("rb") as file:
            data: bytes = file.read(largest_mb * MB + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise BadInput(f"{name} is damaged and does not unpack ({error}): copy or export it again.") from None
    except OSError as error:
        raise BadInput(f"{name} cannot be read: {error.strerror or error}.") from None
    if len(data) > largest_mb * MB:
        raise BadInput(
            f"{name} unpacks to more than the {largest_mb} MB of SETTLE_LARGEST_TABLE_MB: it is hardly the file that "
            f"is meant. If it is, set SETTLE_LARGEST_TABLE_MB."
        )
    return data
