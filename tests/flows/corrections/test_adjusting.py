"""An amount by hand through the command: written once, as a run reads it, and approved by a second person."""

import sys
from pathlib import Path

import pytest

from cli.main import main
from flows.consent.give_consent import give_consent
from flows.corrections.adjusting import ByHand, adjust
from flows.result import Ending
from flows.settle_month import settle_month
from models.errors import BadInput
from models.period import Period
from tests.flows.corrections.test_refunds import HEADING, TEN, sale
from tests.made.closing import close_months
from tests.made.vendors import claim, office, partner, write_vendor

FEBRUARY = Period(2026, 2)


@pytest.fixture
def vendor(tmp_path: Path) -> Path:
    return write_vendor(
        tmp_path / "vendor",
        programme=HEADING.format(refunds="original_rate") + TEN,
        partners=[partner("a"), partner("b")],
        claims=[claim("C1", "a"), claim("C2", "b")],
        billing={"2026-01.csv": [sale("L1", 1000, "2026-01-10")], "2026-02.csv": [sale("L2", 100, "2026-02-10")]},
    )


def by_hand(**others: str) -> ByHand:
    said = {"adjustment_id": "A1", "partner_id": "a", "amount": "50.00", "why": "a fair", "who": "olga"}
    return ByHand(**(said | others))  # type: ignore[arg-type]


def test_an_amount_by_hand_is_settled_by_the_next_month_and_cites_the_statement_it_corrects(
    tmp_path: Path, vendor: Path
) -> None:
    close_months(tmp_path / "home", vendor, "2026-01")
    here = office(tmp_path / "home", vendor)
    done = adjust(here, by_hand(cites="a/2026-01/v1", evidence="mail of 2 May"))
    assert (done.adjustment.posted_on, done.settles_in, done.is_new) == (FEBRUARY.first_day, FEBRUARY, True)
    statement = close_months(tmp_path / "home", vendor, "2026-02")["2026-02"]["a"]
    assert statement.summary.corrections_minor == 5_000
    (entry,) = statement.corrections
    assert (entry.refund_id, entry.cites, entry.words) == ("A1", "a/2026-01/v1", "a fair (olga; mail of 2 May)")
    # Said again it changes nothing, though another month is next now.
    again = adjust(here, by_hand(cites="a/2026-01/v1", evidence="mail of 2 May"))
    assert (again.settles_in, again.is_new) == (None, False)


@pytest.mark.parametrize(
    ("others", "says"),
    [
        ({"amount": "50,00"}, "'50,00' is not an amount"),
        ({"amount": "0.001"}, "has 2 decimal digits"),
        ({"amount": "0"}, "amount_minor 0 is 0"),
        ({"partner_id": "c"}, "partner_id 'c' is no partner of partners.csv"),
        ({"why": ""}, "why is blank"),
        ({"adjustment_id": ""}, "adjustment_id is blank"),
        ({"cites": "a/2026-02/v1"}, r"cites a/2026-02/v1, and no such statement was issued.*a/2026-01/v1"),
    ],
)
def test_what_is_wrong_with_it_is_said_and_nothing_is_written(
    tmp_path: Path, vendor: Path, others: dict[str, str], says: str
) -> None:
    close_months(tmp_path / "home", vendor, "2026-01")
    with pytest.raises(BadInput, match=says):
        adjust(office(tmp_path / "home", vendor), by_hand(**others))
    assert not (vendor / "adjustments.csv").exists()


def test_an_id_that_was_settled_with_another_amount_is_refused(tmp_path: Path, vendor: Path) -> None:
    here = office(tmp_path / "home", vendor)
    adjust(here, by_hand())
    close_months(tmp_path / "home", vendor, "2026-01")
    (vendor / "adjustments.csv").unlink()
    with pytest.raises(BadInput, match="adjustment A1: amount_minor is 6000, was 5000"):
        adjust(here, by_hand(amount="60.00"))


def test_where_two_persons_are_asked_for_whoever_wrote_an_amount_is_not_the_one_who_approves_it(
    tmp_path: Path, vendor: Path, caplog: pytest.LogCaptureFixture
) -> None:
    programme = vendor / "programme.yaml"
    programme.write_text(programme.read_text().replace("plans:", "two_persons: on\nplans:"))
    january, here = Period(2026, 1), office(tmp_path / "home", vendor)
    assert adjust(here, by_hand()).two_persons
    waiting = settle_month(january, here)
    assert waiting.ending is Ending.WAITING
    give_consent(here, january, waiting.draft_digest, "Olga")
    assert settle_month(january, here).ending is Ending.WAITING
    assert "nobody but Olga has approved of what olga wrote or prepared" in caplog.text
    give_consent(here, january, waiting.draft_digest, "petr")
    assert settle_month(january, here).ending is Ending.CLOSED


def test_where_two_persons_are_asked_for_a_month_without_anything_by_hand_takes_one(
    tmp_path: Path, vendor: Path
) -> None:
    programme = vendor / "programme.yaml"
    programme.write_text(programme.read_text().replace("plans:", "two_persons: on\nplans:"))
    january, here = Period(2026, 1), office(tmp_path / "home", vendor)
    waiting = settle_month(january, here)
    assert waiting.ending is Ending.WAITING
    give_consent(here, january, waiting.draft_digest, "olga")
    assert settle_month(january, here).ending is Ending.CLOSED


def test_the_command_says_when_it_settles(
    tmp_path: Path, vendor: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SETTLE_HOME", str(tmp_path / "home"))
    said = ["adjust", "a", "--amount", "-12.30", "--id", "A7", "--why", "returned", "--by", "olga", "--from"]
    monkeypatch.setattr(sys, "argv", ["settle", *said, str(vendor)])
    for first, where in ((True, "added to"), (False, "is already in")):
        with pytest.raises(SystemExit) as end:
            main()
        assert not end.value.code, first
        assert capsys.readouterr().out.splitlines() == [
            f"A7: -12.30 RUB for a, {where} adjustments.csv.",
            "It settles in 2026-01. Now: settle run 2026-01 --dry-run",
        ]
