"""A closed month that is run again says which of its inputs differ by now, and changes nothing."""

import json
from pathlib import Path

from tests.made.vendors import archived, claim, line, partner, settle, write_csv, write_vendor


def test_a_closed_month_names_the_inputs_that_differ_by_now(tmp_path: Path) -> None:
    vendor = write_vendor(
        tmp_path / "v",
        partners=[partner("ana")],
        claims=[claim("acme", "ana")],
        billing={"2026-01.csv": [line("L1", "acme", 100)], "more.csv": [line("L2", "acme", 200)]},
    )
    home = tmp_path / "home"
    (first,) = settle(home, vendor, "2026-01")
    assert first.differing_inputs == ()

    (again,) = settle(home, vendor, "2026-01")
    assert (again.differing_inputs, again.headline()) == ((), "2026-01 is closed already; nothing was changed.")

    write_csv(vendor / "billing" / "2026-02.csv", [line("L9", "acme", 900)])
    (again,) = settle(home, vendor, "2026-01")
    assert again.differing_inputs == (), "a file that was not there is none of the month's inputs"

    write_csv(vendor / "claims.csv", [claim("acme", "ana"), claim("bell", "ana")])
    write_csv(vendor / "billing" / "2026-01.csv", [line("L1", "acme", 101)])
    (vendor / "billing" / "more.csv").unlink()
    (again,) = settle(home, vendor, "2026-01")
    assert again.headline() == (
        "2026-01 is closed already; nothing was changed. Other than when it was settled: claims.csv, "
        "billing/2026-01.csv, billing/more.csv (gone); that counts in later months. What it would change of this one: "
        "settle reconcile 2026-01."
    )
    assert again.ending.exit_code == 0
    assert again.figures == first.figures


def test_the_table_of_a_lookup_is_archived_with_the_month(tmp_path: Path) -> None:
    vendor = write_vendor(
        tmp_path / "v",
        partners=[partner("ana")],
        claims=[claim("acme", "ana")],
        billing={"1.csv": [line("L1", "acme", 100)]},
    )
    (vendor / "products.csv").write_text("product_code,category\nSKU,software\n", encoding="utf-8")
    (vendor / "sources.yaml").write_text(
        "billing:\n  - files: [billing/*.csv]\n    lookup: {category: {by: product_code, table: products.csv}}\n",
        encoding="utf-8",
    )
    settle(tmp_path / "home", vendor, "2026-01")
    beside = json.loads((archived(tmp_path / "home", "2026-01") / "control.json").read_text())["beside"]
    kept = tmp_path / "home" / "archive" / "test-partners" / "inputs" / beside["lookup-products.csv"]
    assert kept.read_text(encoding="utf-8") == "product_code,category\nSKU,software\n"
