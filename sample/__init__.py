"""The sample vendor: a made-up telephony and software company to try a programme on, the size of UIS.

By default 13 000 clients, 300 partners and three months of about 65 000 billing lines, with the dirt that
real billing has. What there is beside billing and claims follows from what the programme asks: events,
people, assignments. The same arguments give the same bytes, anywhere and at any time. Beside the
files a vendor has, the folder holds `SAMPLE.json`: the arguments it was made from, and what was made.
"""

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from random import Random

from pydantic import Field, ValidationError

from models.canonical import canonical_json
from models.errors import WrongUse
from models.period import Period
from models.progress import advance, working
from models.value import Value
from sample.asked import Asked
from sample.assignments import assignment_rows
from sample.billing import month_lines
from sample.clients import claim_rows
from sample.control import Control
from sample.dirt import dirty_clients
from sample.employees import employee_rows
from sample.events import event_rows
from sample.exclusions import exclusion_rows
from sample.line import Line
from sample.partners import partner_rows
from sample.programme import DEFAULT, agreed
from sample.promo import with_codes
from sample.spending import spending_rows
from sample.vendor import Rows, Vendor, invent

NOTE = "SAMPLE.json"
Progress = Callable[[str], None]


class Arguments(Value):
    """What a sample is made from, and nothing else."""

    clients: int = Field(ge=1, le=10_000_000)
    partners: int = Field(ge=1, le=1_000_000)
    months: int = Field(ge=1, le=120)
    seed: int
    starts: str
    programme: str
    programme_digest: str


class Sample(Value):
    """What was made, or was there already."""

    arguments: Arguments
    finished: bool = False
    files: tuple[str, ...] = ()
    lines: dict[str, int] = Field(default_factory=dict)  # month -> billing lines in its file
    dirt: dict[str, int] = Field(default_factory=dict)  # kind -> clients it happened to, over all months
    already_there: bool = Field(default=False, exclude=True)


def make_sample(
    folder: Path,
    *,
    clients: int = 13_000,
    partners: int = 300,
    months: int = 3,
    seed: int = 1,
    starts: Period | None = None,
    programme: str = DEFAULT,
    progress: Progress = lambda message: None,
) -> Sample:
    """Write a vendor folder that can be settled from its first month to its last.

    `programme` names an example, or a file; where another start is wanted, `starts` moves its months. A folder
    that holds this very sample is left as it is. Raises WrongUse where it holds anything else.
    """
    promised = agreed(programme, starts)
    try:
        arguments = Arguments(
            clients=clients,
            partners=partners,
            months=months,
            seed=seed,
            starts=str(promised.starts),
            programme=promised.programme,
            programme_digest=promised.digest,
        )
    except ValidationError as error:
        problems = "; ".join(f"{detail['loc'][0]}={detail['input']}: {detail['msg']}" for detail in error.errors())
        raise WrongUse(f"such a sample cannot be made: {problems}.") from None
    found = _found(folder, arguments)
    if found.finished:
        progress(f"{folder} holds this sample already; nothing was changed.")
        return found.model_copy(update={"already_there": True})
    try:
        (folder / "billing").mkdir(parents=True, exist_ok=True)
        _write_note(folder, found)
    except OSError as error:
        raise WrongUse(f"{folder} cannot be written ({error.strerror}): name another folder.") from None
    with working("sample"):
        made = _write(folder, arguments, Asked(promised), progress)
    _write_note(folder, made)
    return made


def _found(folder: Path, arguments: Arguments) -> Sample:
    """What an earlier call left: nothing, or this sample, finished or cut off half-way."""
    note = folder / NOTE
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return Sample(arguments=arguments)
    try:
        found = Sample.model_validate_json(note.read_bytes())
    except (OSError, ValidationError):
        raise WrongUse(f"{folder} already holds something that is not a sample: name a new or empty folder.") from None
    if found.arguments != arguments:
        made_from, asked = (
            " ".join(f"{k}={v}" for k, v in a.model_dump().items()) for a in (found.arguments, arguments)
        )
        raise WrongUse(f"{folder} holds another sample ({made_from}; asked for: {asked}): name a new or empty folder.")
    return found


def _write(folder: Path, arguments: Arguments, asked: Asked, progress: Progress) -> Sample:
    people = Random(f"{arguments.seed} people")
    vendor = invent(asked, arguments.clients, arguments.partners, arguments.months, arguments.seed, people)
    (folder / "programme.yaml").write_text(asked.programme.text, encoding="utf-8", newline="\n")
    tables = _tables(vendor, people)
    for name, rows in tables.items():
        _write_csv(folder / name, rows)
    files = ["programme.yaml", *tables]
    progress(f"{arguments.clients} clients of {arguments.partners} partners, with their claims")
    control, lines, dirt = Control(), dict[str, int](), Counter[str]()
    columns = Line._fields if asked.has_codes else Line._fields[:-2]
    for month in vendor.periods:
        files.append(f"billing/{month}.csv")
        billing = (line[: len(columns)] for line in control.counted(_billing(vendor, month)))
        lines[str(month)] = _write_csv(folder / files[-1], [columns], billing)
        dirt.update(dirty_clients(vendor.clients, month, vendor.seed).values())
        advance(1, "months", len(vendor.periods))
        progress(f"{files[-1]}: {lines[str(month)]} lines")
    _write_csv(folder / "control.csv", control.rows())
    return Sample(arguments=arguments, finished=True, files=(*files, "control.csv"), lines=lines, dirt=dict(dirt))


def _tables(vendor: Vendor, people: Random) -> dict[str, Rows]:
    """Every table but billing and its totals; those that would hold nothing are left out."""
    claims = claim_rows(vendor.clients, len(vendor.partners), vendor.periods[0], people)
    needed = {"partners.csv": partner_rows(vendor.asked, vendor.partners), "claims.csv": claims}
    others = {
        "events.csv": event_rows(vendor),
        "employees.csv": employee_rows(vendor),
        "assignments.csv": assignment_rows(vendor),
        "exclusions.csv": exclusion_rows(vendor),
        "spending.csv": spending_rows(vendor, claims),
    }
    return needed | {name: rows for name, rows in others.items() if len(rows) > 1}


def _billing(vendor: Vendor, month: Period) -> Iterator[Line]:
    programme = vendor.asked.programme
    billing = month_lines(vendor.clients, month, vendor.seed, programme.currency)
    return (
        with_codes(billing, vendor.clients, net=programme.base == "net_of_vat") if vendor.asked.has_codes else billing
    )


def _write_note(folder: Path, sample: Sample) -> None:
    (folder / NOTE).write_bytes(canonical_json(sample.model_dump(mode="json")))


def _write_csv(path: Path, head: Iterable[Iterable[str]], rows: Iterable[Iterable[str]] = ()) -> int:
    """Write the rows as they come; return how many followed the head."""
    written = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows(head)
        for row in rows:
            writer.writerow(row)
            written += 1
    return written
