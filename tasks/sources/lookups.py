"""Lookups: small tables beside sources.yaml that know one of our columns by another, as a category by its product."""

from collections.abc import Mapping
from pathlib import Path

from models.errors import BadInput
from rules.sources.values import Lookup
from tasks.settings import Settings
from tasks.sources.columns import describe_missing
from tasks.sources.csv_lines import BrokenRecord, records
from tasks.sources.plain_files import must_be_plain, must_be_small, named_in


def read_lookups(folder: Path, lookups: Mapping[str, Lookup]) -> dict[str, dict[str, str]]:
    """Return what each table says, by our column. Raises BadInput for a table that is missing or says two things."""
    return {name: _read(folder, each, name) for name, each in lookups.items()}


def _read(folder: Path, lookup: Lookup, name: str) -> dict[str, str]:
    place = lookup.table
    path = folder / place
    must_be_plain(path, place, named_in(folder, place))
    must_be_small(path, place, Settings().largest_table_mb, "SETTLE_LARGEST_TABLE_MB")
    said: dict[str, tuple[int, str]] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            found = records(text)
            _, header, _ = next(found, (0, [], 0))
            header = [column.strip() for column in header]
            if missing := [column for column in (lookup.by, name) if column not in header]:
                raise BadInput(f"{place}: {describe_missing(missing, header)}")
            by, value = header.index(lookup.by), header.index(name)
            for row, fields, _ in found:
                if len(fields) != len(header):
                    raise BadInput(f"{place} row {row} has {len(fields)} values, but the header has {len(header)}.")
                key, known = fields[by].strip(), fields[value].strip()
                first, before = said.setdefault(key, (row, known))
                if before != known:
                    raise BadInput(
                        f"{place} row {row}: {lookup.by} {key!r} has {name} {known!r} here and {before!r} in row "
                        f"{first}: keep one."
                    )
    except BrokenRecord as broken:
        raise BadInput(f"{place} row {broken.row}: {broken}") from None
    except UnicodeDecodeError:
        raise BadInput(f"{place} is not UTF-8: save it as UTF-8.") from None
    except OSError as error:
        raise BadInput(f"{place} cannot be read: {error.strerror or error}.") from None
    return {key: value for key, (_, value) in said.items()}
