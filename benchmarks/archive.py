"""Objects stored a second, against the least that could store them: a bare write and fsync, or bare boto3.

    python -m benchmarks.archive                         # a folder; prints a table
    python -m benchmarks.archive --objects 3000 --size 100000 --json archive.json
    python -m benchmarks.archive --s3 s3://bucket/prefix # with the SETTLE_S3_ and AWS_ variables of that store

Three objects a partner, as a month has them, stored in batches, several at a time, as a run does. The bare way has the
same number of threads, and knows neither keys that are taken nor folders whose names must last. The two take turns.
"""

import argparse
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

from flows.documenting import WORKERS
from models.period import Period, Version
from tasks.archive import Archived, archive
from tasks.settings import read_settings
from tasks.storage import CALLS_AT_A_TIME, Store
from tasks.storage.directory import DirectoryStore
from tasks.storage.open import open_store
from tasks.storage.s3 import connect

FILES = ("statement.json", "statement.html", "statement.pdf")
BATCH = 25  # partners
TURNS = 3

Documents = dict[str, dict[str, bytes]]


class Seconds(NamedTuple):
    """How long something took, and how long the processor was busy with it in this process."""

    wall: float
    cpu: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--objects", type=int, default=900)
    parser.add_argument("--size", type=int, default=50_000, help="Bytes of each.")
    parser.add_argument("--folder", type=Path, help="On the disk to be measured; default: where temporary files go.")
    parser.add_argument("--s3", metavar="URL", default="", help="Measure this store and not a folder.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="Write the figures here as well.")
    asked = parser.parse_args()
    readings: dict[str, list[float]] = {"archive": [], "bare": []}
    cpu: dict[str, list[float]] = {"archive": [], "bare": []}
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        for turn in range(TURNS):
            partners = dict(_partners(asked.objects, asked.size))
            if asked.s3:
                url = f"{asked.s3}/{os.getpid()}-{turn}"
                ours, bare = open_store(url, read_settings()), _bare_s3(f"{url}-bare")
            else:
                ours, bare = DirectoryStore(Path(folder, "archive")), _bare_folder(Path(folder, "bare"))
            count = sum(map(len, partners.values()))
            works: dict[str, Callable[[Documents], None]] = {"archive": partial(_archived, ours), "bare": bare}
            for name, work in works.items():
                wall, spent = _seconds(work, partners)
                readings[name].append(count / wall)
                cpu[name].append(1000 * spent / count)
                shutil.rmtree(Path(folder, name), ignore_errors=True)
    found = {name: median(each) for name, each in readings.items()}
    print(f"{asked.objects} objects of {asked.size} bytes, {TURNS} turns, load {os.getloadavg()[0]:.1f}")
    for name, each in readings.items():
        turns = ", ".join(f"{one:.0f}" for one in each)
        print(f"  {name:<8} {found[name]:>8.0f} objects a second  ({turns}), {median(cpu[name]):.2f} CPU ms an object")
    print(f"  ratio    {found['archive'] / found['bare']:>8.2f}")
    if asked.json:
        asked.json.write_text(
            json.dumps({"readings": readings, "cpu_ms": cpu, "ratio": found["archive"] / found["bare"]})
        )


def _partners(objects: int, size: int) -> Iterator[tuple[str, dict[str, bytes]]]:
    for number in range(objects // len(FILES)):
        yield f"P-{number:05}", {name: os.urandom(size) for name in FILES}


def _seconds(work: Callable[[Documents], None], partners: Documents) -> Seconds:
    wall, cpu = time.monotonic(), time.process_time()
    work(partners)
    return Seconds(time.monotonic() - wall, time.process_time() - cpu)


def _archived(store: Store, partners: Documents) -> None:
    names = list(partners)
    batches = [{name: partners[name] for name in names[start : start + BATCH]} for start in range(0, len(names), BATCH)]
    with ThreadPoolExecutor(WORKERS) as pool:
        for batch, done in zip(batches, pool.map(partial(_archived_batch, store), batches), strict=True):
            assert len(done.stored) == len(batch), done.failed


def _archived_batch(store: Store, batch: Documents) -> Archived:
    return archive(store, "benchmark", Version(Period(2026, 1)), batch)


def _bare_folder(folder: Path) -> Callable[[Documents], None]:
    def written(path: Path, data: bytes) -> None:
        with path.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def every(partners: Documents) -> None:
        folder.mkdir()
        with ThreadPoolExecutor(CALLS_AT_A_TIME) as pool:
            for future in [
                pool.submit(written, folder / f"{partner}-{name}", data)
                for partner, files in partners.items()
                for name, data in files.items()
            ]:
                future.result()

    return every


def _bare_s3(url: str) -> Callable[[Documents], None]:
    bucket, _, prefix = url.removeprefix("s3://").partition("/")
    client = connect(read_settings())

    def every(partners: Documents) -> None:
        with ThreadPoolExecutor(CALLS_AT_A_TIME) as pool:
            for future in [
                pool.submit(client.put_object, Bucket=bucket, Key=f"{prefix}/{partner}/{name}", Body=data)
                for partner, files in partners.items()
                for name, data in files.items()
            ]:
                future.result()

    return every


if __name__ == "__main__":
    main()
