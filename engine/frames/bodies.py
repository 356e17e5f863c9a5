"""Bodies: the statements that wait for approval, written one after another to one Parquet file."""

import io
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

STATEMENTS_PER_GROUP = 50
BYTES_PER_GROUP = 8_000_000
"""Where a group ends: a batch of documents unpacks a few groups, not all statements."""

SCHEMA = pa.schema([("partner_id", pa.large_string()), ("statement", pa.large_string())])


class BodiesFile:
    """A file of engine.frames.schemas.Statements. A group's bodies are in memory, and no others; each once."""

    def __init__(self) -> None:
        self._buffer = io.BytesIO()
        # No statistics of the bodies: to find the smallest and the largest, a body would be in memory six times more.
        self._writer = pq.ParquetWriter(
            self._buffer,
            SCHEMA,
            compression="zstd",
            store_schema=False,
            use_dictionary=False,
            write_statistics=["partner_id"],
        )
        self._partners: list[str] = []
        self._bodies: list[bytes] = []

    def add(self, partner_id: str, body: bytes) -> None:
        """Add a statement's canonical JSON."""
        self._partners.append(partner_id)
        self._bodies.append(body)
        if len(self._bodies) == STATEMENTS_PER_GROUP or sum(map(len, self._bodies)) >= BYTES_PER_GROUP:
            self._end_group()

    def to_bytes(self) -> bytes:
        """Return the file; nothing can be added after it."""
        self._end_group()
        self._writer.close()
        return self._buffer.getvalue()

    def _end_group(self) -> None:
        if not self._bodies:
            return
        table = pa.table([pa.array(self._partners, pa.large_string()), _texts(self._bodies)], schema=SCHEMA)
        self._partners, self._bodies = [], []
        self._writer.write_table(table, row_group_size=STATEMENTS_PER_GROUP)


def bodies_in(statements: bytes) -> Iterator[bytes]:
    """Yield the bodies in the result `statements.parquet`, in the order of the partners' ids."""
    file = pq.ParquetFile(pa.BufferReader(statements))
    for number in range(file.num_row_groups):
        (texts,) = file.read_row_group(number, columns=["statement"]).columns
        # As Arrow has them: a frame, and a text of each, would be three copies more.
        for body in texts.cast(pa.large_binary()):
            yield body.as_py()


def _texts(bodies: list[bytes]) -> pa.LargeStringArray:
    """The bodies as Arrow texts. One that is alone is not copied: it may have hundreds of megabytes."""
    if len(bodies) > 1:
        return pa.array(bodies, pa.large_binary()).cast(pa.large_string())
    ends = pa.array([0, len(bodies[0])], pa.int64()).buffers()[1]
    return pa.LargeStringArray.from_buffers(1, ends, pa.py_buffer(bodies[0]))
