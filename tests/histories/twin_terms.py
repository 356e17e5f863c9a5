"""The slow twin's terms: which block of which plan holds for a partner in a month, and on which days.

Rows of partners.csv begin on the first day of a month, end on the last, and never fall back to an earlier row.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tests.histories.history import last_day

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Part:
    """A block of a plan, as it holds for some of a partner's clients, or on some days. Of several the last is newest."""

    block: Mapping[str, Any]
    suffix: str = ""
    paid: tuple[str, str] = ("", "9")  # the first day of payment, and the first day after the last
    claimed: tuple[str, str] = ("", "9")
    only_lines: bool = False  # it earns on lines alone: no limits, no overrides, no serving
    share: Fraction = Fraction(1)  # of the month's days
    late_of: str = ""  # it holds for late lines that were paid in this closed month

    def holds_for(self, claimed_on: str, paid_on: str) -> bool:
        return self.paid[0] <= paid_on < self.paid[1] and self.claimed[0] <= claimed_on < self.claimed[1]


@dataclass(frozen=True)
class TermsNow:
    """A partner's terms in a month."""

    since: str  # the first day of its first terms
    parent: str
    parts: tuple[Part, ...]

    @property
    def newest(self) -> Part:
        return self.parts[-1]


def with_late(now: TermsNow, then: Mapping[str, TermsNow]) -> TermsNow:
    """Return terms with those of closed months, by month, for late lines that were paid in these, where a term says so."""
    if now.newest.block.get("late_lines") != "month_of_payment":
        return now
    late = []
    for month, terms in then.items():
        for part in terms.parts:
            paid = max(first_day(month), part.paid[0]), min(day_after(last_day(month)), part.paid[1])
            if paid[0] < paid[1]:
                suffix = f"@paid-{month}{part.suffix}"
                late.append(replace(part, paid=paid, suffix=suffix, only_lines=True, late_of=month))
    return replace(now, parts=(*late, *now.parts))


def terms_in(rows: Sequence[Row], plan_of: Callable[[str], Any], month: str) -> TermsNow | None:
    """Return a partner's terms in a month; None before they begin. `plan_of` says the plan that a row's name leads to."""
    begun = sorted((first_day(str(row["from"])), row) for row in rows if first_day(str(row["from"])) <= last_day(month))
    if not begun:
        return None
    spans = []
    for number, (start, row) in enumerate(begun):
        end = str(row.get("until") or "9")
        following = begun[number + 1][0] if number + 1 < len(begun) else "9"
        spans.append((start, min(day_after(end), following), row))
    over = [span for span in spans if span[1] <= first_day(month)]
    kept = [span for span in spans if span not in over]
    if over and (not kept or over[-1][1] != kept[0][0]):
        kept.insert(0, over[-1])
    parts: list[Part] = []
    for start, end, row in kept:
        is_over = end <= first_day(month)
        suffix = f"@until-{day_before(end)}" if is_over and row is not kept[-1][2] else ""
        paid = ("" if row is kept[0][2] else start, end)
        days = _days(max(start, first_day(month)), min(end, day_after(last_day(month))))
        share = Fraction(days, int(last_day(month)[8:])) if days > 0 else Fraction(1)
        parts += _blocks(
            Part({}, suffix, paid, only_lines=is_over, share=share), _blocks_of(plan_of(row["plan"])), month
        )
    return TermsNow(begun[0][0], str(kept[-1][2].get("parent_id") or ""), tuple(parts))


def _blocks(part: Part, blocks: Sequence[Mapping[str, Any]], month: str) -> list[Part]:
    """A block for new clients leaves the others on the block before it."""
    found: list[Part] = []
    claimed_until = "9"
    for block in reversed([block for block in blocks if block["from"] <= month]):
        is_for_new = block.get("applies_to") == "new_clients"
        claimed_from = first_day(block["from"]) if is_for_new else ""
        is_older = claimed_until != "9"
        suffix = part.suffix + (f"@{block['from']}" if is_older else "")
        claimed = (claimed_from, claimed_until)
        found.insert(
            0, replace(part, block=block, suffix=suffix, claimed=claimed, only_lines=part.only_lines or is_older)
        )
        claimed_until = claimed_from
        if not is_for_new:
            break
    return found


def _days(start: str, end: str) -> int:
    """How many days there are from one on, and before the other."""
    return (date.fromisoformat(end) - date.fromisoformat(start)).days


def _blocks_of(plan: Any) -> list[Mapping[str, Any]]:
    return plan if isinstance(plan, list) else [plan]


def group_in(rows: Sequence[Row], month: str) -> str:
    """Return the consolidation group a partner is in at the end of a month; blank for none."""
    begun = sorted((first_day(str(row["from"])), number) for number, row in enumerate(rows))
    held = [rows[number] for start, number in begun if start <= last_day(month)]
    return str(held[-1].get("consolidation_group", "")) if held else ""


def first_day(month: str) -> str:
    return month if len(month) == 10 else f"{month}-01"


def day_after(day: str) -> str:
    return day if day == "9" else str(date.fromisoformat(day) + timedelta(days=1))


def day_before(day: str) -> str:
    return str(date.fromisoformat(day) - timedelta(days=1))


def year_of_life(since: str, day: str) -> int:
    """One more than the birthdays since; who began on February 29th has them on March 1st."""
    began, now = (tuple(map(int, text.split("-"))) for text in (since, day))
    return max(now[0] - began[0] + (now[1:] >= began[1:]), 1)
