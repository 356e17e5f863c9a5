"""Terms of refunds: what a contract may say otherwise of sales that are given back in a later month. In kopecks."""

from pathlib import Path
from typing import Any

import pytest

from tests.histories.by_engine import DraftedMonth, Engine
from tests.histories.history import History, chargeback, months_from, refund, sale, won
from tests.made.vendors import claim, partner

HEADING = """\
programme: terms
starts: 2026-01
currency: RUB
timezone: Europe/Moscow
base: gross
refunds: {refunds}
plans:
"""


def lived(folder: Path, plans: str, *lines: dict[str, Any], **others: Any) -> list[DraftedMonth]:
    """The months of partner P, whose plan is `ten`, and its clients C1 and C2: two, unless said otherwise."""
    refunds = others.pop("refunds", "original_rate")
    given: dict[str, Any] = {
        "partners": [partner("P", plan="ten")],
        "claims": [claim(client, "P", claimed_on="2025-12-01") for client in ("C1", "C2")],
        "months": months_from("2026-01", others.pop("count", 2)),
    }
    programme = HEADING.format(refunds=refunds) + plans
    return list(Engine(History(programme=programme, lines=lines, **(given | others)), folder).settle_all().values())


def earned(month: DraftedMonth) -> dict[str, int]:
    """What each rule earned of the month's own, whomever it was for."""
    found: dict[str, int] = {}
    for row in month.frame("earned.parquet").iter_rows(named=True):
        found[row["rule"]] = found.get(row["rule"], 0) + row["minor"]
    return {rule: minor for rule, minor in found.items() if minor}


def taken(month: DraftedMonth) -> dict[tuple[str, str, str], int]:
    """What is posted for earlier months: by rule, client or goal, and month."""
    there = "corrections.parquet" in month.draft.results
    rows = month.frame("corrections.parquet").iter_rows(named=True) if there else ()
    return {(row["rule"], row["key"], row["corrects"]): row["minor"] for row in rows}


# The measure of the refund's month

TIERS = """\
  ten:
    from: 2026-01
    TERM
    earn:
      software: {plan: tiered, categories: [software], by: volume, measure: MEASURE, tiers: {0: 10%, 1000.00: 20%}}
    not_commissioned: {training: no}
"""
L1 = sale("L1", "C1", 500_00, "2026-01-10")


@pytest.mark.parametrize(
    ("term", "sold", "rate"),
    [
        ("", 1_000_00, 20),
        ("refunds_lower_the_measure: false", 1_000_00, 20),
        ("refunds_lower_the_measure: true", 1_000_00, 10),
        ("refunds_lower_the_measure: true", 1_499_99, 10),  # 999.99 are left
        ("refunds_lower_the_measure: true", 1_500_00, 20),
        ("refunds_lower_the_measure: true", 1_500_01, 20),
    ],
)
def test_a_term_says_whether_the_tier_of_the_refunds_month_sees_it(
    term: str, sold: int, rate: int, tmp_path: Path
) -> None:
    plan = TIERS.replace("TERM", term).replace("MEASURE", "all")
    lines = L1, refund("R1", L1, 500_00, "2026-02-10"), sale("L2", "C1", sold, "2026-02-11")
    january, february = lived(tmp_path, plan, *lines)
    assert earned(january) == {"software": 50_00}
    assert earned(february) == {"software": round(sold * rate / 100)}
    assert taken(february) == {("software", "C1", "2026-01"): -50_00}


def test_a_window_sees_it_from_the_month_that_takes_it_back(tmp_path: Path) -> None:
    # January 500.00; February 400.00 less 500.00; March 600.00: 500.00 - 100.00 + 600.00 = 1 000.00 in three months.
    plan = TIERS.replace("TERM", "refunds_lower_the_measure: true").replace("MEASURE", "{window: 3 months}")
    lines = (
        L1, refund("R1", L1, 500_00, "2026-02-10"), sale("L2", "C1", 400_00, "2026-02-11"),
        sale("L3", "C1", 600_00, "2026-03-11"),
    )  # fmt: skip
    *_, march = lived(tmp_path, plan, *lines, count=3)
    assert earned(march) == {"software": 120_00}
    *_, march = lived(tmp_path / "less", plan, *lines[:-1], sale("L3", "C1", 599_99, "2026-03-11"), count=3)
    assert earned(march) == {"software": 60_00}


def test_it_sees_what_is_given_back_of_an_excluded_sale_that_it_had_counted(tmp_path: Path) -> None:
    plan = TIERS.replace("TERM", "refunds_lower_the_measure: true").replace("MEASURE", "all")
    course = sale("L1", "C1", 500_00, "2026-01-10", category="training")
    lines = course, refund("R1", course, 500_00, "2026-02-10"), sale("L2", "C1", 1_000_00, "2026-02-11")
    _, february = lived(tmp_path, plan, *lines)
    assert earned(february) == {"software": 100_00}


def test_only_the_partner_whose_terms_say_so_is_measured_less(tmp_path: Path) -> None:
    plan = TIERS.replace("TERM", "refunds_lower_the_measure: true") + TIERS.replace("  ten:", "  other:").replace(
        "TERM", ""
    )
    theirs = sale("M1", "C2", 500_00, "2026-01-10")
    lines = (
        L1, refund("R1", L1, 500_00, "2026-02-10"), sale("L2", "C1", 1_000_00, "2026-02-11"),
        theirs, refund("R2", theirs, 500_00, "2026-02-10"), sale("M2", "C2", 1_000_00, "2026-02-11"),
    )  # fmt: skip
    _, february = lived(
        tmp_path, plan.replace("MEASURE", "all"), *lines,
        partners=[partner("P", plan="ten"), partner("Q", plan="other")],
        claims=[claim("C1", "P", claimed_on="2025-12-01"), claim("C2", "Q", claimed_on="2025-12-01")],
    )  # fmt: skip
    assert {who: body["rules"][0]["commission_minor"] for who, body in february.statements.items()} == {
        "P": 100_00,
        "Q": 200_00,
    }


# First sales

BOUNTY = """\
  ten:
    from: 2026-01
    earn:
      bounty: {plan: first_sale, categories: [software], AMOUNT, TERM}
"""
KEPT, BACK = "taken_back: false", "taken_back: true"


def bounty(amount: str, term: str) -> str:
    return BOUNTY.replace("AMOUNT", amount).replace(", TERM", f", {term}" if term else "")


FIRST = sale("L1", "C1", 1_000_00, "2026-01-10")
GIVEN_BACK = refund("R1", FIRST, 1_000_00, "2026-02-10")
NEXT = sale("L2", "C1", 300_00, "2026-03-10")


@pytest.mark.parametrize("refunds", ["original_rate", "net_current", "restate"])
@pytest.mark.parametrize(
    ("amount", "term", "months"),
    [
        ("rate: 20%", "", [200_00, -200_00, 60_00]),
        ("rate: 20%", BACK, [200_00, -200_00, 60_00]),
        ("rate: 20%", KEPT, [200_00, 0, 0]),
        ("pays: 50.00", "", [50_00, -50_00, 50_00]),
        ("pays: 50.00", KEPT, [50_00, 0, 0]),
    ],
)
def test_a_term_says_whether_a_first_sale_is_taken_back_and_so_which_order_is_the_next_first(
    amount: str, term: str, months: list[int], refunds: str, tmp_path: Path
) -> None:
    made = lived(tmp_path, bounty(amount, term), FIRST, GIVEN_BACK, NEXT, refunds=refunds, count=3)
    assert [posted(month, "bounty") for month in made] == months


def posted(month: DraftedMonth, rule: str) -> int:
    """What a rule comes to in a month, with what is posted for earlier ones."""
    return earned(month).get(rule, 0) + sum(minor for (name, *_), minor in taken(month).items() if name == rule)


@pytest.mark.parametrize("term", [BACK, KEPT])
def test_an_order_given_back_in_its_own_month_was_none_whatever_the_term(term: str, tmp_path: Path) -> None:
    same = refund("R1", FIRST, 1_000_00, "2026-01-20")
    january, february = lived(tmp_path, bounty("rate: 20%", term), FIRST, same, sale("L2", "C1", 300_00, "2026-02-10"))
    assert (earned(january).get("bounty", 0), earned(february)["bounty"]) == (0, 60_00)


@pytest.mark.parametrize("term", [BACK, KEPT])
def test_a_first_order_paid_in_parts_goes_on_under_either_term(term: str, tmp_path: Path) -> None:
    first = sale("L1", "C1", 1_000_00, "2026-01-10", invoice_id="I1")
    part = sale("L2", "C1", 500_00, "2026-02-10", invoice_id="I1")
    again = sale("L3", "C1", 100_00, "2026-02-11", invoice_id="I1")
    lines = first, part, again, refund("R1", again, 100_00, "2026-02-12")
    january, february = lived(tmp_path, bounty("rate: 20%", term), *lines)
    assert (earned(january)["bounty"], earned(february)["bounty"]) == (200_00, 100_00)


def test_the_statement_says_which_it_was(tmp_path: Path) -> None:
    for folder, term, words in (
        ("back", "", "20 % of each client's first paid order of software, taken back with the order"),
        ("kept", KEPT, "20 % of each client's first paid order of software, kept though the order is given back later"),
    ):
        january, _ = lived(tmp_path / folder, bounty("rate: 20%", term), FIRST, GIVEN_BACK)
        (rule,) = january.statements["P"]["rules"]
        assert rule["clause"]["words"] == words


def test_a_client_who_was_given_back_all_it_paid_before_its_claim_is_won_by_its_next_order(tmp_path: Path) -> None:
    claimed = [claim("C1", "P", claimed_on="2026-01-20")]
    made = lived(tmp_path, bounty("rate: 20%", ""), FIRST, GIVEN_BACK, NEXT, claims=claimed, count=3)
    assert [posted(month, "bounty") for month in made] == [0, 0, 60_00]


# Goals

GOALS = """\
  ten:
    from: 2026-01
    earn:
      software: {plan: percentage, categories: [software], rate: 10%}
      goal: {plan: milestone, measure: MEASURE, goals: {1000: 50.00, 2000: 70.00}, TERM}
"""


def goals(measure: str, term: str, more: str = "") -> str:
    plan = GOALS.replace("MEASURE", measure).replace(", TERM", f", {term}" if term else "")
    return plan + more


@pytest.mark.parametrize("refunds", ["original_rate", "restate"])
@pytest.mark.parametrize("measure", ["all", "{window: lifetime}", "{window: 2 months}"])
@pytest.mark.parametrize(
    ("term", "given", "february"),
    [
        ("", 1_000_00, 0), (KEPT, 1_000_00, 0),
        (BACK, 1_000_00, -50_00), (BACK, 1, -50_00),  # 999.99 are left
    ],
)  # fmt: skip
def test_a_term_says_whether_a_goal_reached_on_refunded_money_is_taken_back(
    term: str, given: int, february: int, measure: str, refunds: str, tmp_path: Path
) -> None:
    lines = FIRST, refund("R1", FIRST, given, "2026-02-10")
    made = lived(tmp_path, goals(measure, term), *lines, refunds=refunds)
    assert [posted(month, "goal") for month in made] == [50_00, february]


def test_what_is_left_above_the_figure_keeps_the_goal(tmp_path: Path) -> None:
    sold = sale("L1", "C1", 1_500_00, "2026-01-10")
    lines = sold, refund("R1", sold, 500_00, "2026-02-10"), refund("R2", sold, 1, "2026-03-10")
    made = lived(tmp_path, goals("all", BACK), *lines, count=3)
    assert [posted(month, "goal") for month in made] == [50_00, 0, -50_00]


def test_a_goal_that_was_taken_back_can_be_reached_again_and_one_that_was_kept_cannot(tmp_path: Path) -> None:
    # January 1 000.00, of which 400.00 go back in February; March makes 600.00 + 400.00 of a life.
    lines = FIRST, refund("R1", FIRST, 400_00, "2026-02-10"), sale("L2", "C1", 400_00, "2026-03-10")
    made = lived(tmp_path / "back", goals("{window: lifetime}", BACK), *lines, count=3)
    assert [posted(month, "goal") for month in made] == [50_00, -50_00, 50_00]
    made = lived(tmp_path / "kept", goals("{window: lifetime}", KEPT), *lines, count=3)
    assert [posted(month, "goal") for month in made] == [50_00, 0, 0]


def test_a_later_month_that_reached_its_goal_only_with_what_is_given_back_gives_it_back(tmp_path: Path) -> None:
    # A life of 600.00, then of 1 200.00 in February. Without 400.00 of January it is 800.00.
    first, second = sale("L1", "C1", 600_00, "2026-01-10"), sale("L2", "C1", 600_00, "2026-02-10")
    lines = first, second, refund("R1", first, 400_00, "2026-03-10")
    *_, march = lived(tmp_path, goals("{window: lifetime}", BACK), *lines, count=3)
    assert taken(march) == {("software", "C1", "2026-01"): -40_00, ("goal", "1000.00", "2026-02"): -50_00}


def test_a_chargeback_that_is_won_gives_the_goal_again(tmp_path: Path) -> None:
    back = chargeback("B1", FIRST, 600_00, "2026-02-10")
    made = lived(tmp_path, goals("all", BACK), FIRST, back, won("W1", back, 600_00, "2026-03-10"), count=3)
    assert [posted(month, "goal") for month in made] == [50_00, -50_00, 50_00]


def test_a_goal_of_every_month_falls_to_the_one_that_is_still_reached(tmp_path: Path) -> None:
    sold = sale("L1", "C1", 2_000_00, "2026-01-10")
    plan = goals("all", f"repeat: every_month, {BACK}")
    january, february = lived(tmp_path, plan, sold, refund("R1", sold, 500_00, "2026-02-10"))
    assert earned(january)["goal"] == 70_00
    assert taken(february) == {
        ("software", "C1", "2026-01"): -50_00,
        ("goal", "2000.00", "2026-01"): -70_00,
        ("goal", "1000.00", "2026-01"): 50_00,
    }


def test_limits_and_seniors_follow_a_goal_that_is_taken_back(tmp_path: Path) -> None:
    # 100.00 and 50.00 were capped at 120.00; 100.00 - 0.10 are left. The senior earned 10 % of 120.00.
    plan = goals("all", BACK, "      ceiling: {plan: cap, at_most: 120.00}\n")
    above = "  above: {from: 2026-01, earn: {team: {plan: override, of: commission, levels: [10%]}}}\n"
    lines = FIRST, refund("R1", FIRST, 1_00, "2026-02-10")
    both = [partner("P", plan="ten", parent_id="S"), partner("S", plan="above")]
    january, february = lived(tmp_path, plan + above, *lines, partners=both)
    assert earned(january) == {"software": 100_00, "goal": 50_00, "ceiling": -30_00, "team": 12_00}
    assert sum(minor for (rule, *_), minor in taken(february).items() if rule != "team") == 99_90 - 120_00
    assert sum(minor for (rule, *_), minor in taken(february).items() if rule == "team") == -2_01


def test_refunds_that_lower_the_measure_count_once_where_a_goal_counts_what_is_left(tmp_path: Path) -> None:
    # A life of 1 500.00, of which 500.00 go back: 1 000.00 are left, and not 500.00.
    sold = sale("L1", "C1", 1_500_00, "2026-01-10")
    plan = goals("{window: lifetime}", BACK).replace("    earn:", "    refunds_lower_the_measure: true\n    earn:")
    made = lived(tmp_path, plan, sold, refund("R1", sold, 500_00, "2026-02-10"))
    assert [posted(month, "goal") for month in made] == [50_00, 0]


def test_a_group_gives_back_the_goal_that_it_reached_together(tmp_path: Path) -> None:
    plan = goals("{over: consolidation_group}", BACK)
    group = {"consolidation_group": "G"}
    two = [partner("P", plan="ten", **group), partner("Q", plan="ten", **group)]
    claims = [claim("C1", "P", claimed_on="2025-12-01"), claim("C2", "Q", claimed_on="2025-12-01")]
    first, second = sale("L1", "C1", 600_00, "2026-01-10"), sale("L2", "C2", 600_00, "2026-01-10")
    _, february = lived(
        tmp_path, plan, first, second, refund("R1", first, 300_00, "2026-02-10"), partners=two, claims=claims
    )
    rows = february.frame("corrections.parquet").filter(rule="goal").select("partner_id", "minor").rows()
    assert sorted(rows) == [("P", -50_00), ("Q", -50_00)]


@pytest.mark.parametrize(
    ("term", "words"), [("", "kept after refunds"), (BACK, "taken back where what is left no longer reaches it")]
)
def test_the_statement_says_whether_a_goal_is_kept(term: str, words: str, tmp_path: Path) -> None:
    january, _ = lived(tmp_path, goals("all", term), FIRST)
    assert words in january.statements["P"]["rules"][1]["clause"]["words"]


# Levels

LEVELS = """\
  low: {from: 2026-01, earn: {software: {plan: percentage, categories: [software], rate: 10%}}}
  high: {from: 2026-01, earn: {software: {plan: percentage, categories: [software], rate: 20%}}}
levels:
  rungs:
    measure: {window: lifetime}
    TERM
    levels: {Low: {reaches: 0, plan: low}, High: {reaches: 1000, plan: high}}
"""


@pytest.mark.parametrize(("term", "march"), [("", 20), (KEPT, 20), (BACK, 10)])
def test_a_term_says_whether_a_level_is_lost_with_the_money_that_reached_it(
    term: str, march: int, tmp_path: Path
) -> None:
    # Reached in January; one kopeck of it goes back in February.
    lines = FIRST, refund("R1", FIRST, 1, "2026-02-10"), sale("L3", "C2", 100_00, "2026-03-11")
    made = lived(tmp_path, LEVELS.replace("TERM", term), *lines, partners=[partner("P", plan="rungs")], count=3)
    assert earned(made[2]) == {"software": march * 1_00}
    level = made[2].statements["P"]["level"]
    assert (level["name"], level.get("taken_back", False)) == ("Low" if march == 10 else "High", term == BACK)


def test_a_closed_months_refunds_are_worked_out_on_the_level_it_had(tmp_path: Path) -> None:
    # 200.00 of February were earned at 20 %. In March the level is lost, and 200.00 go back at the 20 %.
    second = sale("L2", "C2", 200_00, "2026-02-11")
    lines = FIRST, second, refund("R1", FIRST, 1_000_00, "2026-02-12"), refund("R2", second, 200_00, "2026-03-10")
    plan = LEVELS.replace("TERM", BACK)
    *_, march = lived(tmp_path, plan, *lines, partners=[partner("P", plan="rungs")], count=3)
    assert taken(march) == {("software", "C2", "2026-02"): -40_00}


# A cap for life

CAPPED = """\
  ten:
    from: 2026-01
    earn:
      software: {plan: percentage, categories: [software], rate: 10%}
      ceiling: {plan: cap, at_most: 100.00, window: lifetime, PER}
"""


@pytest.mark.parametrize("refunds", ["original_rate", "net_current", "restate"])
@pytest.mark.parametrize("per", ["", ", per: client"])
@pytest.mark.parametrize(("given", "back"), [(2_000_00, -100_00), (500_00, 0), (1_500_00, -50_00)])
def test_a_cap_for_life_lets_nothing_be_taken_that_it_had_taken_off(
    given: int, back: int, per: str, refunds: str, tmp_path: Path
) -> None:
    sold = sale("L1", "C1", 2_000_00, "2026-01-10")
    plan = CAPPED.replace(", PER", per)
    _, february = lived(tmp_path, plan, sold, refund("R1", sold, given, "2026-02-10"), refunds=refunds)
    assert posted(february, "software") + posted(february, "ceiling") == back
