"""A later version of a closed month: what its statement says of the one before, and what is posted for it."""

import json
from typing import Any

from models.canonical import canonical_json
from models.restated import Restated, SupersededStatement
from models.statement import CorrectionKind
from rules.corrections.restatement import posted_for, superseding
from rules.corrections.taken_back import Earning

BEFORE = SupersededStatement(statement="ana/2026-01/v1", number="S-7", digest="d" * 64, total_minor=3_500)
RESTATED = Restated(
    period="2026-01",
    number=2,
    settled_in="2026-03",
    made_by="Olga",
    reason="the wrong rate",
    superseded={"ana": BEFORE},
)


def said(partner_id: str, total_minor: int) -> dict[str, Any]:
    first = f"{partner_id}/2026-01/v1"
    body = {
        "statement": first,
        "version": 1,
        "corrections": [{"cites": first, "rule": "a"}, {"cites": "ana/2025-12/v1", "rule": "b"}],
        "summary": {"entries": [{"cites": []}, {"cites": [first, "ana/2025-12/v1"]}]},
    }
    written: dict[str, Any] = json.loads(superseding(canonical_json(body), RESTATED, partner_id, total_minor))
    return written


def test_a_later_version_says_what_it_supersedes_and_by_how_much_it_differs() -> None:
    # 40.00 now, and 35.00 before.
    assert said("ana", 4_000)["supersedes"] == {
        "statement": "ana/2026-01/v1",
        "of_number": "S-7",
        "digest": "d" * 64,
        "total_minor": 3_500,
        "difference_minor": 500,
        "settled_in": "2026-03",
        "reason": "the wrong rate",
        "made_by": "Olga",
    }


def test_a_later_version_cites_itself_where_the_first_one_cited_itself_and_other_months_as_they_are() -> None:
    made = said("ana", 4_000)
    assert (made["statement"], made["version"]) == ("ana/2026-01/v2", 2)
    assert [each["cites"] for each in made["corrections"]] == ["ana/2026-01/v2", "ana/2025-12/v1"]
    assert [each["cites"] for each in made["summary"]["entries"]] == [[], ["ana/2026-01/v2", "ana/2025-12/v1"]]


def test_who_had_no_statement_differs_by_all_it_comes_to_now() -> None:
    made = said("bo", 4_000)["supersedes"]
    assert (made["statement"], made["of_number"], made["digest"]) == ("", "", "")
    assert (made["total_minor"], made["difference_minor"]) == (0, 4_000)


def test_each_earning_posts_its_difference_and_cites_the_statement_before_or_the_new_one() -> None:
    software, telephony, same = (Earning("2026-01", "ana", rule, "partner", "client", "C1") for rule in "stu")
    new = Earning("2026-01", "bo", "s", "partner", "client", "C2")
    posted = [*posted_for(RESTATED, {software: 500, telephony: 70, same: 9}, {software: 800, same: 9, new: 1})]
    assert [(each.earning, each.minor, each.was_minor, each.cites) for each in posted] == [
        (software, 300, 500, "ana/2026-01/v1"),
        (telephony, -70, 70, "ana/2026-01/v1"),
        (new, 1, 0, "bo/2026-01/v2"),
    ]
    assert {(each.kind, each.words, each.refund_id) for each in posted} == {
        (CorrectionKind.RESTATEMENT, "the wrong rate (Olga)", "")
    }
