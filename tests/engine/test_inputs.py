"""Month inputs: frozen as they were read, kept in the archive, read back equal, and enough to work the month out."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from engine.draft import draft
from engine.inputs import BILLING, EVENTS_RECEIVED, MONTH, EarlierMonths, MonthInputs
from engine.schemas import EarnedAmounts, LineIds, MonthSums
from flows.result import Ending
from models.errors import ChangedInStore, WrongUse
from models.period import Period
from rules.programme.file import parse_programme
from tasks.extract import Window
from tasks.facts.history import History
from tasks.gather import gather, read_inputs
from tasks.storage.directory import DirectoryStore
from tasks.vendor.folder import read_vendor
from tests.again import must_come_out_again
from tests.vendors import archived, claim, line, partner, settle, write_csv, write_vendor

PROGRAMME = """\
programme: looking-back
starts: 2026-01
currency: RUB
timezone: Europe/Moscow
base: gross
refunds: net_current
levels:
  by_turnover:
    measure: {categories: all, window: 2 months}
    levels:
      First: {reaches: 0, plan: first}
      Second: {reaches: 1000.00, plan: second}
plans:
  first:
    from: 2026-01
    earn:
      software: {plan: percentage, categories: [software], rate: 10%}
      installs: {plan: pay_per_action, event: install, pays: 5.00}
      fund: {plan: marketing_fund, categories: [software], rate: 2%}
  second:
    from: 2026-01
    earn:
      software: {plan: percentage, categories: [software], rate: 15%}
      installs: {plan: pay_per_action, event: install, pays: 5.00}
      ceiling: {plan: cap, at_most: 200.00, window: lifetime, rules: [software]}
"""
MONTHS = ["2026-01", "2026-02", "2026-03"]
GATHERED: dict[str, MonthInputs] = {}


def event(event_id: str, client_id: str, day: str, cancels: str = "") -> dict[str, str]:
    return {
        "event_id": event_id,
        "client_id": "" if cancels else client_id,
        "partner_id": "",
        "kind": "" if cancels else "install",
        "product_code": "",
        "occurred_on": day,
        "cancels_event_id": cancels,
    }


def paid(line_id: str, client_id: str | None, amount_minor: int, day: str, **others: str | None) -> dict[str, object]:
    return line(line_id, client_id, amount_minor, issued_on=day, paid_on=day, **others)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three closed months with all that one month can leave to the next; the inputs of each are in `GATHERED`."""
    folder = tmp_path_factory.mktemp("inputs")
    vendor = write_vendor(
        folder / "vendor",
        programme=PROGRAMME,
        partners=[partner("ana", plan="by_turnover"), partner("bo", plan="first")],
        claims=[
            claim("acme", "ana"),
            claim("bell", "bo"),
            claim("acme", "bo", claim_id="K-late", claimed_on="2026-01-20"),
            claim("later", "bo", claimed_on="2026-02-10"),
        ],
        billing={
            "2026-01.csv": [
                paid("J1", "acme", 150_000, "2026-01-12"),
                paid("J2", "bell", 20_000, "2026-01-15"),
                paid("J2", "bell", 20_000, "2026-01-15"),  # a copy
                paid("J3", "later", 7_000, "2026-02-20", posted_on="2026-01-31"),  # open until February's claim
                paid("J4", None, 900, "2026-01-20"),  # open for ever
                paid("J5", "acme", 5, "soon"),
                line("J6", "acme", 4_000, paid_on=None),
            ],
            "2026-02.csv": [
                paid("F1", "acme", 90_000, "2026-02-03"),
                paid("F2", "bell", -2_000, "2026-02-03", refunds_line_id="J2"),
                paid("J1", "acme", 150_000, "2026-01-12", posted_on="2026-02-02"),  # settled in January
                paid("F3", "acme", 1_000, "2026-04-01"),  # waits for its month
            ],
            "2026-03.csv": [paid("M1", "acme", 30_000, "2026-03-03"), paid("M2", "later", 600, "2026-03-05")],
        },
        control=[
            {"period": "2026-01", "currency": "RUB", "lines": 5, "amount_minor": 197_900},
            {"period": "2026-02", "currency": "RUB", "lines": 3, "amount_minor": 238_000},
            {"period": "2026-03", "currency": "RUB", "lines": 2, "amount_minor": 30_600},
        ],
    )
    write_csv(
        vendor / "events.csv",
        [
            event("E1", "acme", "2026-01-12"),
            event("E2", "later", "2026-02-11"),
            event("E3", "nobody", "2026-01-13"),
            event("E4", "", "2026-02-12", cancels="E1"),
        ],
    )
    write_csv(
        vendor / "spending.csv",
        [{"entry_id": "S1", "partner_id": "bo", "spent_on": "2026-02-20", "activity": "a stand", "amount_minor": 300,
          "claims": ""}],
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:

        def gathered(*arguments: object) -> MonthInputs:
            found = gather(*arguments)  # type: ignore[arg-type]
            GATHERED[str(found.month)] = found
            return found

        patch.setattr("flows.deciding.gather", gathered)
        results = settle(folder / "home", vendor, *MONTHS)
    assert [result.ending for result in results] == [Ending.CLOSED] * 3, [result.headline() for result in results]
    return folder / "home"


def from_archive(home: Path, period: str) -> MonthInputs:
    return read_inputs(DirectoryStore(home / "archive"), "looking-back", Period.parse(period))


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


@pytest.mark.parametrize("period", MONTHS)
def test_the_draft_of_the_archives_inputs_is_the_one_that_was_approved(home: Path, period: str) -> None:
    must_come_out_again(home, "looking-back", period)


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
