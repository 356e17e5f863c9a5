"""Billing from files: globs of CSV, packed CSV, Parquet and Excel, in the vendor's folder or in a bucket."""

import glob
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Self

import polars as pl
from pydantic import AfterValidator, Field, PrivateAttr, ValidationError, model_validator

from models.errors import BadInput, stop_for
from models.progress import read_bytes
from models.vendor import Tally
from rules.sources.presets import PRESETS, with_preset
from tasks.sources.columns import ColumnNames, not_kept
from tasks.sources.csv_lines import read_csv
from tasks.sources.lookups import read_lookups
from tasks.sources.parquet_lines import read_parquet
from tasks.sources.plain_files import must_be_plain, named_in
from tasks.sources.received import Known, Reading
from tasks.sources.table_form import TableForm

BUCKET = "s3://"
ENDS = (".xlsx", ".xlsm")
FORMATS = {".csv": "csv", ".csv.gz": "csv", ".csv.zip": "csv", ".parquet": "parquet", **dict.fromkeys(ENDS, "xlsx")}


def _format(name: str) -> str:
    if name not in (known := (*dict.fromkeys(FORMATS.values()), *PRESETS)):
        raise ValueError(f"{name!r} is none of {', '.join(known)}")
    return name


class FilesBlock(TableForm):
    """A block of sources.yaml that names files."""

    files: Annotated[tuple[str, ...], Field(min_length=1)]
    format: Annotated[str, AfterValidator(_format)] | None = None
    _tables: dict[str, TableForm] = PrivateAttr(default_factory=dict)  # of a preset, by name

    @model_validator(mode="before")
    @classmethod
    def _laid_out_as_the_preset(cls, written: dict[str, Any]) -> dict[str, Any]:
        """A file is opened before its columns tell which table it is: all tables of a preset are laid out alike."""
        if (preset := PRESETS.get(str(written.get("format")))) is None:
            return written
        keys = next(iter(preset.tables.values())).keys
        return {key: keys[key] for key in ("encoding", "delimiter") if key in keys} | written

    @model_validator(mode="after")
    def _tables_of_a_preset(self) -> Self:
        if self.format is not None and self.format in PRESETS:
            written = self.model_dump(exclude_unset=True, exclude={"files", "format"})
            tables = PRESETS[self.format].tables
            try:
                for name, table in tables.items():
                    self._tables[name] = TableForm.model_validate(with_preset(table.keys, written))
            except ValidationError as error:
                wrong = "; ".join(each["msg"].removeprefix("Value error, ") for each in error.errors())
                raise ValueError(f"of the {name} of {self.format}: {wrong}") from None
        return self

    def of(self, place: str, columns: Sequence[str]) -> TableForm:
        """How a table with these columns is read. Raises BadInput for one that the preset does not know."""
        if not self._tables:
            return self
        known = PRESETS[self.format or ""].tables
        for name, table in known.items():
            if table.told_by <= set(columns):
                return self._tables[name]
        told = "; ".join(f"{name} by {', '.join(sorted(table.told_by))}" for name, table in known.items())
        raise BadInput(
            f"{place} is no table that `format: {self.format}` knows. It knows {told}. "
            f"The file has {', '.join(columns)}."
        )

    def name_of(self, form: ColumnNames) -> str | None:
        """Return the name of a preset's table; None of any other."""
        return next((name for name, each in self._tables.items() if each is form), None)

    def open(self, folder: Path) -> "FilesSource":
        """The source this block describes; relative globs start in `folder`."""
        return FilesSource(folder, self)


@dataclass(frozen=True)
class FilesSource:
    """Billing lines in files. Files are read one by one, in the order of their names."""

    folder: Path
    block: FilesBlock
    warnings: list[str] = field(default_factory=list)
    skipped: list[Tally] = field(default_factory=list)

    @property
    def name(self) -> str:
        return ", ".join(self.block.files)

    @property
    def keep(self) -> tuple[str, ...]:
        return self.block.keep

    def on_disk(self) -> list[str]:
        """Return the files that are no objects in a bucket. Raises BadInput where there is none at all."""
        return [place for place in self._places() if not place.startswith(BUCKET)]

    def check(self) -> str:
        """Say how many files there are, and which is the last."""
        places = self._places()
        return f"{len(places)} file{'s' if len(places) > 1 else ''}, the last is {places[-1]}"

    def read(self, since: date, until: date) -> Iterator[pl.DataFrame]:
        """Yield the lines of every file; which month a line belongs to is asked line by line."""
        self.warnings.clear()
        self.skipped.clear()
        known = read_lookups(self.folder, self.block.lookup)
        tables: set[str] = set()
        unknown: set[str] = set()
        absent: set[str] = set()
        faults: list[BadInput] = []
        places = self._places()
        read_bytes(
            0, more=sum((self.folder / place).stat().st_size for place in places if not place.startswith(BUCKET))
        )
        for place in places:
            with self._local(place) as path:
                last: Reading | None = None
                try:
                    for reading, frame in self._frames(path, place, known):
                        last = reading
                        yield frame
                except BadInput as error:
                    # The month stops. What is wrong in the other files is told with it, and mended at once.
                    faults.append(error)
                    continue
                if last is not None:
                    unknown.update(last.columns.unknown)
                    absent.update(last.columns.absent)
                    self.skipped.extend(last.skipped.tallies)
                    self.warnings.extend(last.warnings)
                    tables |= {name for name in (self.block.name_of(last.names),) if name}
        stop_for(faults)
        self._must_be_whole(tables)
        self.warnings.extend(not_kept(self.name, unknown, absent) if not tables else ())

    def _must_be_whole(self, tables: set[str]) -> None:
        """Raise BadInput where the files of a preset hold the same money twice, or only a part of it."""
        if not tables:
            return
        preset = PRESETS[self.block.format or ""]
        if len(twice := tables.intersection(preset.not_together)) > 1:
            raise BadInput(
                f"{self.name} holds {' and '.join(sorted(twice))}, which are the same money: read one of them."
            )
        for table, needed in preset.need.items():
            if table in tables and needed not in tables:
                raise BadInput(
                    f"{self.name} holds {table} and no {needed}: what was given back would stay paid for. Export the "
                    f"{needed} too, of the same time, and put them beside; without any, the header alone."
                )

    def _places(self) -> list[str]:
        """Return every file once: its path from the vendor's folder, or its URL."""
        places: set[str] = set()
        for pattern in self.block.files:
            if pattern.startswith(BUCKET):
                # Here, because a directory needs no boto3, which is slow to load.
                from tasks.sources.s3 import objects

                places.update(objects(pattern))
            else:
                places.update(self._matching(pattern))
        if not places:
            raise BadInput(
                f"no billing file matches {self.name} in {self.folder}: put the billing there, "
                f"or name its place under `files:` in sources.yaml."
            )
        return sorted(places)

    def _matching(self, pattern: str) -> Iterator[str]:
        """Yield the files a pattern matches. Raises BadInput for what is there and no file, or full and passed over."""
        for place in glob.glob(pattern, root_dir=self.folder, recursive=True):
            path = self.folder / place
            if not path.is_dir():
                must_be_plain(path, place, named_in(self.folder, pattern))
                yield place
            elif "**" not in pattern and any(path.iterdir()):
                raise BadInput(
                    f"{place} is a folder, and what is in it is not read: take it away, "
                    f"or write `files: [{pattern.rstrip('*')}**/*]` in sources.yaml to read folders in folders."
                )

    def _local(self, place: str) -> AbstractContextManager[Path]:
        if place.startswith(BUCKET):
            from tasks.sources.s3 import copied

            return copied(place)
        return nullcontext(self.folder / place)

    def _frames(self, path: Path, place: str, known: Known) -> Iterator[tuple[Reading, pl.DataFrame]]:
        by_name = next((form for suffix, form in FORMATS.items() if place.lower().endswith(suffix)), None)
        match by_name if self.block.format in PRESETS else self.block.format or by_name:
            case "csv":
                return read_csv(path, place, self.block, known)
            case "parquet":
                return read_parquet(path, place, self.block, known)
            case "xlsx":
                # Here, because most folders have no workbook.
                from tasks.sources.excel.xlsx_lines import read_xlsx

                return read_xlsx(path, place, self.block, known)
        raise BadInput(
            f"{place} ends in none of {', '.join(FORMATS)}: take it away, narrow the glob, "
            f"or say what it is under `format:` in sources.yaml."
        )
