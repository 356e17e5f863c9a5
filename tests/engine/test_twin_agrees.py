"""The fast engine and the slow, obvious twin agree on every line and every kopeck."""

from datetime import date
from typing import Any, NamedTuple

import polars as pl
import pytest
import yaml
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from engine.calculate import Calculated, calculate
from engine.closed_months.corrections import Corrected
from engine.frames.bodies import bodies_in
from engine.frames.parquet import frame_from
from engine.frames.schemas import LineIds
from engine.frames.snapshot import Snapshot, no_lines
from engine.inputs import Balances
from engine.lines.attribute import bonds_of
from engine.lines.contracts import Contracts
from engine.lines.decided import DecidedMonth, ReceivedMonth, decide_lines
from engine.lines.returns import ReturnedSales
from engine.lines.validate import validate
from engine.settled_shard import Statements
from engine.sums.measures import Measures
from engine.sums.past import Past
from engine.sums.sum_inputs import SumInputs
from models.canonical import sha256
from models.formats import read_statement
from models.period import Period
from models.vendor import Claim, Tally, Terms
from rules.attribution import attribute
from rules.programme.file import parse_programme
from rules.terms.groups import Groups
from rules.terms.in_force import in_force
from tasks.extract import Window, extract
from tests.made.examples import tried_on
from tests.made.vendors import line
from tests.twins import twin

MONTH = Period(2026, 2)

PROGRAMME = """\
programme: twin-partners
starts: 2026-01
currency: RUB
timezone: Europe/Moscow
base: {base}
refunds: net_current
plans:
  volume:
    from: 2026-01
    earn:
      software: {{plan: percentage, categories: [software, licence], rate: 33.3%}}
      telephony:
        plan: tiered
        categories: [telephony]
        by: volume
        measure: {{categories: [telephony, hardware], window: month}}
        tiers: {{0: 8%, 10.00: 10%, 30.00: 12%, 100.00: 15%}}
    not_commissioned: {{hardware: sold at cost}}
  graduated:
    from: 2026-01
    earn:
      telephony:
        plan: tiered
        categories: [telephony, licence]
        by: graduated
        measure: all
        tiers: {{0: 8%, 10.00: 10%, 30.00: 12%, 100.00: 15%}}
    not_commissioned: {{software: not yours to sell}}
"""

DAYS = ["2025-12-31", "2026-01-20", "2026-01-31", "2026-02-01", "2026-02-10", "2026-02-28", "2026-03-01", None]

lines_of = st.lists(
    st.builds(
        lambda number, client, amount, category, currency, paid, kind, vat, rate: line(
            f"L{number}",
            client,
            amount,
            category=category,
            currency=currency,
            paid_on=paid,
            kind=kind,
            vat_minor=vat,
            vat_rate=rate,
        ),
        st.integers(0, 25),
        st.sampled_from(["A", "B", "C", "D", "E", None]),
        st.one_of(st.integers(-3000, 12000), st.sampled_from([1000, 999, 1001, 3000, 10000])),
        st.sampled_from(["software", "telephony", "telephony", "licence", "hardware", "training", None]),
        st.sampled_from(["RUB", "RUB", "RUB", "EUR", "XXX"]),
        st.sampled_from(DAYS),
        st.sampled_from(["charge", "charge", "charge", "credit_note", "gift"]),
        st.sampled_from([None, None, 0, 1]),
        st.sampled_from(["22", "0", "7.5", "20", None]),
    ),
    max_size=30,
)
open_before_of = st.lists(st.tuples(st.integers(0, 29), st.booleans()), max_size=8)
"""Places of lines that January left open, and whether they were sent otherwise then."""
claims_of = st.lists(
    st.tuples(st.sampled_from("ABCDE"), st.sampled_from(["P1", "P2", "P3"]), st.sampled_from(DAYS[:-1])), max_size=8
)
TERMS = [
    ("P1", "volume", "2026-01-01"),
    ("P2", "volume", "2026-01-01"),
    ("P2", "graduated", "2026-02-01"),
    ("P3", "graduated", "2026-02-10"),
]


class OneSource:
    """A source that gives the lines it was made with."""

    name = "test"
    keep: tuple[str, ...] = ()

    def __init__(self, lines: list[dict[str, Any]]) -> None:
        self.warnings: list[str] = []
        self.skipped: list[Tally] = []
        self.lines = lines

    def check(self) -> str:
        return "there"

    def read(self, since: date, until: date) -> Any:
        columns = [*line("", "", 0), "posted_on", "vat_minor", "vat_rate", "refunds_line_id", "amount"]
        texts = [{name: None if row.get(name) is None else str(row[name]) for name in columns} for row in self.lines]
        frame = pl.DataFrame(texts, schema=dict.fromkeys(columns, pl.String))
        yield frame.with_columns(source=pl.lit("test"), row=pl.int_range(pl.len(), dtype=pl.Int64))


class Settled(NamedTuple):
    """A month from its lines to its statements."""

    received: Snapshot
    decided: DecidedMonth
    calculated: Calculated


def carried_of(lines: list[dict[str, Any]]) -> pl.DataFrame:
    """Return lines as January left them open: the first of each id."""
    columns = [*no_lines().columns, "carried_from"]
    open_lines = {row["line_id"]: row | {"carried_from": "2026-01"} for row in reversed(lines)}
    texts = [
        {name: None if row.get(name) is None else str(row[name]) for name in columns} for row in open_lines.values()
    ]
    return pl.DataFrame(texts, schema=dict.fromkeys(columns, pl.String))


def settled(
    lines: list[dict[str, Any]], carried: list[dict[str, Any]], claims: list[Claim], base: str, lines_at_once: int
) -> Settled:
    programme = parse_programme(PROGRAMME.format(base=base))
    terms = [Terms(partner_id=who, name=who, plan=plan, from_day=date.fromisoformat(day)) for who, plan, day in TERMS]
    contracts = Contracts(MONTH, programme, in_force(terms, programme, MONTH))
    nothing = LineIds.create_empty()
    received = extract(Window(MONTH, 2), [OneSource(lines)], carried_of(carried), nothing).lines
    judged = validate(received, nothing, programme.base)
    bonds = bonds_of(attribute(claims, {}, MONTH.last_day)[0])
    decided = decide_lines(ReceivedMonth(received, judged, bonds, ReturnedSales.none()), contracts, lines_at_once)
    asked = SumInputs(MONTH, decided.sums, Past(), Measures(decided.sums, Groups(), Period(2026, 1)))
    made_from = Statements(contracts, Balances(), asked, bonds, (), Corrected(), sha256(received.data))
    return Settled(received, decided, calculate(made_from, decided.shards))


@pytest.mark.parametrize("base", ["gross", "net_of_vat"])
@tried_on(15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=lines_of,
    open_before=open_before_of,
    claimed=claims_of,
    lines_at_once=st.sampled_from([5, 11, 100]),
    data=st.data(),
)
def test_the_engine_and_its_slow_twin_agree_on_every_line_and_every_kopeck(
    base: str, lines: list[dict[str, Any]], open_before: list[tuple[int, bool]], claimed: list[tuple[str, str, str]],
    lines_at_once: int, data: st.DataObject,
) -> None:  # fmt: skip
    claims = [
        Claim(claim_id=f"K{number}", client_id=client, partner_id=partner, claimed_on=date.fromisoformat(day))
        for number, (client, partner, day) in enumerate(claimed)
    ]
    carried = [
        lines[place] | ({"amount_minor": 7} if was_other else {})
        for place, was_other in open_before
        if place < len(lines)
    ]
    month = settled(lines, carried, claims, base, lines_at_once)
    received = frame_from(month.received.data)
    slow = twin.settle_month(
        list(received.iter_rows(named=True)),
        period=str(MONTH), starts="2026-01", currency="RUB", base=base,
        claims=[claim.as_json() for claim in claims],
        terms=[{"partner_id": partner, "plan": plan, "from": day} for partner, plan, day in TERMS],
        plans=yaml.load(PROGRAMME.format(base=base), Loader=yaml.BaseLoader)["plans"],
    )  # fmt: skip

    assert frame_from(month.decided.lines).select("outcome", "reason").rows() == slow.fates
    fast = {
        (statement.partner.partner_id, rule.rule): (
            rule.lines,
            rule.base_minor,
            rule.commission_minor,
            {client.client_id: (client.lines, client.base_minor, client.commission_minor) for client in rule.clients},
        )
        for statement in map(read_statement, bodies_in(month.calculated.bodies))
        for rule in statement.rules
    }
    assert fast == {
        key: (accrual.lines, accrual.base_minor, accrual.commission_minor, accrual.clients)
        for key, accrual in slow.accruals.items()
    }

    again = settled(data.draw(st.permutations(lines)), carried, claims, base, lines_at_once=1_000)
    assert again.calculated.statements == month.calculated.statements
    assert again.calculated.bodies == month.calculated.bodies
    assert again.calculated.earned == month.calculated.earned
    assert again.calculated.accruals == month.calculated.accruals
    assert again.decided.lines == month.decided.lines
    assert again.decided.settled == month.decided.settled
    assert again.decided.carried == month.decided.carried
    assert again.decided.sums.equals(month.decided.sums)
    assert again.decided.tallies == month.decided.tallies
