"""Later versions of closed months: when one may become a fact, what is posted for it, and what stands with it."""

import json
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import polars as pl
import pytest

from engine.closed_months.versions import (
    against,
    as_restated,
    as_they_stand,
    as_version,
    cancelled_since,
    must_be_possible,
    posted_now,
)
from engine.frames.bodies import BodiesFile, bodies_in
from engine.frames.parquet import frame_from, parquet_bytes
from engine.frames.schemas import (
    Accruals,
    CitedStatements,
    Corrections,
    EarnedAmounts,
    JudgedEvents,
    MonthSums,
    Returns,
    SaleAccruals,
    SoldLines,
)
from engine.inputs import STOOD, EarlierMonths, MonthInputs, VendorTables
from engine.sums.past import Past
from models.canonical import canonical_json
from models.errors import BadInput
from models.period import Period
from models.restated import Restated, SupersededStatement
from models.vendor import Adjustment, Attribution, Claim, RejectedClaim
from rules.draft import Draft, DraftFindings
from rules.programme.file import parse_programme
from rules.statement.body import Body
from tests.engine.closed_months.agents import FOR_LIFE, TEXT
from tests.made.rows import rows_of

JANUARY, MARCH = Period(2026, 1), Period(2026, 3)
PROGRAMME = parse_programme(TEXT)
BEFORE = SupersededStatement(statement="ana/2026-01/v1", number="S-7", digest="d" * 64, total_minor=35_00)
RESTATED = Restated(
    period="2026-01", number=2, settled_in="2026-03", made_by="Olga", reason="a wrong rate", superseded={"ana": BEFORE}
)


def earned(partner_id: str, minor: int, month: str = "2026-01") -> dict[str, object]:
    of = {"rule": "software", "to": "partner", "kind": "client", "key": f"C-{partner_id}"}
    return {"month": month, "partner_id": partner_id, "minor": minor, **of}


def amounts(*rows: dict[str, object]) -> bytes:
    return parquet_bytes(rows_of(EarnedAmounts, *rows))


def body(partner_id: str, commission_minor: int, corrections_minor: int = 0) -> Body:
    summary = SimpleNamespace(commission_minor=commission_minor, corrections_minor=corrections_minor)
    return Body(partner_id, f"{partner_id}/2026-01/v1", cast(Any, summary), (), (), (), cast(Any, ("booked",)))


def made(*bodies: Body, now: tuple[dict[str, object], ...] = (), **others: Any) -> Draft:
    """January worked out again: these statements, and what rules earned."""
    written = BodiesFile()
    for each in bodies:
        said = {"statement": each.key, "version": 1, "corrections": [], "summary": {"entries": []}}
        written.add(each.partner_id, canonical_json(said))
    results = {"statements.parquet": written.to_bytes(), "earned.parquet": amounts(*now)} | others.pop("results", {})
    given: dict[str, Any] = {
        "period": JANUARY, "programme": PROGRAMME, "code": "", "statements": bodies, "claims": (), "attributions": (),
        "rejected_claims": (), "tallies": (), "events": (), "control": "absent", "inputs": {}, "results": results,
    }  # fmt: skip
    return Draft(**(given | others))


def january(*stood: dict[str, object], **others: Any) -> MonthInputs:
    given: dict[str, Any] = {"parts": {STOOD: amounts(*stood)}, "restated_by": RESTATED, "programme": PROGRAMME}
    return MonthInputs(month=JANUARY, code="", vendor=VendorTables(()), earlier=EarlierMonths(), **(given | others))


# What a later version states


def test_a_later_version_states_only_what_comes_to_something_else_and_books_nothing() -> None:
    # Ana 35.00 and now 40.00; Bo 20.00 as before.
    draft = made(body("ana", 38_00, 2_00), body("bo", 20_00), now=(earned("ana", 40_00), earned("bo", 20_00)))
    version = as_version(draft, january(earned("ana", 35_00), earned("bo", 20_00)), RESTATED)
    (statement,) = version.statements
    assert (statement.key, statement.entries) == ("ana/2026-01/v2", ())
    assert statement.summary.commission_minor == 38_00
    assert (version.restated, str(version.version)) == (RESTATED, "2026-01/v2")
    (said,) = map(json.loads, bodies_in(version.results["statements.parquet"]))
    assert said["statement"] == "ana/2026-01/v2"
    assert (said["supersedes"]["total_minor"], said["supersedes"]["difference_minor"]) == (35_00, 5_00)
    assert frame_from(version.results["statements.parquet"])["partner_id"].to_list() == ["ana"]
    assert version.results["earned.parquet"] == draft.results["earned.parquet"]


def test_the_second_of_two_statements_is_the_one_that_is_kept_where_it_alone_differs() -> None:
    draft = made(body("ana", 35_00), body("bo", 21_00), now=(earned("ana", 35_00), earned("bo", 21_00)))
    version = as_version(draft, january(earned("ana", 35_00), earned("bo", 20_00)), RESTATED)
    assert [each.partner_id for each in version.statements] == ["bo"]
    (said,) = map(json.loads, bodies_in(version.results["statements.parquet"]))
    assert (said["statement"], said["supersedes"]["difference_minor"]) == ("bo/2026-01/v2", 21_00)


def test_a_statement_that_was_issued_may_not_be_gone() -> None:
    stood = january(earned("cy", 1), earned("bo", 20_00), earned("ana", 35_00))
    with pytest.raises(BadInput) as refused:
        as_version(made(body("ana", 40_00), now=(earned("ana", 40_00),)), stood, RESTATED)
    assert str(refused.value) == (
        "2026-01/v2: bo, cy would have no statement any more by the corrected files, and one that was issued stays: "
        "leave the partner its terms there, and put the amount right by settle adjust."
    )


# Why one cannot become a fact

CHANGES = made(body("ana", 40_00))


def test_a_version_by_which_somebody_earns_another_amount_may_become_a_fact() -> None:
    assert against(CHANGES, EarlierMonths(), (), PROGRAMME) == []


def test_one_by_which_nobody_does_may_not() -> None:
    assert against(made(), EarlierMonths(), (), PROGRAMME) == ["no partner's commission changes by it"]


@pytest.mark.parametrize(
    ("was", "now", "words"),
    [
        ("programme: agents", "programme: others", "the programme others, and it is agents"),
        ("currency: RUB", "currency: EUR", "the currency EUR, and it is RUB"),
        ("starts: 2026-01", "starts: 2025-12", "the starts 2025-12, and it is 2026-01"),
    ],
)
def test_the_corrected_file_may_not_name_another_programme(was: str, now: str, words: str) -> None:
    corrected = replace(CHANGES, programme=parse_programme(TEXT.replace(was, now)))
    assert against(corrected, EarlierMonths(), (), PROGRAMME) == [
        f"programme.yaml names {words}: correct the programme's own file"
    ]


def given_back(*months: str, sale_month: str = "2026-01") -> EarlierMonths:
    rows = [{"month": month, "sale_month": sale_month, "refund_id": f"R-{month}"} for month in months]
    return EarlierMonths(returns=rows_of(Returns, *rows))


@pytest.mark.parametrize(("then", "now"), [(FOR_LIFE, ""), ("", FOR_LIFE)])
def test_where_a_cap_for_life_looks_on_it_may_not_once_its_sales_were_given_back(then: str, now: str) -> None:
    draft, programme = replace(CHANGES, programme=parse_programme(TEXT + then)), parse_programme(TEXT + now)
    assert against(draft, given_back("2026-01"), (), programme) == []  # the month took it itself
    assert against(draft, given_back("2026-03", sale_month="2026-02"), (), programme) == []
    assert against(draft, given_back("2026-03", "2026-02", "2026-03"), (), programme) == [
        "sales of 2026-01 were given back in 2026-02, 2026-03, and a cap for life, or a goal that is taken back, looks "
        "at what is left of them in every month since: figure the difference, and write it with settle adjust"
    ]


def test_without_a_limit_for_life_it_may_though_its_sales_were_given_back() -> None:
    assert against(CHANGES, given_back("2026-02"), (), PROGRAMME) == []


def by_hand(adjustment_id: str, amount_minor: int) -> Adjustment:
    return Adjustment(
        adjustment_id=adjustment_id, partner_id="ana", posted_on=date(2026, 2, 1), amount_minor=amount_minor,
        why="w", evidence="", who="Olga",
    )  # fmt: skip


def test_what_was_put_right_by_hand_before_or_is_now_is_not_put_right_again() -> None:
    first, now = by_hand("restate-2026-01-a", 5), by_hand("restate-2026-01-b", 7)
    (words,) = against(CHANGES, EarlierMonths(adjustments=(first,)), (now,), PROGRAMME)
    assert "restate-2026-01-a, restate-2026-01-b of adjustments.csv has put it right already" in words
    assert against(CHANGES, EarlierMonths(adjustments=(first,)), (by_hand("restate-2026-01-b", -5),), PROGRAMME) == []


POSTED = {"month": "2026-01", "kind": "clawback", "corrects": "2025-12", "refund_id": "R1", "minor": -5}
WOULD_CHANGE = ["what 2026-01 posted for earlier months would change: put that right by settle adjust"]


def what_it_posted(was: dict[str, object] | None, now: dict[str, object] | None) -> list[str]:
    of_february = {**POSTED, "month": "2026-02"}
    posted = rows_of(Corrections, *([was] if was else []), of_february)
    results = {"corrections.parquet": parquet_bytes(rows_of(Corrections, now))} if now else {}
    return against(made(body("ana", 1), results=results), EarlierMonths(corrections=posted), (), PROGRAMME)


def test_what_the_month_itself_posted_for_earlier_ones_stays_as_it_was() -> None:
    assert what_it_posted(None, None) == []
    assert what_it_posted(POSTED, POSTED) == []
    assert what_it_posted(POSTED, {**POSTED, "minor": -6}) == WOULD_CHANGE
    assert what_it_posted(POSTED, {**POSTED, "refund_id": "R2"}) == WOULD_CHANGE
    assert what_it_posted(POSTED, None) == WOULD_CHANGE
    assert what_it_posted(None, POSTED) == WOULD_CHANGE


def test_what_earlier_versions_said_otherwise_of_the_same_amounts_is_no_change() -> None:
    assert what_it_posted(POSTED, {**POSTED, "cites": "ana/2025-12/v1"}) == []
    again = {**POSTED, "kind": "restatement"}
    assert what_it_posted({**again, "refund_id": "R1, R2"}, again) == []
    assert what_it_posted({**again, "refund_id": ""}, again) == WOULD_CHANGE  # of a later version, not of refunds
    assert what_it_posted({**again, "minor": -6}, again) == WOULD_CHANGE


def test_it_may_decide_no_claim_that_was_not_decided() -> None:
    bond = Attribution(client_id="C1", partner_id="ana", claim_id="K1", claimed_on=date(2026, 1, 1))
    lost = RejectedClaim(Claim("K2", "C1", "bo", date(2026, 1, 2)), "late")
    draft = made(body("ana", 1), attributions=(bond,), rejected_claims=(lost,))
    assert against(draft, EarlierMonths(decided_claims=frozenset({"K1", "K2", "K3"})), (), PROGRAMME) == []
    for known in ({"K1"}, {"K2"}):
        assert against(draft, EarlierMonths(decided_claims=frozenset(known)), (), PROGRAMME) == [
            "it would decide claims that were not decided, and an attribution is for ever: put the amount right by "
            "settle adjust"
        ]


def lead(event_id: str, minor: int) -> dict[str, object]:
    return earned("ana", minor) | {"kind": "event", "rule": "leads", "key": event_id}


@pytest.mark.parametrize(
    ("event", "outcome", "is_refused"),
    [("E1", "settled", True), ("E3", "settled", False), ("E1", "rejected", False)],
)
def test_no_event_that_was_cancelled_since_may_earn_something_else(event: str, outcome: str, is_refused: bool) -> None:
    # E1 earned 100.00 in January, and 150.00 by the version; E3 earns what it did.
    stood = january(lead("E1", 100_00), lead("E3", 7_00))
    now = lead("E1", 150_00), lead("E3", 7_00)
    cancelling = {"event_id": "E2", "cancels_event_id": event, "outcome": outcome}
    earlier = EarlierMonths(events=rows_of(JudgedEvents, cancelling))
    said = cancelled_since(made(body("ana", 157_00), now=now), stood, earlier)
    assert said == is_refused * [
        "events of 2026-01 were cancelled since, E1, and would have earned something else: what was taken back for them "
        "stays as it was, so figure the difference, and write it with settle adjust"
    ]


def test_nor_may_one_that_earns_nothing_any_more() -> None:
    earlier = EarlierMonths(
        events=rows_of(JudgedEvents, {"event_id": "E2", "cancels_event_id": "E1", "outcome": "settled"})
    )
    assert cancelled_since(made(body("ana", 1)), january(lead("E1", 100_00)), earlier)
    assert not cancelled_since(made(body("ana", 1)), january(), earlier)


def test_what_stops_any_month_stops_it_too() -> None:
    stopped = replace(CHANGES, findings=DraftFindings(stopped=("lines were lost",)))
    assert against(stopped, EarlierMonths(), (), PROGRAMME) == ["lines were lost"]


def march(**others: Any) -> MonthInputs:
    given: dict[str, Any] = {"programme": PROGRAMME, "vendor": VendorTables(()), "earlier": EarlierMonths()}
    return MonthInputs(month=MARCH, code="", parts={}, **(given | others))


NEW = {"2026-01": january()}


def test_every_reason_of_every_version_is_named_at_once() -> None:
    versions = {
        "2026-01": replace(made(), restated=RESTATED),
        "2026-02": replace(made(), restated=RESTATED.model_copy(update={"period": "2026-02"})),
    }
    with pytest.raises(BadInput) as refused:
        must_be_possible(march(versions=dict.fromkeys(versions, january())), versions)
    assert str(refused.value) == (
        "what restatements/ asks for cannot be made:\n"
        "  2026-01/v2: no partner's commission changes by it\n"
        "  2026-02/v2: no partner's commission changes by it"
    )
    must_be_possible(march(versions=NEW), {"2026-01": CHANGES})


def test_rows_by_hand_of_the_month_that_settles_and_its_programme_are_looked_at() -> None:
    vendor = VendorTables((), adjustments=(by_hand("restate-2026-01-a", 5),))
    with pytest.raises(BadInput, match="restate-2026-01-a"):
        must_be_possible(march(vendor=vendor, versions=NEW), {"2026-01": CHANGES})
    programme = parse_programme(TEXT.replace("RUB", "EUR"))
    with pytest.raises(BadInput, match="the currency RUB, and it is EUR"):
        must_be_possible(march(programme=programme, versions=NEW), {"2026-01": CHANGES})
    bond = Attribution(client_id="C1", partner_id="ana", claim_id="K1", claimed_on=date(2026, 1, 1))
    deciding = made(body("ana", 1), attributions=(bond,))
    with pytest.raises(BadInput, match="decide claims"):
        must_be_possible(march(versions=NEW), {"2026-01": deciding})


# What is posted


def test_the_month_that_settles_it_posts_what_it_comes_to_more_and_cites_the_statement_before() -> None:
    draft = replace(made(now=(earned("ana", 40_00), earned("bo", 20_00), earned("cy", 3))), restated=RESTATED)
    inputs = march(versions={"2026-01": january(earned("ana", 35_00), earned("bo", 20_00))})
    found = posted_now(inputs, {"2026-01": draft}, lambda _: b"")
    assert [(each.earning.partner_id, each.minor, each.cites, each.words) for each in found] == [
        ("ana", 5_00, "ana/2026-01/v1", "a wrong rate (Olga)"),
        ("cy", 3, "cy/2026-01/v2", "a wrong rate (Olga)"),
    ]


def test_with_it_what_refunds_took_of_its_sales_is_taken_again() -> None:
    # Ana's 100.00 were 10.00, are 12.00, and half of it was given back in February: 1.00 more is taken.
    rate = {"rate_num": "3", "rate_den": "25", "line_id": "L1", "base_minor": 100_00}
    of = {"partner_id": "ana", "rule": "software", "to": "partner", "shared_by": "client", "key": "C-ana"}
    earlier = EarlierMonths(
        past=Past(earned=rows_of(EarnedAmounts, earned("ana", 12_00))),
        returns=rows_of(
            Returns,
            {"month": "2026-02", "refund_id": "R1", "sale_id": "L1", "sale_month": "2026-01", "gross_minor": 50_00,
             "sale_minor": 100_00, "left_minor": 50_00},
        ),
        corrections=rows_of(
            Corrections,
            {**of, "month": "2026-02", "kind": "clawback", "corrects": "2026-01", "sale_id": "L1", "refund_id": "R1",
             "exact_num": "-500", "exact_den": "1", "minor": -5_00},
        ),
        sold=rows_of(
            SoldLines,
            {"month": "2026-01", "line_id": "L1", "partner_id": "ana", "base_minor": 100_00, "outcome": "settled"},
        ),
        sale_accruals=rows_of(SaleAccruals, {**of, "month": "2026-01", **rate}),
    )  # fmt: skip
    draft = replace(made(now=(earned("ana", 12_00),)), restated=RESTATED)
    inputs = march(earlier=earlier, versions={"2026-01": january(earned("ana", 10_00))})
    found = posted_now(inputs, {"2026-01": draft}, lambda _: b"")
    assert [(each.kind.value, each.minor, each.refund_id) for each in found] == [
        ("restatement", 2_00, ""),
        ("clawback", -1_00, "R1"),
    ]


# What stands with it


def test_a_month_given_back_from_is_worked_out_by_its_newest_version_as_any_other_month() -> None:
    version, february = january(), replace(january(), month=Period(2026, 2), restated_by=None)
    found = as_they_stand(march(versions={"2026-01": version}, restated={"2026-01": march(), "2026-02": february}))
    assert list(found) == ["2026-01", "2026-02"]
    assert found["2026-01"].parts is version.parts
    assert found["2026-01"].restated_by is None
    assert found["2026-02"] is february


def sold(line_id: str, month: str, base_minor: int) -> dict[str, object]:
    return {
        "month": month, "line_id": line_id, "client_id": "C-ana", "partner_id": "ana", "base_minor": base_minor,
        "outcome": "settled", "currency": "RUB",
    }  # fmt: skip


def accrual(line_id: str, rate: str) -> dict[str, object]:
    of = {"partner_id": "ana", "rule": "software", "to": "partner", "shared_by": "client", "key": "C-ana"}
    return {**of, "line_id": line_id, "base_minor": 100_00, "rate_num": rate, "rate_den": "100"}


def summed(month: str, base_minor: int) -> dict[str, object]:
    return {"month": month, "partner_id": "ana", "client_id": "C-ana", "base_minor": base_minor}


MONTHS = ("2025-12", "2026-01", "2026-02")
NUMBERED = {"month": "2026-01", "partner_id": "ana", "version": 1, "number": "S-7"}
STANDS = EarlierMonths(
    past=Past(
        rows_of(MonthSums, *(summed(month, 100_00) for month in MONTHS)),
        rows_of(EarnedAmounts, *(earned("ana", 10_00, month) for month in MONTHS)),
    ),
    sold=rows_of(SoldLines, *(sold(f"L{month}", month, 100_00) for month in MONTHS)),
    sale_accruals=rows_of(SaleAccruals, *({"month": month, **accrual(f"L{month}", "10")} for month in MONTHS)),
    cited=rows_of(CitedStatements, NUMBERED),
)
LATER = replace(
    made(
        body("ana", 24_00),
        now=(earned("ana", 24_00),),
        results={
            "sums.parquet": parquet_bytes(rows_of(MonthSums, summed("2026-01", 200_00))),
            "lines.parquet": parquet_bytes(rows_of(SoldLines, sold("L2026-01", "", 200_00)).drop("month")),
            "accruals.parquet": parquet_bytes(rows_of(Accruals, accrual("L2026-01", "12"))),
        },
    ),
    restated=RESTATED,
)


def test_the_months_before_stand_with_what_the_version_says_of_its_own_month_and_no_other() -> None:
    now = as_restated(STANDS, {"2026-01": LATER})
    assert now.past.sums.select("month", "base_minor").rows() == [
        ("2025-12", 100_00), ("2026-01", 200_00), ("2026-02", 100_00)
    ]  # fmt: skip
    assert now.past.earned.select("month", "minor").rows() == [
        ("2025-12", 10_00), ("2026-01", 24_00), ("2026-02", 10_00)
    ]  # fmt: skip
    assert now.sold.select("month", "line_id", "base_minor").rows() == [
        ("2025-12", "L2025-12", 100_00), ("2026-01", "L2026-01", 200_00), ("2026-02", "L2026-02", 100_00)
    ]  # fmt: skip
    assert now.sale_accruals.select("month", "line_id", "rate_num").rows() == [
        ("2025-12", "L2025-12", "10"), ("2026-01", "L2026-01", "12"), ("2026-02", "L2026-02", "10")
    ]  # fmt: skip


def test_the_statement_that_is_born_with_it_can_be_cited_and_has_no_number_yet() -> None:
    now = as_restated(STANDS, {"2026-01": LATER})
    assert now.cited.rows() == [("2026-01", "ana", 1, "S-7"), ("2026-01", "ana", 2, "")]


def test_what_nothing_looks_back_at_is_not_read() -> None:
    without = replace(STANDS, past=Past(), sold=SoldLines.create_empty(), sale_accruals=SaleAccruals.create_empty())
    now = as_restated(without, {"2026-01": replace(LATER, results={})})
    assert (now.past.sums.height, now.past.earned.height, now.sold.height) == (0, 0, 0)


def test_a_sale_that_had_earned_nothing_earns_by_the_version() -> None:
    earned_nothing = Past(STANDS.past.sums, STANDS.past.earned.filter(pl.col("month") != "2026-01"))
    now = as_restated(replace(STANDS, past=earned_nothing), {"2026-01": LATER})
    assert now.past.earned.filter(pl.col("month") == "2026-01")["minor"].to_list() == [24_00]


def test_what_rules_earned_is_read_though_none_of_its_sales_is_given_back() -> None:
    none_sold = replace(STANDS, sold=SoldLines.create_empty(), sale_accruals=SaleAccruals.create_empty())
    now = as_restated(none_sold, {"2026-01": LATER})
    assert now.past.earned["minor"].to_list() == [10_00, 24_00, 10_00]
    assert now.sold.height == 0
