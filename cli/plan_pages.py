"""The pages about plans (ways of earning): what `settle programme plans` prints and docs/programme.md holds.

The text comes from each plan's own file. `make docs` writes it into docs/programme.md.
"""

from collections.abc import Sequence
from pathlib import Path

from models.errors import WrongUse
from rules.plans import offered
from rules.programme.plan_page import page

BEGIN = "<!-- The plans, from their own files. Written by: make docs -->"
END = "<!-- The end of the plans. -->"
PROGRAMME_PAGE = Path(__file__).parent.parent / "docs" / "programme.md"


def plan_pages(names: Sequence[str] = ()) -> str:
    """Return the pages of these plans, or of all, as one text. Raises WrongUse for a plan that is not there."""
    return "\n".join(pages_of(names).values())


def pages_of(names: Sequence[str] = ()) -> dict[str, str]:
    """Return the page of each of these plans, or of all, by name. Raises WrongUse for a plan that is not there."""
    plans = offered()
    if unknown := [name for name in names if name not in plans]:
        raise WrongUse(f"there is no plan {', '.join(unknown)}; there are {', '.join(plans)}.")
    return {name: page(plans[name]) for name in names or plans}


def rewritten(text: str) -> str:
    """Return the page about the programme file with what stands between its two markers written again."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise WrongUse(f"the page has lost a marker: it needs a line {BEGIN!r}, and below it a line {END!r}.")
    return f"{before}{BEGIN}\n\n{plan_pages()}\n{END}{after}"


def main() -> None:
    """Write docs/programme.md again."""
    PROGRAMME_PAGE.write_text(rewritten(PROGRAMME_PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
