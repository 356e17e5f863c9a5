"""A closed month's lines against its source today: which differ, what is said of each, and what the month would read."""

from collections.abc import Mapping

from engine.closed_months.reconcile import Change, Compared, LineChange, compared
from engine.frames.snapshot import Snapshot
from engine.inputs import EarlierMonths, MonthInputs, VendorTables
from models.period import Period
from rules.programme.file import parse_programme
from tests.made.received import Line, line_ids, received
from tests.made.vendors import PROGRAMME

JANUARY = Period(2026, 1)


def sealed(*lines: Mapping[str, str | None]) -> MonthInputs:
    """January, settled from these lines; of the rest of its inputs nothing is asked."""
    return MonthInputs(
        month=JANUARY,
        code="",
        programme=parse_programme(PROGRAMME),
        vendor=VendorTables(partners=()),
        earlier=EarlierMonths(),
        parts={},
        lines=Snapshot.of(received(*lines)),
    )


def against(
    before: list[Line], today: list[Line], done: tuple[str, ...] = ("A", "B"), others: tuple[Line, ...] = ()
) -> Compared:
    """What differs between January as it was settled and the source today; `done` are the ids that are settled."""
    return compared(sealed(*before, *others), received(*today), line_ids(*done)["line_id"])


def ids(found: Compared) -> list[str | None]:
    return found.lines.columns("line_id")["line_id"].to_list()


A: Line = {"line_id": "A"}
B: Line = {"line_id": "B", "amount_minor": "500", "vat_minor": None}


def test_a_source_that_says_the_same_in_another_order_differs_in_nothing() -> None:
    found = against([A, B], [B, A])
    assert found.changes == ()
    assert ids(found) == ["A", "B"]


def test_another_name_of_a_client_is_no_contradiction_and_the_month_keeps_its_own() -> None:
    found = against([A, B], [A | {"client_name": "Romashka Ltd"}, B])
    assert found.changes == ()
    assert found.lines.columns("client_name")["client_name"].to_list() == ["Romashka", "Romashka"]


def test_of_a_changed_line_only_what_differs_is_said_and_an_empty_cell_is_said_as_empty() -> None:
    found = against([A, B], [A, B | {"amount_minor": "600", "vat_minor": "100"}])
    assert found.changes == (
        LineChange(
            Change.CHANGED, "B", {"amount_minor": "500", "vat_minor": ""}, {"amount_minor": "600", "vat_minor": "100"}
        ),
    )
    amounts = dict(found.lines.columns("line_id", "amount_minor").rows())
    assert amounts == {"A": "12200", "B": "600"}, "the month would have read what is said today"


def test_a_missing_line_is_said_as_it_was_and_the_month_would_have_been_without_it() -> None:
    found = against([A, B], [A])
    (change,) = found.changes
    assert (change.change, change.line_id, change.now) == (Change.MISSING, "B", {})
    assert change.was["amount_minor"] == "500"
    assert "client_name" not in change.was, "it is no contradiction, so it is not said"
    assert "vat_minor" not in change.was, "an empty cell says nothing"
    assert ids(found) == ["A"]


def test_an_added_line_is_said_and_left_to_the_next_month() -> None:
    found = against([A], [A, B], done=("A",))
    (change,) = found.changes
    assert (change.change, change.line_id, change.was) == (Change.ADDED, "B", {})
    assert change.now["amount_minor"] == "500"
    assert ids(found) == ["A"], "the next month settles it"


def test_a_line_that_waits_is_looked_at_again_by_itself_whatever_it_says_today() -> None:
    changed = B | {"amount_minor": "600"}
    assert against([A, B], [A, changed], done=("A",)).changes == ()
    assert against([A, B], [A], done=("A",)).changes == ()


def test_a_line_that_settled_late_in_another_month_is_no_news() -> None:
    assert against([A], [A, B], done=("A", "B")).changes == ()


def test_lines_posted_in_other_months_and_lines_without_an_id_are_not_of_this_month() -> None:
    february: Line = {"line_id": "F", "posted_on": "2026-02-01", "paid_on": "2026-01-31"}
    last: Line = {"line_id": "B", "posted_on": "2026-01-31"}
    nameless: Line = {"line_id": None}
    found = against([A, last], [A, last, february, nameless], done=("A", "B"))
    assert found.changes == ()
    (change,) = against([A, last], [A, nameless]).changes
    assert (change.change, change.line_id) == (Change.MISSING, "B"), "the last day is of the month"


def test_what_was_carried_into_the_month_is_never_missing_and_stays_in_it() -> None:
    carried: Line = {"line_id": "C", "carried_from": "2025-12"}
    found = against([A], [A], done=("A", "C"), others=(carried,))
    assert found.changes == ()
    assert ids(found) == ["A", "C"]


def test_changes_come_in_the_order_of_their_ids() -> None:
    found = against([A, B], [A | {"quantity": "2"}, {"line_id": "0"}], done=("A", "B"))
    assert [(change.line_id, change.change.value) for change in found.changes] == [
        ("0", "added"),
        ("A", "changed"),
        ("B", "missing"),
    ]


def test_rows_of_a_line_that_changed_are_all_replaced_by_what_is_said_today() -> None:
    found = against([A, A, B], [A | {"amount_minor": "1"}, B])
    assert sorted(found.lines.columns("line_id", "amount_minor").rows()) == [("A", "1"), ("B", "500")]
    assert found.lines.columns("line_id").height == 2
