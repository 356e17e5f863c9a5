"""The network: who stands below whom, how far, and what they brought and earned."""

from itertools import pairwise
from typing import Any

from rules.plan import DEEPEST, Junior
from rules.terms.network import OwnResult, brought_minor, juniors_of, own_result
from tests.rules.accruals import accrued

TEN: dict[str, Any] = {"plan": "percentage", "categories": "others", "rate": "10%"}
FUND: dict[str, Any] = {"plan": "marketing_fund", "categories": "all", "rate": "2%"}
BONUS: dict[str, Any] = {"plan": "base_fee", "pays": "5.00"}


def test_a_chain_of_four_stands_one_two_and_three_levels_below_its_head() -> None:
    earned = {
        name: own_result(accrued(base, own=TEN)) for name, base in (("A", 0), ("B", 1_000), ("C", 2_000), ("D", 3_000))
    }
    below = juniors_of({"A": "", "B": "A", "C": "B", "D": "C"}, earned)
    assert below["A"] == [Junior("B", 1, 1_000, 100), Junior("C", 2, 2_000, 200), Junior("D", 3, 3_000, 300)]
    assert below["B"] == [Junior("C", 1, 2_000, 200), Junior("D", 2, 3_000, 300)]
    assert "D" not in below


def test_juniors_of_one_level_stand_by_their_id() -> None:
    below = juniors_of({"B": "A", "C": "A", "D": "A"}, {name: own_result(accrued(100, own=TEN)) for name in "DBC"})
    assert [junior.partner_id for junior in below["A"]] == ["B", "C", "D"]


def test_a_junior_who_earned_nothing_stands_there_with_nothing() -> None:
    assert juniors_of({"B": "A"}, {"B": own_result(())})["A"] == [Junior("B", 1, 0, 0)]


def test_the_network_ends_ten_levels_down() -> None:
    chain = [f"P{number:02d}" for number in range(DEEPEST + 3)]
    parents = {below: above for above, below in pairwise(chain)}
    below = juniors_of(parents, dict.fromkeys(chain, OwnResult(0, 0)))
    assert [junior.level for junior in below["P00"]] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]


def test_seniors_earn_on_a_juniors_commission_and_not_on_its_fund() -> None:
    (junior,) = juniors_of({"B": "A"}, {"B": own_result(accrued(10_000, own=TEN, fund=FUND, fee=BONUS))})["A"]
    assert junior.commission_minor == 1_000 + 500
    assert junior.base_minor == 10_000


def test_what_a_partner_brought_counts_each_line_once() -> None:
    assert brought_minor(accrued(10_000, own=TEN, fund=FUND)) == 10_000
    assert brought_minor(accrued(10_000, fee=BONUS)) == 0
