"""Events: which of them count this month and for whom, and what becomes of the others.

An event takes one of these ways: left to another month; rejected, for what the expectations find; or
what the first question of `ladder` that it answers yes to says. A cancellation goes the way of the
event it cancels, and counts for whom that event counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from models.billing import Outcome
from models.events import EVENT_COLUMNS, EventReason
from models.money import LARGEST_MINOR
from models.period import Period
from rules.lines.ladder import Rung, decide
from rules.lines.reading import date_of, whole_number

OURS = "carried"
LAST_YEAR = 2100
"""A later day is a typing error or a filler; an event would wait for it for ever."""

CONTENT = pl.struct(EVENT_COLUMNS)
IS_CANCELLATION = pl.col("cancels_event_id").is_not_null()
IS_SOUND = pl.col("reasons").list.len() == 0


@dataclass(frozen=True, eq=False)
class Standing:
    """What events are compared with: the partner of each client, and since when and for which events partners earn."""

    bonds: pl.DataFrame  # client_id, partner_id String, claimed_on Date: whom each client belongs to, and since when
    since: Mapping[str, date]  # every partner there is, and the first day of its terms
    kinds: Mapping[str, frozenset[str]]  # the kinds of events that the partner's rules name


def with_carried(received: pl.DataFrame, carried: pl.DataFrame) -> pl.DataFrame:
    """Return the events received and those of the open ones we carry that were not sent again, sorted by content.

    `source`, `row` and `is_ours` say where each comes from; a carried event has row 0.
    """
    sent = received.select(*EVENT_COLUMNS, "source", "row", is_ours=pl.lit(False))
    own = carried.select(EVENT_COLUMNS).join(sent, on=list(EVENT_COLUMNS), how="anti", nulls_equal=True)
    ours = own.with_columns(source=pl.lit(OURS), row=pl.lit(0, pl.Int64), is_ours=pl.lit(True))
    return pl.concat([sent, ours]).sort(*EVENT_COLUMNS, "source", "row")


def left_because(month: Period, decided: pl.DataFrame) -> pl.Expr:
    """Return, by event, why it is left to another month (String); null where this month decides it."""
    day = date_of("occurred_on")
    is_later = (day > month.last_day) & (day.dt.year() <= LAST_YEAR)
    return (
        pl.when(pl.col("event_id").is_in(decided["event_id"].implode()))
        .then(pl.lit(EventReason.DECIDED.value))
        .when(is_later)
        .then(pl.lit(EventReason.AFTER_CUT_OFF.value))
    )


def with_partner(events: pl.DataFrame, standing: Standing) -> pl.DataFrame:
    """Add what the events say, read, and what is known of the partner of each.

    `day` (Date) and `worth` (minor units); `owner`, the partner the client belongs to, and `claimed_on`; `counts_for`,
    the partner the event names or else the owner, `terms_from`, the first day of its terms, and `has_rule`, whether a
    rule of it names events of this kind.
    """
    kinds = [(partner, kind, True) for partner, named in standing.kinds.items() for kind in sorted(named)]
    owners = standing.bonds.select("client_id", "claimed_on", owner="partner_id")
    terms = pl.DataFrame(list(standing.since.items()), {"counts_for": pl.String, "terms_from": pl.Date}, orient="row")
    rules = pl.DataFrame(kinds, {"counts_for": pl.String, "kind": pl.String, "has_rule": pl.Boolean}, orient="row")
    return (
        events.with_columns(day=date_of("occurred_on"), worth=worth())
        .join(owners, on="client_id", how="left", maintain_order="left")
        .with_columns(counts_for=pl.coalesce("partner_id", "owner"))
        .join(terms, on="counts_for", how="left", maintain_order="left")
        .join(rules, on=["counts_for", "kind"], how="left", maintain_order="left")
        .with_columns(pl.col("has_rule").fill_null(False))
    )


def worth() -> pl.Expr:
    """Return, by event as received, its worth in minor units (Int64); null where it says none that can be read."""
    minor = whole_number("amount_minor")
    return pl.when(minor.is_between(0, LARGEST_MINOR)).then(minor)


def findings(events: pl.DataFrame) -> pl.DataFrame:
    """Return what the expectations look at first: true, false, or null where the question does not arise."""
    has_id = pl.col("event_id").is_not_null()
    sent = CONTENT.filter(~pl.col("is_ours")).n_unique().over("event_id")
    return events.select(
        "event_id",
        "client_id",
        "kind",
        "product_code",
        "cancels_event_id",
        "occurred_on",
        kind_or_cancelled=pl.coalesce("kind", "cancels_event_id"),
        occurred_on_is_read=pl.when(pl.col("occurred_on").is_not_null()).then(pl.col("day").is_not_null()),
        occurred_on_year=pl.col("day").dt.year(),
        amount_is_read=pl.when(pl.col("amount_minor").is_not_null()).then(pl.col("worth").is_not_null()),
        is_repeat=has_id & ~CONTENT.is_first_distinct(),
        is_replaced=has_id & pl.col("is_ours") & (sent == 1),
        is_contradiction=has_id & (sent > 1),
        partner_is_known=pl.when(pl.col("counts_for").is_not_null()).then(pl.col("terms_from").is_not_null()),
        # A cancellation counts for whom its event counted, whoever brought the client since.
        client_is_the_partners=pl.when(~IS_CANCELLATION).then(pl.col("partner_id") == pl.col("owner")),
    )


def ladder(starts: Period) -> tuple[Rung, ...]:
    """Return what becomes of an event nothing is wrong with, in the order it is asked; else it is settled.

    An event that names its partner needs no claim: the vendor says itself whose it is.
    """
    day, counts_for = pl.col("day"), pl.col("counts_for")
    by_claim = pl.col("partner_id").is_null()
    return (
        Rung(Outcome.FINAL, EventReason.BEFORE_STARTS, day < starts.first_day),
        Rung(Outcome.OPEN, EventReason.NO_CLIENT_NO_PARTNER, counts_for.is_null() & pl.col("client_id").is_null()),
        Rung(Outcome.OPEN, EventReason.NOT_ATTRIBUTED, counts_for.is_null()),
        Rung(Outcome.FINAL, EventReason.BEFORE_CLAIM, by_claim & (day < pl.col("claimed_on"))),
        Rung(Outcome.FINAL, EventReason.BEFORE_TERMS, day < pl.col("terms_from")),
        Rung(Outcome.OPEN, EventReason.NO_RULE, ~pl.col("has_rule")),
    )


def with_cancelled(events: pl.DataFrame, decided: pl.DataFrame, starts: Period) -> pl.DataFrame:
    """Add `outcome` and `reason` of sound events that cancel nothing, and beside each cancellation what it cancels.

    `events` has `reasons`, empty where an event is sound. `decided` has the events of earlier months.
    """
    decidable = events.with_columns(*decide(ladder(starts)))
    now = decidable.filter(IS_SOUND).select(*_cancelled("counts_for", "worth"))
    before = decided.select(*_cancelled("partner_id", "amount_minor"))
    cancelled = pl.concat([now, before]).unique("cancels_event_id", keep="first", maintain_order=True)
    done = decided["cancels_event_id"].drop_nulls().implode()
    return decidable.join(cancelled, on="cancels_event_id", how="left", maintain_order="left").with_columns(
        is_done=pl.col("cancels_event_id").is_in(done)
    )


def _cancelled(partner: str, worth: str) -> tuple[pl.Expr, ...]:
    column = pl.col
    return (
        column("event_id").alias("cancels_event_id"),
        IS_CANCELLATION.alias("its_is_cancellation"),
        column(partner).alias("its_partner_id"),
        *(column(name).alias(f"its_{name}") for name in ("client_id", "kind", "product_code", "outcome", "reason")),
        column(worth).alias("its_worth"),
    )


def cancellation_findings(events: pl.DataFrame) -> pl.DataFrame:
    """Return what the expectations look at in cancellations; null for other events, and for what is unsound."""
    is_other = [
        pl.col(name) != pl.col(f"its_{name}") for name in ("partner_id", "client_id", "kind", "product_code", "worth")
    ]
    concerns = IS_SOUND & IS_CANCELLATION
    of_event = ~pl.col("its_is_cancellation").fill_null(False)
    says_the_same = ~pl.any_horizontal(*(other.fill_null(False) for other in is_other))
    counts = concerns & of_event & says_the_same
    place = counts.cast(pl.Int64).cum_sum().over("cancels_event_id", order_by=["day", "event_id"])
    return events.select(
        cancels_an_event=pl.when(concerns).then(of_event),
        cancels_the_same=pl.when(concerns & of_event).then(says_the_same),
        cancels_first=pl.when(counts).then((place == 1) & ~pl.col("is_done")),
    )


def with_outcome(events: pl.DataFrame) -> pl.DataFrame:
    """Return the events with `outcome`, `reason` and the partner each counts for; `reasons` are of both judgements.

    A rejected event carries every reason, joined by `; `; a sound cancellation follows its event.
    """
    follows = IS_SOUND & IS_CANCELLATION
    unknown = pl.lit(EventReason.CANCELS_UNKNOWN.value)
    outcome = pl.when(follows).then(pl.col("its_outcome").fill_null(Outcome.OPEN.value)).otherwise("outcome")
    reason = pl.when(follows).then(pl.col("its_reason").fill_null(unknown)).otherwise("reason")
    counts_for = (
        pl.when(IS_CANCELLATION).then(pl.coalesce("partner_id", "its_partner_id", "owner")).otherwise("counts_for")
    )
    return events.with_columns(
        outcome=pl.when(IS_SOUND).then(outcome).otherwise(pl.lit(Outcome.REJECTED.value)),
        reason=pl.when(IS_SOUND).then(reason).otherwise(pl.col("reasons").list.join("; ")),
        partner_id=counts_for,
        client_id=pl.coalesce("client_id", "its_client_id"),
        kind=pl.coalesce("kind", "its_kind"),
        product_code=pl.coalesce("product_code", "its_product_code"),
        occurred_on=pl.col("day"),
        amount_minor=pl.col("worth"),
    )
