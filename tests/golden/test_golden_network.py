"""Two golden months of examples/network.yaml: partners who earn on those below them, one and two levels deep.

The chain is N-1 (director), below it N-2 (senior), below it N-3 (senior), below it N-4 (agent).
VAT is 22 % of telephony, so 122.00 paid is a base of 100.00; software is exempt. A refund lowers the month it is posted
in: `refunds: net_current`.

January.
  N-4: software C4 40 000.00 + C5 1 234.56 = 41 234.56 x 20 % = 8 246.912, rounded 8 246.91
  N-3: software C3 30 000.00 x 20 % = 6 000.00; telephony C3 5 000.00 (6 100.00 with VAT) x 10 % = 500.00: 6 500.00
       team, of commission: N-4 8 246.91 x 10 % = 824.691, rounded 824.69
       7 324.69
  N-2: software C2 50 000.03 x 20 % = 10 000.006, rounded 10 000.01
       team, of commission: N-3 6 500.00 x 10 % = 650.00: N-3's own sales only, not the 824.69 it earned on N-4
                            N-4 8 246.91 x 5 % = 412.3455
                            1 062.3455, rounded 1 062.35; N-4 gets 412.34 and the missing kopeck, 412.35
       10 000.01 + 1 062.35 = 11 062.36
  N-1: software C1 10 000.00 x 20 % = 2 000.00
       team, of base: N-2 50 000.03 x 2 % = 1 000.0006; N-3 30 000.00 + 5 000.00 = 35 000.00 x 1 % = 350.00
                      1 350.0006, rounded 1 350.00; N-4 stands three below: nothing
       2 000.00 + 1 350.00 = 3 350.00

February. C4 gives 40 000.00 back.
  N-4: software C4 -40 000.00 + C5 10 000.00 = -30 000.00 x 20 % = -6 000.00, carried
  N-3: software C3 20 000.00 x 20 % = 4 000.00; team: N-4 -6 000.00 x 10 % = -600.00; 3 400.00
  N-2: sold nothing; team: N-3 4 000.00 x 10 % = 400.00, N-4 -6 000.00 x 5 % = -300.00; 100.00, below 1 000.00: carried
  N-1: software C1 10 000.00 x 20 % = 2 000.00; team: N-2 0.00, N-3 20 000.00 x 1 % = 200.00; 2 200.00

The most that a sale can cost: 20 % of software to who sold it, and of that sale 2 % to the partner above (10 % of the
20 %, or 2 % of the base) and 1 % to the one above that (5 % of the 20 %, or 1 %): 23 %.
"""

import pytest

from models.errors import BadProgramme
from rules.programme.file import parse_programme
from tests.made.golden_months import EXAMPLES, Golden, bill, settle_example
from tests.made.vendors import claim, partner

VAT = {"vat_rate": "22"}
NO_VAT = {"vat_rate": "0"}

PARTNERS = [
    partner("N-1", plan="director", parent_id=""),
    partner("N-2", plan="senior", parent_id="N-1"),
    partner("N-3", plan="senior", parent_id="N-2"),
    partner("N-4", plan="agent", parent_id="N-3"),
]
CLAIMS = [claim("C1", "N-1"), claim("C2", "N-2"), claim("C3", "N-3"), claim("C4", "N-4"), claim("C5", "N-4")]
BILLING = {
    "2026-01": [
        bill("J1", "C1", "software", "10 000.00", "2026-01-12", **NO_VAT),
        bill("J2", "C2", "software", "50 000.03", "2026-01-12", **NO_VAT),
        bill("J3", "C3", "software", "30 000.00", "2026-01-12", **NO_VAT),
        bill("J4", "C3", "telephony", "6 100.00", "2026-01-13", **VAT),
        bill("J5", "C4", "software", "40 000.00", "2026-01-14", **NO_VAT),
        bill("J6", "C5", "software", "1 234.56", "2026-01-15", **NO_VAT),
    ],
    "2026-02": [
        bill("F1", "C1", "software", "10 000.00", "2026-02-12", **NO_VAT),
        bill("F2", "C3", "software", "20 000.00", "2026-02-12", **NO_VAT),
        bill("F3", "C4", "software", "-40 000.00", "2026-02-13", refunds_line_id="J5", **NO_VAT),
        bill("F4", "C5", "software", "10 000.00", "2026-02-14", **NO_VAT),
    ],
}


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> Golden:
    folder = tmp_path_factory.mktemp("network")
    return settle_example(folder, "network", partners=PARTNERS, claims=CLAIMS, billing=BILLING, refunds="net_current")


def test_a_senior_earns_on_the_commission_of_those_one_and_two_below(months: Golden) -> None:
    assert months.figures("N-2", "2026-01", "team") == ("0.00", "1062.345500", "1 062.35")
    assert months.shares("N-2", "2026-01", "team") == {"N-3": "650.00", "N-4": "412.35"}
    assert months.figures("N-3", "2026-01", "team") == ("0.00", "824.691000", "824.69")
    assert months.shares("N-3", "2026-01", "team") == {"N-4": "824.69"}


def test_a_director_earns_on_what_the_clients_of_those_below_paid(months: Golden) -> None:
    assert months.figures("N-1", "2026-01", "team") == ("0.00", "1350.000600", "1 350.00")
    steps = months.rule("N-1", "2026-01", "team")["steps"]
    assert [(step["words"], step["base_minor"], step["rate"], step["exact"]) for step in steps] == [
        ("level 1: N-2", 5_000_003, "2", "1000.000600"),
        ("level 2: N-3", 3_500_000, "1", "350.000000"),
    ]


def test_nobody_earns_on_a_partner_three_levels_below(months: Golden) -> None:
    assert months.shares("N-1", "2026-01", "team") == {"N-2": "1 000.00", "N-3": "350.00"}


def test_an_agent_earns_on_its_own_sales_alone(months: Golden) -> None:
    assert months.rules("N-4", "2026-01") == ["software"]
    assert months.figures("N-4", "2026-01", "software") == ("41 234.56", "8246.912000", "8 246.91")
    assert months.shares("N-4", "2026-01", "software") == {"C4": "8 000.00", "C5": "246.91"}


def test_what_a_junior_has_to_give_back_takes_back_what_its_seniors_earned_on_it(months: Golden) -> None:
    assert months.figures("N-4", "2026-02", "software") == ("-30 000.00", "-6000.000000", "-6 000.00")
    assert months.shares("N-3", "2026-02", "team") == {"N-4": "-600.00"}
    assert months.shares("N-2", "2026-02", "team") == {"N-3": "400.00", "N-4": "-300.00"}
    assert months.shares("N-1", "2026-02", "team") == {"N-2": "0.00", "N-3": "200.00"}


def test_what_was_earned_on_others_is_paid_with_the_partners_own(months: Golden) -> None:
    assert months.box("N-1", "2026-01") == ("0.00", "3 350.00", "3 350.00", "0.00")
    assert months.box("N-2", "2026-01") == ("0.00", "11 062.36", "11 062.36", "0.00")
    assert months.box("N-3", "2026-01") == ("0.00", "7 324.69", "7 324.69", "0.00")
    assert months.box("N-4", "2026-01") == ("0.00", "8 246.91", "8 246.91", "0.00")
    assert months.box("N-1", "2026-02") == ("0.00", "2 200.00", "2 200.00", "0.00")
    assert months.box("N-2", "2026-02") == ("0.00", "100.00", "0.00", "100.00")
    assert months.box("N-3", "2026-02") == ("0.00", "3 400.00", "3 400.00", "0.00")
    assert months.box("N-4", "2026-02") == ("0.00", "-6 000.00", "0.00", "-6 000.00")


def test_the_totals_of_a_month_are_those_of_its_statements(months: Golden) -> None:
    assert months.totals("2026-01") == {
        ("N-1", "software"): (1, "10 000.00", "2 000.00"),
        ("N-1", "team"): (0, "0.00", "1 350.00"),
        ("N-2", "software"): (1, "50 000.03", "10 000.01"),
        ("N-2", "team"): (0, "0.00", "1 062.35"),
        ("N-3", "software"): (1, "30 000.00", "6 000.00"),
        ("N-3", "telephony"): (1, "5 000.00", "500.00"),
        ("N-3", "team"): (0, "0.00", "824.69"),
        ("N-4", "software"): (2, "41 234.56", "8 246.91"),
    }


def test_a_network_that_costs_more_than_it_may_is_refused_when_the_file_is_read() -> None:
    text = (EXAMPLES / "network.yaml").read_text(encoding="utf-8")
    assert "cost_at_most: 23%" in text
    with pytest.raises(BadProgramme, match="costs at most 23 %: software 20 % \\+ seniors 3 %"):
        parse_programme(text.replace("cost_at_most: 23%", "cost_at_most: 22.99%"))
