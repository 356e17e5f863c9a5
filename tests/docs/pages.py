"""The README and the pages in docs/, read: their blocks and their tables."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = {path.relative_to(ROOT).as_posix(): path for path in [*ROOT.glob("*.md"), *sorted(ROOT.glob("docs/**/*.md"))]}
BLOCK = re.compile(r"^```(?P<kind>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def text_of(page: str) -> str:
    return PAGES[page].read_text(encoding="utf-8")


def blocks(page: str, *kinds: str) -> list[str]:
    return [block["text"] for block in BLOCK.finditer(text_of(page)) if block["kind"] in kinds]


def rows(page: str, header: str) -> list[list[str]]:
    """The cells of the table under this header, without backticks."""
    below = text_of(page).partition(header)[2].splitlines()[2:]
    table = below[: next((number for number, line in enumerate(below) if not line.startswith("|")), len(below))]
    assert table, f"{page} has no table under {header}"
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in table]
