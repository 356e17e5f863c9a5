"""The worked example of the programme: a partner and its parent, five clients, three months, to the kopeck.

A table of facts, worked out with exact fractions apart from this code. Amounts are text in roubles, as a
contract shows them. Left out is what needs taxes or payouts.
"""

from typing import NamedTuple

PARTNER = "P-100"
PARENT = "P-001"
CLIENTS = ("C1", "C2", "C3", "C4", "C5")
ATTRIBUTED_FROM = "2025-10-01"
MONTHS = ("2026-01", "2026-02", "2026-03")

PROGRAMME = """\
programme: uis-partners
starts: 2026-01
currency: RUB
timezone: Europe/Moscow
base: net_of_vat
refunds: original_rate
plans:
  integrator:
    from: 2026-01
    earn:
      software: {{plan: percentage, categories: [software], rate: 50%}}
      telephony:
        plan: tiered
        categories: [telephony]
        by: {by}
        measure: {{categories: [telephony], window: month}}
        tiers: {{0: 8%, 100000: 10%, 300000: 12%, 1000000: 15%}}
    payout: {{minimum: 5000.00}}
  parent:
    from: 2026-01
    earn:
      override: {{plan: override, of: commission, levels: [5%]}}
    payout: {{minimum: 5000.00}}
"""


def programme(by: str) -> str:
    """The programme file of the example, `by` volume or graduated."""
    return PROGRAMME.format(by=by)


def minor(roubles: str) -> int:
    """Kopecks of an amount written with two decimals."""
    whole, kopecks = roubles.split(".")
    assert len(kopecks) == 2
    return int(whole + kopecks)


class Payment(NamedTuple):
    """One payment, the VAT in it by the rate of its invoice, and what is left as the base."""

    payment_id: str
    invoice_id: str
    client: str
    category: str
    posted_in: str
    value_date: str
    gross: str
    vat_percent: str
    vat: str
    base: str


PAYMENTS = tuple(Payment(*row) for row in (
    ("PAY-001", "INV-260101", "C1", "software", "2026-01", "2026-01-12", "61000.00", "22", "11000.00", "50000.00"),
    ("PAY-002", "INV-260102", "C1", "telephony", "2026-01", "2026-01-12", "122000.01", "22", "22000.00", "100000.01"),
    ("PAY-003", "INV-260103", "C2", "telephony", "2026-01", "2026-01-15", "183000.00", "22", "33000.00", "150000.00"),
    # Brings the consolidated base to exactly 300 000.00.
    ("PAY-004", "INV-260104", "C5", "telephony", "2026-01", "2026-01-20", "60999.99", "22", "11000.00", "49999.99"),
    # Registered software, exempt from VAT.
    ("PAY-005", "INV-260105", "C4", "software", "2026-01", "2026-01-21", "33333.33", "0", "0.00", "33333.33"),
    ("PAY-006", "INV-260106", "C2", "software", "2026-01", "2026-01-22", "1111.11", "0", "0.00", "1111.11"),
    ("PAY-007", "INV-260201", "C1", "telephony", "2026-02", "2026-02-05", "97600.00", "22", "17600.00", "80000.00"),
    # Late: paid in January, in the books on 2026-02-09, after January was closed.
    ("PAY-008", "INV-260107", "C5", "telephony", "2026-02", "2026-01-30", "12200.00", "22", "2200.00", "10000.00"),
    # An invoice of December 2025, paid in two parts: its VAT stays 20 %.
    ("PAY-009", "INV-251233", "C3", "telephony", "2026-02", "2026-02-16", "70000.05", "20", "11666.68", "58333.37"),
    ("PAY-010", "INV-260202", "C5", "telephony", "2026-02", "2026-02-18", "30500.00", "22", "5500.00", "25000.00"),
    ("PAY-011", "INV-260203", "C4", "software", "2026-02", "2026-02-20", "10000.01", "0", "0.00", "10000.01"),
    ("PAY-012", "INV-251233", "C3", "telephony", "2026-03", "2026-03-05", "49999.98", "20", "8333.33", "41666.65"),
    ("PAY-013", "INV-260301", "C1", "telephony", "2026-03", "2026-03-10", "1098000.00", "22", "198000.00", "900000.00"),
    ("PAY-014", "INV-260302", "C2", "telephony", "2026-03", "2026-03-11", "61000.00", "22", "11000.00", "50000.00"),
    # Brings the consolidated base to 999 999.99: one kopeck short of 15 %.
    ("PAY-015", "INV-260303", "C5", "telephony", "2026-03", "2026-03-12", "10166.67", "22", "1833.33", "8333.34"),
    ("PAY-016", "INV-260304", "C4", "software", "2026-03", "2026-03-16", "20000.00", "0", "0.00", "20000.00"),
    ("PAY-017", "INV-260305", "C1", "software", "2026-03", "2026-03-17", "24400.00", "22", "4400.00", "20000.00"),
))  # fmt: skip


class Refund(NamedTuple):
    """What is given back of a payment that January settled, and the commission that takes back in each mode."""

    refund_id: str
    payment_id: str
    day: str
    gross: str
    volume: str
    graduated: str


REFUNDS = (
    Refund("REF-001", "PAY-003", "2026-02-10", "61000.01", "-6000.00", "-4666.67"),
    Refund("REF-002", "PAY-001", "2026-02-12", "61000.00", "-25000.00", "-25000.00"),
)


class Parent(NamedTuple):
    """What the parent earns in a month on what its junior did: on the whole, rounded once; and its balance."""

    period: str
    by: str
    junior_net: str
    override: str
    opening: str
    to_pay: str
    carried: str


PARENTS = (
    Parent("2026-01", "volume", "78222.22", "3911.11", "0.00", "0.00", "3911.11"),
    Parent("2026-02", "volume", "-8666.65", "-433.33", "3911.11", "0.00", "3477.78"),
    Parent("2026-03", "volume", "140000.00", "7000.00", "3477.78", "10477.78", "0.00"),
    Parent("2026-01", "graduated", "70222.22", "3511.11", "0.00", "0.00", "3511.11"),
    Parent("2026-02", "graduated", "-9333.32", "-466.67", "3511.11", "0.00", "3044.44"),
    Parent("2026-03", "graduated", "132000.00", "6600.00", "3044.44", "9644.44", "0.00"),
)


class Control(NamedTuple):
    """What a month's payments come to."""

    payments: int
    gross: str
    vat: str
    base: str


CONTROL = {
    "2026-01": Control(6, "461444.44", "77000.00", "384444.44"),
    "2026-02": Control(5, "220300.06", "36966.68", "183333.38"),
    "2026-03": Control(6, "1263566.65", "223566.66", "1039999.99"),
}


class Line(NamedTuple):
    """One client's part of a total: the exact share has six decimals."""

    client: str
    base: str
    exact: str
    commission: str


class Slice(NamedTuple):
    """The part of the base in one tier of a graduated ladder."""

    starts_at: str
    ends_at: str
    rate: str
    base: str
    exact: str


class Total(NamedTuple):
    """What one rule earns in a month. `by` is blank for software, where tiers play no part."""

    period: str
    rule: str
    by: str
    base: str
    exact: str
    commission: str
    rounded_by_line: str  # what adding up rounded lines would give: sometimes another sum
    lines: tuple[Line, ...]
    slices: tuple[Slice, ...] = ()


TOTALS = (
    Total("2026-01", "software", "", "84444.44", "42222.220000", "42222.22", "42222.23", (
        Line("C1", "50000.00", "25000.000000", "25000.00"),
        Line("C2", "1111.11", "555.555000", "555.55"),  # equal remainders: the smaller exact amount loses
        Line("C4", "33333.33", "16666.665000", "16666.67"),
    )),
    Total("2026-02", "software", "", "10000.01", "5000.005000", "5000.01", "5000.01", (
        Line("C4", "10000.01", "5000.005000", "5000.01"),
    )),
    Total("2026-03", "software", "", "40000.00", "20000.000000", "20000.00", "20000.00", (
        Line("C1", "20000.00", "10000.000000", "10000.00"),
        Line("C4", "20000.00", "10000.000000", "10000.00"),
    )),
    Total("2026-01", "telephony", "volume", "300000.00", "36000.000000", "36000.00", "36000.00", (
        Line("C1", "100000.01", "12000.001200", "12000.00"),
        Line("C2", "150000.00", "18000.000000", "18000.00"),
        Line("C5", "49999.99", "5999.998800", "6000.00"),
    )),
    Total("2026-02", "telephony", "volume", "173333.37", "17333.337000", "17333.34", "17333.34", (
        Line("C1", "80000.00", "8000.000000", "8000.00"),
        Line("C3", "58333.37", "5833.337000", "5833.34"),
        Line("C5", "35000.00", "3500.000000", "3500.00"),
    )),
    Total("2026-03", "telephony", "volume", "999999.99", "119999.998800", "120000.00", "120000.00", (
        Line("C1", "900000.00", "108000.000000", "108000.00"),
        Line("C2", "50000.00", "6000.000000", "6000.00"),
        Line("C3", "41666.65", "4999.998000", "5000.00"),
        Line("C5", "8333.34", "1000.000800", "1000.00"),
    )),
    Total("2026-01", "telephony", "graduated", "300000.00", "28000.000000", "28000.00", "28000.00", (
        Line("C1", "100000.01", "9333.334267", "9333.33"),
        Line("C2", "150000.00", "14000.000000", "14000.00"),
        Line("C5", "49999.99", "4666.665733", "4666.67"),
    ), (
        Slice("0.00", "100000.00", "8", "100000.00", "8000.000000"),
        Slice("100000.00", "300000.00", "10", "200000.00", "20000.000000"),
    )),
    Total("2026-02", "telephony", "graduated", "173333.37", "15333.337000", "15333.34", "15333.33", (
        Line("C1", "80000.00", "7076.923272", "7076.92"),
        Line("C3", "58333.37", "5160.259796", "5160.26"),
        Line("C5", "35000.00", "3096.153932", "3096.16"),  # given the missing kopeck
    ), (
        Slice("0.00", "100000.00", "8", "100000.00", "8000.000000"),
        Slice("100000.00", "300000.00", "10", "73333.37", "7333.337000"),
    )),
    Total("2026-03", "telephony", "graduated", "999999.99", "111999.998800", "112000.00", "111999.99", (
        Line("C1", "900000.00", "100799.999928", "100800.00"),
        Line("C2", "50000.00", "5599.999996", "5600.00"),
        Line("C3", "41666.65", "4666.664797", "4666.67"),
        Line("C5", "8333.34", "933.334079", "933.33"),
    ), (
        Slice("0.00", "100000.00", "8", "100000.00", "8000.000000"),
        Slice("100000.00", "300000.00", "10", "200000.00", "20000.000000"),
        Slice("300000.00", "1000000.00", "12", "699999.99", "83999.998800"),
    )),
)  # fmt: skip


def totals(period: str, by: str) -> tuple[Total, ...]:
    """What every rule earns in a month of the programme with this mode, software first."""
    return tuple(total for total in TOTALS if total.period == period and total.by in ("", by))


class Reach(NamedTuple):
    """The tier of telephony in one month, in both modes."""

    period: str
    position: int
    starts_at: str
    rate: str
    next_rate: str
    distance: str


REACHED = (
    Reach("2026-01", 3, "300000.00", "12", "15", "700000.00"),
    Reach("2026-02", 2, "100000.00", "10", "12", "126666.63"),
    Reach("2026-03", 3, "300000.00", "12", "15", "0.01"),
)


class TierVector(NamedTuple):
    """What a base of telephony reaches and earns, rounded once; blank where there is no next tier."""

    base: str
    position: int
    rate: str
    starts_at: str
    next_rate: str
    distance: str
    volume: str
    graduated: str


TIERS = (
    TierVector("0.00", 1, "8", "0.00", "10", "100000.00", "0.00", "0.00"),
    TierVector("0.01", 1, "8", "0.00", "10", "99999.99", "0.00", "0.00"),
    TierVector("99999.99", 1, "8", "0.00", "10", "0.01", "8000.00", "8000.00"),
    TierVector("100000.00", 2, "10", "100000.00", "12", "200000.00", "10000.00", "8000.00"),
    TierVector("299999.99", 2, "10", "100000.00", "12", "0.01", "30000.00", "28000.00"),
    TierVector("300000.00", 3, "12", "300000.00", "15", "700000.00", "36000.00", "28000.00"),
    TierVector("999999.99", 3, "12", "300000.00", "15", "0.01", "120000.00", "112000.00"),
    TierVector("1000000.00", 4, "15", "1000000.00", "", "", "150000.00", "112000.00"),
    TierVector("1500000.00", 4, "15", "1000000.00", "", "", "225000.00", "187000.00"),
)


class VatVector(NamedTuple):
    """The VAT in a gross amount, rounded; the base is the rest."""

    gross: str
    percent: str
    vat: str
    base: str


VAT = (
    VatVector("122.00", "22", "22.00", "100.00"),
    VatVector("120.00", "20", "20.00", "100.00"),
    VatVector("123.00", "23", "23.00", "100.00"),
    VatVector("0.03", "20", "0.01", "0.02"),
    VatVector("70000.05", "20", "11666.68", "58333.37"),  # 11 666.675 exactly: half a kopeck goes away from zero
    VatVector("60999.99", "22", "11000.00", "49999.99"),
    VatVector("0.01", "22", "0.00", "0.01"),
    VatVector("105.00", "5", "5.00", "100.00"),
    VatVector("107.00", "7", "7.00", "100.00"),
    VatVector("100.00", "0", "0.00", "100.00"),
)

ROUNDING = (  # exact roubles, rounded half away from zero, and what rounding half to even would have given
    ("16666.665", "16666.67", "16666.66"),
    ("5000.005", "5000.01", "5000.00"),
    ("0.125", "0.13", "0.12"),
    ("-0.005", "-0.01", "0.00"),
    ("-433.3325", "-433.33", "-433.33"),
    ("2.675", "2.68", "2.68"),
    ("1.005", "1.01", "1.00"),
)
