"""A closed month by a corrected programme or table: v2 stands beside v1, and the next month posts the difference.

By hand: January earned a 100.00, a-1 50.00 and b 30.00 at 10 %; at 12 % they are 120.00, 60.00 and 36.00.
February is 100.00 of a at 10 %: 10.00, and 20.00 more for January. In March 500.00 of L1 are given back: at the 12 %
of v2 they take 60.00, where v1 would have taken 50.00.
"""

import json
import shutil
from pathlib import Path

import pytest

from flows.consent.give_consent import give_consent
from flows.corrections.restating import Said, accept
from flows.handing_over import taken
from flows.questions.explaining import approved_statement, explained
from flows.questions.following import followed
from models.errors import BadInput, WrongUse
from rules.archive.seal import Seal
from tasks.proof.reconcile import reconcile
from tasks.storage.directory import DirectoryStore
from tasks.verify import Asked, verify
from tests.flows.corrections.restated_january import JANUARY, right_rate, statement, worked_out, written
from tests.made.closing import close_months
from tests.made.vendors import archived, digests, office, partner, settle, write_csv


@pytest.fixture
def vendor(tmp_path: Path) -> Path:
    return written(tmp_path / "vendor")


@pytest.fixture
def corrected(tmp_path: Path, vendor: Path) -> Path:
    return right_rate(tmp_path / "corrected", vendor)


def test_what_a_wrong_rate_came_to_is_shown_before_anything_is_written(
    tmp_path: Path, vendor: Path, corrected: Path
) -> None:
    close_months(tmp_path / "home", vendor, "2026-01")
    assert list(worked_out(tmp_path, vendor, corrected).words()) == [
        "2026-01 with programme.yaml as corrected:",
        "  a: was 100.00, would be 120.00; open 20.00",
        "  a-1: was 50.00, would be 60.00; open 10.00",
        "  b: was 30.00, would be 36.00; open 6.00",
    ]
    assert not (vendor / "restatements").exists()


def test_a_restated_statement_stands_beside_the_one_it_supersedes(done: Path) -> None:
    first, second = statement(done, "a", "2026-01/v1"), statement(done, "a", "2026-01/v2")
    assert (first.summary.commission_minor, second.summary.commission_minor) == (100_00, 120_00)
    assert (second.statement, second.number) == ("a/2026-01/v2", "2026-000004")
    said = second.supersedes
    assert said is not None
    assert (said.statement, said.of_number, said.total_minor) == ("a/2026-01/v1", "2026-000001", 100_00)
    assert (said.difference_minor, said.settled_in) == (20_00, "2026-02")
    assert (said.made_by, said.reason, second.approved.by) == ("olga", "the contract says 12 %", "system")
    assert said.digest == digests(archived(done / "home", "2026-01"))["statements/a/statement.json"]
    page = (done / "home/archive/test-partners/2026-01/v2/statements/a/statement.html").read_text()
    assert "stands beside statement 2026-000001 of the same month" in page
    box = page[page.index('<section class="summary">') : page.index("</section>")]
    for words in (
        '<p class="quiet">What January 2026 comes to</p>\n<p><strong>120.00</strong> RUB</p>',
        "Already stated in No.\u00a02026-000001</span> 100.00",
        "Difference, settled in the statement for February 2026</span> 20.00",
        "It would have been then: to pay 120.00, carried forward 0.00. Nothing is paid by this statement itself.",
    ):
        assert words in box
    assert "To pay</p>" not in box


def test_the_next_month_posts_the_difference_alone(done: Path) -> None:
    february = statement(done, "a", "2026-02/v1")
    (entry,) = february.corrections
    assert (entry.kind, entry.rule, entry.cites, entry.commission_minor) == (
        "restatement", "software", "a/2026-01/v1", 20_00,
    )  # fmt: skip
    assert entry.words == "the contract says 12 % (olga)"
    assert (february.summary.opening_minor, february.summary.to_pay_minor) == (0, 30_00)
    journal = (archived(done / "home", "2026-02") / "ledger.journal").read_text()
    assert "    expenses:restatement:software  RUB 20.00\n    liabilities:a:accrued  RUB -20.00\n" in journal
    assert not (done / "home/archive/test-partners/2026-01/v2/ledger.journal").exists()


def test_what_is_given_back_later_takes_what_the_later_version_earned(done: Path) -> None:
    march = statement(done, "a", "2026-03/v1")
    (entry,) = march.corrections
    assert (entry.kind, entry.rate, entry.commission_minor) == ("clawback", "12", -60_00)
    assert march.summary.carried_minor == -60_00


def test_the_chain_goes_from_the_last_seal_over_the_later_version_to_the_month_that_settles_it(done: Path) -> None:
    programme = done / "home/archive/test-partners"
    seals = {
        name: Seal.parse((programme / name / "SEAL").read_bytes())
        for name in ("2026-01/v1", "2026-01/v2", "2026-02/v1", "2026-03/v1")
    }
    first, second, february, march = seals.values()
    assert [second.previous, february.previous, march.previous] == [first.digest, second.digest, february.digest]
    assert second.restates is not None
    assert (second.restates.seal, second.restates.draft) == (first.digest, february.draft)
    assert (second.restates.made_by, second.restates.settled_in) == ("olga", "2026-02")


def test_database_archive_and_figures_agree_and_everything_comes_out_again(done: Path) -> None:
    there = office(done / "home", done / "vendor")
    assert reconcile(there.database, there.store) == []
    found = verify(DirectoryStore(done / "home/archive"), asked=Asked(again=True))
    assert (found.findings, found.periods) == ((), 4)


@pytest.mark.parametrize("month", ["2026-01", "2026-02", "2026-03"])
def test_a_month_alone_holds_too(done: Path, month: str) -> None:
    assert verify(DirectoryStore(done / "home/archive/test-partners" / month)).findings == ()


def test_explain_and_bundle_give_the_newest_statement(done: Path) -> None:
    there = office(done / "home", done / "vendor")
    lines = list(explained(approved_statement(there, "a", JANUARY), None))
    assert lines[2:4] == [
        "  stands beside 2026-000001, a/2026-01/v1: 100.00 there; the difference, 20.00, is posted in 2026-02",
        "    the contract says 12 %; made by olga",
    ]
    assert any(
        "earned under software, client C1: 120.000000 at 12 %" in line for line in followed(there, "a", JANUARY, "L1")
    )
    files, _ = taken(there.store.url, there.settings, JANUARY, "a", "an auditor")
    assert json.loads(files["statement.json"])["statement"] == "a/2026-01/v2"


def test_a_later_version_that_is_taken_away_or_changed_is_found(done: Path, tmp_path: Path) -> None:
    gone = shutil.copytree(done / "home/archive", tmp_path / "gone")
    shutil.rmtree(gone / "test-partners/2026-01/v2")
    words = [each.words for each in verify(DirectoryStore(gone)).findings if each.severity == "error"]
    assert any(each.startswith("breaks the chain") for each in words)
    assert "the restatement of 2026-01: 2000, and 0 follows from the rest" in words
    forged = shutil.copytree(done / "home/archive", tmp_path / "forged")
    path = forged / "test-partners/2026-01/v2/SEAL"
    seal = json.loads(path.read_bytes())
    seal["restates"]["seal"] = "0" * 64
    path.chmod(0o644)
    path.write_text(json.dumps(seal, sort_keys=True, separators=(",", ":")) + "\n")
    words = [each.words for each in verify(DirectoryStore(forged)).findings if each.severity == "error"]
    assert any(each.startswith(f"stands beside {'0' * 64}, and the SEAL of 2026-01/v1 is ") for each in words)


def test_a_restatement_is_accepted_once_and_its_files_stay_as_they_were(
    tmp_path: Path, vendor: Path, corrected: Path
) -> None:
    close_months(tmp_path / "home", vendor, "2026-01")
    here = office(tmp_path / "home", vendor)
    found = worked_out(tmp_path, vendor, corrected)
    assert [accept(found, here), accept(found, here)] == [True, False]
    with pytest.raises(BadInput, match=r"restatements/2026-01-v2 is there already, .* olga made it"):
        accept(worked_out(tmp_path, vendor, corrected, Said("petr", "another")), here)
    close_months(tmp_path / "home", vendor, "2026-02")
    file = vendor / "restatements/2026-01-v2/programme.yaml"
    file.write_text(file.read_text().replace("12%", "13%"))
    with pytest.raises(BadInput, match=r"programme\.yaml is not what 2026-01/v2 was made by"):
        close_months(tmp_path / "home", vendor, "2026-03")


def test_a_month_can_be_restated_again_beside_the_version_before(tmp_path: Path, vendor: Path, corrected: Path) -> None:
    close_months(tmp_path / "home", vendor, "2026-01")
    accept(worked_out(tmp_path, vendor, corrected), office(tmp_path / "home", vendor))
    close_months(tmp_path / "home", vendor, "2026-02")
    write_csv(corrected / "partners.csv", [partner("a"), partner("a-1"), partner("b")])
    (corrected / "exclusions.csv").write_text("client_id,reason\nC3,sold at cost\n")
    found = worked_out(tmp_path, vendor, corrected)
    assert list(found.words())[1:] == ["  b: was 36.00, would be 0.00; open -36.00"]
    assert found.asked.folder == "restatements/2026-01-v3"
    accept(found, office(tmp_path / "home", vendor))
    march = close_months(tmp_path / "home", vendor, "2026-03")["2026-03"]
    assert [each.commission_minor for each in march["b"].corrections] == [-36_00]
    assert [each.commission_minor for each in march["a"].corrections] == [-60_00]
    assert verify(DirectoryStore(tmp_path / "home/archive"), asked=Asked(figures=False)).holds


def say_yes(tmp_path: Path, vendor: Path, period: str, by: str) -> None:
    (waiting,) = settle(tmp_path / "home", vendor, period)
    give_consent(office(tmp_path / "home", vendor), waiting.period, waiting.draft_digest, by)


def test_two_persons_make_and_consent_where_the_programme_says_so(
    tmp_path: Path, vendor: Path, corrected: Path
) -> None:
    for folder in (vendor, corrected):
        path = folder / "programme.yaml"
        path.write_text(path.read_text().replace("plans:", "two_persons: on\napproval: on\nplans:", 1))
    say_yes(tmp_path, vendor, "2026-01", "petr")
    settle(tmp_path / "home", vendor, "2026-01")
    accept(worked_out(tmp_path, vendor, corrected), office(tmp_path / "home", vendor))
    say_yes(tmp_path, vendor, "2026-02", "olga")
    (waiting,) = settle(tmp_path / "home", vendor, "2026-02")
    assert waiting.ending.title == "WaitingForApproval"
    say_yes(tmp_path, vendor, "2026-02", "petr")
    (closed,) = settle(tmp_path / "home", vendor, "2026-02")
    assert (closed.ending.title, closed.restates) == ("Closed", ["2026-01/v2"])
    seal = Seal.parse((tmp_path / "home/archive/test-partners/2026-01/v2/SEAL").read_bytes())
    assert seal.restates is not None
    assert seal.consents is not None
    assert (seal.restates.made_by, [each.by for each in seal.consents]) == ("olga", ["olga", "petr"])
    assert verify(DirectoryStore(tmp_path / "home/archive"), asked=Asked(again=True)).findings == ()
    there = office(tmp_path / "home", vendor)
    assert reconcile(there.database, there.store) == []


def test_what_was_put_right_by_hand_is_restated_once_that_is_taken_back(
    tmp_path: Path, vendor: Path, corrected: Path
) -> None:
    close_months(tmp_path / "home", vendor, "2026-01")
    by_hand = {"adjustment_id": "restate-2026-01-a-1", "partner_id": "a", "posted_on": "2026-02-01",
               "amount_minor": 20_00, "why": "12 %", "evidence": "", "who": "olga", "cites": ""}  # fmt: skip
    write_csv(vendor / "adjustments.csv", [by_hand])
    said = r"restate-2026-01-a-1 of adjustments\.csv has put it right already: take .* a row of a of -2000 minor units"
    with pytest.raises(WrongUse, match=said):
        accept(worked_out(tmp_path, vendor, corrected), office(tmp_path / "home", vendor))
    assert not (vendor / "restatements").exists()
    back = {**by_hand, "adjustment_id": "restate-2026-01-a-2", "amount_minor": -20_00}
    write_csv(vendor / "adjustments.csv", [by_hand, back])
    accept(worked_out(tmp_path, vendor, corrected), office(tmp_path / "home", vendor))
    february = close_months(tmp_path / "home", vendor, "2026-02")["2026-02"]
    assert february["a"].summary.corrections_minor == 20_00  # 20.00 by hand, -20.00 by hand, 20.00 restated


def test_a_statement_that_was_issued_does_not_go_away(tmp_path: Path, vendor: Path) -> None:
    close_months(tmp_path / "home", vendor, "2026-01")
    folder = tmp_path / "tables"
    folder.mkdir()
    write_csv(folder / "partners.csv", [partner("a"), partner("a-1"), partner("b", **{"from": "2026-02"})])
    with pytest.raises(BadInput, match="2026-01/v2: b would have no statement any more"):
        worked_out(tmp_path, vendor, folder)


def test_what_cannot_be_corrected_so_is_refused_by_name(tmp_path: Path, vendor: Path, corrected: Path) -> None:
    with pytest.raises(WrongUse, match="2026-01 is not closed"):
        worked_out(tmp_path, vendor, corrected)
    close_months(tmp_path / "home", vendor, "2026-01")
    with pytest.raises(WrongUse, match="there is no folder"):
        worked_out(tmp_path, vendor, tmp_path / "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(WrongUse, match=r"is empty: what may be corrected is programme\.yaml, partners\.csv"):
        worked_out(tmp_path, vendor, tmp_path / "empty")
    (corrected / "claims.csv").write_text("claim_id\n")
    with pytest.raises(WrongUse, match=r"has claims\.csv: what may be corrected"):
        worked_out(tmp_path, vendor, corrected)
    (corrected / "claims.csv").unlink()
    (corrected / "exclusions.csv").write_text("client_id,reason,rule\nC3,sold at cost,hardware\n")
    with pytest.raises(BadInput, match=r"2026-01-v2: its tables name what its programme\.yaml does not have"):
        worked_out(tmp_path, vendor, corrected)
    (corrected / "exclusions.csv").unlink()
    programme = (corrected / "programme.yaml").read_text()
    (corrected / "programme.yaml").write_text(programme.replace("currency: RUB", "currency: USD"))
    with pytest.raises(WrongUse, match="names the currency USD, and it is RUB"):
        accept(worked_out(tmp_path, vendor, corrected), office(tmp_path / "home", vendor))


def test_a_folder_of_restatements_that_is_none_is_refused_by_name(tmp_path: Path, vendor: Path) -> None:
    close_months(tmp_path / "home", vendor, "2026-01")
    folder = vendor / "restatements/2026-01"
    folder.mkdir(parents=True)
    with pytest.raises(BadInput, match=r"restatements/2026-01 is no folder of a restatement"):
        close_months(tmp_path / "home", vendor, "2026-02")
    folder = folder.rename(vendor / "restatements/2026-01-v2")
    with pytest.raises(BadInput, match=r"restatements/2026-01-v2 has no restatement\.csv"):
        close_months(tmp_path / "home", vendor, "2026-02")
    (folder / "restatement.csv").write_text("who,why\n")
    with pytest.raises(BadInput, match=r"has 0 rows"):
        close_months(tmp_path / "home", vendor, "2026-02")
