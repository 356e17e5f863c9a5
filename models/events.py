"""Events: what partners and their clients did that earns without a payment, such as a registration.

Frames of events come in two shapes, as those of billing lines do: as received (`EVENT_COLUMNS`, all
String, blank is null, beside them `source` String and `row` Int64) and judged (engine.frames.schemas.JudgedEvents).
"""

from enum import StrEnum

EVENT_REQUIRED = ("event_id", "client_id", "partner_id", "kind", "product_code", "occurred_on", "cancels_event_id")
EVENT_COLUMNS = (*EVENT_REQUIRED, "amount_minor")
"""`amount_minor`, a whole number of minor units, is optional: what the event is worth, such as a training's fee."""


class EventReason(StrEnum):
    """Why an event is not settled."""

    # open: looked at again every month
    NO_CLIENT_NO_PARTNER = "no client and no partner"
    NOT_ATTRIBUTED = "client not attributed"
    NO_RULE = "kind without a rule"
    CANCELS_UNKNOWN = "cancels an event nobody has seen"
    # final
    BEFORE_STARTS = "before the programme starts"
    BEFORE_CLAIM = "before the claim"
    BEFORE_TERMS = "before the partner's terms"
    # other month
    AFTER_CUT_OFF = "after the cut-off"
    DECIDED = "decided in an earlier month"
    # rejected
    NO_ID = "no event id"
    NO_KIND = "no kind"
    BAD_DATE = "bad date"
    BAD_NUMBER = "bad number"
    BAD_TEXT = "unreadable text"
    REPEAT = "repeat"
    REPLACED = "replaced by a newer version"
    CONTRADICTION = "contradiction"
    CANCELLED_TWICE = "cancels an event that is cancelled already"
    CANCELS_CANCELLATION = "cancels a cancellation"
    CANCELS_OTHERWISE = "says otherwise than the event it cancels"
    UNKNOWN_PARTNER = "unknown partner"
    NOT_THE_PARTNERS_CLIENT = "client of another partner"
