"""The bridge from one month's earnings to the next: each cause with a worked number, and the steps add up."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from rules.bridge import BridgeStep, Cause, Earnings, Sale, Sold, bridge


def sale(client: str, partner: str = "ana", rule: str = "software", product: str = "crm") -> Sale:
    return Sale(partner, client, rule, product)


def sold(base_minor: int, earned: int | Fraction, quantity: int | None = None) -> Sold:
    return Sold(base_minor, None if quantity is None else Fraction(quantity), Fraction(earned))


def month(total_minor: dict[str, int], sales: dict[Sale, Sold], **apart: int | Fraction) -> Earnings:
    """What a month earned; apart: `refund=-5_00` is of ana."""
    return Earnings(total_minor, sales, {("ana", Cause[name.upper()]): Fraction(each) for name, each in apart.items()})


def causes(before: Earnings, now: Earnings) -> dict[Cause, int]:
    return {step.cause: step.amount_minor for step in bridge(before, now).steps}


def test_what_a_client_bought_more_of_what_got_dearer_and_a_higher_rate_are_told_apart() -> None:
    # 10 at 100.00 earned 5 %; 12 at 110.00 earn 6 %: 50.00 became 79.20.
    before = month({"ana": 50_00}, {sale("acme"): sold(1_000_00, 50_00, 10)})
    now = month({"ana": 79_20}, {sale("acme"): sold(1_320_00, 79_20, 12)})
    assert causes(before, now) == {Cause.VOLUME: 10_00, Cause.PRICE: 6_00, Cause.TIER: 13_20}
    assert 50_00 + 10_00 + 6_00 + 13_20 == 79_20


def test_without_a_quantity_on_both_bills_what_is_paid_more_is_volume() -> None:
    before = month({"ana": 50_00}, {sale("acme"): sold(1_000_00, 50_00, 10)})
    now = month({"ana": 66_00}, {sale("acme"): sold(1_320_00, 66_00)})
    assert causes(before, now) == {Cause.VOLUME: 16_00}


def test_a_tier_that_was_reached_moves_who_bought_the_same() -> None:
    before = month({"ana": 80_00}, {sale("acme"): sold(1_000_00, 80_00, 1)})
    now = month({"ana": 100_00}, {sale("acme"): sold(1_000_00, 100_00, 1)})
    assert causes(before, now) == {Cause.TIER: 20_00}


def test_clients_that_came_and_clients_that_went_are_named_with_what_they_earned() -> None:
    before = month({"ana": 30_00}, {sale("acme"): sold(500_00, 25_00), sale("beta"): sold(100_00, 5_00)})
    now = month({"ana": 47_00}, {sale("acme"): sold(500_00, 25_00), sale("gamma"): sold(440_00, 22_00)})
    found = bridge(before, now)
    assert found.steps == [BridgeStep(Cause.NEW, 1, 22_00), BridgeStep(Cause.LOST, 1, -5_00)]
    assert found.new == {("ana", "gamma"): 22_00}
    assert found.lost == {("ana", "beta"): 5_00}


def test_a_product_the_client_had_not_bought_before_is_volume_and_no_new_client() -> None:
    before = month({"ana": 25_00}, {sale("acme"): sold(500_00, 25_00)})
    now = month({"ana": 35_00}, {sale("acme"): sold(500_00, 25_00), sale("acme", product="bi"): sold(200_00, 10_00)})
    assert causes(before, now) == {Cause.VOLUME: 10_00}


def test_a_client_that_paid_late_is_neither_lost_nor_new() -> None:
    before = month({"ana": 25_00}, {sale("acme"): sold(500_00, 25_00)})
    now = Earnings({"ana": 25_00}, {}, {("ana", Cause.LATE): Fraction(25_00)}, frozenset({("ana", "acme")}))
    assert causes(before, now) == {Cause.VOLUME: -25_00, Cause.LATE: 25_00}


def test_refunds_late_payments_and_adjustments_of_either_month_are_steps_of_their_own() -> None:
    before = month({"ana": 95_00}, {sale("acme"): sold(1_000_00, 100_00)}, refund=-5_00)
    now = month({"ana": 112_00}, {sale("acme"): sold(1_000_00, 100_00)}, late=7_00, manual=-3_00, other=8_00)
    assert causes(before, now) == {Cause.REFUND: 5_00, Cause.LATE: 7_00, Cause.MANUAL: -3_00, Cause.OTHER: 8_00}


def test_what_rounding_each_cause_leaves_is_a_step_too_so_that_they_add_up() -> None:
    # A third of a minor unit each by rate, by a new client and by a fee: none is rounded up, and together they are 1.
    third = Fraction(1, 3)
    before = month({"ana": 1}, {sale("acme"): sold(3, 1)})
    now = month({"ana": 2}, {sale("acme"): sold(3, 1 + third), sale("gamma"): sold(3, third)}, other=third)
    assert causes(before, now) == {Cause.ROUNDING: 1}


MINOR = st.integers(-(10**9), 10**9)
SALES = st.dictionaries(
    st.builds(Sale, st.sampled_from("ab"), st.sampled_from("xyz"), st.sampled_from("rs"), st.sampled_from("pq")),
    st.builds(
        Sold,
        MINOR,
        st.none() | st.integers(0, 99).map(Fraction),
        st.fractions(-(10**6), 10**6, max_denominator=99),
    ),
)
MONTHS = st.builds(
    Earnings,
    st.dictionaries(st.sampled_from("abc"), MINOR),
    SALES,
    st.dictionaries(
        st.tuples(st.sampled_from("ab"), st.sampled_from([Cause.REFUND, Cause.LATE, Cause.MANUAL, Cause.OTHER])),
        MINOR.map(Fraction),
    ),
)


@given(MONTHS, MONTHS)
def test_whatever_happened_the_steps_lead_exactly_from_month_to_month_and_so_do_each_partners(
    before: Earnings, now: Earnings
) -> None:
    found = bridge(before, now)
    assert found.before_minor + sum(step.amount_minor for step in found.steps) == found.now_minor
    for partner, by_cause in found.by_partner.items():
        move = now.total_minor.get(partner, 0) - before.total_minor.get(partner, 0)
        assert sum(by_cause.values()) == move
