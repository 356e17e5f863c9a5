"""Billing lines from one Parquet file, batch by batch, with typed columns as text."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from models.errors import BadInput
from models.progress import read_bytes
from tasks.sources import FRAME_LINES
from tasks.sources.limits import must_be_rows, must_fit_in_memory
from tasks.sources.received import Known, Reading
from tasks.sources.table_form import TableForm
from tasks.sources.typed import texts

SAME_TEXT = (pa.types.is_string, pa.types.is_large_string, pa.types.is_integer, pa.types.is_date32)
"""Types that Arrow writes as `texts` would, and many times faster: text, digits, YYYY-MM-DD."""


def read_parquet(path: Path, place: str, form: TableForm, known: Known) -> Iterator[tuple[Reading, pl.DataFrame]]:
    """Yield the lines of the file, with how they are read; `row` counts its lines from 1."""
    try:
        # Without pre_buffer a row group is read page by page, and memory stays that of a batch.
        # Texts are read as Parquet keeps them, each once: what they come to is looked at before they are written out.
        texts_of = [column.name for column in pq.read_schema(path) if _is_text(column.type)]
        with pq.ParquetFile(path, pre_buffer=False, read_dictionary=texts_of) as file:
            must_be_rows(place, file.metadata.num_rows, path.stat().st_size)
            names = form.of(place, file.schema_arrow.names)
            columns = names.match(place, file.schema_arrow.names)
            reading = Reading(place, names, columns, known)
            first, size = 1, path.stat().st_size
            for batch in file.iter_batches(FRAME_LINES, columns=sorted({*columns.theirs.values(), *columns.beside})):
                column = partial(_column, place, batch, names.timezone)
                read_bytes(size * batch.num_rows // file.metadata.num_rows)
                yield reading, reading.lines(column, range(first, first + batch.num_rows))
                first += batch.num_rows
    except (pa.ArrowException, OSError, OverflowError) as error:
        raise BadInput(f"{place} cannot be read as Parquet: {error}. Copy or export it again.") from None


def _is_text(of: pa.DataType) -> bool:
    return any(
        is_such(of)
        for is_such in (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)
    )


def _column(
    place: str, batch: pa.RecordBatch, zone: str | None, name: str, theirs: str
) -> Sequence[str | None] | pl.Series:
    column = batch.column(theirs)
    must_fit_in_memory(place, name, column)
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if any(is_such(column.type) for is_such in SAME_TEXT):
        return pl.Series(name, pl.from_arrow(column.cast(pa.large_string())))
    return texts(place, name, column.to_pylist(), zone)
