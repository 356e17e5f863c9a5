"""A partner withheld: their statement is issued and its lines settle, and what is to pay is held until a release."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from flows.consent.give_consent import give_consent, record_consent
from flows.consent.withholding import withhold
from flows.office import Office
from flows.questions.explaining import explanation
from flows.questions.exporting import exported
from flows.result import Ending, MonthResult
from flows.settle_month import settle_month
from models.errors import WrongUse
from models.period import Period
from models.statement import Statement
from rules.payout import words_of
from tasks.facts.consents import PREPARED, Consent
from tasks.proof.reconcile import reconcile
from tasks.storage.directory import DirectoryStore
from tasks.verify import Asked, verify
from tests.made.tables import run, stored
from tests.made.vendors import PROGRAMME, archived, claim, line, office, partner, write_vendor

JANUARY, FEBRUARY, MARCH = Period(2026, 1), Period(2026, 2), Period(2026, 3)
WHY = "the tax id is missing"


def february(line_id: str, client: str, amount_minor: int) -> dict[str, object]:
    return line(line_id, client, amount_minor, paid_on="2026-02-10", issued_on="2026-02-10")


class Desk:
    """Two partners, of whom ana earns 500.00, 100.00 and -300.00 in the first months, and bo 500.00 in the first."""

    def __init__(
        self, folder: Path, programme: str = PROGRAMME + "approval: on\n", database_url: str | None = None
    ) -> None:
        self.folder = folder
        self.settings = {"database_url": database_url} if database_url else {}
        self.vendor = write_vendor(
            folder / "vendor",
            programme=programme,
            partners=[partner("ana"), partner("bo")],
            claims=[claim("acme", "ana"), claim("berg", "bo")],
            billing={
                "2026-01.csv": [line("L1", "acme", 100_000), line("L2", "berg", 100_000)],
                "2026-02.csv": [february("L3", "acme", 20_000)],
                "2026-03.csv": [line("L4", "acme", -60_000, paid_on="2026-03-10", issued_on="2026-03-10")],
            },
        )

    @property
    def office(self) -> Office:
        return office(self.folder / "home", self.vendor, **self.settings)

    def waiting(self, month: Period) -> str:
        result = settle_month(month, self.office)
        assert result.ending is Ending.WAITING
        return result.draft_digest

    def close(self, month: Period, *holds: str, release: Sequence[str] = ()) -> MonthResult:
        """Settle a month with anna's yes, who withholds and releases."""
        digest = self.waiting(month)
        if holds or release:
            digest = withhold(self.office, month, digest, words_of(holds, release), "anna").draft_digest
        give_consent(self.office, month, digest, "anna")
        result = settle_month(month, self.office)
        assert result.ending is Ending.CLOSED
        assert list(reconcile(self.office.database, self.office.store)) == []
        return result

    def statement(self, month: Period, partner_id: str = "ana") -> Statement:
        folder = archived(self.folder / "home", str(month)) / "statements" / partner_id
        return Statement.model_validate_json((folder / "statement.json").read_bytes())

    def summary(self, month: Period, partner_id: str = "ana") -> dict[str, int]:
        return {entry.kind.value: entry.amount_minor for entry in self.statement(month, partner_id).summary.entries}

    def posted(self, account: str) -> list[tuple[str, str, int]]:
        rows = stored(self.office.database, "posting")
        return [(str(row["period"]), str(row["partner_id"]), int(str(row["amount_minor"]))) for row in rows if row["account"] == account]  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Ana is withheld in January and February, and released in March, when she owes 300.00."""
    desk = Desk(tmp_path_factory.mktemp("released"))
    desk.close(JANUARY, f"ana={WHY}")
    desk.close(FEBRUARY)
    desk.close(MARCH, release=["ana"])
    return desk


def test_a_withheld_partner_has_a_statement_that_says_what_is_held_and_why(released: Desk) -> None:
    statement = released.statement(JANUARY)
    assert released.summary(JANUARY) == {"opening": 0, "commission": 50_000, "held": -50_000, "to_pay": 0, "carried": 0}
    assert [entry.reason for entry in statement.summary.entries if entry.reason] == [WHY]
    assert [(each.of, each.opening_minor, each.closing_minor) for each in statement.apart] == [("held", 0, 50_000)]
    assert [payment.line_id for payment in statement.payments] == ["L1"]
    page = archived(released.folder / "home", "2026-01") / "statements" / "ana" / "statement.html"
    assert f"Withheld: {WHY}" in page.read_text()
    assert "Withheld so far: 500.00" in page.read_text()


def test_nobody_else_is_touched_by_it(released: Desk) -> None:
    assert released.summary(JANUARY, "bo") == {"opening": 0, "commission": 50_000, "to_pay": -50_000, "carried": 0}
    raw = json.loads((archived(released.folder / "home", "2026-01") / "statements/bo/statement.json").read_bytes())
    assert all("reason" not in entry for entry in raw["summary"]["entries"])


def test_a_hold_stands_in_the_next_month_without_a_word(released: Desk) -> None:
    assert released.summary(FEBRUARY) == {"opening": 0, "commission": 10_000, "held": -10_000, "to_pay": 0, "carried": 0}  # fmt: skip
    (balance,) = released.statement(FEBRUARY).apart
    assert (balance.opening_minor, balance.earned_minor, balance.closing_minor) == (50_000, 10_000, 60_000)


def test_what_is_released_comes_back_into_the_balance_and_a_debt_is_set_against_it(released: Desk) -> None:
    """600.00 were held, and 300.00 are owed by now: 300.00 are to pay."""
    assert released.summary(MARCH) == {"opening": 0, "commission": -30_000, "released": 60_000, "to_pay": -30_000, "carried": 0}  # fmt: skip
    (balance,) = released.statement(MARCH).apart
    assert (balance.opening_minor, balance.spent_minor, balance.closing_minor) == (60_000, 60_000, 0)


def test_the_ledger_owes_what_is_held_until_it_is_released(released: Desk) -> None:
    held = [("2026-01", "ana", -50_000), ("2026-02", "ana", -10_000), ("2026-03", "ana", 60_000)]
    assert released.posted("liabilities:held") == held
    assert released.posted("liabilities:payable") == [("2026-01", "bo", -50_000), ("2026-03", "ana", -30_000)]
    journal = (archived(released.folder / "home", "2026-02") / "ledger.journal").read_text()
    assert "liabilities:ana:held  RUB 0.00 = RUB -600.00" in journal


def test_each_word_is_a_fact_with_its_entry_in_the_trail(released: Desk) -> None:
    rows = stored(released.office.database, "hold")
    said = [(row["partner_id"], row["number"], row["word"], row["reason"], row["given_by"], row["period"]) for row in rows]  # fmt: skip
    assert said == [("ana", 1, "held", WHY, "anna", "2026-01"), ("ana", 2, "released", "", "anna", "2026-03")]
    events = [row["event"] for row in stored(released.office.database, "audit")]
    assert (events.count("payout.held"), events.count("payout.released")) == (1, 1)


def test_the_archive_comes_out_again_from_its_own_inputs(released: Desk) -> None:
    report = verify(DirectoryStore(released.folder / "home" / "archive"), asked=Asked(again=True))
    said = "not referred to by any month: 2 (drafts never approved, reports of rejected lines)"
    assert [each.words for each in report.findings] == [said]


def test_the_archive_s_own_program_finds_nothing_wrong(released: Desk) -> None:
    programme = archived(released.folder / "home", "2026-01").parent.parent
    own = programme / "2026-03" / "v1" / "verify.py"
    done = subprocess.run([sys.executable, own, programme], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_status_export_and_explain_say_what_is_held(released: Desk) -> None:
    (partners, *_) = exported(released.office, JANUARY, [])
    held = {row[0]: row[partners.columns.index("held")] for row in partners.rows}
    assert {partner_id: str(amount) for partner_id, amount in held.items()} == {"ana": "500.00", "bo": "0.00"}
    told = explanation(released.statement(JANUARY), None)
    assert any("withheld" in each and "-500.00" in each for each in told)
    result = settle_month(JANUARY, released.office)
    assert dict(result.figures.owed())["withheld, less released"] == 50_000


@pytest.mark.slow
def test_holds_are_the_same_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    desk = Desk(tmp_path, database_url=postgres_url)
    desk.close(JANUARY, f"ana={WHY}")
    desk.close(FEBRUARY)
    desk.close(MARCH, release=["ana"])
    assert [desk.summary(month)["to_pay"] for month in (JANUARY, FEBRUARY, MARCH)] == [0, 0, -30_000]
    held = [("2026-01", "ana", -50_000), ("2026-02", "ana", -10_000), ("2026-03", "ana", 60_000)]
    assert desk.posted("liabilities:held") == held
    assert [row["word"] for row in stored(desk.office.database, "hold")] == ["held", "released"]


def test_a_partner_who_is_owed_nothing_is_withheld_nothing(desk: Desk) -> None:
    desk.close(JANUARY)
    desk.close(FEBRUARY)
    desk.close(MARCH, f"ana={WHY}")
    assert desk.summary(MARCH) == {"opening": 0, "commission": -30_000, "to_pay": 0, "carried": -30_000}
    assert desk.posted("liabilities:held") == []


@pytest.mark.parametrize(
    ("holds", "release", "said"),
    [
        ([], ["ana"], "nothing of ana is held"),
        ([f"cy={WHY}"], [], "'cy' has no statement in this draft"),
        (["ana=" + "a" * 201], [], "needs a reason of at most 200 characters"),
        ([f"ana={WHY}"], ["ana"], "ana is named twice"),
    ],
)
def test_a_word_that_makes_no_sense_is_refused_and_not_recorded(
    desk: Desk, holds: list[str], release: list[str], said: str
) -> None:
    digest = desk.waiting(JANUARY)
    with pytest.raises(WrongUse, match=said):
        withhold(desk.office, JANUARY, digest, words_of(holds, release), "anna")
    assert stored(desk.office.database, "hold") == []
    assert desk.waiting(JANUARY) == digest


def test_a_yes_to_the_draft_before_the_hold_pays_nobody(desk: Desk) -> None:
    before = desk.waiting(JANUARY)
    give_consent(desk.office, JANUARY, before, "olga")
    after = withhold(desk.office, JANUARY, before, words_of([f"ana={WHY}"], []), "anna").draft_digest
    assert after != before
    assert desk.waiting(JANUARY) == after


def test_the_same_word_a_second_time_changes_nothing(desk: Desk) -> None:
    digest = desk.waiting(JANUARY)
    first = withhold(desk.office, JANUARY, digest, words_of([f"ana={WHY}"], []), "anna")
    assert withhold(desk.office, JANUARY, digest, words_of([f"ana={WHY}"], []), "anna") == first
    assert len(stored(desk.office.database, "hold")) == 1


def test_a_word_whose_draft_was_not_kept_any_more_is_in_the_draft_of_the_next_run(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process is killed between the two transactions: the word is a fact, and its draft is not there."""
    before = desk.waiting(JANUARY)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as interrupted:
        interrupted.setattr("flows.consent.withholding.propose", killed)
        with pytest.raises(KeyboardInterrupt):
            withhold(desk.office, JANUARY, before, words_of([f"ana={WHY}"], []), "anna")
    after = desk.waiting(JANUARY)
    assert after != before
    again = withhold(desk.office, JANUARY, after, words_of([f"ana={WHY}"], []), "anna")
    assert again.draft_digest == after
    assert len(stored(desk.office.database, "hold")) == 1


def test_a_hold_taken_back_before_the_month_is_approved_leaves_the_draft_as_it_was(desk: Desk) -> None:
    before = desk.waiting(JANUARY)
    after = withhold(desk.office, JANUARY, before, words_of([f"ana={WHY}"], []), "anna").draft_digest
    assert withhold(desk.office, JANUARY, after, words_of([], ["ana"]), "anna").draft_digest == before
    assert desk.waiting(JANUARY) == before


def test_two_persons_who_withholds_does_not_approve_of_it_alone(tmp_path: Path) -> None:
    desk = Desk(tmp_path, PROGRAMME + "approval: on\ntwo_persons: on\n")
    digest = withhold(desk.office, JANUARY, desk.waiting(JANUARY), words_of([f"ana={WHY}"], []), "anna").draft_digest
    give_consent(desk.office, JANUARY, digest, "anna")
    assert desk.waiting(JANUARY) == digest
    give_consent(desk.office, JANUARY, digest, "olga")
    assert settle_month(JANUARY, desk.office).ending is Ending.CLOSED


def test_who_prepared_a_draft_has_not_approved_of_it(desk: Desk) -> None:
    digest = desk.waiting(JANUARY)
    record_consent(desk.office, Consent("2026-01", digest, "olga", PREPARED))
    assert desk.waiting(JANUARY) == digest


def test_a_hold_that_a_hand_took_out_of_the_database_is_named(desk: Desk) -> None:
    desk.close(JANUARY, f"ana={WHY}")
    with closing(sqlite3.connect(desk.folder / "home" / "settlement.db")) as database:
        triggers = database.execute("SELECT sql FROM sqlite_master WHERE name = 'hold_refuses_delete'").fetchall()
    run(desk.office.database, "DROP TRIGGER hold_refuses_delete", "DELETE FROM hold", *(sql for (sql,) in triggers))
    found = [str(each) for each in reconcile(desk.office.database, desk.office.store)]
    assert any("payout.held" in each for each in found), found
