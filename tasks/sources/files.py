"""Billing from files: globs of CSV, CSV.gz and Parquet, in the vendor's folder or in a bucket."""

import glob
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import polars as pl
from pydantic import AfterValidator, Field

from models.errors import BadInput
from tasks.sources.columns import Columns, FileColumns, not_kept
from tasks.sources.csv_lines import read_csv
from tasks.sources.parquet_lines import read_parquet
from tasks.sources.plain_files import must_be_plain

BUCKET = "s3://"
FORMATS = {".csv": "csv", ".csv.gz": "csv", ".parquet": "parquet"}


def _encoding(name: str) -> str:
    try:
        "a".encode(name)
    except LookupError:
        raise ValueError("is no encoding of text; write for example windows-1251") from None
    # A byte order mark at the start of UTF-8 is no part of the first column's name.
    return "utf-8-sig" if name.lower().replace("_", "-") in ("utf-8", "utf8") else name


def _delimiter(mark: str) -> str:
    if len(mark) != 1 or mark in '"\r\n':
        raise ValueError('must be one character, for example ";" or "\\t"')
    return mark


class FilesBlock(FileColumns):
    """A block of sources.yaml that names files."""

    files: Annotated[tuple[str, ...], Field(min_length=1)]
    format: Literal["csv", "parquet"] | None = None
    encoding: Annotated[str, AfterValidator(_encoding)] = "utf-8-sig"
    delimiter: Annotated[str, AfterValidator(_delimiter)] = ","

    def open(self, folder: Path) -> "FilesSource":
        """The source this block describes; relative globs start in `folder`."""
        return FilesSource(folder, self)


@dataclass(frozen=True)
class FilesSource:
    """Billing lines in files. Files are read one by one, in the order of their names."""

    folder: Path
    block: FilesBlock
    warnings: list[str] = field(default_factory=list)

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
        unknown: set[str] = set()
        absent: set[str] = set()
        for place in self._places():
            with self._local(place) as path:
                for columns, frame in self._frames(path, place):
                    unknown.update(columns.unknown)
                    absent.update(columns.absent)
                    yield frame
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

    def _frames(self, path: Path, place: str) -> Iterator[tuple[Columns, pl.DataFrame]]:
        by_name = next((form for suffix, form in FORMATS.items() if place.lower().endswith(suffix)), None)
        match self.block.format or by_name:
            case "csv":
                return read_csv(path, place, self.block.encoding, self.block.delimiter, self.block)
            case "parquet":
                return read_parquet(path, place, self.block)
        raise BadInput(
            f"{place} ends in none of {', '.join(FORMATS)}: take it away, narrow the glob, "
            f"or say what it is under `format:` in sources.yaml."
        )
