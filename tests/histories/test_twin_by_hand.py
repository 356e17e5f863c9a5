"""The slow twin of histories is checked by hand before anything is checked by it. Figures are kopecks."""

from typing import Any

from tests.histories.history import History, chargeback, months_from, refund, sale, won
from tests.histories.twin import Twin
from tests.histories.twin_life import Month
from tests.made.vendors import claim, partner

PROGRAMME = """\
programme: histories
starts: 2026-01
currency: RUB
timezone: Europe/Moscow
base: gross
refunds: original_rate
plans:
"""
TEN = "  ten: [{from: 2026-01, earn: {software: {plan: percentage, categories: [software], rate: 10%}}}]\n"
L1 = sale("L1", "C1", 100_000, "2026-01-10")


def lived(plans: str, *lines: dict[str, Any], **others: Any) -> list[Month]:
    """The months of a history of partner P, whose plan is `ten`, and its client C1."""
    given: dict[str, Any] = {
        "partners": [partner("P", plan="ten")],
        "claims": [claim("C1", "P", claimed_on="2025-12-01"), claim("C2", "P", claimed_on="2025-12-01")],
        "months": months_from("2026-01", 3),
    }
    history = History(programme=PROGRAMME + plans, lines=lines, **(given | others))
    return list(Twin(history).settle_all().values())


def came_to(months: list[Month], who: str = "P", rule: str = "") -> list[int]:
    return [month.came_to(who, rule) for month in months]


def test_a_refund_takes_back_what_the_sale_earned_at_its_own_rate() -> None:
    blocks = TEN.replace(
        "}]", "}, {from: 2026-02, earn: {software: {plan: percentage, categories: [software], rate: 15%}}}]"
    )
    months = lived(blocks, L1, refund("L2", L1, 100_000, "2026-02-10"), sale("L3", "C1", 2_000, "2026-02-10"))
    assert came_to(months) == [10_000, -10_000 + 300, 0]
    assert [months[0].closing["P"], months[1].opening["P"], months[1].closing["P"]] == [0, 0, -9_700]


def test_a_refund_of_a_sale_that_earned_nothing_takes_nothing() -> None:
    months = lived(TEN, L1, refund("L2", L1, 100_000, "2026-01-25"), refund("L3", L1, 1, "2026-02-25"),
                   claims=[claim("C1", "P", claimed_on="2026-01-20")])  # fmt: skip
    assert came_to(months) == [0, 0, 0]
    assert months[0].fates["L2"][:2] == ("final", "paid before the claim")
    assert months[1].fates["L3"][:2] == ("rejected", "refunded already")


def test_one_sale_is_given_back_once() -> None:
    twice = lived(TEN, L1, refund("L2", L1, 100_000, "2026-01-12"), refund("L3", L1, 100_000, "2026-01-20"))
    assert came_to(twice) == [0, 0, 0]
    assert (twice[0].fates["L2"].outcome, twice[0].fates["L3"].outcome) == ("settled", "rejected")
    more = lived(TEN, L1, refund("L2", L1, 60_000, "2026-02-12"), refund("L3", L1, 60_000, "2026-03-01"))
    assert came_to(more) == [10_000, -6_000, -4_000]
    assert more[2].excess == {"L3": 20_000}


def test_parts_of_a_refund_come_to_the_whole_to_the_kopeck() -> None:
    # 10 % of 0.35 is 3.5 kopecks, rounded 4. Of 0.10: 4 x 1 / 3.5 = 1.14, so 1; of 0.20: 2.29, so 2; of 0.35: 4.
    first = sale("L1", "C1", 35, "2026-01-10")
    months = lived(
        TEN, first, refund("L2", first, 10, "2026-02-01"), refund("L3", first, 10, "2026-02-02"),
        refund("L4", first, 15, "2026-03-02"),
    )  # fmt: skip
    assert came_to(months) == [4, -2, -2]
    assert [each.minor for each in months[1].clawbacks] == [-1, -1]


def test_a_chargeback_that_is_won_gives_back_what_it_took() -> None:
    back = chargeback("B1", L1, 70_000, "2026-02-01")
    months = lived(
        TEN, L1, back, won("W1", back, 50_000, "2026-03-01"), won("W2", back, 50_000, "2026-03-02"),
        refund("R1", L1, 100_000, "2026-03-03"),
    )  # fmt: skip
    # 30 000 left of the sale, then 100 000 again once 70 000 were won back: the last 30 000 of W2 were never taken.
    assert came_to(months) == [10_000, -7_000, 5_000 + 2_000 - 10_000]
    assert months[2].excess == {"W2": -30_000}


def test_a_refund_takes_back_after_the_partner_left() -> None:
    rows = [partner("P", plan="ten", until="2026-01-31")]
    months = lived(TEN, L1, refund("L2", L1, 100_000, "2026-02-10"), sale("L3", "C1", 5, "2026-02-01"), partners=rows)
    assert came_to(months) == [10_000, -10_000, 0]
    assert months[1].fates["L3"].reason == "paid after the partner's terms"


def test_a_capped_sale_gives_back_no_more_than_it_was_paid() -> None:
    capped = TEN.replace("10%}}}", "10%}, cap: {plan: cap, at_most: 100.00}}}")
    big = sale("L1", "C1", 200_000, "2026-01-10")
    assert came_to(lived(capped, big, refund("L2", big, 200_000, "2026-02-10"))) == [10_000, -10_000, 0]
    assert came_to(lived(capped, big, refund("L2", big, 50_000, "2026-02-10"))) == [10_000, 0, 0]
    assert came_to(lived(capped, big, refund("L2", big, 150_000, "2026-02-10"))) == [10_000, -5_000, 0]


def test_a_lifetime_cap_is_figured_again_over_the_whole_life() -> None:
    capped = TEN.replace("10%}}}", "10%}, cap: {plan: cap, at_most: 100.00, window: lifetime}}}")
    # 8 000, then 5 000 of which 2 000 may be earned. Without the first sale the second earns its 5 000.
    first, second = sale("L1", "C1", 80_000, "2026-01-10"), sale("L2", "C1", 50_000, "2026-02-10")
    months = lived(
        capped, first, second, refund("R1", first, 80_000, "2026-03-10"), sale("L3", "C1", 90_000, "2026-03-11")
    )
    assert came_to(months[:2]) == [8_000, 2_000]
    assert months[2].limits == {("P", "cap", "2026-02"): 3_000}
    # 5 000 are kept of what was before: of 9 000 now, 5 000 may be earned.
    assert (months[2].new["P", "software"], months[2].new["P", "cap"]) == (9_000, -4_000)
    assert months[2].came_to("P") == -8_000 + 3_000 + 5_000


def test_a_guaranteed_month_stays_at_its_minimum() -> None:
    topped = TEN.replace("10%}}}", "10%}, least: {plan: guarantee, minimum: 60.00}}}")
    months = lived(topped, L1, refund("R1", L1, 70_000, "2026-02-10"))
    # 10 000 are above the minimum; of 3 000 left, 3 000 are topped up. February earns its own minimum.
    assert came_to(months) == [10_000, 6_000 - 7_000 + 3_000, 6_000]


def test_an_override_follows_what_the_junior_gives_back() -> None:
    plans = TEN + "  top: {from: 2026-01, earn: {team: {plan: override, of: commission, levels: [5%]}}}\n"
    rows = [partner("P", plan="ten", parent_id="S"), partner("S", plan="top")]
    again = sale("L3", "C1", 60_000, "2026-02-10")
    months = lived(plans, L1, refund("R1", L1, 40_000, "2026-02-10"), again, refund("R2", L1, 60_000, "2026-03-10"),
                   partners=rows)  # fmt: skip
    assert came_to(months, "S") == [500, 300 - 200, -300]
    assert months[1].overrides == {("S", "team", "2026-01", "P"): -200}


def test_an_override_of_half_kopecks_returns_to_zero() -> None:
    # 10 % of 1.00 is 10 kopecks, 5 % of that half a kopeck: 1. Taken back in two parts: half of 1 is 1, then nothing.
    plans = TEN + "  top: {from: 2026-01, earn: {team: {plan: override, of: commission, levels: [5%]}}}\n"
    rows = [partner("P", plan="ten", parent_id="S"), partner("S", plan="top")]
    first = sale("L1", "C1", 100, "2026-01-10")
    months = lived(plans, first, refund("R1", first, 50, "2026-02-10"), refund("R2", first, 50, "2026-03-10"),
                   partners=rows)  # fmt: skip
    assert came_to(months) == [10, -5, -5]
    assert came_to(months, "S") == [1, -1, 0]


def test_a_refund_waits_for_its_sale() -> None:
    late = sale("L1", "C1", 100_000, "2026-01-10", posted_on="2026-02-05")
    months = lived(TEN, late, refund("R1", late, 30_000, "2026-01-20"))
    assert [months[0].fates["R1"][:2], months[1].fates["R1"].outcome] == [("open", "sale not known"), "settled"]
    assert came_to(months) == [0, 7_000, 0]


def test_a_graduated_sale_gives_back_its_part_of_all_slices() -> None:
    tiers = "{plan: tiered, categories: [software], by: graduated, measure: all, tiers: {0: 8%, 1000: 10%}}"
    plans = f"  ten: {{from: 2026-01, earn: {{software: {tiers}}}}}\n"
    # 100 000 at 8 % and 50 000 at 10 % are 13 000: C1's 100 000 earned 8 666.67, C2's 50 000 earned 4 333.33.
    other = sale("L2", "C2", 50_000, "2026-01-11")
    months = lived(plans, L1, other, refund("R1", L1, 50_000, "2026-02-01"), refund("R2", other, 50_000, "2026-02-01"))
    assert months[0].clients["P", "software"] == {"C1": 8_667, "C2": 4_333}
    # Half of 8 667 is 4 333.5: 4 334.
    assert came_to(months) == [13_000, -4_334 - 4_333, 0]


def test_a_goal_that_may_be_taken_back_is_figured_again_on_what_is_left() -> None:
    goal = "goal: {plan: milestone, measure: {window: lifetime}, goals: {1000: 50.00}, taken_back: TERM}"
    plans = TEN.replace("10%}}}", "10%}, " + goal + "}}")
    first, second = sale("L1", "C1", 60_000, "2026-01-10"), sale("L2", "C1", 60_000, "2026-02-10")
    lines = first, second, refund("R1", first, 30_000, "2026-03-05"), sale("L3", "C1", 10_000, "2026-04-10")
    four = {"months": months_from("2026-01", 4)}
    assert came_to(lived(plans.replace("TERM", "false"), *lines, **four)) == [6_000, 11_000, -3_000, 1_000]
    assert came_to(lived(plans.replace("TERM", "true"), *lines, **four)) == [6_000, 11_000, -8_000, 6_000]


def test_a_term_lets_the_measure_of_now_see_what_is_given_back() -> None:
    # 1 100.00 reach 20 %; less the 600.00 that are given back now 10 %.
    tiers = "{plan: tiered, categories: [software], by: volume, measure: all, tiers: {0: 10%, 1000: 20%}}"
    plans = f"  ten: {{from: 2026-01, TERM earn: {{software: {tiers}}}}}\n"
    first = sale("L1", "C1", 120_000, "2026-01-10")
    lines = first, refund("R1", first, 60_000, "2026-02-05"), sale("L2", "C1", 110_000, "2026-02-10")
    assert came_to(lived(plans.replace("TERM", ""), *lines)) == [24_000, 22_000 - 12_000, 0]
    seen = plans.replace("TERM", "refunds_lower_the_measure: true,")
    assert came_to(lived(seen, *lines)) == [24_000, 11_000 - 12_000, 0]


def test_under_net_current_what_is_given_back_of_an_excluded_sale_is_measured_less() -> None:
    # Training earns nothing and is measured: 1 000.00 and 500.00 reach 20 %. In February 500.00 of it go back, and
    # 1 000.00 of software are 500.00 in all: 10 %.
    tiers = "{plan: tiered, categories: [software], by: volume, measure: all, tiers: {0: 10%, 1000: 20%}}"
    plans = f"  ten: {{from: 2026-01, earn: {{software: {tiers}}}, not_commissioned: {{training: no}}}}\n"
    course = sale("T1", "C1", 100_000, "2026-01-10", category="training")
    lines = course, sale("L1", "C1", 50_000, "2026-01-10"), refund("R1", course, 50_000, "2026-02-05")
    history = History(
        programme=PROGRAMME.replace("original_rate", "net_current") + plans,
        partners=[partner("P", plan="ten")], claims=[claim("C1", "P", claimed_on="2025-12-01")],
        lines=[*lines, sale("L2", "C1", 100_000, "2026-02-10")], months=months_from("2026-01", 2),
    )  # fmt: skip
    assert came_to(list(Twin(history).settle_all().values())) == [10_000, 10_000]


def test_everybody_whom_the_sale_reached_gives_back() -> None:
    plans = """\
  ten:
    from: 2026-01
    earn:
      software: {plan: percentage, categories: [software], rate: 10%}
      fund: {plan: marketing_fund, categories: all, rate: 3%}
      credit: {plan: store_credit, categories: all, rate: 1%}
      bonus: {plan: employee_bonus, categories: [software], roles: {seller: 2%}, paid: to_person}
  serves: {from: 2026-01, earn: {care: {plan: servicing, categories: all, rate: 5%}}}
"""
    people = [
        {"partner_id": "P", "person_id": who, "name": who, "role": "seller", "from": "2026-01-01", "until": until}
        for who, until in (("W1", ""), ("W2", "2026-01-31"))
    ]
    months = lived(
        plans, L1, refund("R1", L1, 50_000, "2026-02-01"),
        partners=[partner("P", plan="ten"), partner("S", plan="serves")], employees=people,
        assignments=[{"assignment_id": "A1", "client_id": "C1", "partner_id": "S", "from": "2026-01-01", "until": ""}],
    )  # fmt: skip
    assert [months[0].beside["P", to] for to in ("fund", "credit", "person")] == [3_000, 1_000, 2_000]
    assert [months[1].beside["P", to] for to in ("fund", "credit", "person")] == [1_500, 500, 1_000]
    # Both who were there in January give back, though one has left.
    assert [(each.group.key, each.minor) for each in months[1].clawbacks if each.group.rule == "bonus"] == [
        ("W1", -500), ("W2", -500),
    ]  # fmt: skip
    assert came_to(months, "S") == [5_000, -2_500, 0]


# Measures over several partners, of clients, and what is for no line

TOGETHER = "software: {plan: tiered, categories: [software], by: volume, measure: MEASURE, tiers: TIERS}"


def ladder(measure: str, tiers: str = "{0: 10%, 1000: 20%}") -> str:
    return f"  ten: {{from: 2026-01, earn: {{{TOGETHER.replace('MEASURE', measure).replace('TIERS', tiers)}}}}}\n"


def test_partners_are_measured_together_in_the_months_in_which_they_are_in_one_group() -> None:
    # 600.00 each reach 20 % together, in February only.
    sales = [sale(f"{client}-{month}", client, 60_000, f"{month}-10")
             for client in ("C1", "C9") for month in months_from("2026-01", 3)]  # fmt: skip
    groups = [("2026-01", ""), ("2026-02", "G"), ("2026-03", "")]
    months = lived(
        ladder("{over: consolidation_group}"), *sales,
        claims=[claim("C1", "P", claimed_on="2025-12-01"), claim("C9", "Q", claimed_on="2025-12-01")],
        partners=[partner("P", plan="ten", consolidation_group="G"),
                  *(partner("Q", plan="ten", consolidation_group=group, **{"from": since}) for since, group in groups)],
    )  # fmt: skip
    assert came_to(months, "P") == came_to(months, "Q") == [6_000, 12_000, 6_000]


def test_a_new_client_is_one_of_the_month_that_first_sees_it_pay_and_an_active_one_pays_more_than_it_is_given_back() -> (
    None
):
    # C1 pays on January 31st, which February books; C2 pays in February, and gets it back in the same month.
    late = sale("L2", "C1", 100_000, "2026-01-31", posted_on="2026-02-02")
    second = sale("L3", "C2", 100_000, "2026-02-10")
    lines = late, second, refund("R3", second, 100_000, "2026-02-20"), sale("L4", "C2", 100_000, "2026-03-10")
    for of, rates in (("new_clients", (20, 20)), ("active_clients", (20, 20))):
        months = lived(ladder(f"{{of: {of}}}", "{0: 10%, 1: 20%, 2: 30%}"), *lines)
        assert came_to(months) == [0, *(rate * 1_000 for rate in rates)]
    # Over two months March has two of both.
    for of in ("new_clients", "active_clients"):
        months = lived(ladder(f"{{of: {of}, window: 2 months}}", "{0: 10%, 1: 20%, 2: 30%}"), *lines)
        assert came_to(months) == [0, 20_000, 30_000]


def test_packages_are_started_once_over_a_life_and_a_tier_is_entered_once_where_its_slices_earn() -> None:
    lines = L1, sale("L2", "C1", 1, "2026-02-10"), sale("L3", "C1", 100_000, "2026-03-10")
    packages = "software: {plan: tiered, categories: [software], by: package, measure: {window: lifetime}, size: 500.00, pays: 7.00}"
    months = lived(f"  ten: {{from: 2026-01, earn: {{{packages}}}}}\n", *lines)
    assert came_to(months) == [1_400, 700, 1_400]  # 1 000.00, 1 000.01 and 2 000.01: two packages, three, and five
    flats = "{0: 10%, 1000: {rate: 20%, flat: 5.00}}"
    slices = ladder("{window: lifetime}", flats).replace("by: volume", "by: graduated")
    assert came_to(lived(slices, *lines)) == [10_000, 500, 20_000]
    assert came_to(lived(ladder("{window: lifetime}", flats), *lines)) == [20_500, 500, 20_500]


def test_fees_and_gifts_are_for_no_line() -> None:
    plans = """\
  ten: {from: 2026-01, earn: {fee: {plan: base_fee, pays: 2.50}, entry: {plan: base_fee, pays: 40.00, paid: upfront},
    won: {plan: base_fee, by_clients: {0: 0, 1: 5.00}, measure: {of: new_clients}},
    gift: {plan: gift, gift: Pen, worth: 30.00, measure: {window: lifetime}, reaches: 1000},
    goal: {plan: milestone, measure: {window: lifetime}, checkpoints: {2026-01: {reaches: 1500, pays: 9.00}, 2026-03: {reaches: 1500, pays: 8.00}}}}, not_commissioned: {software: no}}
"""
    months = lived(plans, L1, sale("L2", "C1", 50_000, "2026-02-10"), sale("L3", "C1", 50_000, "2026-03-10"))
    by_rule = {rule: came_to(months, rule=rule) for rule in ("fee", "entry", "won", "gift", "goal")}
    assert by_rule == {
        "fee": [250, 250, 250], "entry": [4_000, 0, 0], "won": [500, 0, 0], "gift": [3_000, 0, 0], "goal": [0, 800, 0],
    }  # fmt: skip
    assert [month.beside["P", "credit"] for month in months] == [3_000, 3_000, 3_000]


def test_fees_and_guarantees_are_cut_by_the_days_of_a_part_of_a_month() -> None:
    # From January 16th until February 10th: 16 days of 31, and 10 of 28. 31.00 are 16.00, and 11.07 (11.0714..).
    plans = (
        "  ten: {from: 2026-01, earn: {fee: {plan: base_fee, pays: 31.00}, floor: {plan: guarantee, minimum: 62.00}}}\n"
    )
    months = lived(plans, partners=[partner("P", plan="ten", until="2026-02-10", **{"from": "2026-01-16"})])
    assert (came_to(months, rule="fee"), came_to(months, rule="floor")) == ([1_600, 1_107, 0], [1_600, 1_107, 0])


def test_a_client_is_left_out_of_one_rule_that_looks_at_lines_and_the_others_earn() -> None:
    plans = """\
  ten: {from: 2026-01, earn: {software: {plan: percentage, categories: [software], rate: 10%}, fund: {plan: marketing_fund, categories: all, rate: 3%}}}
"""
    left_out = {"client_id": "C1", "rule": "fund", "reason": "our own company", "from": "2026-02-01"}
    months = lived(plans, L1, sale("L2", "C1", 100_000, "2026-02-10"), exclusions=[left_out])
    assert (came_to(months, rule="software"), came_to(months, rule="fund")) == ([10_000, 10_000, 0], [3_000, 0, 0])
