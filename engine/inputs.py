"""Month inputs: everything a draft rests on, frozen; each part is stored under its digest and read back equal."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import dataframely as dy
import polars as pl

from engine.frames.later_columns import with_later_columns
from engine.frames.parquet import frame_from
from engine.frames.schemas import (
    Bonds,
    CitedStatements,
    Corrections,
    DecidedClaims,
    EarnedAmounts,
    JudgedEvents,
    LineIds,
    MonthSums,
    ReceivedEvents,
    RejectedLines,
    Returns,
    SaleAccruals,
    SoldLines,
)
from engine.frames.snapshot import Snapshot, no_snapshot
from engine.sums.measures import Measures
from engine.sums.past import Past
from models.billing import Outcome
from models.canonical import canonical_json
from models.period import Period
from models.restated import Restated
from models.vendor import (
    Adjustment,
    Approver,
    Assignment,
    Claim,
    ControlTotal,
    Employee,
    Exclusion,
    Match,
    Spending,
    Tally,
    Terms,
)
from rules.payout import HELD
from rules.programme.file import Programme
from rules.terms.groups import Groups

MONTH = "month.json"
BILLING = "billing.parquet"
EVENTS_RECEIVED = "events-received.parquet"
RESTATED = "restated.json"
STOOD = "stood.parquet"
"""Of a later version of a month: why (Restated), and what each rule came to before (EarnedAmounts)."""
STANDING = "stands-"
"""What the names of the parts begin with by which the terms of a restated month stand, as `stands-2026-01-...`."""
CITED = "cited.parquet"
"""The statements that corrections may cite (CitedStatements); not there where nothing is corrected."""
LATE_INVOICES = "late-invoices.parquet"
"""The lines of earlier months' invoices that no month has seen (LineIds); not there where no measure asks for them."""
HOLDS = "holds.json"
"""Whose payout a person withholds, and why; not there where nobody's is."""
OTHER_MONTH = "other-month.csv.gz"
"""The lines read and left to other months: kept beside the parts, for they are no part of the draft."""


@dataclass(frozen=True)
class VendorTables:
    """What the vendor's tables say beside the billing."""

    partners: tuple[Terms, ...]
    claims: tuple[Claim, ...] = ()
    control: tuple[ControlTotal, ...] | None = None  # None: the vendor gives none
    assignments: tuple[Assignment, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    employees: tuple[Employee, ...] = ()
    spending: tuple[Spending, ...] = ()
    matches: tuple[Match, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    approvers: tuple[Approver, ...] | None = None  # None: there is no such file


@dataclass(frozen=True)
class Balances:
    """What a month starts with: balances in minor units, each partner's statement before, and the SEAL before."""

    opening_minor: Mapping[str, int] = field(default_factory=dict)  # by partner
    apart_minor: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # by partner: fund, credit, person, held
    previous_statement: Mapping[str, str] = field(default_factory=dict)  # digest by partner
    last_commission_minor: Mapping[str, int] = field(default_factory=dict)  # by partner, of the month before
    previous_seal: str = ""  # digest of the last SEAL; blank before the first

    @property
    def owed(self) -> set[str]:
        """The partners with a balance, or of whom something is withheld."""
        held = {partner for partner, balances in self.apart_minor.items() if balances.get(HELD)}
        return held | {partner for partner, balance in self.opening_minor.items() if balance}


@dataclass(frozen=True, eq=False)
class EarlierMonths:
    """Facts of the months before, as far as a draft may read them. Nothing, before the first month."""

    bonds: pl.DataFrame = field(default_factory=Bonds.create_empty)
    decided_claims: frozenset[str] = frozenset()
    settled: pl.DataFrame = field(default_factory=LineIds.create_empty)
    rejected: pl.DataFrame = field(default_factory=RejectedLines.create_empty)
    past: Past = field(default_factory=Past)  # where a rule looks back, or a refund does
    returns: pl.DataFrame = field(default_factory=Returns.create_empty)  # of all earlier months
    corrections: pl.DataFrame = field(default_factory=Corrections.create_empty)  # of all earlier months
    sold: pl.DataFrame = field(default_factory=SoldLines.create_empty)  # what this month's refunds may give back
    adjustments: tuple[Adjustment, ...] = ()  # that earlier months settled
    sale_accruals: pl.DataFrame = field(default_factory=SaleAccruals.create_empty)
    cited: pl.DataFrame = field(default_factory=CitedStatements.create_empty)  # what corrections may cite
    events: pl.DataFrame = field(default_factory=JudgedEvents.create_empty)  # of all earlier months
    balances: Balances = field(default_factory=Balances)

    @property
    def decided_events(self) -> pl.DataFrame:
        """The events that an earlier month settled, or ended for good."""
        return self.events.filter(pl.col("outcome").is_in([Outcome.SETTLED.value, Outcome.FINAL.value]))

    @classmethod
    def from_parts(cls, parts: Mapping[str, bytes]) -> "EarlierMonths":
        """Return what the parts of a month's inputs say of the months before."""
        said = json.loads(parts[MONTH])
        claims = _together(parts, "claims-", DecidedClaims)
        return cls(
            bonds=Bonds.validate(claims.filter("is_accepted")),
            decided_claims=frozenset(claims["claim_id"]),
            settled=settled_in(parts),
            rejected=_together(parts, "rejected-", RejectedLines),
            past=Past(_together(parts, "sums-", MonthSums)),
            returns=returns_in(parts),
            corrections=_together(parts, "corrections-", Corrections),
            adjustments=adjustments_in(parts),
            events=_together(parts, "events-", JudgedEvents),
            balances=Balances(
                said["opening_minor"],
                said["apart_minor"],
                said["previous_statement"],
                said["last_commission_minor"],
                said.get("previous_seal", ""),  # months drafted before did not say it
            ),
        ).with_sales(parts)

    def with_sales(self, parts: Mapping[str, bytes]) -> "EarlierMonths":
        """Return the same with what the parts say of sales: which may be given back, and what rules earned."""
        return replace(
            self,
            past=Past(self.past.sums, _together(parts, "earned-", EarnedAmounts)),
            sold=_together(parts, "sold-", SoldLines),
            sale_accruals=_together(parts, "accrued-", SaleAccruals),
        ).with_cited(parts)

    def with_cited(self, parts: Mapping[str, bytes]) -> "EarlierMonths":
        """Return the same with what the parts say of statements that corrections may cite."""
        return replace(self, cited=_cited(parts))


def _cited(parts: Mapping[str, bytes]) -> pl.DataFrame:
    return CitedStatements.validate(frame_from(parts[CITED])) if CITED in parts else CitedStatements.create_empty()


def settled_in(parts: Mapping[str, bytes]) -> pl.DataFrame:
    """Return the ids (LineIds) of all lines that the months in these parts are done with."""
    return _together(parts, "settled-", LineIds)


def returns_in(parts: Mapping[str, bytes]) -> pl.DataFrame:
    """Return what refunds took of sales (Returns) in the months in these parts."""
    return _together(parts, "returns-", Returns)


def adjustments_in(parts: Mapping[str, bytes]) -> tuple[Adjustment, ...]:
    """Return the adjustments that the months in these parts settled."""
    names = sorted(name for name in parts if name.startswith("adjustments-"))
    return tuple(Adjustment.model_validate(each) for name in names for each in json.loads(parts[name]))


def holds_in(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Return why payouts are withheld, by partner."""
    said: dict[str, str] = json.loads(parts[HOLDS]) if HOLDS in parts else {}
    return said


def with_holds(parts: Mapping[str, bytes], held: Mapping[str, str]) -> dict[str, bytes]:
    """Return the parts of a month in which these payouts are withheld, and no others."""
    others = {name: data for name, data in parts.items() if name != HOLDS}
    return others | ({HOLDS: canonical_json(dict(held))} if held else {})


class Standing(NamedTuple):
    """By what a closed month's terms stand: the programme and the partners of its newest version."""

    programme: Programme
    partners: tuple[Terms, ...]


class Code(NamedTuple):
    """What worked the month out: the code, and the lock file of what it was installed with, by digest."""

    version: str
    lock: str = ""


def month_json(month: Period, code: Code, look_back: int | None, balances: Balances) -> bytes:
    """Return the part `month.json`: which month, by which code and setting, and what partners start it with."""
    return canonical_json(
        {
            "format": 1,
            "period": str(month),
            "code": code.version,
            "lock": code.lock,
            "look_back_months": look_back,
            "opening_minor": balances.opening_minor,
            "apart_minor": balances.apart_minor,
            "previous_statement": balances.previous_statement,
            "last_commission_minor": balances.last_commission_minor,
            "previous_seal": balances.previous_seal,
        }
    )


def later_version(
    own: Mapping[str, bytes], files: Mapping[str, bytes], restated: Restated, code: Code
) -> dict[str, bytes]:
    """Return the parts of a closed month's later version: its own, with the files that correct them, by today's code.

    `own` has what its rules came to up to now as STOOD.
    """
    month = json.loads(own[MONTH]) | {"code": code.version, "lock": code.lock}
    said = canonical_json(restated.model_dump(mode="json"))
    return {**own, **files, MONTH: canonical_json(month), RESTATED: said}


def _together(parts: Mapping[str, bytes], prefix: str, schema: type[dy.Schema]) -> pl.DataFrame:
    """The frames of every earlier month, oldest first."""
    names = sorted(name for name in parts if name.startswith(prefix) and name != EVENTS_RECEIVED)
    frames = [with_later_columns(frame_from(parts[name]), schema).select(schema.column_names()) for name in names]
    return schema.validate(pl.concat([schema.create_empty(), *frames]))


@dataclass(frozen=True, eq=False)
class MonthInputs:
    """Everything a draft rests on. Two are equal when their parts are, byte for byte."""

    month: Period
    code: str  # the code that gathered it
    programme: Programme
    vendor: VendorTables
    earlier: EarlierMonths
    parts: Mapping[str, bytes]  # by name, as they are stored: what all of the above was read from
    lines: Snapshot = field(default_factory=no_snapshot)
    events: pl.DataFrame = field(default_factory=ReceivedEvents.create_empty)
    lines_left: tuple[Tally, ...] = ()  # lines read and left to other months: counted, and no part of the draft
    events_left: tuple[Tally, ...] = ()
    beside: Mapping[str, bytes] = field(default_factory=dict)  # kept with the draft, and named in control.json
    restated: Mapping[str, "MonthInputs"] = field(default_factory=dict)  # the closed months worked out again, by month
    restated_by: Restated | None = None  # where this is a later version of the month: why
    versions: Mapping[str, "MonthInputs"] = field(default_factory=dict)  # that become facts with the month, by month
    standing: Mapping[str, Standing] = field(default_factory=dict)  # of closed months that were restated, by month
    again: frozenset[str] = frozenset()  # of a month worked out again: the lines put in for what was given back since
    event_places: pl.DataFrame | None = None  # where each event was read; None from an archive
    warnings: tuple[str, ...] = ()  # what reading found odd; none from an archive
    stopped: tuple[str, ...] = ()  # why the month must not be approved as it was read; none from an archive
    changed: tuple[str, ...] = ()  # what was written otherwise in closed months, in words; none from an archive

    @property
    def held(self) -> dict[str, str]:
        """Why payouts are withheld, by partner."""
        return holds_in(self.parts)

    @property
    def late_invoices(self) -> frozenset[str]:
        """The ids of lines whose invoice is of an earlier month, and that no month has seen."""
        return (
            frozenset(frame_from(self.parts[LATE_INVOICES])["line_id"]) if LATE_INVOICES in self.parts else frozenset()
        )

    @property
    def groups(self) -> Groups:
        """Who is measured together, by month."""
        return Groups.of(self.vendor.partners)

    def measures(self, sums: pl.DataFrame) -> Measures:
        """Return what answers measures from these sums (MonthSums), of months up to this one."""
        return Measures(sums, self.groups, self.programme.starts)

    def stands(self, month: str) -> Standing:
        """Return by what the terms of a closed month stand."""
        if version := self.versions.get(month):
            return Standing(version.programme, version.vendor.partners)
        return self.standing.get(month, Standing(self.programme, self.vendor.partners))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MonthInputs) and self._content() == other._content()

    def __hash__(self) -> int:
        return hash((self.month, self.code))

    def _content(self) -> tuple[object, ...]:
        return self.month, self.code, dict(self.parts), self.lines_left, self.events_left
