"""A draft: one document for one settlement, so that a yes to its digest is a yes to every figure."""

import json
from datetime import date
from typing import Any

import pytest

from models.canonical import sha256
from models.period import Period
from models.vendor import Attribution, Claim, RejectedClaim, Tally
from rules.draft import Draft, control_json, document, file_key, inputs_of, totals
from rules.statement import Body
from tests.rules.worked import agreed, statement

JANUARY = Period(2026, 1)
CLAIM = Claim(claim_id="K1", client_id="C1", partner_id="P-100", claimed_on=date(2025, 10, 1))
BOND = Attribution(client_id="C1", partner_id="P-100", claim_id="K1", claimed_on=date(2025, 10, 1))
SETTLED = Tally(outcome="settled", currency="RUB", lines=6, amount_minor=46_144_444)
OTHER_MONTH = Tally(outcome="other_month", reason="posted after the cut-off", currency="RUB", lines=2, amount_minor=900)
FILES = {"billing.parquet": b"lines", "partners.csv": b"partners"}


def drafted(**other: Any) -> bytes:
    agreement: dict[str, Any] = {
        "period": JANUARY,
        "programme": agreed("volume"),
        "code": "0.1.0",
        "files": FILES,
        "tallies": (SETTLED, OTHER_MONTH),
        "events": (),
        "control": "agrees",
        "attributions": (BOND,),
        "rejected_claims": (),
        "statements": (Body.of(statement()),),
    }
    return document(**agreement | other)


def test_a_draft_says_what_a_person_compares_before_saying_yes() -> None:
    said = json.loads(drafted())
    assert (said["format"], said["period"], said["code"], said["control"]) == (1, "2026-01", "0.1.0", "agrees")
    assert said["programme"] == {"name": "uis-partners", "digest": agreed("volume").digest}
    assert said["statements"] == [
        {
            "partner": "P-100",
            "opening_minor": 0,
            "commission_minor": 7_822_222,
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
    assert inputs_of(drafted(files={"lines.parquet": b"hello\n"}).decode()) == {"lines.parquet": f"{hello}.parquet"}


@pytest.mark.parametrize(
    "other",
    [
        {"period": Period(2026, 2)},
        {"programme": agreed("graduated")},
        {"code": "0.1.1"},
        {"files": FILES | {"partners.csv": b"other partners"}},
        {"tallies": (SETTLED.model_copy(update={"amount_minor": 46_144_445}),)},
        {"control": "absent"},
        {"attributions": (BOND.model_copy(update={"partner_id": "P-200"}),)},
        {"rejected_claims": (RejectedClaim(claim=CLAIM, reason="the client is theirs already"),)},
        {"statements": (Body.of(statement(opening_minor=1)),)},
        {"statements": ()},
    ],
    ids=lambda other: next(iter(other)),
)
def test_whatever_is_different_gives_another_draft(other: dict[str, Any]) -> None:
    assert drafted(**other) != drafted()


def test_the_same_settlement_gives_the_same_draft_in_whatever_order_its_files_were_read() -> None:
    assert drafted(files=dict(reversed(FILES.items()))) == drafted()


def test_the_digest_is_of_the_document() -> None:
    draft = Draft(
        period=JANUARY, programme=agreed("volume"), statements=(), claims=(), attributions=(), rejected_claims=(),
        tallies=(), events=(), control="absent", document=b"hello\n", files={},
    )  # fmt: skip
    assert draft.digest == "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"


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
