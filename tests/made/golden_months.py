"""Golden months: an example programme settled on a small vendor's tables, and what the archive then says.

The months are then worked out again from a copy of the archive, with no database and no vendor.

Amounts are written as a contract shows them, "100 000.00" roubles, on the way in and on the way out.
"""

import csv
import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from flows.result import Ending
from models.money import Money, major
from rules.programme.file import parse_programme
from tests.made.again import must_come_out_again
from tests.made.vendors import Row, archived, line, settle, write_csv, write_vendor

EXAMPLES = Path(__file__).parents[2] / "examples"


class Figures(NamedTuple):
    """What one rule came to: the base, the exact commission, and the commission, rounded once."""

    base: str
    exact: str
    commission: str


class Box(NamedTuple):
    """The box on the statement's first page."""

    opening: str
    commission: str
    to_pay: str
    carried: str


class Kept(NamedTuple):
    """A balance kept apart from the payout: a fund, credit, or what persons are owed."""

    opening: str
    earned: str
    spent: str
    closing: str


def kopecks(roubles: str) -> int:
    """Read "100 000.00" as 10 000 000 kopecks."""
    return Money.parse(roubles.replace(" ", ""), "RUB").minor


def roubles(minor: int) -> str:
    return major(minor, "RUB")


def bill(line_id: str, client_id: str, category: str, amount: str, day: str, **others: Any) -> dict[str, Any]:
    """A billing line of `amount` roubles, issued and paid on one day, with what the test says differently."""
    dates = {"issued_on": day, "paid_on": day}
    return line(line_id, client_id, kopecks(amount), category=category, **dates | others)


@dataclass(frozen=True)
class Golden:
    """Months that are settled, and their archive."""

    home: Path
    programme: str

    def folder(self, period: str) -> Path:
        return archived(self.home, period, self.programme)

    def statement(self, partner_id: str, period: str) -> dict[str, Any]:
        """The archived statement, as JSON."""
        path = self.folder(period) / "statements" / partner_id / "statement.json"
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found

    def statements(self, period: str) -> dict[str, dict[str, Any]]:
        """Every archived statement of a month, by partner."""
        partners = sorted(path.name for path in (self.folder(period) / "statements").iterdir())
        return {partner_id: self.statement(partner_id, period) for partner_id in partners}

    def rules(self, partner_id: str, period: str) -> list[str]:
        """The names of the rules on a statement, in its order."""
        return [rule["rule"] for rule in self.statement(partner_id, period)["rules"]]

    def rule(self, partner_id: str, period: str, name: str) -> dict[str, Any]:
        (found,) = [rule for rule in self.statement(partner_id, period)["rules"] if rule["rule"] == name]
        return dict(found)

    def figures(self, partner_id: str, period: str, name: str) -> Figures:
        rule = self.rule(partner_id, period, name)
        return Figures(roubles(rule["base_minor"]), rule["exact"], roubles(rule["commission_minor"]))

    def shares(self, partner_id: str, period: str, name: str) -> dict[str, str]:
        """What each client, event, person, partner or goal brought under one rule."""
        rule = self.rule(partner_id, period, name)
        return {share["client_id"]: roubles(share["commission_minor"]) for share in rule["clients"]} | {
            share["key"]: roubles(share["commission_minor"]) for share in rule["shares"]
        }

    def box(self, partner_id: str, period: str) -> Box:
        summary = self.statement(partner_id, period)["summary"]
        return Box(*(roubles(summary[f"{name}_minor"]) for name in Box._fields))

    def apart(self, partner_id: str, period: str) -> dict[str, Kept]:
        """What is kept apart: "fund", "credit", "person"."""
        return {
            kept["of"]: Kept(*(roubles(kept[f"{name}_minor"]) for name in Kept._fields))
            for kept in self.statement(partner_id, period)["apart"]
        }

    def totals(self, period: str) -> dict[tuple[str, str], tuple[int, str, str]]:
        """totals.csv: partner and rule -> lines, base, commission."""
        with (self.folder(period) / "totals.csv").open(encoding="utf-8", newline="") as file:
            return {
                (row["partner_id"], row["rule"]): (
                    int(row["lines"]),
                    roubles(int(row["base_minor"])),
                    roubles(int(row["commission_minor"])),
                )
                for row in csv.DictReader(file)
                if row["kind"] == "accrual"
            }

    def corrected(self, partner_id: str, period: str) -> dict[tuple[str, str, str], str]:
        """What is posted for earlier months: kind, rule and client -> amount."""
        return {
            (each["kind"], each["rule"], each["key"]): roubles(each["commission_minor"])
            for each in self.statement(partner_id, period)["corrections"]
        }


def settle_example(
    folder: Path,
    example: str,
    *,
    partners: Sequence[Row],
    claims: Sequence[Row],
    billing: Mapping[str, Sequence[Row]],
    tables: Mapping[str, Sequence[Row]] | None = None,
    refunds: str = "original_rate",
) -> Golden:
    """Settle examples/`example`.yaml on these tables, for every month of `billing` (period -> lines), in order.

    `tables` holds more files of the vendor's folder by name, such as events.csv; `refunds` is the programme's policy.
    Every month must close, and hledger, where it is installed, accepts every ledger.
    """
    written = (EXAMPLES / f"{example}.yaml").read_text(encoding="utf-8")
    text = written.replace("refunds: original_rate", f"refunds: {refunds}")
    vendor = write_vendor(
        folder / "vendor",
        programme=text,
        partners=partners,
        claims=claims,
        billing={f"{period}.csv": lines for period, lines in billing.items()},
    )
    for name, rows in (tables or {}).items():
        write_csv(vendor / name, rows)
    golden = Golden(folder / "home", parse_programme(text).programme)
    for period in sorted(billing):
        (result,) = settle(golden.home, vendor, period)
        assert result.ending is Ending.CLOSED, (result.headline(), result.failed)
    must_come_out_again(golden.home, len(billing))
    if shutil.which("hledger"):
        for period in billing:
            journal = golden.folder(period) / "ledger.journal"
            subprocess.run(["hledger", "-f", str(journal), "check", "--strict"], check=True)
    return golden
