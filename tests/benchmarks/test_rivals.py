"""The rivals of the benchmark come to our commissions, to the kopeck: what is compared in time is the same work."""

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

import polars as pl
import pytest

from benchmarks import rivals
from benchmarks.by_hand.__main__ import WAYS
from benchmarks.by_hand.contract import by_volume, graduated, rounded
from benchmarks.by_hand.scan import bytes_read
from benchmarks.make_vendors import Size, make_vendor
from benchmarks.rivals import OURS, Reading, difference, readings_of
from engine.draft import draft, plainly
from flows.consent.deciding import begin_gathering
from models.billing import Reason
from models.period import Period
from rules.draft import Draft
from tests.made.vendors import office

RIVALS = [name for name in WAYS if name != "scan"]


def with_groups(vendor: Path) -> None:
    """Partners 1 and 4, both integrators, have one owner."""
    partners = pl.read_csv(vendor / "partners.csv", infer_schema=False)
    is_in_group = pl.col("partner_id").is_in(["P-0001", "P-0004"])
    partners = partners.with_columns(consolidation_group=pl.when(is_in_group).then(pl.lit("G-1")))
    partners.write_csv(vendor / "partners.csv")


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample of 400 clients and 12 partners, two lines of each kind of dirt among it."""
    folder = tmp_path_factory.mktemp("rivals") / "vendor"
    assert make_vendor(folder, Size(400, 12)) > 1_900
    with_groups(folder)
    return folder


@pytest.fixture(scope="module")
def made(vendor: Path, tmp_path_factory: pytest.TempPathFactory) -> Draft:
    home = tmp_path_factory.mktemp("home")
    return draft(begin_gathering(Period(2026, 1), office(home, vendor)).inputs())


@pytest.fixture(scope="module")
def ours(made: Draft) -> dict[str, int]:
    return {body.partner_id: body.summary.commission_minor for body in made.statements}


@pytest.mark.parametrize("name", RIVALS)
def test_a_rival_comes_to_our_commission_of_every_partner(name: str, vendor: Path, ours: Mapping[str, int]) -> None:
    theirs = import_module(WAYS[name]).commissions_of(vendor, plainly)
    assert difference(ours, theirs) == ""
    assert sum(1 for commission in theirs.values() if commission > 0) == 12


def test_the_month_that_is_compared_has_refunds_and_lines_to_leave_out(made: Draft) -> None:
    reasons = {tally.reason for tally in made.tallies}
    assert {Reason.REPEAT, Reason.CONTRADICTION, Reason.BAD_DATE, Reason.BAD_NUMBER, Reason.UNKNOWN_KIND} <= reasons
    assert {Reason.BEFORE_CLAIM, Reason.BEFORE_TERMS, Reason.NOT_ATTRIBUTED, Reason.OTHER_CURRENCY} <= reasons
    assert "returns.parquet" in made.results


def test_a_commission_that_differs_ends_the_benchmark_and_names_the_partner(monkeypatch: pytest.MonkeyPatch) -> None:
    def reading(**commissions: int) -> Callable[..., Reading]:
        return lambda *given: Reading(1, 1, 2, 100, commissions)

    monkeypatch.setattr(rivals, "our_own", reading(ana=100, bo=200))
    monkeypatch.setattr(rivals, "by_hand", reading(ana=100, bo=201))
    with pytest.raises(SystemExit, match="polars differs from ours: bo earns 201 kopecks, by us 200"):
        readings_of(Path("nowhere"), ["polars"])
    monkeypatch.setattr(rivals, "by_hand", reading(ana=100, bo=200))
    assert list(readings_of(Path("nowhere"), ["polars"])) == [OURS, "polars"]


def test_a_partner_whom_only_one_side_pays_differs() -> None:
    assert difference({"ana": 100}, {"ana": 100, "bo": 1}) == "bo earns 1 kopecks, by us 0"
    assert difference({"ana": 100, "bo": 1}, {"ana": 100}) == "bo earns 0 kopecks, by us 1"


def test_a_scan_reads_every_byte_of_the_needed_columns(vendor: Path) -> None:
    lines = pl.read_parquet(vendor / "billing/2026-01.parquet")
    bytes_of_ids = lines["line_id"].str.len_bytes().sum()
    assert bytes_read(vendor, plainly) > 5 * bytes_of_ids


@pytest.mark.parametrize(
    ("measure_minor", "volume_minor", "graduated_minor"),
    [
        (9_999_999, 800_000, 800_000),  # 99 999.99 at 8 %
        (10_000_000, 1_000_000, 800_000),  # 100 000.00 at 10 %, or the first 100 000.00 at 8 %
        (10_000_001, 1_000_000, 800_000),
        (30_000_000, 3_600_000, 2_800_000),
        (100_000_000, 15_000_000, 11_200_000),  # 8 000 + 20 000 + 84 000
        (-10_000, -800, -800),
    ],
)
def test_the_tiers_by_hand_begin_at_their_bounds(measure_minor: int, volume_minor: int, graduated_minor: int) -> None:
    assert rounded(by_volume(measure_minor, measure_minor)) == volume_minor
    assert rounded(graduated(measure_minor, measure_minor)) == graduated_minor
