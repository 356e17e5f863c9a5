"""The walk of one rate on the engineers' page: the files and functions it names are called, in that order."""

import importlib
import json
import sys
import threading
from pathlib import Path
from types import FrameType

from tests.docs.pages import ROOT, rows
from tests.made.vendors import PROGRAMME, archived, claim, line, partner, settle, write_vendor
from tests.test_layout import MAY_IMPORT

HEADER = "| | file | function | what it makes of the rate |"


def first_calls(home: Path, vendor: Path) -> list[tuple[str, str]]:
    """Settle January, and return every function of ours that was called, in the order of its first call."""
    for module in ("expectations.billing_lines", "expectations.judging"):
        importlib.import_module(module)  # loading them calls thousands of functions that are not ours
    ours = {str(ROOT / room): room for room in MAY_IMPORT}
    found: dict[tuple[str, str], None] = {}

    def note(frame: FrameType, event: str, _: object) -> None:
        file = frame.f_code.co_filename
        if event == "call" and file.startswith(str(ROOT)) and any(file.startswith(room) for room in ours):
            found.setdefault((str(Path(file).relative_to(ROOT)), frame.f_code.co_name))

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        settle(home, vendor, "2026-01")
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return list(found)


def test_a_rate_walks_from_the_programme_file_to_the_statement_as_the_page_says(tmp_path: Path) -> None:
    vendor = write_vendor(
        tmp_path / "vendor",
        programme=PROGRAMME,
        partners=[partner("ana")],
        claims=[claim("acme", "ana")],
        billing={"2026-01.csv": [line("J1", "acme", 8_444_444)]},
    )
    called = first_calls(tmp_path / "home", vendor)
    walk = [(cells[1], cells[2]) for cells in rows("docs/engineers.md", HEADER)]
    assert set(walk) <= set(called)
    assert walk == sorted(walk, key=called.index)

    folder = archived(tmp_path / "home", "2026-01", "test-partners") / "statements/ana"
    (rule,) = json.loads((folder / "statement.json").read_bytes())["rules"]
    assert (rule["rate"], rule["exact"], rule["commission_minor"]) == ("50", "42222.220000", 4_222_222)
    assert "50%" in (folder / "statement.html").read_text().replace("\u00a0", "")
