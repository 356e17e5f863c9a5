"""The vendor's folder: the programme, the partners and their terms, the claims, the control totals, the sources."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import polars as pl

from engine.inputs import VendorTables
from engine.lines.events import no_events
from models.errors import BadInput, WrongUse
from models.period import PATTERN, Version
from models.restated import AcceptedRestatement
from models.value import Value
from models.vendor import Claim
from rules.due import CALENDAR
from rules.programme.file import Programme
from rules.programme.names import Named, unknown_names
from tasks.sources import Source
from tasks.sources.describe import NAME as SOURCES
from tasks.sources.describe import describe
from tasks.sources.files import ENDS
from tasks.sources.plain_files import must_stay_in
from tasks.vendor.approvers import APPROVERS, read_approvers
from tasks.vendor.as_asked import as_asked
from tasks.vendor.by_hand import read_adjustments, read_matches, read_said
from tasks.vendor.events import read_events
from tasks.vendor.people import Read, read_assignments, read_employees, read_exclusions, read_spending
from tasks.vendor.programme_file import PROGRAMME, programme_in
from tasks.vendor.tables.rows import InvalidClaim, read_claims, read_control, read_partners
from tasks.vendor.tables.small_file import bytes_of, decoded
from tasks.vendor.tables.workbook import csv_of, workbook_for

PARTNERS, CLAIMS, CONTROL = "partners.csv", "claims.csv", "control.csv"
ASSIGNMENTS, EXCLUSIONS = "assignments.csv", "exclusions.csv"
EMPLOYEES, SPENDING = "employees.csv", "spending.csv"
MATCHES, ADJUSTMENTS = "matches.csv", "adjustments.csv"
EVENTS = "events.csv"
FORM = re.compile(r"[^.]+\.(csv|tsv|txt|xlsx?|ods|parquet|json|ya?ml)(\.(gz|zip|bz2|xz|zst))?", re.IGNORECASE)
"""The name of a table, in whatever form it is; a copy such as claims.csv.bak or claims-old.csv is none."""

MISSPELT = 0.85
"""How near a name is to that of a table where it is taken for one: exclusion, program, claim."""

FILES = (
    PROGRAMME, PARTNERS, CLAIMS, CONTROL, ASSIGNMENTS, EXCLUSIONS, EMPLOYEES, SPENDING, MATCHES, ADJUSTMENTS,
    APPROVERS,
)  # fmt: skip

CORRECTABLE = (PROGRAMME, PARTNERS, ASSIGNMENTS, EXCLUSIONS, EMPLOYEES)
"""What a closed month may be worked out again with. Claims are not: attribution is permanent. What a fund spent is
spent."""

RESTATEMENTS, SAID = "restatements", "restatement.csv"
RESTATEMENT_FOLDER = re.compile(rf"({PATTERN[1:-1]})-v([2-9]|[1-9][0-9]+)")

V = TypeVar("V", bound=Value)


@dataclass(frozen=True)
class VendorFolder:
    """What the vendor says beside the billing, and where the billing is."""

    path: Path
    programme_text: str
    tables: VendorTables
    invalid_claims: tuple[InvalidClaim, ...]
    sources: tuple[Source, ...]
    look_back_months: int | None  # as sources.yaml says; None: it does not
    warnings: tuple[str, ...]
    files: dict[str, bytes]  # what was read, byte for byte, for the archive; never sources.yaml, which may hold secrets
    beside: Mapping[str, bytes] = field(default_factory=dict, compare=False)  # sources.yaml and queries
    events: pl.DataFrame = field(default_factory=no_events, compare=False)  # as received; no part of `files`
    restatements: tuple[AcceptedRestatement, ...] = ()  # by version; no part of `files` either

    def must_be_in(self, programme: Programme) -> None:
        """Raise BadInput where a table names a rule, a role, a kind or a fund that the programme does not have."""
        happened = self.events.filter(pl.col("cancels_event_id").is_null() & pl.col("kind").is_not_null())
        kinds = happened.unique("kind", keep="first", maintain_order=True).select("kind", "source", "row")
        tables = self.tables
        named = Named(tables.exclusions, tables.employees, tables.assignments, tables.spending, kinds.iter_rows())
        if unknown := unknown_names(programme, named):
            raise BadInput(
                "the vendor's tables name what programme.yaml does not have:\n  "
                + "\n  ".join(unknown)
                + "\nWrite a name that is there, or add it to a plan; else take the row away."
            )


def read_vendor(folder: Path) -> VendorFolder:
    """Read the folder, but no billing yet. Raises BadInput naming everything wrong with one file."""
    programme = programme_in(folder)
    _refuse_other_forms(folder)
    workbooks = {name: workbook_for(folder / name) for name in FILES if name != PROGRAMME}
    read = {name: _bytes_of_table(folder / name, book) for name, book in workbooks.items()}
    files = {PROGRAMME: programme, **{name: data for name, data in read.items() if data is not None}}
    if PARTNERS not in files:
        raise BadInput(f"{folder} has no {PARTNERS}: write one with the columns partner_id,name,plan,from.")
    tables, invalid, of_tables = read_tables(files, {name: book.name for name, book in workbooks.items() if book})
    events, of_events = read_events(folder)
    written = bytes_of(folder / SOURCES)
    text = None if written is None else decoded(written, SOURCES)
    described = describe(text, folder)
    return VendorFolder(
        path=folder,
        programme_text=decoded(programme, PROGRAMME),
        tables=tables,
        invalid_claims=invalid,
        sources=described.sources,
        look_back_months=described.look_back_months,
        warnings=of_tables + of_events,
        files=files,
        beside=as_asked(folder, text, described.sources),
        events=events,
        restatements=read_restatements(folder),
    )


def folder_of(version: Version) -> str:
    """The folder of a restatement within the vendor's.

    >>> from models.period import Period
    >>> folder_of(Version(Period(2026, 5)).after)
    'restatements/2026-05-v2'
    """
    return f"{RESTATEMENTS}/{version.period}-v{version.number}"


def read_restatements(folder: Path) -> tuple[AcceptedRestatement, ...]:
    """Return the restatements that were accepted, by version. Raises BadInput, WrongUse for a folder that is none."""
    found = []
    for path in sorted((folder / RESTATEMENTS).iterdir()) if (folder / RESTATEMENTS).is_dir() else ():
        if path.name.startswith("."):
            continue
        name = f"{RESTATEMENTS}/{path.name}"
        if not RESTATEMENT_FOLDER.fullmatch(path.name) or not path.is_dir():
            raise BadInput(f"{name} is no folder of a restatement: settle restate makes them, as 2026-05-v2.")
        must_stay_in(path, name, folder)
        said = bytes_of(path / SAID)
        if said is None:
            raise BadInput(f"{name} has no {SAID}: it says who made the restatement, and why.")
        made_by, reason = read_said(f"{name}/{SAID}", said)
        period, _, number = path.name.rpartition("-v")
        version = Version.of_columns(period, int(number))
        files = read_corrected(path, SAID)
        found.append(AcceptedRestatement(folder=name, version=version, made_by=made_by, reason=reason, files=files))
    return tuple(sorted(found, key=lambda each: each.version))


def read_corrected(folder: Path, *beside: str) -> dict[str, bytes]:
    """Return the files of a folder that correct those of a closed month. Raises WrongUse for any other file.

    `beside` names files that are no correction.
    """
    if not folder.is_dir():
        raise WrongUse(f"there is no folder {folder}: put the corrected files there, and name it with --with.")
    names = sorted(path.name for path in folder.iterdir() if not path.name.startswith(".") and path.name not in beside)
    may_differ = f"what may be corrected is {', '.join(CORRECTABLE)}"
    if others := [name for name in names if name not in CORRECTABLE]:
        raise WrongUse(f"{folder} has {', '.join(others)}: {may_differ}. Billing that changed is for settle reconcile.")
    files = {name: data for name in names if (data := bytes_of(folder / name)) is not None}
    if not files:
        raise WrongUse(f"{folder} is empty: {may_differ}.")
    return files


def read_tables(
    files: Mapping[str, bytes], called: Mapping[str, str] = MappingProxyType({})
) -> tuple[VendorTables, tuple[InvalidClaim, ...], tuple[str, ...]]:
    """Read the tables from their bytes, by file name: what they say, claims that cannot be, and warnings.

    `called` says what a file is called where the vendor keeps it: claims.csv may stand for claims.xlsx, and errors and
    warnings name that. Raises BadInput naming everything wrong with one file.
    """

    def said(name: str, read: Callable[[str, bytes], Read[V]]) -> Read[V]:
        return read(called.get(name, name), files[name]) if name in files else ((), ())

    partners, of_partners = said(PARTNERS, read_partners)
    known = {terms.partner_id for terms in partners}
    claims, invalid, of_claims = _claims(files, called.get(CLAIMS, CLAIMS), known)
    control, of_control = read_control(called.get(CONTROL, CONTROL), files[CONTROL]) if CONTROL in files else (None, ())
    assignments, of_assignments = said(ASSIGNMENTS, partial(read_assignments, partners=known))
    exclusions, of_exclusions = said(EXCLUSIONS, read_exclusions)
    employees, of_employees = said(EMPLOYEES, partial(read_employees, partners=known))
    spending, of_spending = said(SPENDING, partial(read_spending, partners=known))
    matches, of_matches = said(MATCHES, read_matches)
    adjustments, of_adjustments = said(ADJUSTMENTS, partial(read_adjustments, partners=known))
    approvers = read_approvers(called.get(APPROVERS, APPROVERS), files[APPROVERS]) if APPROVERS in files else None
    tables = VendorTables(
        partners=partners,
        claims=claims,
        control=control,
        assignments=assignments,
        exclusions=exclusions,
        employees=employees,
        spending=spending,
        matches=matches,
        adjustments=adjustments,
        approvers=approvers,
    )
    of_people = of_assignments + of_exclusions + of_employees + of_spending
    return tables, invalid, of_partners + of_claims + of_control + of_people + of_matches + of_adjustments


def _claims(
    files: Mapping[str, bytes], name: str, known: Collection[str]
) -> tuple[tuple[Claim, ...], tuple[InvalidClaim, ...], tuple[str, ...]]:
    if CLAIMS not in files:
        return (), (), (f"there is no {CLAIMS}: no client can be attributed this month.",)
    return read_claims(name, files[CLAIMS], known)


def _refuse_other_forms(folder: Path) -> None:
    """Raise BadInput for a table that is not read: claims.ods, Partners.csv, events.csv.gz, exclusion.csv."""
    tables = {*FILES, EVENTS} - {PROGRAMME}
    read = {*FILES, SOURCES, EVENTS, CALENDAR, *(name.replace(".csv", end) for name in tables for end in ENDS)}
    by_stem = {name.partition(".")[0]: name for name in (*FILES, SOURCES, EVENTS, CALENDAR)}
    for path in sorted(folder.iterdir()):
        stem = path.name.partition(".")[0].lower()
        if path.name in read or not FORM.fullmatch(path.name):
            continue
        if stem in by_stem:
            meant = by_stem[stem]
            raise BadInput(f"{path.name} is not read: the table is {meant}. Save it under this name, or take it away.")
        # Nobody would see that exclusions are missing because their file is called exclusion.csv.
        if stem.isalpha() and (near := get_close_matches(stem, by_stem, n=1, cutoff=MISSPELT)):
            raise BadInput(
                f"{path.name} is not read: is {by_stem[near[0]]} meant? Save it under this name, or take it away."
            )


def _bytes_of_table(path: Path, workbook: Path | None) -> bytes | None:
    """Return the bytes of a table, as CSV where it is an Excel sheet; None where it is not there."""
    return bytes_of(path) if workbook is None else csv_of(workbook.parent, workbook.name)
