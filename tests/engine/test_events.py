"""Events: read strictly, judged, and each given one outcome; open ones come back next month."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.frames.parquet import frame_from, parquet_bytes
from engine.frames.schemas import JudgedEvents, of_types
from engine.lines.attribute import bonds_of
from engine.lines.events import DecidedEvents, no_events, open_as_received
from models.billing import RejectedRecord
from models.canonical import canonical_json
from models.errors import BadInput
from models.events import EVENT_COLUMNS
from models.period import Period
from models.vendor import Attribution, Tally
from rules.lines.events import Standing
from tasks.vendor.events import read_events
from tasks.vendor.folder import read_vendor
from tests.made.events_received import BONDS, JANUARY, STANDING, Event, cancels, decided_month, events

ROOT = Path(__file__, "../../..").resolve()
HEADER = "event_id,client_id,partner_id,kind,product_code,occurred_on,cancels_event_id"
FEBRUARY = Period(2026, 2)
NOTHING = JudgedEvents.create_empty()


def month_of(
    *rows: Event,
    carried: pl.DataFrame | None = None,
    before: pl.DataFrame = NOTHING,
    month: Period = JANUARY,
    standing: Standing = STANDING,
) -> DecidedEvents:
    ours = no_events() if carried is None else carried
    return decided_month(events(*rows), ours, before, standing, month)


def counts(decided: DecidedEvents) -> list[tuple[str, str, int, int]]:
    return [(tally.outcome, tally.reason, tally.lines, tally.amount_minor) for tally in decided.tallies]


def fates(decided: DecidedEvents) -> dict[str, str]:
    return dict(decided.frame.select("event_id", "outcome").rows())


# Reading


def test_events_are_read_from_one_file_and_from_a_folder_of_them_as_they_were_written(tmp_path: Path) -> None:
    (tmp_path / "events").mkdir()
    (tmp_path / "events.csv").write_text(f"{HEADER}\nE-1,acme,,registration,,2026-01-20,\n")
    (tmp_path / "events" / "b.csv").write_text(f"{HEADER}\n\nE-3,,ana, install ,PBX,soon,\n")
    (tmp_path / "events" / "a.csv").write_text(
        f'amount_minor,{HEADER}\n5000,E-2,"Ромашка, ООО",,training,,2026-01-21,E-1\n'
    )

    frame, warnings = read_events(tmp_path)

    assert frame.columns == [*EVENT_COLUMNS, "source", "row"]
    assert frame.rows() == [
        ("E-1", "acme", None, "registration", None, "2026-01-20", None, None, "events.csv", 2),
        ("E-2", "Ромашка, ООО", None, "training", None, "2026-01-21", "E-1", "5000", "events/a.csv", 2),
        ("E-3", None, "ana", "install", "PBX", "soon", None, None, "events/b.csv", 3),
    ]
    assert warnings == ()


def test_without_a_file_there_are_no_events(tmp_path: Path) -> None:
    frame, warnings = read_events(tmp_path)
    assert frame.equals(no_events())
    assert warnings == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("event_id,kind\nE-1,visit\n", "events.csv: missing columns client_id, partner_id, product_code"),
        ("", "events.csv is empty: no header"),
        (
            f"{HEADER}\nE-1,acme\n",
            "events.csv cannot be used as it is:\n  row 2: it has 2 values, but the header has 7",
        ),
        (f'{HEADER}\n"E-1,acme\n', "row 2: .* never closed"),
    ],
)
def test_a_file_that_cannot_be_read_as_it_is_stops_the_month_and_says_why(
    tmp_path: Path, text: str, words: str
) -> None:
    (tmp_path / "events.csv").write_text(text)
    with pytest.raises(BadInput, match=words):
        read_events(tmp_path)


def test_the_vendors_folder_has_its_events_and_warns_of_columns_nobody_reads(tmp_path: Path) -> None:
    (tmp_path / "programme.yaml").write_text("programme: test\n")
    (tmp_path / "partners.csv").write_text("partner_id,name,plan,from\nana,Ana,agent,2026-01\n")
    (tmp_path / "claims.csv").write_text("client_id,partner_id,claimed_on\n")
    (tmp_path / "events.csv").write_text(f"{HEADER},colour\nE-1,acme,,registration,,2026-01-20,,red\n")
    vendor = read_vendor(tmp_path)
    assert vendor.events["event_id"].to_list() == ["E-1"]
    assert vendor.warnings == ("events.csv: columns not read: colour.",)


# A month


def test_a_month_of_events_is_judged_and_every_event_counted_once() -> None:
    decided = month_of(
        {"event_id": "A", "amount_minor": "500"},
        {"event_id": "B", "client_id": "nobody's", "amount_minor": "70"},
        {"event_id": "C", "occurred_on": "2026-01-09"},
        {"event_id": "D", "kind": None, "amount_minor": "5.00"},
        {"event_id": "E", "occurred_on": "2026-02-01", "amount_minor": "9"},
        {"event_id": "A", "amount_minor": "500"},
        {"event_id": "F", **cancels("A")},
        {"event_id": "old"},
        before=pl.DataFrame([{"event_id": "old", "outcome": "settled"}], schema=of_types(JudgedEvents)),
    )
    assert decided.tallies[0] == Tally(
        outcome="other_month", reason="after the cut-off", currency="", lines=1, amount_minor=9
    )
    assert counts(decided) == [
        ("other_month", "after the cut-off", 1, 9),
        ("other_month", "decided in an earlier month", 1, 0),
        ("final", "before the claim", 1, 0),
        ("open", "client not attributed", 1, 70),
        ("rejected", "bad number; no kind", 1, 0),
        ("rejected", "repeat", 1, 500),
        ("settled", "", 2, 500),
    ]
    assert decided.frame.schema == JudgedEvents.create_empty().schema
    assert decided.frame["event_id"].to_list() == ["A", "A", "B", "C", "D", "F"]
    assert decided.rejected == (
        RejectedRecord("events.csv", 7, "A", "event_id", "A", "repeat"),
        RejectedRecord("events.csv", 5, "D", "kind", "", "no kind"),
        RejectedRecord("events.csv", 5, "D", "amount_minor", "5.00", "bad number"),
    )


def test_a_settled_event_tells_an_engine_all_it_asks() -> None:
    decided = month_of(
        {"event_id": "A", "product_code": "PBX", "kind": "install", "amount_minor": "700"},
        {"event_id": "B", **cancels("A")},
    )
    columns = ("partner_id", "event_id", "kind", "product_code", "client_id", "amount_minor", "cancels_event_id")
    assert decided.frame.select(columns).rows() == [
        ("ana", "A", "install", "PBX", "acme", 700, None),
        ("ana", "B", "install", "PBX", "acme", None, "A"),
    ]


def test_rejected_and_open_events_keep_what_was_received_and_others_do_not() -> None:
    frame = month_of({}, {"client_id": None}, {"occurred_on": "soon"}).frame
    settled, waiting, rejected = frame["as_received"].to_list()
    assert settled is None
    assert waiting == '{"event_id":"E-2","kind":"registration","occurred_on":"2026-01-20"}'
    assert json.loads(rejected)["occurred_on"] == "soon"


def test_a_month_without_events_judges_nothing() -> None:
    decided = month_of()
    assert (decided.frame.schema, decided.frame.height) == (JudgedEvents.create_empty().schema, 0)
    assert (decided.tallies, decided.rejected, decided.result) == ((), (), {})


def test_the_archived_result_counts_and_explains_and_knows_no_clock() -> None:
    rows: Sequence[Event] = ({}, {"kind": None}, cancels("E-1"))
    result = month_of(*rows).result
    assert result == month_of(*rows).result == json.loads(canonical_json(result))
    assert (result["suite"], result["events"], result["rejected"]) == ("events", 3, 1)
    assert next(each for each in result["expectations"] if each["name"] == "cancels_first") == {
        "name": "cancels_first",
        "columns": ["cancels_event_id"],
        "severity": "warning",
        "reason": "cancels an event that is cancelled already",
        "why": "An event is cancelled once, by the first cancellation.",
        "cost": "A second one would take back from the partner what it earned elsewhere.",
        "evaluated": 1,
        "unexpected": 0,
        "success": True,
    }


# From month to month


def test_an_open_event_comes_back_next_month_though_the_source_sends_it_no_more() -> None:
    january = month_of({"client_id": "late", "amount_minor": "7"}, cancels("E-1"))
    assert fates(january) == {"E-1": "open", "E-2": "open"}
    archived = frame_from(parquet_bytes(january.frame))
    carried = open_as_received(archived)
    late = Attribution(client_id="late", partner_id="ana", claim_id="c9", claimed_on=STANDING.since["ana"])
    standing = Standing(bonds_of([*BONDS, late]), STANDING.since, STANDING.kinds)

    february = month_of(carried=carried, month=FEBRUARY, standing=standing)

    assert fates(february) == {"E-1": "settled", "E-2": "settled"}
    assert counts(february) == [("settled", "", 2, 7)]


def test_an_open_event_that_the_source_sends_again_is_counted_once() -> None:
    waiting: Event = {"client_id": "late"}
    carried = open_as_received(month_of(waiting).frame)
    february = month_of(waiting, carried=carried, month=FEBRUARY)
    assert counts(february) == [("open", "client not attributed", 1, 0)]


def test_an_open_event_that_the_source_corrects_settles_as_it_is_said_now() -> None:
    carried = open_as_received(month_of({"client_id": None}).frame)
    february = month_of({}, carried=carried, month=FEBRUARY)
    assert counts(february) == [("rejected", "replaced by a newer version", 1, 0), ("settled", "", 1, 0)]
    assert february.rejected == (RejectedRecord("carried", 0, "E-1", "event_id", "E-1", "replaced by a newer version"),)


def test_an_event_settles_once_and_its_cancellation_takes_it_back_once() -> None:
    january = month_of({})
    february = month_of({}, cancels("E-1"), before=january.frame, month=FEBRUARY)
    assert counts(february) == [("other_month", "decided in an earlier month", 1, 0), ("settled", "", 1, 0)]
    both = pl.concat([january.frame, february.frame])
    march = month_of({}, cancels("E-1"), {"event_id": "again", **cancels("E-1")}, before=both, month=Period(2026, 3))
    assert counts(march) == [
        ("other_month", "decided in an earlier month", 2, 0),
        ("rejected", "cancels an event that is cancelled already", 1, 0),
    ]


def test_nothing_is_carried_where_nothing_is_open() -> None:
    assert open_as_received(month_of({}).frame).equals(no_events().select(EVENT_COLUMNS))


# Laws

some_event = st.fixed_dictionaries(
    {
        "event_id": st.sampled_from(["A", "B", "C", "done", None]),
        "client_id": st.sampled_from(["acme", "zeta", "nobody's", None]),
        "partner_id": st.sampled_from(["ana", "zoe", None, None]),
        "kind": st.sampled_from(["registration", "training", None]),
        "occurred_on": st.sampled_from(["2025-12-31", "2026-01-20", "2026-02-01", "soon"]),
        "cancels_event_id": st.sampled_from(["A", "done", None, None]),
        "amount_minor": st.sampled_from(["5", "x", None]),
    }
)
DONE = pl.DataFrame(
    [{"event_id": "done", "partner_id": "ana", "kind": "registration", "outcome": "settled", "reason": ""}],
    schema=of_types(JudgedEvents),
)


@settings(max_examples=10, deadline=None)
@given(rows=st.lists(some_event, min_size=1, max_size=12), data=st.data())
def test_every_event_received_has_exactly_one_outcome_whatever_the_order(
    rows: list[dict[str, str | None]], data: st.DataObject
) -> None:
    decided = month_of(*rows, before=DONE)
    again = month_of(*data.draw(st.permutations(rows)), before=DONE)

    left = sum(tally.lines for tally in decided.tallies if tally.outcome == "other_month")
    assert sum(tally.lines for tally in decided.tallies) == left + decided.frame.height == len(rows)
    assert sum(tally.amount_minor for tally in decided.tallies) == 5 * sum(row["amount_minor"] == "5" for row in rows)
    assert decided.frame.select("outcome", "reason").null_count().row(0) == (0, 0)
    assert again.frame.equals(decided.frame)
    assert again.tallies == decided.tallies
    assert again.result == decided.result


IMPORT = """
import sys
import engine.lines.events, tasks.vendor.folder
assert not any(name.split(".")[0] in ("great_expectations", "pandas") for name in sys.modules), "imported too early"
"""


def test_great_expectations_is_imported_only_where_there_are_events_to_judge() -> None:
    done = subprocess.run([sys.executable, "-c", IMPORT], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
