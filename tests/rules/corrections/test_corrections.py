"""Corrections: what is taken back of what sales earned, and what follows for limits and seniors. Figures are kopecks."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.statement import CorrectionKind
from rules.corrections.taken_back import (
    Correction,
    Earning,
    GivenBack,
    PartnerPast,
    Rows,
    SaleEarning,
    Taken,
    back_by_rule,
    clawbacks,
    overrides_back,
    to_partner,
)
from rules.earning.commission import NOTHING_BACK, Back, accrue_network, limits_of
from rules.money import half_away
from rules.plan import BY_JUNIOR, EarnedAmount, Junior, Sums
from rules.terms.in_force import InForce
from rules.terms.network import OwnResult
from tests.made.sums import MONTH
from tests.rules.earning.test_limits_among_rules import SOFTWARE, terms

OVERRIDE = "{plan: override, of: commission, levels: [5%, 2%]}"
SOLD = Earning("2026-01", "P-1", "software", "partner", "client", "C1")
SOLD_FUND = Earning("2026-01", "P-1", "fund", "fund", "client", "C1")


# What a refund takes of what its sale earned


def of_sale_of_100(refund_id: str, gross: int, left: int, kept: int = 100) -> GivenBack:
    return GivenBack(refund_id, "L1", gross, left_minor=left, sale_minor=100, kept_minor=kept)


def test_what_goes_back_later_is_shared_over_what_the_month_of_the_sale_left_of_its_base() -> None:
    # 1.00 at 7.5 % VAT is 0.93; 0.34 went back in its own month, which netted 0.93 - 0.61 = 0.32.
    assert of_sale_of_100("R1", 66, left=0, kept=66).part_of(93) == Fraction(61, 93)
    assert of_sale_of_100("R1", 33, left=33, kept=66).part_of(93) == Fraction(61, 2 * 93)
    assert of_sale_of_100("W1", -34, left=100, kept=66).part_of(93) == -Fraction(32, 93)  # won of what was netted
    assert of_sale_of_100("R1", 100, left=0, kept=66).part_of(93) == 1
    assert of_sale_of_100("W1", -100, left=100, kept=0).part_of(93) == -1
    assert of_sale_of_100("R1", 25, left=75).part_of(93) == Fraction(1, 4)  # nothing was netted: as much as of the sale
    assert of_sale_of_100("R1", 25, left=41, kept=66).part_of(0) == Fraction(1, 4)


@given(sale=st.integers(1, 500), base=st.integers(1, 500), shares=st.lists(st.integers(0, 500), min_size=1, max_size=5))
def test_all_parts_with_what_was_netted_are_the_whole(sale: int, base: int, shares: list[int]) -> None:
    lefts = [sale, *sorted((min(share, sale) for share in shares), reverse=True), 0]
    kept = lefts[1]
    netted = base - half_away(Fraction(base * kept, sale))
    parts = [
        GivenBack("R", "L1", before - after, after, sale, kept).part_of(base) for before, after in pairwise(lefts[1:])
    ]
    assert netted + base * sum(parts) == base
    assert all(part >= 0 for part in parts)


def test_halves_of_an_odd_amount_are_taken_back_to_the_kopeck() -> None:
    taken = {SOLD: Taken(earned_minor=10_001, earned=Fraction(10_001))}
    of_sale = {"L1": [SaleEarning(SOLD, "@2025-06", 100_010, Fraction(10_001))]}
    halves = [of_sale_of_100("R1", 50, left=50), of_sale_of_100("R2", 50, left=0)]
    assert clawbacks(halves, of_sale, taken) == [
        Correction(CorrectionKind.CLAWBACK, SOLD, "@2025-06", Fraction(-10_001, 2), -5_001, "L1", "R1"),
        Correction(CorrectionKind.CLAWBACK, SOLD, "@2025-06", Fraction(-10_001, 2), -5_000, "L1", "R2"),
    ]


def test_what_is_given_again_is_what_was_taken() -> None:
    taken = {SOLD: Taken(earned_minor=10_001, earned=Fraction(10_001))}
    of_sale = {"L1": [SaleEarning(SOLD, "", 100_010, Fraction(10_001))]}
    back = [of_sale_of_100("B1", 50, left=50), of_sale_of_100("W1", -50, left=100)]
    assert [each.minor for each in clawbacks(back, of_sale, taken)] == [-5_001, 5_001]


def test_a_refund_takes_of_everything_its_sale_earned_and_of_no_other_sale() -> None:
    taken = {SOLD: Taken(300, Fraction(300)), SOLD_FUND: Taken(40, Fraction(40))}
    of_sale = {
        "L1": [SaleEarning(SOLD, "", 1_000, Fraction(100)), SaleEarning(SOLD_FUND, "", 1_000, Fraction(40))],
        "L2": [SaleEarning(SOLD, "", 2_000, Fraction(200))],
    }
    found = clawbacks([of_sale_of_100("R1", 100, left=0), GivenBack("R2", "L9", 100, 0, 100, 100)], of_sale, taken)
    assert [(each.earning, each.minor) for each in found] == [(SOLD, -100), (SOLD_FUND, -40)]


def test_sales_of_one_earning_return_it_to_zero_together() -> None:
    # Three times 33.4 kopecks were rounded together to 100: 33, 34 and 33 are taken, not three times 33.
    taken = {SOLD: Taken(100, Fraction(1_002, 10))}
    of_sale = {line: [SaleEarning(SOLD, "", 334, Fraction(334, 10))] for line in ("L1", "L2", "L3")}
    back = [GivenBack(f"R-{line}", line, 100, 0, 100, 100) for line in of_sale]
    assert [each.minor for each in clawbacks(back, of_sale, taken)] == [-33, -34, -33]


@pytest.mark.parametrize(
    ("earned_minor", "earned", "steps", "taken"),
    [
        (1, Fraction(6, 10), [Fraction(6, 10)], [1]),  # the whole is the kopeck it was rounded to
        (1, Fraction(6, 10), [Fraction(2, 10), Fraction(4, 10)], [0, 1]),
        (10, Fraction(10), [Fraction(-5)], [-5]),  # against it: what the sale earned itself
        (1, Fraction(6, 10), [Fraction(1), Fraction(1)], [1, 1]),  # beyond it: 1.4 and 2.4
        (-10, Fraction(-10), [Fraction(-5), Fraction(-5)], [-5, -5]),
        (0, Fraction(0), [Fraction(7), Fraction(-7)], [7, -7]),  # a month that came to nothing
        (0, Fraction(4, 10), [Fraction(4, 10)], [0]),
    ],
)
def test_what_is_taken_is_as_large_a_part_of_the_kopecks_as_of_what_was_earned(
    earned_minor: int, earned: Fraction, steps: list[Fraction], taken: list[int]
) -> None:
    one = Taken(earned_minor, earned)
    assert [one.take(step) for step in steps] == taken


def test_what_an_earlier_month_took_is_rounded_with_what_is_taken_now() -> None:
    one = Taken(earned_minor=101, earned=Fraction(101), back=Fraction(101, 2), taken_minor=51)
    assert one.take(Fraction(101, 2)) == 50
    assert (one.back, one.taken_minor) == (Fraction(101), 101)


# Limits


def rows(rule: str, **by_client: int) -> Rows:
    return {(rule, "client", client): minor for client, minor in by_client.items()}


def again(agreed: InForce, earned: dict[str, Rows], *months: str) -> list[tuple[str, str, str, str, int]]:
    """What limits change: month, rule, what it is shared by, key and kopecks."""
    past = PartnerPast("P-1", dict.fromkeys(earned, agreed), earned)
    return [
        (each.earning.month, each.earning.rule, each.earning.shared_by, each.earning.key, each.minor)
        for each in past.limits_again(months)
    ]


CAP = terms(software=SOFTWARE, limit="{plan: cap, at_most: 500.00}")
FLOOR = terms(software=SOFTWARE, floor="{plan: guarantee, minimum: 100.00}")
FOR_LIFE = terms(software=SOFTWARE, limit="{plan: cap, at_most: 1000.00, window: lifetime}")
CAPPED = rows("limit", C1=-6_667, C2=-3_333)  # of 400.00 and 200.00 were 100.00 too much


def test_a_cap_of_which_part_is_not_needed_any_more_gives_that_part_back() -> None:
    # 550.00 are left: 50.00 too much, by 350 to 200. 31.82 and 18.18 instead of 66.67 and 33.33.
    january = rows("software", C1=35_000, C2=20_000) | CAPPED
    assert again(CAP, {"2026-01": january}, "2026-01") == [
        ("2026-01", "limit", "client", "C1", 3_485),
        ("2026-01", "limit", "client", "C2", 1_515),
    ]


@pytest.mark.parametrize("left", [10_000, 30_000])
def test_a_month_that_no_longer_reaches_its_cap_is_not_capped(left: int) -> None:
    january = rows("software", C1=left, C2=20_000) | CAPPED
    past = PartnerPast("P-1", {"2026-01": CAP}, {"2026-01": january})
    first, second = past.limits_again(["2026-01"])
    earning = Earning("2026-01", "P-1", "limit", "partner", "client", "C1")
    assert first == Correction(CorrectionKind.LIMIT, earning, "", Fraction(6_667), 6_667, was_minor=-6_667)
    assert second.minor == 3_333


def test_a_limit_of_older_terms_is_corrected_under_their_name() -> None:
    agreed = terms("@2025-06", software=SOFTWARE, limit="{plan: cap, at_most: 500.00}")
    past = PartnerPast("P-1", {"2026-01": agreed}, {"2026-01": rows("software", C1=20_000) | CAPPED})
    assert [(each.earning.rule, each.terms, each.minor) for each in past.limits_again(["2026-01"])] == [
        ("limit", "@2025-06", 6_667),
        ("limit", "@2025-06", 3_333),
    ]


def test_a_limit_that_comes_to_what_it_was_is_not_posted_again() -> None:
    january = rows("software", C1=40_000, C2=20_000) | CAPPED
    assert again(CAP, {"2026-01": january}, "2026-01") == []


@pytest.mark.parametrize(
    ("earned", "was", "changes"),
    [
        (8_000, 0, [("2026-01", "floor", "", "", 2_000)]),  # 120.00 of which 40.00 were given back
        (3_000, 2_000, [("2026-01", "floor", "", "", 5_000)]),
        (10_000, 2_000, [("2026-01", "floor", "", "", -2_000)]),  # a chargeback that was won
        (9_999, 0, [("2026-01", "floor", "", "", 1)]),
        (10_000, 0, []),
    ],
)
def test_a_guarantee_is_topped_up_again(earned: int, was: int, changes: list[tuple[str, str, str, str, int]]) -> None:
    topped_up: Rows = {("floor", "", ""): was} if was else {}
    assert again(FLOOR, {"2026-01": rows("software", C1=earned) | topped_up}, "2026-01") == changes


def test_a_limit_of_a_month_does_not_look_at_other_months() -> None:
    earned = {"2026-01": rows("software", C1=10_000) | CAPPED, "2026-02": rows("software", C1=10_000) | CAPPED}
    assert {month for month, *_ in again(CAP, earned, "2026-01")} == {"2026-01"}
    assert {month for month, *_ in again(CAP, earned, "2026-02")} == {"2026-02"}
    assert {month for month, *_ in again(CAP, earned, "2026-02", "2026-01")} == {"2026-01", "2026-02"}


def test_what_is_freed_of_a_cap_for_life_is_earned_by_the_months_after_it_in_turn() -> None:
    # January: 800.00 of 1 000.00; February 500.00, of which 200.00 fitted; March 500.00, of which nothing did. Now
    # January stands at 200.00: February fits whole, and 300.00 of March.
    earned = {
        "2026-01": rows("software", C1=20_000),
        "2026-02": rows("software", C1=50_000) | rows("limit", C1=-30_000),
        "2026-03": rows("software", C1=50_000) | rows("limit", C1=-50_000),
    }
    assert again(FOR_LIFE, earned, "2026-01") == [
        ("2026-02", "limit", "client", "C1", 30_000),
        ("2026-03", "limit", "client", "C1", 30_000),
    ]


def test_months_before_the_refunded_one_stay_as_they_are() -> None:
    earned = {"2026-01": rows("software", C1=20_000) | CAPPED, "2026-02": rows("software", C1=50_000)}
    assert again(FOR_LIFE, earned, "2026-02") == []


def test_what_juniors_brought_is_not_limited() -> None:
    agreed = terms(software=SOFTWARE, limit="{plan: cap, at_most: 500.00}", override=OVERRIDE)
    brought: Rows = {("override", "partner", "P-2"): 90_000}
    assert again(agreed, {"2026-01": rows("software", C1=50_000) | brought}, "2026-01") == []


def test_for_each_client_only_what_is_for_a_client_is_limited() -> None:
    agreed = terms(software=SOFTWARE, limit="{plan: cap, at_most: 100.00, per: client}")
    january = rows("software", C1=10_001) | {("installs", "event", "E1"): 90_000}
    assert again(agreed, {"2026-01": january}, "2026-01") == [("2026-01", "limit", "client", "C1", -1)]


def limits(agreed: InForce, earned: Sequence[EarnedAmount], before: Sequence[EarnedAmount] = ()) -> Rows:
    return limits_of(agreed.rules, MONTH, earned, before)


def test_a_limit_sees_the_limits_before_it() -> None:
    # 600.00 are capped at 500.00, which 50.00 lack to the 550.00 that are guaranteed.
    agreed = terms(software=SOFTWARE, limit="{plan: cap, at_most: 500.00}", floor="{plan: guarantee, minimum: 550.00}")
    assert limits(agreed, [EarnedAmount("software", "C1", 60_000)]) == {
        ("limit", "client", "C1"): -10_000,
        ("floor", "", ""): 5_000,
    }


def test_a_limit_on_named_rules_sees_no_other_in_the_month_nor_before() -> None:
    # 600.00 of software stand, of which 200.00 were capped: 600.00 are left of 1 000.00.
    named = terms(software=SOFTWARE, limit="{plan: cap, at_most: 1000.00, window: lifetime, rules: [software]}")
    before = [EarnedAmount("software", "C1", 60_000), EarnedAmount("limit", "C1", -20_000), EarnedAmount("fee", "", 1)]
    month = [EarnedAmount("software", "C1", 70_000), EarnedAmount("fee", "", 1)]
    assert limits(named, month, before) == {("limit", "client", "C1"): -10_000}
    every = terms(software=SOFTWARE, limit="{plan: cap, at_most: 1000.00, window: lifetime}")
    assert sum(limits(every, month, before).values()) == -10_002


def test_a_limit_for_life_that_is_figured_again_counts_no_override_of_the_months_before() -> None:
    # 600.00 and 500.00: 100.00 too much for life. What juniors brought in January, 300.00, was never limited.
    january = rows("software", C1=60_000) | {("team", BY_JUNIOR, "J"): 30_000}
    february = rows("software", C1=50_000)
    assert again(FOR_LIFE, {"2026-01": january, "2026-02": february}, "2026-01") == [
        ("2026-02", "limit", "client", "C1", -10_000)
    ]


def test_a_guarantee_of_a_part_of_a_month_is_by_its_days_again() -> None:
    agreed = terms(software=SOFTWARE, floor="{plan: guarantee, minimum: 310.00}")
    ten_days = replace(agreed, parts=tuple(replace(part, days=10) for part in agreed.parts))
    assert limits(ten_days, [EarnedAmount("software", "C1", 4_000)]) == {("floor", "", ""): 6_000}
    assert limits(agreed, [EarnedAmount("software", "C1", 4_000)]) == {("floor", "", ""): 27_000}


# Seniors


def below(agreed: InForce, partner_id: str, parent_id: str = "") -> InForce:
    return replace(agreed, terms=agreed.terms.model_copy(update={"partner_id": partner_id, "parent_id": parent_id}))


def of_junior(senior: str, junior: str) -> Earning:
    return Earning("2026-01", senior, "override", "partner", "partner", junior)


OWN = terms(software=SOFTWARE)
CHAIN = {
    "P-1": below(terms(software=SOFTWARE, override=OVERRIDE), "P-1"),
    "P-2": below(OWN, "P-2", "P-1"),
    "P-3": below(OWN, "P-3", "P-2"),
    "P-4": below(OWN, "P-4", "P-3"),
    "P-5": below(OWN, "P-5", "P-0"),  # whose senior has left
}


def test_a_senior_gives_back_its_rate_on_what_its_juniors_give_back() -> None:
    back = {"P-2": OwnResult(-200_000, -100_000), "P-3": OwnResult(-20_000, -10_000)}
    taken: defaultdict[Earning, Taken] = defaultdict(lambda: Taken(10_000, Fraction(10_000)))
    assert list(overrides_back("2026-01", CHAIN, back, taken)) == [
        Correction(CorrectionKind.CLAWBACK, of_junior("P-1", "P-2"), "", Fraction(-5_000), -5_000, was_minor=10_000),
        Correction(CorrectionKind.CLAWBACK, of_junior("P-1", "P-3"), "", Fraction(-200), -200, was_minor=10_000),
    ]


def test_it_gives_back_nothing_on_juniors_further_down_than_its_rule_says_nor_on_those_who_give_nothing_back() -> None:
    back = {"P-2": OwnResult(0, 0), "P-4": OwnResult(-100, -100_000), "P-5": OwnResult(-100, -100_000)}
    assert list(overrides_back("2026-01", CHAIN, back, defaultdict(Taken))) == []


def test_what_a_junior_is_given_again_its_senior_earns_again() -> None:
    taken = {of_junior("P-1", "P-2"): Taken(501, Fraction(501))}
    steps = [OwnResult(0, -5_010), OwnResult(0, 5_010)]
    found = [each for step in steps for each in overrides_back("2026-01", CHAIN, {"P-2": step}, taken)]
    assert [(each.exact, each.minor) for each in found] == [(Fraction(-501, 2), -251), (Fraction(501, 2), 251)]


def test_what_goes_back_of_overrides_is_added_up_by_rule_and_other_corrections_are_not() -> None:
    first = Correction(CorrectionKind.CLAWBACK, of_junior("P-1", "P-2"), "", Fraction(-11, 2), -6)
    second = Correction(CorrectionKind.CLAWBACK, of_junior("P-1", "P-3"), "", Fraction(-1, 4), 0)
    other = Correction(CorrectionKind.CLAWBACK, SOLD, "", Fraction(-7), -7)
    assert back_by_rule([first, other, second]) == {"override": Back(Fraction(-23, 4), -6)}
    assert back_by_rule([other]) == {}


def test_an_override_is_rounded_once_over_what_is_new_and_what_goes_back() -> None:
    # New are 500.4 kopecks, and 99.8 go back, posted as 100: 400.6 together are 401, so what is new is 501.
    agreed = terms(software=SOFTWARE, override=OVERRIDE)
    sums = {rule.name: Sums(MONTH) for rule in agreed.rules}
    juniors = [Junior("P-2", 1, 0, 10_008)]
    for back, minor in [
        ({"override": Back(Fraction(-998, 10), -100)}, 501),
        ({"other": Back(Fraction(-998, 10), -100)}, 500),
        ({"override": NOTHING_BACK}, 500),
        (None, 500),
    ]:
        (found,) = accrue_network(agreed.rules, sums, juniors, back)
        assert found.commission_minor == minor
        assert [share.minor for share in found.shares.values()] == [minor]


def test_only_what_goes_to_the_partner_changes_its_payout() -> None:
    mine = Correction(CorrectionKind.CLAWBACK, SOLD, "", Fraction(-7), -7)
    again = Correction(CorrectionKind.LIMIT, SOLD, "", Fraction(3), 3)
    fund = Correction(CorrectionKind.CLAWBACK, SOLD_FUND, "", Fraction(-100), -100)
    assert to_partner([mine, fund, again]) == -4
    assert to_partner([fund]) == 0
