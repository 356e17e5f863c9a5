"""What earlier months come to less or more stands in the summary by kind, and in the payout."""

from fractions import Fraction

import pytest

from models.period import Period
from models.statement import CorrectionKind, Statement
from rules.corrections.taken_back import Correction, Earning
from rules.statement.body import Body, CorrectionTotal, body
from rules.statement.partner_month import Cited, CorrectionOfSale, PartnerMonth
from tests.rules.worked import LINES_DIGEST, agreed, block, in_force

DECEMBER, NOVEMBER = Cited("P-100/2025-12/v1", "S-2"), Cited("P-100/2025-11/v1", "S-1")


def correction(kind: str, minor: int, cites: Cited, rule: str = "software", to: str = "partner") -> CorrectionOfSale:
    earning = Earning(cites.statement.split("/")[1], "P-100", rule, to, "client", "C1")
    made = Correction(CorrectionKind(kind), earning, "", Fraction(minor), minor, words="why")
    return CorrectionOfSale(made, cites)


def stated(*corrections: CorrectionOfSale, opening_minor: int = 0) -> Statement:
    month = PartnerMonth(
        in_force=in_force(block("volume")),
        opening_minor=opening_minor,
        accrued=(),
        beside_payout=(),
        client_names={},
        names={},
        attributions={},
        assignments={},
        not_included=(),
        payments=(),
        previous_statement="",
        corrections=corrections,
    )
    return body(month, agreed("volume"), Period(2026, 1), LINES_DIGEST)


GIVEN = (
    correction("adjustment", 1_000_000, DECEMBER),
    correction("clawback", -300, DECEMBER),
    correction("clawback", -50, NOVEMBER),
    correction("clawback", -7, NOVEMBER, rule="telephony"),
    correction("clawback", -90, NOVEMBER, rule="fund", to="fund"),
    correction("restatement", 20, NOVEMBER),
)


def test_the_summary_has_an_entry_for_each_kind_of_correction_that_changes_the_payout() -> None:
    # 3.00 and 0.57 are taken back, 0.20 is worked out anew and 10 000.00 put right by hand; the fund's 0.90 is no payout.
    summary = stated(*GIVEN).summary
    named = [(each.kind.value, each.amount_minor, each.cites) for each in summary.entries]
    assert named == [
        ("opening", 0, ()),
        ("commission", 0, ()),
        ("clawback", -357, ("P-100/2025-11/v1", "P-100/2025-12/v1")),
        ("adjustment", 1_000_000, ("P-100/2025-12/v1",)),
        ("restatement", 20, ("P-100/2025-11/v1",)),
        ("to_pay", -999_663, ()),
        ("carried", 0, ()),
    ]


@pytest.mark.parametrize(("opening_minor", "to_pay_minor", "carried_minor"), [(150, 0, -207), (357, 0, 0)])
def test_what_is_taken_back_lowers_the_balance_and_a_debt_is_carried(
    opening_minor: int, to_pay_minor: int, carried_minor: int
) -> None:
    summary = stated(*GIVEN[1:5], opening_minor=opening_minor).summary
    assert (summary.to_pay_minor, summary.carried_minor) == (to_pay_minor, carried_minor)


def test_what_a_correction_is_of_is_totalled_by_kind_rule_and_whom_it_goes_to() -> None:
    assert Body.of(stated(*GIVEN)).corrections == (
        CorrectionTotal("adjustment", "software", "partner", 1_000_000),
        CorrectionTotal("clawback", "fund", "fund", -90),
        CorrectionTotal("clawback", "software", "partner", -350),
        CorrectionTotal("clawback", "telephony", "partner", -7),
        CorrectionTotal("restatement", "software", "partner", 20),
    )
