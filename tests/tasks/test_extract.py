"""Extracting a month: which lines it looks at, which it counts and leaves, and that order says nothing."""

import gzip
import io
import logging
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.frames.parquet import frame_from
from models.billing import REQUIRED_COLUMNS, TEXT_COLUMNS
from models.errors import BadInput
from models.period import Period
from models.vendor import ControlTotal, Tally
from tasks.extract import Extract, Window, extract
from tasks.sources.describe import describe

MARCH = Period(2026, 3)
NOTHING = pl.DataFrame(schema=dict.fromkeys((*TEXT_COLUMNS, "carried_from"), pl.String()))


class Given:
    """A source that gives these lines, and remembers which days it was asked for."""

    def __init__(self, *lines: dict[str, str | None], keep: tuple[str, ...] = (), warnings: Sequence[str] = ()) -> None:
        self.name, self.keep, self.warnings = "given", keep, list(warnings)
        self.skipped: list[Tally] = []
        self.lines = lines
        self.asked: list[tuple[date, date]] = []

    def check(self) -> str:
        return "given"

    def read(self, since: date, until: date) -> Iterator[pl.DataFrame]:
        self.asked.append((since, until))
        for number, line in enumerate(self.lines, start=2):
            columns = {name: line.get(name) for name in (*TEXT_COLUMNS, *self.keep)}
            frame = pl.DataFrame([columns], schema=dict.fromkeys(columns, pl.String()))
            yield frame.with_columns(source=pl.lit(self.name), row=pl.lit(number, pl.Int64))


def line(line_id: str, paid_on: str | None, **given: str | None) -> dict[str, str | None]:
    text = dict.fromkeys(REQUIRED_COLUMNS, "x") | {"amount_minor": "100", "currency": "RUB"}
    return {**text, "line_id": line_id, "paid_on": paid_on, **given}


def march(*lines: dict[str, str | None], look_back: int | None = 0, carried: pl.DataFrame = NOTHING) -> Extract:
    """The month, after earlier months have decided every line that is older."""
    return extract(Window(MARCH, look_back), [Given(*lines)], carried, ids(*lines))


def ids(*lines: dict[str, str | None]) -> pl.DataFrame:
    return pl.DataFrame({"line_id": [line["line_id"] for line in lines]}, schema={"line_id": pl.String})


def kept(extracted: Extract) -> list[str]:
    return looked_at(extracted)["line_id"].to_list()


def looked_at(extracted: Extract) -> pl.DataFrame:
    """The lines of the month as received, and where each was read."""
    assert extracted.lines.places is not None
    return pl.concat([frame_from(extracted.lines.data), extracted.lines.places], how="horizontal")


def left(reason: str, lines: int, amount_minor: int, currency: str = "RUB") -> Tally:
    return Tally(outcome="other_month", reason=reason, currency=currency, lines=lines, amount_minor=amount_minor)


# Which lines a month looks at


def test_the_month_ends_with_its_last_day() -> None:
    extracted = march(line("in", "2026-03-31", amount_minor="7"), line("after", "2026-04-01", amount_minor="11"))
    assert kept(extracted) == ["in"]
    assert extracted.left == (left("posted after the cut-off", 1, 11),)
    assert extracted.posted == (ControlTotal(period="2026-03", currency="RUB", lines=1, amount_minor=7),)


def test_without_a_look_back_the_month_begins_with_its_first_day() -> None:
    extracted = march(line("in", "2026-03-01"), line("before", "2026-02-28"))
    assert kept(extracted) == ["in"]
    assert extracted.left == (left("posted before the look-back", 1, 100),)


@pytest.mark.parametrize(
    ("look_back", "first", "before"),
    [(1, "2026-02-01", "2026-01-31"), (2, "2026-01-01", "2025-12-31"), (12, "2025-03-01", "2025-02-28")],
)
def test_a_look_back_begins_with_the_first_day_of_its_first_month(look_back: int, first: str, before: str) -> None:
    extracted = march(line("in", first), line("before", before), look_back=look_back)
    assert kept(extracted) == ["in"]
    assert extracted.left == (left("posted before the look-back", 1, 100),)
    # A line of the look-back was posted in another month.
    assert extracted.posted == ()


def test_the_source_is_asked_for_the_look_back_and_the_month() -> None:
    for look_back, since in [(0, date(2026, 3, 1)), (3, date(2025, 12, 1)), (None, date(2026, 1, 1))]:
        source = Given()
        extract(Window(MARCH, look_back), [source], NOTHING, ids())
        assert source.asked == [(since, date(2026, 3, 31))]


def test_unasked_two_months_are_looked_back_at_where_the_books_do_not_say_when() -> None:
    extracted = march(
        line("unposted-in", "2026-01-01"),
        line("unposted-before", "2025-12-31"),
        line("posted-in", "2025-06-01", posted_on="2026-03-01"),
        line("posted-before", "2025-06-01", posted_on="2026-02-28"),
        look_back=None,
    )
    assert kept(extracted) == ["posted-in", "unposted-in"]
    assert extracted.left == (left("posted before the look-back", 2, 200),)


def test_the_day_of_posting_decides_and_not_the_day_of_payment() -> None:
    extracted = march(
        line("posted-later", "2026-03-31", posted_on="2026-04-01"),
        line("paid-before", "2026-02-27", posted_on="2026-03-02"),
        line("not-paid", None, posted_on="2026-03-03"),
    )
    assert kept(extracted) == ["not-paid", "paid-before"]
    assert extracted.left == (left("posted after the cut-off", 1, 100),)
    assert [total.lines for total in extracted.posted] == [2]


@pytest.mark.parametrize(
    "unreadable",
    [
        line("x", None),
        line("x", "31.02.2030"),
        line("x", "2030-02-30"),
        line("x", "2030-01-01", posted_on="soon"),
    ],
)
def test_a_line_without_a_readable_day_is_always_looked_at(unreadable: dict[str, str | None]) -> None:
    extracted = march(unreadable)
    assert kept(extracted) == ["x"]
    assert extracted.left == ()
    assert extracted.posted == ()


@pytest.mark.parametrize("filler", [{"posted_on": "9999-12-31"}, {"paid_on": "9999-01-02"}, {"paid_on": "2101-01-01"}])
def test_a_day_that_never_comes_is_looked_at_now_and_waits_for_no_month(filler: dict[str, str | None]) -> None:
    extracted = march(line("a", "2026-03-02") | filler, line("b", "2100-12-31"))
    assert kept(extracted) == ["a"]
    assert extracted.left == (left("posted after the cut-off", 1, 100),)


def test_a_line_left_to_another_month_counts_even_when_its_amount_cannot_be_read() -> None:
    extracted = march(
        line("a", "2026-04-01", amount_minor="300.00"),
        line("b", "2026-04-01", amount_minor="-7"),
        line("c", "2026-04-01", amount_minor=None, amount="1.50", currency="EUR"),
        line("d", "2026-01-01", currency=None),
    )
    assert extracted.left == (
        left("posted after the cut-off", 1, 150, "EUR"),
        left("posted after the cut-off", 2, -7).model_copy(update={"unread": 1}),
        left("posted before the look-back", 1, 100, ""),
    )


def test_physical_lines_posted_in_the_month_are_counted_repeats_and_unreadable_ones_included() -> None:
    extracted = march(
        line("a", "2026-03-05"),
        line("a", "2026-03-05"),
        line("b", "2026-03-31", amount_minor="much"),
        line("c", "2026-03-01", currency="EUR", amount_minor="-5"),
        line("d", "2026-02-28"),
        look_back=1,
    )
    assert extracted.posted == (
        ControlTotal(period="2026-03", currency="EUR", lines=1, amount_minor=-5),
        ControlTotal(period="2026-03", currency="RUB", lines=3, amount_minor=200),
    )


def test_sums_beyond_64_bits_do_not_wrap_round() -> None:
    most = str(10**15)
    extracted = march(*(line(f"L{number}", "2026-04-01", amount_minor=most) for number in range(10)))
    assert extracted.left == (left("posted after the cut-off", 10, 10**16),)


def test_a_month_without_lines_is_told() -> None:
    assert march(line("unpaid", None)).warnings == ("no billing line was posted in 2026-03.",)
    assert march(line("paid", "2026-03-05")).warnings == ()


def test_what_was_odd_in_a_source_is_passed_on() -> None:
    source = Given(line("a", "2026-03-05"), warnings=["given: columns not kept: colour."])
    assert extract(Window(MARCH, None), [source], NOTHING, ids()).warnings == ("given: columns not kept: colour.",)


# Our own open lines


def test_open_lines_of_earlier_months_are_looked_at_again_whatever_their_day() -> None:
    carried = pl.DataFrame(
        [line("ours", "2025-01-05", carried_from="2026-01")],
        schema=dict.fromkeys((*TEXT_COLUMNS, "carried_from"), pl.String()),
    )
    extracted = march(line("ours", "2026-03-05"), carried=carried)
    assert looked_at(extracted).select("line_id", "carried_from", "source", "row").rows() == [
        ("ours", "2026-01", "carried", None),
        ("ours", None, "given", 2),
    ]
    # They came in when they were first seen, and are not counted again.
    assert [total.lines for total in extracted.posted] == [1]


def test_columns_of_the_vendor_travel_with_the_lines_that_have_them() -> None:
    carried = pl.DataFrame(
        [line("a", "2026-01-05", carried_from="2026-01", region="north")],
        schema=dict.fromkeys((*TEXT_COLUMNS, "region", "carried_from"), pl.String()),
    )
    sources = [Given(line("b", "2026-03-05", channel="web"), keep=("channel",)), Given(line("c", "2026-03-05"))]
    extracted = extract(Window(MARCH, None), sources, carried, ids())
    assert looked_at(extracted).columns == [
        *TEXT_COLUMNS,
        "channel",
        "region",
        "carried_from",
        "measured_in",
        "source",
        "row",
    ]
    assert looked_at(extracted).select("line_id", "channel", "region").rows() == [
        ("a", None, "north"),
        ("b", "web", None),
        ("c", None, None),
    ]


# The snapshot


def test_the_snapshot_gives_the_lines_back_without_where_they_were_read() -> None:
    extracted = march(line("a", "2026-03-05"), line("b", None))
    assert frame_from(extracted.lines.data).rows() == looked_at(extracted).drop("source", "row").rows()
    assert frame_from(extracted.lines.data).columns == [*TEXT_COLUMNS, "carried_from", "measured_in"]


def test_an_empty_snapshot_still_has_its_columns() -> None:
    assert frame_from(march().lines.data).columns == [*TEXT_COLUMNS, "carried_from", "measured_in"]


def test_the_snapshot_names_no_clock_and_no_machine() -> None:
    extracted = march(line("a", "2026-03-05"))
    metadata = pq.read_metadata(io.BytesIO(extracted.lines.data))
    assert metadata.metadata is None
    assert metadata.row_group(0).column(0).compression == "ZSTD"


LINES = st.lists(
    st.builds(
        line,
        st.sampled_from(["L1", "L2", "L3"]),
        st.sampled_from([None, "2026-03-05", "2026-03-31", "2026-04-01", "2026-02-28", "soon"]),
        amount_minor=st.sampled_from(["1", "-2", "x", None]),
        client_name=st.sampled_from(["Acme", "ж", None]),
    ),
    max_size=12,
)


@given(lines=LINES, data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_neither_the_order_of_lines_nor_their_files_change_the_snapshot(
    tmp_path: Path, lines: list[dict[str, str | None]], data: st.DataObject
) -> None:
    def read(name: str, *files: list[dict[str, str | None]]) -> Extract:
        folder = tmp_path / name / "billing"
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        for number, part in enumerate(files):
            rows = [",".join(row[column] or "" for column in REQUIRED_COLUMNS) for row in part]
            text = "".join(f"{row}\n" for row in [",".join(REQUIRED_COLUMNS), *rows])
            (folder / f"{number}.csv.gz").write_bytes(gzip.compress(text.encode()))
        return extract(Window(MARCH, 1), describe(None, folder.parent).sources, NOTHING, ids())

    shuffled = data.draw(st.permutations(lines))
    cut = data.draw(st.integers(0, len(lines)))
    one, other = read("one", lines), read("other", shuffled[:cut], shuffled[cut:])
    assert one.lines.data == other.lines.data
    assert one.posted == other.posted
    assert one.left == other.left
    # No line is lost: each is looked at, or counted for another month.
    assert one.lines.height + sum(tally.lines for tally in one.left) == len(lines)


# The run


def test_progress_is_told_every_million_lines(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("tasks.extract.LOG_EVERY", 2)
    with caplog.at_level(logging.INFO, "settle"):
        march(*(line(f"L{number}", "2026-03-05") for number in range(5)))
    assert [words for record in caplog.records if "lines read" in (words := record.getMessage())] == [
        "extract: 2 lines read",
        "extract: 4 lines read",
        "extract: 5 lines read, 5 to look at, 0 of them carried",
    ]


def test_bad_billing_stops_the_month(tmp_path: Path) -> None:
    (tmp_path / "billing").mkdir()
    (tmp_path / "billing" / "a.csv").write_text("line_id,amount\n")
    with pytest.raises(BadInput, match="missing columns"):
        extract(Window(MARCH, None), describe(None, tmp_path).sources, NOTHING, ids())


def test_a_line_of_a_closed_month_that_no_month_has_seen_is_looked_at_however_old_it_is() -> None:
    old, new = line("old", None, posted_on="2026-01-20"), line("new", None, posted_on="2026-01-21")
    found = extract(Window(MARCH, 0), [Given(old, new)], NOTHING, ids(old))
    assert kept(found) == ["new"]
    assert found.left == (left("posted before the look-back", 1, 100),)


def test_an_open_line_of_ours_that_an_old_file_still_has_is_not_read_twice() -> None:
    old = line("open", None, posted_on="2026-01-20")
    carried = Given(old)
    frame = (
        next(carried.read(MARCH.first_day, MARCH.last_day))
        .drop("source", "row")
        .with_columns(carried_from=pl.lit("2026-01"))
    )
    assert kept(extract(Window(MARCH, 0), [Given(old)], frame, ids())) == ["open"]
