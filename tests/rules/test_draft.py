"""A draft: one document for one settlement, so that a yes to its digest is a yes to every figure."""

import json
from datetime import date
from typing import Any

import pytest

from models.canonical import sha256
from models.errors import CannotApprove
from models.period import Period, Version
from models.vendor import Attribution, Claim, RejectedClaim, Tally
from rules.draft import Draft, DraftFindings, control_json, file_key, inputs_of, totals, versions_in
from rules.statement.body import Body
from tests.rules.worked import agreed, statement

JANUARY = Period(2026, 1)
CLAIM = Claim(claim_id="K1", client_id="C1", partner_id="P-100", claimed_on=date(2025, 10, 1))
BOND = Attribution(client_id="C1", partner_id="P-100", claim_id="K1", claimed_on=date(2025, 10, 1))
SETTLED = Tally(outcome="settled", currency="RUB", lines=6, amount_minor=46_144_444)
OTHER_MONTH = Tally(outcome="other_month", reason="posted after the cut-off", currency="RUB", lines=2, amount_minor=900)
INPUTS = {"billing.parquet": f"{sha256(b'lines')}.parquet", "partners.csv": f"{sha256(b'partners')}.csv"}
RESULTS = {"lines.parquet": b"judged", "sums.parquet": b"sums"}


def draft(**other: Any) -> Draft:
    agreement: dict[str, Any] = {
        "period": JANUARY,
        "programme": agreed("volume"),
        "code": "0.1.0",
        "claims": (CLAIM,),
        "inputs": INPUTS,
        "results": RESULTS,
        "tallies": (SETTLED, OTHER_MONTH),
        "events": (),
        "control": "agrees",
        "attributions": (BOND,),
        "rejected_claims": (),
        "statements": (Body.of(statement()),),
    }
    return Draft(**agreement | other)


def drafted(**other: Any) -> bytes:
    return draft(**other).document


def test_a_draft_says_what_a_person_compares_before_saying_yes() -> None:
    said = json.loads(drafted())
    assert (said["format"], said["period"], said["code"], said["control"]) == (2, "2026-01", "0.1.0", "agrees")
    assert said["programme"] == {"name": "uis-partners", "digest": agreed("volume").digest}
    assert said["statements"] == [
        {
            "partner": "P-100",
            "opening_minor": 0,
            "commission_minor": 7_822_222,
            "corrections_minor": 0,
            "to_pay_minor": 7_822_222,
            "carried_minor": 0,
        }
    ]
    assert said["statements"] == [totals(Body.of(statement()))]
    assert said["attributions"]["count"] == 1
    assert said["rejected_claims"] == {"count": 0, "digest": sha256(b"[]\n")}


def test_lines_of_other_months_are_no_part_of_the_draft() -> None:
    assert json.loads(drafted())["outcomes"] == [
        {"outcome": "settled", "reason": "", "currency": "RUB", "lines": 6, "amount_minor": 46_144_444}
    ]
    assert drafted(tallies=(SETTLED,)) == drafted()


def test_a_file_is_named_by_what_is_in_it() -> None:
    hello = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"
    assert file_key("lines.parquet", b"hello\n") == f"{hello}.parquet"
    assert file_key("billing.csv.gz", b"hello\n") == f"{hello}.csv.gz"
    said = inputs_of(drafted(inputs={}, results={"lines.parquet": b"hello\n"}).decode())
    assert said == {"lines.parquet": f"{hello}.parquet"}


def test_what_a_draft_rests_on_and_what_was_worked_out_are_listed_apart_and_found_together() -> None:
    said = json.loads(drafted())
    results = {"lines.parquet": f"{sha256(b'judged')}.parquet", "sums.parquet": f"{sha256(b'sums')}.parquet"}
    assert (said["inputs"], said["results"]) == (INPUTS, results)
    assert inputs_of(drafted().decode()) == INPUTS | results


def test_a_draft_of_format_1_listed_what_was_worked_out_among_the_inputs() -> None:
    assert inputs_of('{"inputs": {"billing.parquet": "a.parquet", "lines.parquet": "b.parquet"}}') == {
        "billing.parquet": "a.parquet",
        "lines.parquet": "b.parquet",
    }


@pytest.mark.parametrize(
    "other",
    [
        {"period": Period(2026, 2)},
        {"programme": agreed("graduated")},
        {"code": "0.1.1"},
        {"inputs": INPUTS | {"partners.csv": f"{sha256(b'other partners')}.csv"}},
        {"results": RESULTS | {"sums.parquet": b"other sums"}},
        {"tallies": (SETTLED.model_copy(update={"amount_minor": 46_144_445}),)},
        {"control": "absent"},
        {"attributions": (BOND._replace(partner_id="P-200"),)},
        {"rejected_claims": (RejectedClaim(claim=CLAIM, reason="the client is theirs already"),)},
        {"statements": (Body.of(statement(opening_minor=1)),)},
        {"statements": ()},
    ],
    ids=lambda other: next(iter(other)),
)
def test_whatever_is_different_gives_another_draft(other: dict[str, Any]) -> None:
    assert drafted(**other) != drafted()


def test_the_same_settlement_gives_the_same_draft_in_whatever_order_its_files_were_read() -> None:
    assert drafted(inputs=dict(reversed(INPUTS.items())), results=dict(reversed(RESULTS.items()))) == drafted()


def test_the_digest_is_of_the_document() -> None:
    assert draft().digest == sha256(drafted())


def test_what_a_person_is_told_beside_the_figures_is_no_part_of_the_draft() -> None:
    assert drafted(findings=DraftFindings(warnings=("odd",), stopped=("no",))) == drafted()
    assert drafted(claims=()) == drafted()


def test_a_draft_that_breaks_a_law_says_so_and_cannot_be_approved() -> None:
    draft().must_balance()
    with pytest.raises(CannotApprove, match="2026-01 cannot be approved:\n  lines were lost: 1\nNothing was settled"):
        draft(findings=DraftFindings(stopped=("lines were lost: 1",))).must_balance()


def test_the_control_file_counts_every_line_and_event_that_was_received() -> None:
    registered = Tally(outcome="settled", currency="", lines=3, amount_minor=0)
    euro = Tally(outcome="open", reason="other currency", currency="EUR", lines=1, amount_minor=-50)
    assert json.loads(control_json(JANUARY, (SETTLED, OTHER_MONTH, euro), (registered,), "absent")) == {
        "period": "2026-01",
        "control": "absent",
        "received": {"RUB": {"lines": 8, "amount_minor": 46_145_344}, "EUR": {"lines": 1, "amount_minor": -50}},
        "outcomes": [tally.model_dump() for tally in (SETTLED, OTHER_MONTH, euro)],
        "events": [registered.model_dump()],
    }


def test_the_control_file_adds_up_the_lines_whose_amounts_nobody_could_read() -> None:
    # 4 lines of which 2 are unread, 5 of which 3 are: 5 of the 15 are no part of the sum. Of the euro lines none is.
    four = Tally(outcome="rejected", reason="bad number", currency="RUB", lines=4, amount_minor=700, unread=2)
    five = Tally(outcome="rejected", reason="bad currency", currency="RUB", lines=5, amount_minor=20, unread=3)
    euro = Tally(outcome="open", reason="other currency", currency="EUR", lines=1, amount_minor=-50)
    assert json.loads(control_json(JANUARY, (four, SETTLED, five, euro), (), "absent"))["received"] == {
        "RUB": {"lines": 15, "amount_minor": 46_145_164, "unread": 5},
        "EUR": {"lines": 1, "amount_minor": -50},
    }


def test_the_largest_changes_of_commission_come_first_and_of_equal_ones_the_first_partner() -> None:
    # P-100 earns 78 222.22. What others earned last month is all they lose; who earns the same is not named.
    before = {"P-100": 7_822_000, "P-3": 1_000, "P-2": 1_000, "P-4": 1_001, "P-5": 0}
    made = draft(findings=DraftFindings(last_commission_minor=before))
    assert made.changes() == [
        "P-4: 10.01 last month, 0.00 now (-10.01)",
        "P-2: 10.00 last month, 0.00 now (-10.00)",
        "P-3: 10.00 last month, 0.00 now (-10.00)",
        "P-100: 78 220.00 last month, 78 222.22 now (+2.22)",
    ]
    assert draft().changes() == ["P-100: 0.00 last month, 78 222.22 now (+78 222.22)"]
    assert draft(findings=DraftFindings(last_commission_minor={"P-100": 7_822_222})).changes() == []


def test_ten_changes_are_named_and_no_eleventh() -> None:
    before = {f"P-{number:02}": number for number in range(1, 11)} | {"P-100": 7_822_222}
    assert len(draft(findings=DraftFindings(last_commission_minor=before)).changes()) == 10
    named = draft(findings=DraftFindings(last_commission_minor=before | {"P-11": 11})).changes()
    assert [words.partition(":")[0] for words in named] == [f"P-{number:02}" for number in range(11, 1, -1)]


def test_a_draft_names_the_versions_it_settles_and_one_from_before_there_were_any_none() -> None:
    said = '{"versions": [{"version": "2025-11/v2"}, {"version": "2025-12/v3"}]}'
    assert versions_in(said) == (Version(Period(2025, 11), 2), Version(Period(2025, 12), 3))
    assert versions_in("{}") == ()
