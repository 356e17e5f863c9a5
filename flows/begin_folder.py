"""Beginning a vendor folder from billing as it is: what is taken for what, ten rows read so, and what a run needs."""

import glob
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from models.billing import REQUIRED_COLUMNS
from models.errors import BadInput, WrongUse
from models.money import known_currency
from models.period import Period
from models.time_zones import known_time_zone
from rules.programme.file import parse_programme
from tasks.beginning.block import Answers, given_back_beside, not_of_one_line, not_understood, propose_block
from tasks.beginning.database import look_at_database, written_url
from tasks.beginning.looking import look_at
from tasks.beginning.preset import preset_block, preset_of
from tasks.sources.describe import describe

SAMPLE_ROWS = 10
MOST_LINES = 200_000
"""What is read of a file or a database to show the first of it."""

QUERY = "billing.sql"


@dataclass(frozen=True)
class Proposal:
    """What would be written, and what was read by it."""

    names: Mapping[str, str]  # ours -> theirs
    set: Mapping[str, str]
    sources: str  # the text of sources.yaml
    programme: str
    sample: pl.DataFrame
    starts: str
    warnings: tuple[str, ...] = ()
    sheet: str = ""  # of a workbook with several
    query: str = ""  # the text of billing.sql, where the billing is in a database


def proposed_of_database(url: str, answers: Answers, folder: Path, table: str = "") -> Proposal:
    """Look at a database, and read its first lines as a run would. Raises WrongUse naming what a person has to say."""
    _must_be_known(answers)
    url = written_url(url)
    query = look_at_database(url, answers, table)
    block = {"sql": url, "query": QUERY} | query.block
    sources = yaml.safe_dump({"billing": [block]}, allow_unicode=True, sort_keys=False, width=120)
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / QUERY).write_text(query.text, encoding="utf-8")
        sample = _read(sources, Path(place))
    starts = answers.starts or _first_month(sample)
    programme = _programme(answers, starts, folder)
    said = block.get("set", {})
    return Proposal(
        query.names, said if isinstance(said, dict) else {}, SOURCES_HEAD + sources, programme, sample, starts,
        query.warnings, query=QUERY_HEAD + query.text,
    )  # fmt: skip


def proposed(files: list[Path], answers: Answers, folder: Path) -> Proposal:
    """Look at the files, and read ten rows as a run would. Raises WrongUse naming what a person has to say."""
    looked = [look_at(file) for file in files]
    _must_be_known(answers)
    warnings = []
    if (preset := preset_of(looked)) and not (answers.columns or answers.dates):
        try:
            return _of_files(files, preset_block(preset, looked, answers), answers, folder)
        except BadInput as refused:
            warnings.append(f"read as `format: {preset}` it stops: {refused}")
    first = looked[0]
    if different := [each.name for each in looked if each.header != first.header]:
        together = f"{', '.join(different)}: other columns than {first.name}; begin with files of one form."
        raise WrongUse("\n".join([*warnings, together]))
    block, names = propose_block(first, answers)
    proposal = _of_files(files, (block, names), answers, folder)
    for each in looked:
        told = (not_understood(each, answers), not_of_one_line(each, names), given_back_beside(each, names))
        warnings += chain.from_iterable(told)
    return replace(proposal, warnings=tuple(dict.fromkeys(warnings)))


def _of_files(
    files: list[Path], described: tuple[dict[str, Any], dict[str, str]], answers: Answers, folder: Path
) -> Proposal:
    """Read the files as they are described, and return the proposal to read them so."""
    block, names = described
    ends = list(dict.fromkeys("".join(file.suffixes[-2 if file.suffix in PACKED else -1 :]) for file in files))
    text = yaml.safe_dump(
        {"billing": [{"files": [f"billing/*{end}" for end in ends]} | block]},
        allow_unicode=True, sort_keys=False, width=120,
    )  # fmt: skip
    here = {"files": [glob.escape(str(file.absolute())) for file in files]} | block
    sample = _read(yaml.safe_dump({"billing": [here]}, allow_unicode=True), files[0].parent)
    starts = answers.starts or _first_month(sample)
    programme = _programme(answers, starts, folder)
    sheet = str(block.get("sheet", ""))
    return Proposal(names, block.get("set", {}), SOURCES_HEAD + text, programme, sample, starts, sheet=sheet)


def _must_be_known(answers: Answers) -> None:
    if not known_currency(answers.currency):
        raise WrongUse(f"--currency {answers.currency!r} is not in ISO 4217: write a code such as RUB, EUR or PLN.")
    if not known_time_zone(answers.timezone):
        raise WrongUse(f"--timezone {answers.timezone!r} is not an IANA time zone: write for example Europe/Moscow.")


def _read(sources: str, folder: Path) -> pl.DataFrame:
    """Read the first lines of a described source, as a run does."""
    (source,) = describe(sources, folder).sources
    frames: list[pl.DataFrame] = []
    for frame in source.read(date(1900, 1, 1), date(2999, 12, 30)):
        frames.append(frame)
        if sum(each.height for each in frames) >= MOST_LINES:
            break
    return pl.concat(frames)


def _first_month(sample: pl.DataFrame) -> str:
    paid = [day for day in sample["paid_on"].to_list() if day]
    if not paid:
        raise WrongUse("no payment could be read, so the first month is not known: say --starts 2026-01.")
    return str(Period.of(date.fromisoformat(min(paid))))


def _programme(answers: Answers, starts: str, folder: Path) -> str:
    name = "".join(mark if mark.isascii() and mark.isalnum() else "-" for mark in folder.absolute().name.lower()).strip(
        "-"
    )
    if answers.programme is None:
        text = PROGRAMME.format(
            name=name or "partners", starts=starts, currency=answers.currency, zone=answers.timezone
        )
    else:
        ours = {
            "programme": name or "partners",
            "starts": starts,
            "currency": answers.currency,
            "timezone": answers.timezone,
        }
        lines = [
            _with_own(line, ours)
            for line in answers.programme(Period.parse(starts)).splitlines()
            if not line.startswith("approval:")
        ]
        place = next(number for number, line in enumerate(lines) if line.startswith("plans:"))
        text = "\n".join([*lines[:place], APPROVAL, "", *lines[place:]]) + "\n"
    parse_programme(text)
    return text


def _with_own(line: str, ours: Mapping[str, str]) -> str:
    key, colon, rest = line.partition(":")
    if not colon or key not in ours:
        return line
    _, mark, comment = rest.partition("#")
    return f"{key}: {ours[key]}" + (f"          {mark}{comment}" if mark else "")


def write_folder(folder: Path, files: list[Path], proposal: Proposal) -> list[str]:
    """Write the folder and return what is in it. Raises WrongUse where anything is there: nothing is overwritten."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WrongUse(f"{folder} is there already, and nothing is overwritten: name a new or empty folder.")
    texts = {
        "sources.yaml": proposal.sources,
        "programme.yaml": proposal.programme,
        "partners.csv": "partner_id,name,plan,from\n",
        "claims.csv": "claim_id,client_id,partner_id,claimed_on,channel,evidence\n",
        "README.txt": README.format(
            billing=IN_FILES if files else IN_DATABASE,
            folder=folder,
            starts=proposal.starts,
            plan=_first_plan(proposal.programme),
        ),
    }
    if proposal.query:
        texts[QUERY] = proposal.query
    try:
        (folder / "billing" if files else folder).mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            with (folder / name).open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
        for path in files:
            shutil.copyfile(path, folder / "billing" / path.name)
    except OSError as error:
        raise WrongUse(f"{folder} cannot be written ({error.strerror}): name another folder.") from None
    return [*texts, *(f"billing/{path.name}" for path in files)]


def _first_plan(programme: str) -> str:
    return next(iter(parse_programme(programme).plans))


def shown(proposal: Proposal) -> Iterator[str]:
    """Say what is taken for what, and ten rows as they are read."""
    yield "taken for:" if not proposal.sheet else f"taken of the sheet {proposal.sheet!r} for:"
    amount = "amount" if "amount" in proposal.names else "amount_minor"
    required = [amount if ours == "amount_minor" else ours for ours in REQUIRED_COLUMNS]
    for ours in dict.fromkeys((*required, *proposal.names)):
        if ours in proposal.names:
            yield f"  {ours:<13} column {proposal.names[ours]!r}"
        elif ours in proposal.set:
            yield f"  {ours:<13} always {proposal.set[ours]!r}"
        elif ours == "kind":
            yield f"  {ours:<13} by the sign of the amount"
    yield from proposal.warnings
    yield f"the first {min(SAMPLE_ROWS, proposal.sample.height)} of {proposal.sample.height} lines, as they are read:"
    for row in proposal.sample.head(SAMPLE_ROWS).iter_rows(named=True):
        paid = row.get("amount") or row.get("amount_minor")
        yield f"  {row['line_id']}  {row['paid_on']}  {row['client_id']}  {paid} {row['currency']}  {row['kind']}"


PACKED = (".gz", ".zip")

SOURCES_HEAD = """\
# How the billing in this folder is written, as settle init took it. Every key: docs/sources.md.
"""
APPROVAL = "approval: on                   # a person approves the draft of each month"
PROGRAMME = """\
# What partners are promised. Every key: docs/programme.md. `settle programme show FILE` reads it in words.
programme: {name}
starts: {starts}              # the first month that is settled
currency: {currency}
timezone: {zone}
base: gross                   # commission is on what clients paid; net_of_vat: without VAT
refunds: original_rate        # a refund takes back what its sale earned
approval: on                  # a person approves the draft of each month

plans:
  standard:                   # named by partners.csv, column `plan`
    from: {starts}
    earn:
      commission: {{plan: percentage, categories: others, rate: 10%}}   # of everything; put your rate here
    payout: {{minimum: 0.00}}
"""
QUERY_HEAD = """\
-- How billing lines are read, as settle init took the tables. What it may give: docs/sources.md.
"""
IN_FILES = "billing/         the exports; put the next months' here, too"
IN_DATABASE = "billing.sql      the query that reads the billing from the database; what it gives: docs/sources.md"
README = """\
Your billing, ready to be settled.

  sources.yaml     how the billing is written
  programme.yaml   what partners are promised: put your rates there
  partners.csv     your partners: partner_id,name,plan,from       for example  ana,Ana Ltd,{plan},{starts}
  claims.csv       who brought which client: claim_id,client_id,partner_id,claimed_on,channel,evidence
  {billing}

The next three commands:

  settle doctor --from {folder}
  settle run {starts} --from {folder} --dry-run
  settle run {starts} --from {folder}
"""
