"""Calculate: sum the lines to what the rules ask, shard by shard, and write each partner's statement.

The frame does the sums; everything the contract says happens in `rules/`, in exact Python, on a few
rows per partner. A shard is some of the partners, so any number of shards gives the same statements.
"""

import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from zlib import crc32

import polars as pl

from models.billing import Outcome, Reason
from models.period import Period
from models.statement import Apart
from models.vendor import Attribution, Spending
from rules.apart import Openings, apart, must_cover
from rules.commission import Accrued, accrue, accrue_network
from rules.lines.reading import vat_by_rate_minor
from rules.network import juniors_of
from rules.plan import Stage, Sums, To
from rules.programme.file import Programme
from rules.statement import Body, PartnerMonth, body
from rules.terms import InForce
from tasks.asked import Asked
from tasks.client_sums import selected, servable, settled
from tasks.evidence import Evidence
from tasks.past import EARNED_SCHEMA, SPENDING
from tasks.serving import served_by
from tasks.step import step
from tasks.summing import answers

log = logging.getLogger("settle")


@dataclass(frozen=True)
class Balances:
    """What each partner starts the month with, and the digest of the statement before; absent: 0 and blank."""

    opening_minor: Mapping[str, int]
    previous_statement: Mapping[str, str]
    apart: Openings = field(default_factory=dict)  # partner -> fund, credit, person -> minor units


@dataclass(frozen=True, eq=False)
class Calculated:
    """Statement bodies by partner id, what every rule accrued to each, and that as a frame (EARNED_SCHEMA)."""

    statements: tuple[Body, ...]
    accrued: Mapping[str, tuple[Accrued, ...]]
    earned: pl.DataFrame


@step(name="calculate")
def calculate(
    lines: pl.DataFrame,
    by_client: Mapping[str, Attribution],
    partners: Mapping[str, InForce],
    balances: Balances,
    programme: Programme,
    asked: Asked,
    spending: Sequence[Spending],
    lines_digest: str,
    shards: int,
) -> Calculated:
    """Return every partner's statement body for the month, sorted by partner id.

    `lines` have their values (`with_base`). Juniors are known before the partners above them are asked.
    """
    served = _served(lines, partners, asked)
    of_partners = lines.filter(pl.col("partner_id").is_not_null())
    accrued: dict[str, tuple[Accrued, ...]] = {}
    of_networks: dict[str, Mapping[str, Sums]] = {}
    members = list(_shards(partners, shards))
    for number, shard in enumerate(members, start=1):
        mine, theirs = _of(of_partners, shard), _of(served, shard)
        log.debug("shard %d of %d: %d partners, %d lines", number, shards, len(shard), mine.height)
        for partner_id, sums in answers(settled(mine), theirs, shard, asked).items():
            accrued[partner_id] = accrue(shard[partner_id].rules, sums)
            of_networks[partner_id] = {
                rule.name: sums[rule.name] for rule in shard[partner_id].rules if rule.plan.stage is Stage.NETWORK
            }
    parents = {partner_id: partner.terms.parent_id for partner_id, partner in partners.items()}
    for partner_id, juniors in juniors_of(parents, accrued).items():
        if sums_of_network := of_networks.get(partner_id):
            accrued[partner_id] += accrue_network(partners[partner_id].rules, sums_of_network, juniors)

    kept = {
        partner_id: apart(
            accrued[partner_id],
            balances.apart.get(partner_id, {}),
            [entry for entry in spending if entry.partner_id == partner_id],
        )
        for partner_id in partners
    }
    must_cover(kept, programme.currency)
    names = _names(partners, asked)
    bodies: list[Body] = []
    for shard in members:
        mine, theirs = _of(of_partners, shard), _of(served, shard)
        bodies += _statements(
            mine, theirs, shard, accrued, kept, names, by_client, balances, programme, asked, lines_digest
        )
    return Calculated(
        tuple(sorted(bodies, key=lambda body: body.partner_id)), accrued, _earned(accrued, spending, asked.month)
    )


def with_base(lines: pl.DataFrame, programme: Programme) -> pl.DataFrame:
    """Add `value_minor`, the part of the amount that commission can be on, and `base_minor`, where it counts.

    A rejected line has no value here, nor has one in another currency. A line that settles, or that the plan
    excludes, has its value for a base.
    """
    value = pl.col("amount_minor")
    if programme.base == "net_of_vat":
        # VAT comes from the invoice: its own amount, else its rate; never from the date of payment.
        value = value - pl.coalesce("vat_minor", vat_by_rate_minor())
    counts = (pl.col("outcome") == Outcome.SETTLED.value) | (pl.col("reason") == Reason.EXCLUDED.value)
    has_value = (pl.col("outcome") != Outcome.REJECTED.value) & (pl.col("currency") == programme.currency)
    valued = lines.with_columns(value_minor=pl.when(has_value).then(value))
    return valued.with_columns(base_minor=pl.when(counts).then("value_minor"))


def _shards(partners: Mapping[str, InForce], shards: int) -> Iterator[dict[str, InForce]]:
    for number in range(shards):
        members = {key: value for key, value in partners.items() if crc32(key.encode()) % shards == number}
        if members:
            yield members


def _of(lines: pl.DataFrame, shard: Mapping[str, InForce]) -> pl.DataFrame:
    return lines.filter(pl.col("partner_id").is_in(list(shard)))


def _served(lines: pl.DataFrame, partners: Mapping[str, InForce], asked: Asked) -> pl.DataFrame:
    """The lines of the clients each partner serves, as that partner's own: its block, and the rule that has them."""
    servers = pl.DataFrame(
        [(key, each.parts[-1].key, each.since, each.parts[-1].paid_until) for key, each in partners.items()],
        schema={"partner_id": pl.String, "block": pl.String, "since": pl.Date, "ended": pl.Date},
        orient="row",
    )
    blocks = {partner.parts[-1].key: partner.parts[-1].block for partner in partners.values()}
    has = [
        pl.when((pl.col("block") == key) & selected(cut.lines)).then(pl.lit(name))
        for key, block in sorted(blocks.items())
        for name, plan in block.earn.items()
        if (cut := plan.cut()).served and cut.lines
    ]
    return (
        served_by(servable(lines), asked.assignments if has else ())
        .drop("partner_id", "block", "rule")
        .rename({"server_id": "partner_id"})
        .join(servers, on="partner_id", how="inner", maintain_order="left")
        .filter(pl.col("paid_on") >= pl.col("since"), pl.col("ended").is_null() | (pl.col("paid_on") < pl.col("ended")))
        .with_columns(rule=pl.coalesce(*has, pl.lit(None, pl.String)))
        .filter(pl.col("rule").is_not_null())
        .drop("since", "ended")
    )


def _earned(accrued: Mapping[str, tuple[Accrued, ...]], spending: Sequence[Spending], month: Period) -> pl.DataFrame:
    """What every rule accrued, by client, event ...: what later months' limits, and cancellations, look at."""
    rows: list[tuple[str | int, ...]] = [
        (
            str(month),
            partner_id,
            each.rule.partition("@")[0],
            each.to.value,
            each.earned.shared_by,
            part.key,
            part.minor,
        )
        for partner_id, mine in sorted(accrued.items())
        for each in mine
        for part in each.parts()
    ]
    rows += [
        (str(month), entry.partner_id, "", To.FUND.value, SPENDING, entry.entry_id, -entry.amount_minor)
        for entry in spending
    ]
    return pl.DataFrame(rows, schema=EARNED_SCHEMA, orient="row").sort(pl.all())


def _statements(
    lines: pl.DataFrame,
    served: pl.DataFrame,
    partners: Mapping[str, InForce],
    accrued: Mapping[str, tuple[Accrued, ...]],
    kept: Mapping[str, tuple[Apart, ...]],
    names: Mapping[str, str],
    by_client: Mapping[str, Attribution],
    balances: Balances,
    programme: Programme,
    asked: Asked,
    lines_digest: str,
) -> Iterator[Body]:
    evidence = Evidence.of(lines, pl.concat([settled(lines), _serving(served, accrued)], how="diagonal_relaxed"))
    serving: dict[str, dict[str, Attribution]] = defaultdict(dict)
    for each in asked.assignments:
        serving[each.partner_id][each.client_id] = Attribution(
            client_id=each.client_id, partner_id=each.partner_id, claim_id=each.assignment_id, claimed_on=each.from_day
        )
    for partner_id, partner in partners.items():
        statement = body(
            PartnerMonth(
                in_force=partner,
                opening_minor=balances.opening_minor.get(partner_id, 0),
                accrued=accrued[partner_id],
                apart=kept[partner_id],
                client_names=evidence.client_names,
                names=names,
                attributions=by_client,
                assignments=serving.get(partner_id, {}),
                not_included=tuple(evidence.not_included.get(partner_id, ())),
                payments=tuple(evidence.payments.get(partner_id, ())),
                previous_statement=balances.previous_statement.get(partner_id, ""),
            ),
            programme,
            asked.month,
            lines_digest,
        )
        yield Body.of(statement)


def _names(partners: Mapping[str, InForce], asked: Asked) -> dict[str, str]:
    """What people call an event, a person, a partner, by its id."""
    events = asked.events.select(
        "event_id", pl.concat_str("kind", "product_code", "client_id", separator=", ", ignore_nulls=True)
    )
    people = {person.person_id: person.name for person in asked.employees}
    return dict(events.iter_rows()) | people | {partner_id: each.terms.name for partner_id, each in partners.items()}


def _serving(served: pl.DataFrame, accrued: Mapping[str, tuple[Accrued, ...]]) -> pl.DataFrame:
    """The lines a partner earned on for serving the client: one of its statement's payments each."""
    return served.filter(
        pl.struct("partner_id", "rule").is_in(
            [{"partner_id": pid, "rule": each.rule} for pid, mine in accrued.items() for each in mine]
        )
    )
