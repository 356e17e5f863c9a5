"""Lives of a partner, written in the words of a contract: each month's amounts, as statements come to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.histories.by_engine import DraftedMonth, Engine
from tests.histories.history import History, Row, months_from, refund, sale
from tests.made.vendors import claim, partner

PROGRAMME = """\
programme: lives
starts: 2026-01
currency: RUB
timezone: Europe/Moscow
base: {base}
refunds: {refunds}
plans:
"""
SOFTWARE = "software: {plan: percentage, categories: [software], rate: 10%}"
"""10 % of what is paid for software."""


def minor(amount: str) -> int:
    """1 000.00, as people write it, in kopecks."""
    whole, _, part = amount.replace(" ", "").partition(".")
    assert len(part) == 2
    return int(whole + part)


def amounts(*written: str) -> list[int]:
    """Amounts as people write them, in kopecks."""
    return [minor(each) for each in written]


def paid(line_id: str, amount: str, on: str, client: str = "C1", **others: Any) -> Row:
    """A payment for software."""
    return sale(line_id, client, minor(amount), on, **others)


def back(line_id: str, of: Row, amount: str, on: str, **others: Any) -> Row:
    """So much of a payment given back."""
    return refund(line_id, of, minor(amount), on, **others)


def block(*rules: str, since: str = "2026-01", **others: str) -> str:
    """A block of a plan."""
    more = "".join(f", {name}: {said}" for name, said in others.items())
    return f"{{from: {since}, earn: {{{', '.join(rules)}}}{more}}}"


@dataclass(frozen=True)
class Life:
    """What the months of a programme came to."""

    months: Sequence[DraftedMonth]

    def posted(self, who: str = "P", rule: str = "") -> list[int]:
        """What each month posts for a partner's payout: what is new, and what is taken back or given again."""
        return [sum(self._rows(month, who, rule)) for month in self.months]

    def to_pay(self, who: str = "P") -> list[int]:
        return [-self._entry(month, who, "to_pay") for month in self.months]

    def carried(self, who: str = "P") -> list[int]:
        return [self._entry(month, who, "carried") for month in self.months]

    def apart(self, of: str, who: str = "P") -> list[int]:
        """What stands beside the payout at the end of each month: a fund, a credit, what goes to people."""
        return [
            sum(each["closing_minor"] for each in month.statements[who]["apart"] if each["of"] == of)
            for month in self.months
        ]

    def outcome(self, line_id: str) -> tuple[str, str]:
        """What last became of a line, and why."""
        found = [
            row
            for month in self.months
            for row in month.frame("lines.parquet").select("line_id", "outcome", "reason").iter_rows()
            if row[0] == line_id
        ]
        return found[-1][1], found[-1][2]

    @staticmethod
    def _rows(month: DraftedMonth, who: str, rule: str) -> list[int]:
        frames = [month.frame("earned.parquet")]
        if "corrections.parquet" in month.draft.results:
            frames.append(month.frame("corrections.parquet"))
        return [
            row["minor"]
            for frame in frames
            for row in frame.iter_rows(named=True)
            if row["partner_id"] == who and row["to"] == "partner" and rule in ("", row["rule"])
        ]

    @staticmethod
    def _entry(month: DraftedMonth, who: str, kind: str) -> int:
        body = month.statements.get(who)
        entries = body["summary"]["entries"] if body else ()
        return sum(int(each["amount_minor"]) for each in entries if each["kind"] == kind)


def lived(
    plan: str | Sequence[str], *lines: Row, months: int = 4, refunds: str = "original_rate", **others: Any
) -> Life:
    """Return the life of partner P, on a plan of one block or more, and of its clients C1 and C2.

    `others` are the `base`, further `plans`, and tables of the vendor's folder.
    """
    given: dict[str, Any] = {
        "base": "gross",
        "plans": "",
        "partners": [partner("P", plan="ours")],
        "claims": [claim(client, "P", claimed_on="2025-12-01") for client in ("C1", "C2")],
    } | others
    head = PROGRAMME.format(base=given.pop("base"), refunds=refunds)
    blocks = plan if isinstance(plan, str) else f"[{', '.join(plan)}]"
    programme = f"{head}  ours: {blocks}\n{given.pop('plans')}"
    history = History(programme=programme, lines=lines, months=months_from("2026-01", months), **given)
    with TemporaryDirectory() as folder:
        return Life(list(Engine(history, Path(folder)).settle_all().values()))
