"""One shard of a month: what some of the partners earned, and their statements, from nothing but the frozen inputs.

What goes in and what comes out can be pickled, so any process may work it out.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from engine.accruals import accruals_of
from engine.closed_months.corrections import Corrected
from engine.evidence import Evidence
from engine.frames.schemas import EarnedAmounts, of_types
from engine.frames.shards import Shard
from engine.inputs import Balances
from engine.lines.contracts import Contracts
from engine.sums.answers import Answered, Answers
from engine.sums.client_sums import settled
from engine.sums.sum_inputs import SumInputs
from models.statement import BalanceBesidePayout
from models.vendor import Spending
from rules.earning.beside_payout import balances_beside_payout
from rules.earning.commission import Accrued, Back, accrue, accrue_network
from rules.earning.sales_cost import CostsByPartner
from rules.payout import HELD
from rules.plan import Junior
from rules.statement.body import Body, body
from rules.statement.issued import with_payments
from rules.statement.partner_month import ClientBond, PartnerMonth
from rules.terms.network import OwnResult, own_result


@dataclass(frozen=True)
class Network:
    """What seniors earn on: who stands below each partner, and what goes back of the overrides of earlier months."""

    juniors: Mapping[str, Sequence[Junior]] = field(default_factory=dict)  # by partner
    back: Mapping[str, Mapping[str, Back]] = field(default_factory=dict)  # by partner and rule


@dataclass(frozen=True, eq=False)
class Statements:
    """What statements are made from, beside the lines: the same for every shard."""

    contracts: Contracts
    balances: Balances
    asked: SumInputs
    bonds: pl.DataFrame  # Bonds, born and new
    spending: Sequence[Spending]  # activities of this month, paid from funds
    corrected: Corrected  # what is posted for earlier months
    lines_digest: str
    held: Mapping[str, str] = field(default_factory=dict)  # why payouts are withheld, by partner
    network: Network = field(default_factory=Network)

    @cached_property
    def answers(self) -> Answers:
        """The sums that plans ask for."""
        return Answers(self.asked)

    @cached_property
    def names(self) -> dict[str, str]:
        """What people call an event, a person, a partner, by its id."""
        events = self.asked.events.select(
            "event_id", pl.concat_str("kind", "product_code", "client_id", separator=", ", ignore_nulls=True)
        )
        people = {person.person_id: person.name for person in self.asked.employees}
        partners = {partner_id: each.terms.name for partner_id, each in self.contracts.partners.items()}
        return dict(events.iter_rows()) | people | partners

    @cached_property
    def assigned(self) -> dict[str, dict[str, ClientBond]]:
        """The assignments of the clients each partner serves."""
        found: dict[str, dict[str, ClientBond]] = defaultdict(dict)
        for each in self.asked.assignments:
            found[each.partner_id][each.client_id] = ClientBond(each.assignment_id, each.from_day)
        return found


@dataclass(frozen=True, eq=False)
class SettledShard:
    """What a shard's partners earned, and their statements: each in the order of the partners' ids."""

    statements: tuple[Body, ...]
    bodies: tuple[bytes, ...]  # canonical JSON, of each statement
    accruals: pl.DataFrame  # Accruals
    earned: pl.DataFrame  # EarnedAmounts
    beside_payout: Mapping[str, tuple[BalanceBesidePayout, ...]]  # by partner
    costs: CostsByPartner


def settle_shard(common: Statements, shard: Shard) -> SettledShard:
    """Return what a shard comes to."""
    brought, served = shard.brought, shard.served
    settling = settled(brought)
    answered = answered_lines(shard.partners, settling, served, common)
    accrued = accrued_by(answered, common)
    earning = pl.concat([settling, _earning(served, accrued)])
    evidence, claims = Evidence.of(brought, earning), _claims(common.bonds, shard.partners, brought)
    del brought, served, settling, earning
    issuing = _Issuing(common, accrued, evidence, claims)
    costs = CostsByPartner()
    costs.add(accrued)
    accruals = accruals_of(accrued, common.contracts.partners, answered)
    statements, bodies = zip(*issuing.every(), strict=True)
    return SettledShard(
        statements, bodies, accruals, _earned(accrued, str(common.contracts.month)), issuing.beside_payout, costs
    )


def own_results_of_shard(common: Statements, shard: Shard) -> dict[str, OwnResult]:
    """Return what each partner's own rules came to: what those above it earn on."""
    answered = answered_lines(shard.partners, settled(shard.brought), shard.served, common)
    return {partner_id: own_result(mine) for partner_id, mine in accrued_by(answered, common).items()}


def answered_lines(
    partners: Sequence[str], settling: pl.DataFrame, served: pl.DataFrame, common: Statements
) -> Answered:
    """Return the sums of some partners, from their lines that settle and those they serve (PartnerLines)."""
    terms = {partner_id: common.contracts.partners[partner_id] for partner_id in partners}
    return common.answers.to(terms, settling, served)


def accrued_by(answered: Answered, common: Statements) -> dict[str, tuple[Accrued, ...]]:
    """Return what partners earned: by their own rules, and on the partners below them, where the network is known."""
    accrued, network = {}, common.network
    for partner_id, sums in answered.sums.items():
        rules = common.contracts.partners[partner_id].rules
        accrued[partner_id] = accrue(rules, sums)
        if below := network.juniors.get(partner_id):
            accrued[partner_id] += accrue_network(rules, sums, below, network.back.get(partner_id))
    return accrued


@dataclass(frozen=True, eq=False)
class _Issuing:
    """Makes the statements of a shard's partners."""

    made_from: Statements
    accrued: Mapping[str, tuple[Accrued, ...]]
    evidence: Evidence
    claims: Mapping[str, Mapping[str, ClientBond]]
    beside_payout: dict[str, tuple[BalanceBesidePayout, ...]] = field(default_factory=dict)

    def every(self) -> Iterator[tuple[Body, bytes]]:
        contracts = self.made_from.contracts
        for partner_id in self.accrued:
            month = self._month_of(partner_id)
            statement = body(month, contracts.programme, contracts.month, self.made_from.lines_digest)
            yield Body.of(statement), with_payments(statement.to_bytes(), self.evidence.payments_of(partner_id))

    def _month_of(self, partner_id: str) -> PartnerMonth:
        made_from, balances, evidence = self.made_from, self.made_from.balances, self.evidence
        accrued = self.accrued[partner_id]
        beside_payout = balances_beside_payout(
            accrued,
            balances.apart_minor.get(partner_id, {}),
            [entry for entry in made_from.spending if entry.partner_id == partner_id],
            made_from.corrected.by_partner.get(partner_id, ()),
        )
        self.beside_payout[partner_id] = beside_payout
        return PartnerMonth(
            in_force=made_from.contracts.partners[partner_id],
            opening_minor=balances.opening_minor.get(partner_id, 0),
            accrued=accrued,
            beside_payout=beside_payout,
            client_names=evidence.client_names.get(partner_id, {}),
            names=made_from.names,
            attributions=self.claims[partner_id],
            assignments=made_from.assigned.get(partner_id, {}),
            not_included=tuple(evidence.not_included.get(partner_id, ())),
            refunds_without_sale=evidence.refunds_without_sale.get(partner_id),
            payments=(),  # put in as they are in the frame
            previous_statement=balances.previous_statement.get(partner_id, ""),
            previous_seal=balances.previous_seal,
            corrections=made_from.corrected.of_statement(partner_id),
            held_before_minor=balances.apart_minor.get(partner_id, {}).get(HELD, 0),
            held_because=made_from.held.get(partner_id),
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


def _claims(bonds: pl.DataFrame, partners: Sequence[str], brought: pl.DataFrame) -> dict[str, dict[str, ClientBond]]:
    """The claims that won the clients on a shard's lines, by partner and client."""
    found: dict[str, dict[str, ClientBond]] = {partner_id: {} for partner_id in partners}
    clients = brought.select("client_id").unique()
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
