"""Calculate: what every partner earned, shard by shard, and each partner's statement.

The frame does the sums; everything the contract says happens in `rules/`, in exact Python, on a few
rows per partner. A shard is some of the partners, so any number of shards, and whoever works them out, gives the same
statements to the byte.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from engine.each import Each, one_by_one
from engine.frames.bodies import BodiesFile
from engine.frames.parquet import ParquetFile, parquet_bytes
from engine.frames.schemas import EarnedAmounts, of_types
from engine.frames.shards import Shards
from engine.settled_shard import Network, SettledShard, Statements, own_results_of_shard, settle_shard
from engine.sums.past import SPENDING
from models.errors import BadInput
from models.progress import advance
from models.statement import BalanceBesidePayout
from models.vendor import Spending
from rules.earning.beside_payout import must_cover_spending
from rules.earning.sales_cost import CostsByPartner, SalesCost
from rules.plan import Junior, Stage, To
from rules.statement.body import Body
from rules.terms.network import OwnResult, juniors_of


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


def calculate(made_from: Statements, shards: Shards, each: Each = one_by_one) -> Calculated:
    """Return every partner's statement body for the month, sorted by partner id, and what it earned, exactly.

    `each` has the shards worked out, here or elsewhere. Raises BadInput where activities cost more than a fund holds,
    or something is posted for a partner without terms.
    """
    if unknown := sorted(made_from.corrected.by_partner.keys() - made_from.contracts.partners.keys()):
        raise BadInput(
            f"refunds take back what {', '.join(unknown)} earned, but partners.csv has no row of theirs that has "
            f"begun: keep the row"
        )
    network = Network(juniors_below(made_from, shards, each), made_from.corrected.overrides_back())
    merged = _Merged()
    for shard in each(settle_shard, replace(made_from, network=network), tuple(shards)):
        merged.add(shard)
        advance(len(shard.statements), "partners", len(made_from.contracts.partners))
    return merged.done(made_from)


def juniors_below(made_from: Statements, shards: Shards, each: Each = one_by_one) -> dict[str, list[Junior]]:
    """Who stands below each partner, and what they earned; known before the partners above them are asked.

    Where nobody earns on juniors, nobody is asked.
    """
    partners = made_from.contracts.partners
    if not any(rule.way.stage is Stage.NETWORK for partner in partners.values() for rule in partner.rules):
        return {}
    own_results: dict[str, OwnResult] = {}
    for found in each(own_results_of_shard, made_from, tuple(shards)):
        own_results |= found
    return juniors_of({partner_id: partner.terms.parent_id for partner_id, partner in partners.items()}, own_results)


@dataclass
class _Merged:
    """What the shards have come to so far: figures and packed files, never the bodies of two shards at once."""

    statements: list[Body] = field(default_factory=list)
    bodies: BodiesFile = field(default_factory=BodiesFile)
    accruals: ParquetFile = field(default_factory=ParquetFile)
    earned: list[pl.DataFrame] = field(default_factory=lambda: [EarnedAmounts.create_empty()])
    beside_payout: dict[str, tuple[BalanceBesidePayout, ...]] = field(default_factory=dict)
    costs: CostsByPartner = field(default_factory=CostsByPartner)

    def add(self, shard: SettledShard) -> None:
        """Add the next shard."""
        self.statements += shard.statements
        for statement, data in zip(shard.statements, shard.bodies, strict=True):
            self.bodies.add(statement.partner_id, data)
        self.accruals.append(shard.accruals)
        self.earned.append(shard.earned)
        self.beside_payout |= shard.beside_payout
        self.costs.include(shard.costs)

    def done(self, made_from: Statements) -> Calculated:
        """Return what the month comes to. Raises BadInput where activities cost more than a fund holds."""
        month = made_from.contracts.month
        must_cover_spending(self.beside_payout, made_from.contracts.programme.currency)
        self.earned.append(_spending(made_from.spending, str(month)))
        return Calculated(
            statements=tuple(self.statements),
            bodies=self.bodies.to_bytes(),
            earned=parquet_bytes(EarnedAmounts.validate(pl.concat(self.earned).sort(pl.all()))),
            accruals=self.accruals.to_bytes(),
            corrections=made_from.corrected.to_frame(month),
            sales_costs=self.costs.by_partner(),
        )


def _spending(spending: Sequence[Spending], month: str) -> pl.DataFrame:
    """What activities drew from funds."""
    rows = [
        (month, entry.partner_id, "", To.FUND.value, SPENDING, entry.entry_id, -entry.amount_minor)
        for entry in spending
    ]
    return pl.DataFrame(rows, schema=of_types(EarnedAmounts), orient="row")
