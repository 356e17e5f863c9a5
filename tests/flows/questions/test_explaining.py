"""Explain: every way of earning is followed from its figure to its clause, its steps and what it is for."""

import pytest

from flows.questions.explaining import ENTRIES, explanation
from models.phrase import Phrase, name
from models.statement import Statement
from models.summary import EntryKind
from tests.templates.corrected import corrected, correction
from tests.templates.every_way import SILVER, every_way
from tests.templates.examples import statement
from tests.templates.pieces import amount, client, earned, share


def lines(issued: Statement, client_id: str | None = None) -> list[str]:
    return [line.strip() for line in explanation(issued, client_id)]


@pytest.mark.parametrize(
    "line",
    [
        "leads: 575.00",
        "working  3 x 275.00 = 825.000000 (registration, tier 2)",
        "working  -250.00 = -250.000000 (cancelled)",
        "event E-0: -250.00 (exactly -250.000000)",
        "working  10 000.00 x 15/31 = 4838.709677 (15 of 31 days)",
        "working  84 444.44 x 50 % = 42222.220000",
        "working  700.00 x 3/7 = 300.000000 (margin at 30 % discount)",
        "person E-11 Ирина Белова: 50.00 (exactly 50.000000)",
        "goes to  the partner's marketing fund; no part of the payout",
        "goes to  the partner's own margin: its clients paid it, the partner has kept it; no part of the payout",
        "Kept apart, the partner's marketing fund: 12 345.00 + 6 000.00 earned - 5 500.00 spent = 12 845.00",
        "2026-01-15 S-1 Вебинар «Телефония»: 4 000.00; brought the claims claim-C1, claim-C5",
        "client K7: 2 000.00 (exactly 2000.000000) on 20 000.00; assignment assignment-3 of 2026-01-05",
        "client C1: -1 000.00 (exactly -1000.000000); claim claim-C1 of 2025-06-18",
        "tier     3, from 300 000.00, 12 %: telephony, numbers came to 644 800.00, over 12 months, "
        "over the consolidation group",
        "tier     2, from 20 clients, 10 %: all (new clients) came to 30 clients, since the programme starts",
        "level              Silver of partnership, from 500 000.00, reached in 2025-12; "
        "up to the month before the measure came to 612 000.00; Gold from 1 000 000.00",
    ],
)
def test_every_figure_is_explained(line: str) -> None:
    assert line in lines(every_way())


def test_every_kind_of_entry_is_called_something() -> None:
    assert set(ENTRIES) == set(EntryKind)


def test_a_level_kept_by_grace_says_so() -> None:
    kept = SILVER.model_copy(update={"kept_by_grace": True, "counts": True, "starts_at": 50, "measure": 40})
    issued = statement("en", ()).model_copy(update={"level": kept.model_copy(update={"next_name": ""})})

    assert lines(issued)[-1] == (
        "level              Silver of partnership, from 50 clients, reached in 2025-12, kept by grace; "
        "up to the month before the measure came to 40 clients"
    )


def test_of_one_client_only_its_own_part_is_explained() -> None:
    shown = lines(every_way(), "K7")

    assert "client K7: 2 000.00 (exactly 2000.000000) on 20 000.00; assignment assignment-3 of 2026-01-05" in shown
    assert "line L25, invoice INV-25, consulting, paid 2026-01-12: 24 400.00, base 20 000.00" in shown
    assert [line for line in shown if line.startswith(("client", "event", "person", "Kept apart"))] == [
        line for line in shown if line.startswith("client K7")
    ]


def test_a_client_without_a_claim_is_explained_without_one() -> None:
    served = client("C1", 0, 0, "-1.000000", -100).model_copy(update={"claim_id": "", "claimed_on": ""})
    ceiling = earned(
        "ceiling", "cap", "", -100, (amount(-100, Phrase.of("{who}: earned this month", who="C1")),), clients=(served,)
    )

    assert lines(statement("en", (ceiling,)))[-1] == "client C1: -1.00 (exactly -1.000000)"


def test_the_longest_lists_are_cut_and_say_so() -> None:
    steps = tuple(amount(1, name(f"K{number}")) for number in range(23))
    shares = tuple(share(f"E{number}", 1) for number in range(22))
    shown = lines(statement("en", (earned("leads", "pay_per_action", "", 22, steps, by="event", shares=shares),)))

    assert len([line for line in shown if line.startswith("working")]) == 20
    assert "... and 3 more steps; statement.json has them all" in shown
    assert "... and 2 more; statement.json has them all" in shown


@pytest.mark.parametrize(
    "line",
    [
        "refunds                          -69.67 RUB",
        "caps, guarantees                  50.00 RUB",
        "adjustments                        7.00 RUB",
        "Corrections: -12.67 of the payout",
        "adjustment A1: 7.00, agreed by phone (olga)",
        "software, client C1: -60.00 (exactly -60.000000); it corrects P-100/2026-01/v1",
        "line R1 of 2026-02-10 gives back 600.00 of line L1, paid 1 000.00; 400.00 is left",
        "L1 earned 100.000000 at 10 %; --line L1 follows it",
        "line R2 of 2026-02-11 gives back 400.00 of line L1, paid 1 000.00, and 200.00 more than was left; 0.00 is left",
        "telephony@2025-06, client C2: 33.33 (exactly 33.333000); it corrects P-100/2025-12/v1",
        "line R3 of 2026-02-12 gives again 333.33 of line L7, paid 333.33; 333.33 is left",
        "L7 earned 33.333000 at 1/3; --line L7 follows it",
        "network, partner P-7: -3.00 (exactly -3.000000); it corrects P-100/2026-01/v1",
        "ceiling: 50.00 (exactly 50.000000, the limit is figured again); it corrects P-100/2026-01/v1",
        "fund, client C1: -20.00 (exactly -20.000000), goes to the partner's marketing fund; "
        "it corrects P-100/2026-01/v1",
        "Kept apart, the partner's marketing fund: 12 345.00 + 6 000.00 earned + -20.00 corrected - 5 500.00 spent "
        "= 12 825.00",
    ],
)
def test_every_correction_is_explained(line: str) -> None:
    assert line in lines(corrected())


def test_of_one_client_only_its_own_corrections_are_explained() -> None:
    shown = lines(corrected(), "C2")

    assert "Corrections: 33.33 of the payout" in shown
    assert [line for line in shown if "it corrects" in line] == [
        "telephony@2025-06, client C2: 33.33 (exactly 33.333000); it corrects P-100/2025-12/v1"
    ]


def test_many_corrections_are_cut_and_say_so() -> None:
    many = tuple(correction(refund_id=f"R{number}", cites="P-100/2025-12/v1") for number in range(22))
    shown = lines(statement("en", ()).model_copy(update={"corrections": many}))

    assert len([line for line in shown if "it corrects" in line]) == 20
    assert "... and 2 more corrections; statement.json has them all" in shown
