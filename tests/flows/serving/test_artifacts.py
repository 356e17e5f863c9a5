"""What the page of a month shows, before Prefect has it."""

from dataclasses import replace
from typing import Any

import pytest

from flows import artifacts
from flows.result import Ending, Figures, MonthResult
from models.period import Period
from models.vendor import Tally
from tasks.code_version import code_version


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Any]]:
    """What was published, by key."""
    published: dict[str, dict[str, Any]] = {}

    def keep(key: str, **artifact: Any) -> None:
        published[key] = artifact

    for name in ("create_markdown_artifact", "create_table_artifact"):
        monkeypatch.setattr(artifacts, name, keep)
    return published


def result(ending: Ending, **others: Any) -> MonthResult:
    tallies = (
        Tally(outcome="settled", reason="", currency="RUB", lines=1_200, amount_minor=123_456_78),
        Tally(outcome="clawback", reason="", currency="RUB", lines=2, amount_minor=-456_78),
        Tally(outcome="open", reason="other currency", currency="EUR", lines=1, amount_minor=1_50),
        Tally(outcome="rejected", reason="bad currency", currency="<b>|*x*", lines=1, amount_minor=7),
    )
    figures = Figures(
        currency="RUB",
        partners=2,
        opening_minor=500_00,
        commission_minor=61_728_39,
        corrections_minor=-228_39,
        held_minor=0,
        to_pay_minor=60_000_00,
        carried_minor=2_000_00,
        tallies=tallies,
        events=(),
        control="agrees",
    )
    return MonthResult(
        period=Period(2026, 1),
        ending=ending,
        figures=figures,
        draft_digest="d" * 64,
        archive="s3://bucket/uis-partners/2026-01/v1",
        **others,
    )


def test_the_summary_has_the_figures_and_what_became_of_the_lines(shown: dict[str, dict[str, Any]]) -> None:
    artifacts.publish(result(Ending.CLOSED, changes=["P-0001: 0.00 last month, 1.00 now (+1.00)"]))
    assert shown["summary-2026-01"]["description"] == "2026-01 is closed: 2 statements are archived and sealed."
    assert shown["summary-2026-01"]["markdown"].splitlines() == [
        "| 2026-01 | Closed |",
        "|:--|--:|",
        "| partners | 2 |",
        "| opening balances | 500.00 RUB |",
        "| commission | 61 728.39 RUB |",
        "| corrections | -228.39 RUB |",
        "| **to pay** | **60 000.00 RUB** |",
        "| carried forward | 2 000.00 RUB |",
        "| lines received | 1 204 |",
        "| the vendor's control totals | agrees |",
        "",
        "What became of the lines:",
        "",
        "| | reason | lines | sum | |",
        "|:--|:--|--:|--:|:--|",
        "| settled |  | 1 200 | 123 456.78 | RUB |",
        "| clawback |  | 2 | -456.78 | RUB |",
        "| open | other currency | 1 | 1.50 | EUR |",
        r"| rejected | bad currency | 1 | 7 | \<b\>\|\*x\* |",
        "",
        "Largest changes against last month:",
        "",
        "- P-0001: 0.00 last month, 1.00 now (+1.00)",
        "",
        f"Draft `{'d' * 64}`",
        "",
        f"This run's code: `{code_version()}`",
    ]


def test_partners_that_failed_are_shown_with_the_whole_reason_and_those_of_one_reason_together(
    shown: dict[str, dict[str, Any]],
) -> None:
    long = f"archive: file exists {'x' * 500}\nsecond line: 1*2*3"
    failed = {"P-0003": long, "P-0005": "TypeError: no __index__", "P_6": long}
    artifacts.publish(result(Ending.INCOMPLETE, failed=failed, missing=["P-0003", "P-0005", "P_6", "P-0007"]))
    assert shown["failed-2026-01"]["markdown"].splitlines() == [
        "4 of 2 partners have no documents.",
        "",
        r"**P-0003, P\_6**",
        "",
        f"> archive: file exists {'x' * 500}  ",  # two spaces at the end begin a new line
        r"> second line: 1\*2\*3",
        "",
        "**P-0005**",
        "",
        r"> TypeError: no \_\_index\_\_",
        "",
        "**P-0007**",
        "",
        "> not tried in this run",
    ]


def test_every_partner_that_failed_is_shown_however_many(shown: dict[str, dict[str, Any]]) -> None:
    artifacts.publish(result(Ending.INCOMPLETE, missing=[f"P-{number:04d}" for number in range(1_500)]))
    assert all(f"P-{number:04d}" in shown["failed-2026-01"]["markdown"] for number in (0, 201, 1_499))


def test_a_page_shows_the_first_200_reasons_of_a_long_table_and_says_so(shown: dict[str, dict[str, Any]]) -> None:
    made = result(Ending.DRAFTED)
    many = [
        Tally(outcome="open", reason=f"r{number}", currency="RUB", lines=1, amount_minor=1) for number in range(201)
    ]
    artifacts.publish(replace(made, figures=replace(made.figures, tallies=tuple(many))))
    assert len(shown["open-2026-01"]["table"]) == 200
    assert shown["open-2026-01"]["description"].endswith("(the first 200 of 201)")


def test_a_mended_failure_is_replaced(shown: dict[str, dict[str, Any]]) -> None:
    artifacts.publish(result(Ending.CLOSED))
    assert shown["failed-2026-01"]["markdown"] == "Every partner has its documents."


@pytest.mark.parametrize("ending", [Ending.DRAFTED, Ending.WAITING])
def test_a_month_that_is_not_approved_has_no_failures(ending: Ending, shown: dict[str, dict[str, Any]]) -> None:
    artifacts.publish(result(ending))
    assert set(shown) == {"summary-2026-01", "open-2026-01", "rejected-2026-01"}
