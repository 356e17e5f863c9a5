"""Months of real, dirty billing, settled month by month and checked by an independent count.

541 909 invoice lines of a UK gift wholesaler (UCI "Online Retail", CC BY 4.0: D. Chen, S. L. Sain,
K. Guo, 2012). Partners, claims and plans are derived here from the client ids.

Each month is settled from its own file, but the last: it reads the one Parquet file that has all thirteen months in
it, once more, and nothing that has settled settles again.

Three months of the thirteen, 105 335 lines, are settled by default: one that is the first, one that others lie on both
sides of, and one that reads everything; each tier is reached in them. REAL_MONTHS=13 settles them all.
"""

import csv
import gzip
import json
import os
import shutil
from collections import defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path

import pytest

from tests.elsewhere import came_out_elsewhere
from tests.made.vendors import archived, partner, settle, write_csv, write_vendor

pytestmark = [pytest.mark.slow, pytest.mark.long]

PROGRAMME = """\
programme: gift-agents
starts: 2010-12
currency: GBP
timezone: Europe/London
base: gross
refunds: net_current
plans:
  agent:
    from: 2010-12
    earn:
      postage: {plan: percentage, categories: [postage], rate: 12.5%}
      goods:
        plan: tiered
        categories: [goods_2]
        by: volume
        measure: {categories: [goods_2], window: month}
        tiers: {0: 3%, 30000: 4.5%, 60000: 6%}
    not_commissioned: {fee: not a sale, sample: not a sale, adjustment: not a sale}
"""
PARTNERS = 8
ALL_MONTHS = ["2010-12", *(f"2011-{month:02d}" for month in range(1, 13))]
MONTHS = ALL_MONTHS[: int(os.environ.get("REAL_MONTHS", "3"))]


def of_client(client_id: str) -> str:
    """Who brought a client: its number says. Every ninth client came by itself."""
    return f"A-{int(client_id) % (PARTNERS + 1):02d}"


@pytest.fixture(scope="session")
def real_data() -> Path:
    folder = Path(os.environ.get("SETTLE_REAL_DATA", "")) / "online_retail"
    if not os.environ.get("SETTLE_REAL_DATA") or not folder.is_dir():
        pytest.skip("SETTLE_REAL_DATA does not name a folder with online_retail: the real billing was not settled")
    return folder


def read_lines(folder: Path, month: str) -> Iterator[dict[str, str]]:
    with gzip.open(folder / "monthly" / f"lines_{month}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@pytest.fixture(scope="session")
def settled(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a vendor whose months are settled. Its control totals are the data's own."""
    folder = tmp_path_factory.mktemp("real")
    control = json.loads((real_data / "control_sums.json").read_text())
    clients = {row["client_id"] for month in MONTHS for row in read_lines(real_data, month) if row["client_id"]}
    vendor = write_vendor(
        folder / "vendor",
        programme=PROGRAMME,
        partners=[partner(f"A-{number:02d}", plan="agent", **{"from": "2010-12"}) for number in range(1, PARTNERS + 1)],
        control=[
            {"period": row["month"], "currency": "GBP", "lines": row["lines"], "amount_minor": row["amount_minor"]}
            for row in control["by_month"]
        ],
    )
    write_csv(
        vendor / "claims.csv",
        [
            {
                "client_id": client,
                "partner_id": of_client(client),
                "claimed_on": "2010-12-01",
                "channel": "",
                "evidence": "",
            }
            for client in sorted(clients)
            if of_client(client) != "A-00"
        ],
    )
    files = {month: f"monthly/lines_{month}.csv.gz" for month in MONTHS} | {MONTHS[-1]: "online_retail_lines.parquet"}
    for month in MONTHS:
        (vendor / "sources.yaml").write_text(f"billing:\n  - files: ['{real_data}/{files[month]}']\n")
        (result,) = settle(folder / "home", vendor, month)
        assert result.ending.title == "Closed"
    return folder / "home"


def half_up(exact: Decimal) -> int:
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


@cache
def independent(folder: Path, month: str) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Lines, base and commission of a month by partner and rule: plain Python over the data's own file."""
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for row in read_lines(folder, month):
        rule = {"postage": "postage", "goods_2": "goods"}.get(row["category"])
        if rule and row["client_id"] and of_client(row["client_id"]) != "A-00":
            total = sums[of_client(row["client_id"]), rule]
            total[0] += 1
            total[1] += int(row["amount_minor"])
    found = {}
    for (partner_id, rule), (lines, base) in sums.items():
        if rule == "postage":
            rate = Decimal("0.125")
        else:
            rate = Decimal("0.06") if base >= 6_000_000 else Decimal("0.045") if base >= 3_000_000 else Decimal("0.03")
        found[partner_id, rule] = (lines, base, half_up(base * rate))
    return found


def read_totals(home: Path, month: str) -> dict[tuple[str, str], tuple[int, int, int]]:
    with (archived(home, month, "gift-agents") / "totals.csv").open(newline="") as file:
        return {
            (row["partner_id"], row["rule"]): (int(row["lines"]), int(row["base_minor"]), int(row["commission_minor"]))
            for row in csv.DictReader(file)
        }


@pytest.mark.parametrize("month", MONTHS)
def test_every_partner_is_paid_to_the_penny_what_a_plain_count_says(settled: Path, real_data: Path, month: str) -> None:
    assert read_totals(settled, month) == independent(real_data, month)


def test_every_month_comes_out_again_to_the_byte_on_another_machine_from_its_archive_alone(
    settled: Path, tmp_path: Path
) -> None:
    shutil.copytree(settled / "archive", tmp_path / "archive")
    assert came_out_elsewhere(tmp_path / "archive") == len(MONTHS)


def test_partners_reached_each_tier_by_their_goods(real_data: Path) -> None:
    found = [sums for month in MONTHS for (_, rule), sums in independent(real_data, month).items() if rule == "goods"]
    bases = sorted(base for _, base, _ in found)
    assert 0 < bases[0] < 3_000_000 < 6_000_000 < bases[-1]
    assert [base for base in bases if 3_000_000 <= base < 6_000_000] != []


def test_lines_and_sums_received_are_those_of_the_data(settled: Path, real_data: Path) -> None:
    expected = {row["month"]: row for row in json.loads((real_data / "control_sums.json").read_text())["by_month"]}
    for position, month in enumerate(MONTHS):
        control = json.loads((archived(settled, month, "gift-agents") / "control.json").read_text())
        assert control["control"] == "agrees"
        fates: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        for tally in control["outcomes"]:
            fates[tally["outcome"], tally["reason"]][0] += tally["lines"]
            fates[tally["outcome"], tally["reason"]][1] += tally["amount_minor"]
        # The last month reads all lines of the data; what other months have settled is left to them.
        of_its_own = [expected[month]["lines"], expected[month]["amount_minor"]]
        read = [sum(column) for column in zip(*fates.values(), strict=True)]
        carried = [sum(column) for column in zip(*carried_into(settled, position), strict=True)] or [0, 0]
        received = [541_909, 974_774_793] if month == MONTHS[-1] else of_its_own
        assert [read[0] - carried[0], read[1] - carried[1]] == received
        without_client = sum(expected[earlier]["lines_without_client"] for earlier in MONTHS[: position + 1])
        assert fates["open", "no client"][0] == without_client


def carried_into(home: Path, position: int) -> list[tuple[int, int]]:
    """Lines and minor units left open by the month before."""
    if position == 0:
        return []
    control = json.loads((archived(home, MONTHS[position - 1], "gift-agents") / "control.json").read_text())
    return [(tally["lines"], tally["amount_minor"]) for tally in control["outcomes"] if tally["outcome"] == "open"]
