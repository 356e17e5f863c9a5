"""The file of bodies: every statement once, in the order given, in groups that a batch can read alone."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.frames import bodies
from engine.frames.bodies import BodiesFile, bodies_in
from engine.frames.parquet import frame_from
from engine.frames.schemas import Statements


def written(*texts: str) -> bytes:
    file = BodiesFile()
    for number, text in enumerate(texts):
        file.add(f"P{number}", text.encode())
    return file.to_bytes()


def groups(data: bytes) -> list[int]:
    file = pq.ParquetFile(io.BytesIO(data))
    return [file.metadata.row_group(number).num_rows for number in range(file.num_row_groups)]


def test_bodies_are_read_back_as_they_were_written_whatever_stands_in_them() -> None:
    texts = ['{"a":1}\n', '{"name":"Ромашка \\"\\u2028 😀"}\n', "{}\n"]
    data = written(*texts)
    assert [body.decode() for body in bodies_in(data)] == texts
    assert Statements.validate(frame_from(data))["partner_id"].to_list() == ["P0", "P1", "P2"]


def test_a_body_alone_in_its_group_is_written_as_arrow_writes_any(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "BYTES_PER_GROUP", 1)
    texts = ['{"name":"Ромашка"}', "x", "{}"]
    data = written(*texts)
    assert (groups(data), [body.decode() for body in bodies_in(data)]) == ([1, 1, 1], texts)
    expected = io.BytesIO()
    with pq.ParquetWriter(
        expected, bodies.SCHEMA, compression="zstd", store_schema=False, use_dictionary=False,
        write_statistics=["partner_id"],
    ) as file:  # fmt: skip
        for number, text in enumerate(texts):
            file.write_table(pa.table([[f"P{number}"], [text]], schema=bodies.SCHEMA))
    assert data == expected.getvalue()


def test_partners_are_found_by_the_statistics_of_a_group_and_bodies_have_none() -> None:
    group = pq.ParquetFile(io.BytesIO(written("{}", "{}"))).metadata.row_group(0)
    partners, texts = group.column(0).statistics, group.column(1).statistics
    assert (partners.min, partners.max, texts) == ("P0", "P1", None)


def test_a_month_without_partners_has_a_file_without_bodies() -> None:
    assert list(bodies_in(written())) == []


def test_a_group_ends_after_fifty_statements_or_eight_megabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert groups(written(*["{}"] * 101)) == [50, 50, 1]
    monkeypatch.setattr(bodies, "BYTES_PER_GROUP", 10)
    assert groups(written("x" * 9, "y", "z" * 10, "w")) == [2, 1, 1]
