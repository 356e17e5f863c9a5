"""Ways to tamper with an archive of months, each drawn from a seed; and what finds them."""

import gzip
import json
import random
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from models.canonical import canonical_json
from rules.archive.layout import SEAL, SEAL_SIG
from tasks.auditing.signing import sign
from tests.attacks.forger import resealed, rewrite
from tests.keys import made_key

Tamper = Callable[[Path, random.Random], bool]
"""Tampers with a programme's folder. False: what was drawn changed nothing."""


def files_of(programme: Path) -> list[Path]:
    return sorted(path for path in programme.rglob("*") if path.is_file())


def months_of(programme: Path) -> list[Path]:
    return sorted(seal.parent for seal in programme.glob("*/v*/SEAL"))


def flip(programme: Path, draw: random.Random) -> bool:
    path = draw.choice([path for path in files_of(programme) if path.stat().st_size])
    data = bytearray(path.read_bytes())
    data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    rewrite(path, bytes(data))
    return True


def truncate(programme: Path, draw: random.Random) -> bool:
    path = draw.choice([path for path in files_of(programme) if path.stat().st_size])
    rewrite(path, path.read_bytes()[: draw.randrange(path.stat().st_size)])
    return True


def swap(programme: Path, draw: random.Random) -> bool:
    one, other = draw.sample(sorted(programme.rglob("statement.*")), 2)
    first, second = one.read_bytes(), other.read_bytes()
    rewrite(one, second)
    rewrite(other, first)
    return first != second


def drop(programme: Path, draw: random.Random) -> bool:
    draw.choice(files_of(programme)).unlink()
    return True


def add(programme: Path, draw: random.Random) -> bool:
    folder = draw.choice([path.parent for path in files_of(programme)] + [programme])
    (folder / f"evil-{draw.randrange(1000)}.csv").write_bytes(b"more for me\n")
    return True


def drop_seal(programme: Path, draw: random.Random) -> bool:
    (draw.choice(months_of(programme)) / SEAL).unlink()
    return True


def edit_and_rehash(programme: Path, draw: random.Random) -> bool:
    """Another amount in a statement, with its digest in SHA256SUMS put right, and the seal left."""
    return edited_statement(programme, draw) and _rehashed(programme)


def _rehashed(programme: Path) -> bool:
    seals = {month: (month / SEAL).read_bytes() for month in months_of(programme)}
    resealed(programme)
    for month, data in seals.items():
        rewrite(month / SEAL, data)
    return True


def replay_old_seal(programme: Path, draw: random.Random) -> bool:
    older, newer = sorted(draw.sample(months_of(programme), 2))
    rewrite(newer / SEAL, (older / SEAL).read_bytes())
    return True


def exchange_months(programme: Path, draw: random.Random) -> bool:
    one, other = draw.sample(sorted({month.parent for month in months_of(programme)}), 2)
    one.rename(programme / "aside")
    other.rename(one)
    (programme / "aside").rename(other)
    return True


def forged_version(programme: Path, draw: random.Random) -> bool:
    month = draw.choice(months_of(programme)[:-1])
    number = len(list(month.parent.iterdir())) + 1
    shutil.copytree(month, month.parent / f"v{number}")
    seal = json.loads((month / SEAL).read_bytes())
    rewrite(month.parent / f"v{number}" / SEAL, canonical_json(seal | {"version": number}))
    return True


def edited_statement(programme: Path, draw: random.Random) -> bool:
    path = draw.choice(sorted(programme.rglob("statement.json")))
    said = json.loads(path.read_bytes())
    more = draw.randrange(1, 10_000_00)
    where = draw.choice(["summary", "rules", "payments", "number"])
    if where == "summary":
        said["summary"][draw.choice(["opening_minor", "commission_minor", "to_pay_minor", "carried_minor"])] += more
    elif where == "number":
        said["number"] = f"2026-{draw.randrange(1000, 999_999):06d}"
    elif not said[where]:
        return False
    else:
        said[where][draw.randrange(len(said[where]))]["base_minor" if where == "payments" else "commission_minor"] += (
            more
        )
    rewrite(path, canonical_json(said))
    return True


def edit_and_reseal(programme: Path, draw: random.Random) -> bool:
    """Another amount in a statement, and every sum and seal made anew."""
    if not edited_statement(programme, draw):
        return False
    resealed(programme)
    return True


def edit_lines_and_reseal(programme: Path, draw: random.Random) -> bool:
    path = draw.choice(sorted(programme.rglob("received.csv.gz")))
    head, *rows = gzip.decompress(path.read_bytes()).decode().splitlines(keepends=True)
    place = draw.randrange(len(rows))
    rows[place : place + 1] = draw.choice([[], [rows[place]] * 2])  # one line fewer, or one twice
    rewrite(path, gzip.compress("".join([head, *rows]).encode(), mtime=0))
    resealed(programme)
    return True


def edit_seal_and_reseal(programme: Path, draw: random.Random) -> bool:
    path = draw.choice(months_of(programme)) / SEAL
    said = json.loads(path.read_bytes())
    change = draw.choice([{"code": "0.0.1"}, {"control": "agrees"}, {"month": 9}, {"approved": {"at": "", "by": "me"}}])
    rewrite(path, canonical_json(said | change))
    resealed(programme)
    return True


def cut_the_first(programme: Path, draw: random.Random) -> bool:
    """The first month taken away, and all that follows sealed anew."""
    shutil.rmtree(months_of(programme)[0].parent)
    resealed(programme)
    return True


def cut_the_last(programme: Path, draw: random.Random) -> bool:
    shutil.rmtree(months_of(programme)[-1].parent)
    return True


def reseal_the_last(programme: Path, draw: random.Random) -> bool:
    """Evidence of the last month made less, in what nothing else repeats: only a signature or the anchor knows."""
    path = months_of(programme)[-1] / "expectations.json"
    rewrite(path, path.read_bytes().replace(b"true", b"null"))
    resealed(programme)
    return True


def sign_anew(programme: Path, draw: random.Random) -> bool:
    """Evidence of a month made less, every sum and seal made anew, and signed by a key of one's own."""
    path = draw.choice(months_of(programme)) / "expectations.json"
    if not path.exists():  # a later version has none
        return False
    rewrite(path, path.read_bytes().replace(b"true", b"null"))
    resealed(programme)
    with tempfile.TemporaryDirectory() as folder:
        mine = made_key(Path(folder), "thief")
        for month in months_of(programme):
            rewrite(month / SEAL_SIG, sign((month / SEAL).read_bytes(), mine))
    return True


KINDS: dict[str, Tamper] = {
    "a bit flipped": flip,
    "a file cut short": truncate,
    "statements swapped": swap,
    "a file removed": drop,
    "a file added": add,
    "a SEAL removed": drop_seal,
    "a statement edited, sums made anew": edit_and_rehash,
    "an old SEAL put in place of a newer": replay_old_seal,
    "months exchanged": exchange_months,
    "a version forged beside an old month": forged_version,
    "a statement edited, all sealed anew": edit_and_reseal,
    "a received line removed or doubled, all sealed anew": edit_lines_and_reseal,
    "a SEAL edited, all sealed anew": edit_seal_and_reseal,
    "the first month removed, all sealed anew": cut_the_first,
    "the last month removed": cut_the_last,
    "checks of the last month edited, all sealed anew": reseal_the_last,
    "checks of a month edited, all sealed anew and signed by another key": sign_anew,
}
NEEDS_THE_KEY = list(KINDS)[-1]
NEED_THE_ANCHOR = (NEEDS_THE_KEY, "the last month removed")
"""What an archive cannot show alone: of the last month its SEAL, and no statement after it, says what it was."""
