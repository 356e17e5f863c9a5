"""Cases of other systems: figures that their own tests and pages state, or that follow from their rule.

Amounts are text in major units. The ladders stand in peers_ladders.py.
"""

from typing import NamedTuple

from tests.rules.peers_ladders import AMOUNTS, PACKAGES, UNITS

LAGO = "getlago/lago-api@1b1c24a6 spec/services/"
OPENMETER = "openmeterio/openmeter@7e57a394 openmeter/billing/rating/service/rate/"
OCA_ACCOUNT = "OCA/commission 17.0 account_commission/tests"
OCA_CRITERIA = "OCA/commission 16.0 sale_commission_product_criteria/tests"
OCA_FORMULA = "OCA/commission 14.0 sale_commission_formula/tests/test_commission_formula.py"
DUB = "dubinc/dub@1de955f7 apps/web/tests/commissions/calculate-sale-earnings.test.ts"
HOSTFABRICA = "http://hostfabrica.ru/partner"
PROCLOUD = "https://procloud.ru/docs/62-partners.html"
INTELITICS = "https://help.intelitics.com/en/articles/4925364-agreement-tiers"
AFFONSO = "https://affonso.io/help/commission-payouts/commission/multi-level-commissions"


class Percent(NamedTuple):
    """A percentage of an amount, rounded once."""

    id: str
    source: str
    base: str
    percent: str
    earns: str


PERCENTS = (
    Percent("dub-halfup-7-20", DUB, "0.07", "20", "0.01"),
    Percent("dub-halfup-2-20", DUB, "0.02", "20", "0.00"),
    Percent("dub-halfup-3-20", DUB, "0.03", "20", "0.01"),
    Percent("dub-halfup-15-10", DUB, "0.15", "10", "0.02"),
    Percent("dub-halfup-1900-10", DUB, "19.00", "10", "1.90"),
    Percent("dub-halfup-1000-0", DUB, "10.00", "0", "0.00"),
    # 123.456 minor units, to a whole one.
    Percent("lago-rounding-round-0", LAGO + "billable_metrics/aggregations/apply_rounding_service_spec.rb",
            "1234.56", "0.1", "1.23"),
    # 5 %, and 10 % of that on top: 5.5 %, which a refund takes back whole.
    Percent("oca-formula", OCA_FORMULA, "750", "5.5", "41.25"),
)  # fmt: skip


class ByClients(NamedTuple):
    """30 %, and 2 % more for each five clients who paid, up to 50 %."""

    id: str
    source: str
    active: int
    percent: str


BY_CLIENTS = (
    ByClients("hostfabrica-0", HOSTFABRICA, 0, "30"),
    ByClients("hostfabrica-5", HOSTFABRICA, 5, "32"),
    ByClients("hostfabrica-27", HOSTFABRICA, 27, "40"),
    ByClients("hostfabrica-50", HOSTFABRICA, 50, "50"),
    ByClients("hostfabrica-100", HOSTFABRICA, 100, "50"),
)


class Actions(NamedTuple):
    """So many actions of a month; the amount that their number reaches pays for all of them."""

    id: str
    source: str
    amounts: dict[str, str]
    number: int
    earns: str


RETROACTIVE = {"0": "250", "3": "275", "5": "300"}

ACTIONS = (
    Actions("intelitics-retro-cpa-2", INTELITICS, RETROACTIVE, 2, "500"),
    Actions("intelitics-retro-cpa-3", INTELITICS, RETROACTIVE, 3, "825"),
    Actions("intelitics-retro-cpa-5", INTELITICS, RETROACTIVE, 5, "1500"),
    Actions("dub-flat-quantity", DUB, {"0": "5"}, 2, "10"),  # an order of two is two actions
)


class Minimum(NamedTuple):
    """What a period lacks to its minimum; what was earned in other periods does not count."""

    id: str
    source: str
    minimum: str
    earned: tuple[str, ...]
    tops_up: str
    other_periods: tuple[str, ...] = ()


MINIMUMS = (
    Minimum("lago-true-up", LAGO + "fees/create_true_up_service_spec.rb", "10", ("7",), "3"),
    Minimum("lago-commitment-yearly", LAGO + "commitments/minimum/calculate_true_up_fee_service_spec.rb",
            "100", ("2", "3", "1.50"), "93.50", other_periods=("5",)),
    Minimum("openmeter-min-spend", OPENMETER + "tieredgraduated_test.go", "1000", ("100",), "900"),
)  # fmt: skip


class Capped(NamedTuple):
    """What follows one after another under a cap for life, and what of each is left to pay."""

    id: str
    source: str
    at_most: str
    before: str
    earned: tuple[str, ...]
    left: tuple[str, ...]


CAPPED = (Capped("openmeter-max-spend", OPENMETER + "tieredgraduated_test.go", "170", "160", ("15", "7"), ("10", "0")),)


class Network(NamedTuple):
    """What the partners above earn on one partner's month: its base, and its own commission on that."""

    id: str
    source: str
    of: str
    base: str
    direct: str  # the partner's own percent
    levels: tuple[str, ...]
    earn: tuple[str, ...]  # the partner itself, then the levels above


NETWORK = (
    # 10 % of what the level below earned, all the way up: of the first commission that is 10, 1 and 0.1 %.
    Network("affonso-percent-of-commission", AFFONSO, "commission", "100", "100", ("10", "1", "0.1"),
            ("100", "10", "1", "0.10")),
    Network("affonso-percent-of-sale", AFFONSO, "base", "200", "0", ("5", "5", "5"), ("0", "10", "10", "10")),
    Network("itthinx-levels", "https://www.itthinx.com/topic/understanding-teirs-and-levels/", "base", "100", "30",
            ("2", "1"), ("30", "2", "1")),
    Network("glamor-network-commission", "https://glamorgirlbeauty.com/es/blogs/glamor-social/increase-your-marketing-base",
            "commission", "1000", "10", ("5", "4", "2"), ("100", "5", "4", "2")),
)  # fmt: skip


class Balance(NamedTuple):
    """The bases of consecutive months at one rate: what each month pays and carries forward."""

    id: str
    source: str
    percent: str
    months: tuple[tuple[str, ...], ...]
    paid: tuple[str, ...]
    carried: tuple[str, ...]
    minimum: str = "0"


BALANCES = (
    Balance("partnerstack-clawback", "https://support.partnerstack.com/hc/en-us/articles/360047980474-Clawbacks-and-Incorrect-Rewards",
            "100", (("20", "-100"),), ("0",), ("-80",)),
    Balance("amazon-threshold", "https://amalinkspro.com/affiliate-marketing-definitions/payment-threshold/",
            "100", (("50",), ("50",)), ("0", "100"), ("50", "0"), minimum="100"),
    # A refund of the month before and a sale of this one: two settlements that come to nothing.
    Balance("oca-refund-join", f"{OCA_ACCOUNT} test_negative_settlements_join_invoice",
            "10", (("-1000",), ("1000",)), ("0", "0"), ("-100", "0")),
    Balance("oca-grouped-sign", "OCA/commission PR 330", "100", (("10", "-10"),), ("0",), ("0",)),
    # A sale of 100 was paid for, then refunded beside one of 1 000: its 80 is taken back once.
    Balance("lms-double-clawback", "https://github.com/guillermoscript/lms-front/issues/511",
            "80", (("100",), ("1000", "-100")), ("80", "720"), ("0", "0")),
)  # fmt: skip


class Vat(NamedTuple):
    """The VAT in a gross amount, and what is left; the two add up to it."""

    id: str
    source: str
    gross: str
    percent: str
    vat: str
    net: str


VAT = (
    Vat("pap-vat-inclusive", "https://support.qualityunit.com/513336-VAT-handling", "10000", "10", "909.09", "9090.91"),
    Vat("lago-vat-exclusive", LAGO + "credit_notes/adjust_amounts_with_rounding_service_spec.rb",
        "250", "25", "50", "200"),
    # 48.3325 is rounded to 48.33, and the gross is the sum of the rounded parts.
    Vat("lago-credit-note-rounding", LAGO + "credit_notes/adjust_amounts_with_rounding_service_spec.rb",
        "241.66", "25", "48.33", "193.33"),
)  # fmt: skip


class Criterion(NamedTuple):
    """A line of 1 000.00, the rule that has it, and what that earns."""

    id: str
    source: str
    category: str
    product: str
    rule: str
    earns: str


CRITERIA = (
    Criterion("oca-criteria-global", OCA_CRITERIA, "lamps", "LAMP", "everything", "10"),
    Criterion("oca-criteria-category", OCA_CRITERIA, "desks", "DESK-OAK", "desks", "20"),
    Criterion("oca-criteria-product", OCA_CRITERIA, "desks", "DESK-STEEL", "desk", "50"),
    Criterion("oca-criteria-variant", OCA_CRITERIA, "desks", "DESK-STEEL-WHITE", "white_desk", "150"),
)


class Status(NamedTuple):
    """A status by the number of clients and by their turnover, and the rates that it gives."""

    id: str
    source: str
    clients: int
    turnover: str
    cloud: str
    data_centre: str


STATUS = (
    Status("procloud-status-15", PROCLOUD, 25, "2000000", "15", "5"),
    Status("procloud-status-20", PROCLOUD, 120, "6000000", "20", "5"),
)


class Single(NamedTuple):
    """A case that has a test of its own."""

    id: str
    source: str


EVERFLOW = Single("everflow-specificity", "https://helpdesk.everflow.io/customer/overview-of-custom-settings")
SPIFF = Single("spiff-clawback", "https://help.salesforce.com/s/articleView?id=sales.spiff_clawback.htm")
TRYTON = Single("tryton-waiting", "trytond-commission-waiting 8.0.0 tests/scenario_commission_waiting.rst")

PASSING = tuple(
    case.id
    for table in (
        UNITS, AMOUNTS, PACKAGES, PERCENTS, BY_CLIENTS, ACTIONS, MINIMUMS, CAPPED, NETWORK, BALANCES, VAT, CRITERIA,
        STATUS, (EVERFLOW, SPIFF, TRYTON),
    )
    for case in table
)  # fmt: skip

_IDS = """
lago-graduated-1 lago-graduated-10 lago-graduated-11 lago-graduated-12 lago-graduated-21 lago-graduated-decimal-0.05
lago-graduated-decimal-0.5 lago-volume-0 lago-volume-1 lago-volume-200 lago-volume-210 lago-package-free0
lago-package-free10 lago-package-free200 lago-graduated-percentage-10 lago-graduated-percentage-12
lago-doc-volume-65000 lago-percentage-free-total lago-percentage-minmax-fixed0 lago-percentage-minmax-fixed2.0
lago-true-up lago-commitment-yearly lago-credit-note-rounding lago-rounding-round-0 lago-rounding-ceil-2
lago-rounding-ceil-0 lago-rounding-ceil--2 lago-rounding-floor-2 lago-rounding-floor-0 lago-rounding-floor--2
openmeter-volume-3 openmeter-volume-5 openmeter-volume-14 openmeter-volume-15 openmeter-volume-16
openmeter-graduated-22 openmeter-graduated-split-12-10 openmeter-min-spend openmeter-max-spend openmeter-package-0-10
openmeter-package-0-5 zuplo-graduated zuplo-volume metrifox-graduated metrifox-volume autumn-graduated
recurly-stairstep recurly-volume-seats oracle-interpolated-individual oracle-flat-15000 oracle-flat-60000
oracle-split-15000 oracle-split-60000 oracle-24b-blended bdd-two-tier-6000 bdd-two-tier-4000 salestool-marginal
wp-per-sale-tier intelitics-retro-cpa-2 intelitics-retro-cpa-3 intelitics-retro-cpa-5 pap-bonus everflow-specificity
procloud-status-15 procloud-status-20 hostfabrica-0 hostfabrica-5 hostfabrica-27 hostfabrica-50 hostfabrica-100
xactly-attainment-order dub-halfup-7-20 dub-halfup-2-20 dub-halfup-3-20 dub-halfup-15-10 dub-halfup-1900-10
dub-halfup-1000-0 dub-flat-quantity dub-referral-floor-15 dub-referral-floor-1995 gumroad-floor-ceil
dub-fee-waiver-50000-45000-ach dub-fee-waiver-50000-50000-ach dub-fee-waiver-50000-45000-ach_fast
dub-fee-waiver-card-50000-45000 dub-fee-waiver-card-50000-50000 oca-section-14999.99 oca-section-15100
oca-section-16000 oca-section-small-0.99 oca-criteria-global oca-criteria-category oca-criteria-product
oca-criteria-variant oca-formula oca-refund-join oca-grouped-sign oca-biweekly tryton-waiting
affonso-percent-of-commission affonso-percent-of-sale itthinx-levels glamor-network-commission partnerstack-clawback
spiff-clawback lms-double-clawback amazon-threshold stripe-minimum-balance apple-threshold movement-holding
genesis-holding pap-vat-inclusive lago-vat-exclusive it-withholding orderchamp-vat-rates
"""
EVERY_ID = tuple(_IDS.split())
"""All the cases we know of: each passes, or stands on the page of those that do not, with the reason."""
