"""Month inputs: frozen as they were read, kept in the archive, read back equal, and enough to work the month out."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from engine.draft import draft
from engine.frames.schemas import EarnedAmounts, LineIds, MonthSums
from engine.inputs import BILLING, EVENTS_RECEIVED, MONTH, EarlierMonths
from models.canonical import canonical_json, sha256
from models.errors import BadInput, ChangedInStore, WrongUse
from models.period import Period, Version
from rules.archive.layout import DRAFT, SEAL, SHA256SUMS, period_folder
from rules.archive.seal import Seal, sha256sums
from rules.programme.file import parse_programme
from tasks.extract import Window
from tasks.facts.history import History
from tasks.gather import gather, read_inputs
from tasks.storage.directory import DirectoryStore
from tasks.vendor.folder import read_vendor
from tests.engine.looking_back import GATHERED, MONTHS, PROGRAMME, from_archive
from tests.made.again import must_come_out_again
from tests.made.vendors import archived, partner, write_vendor


@pytest.mark.parametrize("period", MONTHS)
def test_inputs_read_from_the_archive_are_those_that_were_gathered(home: Path, period: str) -> None:
    there, again = GATHERED[period], from_archive(home, period)
    assert again == there
    assert (again.month, again.code, again.programme) == (there.month, there.code, there.programme)
    assert again.vendor == there.vendor
    assert (again.lines, again.lines_left, again.events_left) == (there.lines, there.lines_left, there.events_left)
    assert again.events.equals(there.events)
    assert again.earlier.balances == there.earlier.balances
    assert again.earlier.decided_claims == there.earlier.decided_claims
    for name in ("bonds", "settled", "events"):
        assert getattr(again.earlier, name).equals(getattr(there.earlier, name)), name
    assert again.earlier.past.sums.equals(there.earlier.past.sums)
    assert again.earlier.past.earned.equals(there.earlier.past.earned)


def test_the_drafts_of_the_archives_inputs_are_those_that_were_approved(home: Path) -> None:
    must_come_out_again(home, len(MONTHS))


def test_the_months_left_each_other_what_there_is_to_leave(home: Path) -> None:
    """So that the tests above are about something."""
    inputs = from_archive(home, "2026-03")
    earlier = inputs.earlier
    assert sorted(earlier.bonds["client_id"]) == ["acme", "bell", "later"]
    assert earlier.decided_claims == {"K-acme", "K-bell", "K-late", "K-later"}
    assert sorted(earlier.settled["line_id"]) == ["F1", "F2", "J1", "J2", "J3"]
    assert set(earlier.past.sums["month"]) == set(earlier.past.earned["month"]) == {"2026-01", "2026-02"}
    assert dict(earlier.events.select("event_id", "outcome").rows())["E2"] == "settled"
    open_lines = [lines.filter(pl.col("carried_from").is_not_null()) for _, lines in inputs.lines.chunks()]
    assert pl.concat(open_lines).select("line_id", "carried_from").rows() == [("J4", "2026-01")]
    assert EVENTS_RECEIVED in inputs.parts
    assert earlier.balances.apart_minor["bo"]["fund"] == 400 - 40 + 140 - 300  # 2 % of 200, -20, 70; less the stand
    assert set(earlier.balances.last_commission_minor) == {"ana", "bo"}


def test_lines_of_other_months_are_counted_and_change_nothing_of_the_draft(home: Path) -> None:
    inputs = from_archive(home, "2026-02")
    assert [(tally.reason, tally.lines, tally.amount_minor) for tally in inputs.lines_left] == [
        ("posted after the cut-off", 3, 31_600),
        ("posted before the look-back", 1, 7_000),
    ]
    assert draft(replace(inputs, lines_left=())).digest == draft(inputs).digest


@pytest.mark.parametrize(
    "part", [MONTH, BILLING, "programme.yaml", "settled-2026-01.parquet", "claims-2026-01.parquet"]
)
def test_two_inputs_of_which_one_part_differs_are_not_equal(home: Path, part: str) -> None:
    inputs = from_archive(home, "2026-02")
    parts: Mapping[str, bytes] = {**inputs.parts, part: inputs.parts[part] + b" "}
    assert replace(inputs, parts=parts) != inputs
    assert replace(inputs, parts=dict(inputs.parts)) == inputs
    assert inputs != "2026-02"


def test_a_part_that_is_not_what_was_stored_is_not_used(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home / "archive", tmp_path / "archive")
    (stored,) = (tmp_path / "archive").rglob(f"{_named(home, BILLING)}*")
    stored.chmod(0o600)
    stored.write_bytes(stored.read_bytes() + b"\0")
    with pytest.raises(ChangedInStore):
        read_inputs(DirectoryStore(tmp_path / "archive"), "looking-back", Period(2026, 2))


def _named(home: Path, part: str) -> str:
    said = json.loads((archived(home, "2026-02", "looking-back") / "draft.json").read_text())
    return str(said["inputs"][part]).partition(".")[0]


def test_before_the_first_month_there_is_nothing() -> None:
    nothing = EarlierMonths()
    assert nothing.settled.equals(LineIds.create_empty())
    assert nothing.past.sums.equals(MonthSums.create_empty())
    assert nothing.past.earned.equals(EarnedAmounts.create_empty())
    assert (nothing.decided_claims, nothing.bonds.height, nothing.events.height) == (frozenset(), 0, 0)


def test_a_month_before_the_programme_starts_is_wrong_use(tmp_path: Path) -> None:
    vendor = read_vendor(
        write_vendor(tmp_path / "vendor", programme=PROGRAMME, partners=[partner("ana", plan="first")])
    )
    programme = parse_programme(PROGRAMME)
    with pytest.raises(WrongUse, match="the programme starts in 2026-01: 2025-12 is not settled"):
        gather(Window(Period(2025, 12), None), vendor, programme, History())


def test_a_month_closed_before_inputs_were_kept_whole_says_that_it_cannot_be_worked_out_again(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path)
    folder = period_folder("uis", Version(Period(2026, 1)))
    document = canonical_json({"format": 1, "code": "0.1.0", "inputs": {"billing.parquet": "a.parquet"}})
    listed = sha256sums([store.put_once(f"{folder}/{DRAFT}", document)], folder)
    seal = Seal(
        programme="uis", period="2026-01", version=1, sha256sums=sha256(listed), files=1, code="0.1.0",
        draft=sha256(document), control="absent", previous="",
    )  # fmt: skip
    store.put_once(f"{folder}/{SHA256SUMS}", listed)
    store.put_once(f"{folder}/{SEAL}", seal.to_bytes())
    with pytest.raises(BadInput, match=r"2026-01/v1 was closed by version 0\.1\.0, which did not keep everything"):
        read_inputs(store, "uis", Period(2026, 1))
