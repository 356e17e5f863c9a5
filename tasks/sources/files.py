"""Billing from files: globs of CSV, packed CSV, Parquet and Excel, in the vendor's folder or in a bucket."""

import glob
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import polars as pl
from pydantic import Field

from models.errors import BadInput
from models.vendor import Tally
from tasks.sources.columns import not_kept
from tasks.sources.csv_lines import read_csv
from tasks.sources.lookups import read_lookups
from tasks.sources.parquet_lines import read_parquet
from tasks.sources.plain_files import must_be_plain
from tasks.sources.received import Known, Reading
from tasks.sources.table_form import TableForm

BUCKET = "s3://"
ENDS = (".xlsx", ".xlsm")
FORMATS = {".csv": "csv", ".csv.gz": "csv", ".csv.zip": "csv", ".parquet": "parquet", **dict.fromkeys(ENDS, "xlsx")}


class FilesBlock(TableForm):
    """A block of sources.yaml that names files."""

    files: Annotated[tuple[str, ...], Field(min_length=1)]
    format: Literal["csv", "parquet", "xlsx"] | None = None

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

    def check(self) -> str:
        """Say how many files there are, and which is the last."""
        places = self._places()
        return f"{len(places)} file{'s' if len(places) > 1 else ''}, the last is {places[-1]}"

    def read(self, since: date, until: date) -> Iterator[pl.DataFrame]:
        """Yield the lines of every file; which month a line belongs to is asked line by line."""
        self.warnings.clear()
        self.skipped.clear()
        known = read_lookups(self.folder, self.block.lookup)
        unknown: set[str] = set()
        absent: set[str] = set()
        for place in self._places():
            with self._local(place) as path:
                last: Reading | None = None
                for reading, frame in self._frames(path, place, known):
                    last = reading
                    yield frame
                if last is not None:
                    unknown.update(last.columns.unknown)
                    absent.update(last.columns.absent)
                    self.skipped.extend(last.skipped.tallies)
                    self.warnings.extend(last.warnings)
        self.warnings.extend(not_kept(self.name, unknown, absent))

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
                must_be_plain(path, place)
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
        match self.block.format or by_name:
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
