"""Calculate: what every partner earned, shard by shard, and each partner's statement.

The frame does the sums; everything the contract says happens in `rules/`, in exact Python, on a few
rows per partner. A shard is some of the partners, so any number of shards gives the same statements.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from engine.accruals import accruals_of
from engine.corrections import Corrected
from engine.evidence import Evidence
from engine.frames.bodies import BodiesFile
from engine.frames.parquet import ParquetFile, parquet_bytes
from engine.frames.schemas import EarnedAmounts, of_types
from engine.frames.shards import Shard, Shards
from engine.inputs import EarlierMonths
from engine.lines.contracts import Contracts
from engine.sums.answers import Answered, Answers
from engine.sums.client_sums import settled
from engine.sums.past import SPENDING
from engine.sums.sum_inputs import SumInputs
from models.errors import BadInput
from models.progress import advance
from models.statement import BalanceBesidePayout
from models.vendor import Spending
from rules.earning.beside_payout import balances_beside_payout, must_cover_spending
from rules.earning.commission import Accrued, Back, accrue, accrue_network
from rules.earning.sales_cost import CostsByPartner, SalesCost
from rules.payout import HELD
from rules.plan import Junior, Stage, To
from rules.statement.body import Body, body
from rules.statement.issued import with_payments
from rules.statement.partner_month import ClientBond, PartnerMonth
from rules.terms.network import OwnResult, juniors_of, own_result


@dataclass(frozen=True, eq=False)
class Calculated:
    """What the month comes to. Parquet: `bodies` (Statements), `earned` (EarnedAmounts), `accruals` (Accruals).

    `corrections` (Corrections) is what is posted for earlier months.
    """

    statements: tuple[Body, ...]  # by partner id
    bodies: bytes
    earned: bytes
    accruals: bytes
    corrections: pl.DataFrame
    sales_costs: Mapping[str, SalesCost]  # by partner


@dataclass(frozen=True, eq=False)
class Statements:
    """What statements are made from, beside the lines."""

    contracts: Contracts
    earlier: EarlierMonths
    asked: SumInputs
    bonds: pl.DataFrame  # Bonds, born and new
    spending: Sequence[Spending]  # activities of this month, paid from funds
    corrected: Corrected  # what is posted for earlier months
    lines_digest: str
    held: Mapping[str, str] = field(default_factory=dict)  # why payouts are withheld, by partner


def calculate(made_from: Statements, shards: Shards) -> Calculated:
    """Return every partner's statement body for the month, sorted by partner id, and what it earned, exactly.

    Raises BadInput where activities cost more than a fund holds, or something is posted for a partner without terms.
    """
    if unknown := sorted(made_from.corrected.by_partner.keys() - made_from.contracts.partners.keys()):
        raise BadInput(
            f"refunds take back what {', '.join(unknown)} earned, but partners.csv has no row of theirs that has "
            f"begun: keep the row"
        )
    answers = Answers(made_from.asked)
    network = Network(juniors_below(made_from.contracts, shards, answers), made_from.corrected.overrides_back())
    making = _Making(made_from)
    for shard in shards:
        answered = answered_shard(shard, made_from.contracts, answers)
        making.add(shard, answered, accrued_shard(answered, made_from.contracts, network))
        advance(len(shard.partners), "partners", len(made_from.contracts.partners))
    return making.done()


def answered_shard(shard: Shard, contracts: Contracts, answers: Answers) -> Answered:
    """Return the sums of a shard's partners."""
    partners = {partner_id: contracts.partners[partner_id] for partner_id in shard.partners}
    return answers.to(partners, settled(shard.brought), shard.served)


@dataclass(frozen=True)
class Network:
    """What seniors earn on: who stands below each partner, and what goes back of the overrides of earlier months."""

    juniors: Mapping[str, Sequence[Junior]] = field(default_factory=dict)  # by partner
    back: Mapping[str, Mapping[str, Back]] = field(default_factory=dict)  # by partner and rule


def accrued_shard(answered: Answered, contracts: Contracts, network: Network) -> dict[str, tuple[Accrued, ...]]:
    """Return what a shard's partners earned: by their own rules, and on the partners below them."""
    accrued = {}
    for partner_id, sums in answered.sums.items():
        rules = contracts.partners[partner_id].rules
        accrued[partner_id] = accrue(rules, sums)
        if below := network.juniors.get(partner_id):
            accrued[partner_id] += accrue_network(rules, sums, below, network.back.get(partner_id))
    return accrued


def juniors_below(contracts: Contracts, shards: Shards, answers: Answers) -> dict[str, list[Junior]]:
    """Who stands below each partner, and what they earned; known before the partners above them are asked.

    Where nobody earns on juniors, nobody is asked.
    """
    partners = contracts.partners
    if not any(rule.way.stage is Stage.NETWORK for partner in partners.values() for rule in partner.rules):
        return {}
    own_results: dict[str, OwnResult] = {}
    for shard in shards:
        accrued = accrued_shard(answered_shard(shard, contracts, answers), contracts, Network())
        own_results |= {partner_id: own_result(mine) for partner_id, mine in accrued.items()}
    return juniors_of({partner_id: partner.terms.parent_id for partner_id, partner in partners.items()}, own_results)


@dataclass
class _Making:
    """What the shards have come to so far: figures and packed files, never all bodies at once."""

    made_from: Statements
    statements: list[Body] = field(default_factory=list)
    bodies: BodiesFile = field(default_factory=BodiesFile)
    accruals: ParquetFile = field(default_factory=ParquetFile)
    earned: list[pl.DataFrame] = field(default_factory=lambda: [EarnedAmounts.create_empty()])
    beside_payout: dict[str, tuple[BalanceBesidePayout, ...]] = field(default_factory=dict)
    costs: CostsByPartner = field(default_factory=CostsByPartner)

    def __post_init__(self) -> None:
        self.names = _names(self.made_from)
        self.served = _assigned(self.made_from.asked)

    def add(self, shard: Shard, answered: Answered, accrued: Mapping[str, tuple[Accrued, ...]]) -> None:
        partners = self.made_from.contracts.partners
        self.costs.add(accrued)
        self.earned.append(_earned(accrued, str(self.made_from.contracts.month)))
        self.accruals.append(accruals_of(accrued, partners, answered))
        evidence = Evidence.of(shard.brought, pl.concat([settled(shard.brought), _earning(shard.served, accrued)]))
        claims = _claims(self.made_from.bonds, shard)
        for partner_id in shard.partners:
            self._issue(partner_id, accrued[partner_id], evidence, claims[partner_id])

    def _issue(
        self, partner_id: str, accrued: tuple[Accrued, ...], evidence: Evidence, claims: Mapping[str, ClientBond]
    ) -> None:
        made_from, earlier = self.made_from, self.made_from.earlier
        beside_payout = balances_beside_payout(
            accrued,
            earlier.balances.apart_minor.get(partner_id, {}),
            [entry for entry in made_from.spending if entry.partner_id == partner_id],
            made_from.corrected.by_partner.get(partner_id, ()),
        )
        self.beside_payout[partner_id] = beside_payout
        month = PartnerMonth(
            in_force=made_from.contracts.partners[partner_id],
            opening_minor=earlier.balances.opening_minor.get(partner_id, 0),
            accrued=accrued,
            beside_payout=beside_payout,
            client_names=evidence.client_names.get(partner_id, {}),
            names=self.names,
            attributions=claims,
            assignments=self.served.get(partner_id, {}),
            not_included=tuple(evidence.not_included.get(partner_id, ())),
            refunds_without_sale=evidence.refunds_without_sale.get(partner_id),
            payments=(),  # put in as they are in the frame
            previous_statement=earlier.balances.previous_statement.get(partner_id, ""),
            previous_seal=earlier.balances.previous_seal,
            corrections=made_from.corrected.of_statement(partner_id),
            held_before_minor=earlier.balances.apart_minor.get(partner_id, {}).get(HELD, 0),
            held_because=made_from.held.get(partner_id),
        )
        contracts = made_from.contracts
        statement = body(month, contracts.programme, contracts.month, made_from.lines_digest)
        self.statements.append(Body.of(statement))
        self.bodies.add(partner_id, with_payments(statement.to_bytes(), evidence.payments_of(partner_id)))

    def done(self) -> Calculated:
        made_from = self.made_from
        must_cover_spending(self.beside_payout, made_from.contracts.programme.currency)
        self.earned.append(_spending(made_from.spending, str(made_from.contracts.month)))
        return Calculated(
            statements=tuple(self.statements),
            bodies=self.bodies.to_bytes(),
            earned=parquet_bytes(EarnedAmounts.validate(pl.concat(self.earned).sort(pl.all()))),
            accruals=self.accruals.to_bytes(),
            corrections=made_from.corrected.to_frame(made_from.contracts.month),
            sales_costs=self.costs.by_partner(),
        )


def _earned(accrued: Mapping[str, tuple[Accrued, ...]], month: str) -> pl.DataFrame:
    """What every rule accrued, by client, event ...: what later months' limits, and cancellations, look at."""
    rows = [
        (month, partner_id, each.ref.name, each.to.value, each.earned.shared_by, amount.key, amount.minor)
        for partner_id, mine in accrued.items()
        for each in mine
        for amount in each.amounts()
    ]
    return pl.DataFrame(rows, schema=of_types(EarnedAmounts), orient="row")


def _spending(spending: Sequence[Spending], month: str) -> pl.DataFrame:
    """What activities drew from funds."""
    rows = [
        (month, entry.partner_id, "", To.FUND.value, SPENDING, entry.entry_id, -entry.amount_minor)
        for entry in spending
    ]
    return pl.DataFrame(rows, schema=of_types(EarnedAmounts), orient="row")


def _names(made_from: Statements) -> dict[str, str]:
    """What people call an event, a person, a partner, by its id."""
    events = made_from.asked.events.select(
        "event_id", pl.concat_str("kind", "product_code", "client_id", separator=", ", ignore_nulls=True)
    )
    people = {person.person_id: person.name for person in made_from.asked.employees}
    partners = {partner_id: each.terms.name for partner_id, each in made_from.contracts.partners.items()}
    return dict(events.iter_rows()) | people | partners


def _assigned(asked: SumInputs) -> dict[str, dict[str, ClientBond]]:
    """The assignments of the clients each partner serves."""
    found: dict[str, dict[str, ClientBond]] = defaultdict(dict)
    for each in asked.assignments:
        found[each.partner_id][each.client_id] = ClientBond(each.assignment_id, each.from_day)
    return found


def _claims(bonds: pl.DataFrame, shard: Shard) -> dict[str, dict[str, ClientBond]]:
    """The claims that won the clients on a shard's lines, by partner and client."""
    found: dict[str, dict[str, ClientBond]] = {partner_id: {} for partner_id in shard.partners}
    clients = shard.brought.select("client_id").unique()
    mine = bonds.join(clients, on="client_id", how="semi").filter(pl.col("partner_id").is_in(list(found)))
    for partner_id, client_id, *bond in mine.select("partner_id", "client_id", *ClientBond._fields).iter_rows():
        found[partner_id][client_id] = ClientBond(*bond)
    return found


def _earning(served: pl.DataFrame, accrued: Mapping[str, tuple[Accrued, ...]]) -> pl.DataFrame:
    """The lines a partner earned on for serving the client: one of its statement's payments each."""
    earning = pl.DataFrame(
        [(partner_id, each.rule) for partner_id, mine in accrued.items() for each in mine],
        schema={"partner_id": pl.String, "rule": pl.String},
        orient="row",
    )
    return served.join(earning.unique(), on=["partner_id", "rule"], how="semi", maintain_order="left")
