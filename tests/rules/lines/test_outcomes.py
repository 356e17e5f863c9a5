"""What becomes of a line: the first outcome that applies, in the order the contract asks."""

from datetime import date
from itertools import pairwise
from typing import Any

import polars as pl
import pytest

from models.billing import Outcome, Reason
from rules.lines.ladder import decide
from rules.lines.outcomes import ladder

SETTLED: dict[str, Any] = {
    "reasons": [],
    "paid_on": date(2026, 1, 12),
    "posted_month": "2026-01",
    "starts": "2026-01",
    "client_id": "C1",
    "partner_id": "P-100",
    "claimed_on": date(2025, 10, 1),
    "terms_from": date(2025, 10, 1),
    "block": "integrator@2026-01",
    "served": False,
    "currency": "RUB",
    "note": None,
    "rule": "telephony",
    "fate": None,
}
TYPES: dict[str, pl.DataType] = {
    "reasons": pl.List(pl.String()),
    "paid_on": pl.Date(),
    "claimed_on": pl.Date(),
    "terms_from": pl.Date(),
    "note": pl.String(),
    "rule": pl.String(),
    "fate": pl.String(),
    "block": pl.String(),
    "client_id": pl.String(),
    "partner_id": pl.String(),
}

RUNGS: list[tuple[str, str, dict[str, Any]]] = [
    ("seen_before", "already settled", {"reasons": ["already settled", "bad number"]}),
    ("seen_before", "already open", {"reasons": ["already open", "bad number"]}),
    ("rejected", "bad date; bad number", {"reasons": ["bad date", "bad number"]}),
    ("rejected", "refunded already", {"fate": "refunded already"}),
    ("open", "sale not known", {"fate": "no sale"}),
    ("open", "sale not paid yet", {"fate": "sale not paid"}),
    ("final", "its sale earned nothing", {"fate": "earned nothing"}),
    ("clawback", "", {"fate": "clawback"}),
    ("unpaid", "not paid yet", {"paid_on": None}),
    ("final", "before the programme starts", {"starts": "2026-02"}),
    ("open", "no client", {"client_id": None}),
    ("open", "not attributed", {"partner_id": None}),
    ("final", "paid before the claim", {"claimed_on": date(2026, 1, 13)}),
    ("final", "paid before the partner's terms", {"terms_from": date(2026, 1, 13)}),
    ("final", "paid after the partner's terms", {"block": None}),
    ("open", "other currency", {"currency": "EUR"}),
    ("final", "excluded by the plan", {"note": "sold at cost"}),
    ("open", "category without a rule", {"rule": None}),
]
"""One line for each outcome, in the order of the contract: a settled line with one thing against it."""


def fate(**against: Any) -> tuple[str, str]:
    line = pl.DataFrame([SETTLED | against], schema_overrides=TYPES)
    outcome, reason = line.select(*decide(ladder("RUB"))).row(0)
    return outcome, reason


def test_a_line_with_nothing_against_it_is_settled() -> None:
    assert fate() == ("settled", "")


@pytest.mark.parametrize(("outcome", "reason", "against"), RUNGS, ids=[reason for _, reason, _ in RUNGS])
def test_a_line_with_one_thing_against_it_ends_there(outcome: str, reason: str, against: dict[str, Any]) -> None:
    assert fate(**against) == (outcome, reason)


@pytest.mark.parametrize(("first", "second"), pairwise(RUNGS), ids=[f"{a[1]}, {b[1]}" for a, b in pairwise(RUNGS)])
def test_of_two_things_against_a_line_the_earlier_decides(
    first: tuple[str, str, dict[str, Any]], second: tuple[str, str, dict[str, Any]]
) -> None:
    assert fate(**second[2] | first[2]) == first[:2]


def test_with_everything_against_it_a_line_is_rejected_with_every_reason() -> None:
    everything = {column: value for _, _, against in RUNGS[2:] for column, value in against.items()}
    assert fate(**everything) == ("rejected", "bad date; bad number")


def test_the_order_is_the_one_that_is_written_here() -> None:
    asked = [(rung.outcome.value, rung.reason.value if rung.reason else None) for rung in ladder("RUB")]
    every_reason = ("rejected", None)
    asked_in_order = [(outcome, reason or None) for outcome, reason, _ in RUNGS]
    assert asked == [*asked_in_order[:2], every_reason, *asked_in_order[3:]]


@pytest.mark.parametrize(
    ("paid_on", "outcome"), [("2026-01-11", "final"), ("2026-01-12", "settled"), ("2026-01-13", "settled")]
)
@pytest.mark.parametrize("since", ["claimed_on", "terms_from"])
def test_a_payment_counts_from_the_day_of_the_claim_and_of_the_terms_on(since: str, paid_on: str, outcome: str) -> None:
    assert fate(**{since: date(2026, 1, 12)}, paid_on=date.fromisoformat(paid_on))[0] == outcome


@pytest.mark.parametrize(
    ("posted_month", "outcome"), [("2025-12", "final"), ("2026-01", "settled"), ("2026-02", "settled")]
)
def test_the_programme_starts_with_the_first_day_of_its_month(posted_month: str, outcome: str) -> None:
    assert fate(posted_month=posted_month)[0] == outcome


def test_a_partner_whose_terms_are_not_in_force_earns_nothing() -> None:
    assert fate(terms_from=None) == ("final", "paid before the partner's terms")


def test_a_client_nobody_brought_settles_for_whoever_serves_it() -> None:
    nobody = {"partner_id": None, "claimed_on": None, "terms_from": None, "block": None, "rule": None}
    assert fate(**nobody) == ("open", "not attributed")
    assert fate(**nobody, served=True) == ("settled", "")


def test_an_exclusion_without_words_is_an_exclusion() -> None:
    assert fate(note="", rule=None) == ("final", "excluded by the plan")


def test_the_currency_that_settles_is_the_programmes_own() -> None:
    line = pl.DataFrame([SETTLED | {"currency": "EUR"}], schema_overrides=TYPES)
    assert line.select(*decide(ladder("EUR"))).row(0) == ("settled", "")


def test_every_line_of_a_frame_has_exactly_one_outcome() -> None:
    lines = pl.DataFrame([SETTLED, *(SETTLED | against for _, _, against in RUNGS)], schema_overrides=TYPES)
    decided = lines.select(*decide(ladder("RUB")))
    assert decided.rows() == [("settled", ""), *((outcome, reason) for outcome, reason, _ in RUNGS)]
    assert decided.null_count().row(0) == (0, 0)
    assert {outcome for outcome, _ in decided.iter_rows()} < {outcome.value for outcome in Outcome}
    assert {rung.reason for rung in ladder("RUB")} - {None} < set(Reason)
