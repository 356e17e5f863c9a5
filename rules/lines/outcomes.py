"""What becomes of a billing line: the first outcome that applies, in this order.

The order is the promise, so it stands here as data: each entry is an outcome, its reason, and the
question a line answers yes to. The questions are Polars expressions over these columns, beside those
of a judged line:

* `posted_month` String, `starts` String: months as text, compared as text;
* `partner_id` String, `claimed_on` Date: the client's attribution, null without one;
* `terms_from` Date: the first day of the partner's first terms, null where none are in force;
* `block` String: the block of a plan that holds on the day of payment, null where none does;
* `served` Boolean: another partner serves the client, and may earn whoever brought it;
* `fate` String: what the sale it names makes of it (rules.corrections.refunds.Fate), null where it names none, or
  where that makes no difference;
* `note` String: the plan's own words where it excludes the category; `rule` String: the rule that has it.
"""

import polars as pl

from models.billing import Outcome, Reason
from rules.corrections.refunds import Fate
from rules.lines.ladder import Rung


def ladder(currency: str) -> tuple[Rung, ...]:
    """Return the outcomes in the order they are asked, for a programme in this currency."""
    line = pl.col
    is_brought = line("partner_id").is_not_null()
    return (
        Rung(Outcome.SEEN_BEFORE, Reason.ALREADY_SETTLED, line("reasons").list.contains(Reason.ALREADY_SETTLED.value)),
        Rung(Outcome.SEEN_BEFORE, Reason.ALREADY_OPEN, line("reasons").list.contains(Reason.ALREADY_OPEN.value)),
        Rung(Outcome.REJECTED, None, line("reasons").list.len() > 0),
        Rung(Outcome.REJECTED, Reason.REFUNDED_ALREADY, line("fate") == Fate.ALREADY.value),
        Rung(Outcome.OPEN, Reason.NO_SALE, line("fate") == Fate.NO_SALE.value),
        Rung(Outcome.OPEN, Reason.SALE_UNPAID, line("fate") == Fate.UNPAID.value),
        Rung(Outcome.FINAL, Reason.SALE_EARNED_NOTHING, line("fate") == Fate.EARNED_NOTHING.value),
        Rung(Outcome.CLAWBACK, None, line("fate") == Fate.CLAWBACK.value),
        Rung(Outcome.UNPAID, Reason.UNPAID, line("paid_on").is_null()),
        Rung(Outcome.FINAL, Reason.BEFORE_STARTS, line("posted_month") < line("starts")),
        Rung(Outcome.OPEN, Reason.NO_CLIENT, line("client_id").is_null()),
        Rung(Outcome.OPEN, Reason.NOT_ATTRIBUTED, ~is_brought & ~line("served")),
        Rung(Outcome.FINAL, Reason.BEFORE_CLAIM, line("paid_on") < line("claimed_on")),
        Rung(
            Outcome.FINAL,
            Reason.BEFORE_TERMS,
            is_brought & (line("terms_from").is_null() | (line("paid_on") < line("terms_from"))),
        ),
        Rung(Outcome.FINAL, Reason.AFTER_TERMS, is_brought & line("block").is_null()),
        Rung(Outcome.OPEN, Reason.OTHER_CURRENCY, line("currency") != currency),
        Rung(Outcome.FINAL, Reason.EXCLUDED, line("note").is_not_null()),
        Rung(Outcome.OPEN, Reason.NO_RULE, is_brought & line("rule").is_null()),
    )
