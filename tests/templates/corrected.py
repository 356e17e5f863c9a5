"""An example statement with corrections of every kind. Every total in it adds up."""

from typing import Any

from models.statement import CorrectionEntry, CorrectionKind, RefundsWithoutSale, Statement
from models.summary import EntryKind, Summary, SummaryEntry
from tests.templates.beside_the_payout import balances, kept_apart
from tests.templates.examples import january, software, statement, telephony

JANUARY = "P-100/2026-01/v1"


def correction(**values: Any) -> CorrectionEntry:
    """600.00 of a sale of 1 000.00 is given back, and with it 60.00 of the 100.00 it earned at 10 %."""
    given_back = {
        "kind": CorrectionKind.CLAWBACK,
        "rule": "software",
        "to": "partner",
        "cites": JANUARY,
        "shared_by": "client",
        "key": "C1",
        "name": "Ромашка ООО",
        "sale_id": "L1",
        "refund_id": "R1",
        "posted_on": "2026-02-10",
        "sale_minor": 100_000,
        "refunded_minor": 60_000,
        "excess_minor": 0,
        "left_minor": 40_000,
        "earned": "100.000000",
        "rate": "10",
        "exact": "-60.000000",
        "commission_minor": -6_000,
    }
    return CorrectionEntry(**(given_back | values))


def follows(**values: Any) -> CorrectionEntry:
    """A correction that comes from no refund of its own."""
    none: dict[str, Any] = {"sale_id": "", "refund_id": "", "posted_on": "", "earned": "", "rate": ""}
    none |= {"sale_minor": 0, "refunded_minor": 0, "left_minor": 0}
    return correction(**(none | values))


def corrections() -> tuple[CorrectionEntry, ...]:
    """-60.00 - 40.00 + 33.33 - 3.00 + 50.00 + 7.00 = -12.67 of the payout, and what went elsewhere."""
    return (
        correction(),
        correction(
            refund_id="R2",
            posted_on="2026-02-11",
            refunded_minor=40_000,
            excess_minor=20_000,
            left_minor=0,
            exact="-40.000000",
            commission_minor=-4_000,
        ),
        correction(
            rule="telephony@2025-06",
            cites="P-100/2025-12/v1",
            key="C2",
            name="Żabka Łódź Sp. z o.o.",
            sale_id="L7",
            refund_id="R3",
            posted_on="2026-02-12",
            sale_minor=33_333,
            refunded_minor=-33_333,
            left_minor=33_333,
            earned="33.333000",
            rate="1/3",
            exact="33.333000",
            commission_minor=3_333,
        ),
        follows(rule="network", shared_by="partner", key="P-7", name="", exact="-3.000000", commission_minor=-300),
        follows(
            kind=CorrectionKind.LIMIT,
            rule="ceiling",
            shared_by="",
            key="",
            name="",
            exact="50.000000",
            commission_minor=5_000,
        ),
        follows(
            kind=CorrectionKind.ADJUSTMENT,
            rule="",
            cites="P-100/2026-02/v1",
            shared_by="",
            key="",
            name="",
            refund_id="A1",
            exact="7.000000",
            commission_minor=700,
            words="agreed by phone (olga)",
        ),
        correction(
            rule="fund", to="fund", refunded_minor=100_000, left_minor=0, earned="20.000000", rate="2",
            exact="-20.000000", commission_minor=-2_000,
        ),
        correction(
            rule="resale", to="kept", refunded_minor=100_000, left_minor=0, earned="428.571429", rate="3/7",
            exact="-428.571429", commission_minor=-42_857,
        ),
    )  # fmt: skip


def corrected(locale: str = "en") -> Statement:
    """Commission of 78 222.22, of which 69.67 go back for refunds, and 50.00 less are over a cap; 7.00 by hand: 78 209.55."""
    made = statement(locale, (software(), telephony(), kept_apart()[0]), payments=january())
    amounts = {
        "opening": 0,
        "commission": 7_822_222,
        "clawback": -6_967,
        "limit": 5_000,
        "adjustment": 700,
        "to_pay": -7_820_955,
    }
    fund = balances()[0].model_copy(update={"corrected_minor": -2_000, "closing_minor": 1_282_500})
    entries = tuple(SummaryEntry(kind=EntryKind(kind), amount_minor=minor, cites=()) for kind, minor in amounts.items())
    carried = SummaryEntry(kind=EntryKind.CARRIED, amount_minor=0, cites=())
    return made.model_copy(
        update={
            "period": "2026-02",
            "from_day": "2026-02-01",
            "to_day": "2026-02-28",
            "statement": "P-100/2026-02/v1",
            "summary": Summary(entries=(*entries, carried), minimum_minor=500_000),
            "apart": (fund,),
            "corrections": corrections(),
            "refunds_without_sale": RefundsWithoutSale(lines=2, amount_minor=-31_500),
        }
    )
