"""A draft: extract, validate, attribute, calculate. Pure after extract: the same inputs give the same digest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from flows.office import Office
from models.billing import LINE_SCHEMA, TEXT_COLUMNS, Outcome
from models.canonical import canonical_json, sha256
from models.errors import CannotApprove
from models.money import major
from models.period import Period
from models.vendor import ControlTotal, Tally
from rules.control import Received, disagreements, not_conserved
from rules.draft import Draft, document
from rules.programme import Programme
from rules.reading import amount_minor_of
from rules.statement import Body
from rules.terms import in_force
from tasks.attribute import attribute
from tasks.calculate import Balances, calculate
from tasks.code_version import code_version
from tasks.extract import Extract, extract
from tasks.frames import parquet_bytes
from tasks.history import History
from tasks.validate import RejectedLine, Validated, validate
from tasks.vendor_folder import VendorFolder

SHOWN = 1_000
"""Rejected lines a run reports one by one; all of them are in the archive."""

CHANGES = 10
"""Partners a draft compares with last month, largest change first."""

STATEMENTS_PER_GROUP = 50  # a batch of documents unpacks a few groups, not all statements

NO_LINES = {name: pl.String() for name in (*TEXT_COLUMNS, "carried_from")}
ARCHIVED_COLUMNS = (
    *(name for name in LINE_SCHEMA if name not in ("reasons", "as_received")),
    "partner_id",
    "rule",
    "base_minor",
    "outcome",
    "reason",
    "note",
    "late",
    "as_received",
)
NOT_ARCHIVED = ("reasons", "source", "row", "claim_id")


@dataclass(frozen=True)
class Drafted:
    """A draft, and what a person should know before saying yes to it."""

    draft: Draft
    warnings: tuple[str, ...]
    rejected: tuple[RejectedLine, ...]
    last_commission_minor: Mapping[str, int]  # by partner, of the month before
    unbalanced: tuple[str, ...]  # why the month cannot be approved; empty when it can

    def must_balance(self) -> None:
        """Raise CannotApprove where lines are lost or the vendor's totals differ."""
        if self.unbalanced:
            raise CannotApprove(
                f"{self.draft.period} cannot be approved:\n  " + "\n  ".join(self.unbalanced) + "\n"
                "Nothing was settled. Correct the billing or control.csv, and run the month again."
            )

    def changes(self) -> list[str]:
        """What differs most from the month before, in words: each partner's commission then and now."""
        now = {body.partner_id: body.summary.commission_minor for body in self.draft.statements}
        before = self.last_commission_minor
        moved = {partner: now.get(partner, 0) - before.get(partner, 0) for partner in now.keys() | before.keys()}
        largest = sorted((p for p in moved if moved[p]), key=lambda partner: (-abs(moved[partner]), partner))

        def money(minor: int) -> str:
            return major(minor, self.draft.programme.currency)

        return [
            f"{partner}: {money(before.get(partner, 0))} last month, {money(now.get(partner, 0))} now "
            f"({'+' if moved[partner] > 0 else ''}{money(moved[partner])})"
            for partner in largest[:CHANGES]
        ]


def draft_month(month: Period, vendor: VendorFolder, programme: Programme, history: History, office: Office) -> Drafted:
    """Work out what is owed for a month. Writes nothing."""
    settings = office.settings
    partners = in_force(vendor.partners, programme, month, history.partners, history.owed)
    carried = history.carried if history.carried is not None else pl.DataFrame(schema=NO_LINES)
    look_back = settings.look_back_months if settings.look_back_months is not None else vendor.look_back_months

    received = extract(month, programme.starts, vendor.sources, carried, history.settled_before, look_back)
    valid = validate(received.lines, history.settled_before, programme.base)
    attributed = attribute(
        valid.lines, vendor.claims, history.attributions, history.decided_claims, partners, programme, month
    )
    files = vendor.files | {"billing.parquet": received.snapshot}
    balances = Balances(history.opening_minor, history.previous_statement)
    lines_digest = sha256(received.snapshot)
    calculated = calculate(
        attributed.lines, attributed.by_client, partners, balances, programme, month, lines_digest, settings.shards
    )

    tallies = (*_tallies(calculated.lines), *received.other_month)
    unbalanced = _unbalanced(received, tallies, vendor.control, month)
    control = "absent" if vendor.control is None else "disagrees" if unbalanced else "agrees"
    files = files | _results(calculated.lines, calculated.statements, valid)
    draft = Draft(
        period=month,
        programme=programme,
        statements=calculated.statements,
        claims=vendor.claims,
        attributions=attributed.new,
        rejected_claims=attributed.rejected,
        tallies=tallies,
        control=control,
        document=document(
            period=month,
            programme=programme,
            code=code_version(),
            files=files,
            tallies=tallies,
            control=control,
            attributions=attributed.new,
            rejected_claims=attributed.rejected,
            statements=calculated.statements,
        ),
        files=files,
    )
    return Drafted(
        draft=draft,
        warnings=(*vendor.warnings, *received.warnings, *_warnings(vendor)),
        rejected=valid.first_rejected(SHOWN),
        last_commission_minor=history.last_commission_minor,
        unbalanced=tuple(unbalanced),
    )


def _results(lines: pl.DataFrame, statements: Sequence[Body], valid: Validated) -> dict[str, bytes]:
    """What was worked out, as files: every line and what became of it, the statements' bodies, the judgement."""
    extras = [name for name in lines.columns if name not in (*ARCHIVED_COLUMNS, *NOT_ARCHIVED)]
    bodies = pl.DataFrame(
        {
            "partner_id": [body.partner_id for body in statements],
            "statement": [body.data.decode() for body in statements],
        },
        schema={"partner_id": pl.String, "statement": pl.String},
    )
    return {
        "lines.parquet": parquet_bytes(lines.select(*ARCHIVED_COLUMNS, *extras)),
        "statements.parquet": parquet_bytes(bodies, STATEMENTS_PER_GROUP),
        "expectations.json": canonical_json(valid.result),
    }


def _tallies(lines: pl.DataFrame) -> list[Tally]:
    grouped = (
        lines.group_by("outcome", "reason", pl.col("currency").fill_null(""))
        .agg(pl.len().cast(pl.Int64).alias("lines"), pl.col("amount_minor").sum())
        .sort("outcome", "reason", "currency")
    )
    return [Tally(**row) for row in grouped.iter_rows(named=True)]


def _unbalanced(
    received: Extract, tallies: Sequence[Tally], control: Sequence[ControlTotal] | None, month: Period
) -> list[str]:
    """Laws the draft breaks: a line without an outcome, or a total the vendor counts differently."""
    counted = (
        received.lines.with_columns(amount_minor_of(), pl.col("currency").fill_null(""))
        .group_by("currency")
        .agg(pl.len().cast(pl.Int64).alias("lines"), pl.col("amount_minor").sum())
    )
    came_in = {currency: Received(lines, amount) for currency, lines, amount in counted.iter_rows()}
    kept = [tally for tally in tallies if tally.outcome != Outcome.OTHER_MONTH.value]
    found = [f"lines were lost: {words}" for words in not_conserved(came_in, kept)]
    return found + (disagreements(control, received.posted, month) if control is not None else [])


def _warnings(vendor: VendorFolder) -> list[str]:
    if vendor.control is not None:
        return []
    return ["there is no control.csv: the vendor's own totals could not be compared, and the seal will say so."]
