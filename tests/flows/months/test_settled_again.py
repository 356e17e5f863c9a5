"""A payment that comes again under another id is not paid again: the month stops, or a person is warned. In kopecks."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from flows.result import Ending, MonthResult
from models.errors import CannotApprove
from tests.made.vendors import PROGRAMME, Row, claim, line, partner, settle, write_csv, write_vendor

ALLOWED = PROGRAMME.replace("plans:", "stop_when: {settled_again: allow}\nplans:")
JANUARY = [line("1", "C-1", 1_000_00), line("2", "C-1", 300_00), line("3", "C-2", 50_00)]
FEBRUARY = line("9", "C-1", 10_00, paid_on="2026-02-03")


def renamed(*lines: Row) -> list[Row]:
    return [{**each, "line_id": f"{each['line_id']}/SKU"} for each in lines]


def after_january(folder: Path, *, january: Sequence[Row] = tuple(JANUARY), programme: str = PROGRAMME) -> Path:
    """A vendor whose January is closed: half of it is ana's."""
    vendor = with_january(folder, january, programme)
    settle(folder / "home", vendor, "2026-01")
    return vendor


def with_january(folder: Path, january: Sequence[Row], programme: str) -> Path:
    """A vendor with this billing of January, whose clients are ana's."""
    return write_vendor(
        folder / "vendor",
        programme=programme,
        partners=[partner("ana")],
        claims=[claim("C-1", "ana"), claim("C-2", "ana")],
        billing={"2026-01.csv": january},
    )


def february(folder: Path, vendor: Path, *lines: Row) -> MonthResult:
    """Settle February by a source that brings these lines, and 10.00 of its own, of which 5.00 are ana's."""
    write_csv(vendor / "billing" / "2026-01.csv", [*lines, FEBRUARY], tuple(JANUARY[0]))
    (result,) = settle(folder / "home", vendor, "2026-02")
    return result


def earned(result: MonthResult) -> int:
    assert result.ending is Ending.CLOSED
    return result.figures.commission_minor


def test_lines_of_january_under_other_ids_stop_february(tmp_path: Path) -> None:
    vendor = after_january(tmp_path)
    with pytest.raises(
        CannotApprove, match=r"3 of 3 lines of closed months .*row 2, line_id '1/SKU', which was '1' in 2026-01"
    ):
        february(tmp_path, vendor, *renamed(*JANUARY))
    assert earned(february(tmp_path, vendor, *JANUARY)) == 5_00  # with their own ids only what is new earns


def test_so_they_do_where_a_source_brings_each_payment_once(tmp_path: Path) -> None:
    vendor = after_january(tmp_path)
    with pytest.raises(CannotApprove, match="2 of 2 lines of closed months"):
        february(tmp_path, vendor, *renamed(*JANUARY[:2]))


def test_they_settle_where_the_programme_allows_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    vendor = after_january(tmp_path, programme=ALLOWED)
    assert earned(february(tmp_path, vendor, *renamed(*JANUARY))) == 680_00
    assert "3 of 3 lines of closed months" in caplog.text


def test_one_alone_is_warned_of_and_settles(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    vendor = after_january(tmp_path)
    assert earned(february(tmp_path, vendor, *renamed(JANUARY[0]), *JANUARY[1:])) == 505_00
    assert "1 of 1 lines of closed months" in caplog.text


def test_a_line_beside_one_that_says_the_same_and_is_still_read_is_another_payment(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    vendor = after_january(tmp_path)
    assert earned(february(tmp_path, vendor, *JANUARY, *renamed(*JANUARY))) == 680_00
    assert "lines of closed months" not in caplog.text


def test_late_lines_that_differ_in_anything_are_other_payments(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    vendor = after_january(tmp_path)
    others = {
        "amount_minor": 999_99, "client_id": "C-2", "product_code": "SKU-2", "category": "telephony",
        "paid_on": "2026-01-13", "posted_on": "2026-01-13",
    }  # fmt: skip
    late = [JANUARY[0] | {"line_id": f"X-{name}", name: value} for name, value in others.items()]
    february(tmp_path, vendor, *late)
    assert "lines of closed months" not in caplog.text


def test_of_three_alike_where_two_were_decided_two_are_the_same_again(tmp_path: Path) -> None:
    same = [line(name, "C-1", 70_00) for name in ("a", "b", "c")]
    vendor = after_january(tmp_path, january=same[:2])
    with pytest.raises(CannotApprove, match="2 of 3 lines of closed months"):
        february(tmp_path, vendor, *renamed(*same))


def test_lines_that_wait_as_open_are_not_settled_beside_themselves(tmp_path: Path) -> None:
    nobodys = [line(name, "C-9", 70_00 + number) for number, name in enumerate("ab")]
    vendor = after_january(tmp_path, january=[*JANUARY, *nobodys])
    with pytest.raises(CannotApprove, match="2 of 2 lines of closed months"):
        february(tmp_path, vendor, *JANUARY, *renamed(*nobodys))


def test_what_january_rejected_may_be_mended_under_other_ids(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    twice = [line("D", "C-1", 20_00), line("D", "C-1", 40_00, product_code="SKU-2")]
    many = [line(f"M-{number}", "C-1", 1_00 + number) for number in range(60)]
    vendor = after_january(tmp_path, january=[*many, *twice])
    mended = [twice[0] | {"line_id": "D/1"}, twice[1] | {"line_id": "D/2"}]
    assert earned(february(tmp_path, vendor, *many, *mended)) == 35_00
    assert "lines of closed months" not in caplog.text


EVENTS = PROGRAMME.replace(
    "    earn:\n", "    earn:\n      installs: {plan: pay_per_install, products: {SKU: 100.00}}\n"
)


def event(event_id: str, client_id: str, **others: str) -> Row:
    return {
        "event_id": event_id, "client_id": client_id, "partner_id": "", "kind": "install", "product_code": "SKU",
        "occurred_on": "2026-01-12", "cancels_event_id": "", **others,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("february_has", "commission"),
    [
        (["E-1", "E-2"], 5_00),  # as they were
        (["X-1", "E-2"], 105_00),  # one alone: a warning
        (["E-1", "E-2", "X-1", "X-2"], 205_00),  # others beside them
    ],
)
def test_events_too_are_told_by_what_they_say(february_has: list[str], commission: int, tmp_path: Path) -> None:
    vendor = with_events(tmp_path)
    clients = {"1": "C-1", "2": "C-2"}
    write_csv(vendor / "events" / "all.csv", [event(name, clients[name[-1]]) for name in february_has])
    assert earned(february(tmp_path, vendor, *JANUARY)) == commission


def test_events_under_other_ids_stop_the_month(tmp_path: Path) -> None:
    vendor = with_events(tmp_path)
    write_csv(vendor / "events" / "all.csv", [event("X-1", "C-1"), event("X-2", "C-2")])
    with pytest.raises(CannotApprove, match=r"2 of 2 events of closed months .*row 2, event_id 'X-1', which was 'E-1'"):
        february(tmp_path, vendor, *JANUARY)


def with_events(folder: Path) -> Path:
    """A vendor in whose January two clients of ana installed something, for 100.00 each."""
    vendor = with_january(folder, JANUARY, EVENTS)
    write_csv(vendor / "events" / "all.csv", [event("E-1", "C-1"), event("E-2", "C-2")])
    (result,) = settle(folder / "home", vendor, "2026-01")
    assert earned(result) == 675_00 + 200_00
    return vendor
