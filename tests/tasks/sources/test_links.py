"""A link that leads out of the vendor's folder is refused by name, whatever of the vendor it stands for."""

import shutil
from pathlib import Path

import polars as pl
import pytest

from models.errors import BadInput
from tasks.sources.describe import describe
from tasks.vendor.adding import add_adjustments
from tasks.vendor.folder import read_vendor
from tasks.vendor.programme_file import PROGRAMME, read_programme
from tests.made.vendors import claim, partner, write_csv, write_vendor
from tests.tasks.sources.test_sources_files import JANUARY, line, table
from tests.tasks.vendor.test_adding import adjustment

LOOKUP = "billing:\n- files: [billing/*]\n  lookup: {category: {table: products.csv, by: product_code}}\n"
EVENT = "event_id,client_id,partner_id,kind,product_code,occurred_on\nE1,acme,ana,install,,2026-01-10\n"
ADJUSTMENTS = "adjustment_id,partner_id,amount,currency,reason,approved_by\n"
SQL = "billing:\n- sql: sqlite:///billing.db\n  query: billing.sql\n"
QUERY = "select * from lines where paid_on between :since and :until"


@pytest.fixture
def vendor(tmp_path: Path) -> Path:
    folder = write_vendor(tmp_path / "vendor", partners=[partner("ana")], claims=[claim("acme", "ana")])
    (folder / "billing").mkdir()
    return folder


def elsewhere(path: Path, name: str) -> Path:
    """Move what has the name out of the vendor's folder, and leave a link to it there."""
    away = path.parent / "elsewhere" / name.replace("/", "-")
    away.parent.mkdir(exist_ok=True)
    shutil.move(path / name, away)
    (path / name).symlink_to(away)
    return away


def read_all(vendor: Path) -> None:
    for source in read_vendor(vendor).sources:
        list(source.read(*JANUARY))


def refusal(vendor: Path) -> str:
    """What is said when folder and billing are read."""
    with pytest.raises(BadInput) as refused:
        read_all(vendor)
    return str(refused.value)


@pytest.mark.parametrize("name", ["programme.yaml", "partners.csv", "claims.csv", "sources.yaml", "adjustments.csv"])
def test_a_file_that_is_a_link_out_of_the_vendor_folder_is_refused(vendor: Path, name: str) -> None:
    if not (vendor / name).exists():
        (vendor / name).write_text(ADJUSTMENTS)
    away = elsewhere(vendor, name)
    assert f"{name} leads out of {vendor}, to {away}, by a link" in refusal(vendor)


@pytest.mark.parametrize("linked", ["billing", "billing/2026.csv"])
def test_billing_behind_a_link_out_of_the_vendor_folder_is_refused(vendor: Path, linked: str) -> None:
    (vendor / "billing/2026.csv").write_text(table(line(1)))
    elsewhere(vendor, linked)
    assert f"billing/2026.csv leads out of {vendor}" in refusal(vendor)


@pytest.mark.parametrize("linked", ["events", "events/2026.csv", "events/2026.xlsx"])
def test_events_behind_a_link_out_of_the_vendor_folder_are_refused(vendor: Path, linked: str) -> None:
    (vendor / "events").mkdir()
    name = "events/2026.xlsx" if linked.endswith("xlsx") else "events/2026.csv"
    (vendor / name).write_text(EVENT)
    elsewhere(vendor, linked)
    assert f"{name} leads out of {vendor}" in refusal(vendor)


def test_a_workbook_that_is_a_link_out_of_the_vendor_folder_is_refused(vendor: Path) -> None:
    (vendor / "control.xlsx").write_bytes(b"anything")
    elsewhere(vendor, "control.xlsx")
    assert f"control.xlsx leads out of {vendor}" in refusal(vendor)


def test_a_lookup_that_is_a_link_out_of_the_vendor_folder_is_refused(vendor: Path) -> None:
    (vendor / "billing/2026.csv").write_text(table(line(1)))
    (vendor / "sources.yaml").write_text(LOOKUP)
    write_csv(vendor / "products.csv", [{"product_code": "P1", "category": "software"}])
    elsewhere(vendor, "products.csv")
    assert f"products.csv leads out of {vendor}" in refusal(vendor)


@pytest.mark.parametrize("name", ["billing.sql", "billing.db"])
def test_a_query_or_database_that_is_a_link_out_of_the_vendor_folder_is_refused(vendor: Path, name: str) -> None:
    (vendor / "sources.yaml").write_text(SQL)
    (vendor / "billing.sql").write_text(QUERY)
    (vendor / "billing.db").write_bytes(b"")
    elsewhere(vendor, name)
    assert f"{name} leads out of {vendor}" in refusal(vendor)


def test_a_query_that_is_not_there_is_named(vendor: Path) -> None:
    (vendor / "sources.yaml").write_text(SQL)
    assert refusal(vendor) == "sources.yaml: the query billing.sql cannot be read: No such file or directory."


def test_the_programme_alone_is_no_link_out_of_its_folder_either(vendor: Path) -> None:
    away = elsewhere(vendor, PROGRAMME)
    with pytest.raises(BadInput, match=r"programme\.yaml leads out of"):
        read_programme(vendor)
    assert read_programme(away).programme == "test-partners"


def test_nothing_is_added_to_a_file_outside_the_vendor_folder(vendor: Path) -> None:
    (vendor / "adjustments.csv").write_text(ADJUSTMENTS)
    away = elsewhere(vendor, "adjustments.csv")
    with pytest.raises(BadInput, match=r"adjustments\.csv leads out of"):
        add_adjustments(vendor / "adjustments.csv", [adjustment("A1")], {"ana"})
    assert away.read_text() == ADJUSTMENTS


def test_links_within_the_vendor_folder_are_followed_and_the_folder_itself_may_be_one(vendor: Path) -> None:
    (vendor / "of 2026").mkdir()
    (vendor / "of 2026/lines.csv").write_text(table(line(1)))
    (vendor / "billing/2026.csv").symlink_to("../of 2026/lines.csv")
    shutil.move(vendor / PROGRAMME, vendor / "of 2026/programme.txt")
    (vendor / PROGRAMME).symlink_to("of 2026/programme.txt")
    (vendor.parent / "current").symlink_to(vendor)
    (source,) = read_vendor(vendor.parent / "current").sources
    assert pl.concat(source.read(*JANUARY))["line_id"].to_list() == ["L1"]


def test_a_place_that_is_written_out_may_be_anywhere_and_links_lead_no_farther(vendor: Path) -> None:
    place = vendor.parent / "exports"
    place.mkdir()
    (place / "2026-01.csv").write_text(table(line(1)))
    (place / "newest.csv").symlink_to("2026-01.csv")
    written = f"billing:\n- files: [{place}/newest.*, ../exports/new*.csv]\n"
    sources = describe(written, vendor).sources
    assert [frame["line_id"].to_list() for source in sources for frame in source.read(*JANUARY)] == [["L1"], ["L1"]]
    (vendor.parent / "far.csv").write_text(table(line(2)))
    (place / "newest.csv").unlink()
    (place / "newest.csv").symlink_to("../far.csv")
    with pytest.raises(BadInput, match=f"newest.csv leads out of {place}, to {vendor.parent}/far.csv"):
        list(describe(written, vendor).sources[0].read(*JANUARY))
