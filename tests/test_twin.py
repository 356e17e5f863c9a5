"""The slow twin is checked by hand before anything is checked by it."""

from fractions import Fraction
from typing import Any

from tests.twins.twin import TwinResult, settle_month

LADDER = {"0": "8%", "100000": "10%", "300000": "12%", "1000000": "15%"}


def plan(by: str = "volume", measure: Any = None) -> dict[str, Any]:
    return {
        "from": "2026-01",
        "earn": {
            "software": {"plan": "percentage", "categories": ["software"], "rate": "50%"},
            "telephony": {
                "plan": "tiered",
                "categories": ["telephony", "numbers"],
                "by": by,
                "measure": measure or {"categories": ["telephony", "numbers"], "window": "month"},
                "tiers": LADDER,
            },
        },
        "not_commissioned": {"hardware": "sold at cost"},
    }


def line(
    number: int, client: str | None, category: str | None, amount: int, **other: str | None
) -> dict[str, str | None]:
    columns = {
        "line_id": f"L{number}",
        "invoice_id": f"I{number}",
        "client_id": client,
        "category": category,
        "amount_minor": str(amount),
        "currency": "RUB",
        "issued_on": "2026-01-01",
        "paid_on": "2026-01-12",
        "posted_on": "2026-01-13",
        "kind": "charge",
        "vat_rate": "0",
    }
    return columns | other


def claims(*rows: tuple[str, str, str]) -> list[dict[str, str | None]]:
    return [
        {"claim_id": f"K{number}", "client_id": client, "partner_id": partner, "claimed_on": day}
        for number, (client, partner, day) in enumerate(rows, 1)
    ]


ALL_CLAIMED = claims(*((f"C{number}", "P1", "2025-10-01") for number in range(1, 7)))


def settle(lines: list[dict[str, str | None]], **other: Any) -> TwinResult:
    agreed: dict[str, Any] = {
        "period": "2026-01",
        "starts": "2026-01",
        "currency": "RUB",
        "base": "net_of_vat",
        "claims": ALL_CLAIMED,
        "terms": [
            {"partner_id": "P1", "plan": "integrator", "from": "2026-01"},
            {"partner_id": "P2", "plan": "integrator", "from": "2026-01"},
        ],
        "plans": {"integrator": plan()},
    }
    return settle_month(lines, **(agreed | other))


def fate(**other: str | None) -> tuple[str, str]:
    return settle([line(1, "C1", "software", 100) | other]).fates[0]


def test_a_base_on_the_bound_of_a_tier_earns_at_that_tier_by_volume() -> None:
    for base, commission in [
        (9_999_999, 800_000), (10_000_000, 1_000_000), (10_000_001, 1_000_000),
        (29_999_999, 3_000_000), (30_000_000, 3_600_000),
        (99_999_999, 12_000_000), (100_000_000, 15_000_000),
    ]:  # fmt: skip
        assert settle([line(1, "C1", "telephony", base)]).accruals["P1", "telephony"].commission_minor == commission


def test_each_slice_earns_at_its_own_rate_when_graduated() -> None:
    graduated = {"plans": {"integrator": plan("graduated")}}
    for base, commission in [(30_000_000, 2_800_000), (99_999_999, 11_200_000), (150_000_000, 18_700_000), (-100, -8)]:
        accrual = settle([line(1, "C1", "telephony", base)], **graduated).accruals["P1", "telephony"]
        assert (accrual.commission_minor, accrual.rate) == (commission, None)


def test_clients_share_a_graduated_total_exactly() -> None:
    lines = [line(n, f"C{n}", "telephony", base) for n, base in [(1, 10_000_001), (2, 15_000_000), (5, 4_999_999)]]
    accrual = settle(lines, plans={"integrator": plan("graduated")}).accruals["P1", "telephony"]
    assert accrual.measure_minor == 30_000_000
    assert accrual.exact == 2_800_000
    assert accrual.clients == {
        "C1": (1, 10_000_001, 933_333),
        "C2": (1, 15_000_000, 1_400_000),
        "C5": (1, 4_999_999, 466_667),
    }


def test_the_missing_minor_unit_goes_to_the_larger_of_two_equal_remainders() -> None:
    lines = [line(n, f"C{n}", "software", base) for n, base in [(1, 5_000_000), (2, 111_111), (4, 3_333_333)]]
    accrual = settle(lines).accruals["P1", "software"]
    assert (accrual.rate, accrual.measure_minor) == (Fraction(1, 2), None)
    assert accrual.commission_minor == 4_222_222
    assert {client: part[2] for client, part in accrual.clients.items()} == {
        "C1": 2_500_000,
        "C2": 55_555,
        "C4": 1_666_667,
    }


def test_between_equal_amounts_the_missing_minor_unit_goes_to_the_first_client_id() -> None:
    accrual = settle(
        [line(2, "C2", "software", 1), line(1, "C1", "software", 1), line(3, "C3", "software", 1)]
    ).accruals
    # 1.5 rounds to 2; three halves are floored to 0, and two units are missing.
    assert accrual["P1", "software"].clients == {"C2": (1, 1, 1), "C1": (1, 1, 1), "C3": (1, 1, 0)}


def test_a_negative_total_is_the_mirror_of_the_positive_one() -> None:
    lines = [line(n, f"C{n}", "software", -base) for n, base in [(1, 5_000_000), (2, 111_111), (4, 3_333_333)]]
    accrual = settle(lines).accruals["P1", "software"]
    assert accrual.commission_minor == -4_222_222
    assert {c: part[2] for c, part in accrual.clients.items()} == {"C1": -2_500_000, "C2": -55_555, "C4": -1_666_667}


def test_half_a_minor_unit_rounds_away_from_zero() -> None:
    for base, commission in [(1, 1), (-1, -1), (3, 2), (-3, -2)]:  # 0.5, -0.5, 1.5, -1.5
        assert settle([line(1, "C1", "software", base)]).accruals["P1", "software"].commission_minor == commission


def test_a_base_of_zero_gives_lines_at_the_first_rate_that_sum_to_zero() -> None:
    lines = [line(1, "C1", "telephony", 10_000), line(2, "C2", "telephony", -10_000)]
    for by in ("volume", "graduated"):
        accrual = settle(lines, plans={"integrator": plan(by)}).accruals["P1", "telephony"]
        assert accrual.commission_minor == 0
        assert accrual.clients == {"C1": (1, 10_000, 800), "C2": (1, -10_000, -800)}


def test_the_whole_bill_picks_the_tier_where_the_contract_says_all() -> None:
    lines = [
        line(1, "C1", "telephony", 20_000_000),
        line(2, "C1", "software", 7_000_000),
        line(3, "C2", "hardware", 3_000_000),  # earns nothing, but is on the bill
        line(4, "C2", "training", 9_000_000),  # open: on nobody's bill yet
    ]
    volume = settle(lines, plans={"integrator": plan("volume", "all")}).accruals["P1", "telephony"]
    assert (volume.measure_minor, volume.rate, volume.commission_minor) == (30_000_000, Fraction(12, 100), 2_400_000)
    # Graduated: 200 000.00 on top of the 100 000.00 of other categories, all of it in the second tier.
    graduated = settle(lines, plans={"integrator": plan("graduated", "all")}).accruals["P1", "telephony"]
    assert graduated.commission_minor == 2_000_000


def test_a_negative_base_owes_at_the_first_rate_however_large_the_bill() -> None:
    lines = [line(1, "C1", "telephony", -1_000_000), line(2, "C1", "software", 50_000_000)]
    for by in ("volume", "graduated"):
        accruals = settle(lines, plans={"integrator": plan(by, "all")}).accruals
        assert accruals["P1", "telephony"].commission_minor == -80_000


def test_vat_is_taken_out_at_the_rate_of_the_invoice_and_the_invoices_own_figure_wins() -> None:
    for amount, other, base in [
        (12_200_001, {"vat_rate": "22"}, 10_000_001),
        (7_000_005, {"vat_rate": "20"}, 5_833_337),  # 11 666.675 of VAT is 11 666.68
        (-7_000_005, {"vat_rate": "20"}, -5_833_337),
        (12_200, {"vat_rate": "22", "vat_minor": "2199"}, 10_001),
        (12_200, {"vat_rate": None, "vat_minor": "2200"}, 10_000),
    ]:
        result = settle([line(1, "C1", "software", amount, **other)])  # type: ignore[arg-type]
        assert result.accruals["P1", "software"].base_minor == base
    gross = settle([line(1, "C1", "software", 12_200, vat_rate="22")], base="gross")
    assert gross.accruals["P1", "software"].base_minor == 12_200


def test_a_line_that_cannot_be_read_is_rejected_with_its_reason() -> None:
    for other, reason in [
        ({"line_id": None}, "no line id"),
        ({"invoice_id": ""}, "no invoice"),
        ({"issued_on": "2026-02-30"}, "bad date"),
        ({"paid_on": "12.01.2026"}, "bad date"),
        ({"posted_on": "20260112"}, "bad date"),
        ({"amount_minor": "12,50"}, "bad number"),
        ({"amount_minor": None}, "bad number"),
        ({"amount_minor": None, "amount": "1.005"}, "bad number"),
        ({"kind": "bonus"}, "unknown kind"),
        ({"currency": "XXX"}, "unknown currency"),
        ({"currency": "XXX", "amount_minor": None, "amount": "1.00"}, "unknown currency"),
        ({"kind": "credit_note"}, "positive credit note"),
        ({"vat_rate": None}, "VAT is not known"),
        ({"vat_rate": "22", "vat_minor": "21"}, "VAT does not fit the amount"),
        ({"vat_rate": "20%"}, "bad number"),
        ({"quantity": "1,5"}, "bad number"),
        ({"amount": "2.00"}, "bad number"),  # amount_minor says 1.00
        ({"kind": "bonus", "amount_minor": "x"}, "bad number; unknown kind"),
    ]:
        assert fate(**other) == ("rejected", reason)  # type: ignore[arg-type]


def test_a_line_ends_at_the_first_thing_that_stops_it() -> None:
    for other, expected in [
        ({}, ("settled", "")),
        ({"amount_minor": None, "amount": "1.50"}, ("settled", "")),
        ({"kind": "credit_note", "amount_minor": "-100"}, ("settled", "")),
        ({"paid_on": None, "client_id": None}, ("unpaid", "not paid yet")),
        ({"posted_on": "2025-12-31", "client_id": None}, ("final", "before the programme starts")),
        ({"client_id": None, "category": "training"}, ("open", "no client")),
        ({"client_id": "C9"}, ("open", "not attributed")),
        ({"paid_on": "2025-09-30"}, ("final", "paid before the claim")),
        ({"paid_on": "2025-10-01"}, ("final", "paid before the partner's terms")),
        ({"paid_on": "2025-12-31"}, ("final", "paid before the partner's terms")),
        ({"paid_on": "2026-01-01"}, ("settled", "")),
        ({"currency": "EUR", "category": "hardware"}, ("open", "other currency")),
        ({"category": "hardware"}, ("final", "excluded by the plan")),
        ({"category": "training"}, ("open", "category without a rule")),
        ({"category": None}, ("open", "category without a rule")),
    ]:
        assert fate(**other) == expected  # type: ignore[arg-type]


def test_identical_lines_count_once_and_contradicting_ones_not_at_all() -> None:
    lines = [
        line(1, "C1", "software", 100),
        line(1, "C1", "software", 100),  # the same, twice
        line(2, "C1", "software", 100),
        line(2, "C1", "software", 101),  # says something else
        line(3, "C1", "software", 100, invoice_id="I1"),  # looks like the first, with an id of its own
        line(4, "C1", "software", 100),
    ]
    result = settle(lines, settled_before={"L4"})
    assert result.fates == [
        ("settled", ""),
        ("rejected", "repeat"),
        ("rejected", "contradiction"),
        ("rejected", "contradiction"),
        ("settled", ""),
        ("seen_before", "already settled"),
    ]
    assert result.accruals["P1", "software"].base_minor == 200


def test_the_earliest_valid_claim_wins_and_what_was_born_stays() -> None:
    rows = claims(
        ("C1", "P2", "2026-01-20"), ("C1", "P1", "2026-01-19"),
        ("C2", "P2", "2026-01-19"), ("C2", "P1", "2026-01-19"),  # a tie: K3 before K4
        ("C3", "P9", "2025-01-01"), ("C3", "P1", "2026-01-31"),  # P9 has no terms
        ("C4", "P1", "2026-02-01"),  # next month's
        ("C5", "P2", "2020-01-01"),  # too late: C5 was born to P1
    )  # fmt: skip
    result = settle([line(1, "C5", "software", 100)], claims=rows, born={"C5": ("P1", "2025-10-01")})
    assert result.attributions == {
        "C1": ("P1", "K2", "2026-01-19"),
        "C2": ("P2", "K3", "2026-01-19"),
        "C3": ("P1", "K6", "2026-01-31"),
    }
    assert list(result.accruals) == [("P1", "software")]


def test_a_change_of_terms_takes_effect_with_its_month_and_keeps_the_first_day() -> None:
    terms = [
        {"partner_id": "P1", "plan": "agent", "from": "2026-01"},
        {"partner_id": "P1", "plan": "integrator", "from": "2026-02"},
    ]
    agent = {"from": "2026-01", "earn": {"software": {"plan": "percentage", "categories": ["software"], "rate": "10%"}}}
    january_line = [line(1, "C1", "software", 1_000)]
    for period, commission in [("2026-01", 100), ("2026-02", 500)]:
        result = settle(january_line, period=period, terms=terms, plans={"integrator": plan(), "agent": agent})
        assert result.accruals["P1", "software"].commission_minor == commission
