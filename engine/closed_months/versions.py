"""Versions: a closed month worked out again by corrected files, and what the month that settles it posts for it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import polars as pl

from engine.closed_months.restating import WorkOut, amounts_of
from engine.closed_months.taken_again import returned_since, taken_again
from engine.frames.bodies import BodiesFile, bodies_in
from engine.frames.later_columns import with_later_columns
from engine.frames.parquet import frame_from, scan
from engine.frames.schemas import CitedStatements, Corrections, EarnedAmounts, MonthSums, SaleAccruals, of_types
from engine.inputs import STOOD, EarlierMonths, MonthInputs
from engine.lines.sold import sale_accruals, sold_again
from engine.sums.past import Past
from models.errors import BadInput
from models.restated import Restated
from models.statement import CorrectionKind
from models.vendor import Adjustment
from rules.corrections.cancelled import earn_otherwise
from rules.corrections.restatement import posted_for, put_right_by_hand, superseding
from rules.corrections.taken_back import Correction, differences
from rules.draft import Draft
from rules.programme.file import Programme

BODIES, LINES, SUMS, EARNED = "statements.parquet", "lines.parquet", "sums.parquet", "earned.parquet"
ACCRUALS, CORRECTIONS = "accruals.parquet", "corrections.parquet"

MOST_NAMED = 5  # cancelled events in one sentence


def as_version(made: Draft, inputs: MonthInputs, restated: Restated) -> Draft:
    """Return a month that was worked out again as a later version of it: only statements that come to something else.

    They book nothing: the difference is posted by the month that settles it. Raises BadInput where a statement that
    was issued would be gone.
    """
    stood, now = amounts_of(frame_from(inputs.parts[STOOD])), amounts_of(frame_from(made.results[EARNED]))
    changed = {each.earning.partner_id for each in differences(stood, now)}
    if gone := sorted(changed - {body.partner_id for body in made.statements}):
        raise BadInput(
            f"{restated.version}: {', '.join(gone)} would have no statement any more by the corrected files, and one "
            f"that was issued stays: leave the partner its terms there, and put the amount right by settle adjust."
        )
    bodies, kept = BodiesFile(), []
    for body, data in zip(made.statements, bodies_in(made.results[BODIES]), strict=True):
        if body.partner_id in changed:
            total_minor = body.summary.commission_minor + body.summary.corrections_minor
            bodies.add(body.partner_id, superseding(data, restated, body.partner_id, total_minor))
            kept.append(body._replace(key=restated.version.of(body.partner_id), entries=()))
    results = {**made.results, BODIES: bodies.to_bytes()}
    return replace(made, statements=tuple(kept), results=results, restated=restated)


def against(made: Draft, earlier: EarlierMonths, by_hand: Iterable[Adjustment], programme: Programme) -> list[str]:
    """Return why a version cannot become a fact now, with these months before and adjustments by hand; else nothing.

    `programme` is that of the month that would settle it.
    """
    month, found = str(made.period), []
    for name in ("programme", "currency", "starts"):
        if (was := getattr(programme, name)) != (now := getattr(made.programme, name)):
            found.append(f"programme.yaml names the {name} {now}, and it is {was}: correct the programme's own file")
    looks_on = any(each.limits_a_life or each.takes_goals_back for each in (programme, made.programme))
    given_back = returned_since(earlier, month, programme)["month"].unique().sort()
    if looks_on and len(given_back):
        found.append(
            f"sales of {month} were given back in {', '.join(given_back)}, and a cap for life, or a goal that is taken "
            f"back, looks at what is left of them in every month since: figure the difference, and write it with "
            f"settle adjust"
        )
    if not made.statements:
        found.append("no partner's commission changes by it")
    found += put_right_by_hand(month, (*earlier.adjustments, *by_hand))
    posted = earlier.corrections.filter(pl.col("month") == month)
    again = frame_from(made.results[CORRECTIONS]) if CORRECTIONS in made.results else Corrections.create_empty()
    if not _without_names(posted).equals(_without_names(Corrections.validate(again))):
        found.append(f"what {month} posted for earlier months would change: put that right by settle adjust")
    decided = {each.claim_id for each in made.attributions} | {each.claim.claim_id for each in made.rejected_claims}
    if decided - earlier.decided_claims:
        found.append(
            "it would decide claims that were not decided, and an attribution is for ever: put the amount right by "
            "settle adjust"
        )
    return [*found, *made.findings.stopped]


def cancelled_since(made: Draft, version: MonthInputs, earlier: EarlierMonths) -> list[str]:
    """Return why a version cannot become a fact where events that were cancelled since would earn something else."""
    cancelled = set(earlier.decided_events["cancels_event_id"].drop_nulls())
    if not cancelled:
        return []
    was, now = amounts_of(frame_from(version.parts[STOOD])), amounts_of(frame_from(made.results[EARNED]))
    found = earn_otherwise(cancelled, was, now)
    if not found:
        return []
    named = ", ".join(found[:MOST_NAMED]) + (f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else "")
    return [
        f"events of {version.month} were cancelled since, {named}, and would have earned something else: what was "
        f"taken back for them stays as it was, so figure the difference, and write it with settle adjust"
    ]


def _without_names(corrections: pl.DataFrame) -> pl.DataFrame:
    """Corrections without what earlier versions said otherwise of the same amounts.

    They cited no statement, and of a month worked out again they named the refunds of all partners.
    """
    is_again = pl.col("kind") == CorrectionKind.RESTATEMENT.value
    named = pl.when(is_again & (pl.col("refund_id") != "")).then(pl.lit("named")).otherwise("refund_id")
    return corrections.drop("cites").with_columns(refund_id=named)


def must_be_possible(inputs: MonthInputs, versions: Mapping[str, Draft]) -> None:
    """Raise BadInput where a closed month cannot be restated now, naming each reason."""
    found = [
        f"{made.version}: {words}"
        for made in versions.values()
        for words in (
            *against(made, inputs.earlier, inputs.vendor.adjustments, inputs.programme),
            *cancelled_since(made, inputs.versions[str(made.period)], inputs.earlier),
        )
    ]
    if found:
        raise BadInput("what restatements/ asks for cannot be made:\n  " + "\n  ".join(found))


def posted_now(inputs: MonthInputs, versions: Mapping[str, Draft], work_out: WorkOut) -> list[Correction]:
    """Return what is posted for the versions that become facts with this month.

    `inputs` has the months before as they stand with them.
    """
    found = [
        correction
        for month, made in sorted(versions.items())
        if made.restated
        for correction in posted_for(
            made.restated,
            amounts_of(frame_from(inputs.versions[month].parts[STOOD])),
            amounts_of(frame_from(made.results[EARNED])),
        )
    ]
    for _, version in sorted(inputs.versions.items()):
        found += taken_again(inputs.earlier, version, inputs.programme, work_out)
    return found


def as_they_stand(inputs: MonthInputs) -> dict[str, MonthInputs]:
    """Return the closed months that are worked out again with what is given back now, each by its newest version."""
    newest = {month: replace(each, restated_by=None) for month, each in inputs.versions.items()}
    return {month: newest.get(month, each) for month, each in inputs.restated.items()}


def as_restated(earlier: EarlierMonths, versions: Mapping[str, Draft]) -> EarlierMonths:
    """Return the months before as they stand with these versions: what is given back now is so at their rates."""
    sums, earned, sold, accrued = earlier.past.sums, earlier.past.earned, earlier.sold, earlier.sale_accruals
    for month, made in sorted(versions.items()):
        if month in sums["month"]:
            sums = _instead(
                sums, month, MonthSums.validate(with_later_columns(frame_from(made.results[SUMS]), MonthSums))
            )
        mine = sold.filter(pl.col("month") == month)
        if mine.height or month in earned["month"]:  # of sales that earned nothing there is no row yet
            earned = _instead(earned, month, EarnedAmounts.validate(frame_from(made.results[EARNED])))
        if mine.height:
            again = sold_again(mine, made.results[LINES], month)
            accruals = sale_accruals(again, {month: scan(made.results[ACCRUALS])})
            sold = _instead(sold, month, again)
            accrued = _instead(accrued, month, SaleAccruals.validate(accruals))
    return replace(earlier, past=Past(sums, earned), sold=sold, sale_accruals=accrued, cited=_with(earlier, versions))


def _with(earlier: EarlierMonths, versions: Mapping[str, Draft]) -> pl.DataFrame:
    """The statements that corrections may cite, with those that are born with this month: they have no number yet."""
    born = [
        (month, body.partner_id, made.restated.number, "")
        for month, made in sorted(versions.items())
        if made.restated
        for body in made.statements
    ]
    return pl.concat([earlier.cited, pl.DataFrame(born, schema=of_types(CitedStatements), orient="row")])


def _instead(frame: pl.DataFrame, month: str, now: pl.DataFrame) -> pl.DataFrame:
    """The frame with other rows of a month, in the order of the months."""
    before, after = frame.filter(pl.col("month") < month), frame.filter(pl.col("month") > month)
    return pl.concat([before, now.select(frame.columns), after])
