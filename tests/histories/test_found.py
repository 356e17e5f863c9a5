"""What random histories found, as small as it gets: by the engine, in kopecks."""

from pathlib import Path
from typing import Any

import pytest

from tests.histories.by_engine import DraftedMonth, Engine, closing
from tests.histories.history import History, cancelled, chargeback, event, months_from, refund, sale, won
from tests.histories.test_twin_by_hand import PROGRAMME
from tests.made.vendors import claim, partner

L1 = sale("L1", "C1", 100_000, "2026-01-10")


def lived(folder: Path, plans: str, *lines: dict[str, Any], **others: Any) -> list[DraftedMonth]:
    """The two months of a history of partner P, whose plan is `ten`, and its client C1."""
    given: dict[str, Any] = {
        "partners": [partner("P", plan="ten")],
        "claims": [claim("C1", "P", claimed_on="2025-12-01")],
        "months": months_from("2026-01", 2),
    }
    history = History(lines=lines, **({"programme": PROGRAMME + plans} | given | others))
    return list(Engine(history, folder).settle_all().values())


def taken(month: DraftedMonth) -> dict[tuple[str, str, str], int]:
    """What is taken back in a month, or given again: by partner, rule, and client or person."""
    rows = month.frame("corrections.parquet").iter_rows(named=True)
    return {(row["partner_id"], row["rule"], row["key"]): row["minor"] for row in rows}


@pytest.mark.parametrize("by", ["volume", "graduated"])
def test_a_chargeback_won_of_a_month_that_came_to_nothing_gives_back_the_first_rate(by: str, tmp_path: Path) -> None:
    # 1 000.00 and its chargeback come to nothing in January, which earned 5 %, the first rate: telephony, which is
    # measured too, reaches 10 % and changes nothing of it.
    tiers = f"{{plan: tiered, categories: [software], by: {by}, measure: all, tiers: {{0: 5%, 500: 10%}}}}"
    beside = "{plan: percentage, categories: [telephony], rate: 1%}"
    plans = f"  ten: {{from: 2026-01, earn: {{software: {tiers}, telephony: {beside}}}}}\n"
    back = chargeback("B1", L1, 100_000, "2026-01-20")
    calls = sale("T1", "C1", 100_000, "2026-01-10", category="telephony")
    _, february = lived(tmp_path, plans, L1, calls, back, won("W1", back, 100_000, "2026-02-10"))
    assert taken(february) == {("P", "software", "C1"): 5_000}


def test_a_margin_of_a_month_that_came_to_nothing_is_given_back(tmp_path: Path) -> None:
    # A discount of 20 % leaves a margin of 25 on 100: 250.00 of 1 000.00.
    plans = "  ten: {from: 2026-01, earn: {software: {plan: reseller, categories: [software], form: margin, discount: 20%}}}\n"
    credit = sale("N1", "C1", -100_000, "2026-01-20", kind="credit_note")
    _, february = lived(tmp_path, plans, L1, credit, refund("R1", L1, 100_000, "2026-02-10"))
    assert taken(february) == {("P", "software", "C1"): -25_000}


def test_a_chargeback_won_gives_back_to_persons_too(tmp_path: Path) -> None:
    # Two sellers share 2 % of 1 000.00, though their month came to nothing.
    bonus = "{plan: employee_bonus, categories: [software], roles: {seller: 2%}, paid: to_person}"
    plans = f"  ten: {{from: 2026-01, earn: {{software: {{plan: percentage, categories: [software], rate: 10%}}, bonus: {bonus}}}}}\n"
    people = [
        {"partner_id": "P", "person_id": who, "name": who, "role": "seller", "from": "2026-01-01", "until": ""}
        for who in ("W1", "W2")
    ]
    back = chargeback("B1", L1, 100_000, "2026-01-20")
    _, february = lived(tmp_path, plans, L1, back, won("R1", back, 100_000, "2026-02-10"), employees=people)
    assert taken(february) == {
        ("P", "software", "C1"): 10_000,
        ("P", "bonus", "W1"): 1_000,
        ("P", "bonus", "W2"): 1_000,
    }


def test_who_serves_a_client_now_gives_nothing_back_of_a_sale_before(tmp_path: Path) -> None:
    plans = """\
  ten: {from: 2026-01, earn: {software: {plan: percentage, categories: [software], rate: 10%}}, not_commissioned: {training: no}}
  serves: {from: 2026-01, earn: {care: {plan: servicing, categories: all, rate: 5%}}}
"""
    lesson = sale("L1", "C1", 100_000, "2026-01-10", category="training")
    january, february = lived(
        tmp_path, plans, lesson, refund("R1", lesson, 100_000, "2026-02-10"),
        partners=[partner("P", plan="ten"), partner("S", plan="serves")],
        assignments=[{"assignment_id": "A1", "client_id": "C1", "partner_id": "S", "from": "2026-02-01", "until": ""}],
    )  # fmt: skip
    for month in (january, february):
        assert month.frame("earned.parquet").height == 0
    assert february.frame("lines.parquet").select("outcome", "reason").rows() == [("final", "its sale earned nothing")]


TEN = "  ten: [{from: 2026-01, earn: {software: {plan: percentage, categories: [software], rate: 10%}}}]\n"


@pytest.mark.parametrize(
    ("unnamed", "earned"), [(-99_996, 0), (-99_994, 1), (-100_000, 0), (-100_004, 0), (-100_006, -1)]
)
def test_a_sale_gives_back_what_it_earned_though_a_refund_without_a_name_left_next_to_nothing(
    unnamed: int, earned: int, tmp_path: Path
) -> None:
    """10 % of 1 000.00 is 100.00. Of 0.4 or 0.6 of a kopeck that are left, nothing is a share of it."""
    credit = sale("N1", "C1", unnamed, "2026-01-20", kind="credit_note")
    january, february = lived(tmp_path, TEN, L1, credit, refund("R1", L1, 100_000, "2026-02-10"))
    assert [row["minor"] for row in january.frame("earned.parquet").iter_rows(named=True)] == [earned]
    assert taken(february) == {("P", "software", "C1"): -10_000}


def test_a_bounty_is_taken_back_once_though_part_of_its_order_went_back_in_its_own_month(tmp_path: Path) -> None:
    # 1.00 with 7.5 % of VAT is worth 0.93; 0.34 back in January leave 0.61 of it, and the bounty of 5 000.00. The last
    # 0.66 take these 0.61: 66 of 100 parts of what 0.93 earned would be 5 031.15.
    bounty = "  ten: [{from: 2026-01, earn: {first: {plan: first_sale, categories: [software], pays: 5000.00, taken_back: true}}}]\n"
    order = sale("L1", "C1", 100, "2026-01-10", vat_rate="7.5")
    lines = order, refund("R1", order, 34, "2026-01-20"), refund("R2", order, 66, "2026-02-10")
    net = PROGRAMME.replace("base: gross", "base: net_of_vat")
    january, february = lived(tmp_path, "", *lines, programme=net + bounty)
    assert [row["minor"] for row in january.frame("earned.parquet").iter_rows(named=True)] == [500_000]
    assert taken(february) == {("P", "first", "C1"): -500_000}


def test_parts_of_a_sale_given_back_in_its_month_come_to_nothing_whatever_vat_is_rounded_in_each(
    tmp_path: Path,
) -> None:
    # 0.03 with 22 % of VAT is worth 0.02; each part of 0.01 has a VAT of 0.00 by itself.
    vat = {"vat_rate": "22"}
    sold = sale("L1", "C1", 3, "2026-01-10", **vat)
    parts = [refund(f"R{number}", sold, 1, "2026-01-11", **vat) for number in (1, 2, 3)]
    half = TEN.replace("10%", "50%")
    history = History(
        programme=(PROGRAMME + half).replace("base: gross", "base: net_of_vat"),
        partners=[partner("P", plan="ten")], claims=[claim("C1", "P", claimed_on="2025-12-01")],
        lines=[sold, *parts], months=("2026-01",),
    )  # fmt: skip
    january = Engine(history, tmp_path).settle("2026-01")
    assert [row["base_minor"] for row in january.frame("lines.parquet").iter_rows(named=True)] == [2, -1, 0, -1]
    assert sum(january.frame("earned.parquet")["minor"]) == 0


def test_a_limit_for_life_counts_no_override_of_the_months_before_as_it_counts_none_of_its_own(tmp_path: Path) -> None:
    # A senior is guaranteed 15.00 a month, and earns all that its junior is guaranteed, 10.00. At most 40.00 for life:
    # of the third month's 15.00 are 5.00 above it. The overrides, 10.00 a month, were never limited.
    plans = """\
  senior: [{from: 2026-01, earn: {floor: {plan: guarantee, minimum: 15.00}, ceiling: {plan: cap, at_most: 40.00, window: lifetime}, team: {plan: override, of: commission, levels: [100%]}}}]
  junior: [{from: 2026-01, earn: {floor: {plan: guarantee, minimum: 10.00}}}]
"""
    months = lived(
        tmp_path, plans,
        partners=[partner("P", plan="senior"), partner("J", plan="junior", parent_id="P")],
        claims=[], months=months_from("2026-01", 3),
    )  # fmt: skip
    earned = [
        {
            row["rule"]: row["minor"]
            for row in month.frame("earned.parquet").iter_rows(named=True)
            if row["partner_id"] == "P"
        }
        for month in months
    ]
    usual = {"floor": 1_500, "team": 1_000}
    assert earned == [usual, usual, usual | {"ceiling": -500}]


LEADS = "leads: {plan: pay_per_action, event: lead, pays: 100.00}"
SOFTWARE = "software: {plan: percentage, categories: [software], rate: 10%}"
LEAD = event("E1", "C1", "2026-01-12"), cancelled("E2", "E1", "2026-02-20")


def in_january(beside: str = "") -> str:
    """A plan with a rule on leads in January alone; from February on with what stands beside the other."""
    return (
        f"  ten: [{{from: 2026-01, earn: {{{SOFTWARE}, {LEADS}}}}}, {{from: 2026-02, earn: {{{SOFTWARE}{beside}}}}}]\n"
    )


@pytest.mark.parametrize(
    ("plans", "partners"),
    [
        (in_january(), [partner("P", plan="ten")]),
        (in_january(", actions: {plan: pay_per_action, event: lead, pays: 150.00}"), [partner("P", plan="ten")]),
        (in_january(), [partner("P", plan="ten", until="2026-01-31")]),
        (
            f"  ten: {{from: 2026-01, earn: {{{SOFTWARE}, {LEADS}}}}}\n  two: {{from: 2026-01, earn: {{{SOFTWARE}}}}}\n",
            [partner("P", plan="ten"), partner("P", plan="two", **{"from": "2026-02"})],
        ),
    ],
    ids=["rule gone", "rule under another name", "partner left", "partner on another plan"],
)
def test_a_cancelled_event_takes_back_what_it_earned_though_its_rule_is_no_more(
    plans: str, partners: list[dict[str, Any]], tmp_path: Path
) -> None:
    """A lead of January earned 100.00; February cancels it."""
    january, february, march = lived(
        tmp_path, plans, L1, events=LEAD, partners=partners, months=months_from("2026-01", 3)
    )
    assert january.statements["P"]["summary"]["commission_minor"] == 10_000 + 10_000
    assert taken(february) == {("P", "leads", "E1"): -10_000}
    (shown,) = february.statements["P"]["corrections"]
    assert [shown[name] for name in ("kind", "shared_by", "key", "refund_id", "cites", "commission_minor")] == [
        "clawback", "event", "E1", "E2", "P/2026-01/v1", -10_000,
    ]  # fmt: skip
    assert closing(february.statements["P"]) == closing(march.statements["P"]) == -10_000


def test_where_the_rule_still_stands_the_event_is_taken_back_by_it_and_once(tmp_path: Path) -> None:
    plans = f"  ten: {{from: 2026-01, earn: {{{SOFTWARE}, {LEADS}}}}}\n"
    _, february = lived(tmp_path, plans, L1, events=LEAD)
    assert february.statements["P"]["summary"]["commission_minor"] == -10_000
    assert "corrections.parquet" not in february.draft.results or taken(february) == {}


def test_caps_and_seniors_follow_a_cancelled_event_whose_rule_is_no_more(tmp_path: Path) -> None:
    # 100.00 for the sale and 100.00 for the lead, of which 150.00 are paid: 50.00 are off, and the senior has 10 % of
    # 150.00. Without the lead nothing is off: 100.00 go back, 50.00 are given again, and 5.00 are the senior's.
    top = ", top: {plan: cap, at_most: 150.00}"
    plans = in_january().replace(LEADS, LEADS + top)
    plans += "  senior: {from: 2026-01, earn: {team: {plan: override, of: commission, levels: [10%]}}}\n"
    people = [partner("P", plan="ten", parent_id="Q"), partner("Q", plan="senior")]
    january, february = lived(tmp_path, plans, L1, events=LEAD, partners=people)
    commission = {who: body["summary"]["commission_minor"] for who, body in january.statements.items()}
    assert commission == {"P": 15_000, "Q": 1_500}
    changed = {who: closing(body) for who, body in february.statements.items()}
    assert changed == {"P": -5_000, "Q": -500}


def test_a_month_that_is_worked_out_again_stays_without_the_event_that_was_cancelled_since(tmp_path: Path) -> None:
    # February takes 100.00 for the lead, March 50.00 for half of the sale, and April nothing of either again.
    restate = PROGRAMME.replace("original_rate", "restate") + in_january()
    half = refund("R1", L1, 50_000, "2026-03-10")
    _, february, march, april = lived(
        tmp_path, "", L1, half, programme=restate, events=LEAD, months=months_from("2026-01", 4)
    )
    balances = [closing(month.statements["P"]) for month in (february, march, april)]
    assert balances == [-10_000, -10_000 - 5_000, -15_000]
