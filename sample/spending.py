"""The sample vendor's marketing funds: what they paid for, always less than they hold."""

from fractions import Fraction

from rules.plan import Select
from rules.plans.marketing_fund import MarketingFund
from rules.programme.blocks.plan_terms import PlanTerms
from sample.clients import SUBSCRIPTION, Client
from sample.partners import Partner
from sample.vendor import Rows, Vendor

ACTIVITIES = ("Stand at the autumn fair", "Advertisement in a trade paper", "Breakfast for clients", "Printed leaflets")
PART = Fraction(1, 10)
"""Of what a fund surely gets in a month: discounts, refunds, VAT and mistakes leave far more than this."""

MEANINGFUL_MINOR = 1_000


def spending_rows(vendor: Vendor, claims: Rows) -> Rows:
    """Return spending.csv: each fund pays for something in every month but the first, beside the claims it brought."""
    rows: Rows = [("entry_id", "partner_id", "spent_on", "activity", "amount_minor", "claims")]
    claim_ids = {(client_id, partner_id): claim_id for claim_id, client_id, partner_id, *_ in claims[1:]}
    for partner in vendor.partners:
        amount_minor = int(PART * _surely_in_a_month(vendor, partner))
        if amount_minor < MEANINGFUL_MINOR:
            continue
        for number, period in enumerate(vendor.periods[1:]):
            place = partner.position + number
            day = f"{period}-{10 + place % 15:02d}"
            activity = ACTIVITIES[place % len(ACTIVITIES)]
            won = vendor.won_in(partner, period)
            brought = " ".join(claim_ids[client.client_id, partner.partner_id] for client in won)
            rows.append((f"S-{len(rows):05d}", partner.partner_id, day, activity, str(amount_minor), brought))
    return rows


def _surely_in_a_month(vendor: Vendor, partner: Partner) -> Fraction:
    """What the fund gets at the least, under whichever plan the partner has in the first month."""
    blocks = vendor.asked.blocks(partner.plan_in(vendor.periods[0]))
    # A client's first product takes all the dirt, and two of the first three clients may be excluded.
    sure = vendor.won_before(partner)[3:]
    return min(_accrued(block, sure) for block in blocks)


def _accrued(block: PlanTerms, clients: list[Client]) -> Fraction:
    funds = [plan for plan in block.earn.values() if isinstance(plan, MarketingFund)]
    return sum(
        (
            Fraction(fund.rate * client.size_minor * product.share, 100)
            for fund in funds
            for client in clients
            for product in client.products
            if product != SUBSCRIPTION and product.category not in block.not_commissioned
            if _covers(fund.lines, product.code, product.category)
        ),
        Fraction(0),
    )


def _covers(lines: Select, code: str, category: str) -> bool:
    return lines.everything or category in lines.categories or code in lines.products
