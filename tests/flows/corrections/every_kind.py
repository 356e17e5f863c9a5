"""A half-year in which everything that can be corrected is corrected, once: the same for a partner of each language.

By hand, of one partner; rates are those of the month a sale was paid in:

    January    L1 1 000.00 software 10 %: 100.00, a first order: 5 % more, 50.00; and 2 %, 20.00, into the fund
               L2 2 000.00 hosting 10 %: 200.00, which the cap lowers to 100.00
               L3 and L4 600.00 of telephony each: 1 200.00 reach 12 %, 144.00; alone one earns 8 %, 48.00
               L5 500.00 software: 50.00, fund 10.00. The goal of 1 500.00 of software is reached: 30.00
    February   software is 15 % from here on. L6 1 000.00: 150.00, fund 20.00
               R1 gives back 600.00 of L1, R2 600.00 more: 400.00 are left, and 200.00 are too much; R3 finds nothing left
               R4 gives back 1 500.00 of L2: 500.00 x 10 % are 50.00, and nothing is over the cap any more
               C1 is a chargeback of L5. R5 names no sale. L7 of January comes late. A1 is given by hand
    March      W1 is won of C1. The source says 300.00 of L7 and not 200.00: accepted. The payout is withheld
    April      net_current: R6 gives back 100.00 of L6 at the rate of April
    May        restate: R7 gives back L4, and January is worked out again without it
    June       February is restated at 20 %
"""

from pathlib import Path
from typing import Any

from flows.consent.give_consent import give_consent
from flows.consent.withholding import withhold
from flows.corrections import reconciling
from flows.corrections.restating import Said, accept, restated
from flows.office import Office
from flows.result import Ending
from flows.settle_month import settle_month
from models.formats import read_statement
from models.period import Period
from models.statement import Statement
from rules.payout import words_of
from tests.flows.corrections.test_refunds import sale
from tests.made.vendors import archived, claim, office, partner, write_csv, write_vendor

LANGUAGES = ("en", "ru", "pl")
NAMES = {"en": "Client & Sons", "ru": "Ромашка ООО", "pl": "Żabka Łódź"}
MONTHS = tuple(Period(2026, number) for number in range(1, 7))
JANUARY, FEBRUARY, MARCH, APRIL, MAY, JUNE = MONTHS

PROGRAMME = """\
programme: test-partners
starts: 2026-01
currency: RUB
timezone: Europe/Moscow
base: gross
approval: on
refunds:
  - {from: 2026-01, policy: original_rate}
  - {from: 2026-04, policy: net_current}
  - {from: 2026-05, policy: restate}
plans:
  agent:
    - from: 2026-01
      earn: &january
        software: {plan: percentage, categories: [software], rate: 10%}
        hosting: {plan: percentage, categories: [hosting], rate: 10%}
        ceiling: {plan: cap, at_most: 100.00, rules: [hosting]}
        telephony:
          plan: tiered
          categories: [telephony]
          by: volume
          measure: {categories: [telephony]}
          tiers: {0: 8%, 1000: 12%}
        bounty: {plan: first_sale, products: [FIRST], rate: 5%}
        goal: {plan: milestone, measure: {categories: [software]}, goals: {1500: 30.00}, taken_back: true}
        fund: {plan: marketing_fund, categories: [software], rate: 2%}
"""


def programme() -> str:
    """The programme's text: YAML's anchors are not for a programme file."""
    head, _, earn = PROGRAMME.replace(" &january", "").partition("    - from: 2026-01\n")
    february = earn.replace("software], rate: 10%", "software], rate: 15%")
    senior = "  senior: {from: 2026-01, earn: {team: {plan: override, of: commission, levels: [10%]}}}\n"
    return f"{head}    - from: 2026-01\n{earn}    - from: 2026-02\n{february}{senior}"


def of(language: str, *lines: dict[str, Any]) -> list[dict[str, Any]]:
    """Lines of a partner, their ids and what they name under its language: `en-L1`."""
    return [
        each
        | {
            "line_id": f"{language}-{each['line_id']}",
            "invoice_id": f"{language}-{each['invoice_id']}",
            "client_id": f"{language}-{each['client_id']}",
            "client_name": NAMES[language],
            "refunds_line_id": each["refunds_line_id"] and f"{language}-{each['refunds_line_id']}",
        }
        for each in lines
    ]


def billing(language: str, late: float = 200) -> dict[str, list[dict[str, Any]]]:
    months = {
        "2026-01": [
            sale("L1", 1000, "2026-01-10", product_code="FIRST"),
            sale("L2", 2000, "2026-01-11", category="hosting"),
            sale("L3", 600, "2026-01-12", category="telephony"),
            sale("L4", 600, "2026-01-13", category="telephony"),
            sale("L5", 500, "2026-01-14"),
        ],
        "2026-02": [
            sale("L6", 1000, "2026-02-03"),
            sale("R1", -600, "2026-02-10", "L1"),
            sale("R2", -600, "2026-02-11", "L1"),
            sale("R3", -10, "2026-02-12", "L1"),
            sale("R4", -1500, "2026-02-13", "L2", category="hosting"),
            sale("C1", -500, "2026-02-14", "L5", kind="chargeback"),
            sale("R5", -50, "2026-02-15"),
            sale("L7", late, "2026-01-30", posted_on="2026-02-05"),
        ],
        "2026-03": [sale("W1", 500, "2026-03-10", "C1", kind="chargeback_won"), sale("L8", 2000, "2026-03-11")],
        "2026-04": [sale("R6", -100, "2026-04-10", "L6"), sale("L9", 300, "2026-04-11")],
        "2026-05": [sale("R7", -600, "2026-05-10", "L4", category="telephony")],
        "2026-06": [sale("L10", 100, "2026-06-10")],
    }
    return {month: of(language, *lines) for month, lines in months.items()}


def write_billing(vendor: Path, late: float = 200) -> None:
    for month in MONTHS:
        lines = [line for language in LANGUAGES for line in billing(language, late)[str(month)]]
        write_csv(vendor / f"billing/{month}.csv", lines)


class EveryKind:
    """The home, its vendor, and its statements."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.vendor = write_vendor(
            folder / "vendor",
            programme=programme(),
            partners=[
                *(partner(each, plan="agent", locale=each, parent_id="top") for each in LANGUAGES),
                partner("top", plan="senior", locale="en", parent_id=""),
            ],
            claims=[claim(f"{each}-C1", each) for each in LANGUAGES],
        )
        write_billing(self.vendor)

    @property
    def office(self) -> Office:
        return office(self.folder / "home", self.vendor)

    def close(self, month: Period, *holds: str) -> None:
        waiting = settle_month(month, self.office)
        assert waiting.ending is Ending.WAITING
        digest = waiting.draft_digest
        if holds:
            digest = withhold(self.office, month, digest, words_of(holds, ()), "anna").draft_digest
        give_consent(self.office, month, digest, "anna")
        assert settle_month(month, self.office).ending is Ending.CLOSED

    def file(self, name: str, who: str, month: Period) -> Path:
        return archived(self.folder / "home", str(month)) / "statements" / who / name

    def statement(self, who: str, month: Period) -> Statement:
        return read_statement(self.file("statement.json", who, month).read_bytes())


def by_hand(language: str) -> dict[str, Any]:
    return {"adjustment_id": f"{language}-A1", "partner_id": language, "posted_on": "2026-02-20", "amount_minor": 70_00,
            "why": "a stand at a fair", "evidence": "mail of 2 February", "who": "olga", "cites": f"{language}/2026-01/v1"}  # fmt: skip


def everything_corrected(folder: Path) -> EveryKind:
    home = EveryKind(folder)
    home.close(JANUARY)
    write_csv(home.vendor / "adjustments.csv", [by_hand(each) for each in LANGUAGES])
    home.close(FEBRUARY)
    write_billing(home.vendor, late=300)
    changed = reconciling.reconciled(home.office, FEBRUARY)
    assert reconciling.accept(changed, home.office, "olga", home.vendor / "adjustments.csv") == len(LANGUAGES) + 1
    home.close(MARCH, *(f"{each}=the tax id is missing" for each in LANGUAGES))
    home.close(APRIL)
    home.close(MAY)
    right = folder / "right"
    right.mkdir()
    (right / "programme.yaml").write_text(programme().replace("rate: 15%", "rate: 20%"), encoding="utf-8")
    accept(restated(home.office, FEBRUARY, right, Said("olga", "20 % by contract")), home.office)
    home.close(JUNE)
    return home
