"""Limits: how large a file, a row or a batch may be. What is larger is refused by name, before it fills the memory."""

import io
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc

from models.errors import BadInput
from models.money import grouped
from tasks.settings import Settings
from tasks.sources.plain_files import MB

MAY_UNPACK_TO = 100 * MB
"""A packed file may come to so many bytes, whatever its own size."""

LONGEST_ROW = 1_000_000
"""Characters of one row of a table. A row of billing has some hundreds."""

LARGEST_BATCH = 256 * MB
"""Bytes of text in one column of the rows that are read together."""


class Unpacked(io.BufferedIOBase):
    """What a packed file holds, read as far as it is in proportion: what comes to far more is no table."""

    def __init__(self, stream: IO[bytes], place: str, packed: int) -> None:
        self.stream, self.place, self.times = stream, place, Settings().unpack_at_most
        self.most, self.unpacked = max(MAY_UNPACK_TO, packed * self.times), 0

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        return self._counted(self.stream.read(self.most + 1 if size is None or size < 0 else size))

    def read1(self, size: int = -1) -> bytes:
        return self.read(io.DEFAULT_BUFFER_SIZE if size < 0 else size)

    def _counted(self, data: bytes) -> bytes:
        self.unpacked += len(data)
        if self.unpacked > self.most:
            raise BadInput(
                f"{self.place} unpacks to more than {self.times} times its size: that is no billing. If it is, set "
                f"SETTLE_UNPACK_AT_MOST to a larger number."
            )
        return data


def must_fit_in_memory(place: str, name: str, column: pa.Array) -> None:
    """Raise BadInput where the text of a column, whose values are kept once each, would fill the memory."""
    if not pa.types.is_dictionary(column.type) or not len(column.dictionary):
        return
    lengths = pc.binary_length(column.dictionary)
    size = pc.sum(pc.take(lengths, column.indices).cast(pa.int64())).as_py() or 0
    if size > LARGEST_BATCH:
        raise BadInput(
            f"{place}: column {name}: {grouped(len(column))} rows hold {grouped(size)} bytes of text, more than "
            f"{grouped(LARGEST_BATCH)}. Values of that length are no billing: write the column as it is meant."
        )


def must_be_rows(place: str, rows: int, size: int) -> None:
    """Raise BadInput where a file says that it has more rows than bytes, for every line has an id of its own."""
    if rows > max(size, MB):
        raise BadInput(
            f"{place} says that it has {grouped(rows)} rows, in {grouped(size)} bytes: they cannot all have ids of "
            f"their own. Export it again."
        )
