"""Objects stored a second, against the least that could store them: a bare write and fsync, or bare boto3.

    python -m benchmarks.archive                         # a folder; prints a table
    python -m benchmarks.archive --objects 3000 --size 100000 --json archive.json
    python -m benchmarks.archive --s3 s3://bucket/prefix # with the SETTLE_S3_ and AWS_ variables of that store

Three objects a partner, as a month has them, stored in batches as the archive's step does. The bare way has the same
number of threads, and knows neither keys that are taken nor folders whose names must last. The two take turns.
"""

import argparse
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from models.period import Period, Version
from tasks.archive import UPLOADS, archive
from tasks.settings import read_settings
from tasks.storage import Store
from tasks.storage.directory import DirectoryStore
from tasks.storage.open import open_store
from tasks.storage.s3 import THREADS, connect

FILES = ("statement.json", "statement.html", "statement.pdf")
BATCH = 25  # partners
TURNS = 3


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
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        for turn in range(TURNS):
            partners = dict(_partners(asked.objects, asked.size))
            if asked.s3:
                url = f"{asked.s3}/{os.getpid()}-{turn}"
                ours, bare = open_store(url, read_settings()), _bare_s3(f"{url}-bare")
            else:
                ours, bare = DirectoryStore(Path(folder, "archive")), _bare_folder(Path(folder, "bare"))
            count = sum(map(len, partners.values()))
            readings["archive"].append(count / _seconds(_archived, ours, partners))
            readings["bare"].append(count / _seconds(bare, partners))
            for name in ("archive", "bare"):
                shutil.rmtree(Path(folder, name), ignore_errors=True)
    found = {name: median(each) for name, each in readings.items()}
    print(f"{asked.objects} objects of {asked.size} bytes, {TURNS} turns, load {os.getloadavg()[0]:.1f}")
    for name, each in readings.items():
        print(f"  {name:<8} {found[name]:>8.0f} objects a second  ({', '.join(f'{one:.0f}' for one in each)})")
    print(f"  ratio    {found['archive'] / found['bare']:>8.2f}")
    if asked.json:
        asked.json.write_text(json.dumps({"readings": readings, "ratio": found["archive"] / found["bare"]}))


def _partners(objects: int, size: int) -> Iterator[tuple[str, dict[str, bytes]]]:
    for number in range(objects // len(FILES)):
        yield f"P-{number:05}", {name: os.urandom(size) for name in FILES}


def _seconds(work: Callable[..., None], *given: object) -> float:
    started = time.monotonic()
    work(*given)
    return time.monotonic() - started


def _archived(store: Store, partners: dict[str, dict[str, bytes]]) -> None:
    names = list(partners)
    for start in range(0, len(names), BATCH):
        batch = {name: partners[name] for name in names[start : start + BATCH]}
        done = archive(store, "benchmark", Version(Period(2026, 1)), batch)
        assert len(done.stored) == len(batch), done.failed


def _bare_folder(folder: Path) -> Callable[[dict[str, dict[str, bytes]]], None]:
    def written(path: Path, data: bytes) -> None:
        with path.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def every(partners: dict[str, dict[str, bytes]]) -> None:
        folder.mkdir()
        with ThreadPoolExecutor(UPLOADS) as pool:
            for future in [
                pool.submit(written, folder / f"{partner}-{name}", data)
                for partner, files in partners.items()
                for name, data in files.items()
            ]:
                future.result()

    return every


def _bare_s3(url: str) -> Callable[[dict[str, dict[str, bytes]]], None]:
    bucket, _, prefix = url.removeprefix("s3://").partition("/")
    client = connect(read_settings())

    def every(partners: dict[str, dict[str, bytes]]) -> None:
        with ThreadPoolExecutor(THREADS) as pool:
            for future in [
                pool.submit(client.put_object, Bucket=bucket, Key=f"{prefix}/{partner}/{name}", Body=data)
                for partner, files in partners.items()
                for name, data in files.items()
            ]:
                future.result()

    return every


if __name__ == "__main__":
    main()
