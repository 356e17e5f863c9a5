"""How much of the billing files has been read: of all bytes there are, packed as they are."""

import gzip
import zipfile
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from models.progress import watching, working
from tasks.sources.describe import describe
from tests.made.vendors import line, write_csv
from tests.told import Told


def write_as(path: Path, lines: int) -> None:
    """Write a billing file as the end of its name says."""
    csv = write_csv(path.parent.parent / "lines.csv", [line(f"L{n}", "C-1", 100 + n) for n in range(lines)])
    path.parent.mkdir()
    match path.suffix:
        case ".csv":
            path.write_bytes(csv.read_bytes())
        case ".gz":
            path.write_bytes(gzip.compress(csv.read_bytes()))
        case ".zip":
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
                packed.write(csv, "lines.csv")
        case ".parquet":
            pl.read_csv(csv, infer_schema=False).write_parquet(path)
        case _:
            pl.read_csv(csv, infer_schema=False).write_excel(path)


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.csv.zip", "a.parquet", "a.xlsx"])
def test_all_bytes_of_a_billing_file_are_told_as_they_are_read(name: str, tmp_path: Path) -> None:
    path = tmp_path / "billing" / name
    write_as(path, lines=3_000)
    (source,) = describe(None, tmp_path).sources
    told = Told()
    with watching(told), working("extract"):
        assert sum(frame.height for frame in source.read(date(2026, 1, 1), date(2026, 1, 31))) == 3_000
    size = path.stat().st_size
    assert {work.bytes_of for work in told.works[1:]} == {size}
    assert told.works[1].bytes_read == 0
    assert size <= told.works[-1].bytes_read <= size * 1.05  # the table of contents of a zip is read twice
    assert told.works[-1].percent == 100


def test_a_large_file_is_told_piece_by_piece_and_several_files_are_one_whole(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        write_csv(tmp_path / "billing" / name, [line(f"{name}{n}", "C-1", 100) for n in range(3_000)])
    (source,) = describe(None, tmp_path).sources
    told = Told()
    with watching(told), working("extract"):
        assert sum(frame.height for frame in source.read(date(2026, 1, 1), date(2026, 1, 31))) == 6_000
    sizes = [(tmp_path / "billing" / name).stat().st_size for name in ("a.csv", "b.csv")]
    assert len(told.works) > 6
    assert {work.bytes_of for work in told.works[1:]} == {sum(sizes)}
    assert [work.bytes_read for work in told.works] == sorted(work.bytes_read for work in told.works)
    assert told.works[-1].bytes_read == sum(sizes)
