"""Approval by signature: only a key of approvers.csv approves a draft, that one, on its days and up to its amount."""

import csv
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cli.status_words import one_month
from flows.consent.give_consent import recorded
from flows.consent.withholding import withhold
from flows.office import Office
from flows.on_prefect.approval_page import page
from flows.result import Ending
from flows.settle_month import settle_month
from models.errors import BadInput, WrongUse
from models.period import Period
from rules.payout import words_of
from tasks.auditing.signing import sign_approval
from tasks.facts.consents import Consent
from tasks.proof.difference import FactsDisagree
from tests.keys import made_key as key
from tests.made.tables import run, stored
from tests.made.vendors import PROGRAMME, office, two_months, write_csv
from tests.waiting import LONG, wait_for

JANUARY, FEBRUARY = Period(2026, 1), Period(2026, 2)
SIGNED = PROGRAMME + "approval: signed\n"
COLUMNS = ("name", "key", "from", "until", "up_to_minor")


class Desk:
    """A vendor whose months are approved by signature, and the keys of its people."""

    def __init__(self, folder: Path, database_url: str = "") -> None:
        self.folder, self.vendor = folder, two_months(folder / "vendor", 100_000, SIGNED)
        self.settings: dict[str, Any] = {"database_url": database_url} if database_url else {}
        self.approvers({"name": "anna"})

    def approvers(self, *rows: dict[str, str]) -> None:
        """Write approvers.csv: a row has the key that is called as its person, where it names none."""
        named = [
            {"key": key(self.folder / "keys", row["name"]).with_suffix(".pub").read_text().strip()} | row
            for row in rows
        ]
        write_csv(self.vendor / "approvers.csv", [{"from": "2026-01"} | row for row in named], COLUMNS)

    @property
    def office(self) -> Office:
        return office(self.folder / "home", self.vendor, **self.settings)

    def waiting(self, month: Period = JANUARY) -> str:
        result = settle_month(month, self.office)
        assert result.ending is Ending.WAITING
        return result.draft_digest

    def signs(self, name: str, digest: str, month: Period = JANUARY, by: str = "") -> Consent:
        path = key(self.folder / "keys", name)
        return recorded(self.office, Consent(str(month), digest, by), lambda data: sign_approval(data, path))

    def closes(self, month: Period = JANUARY) -> bool:
        return settle_month(month, self.office).ending is Ending.CLOSED


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_month_is_approved_by_the_signature_of_a_listed_key_whose_name_it_takes(desk: Desk) -> None:
    given = desk.signs("anna", desk.waiting())
    assert given.by == "anna"
    assert desk.closes()
    (row,) = stored(desk.office.database, "signature")
    assert (row["given_by"], row["signature"]) == ("anna", given.signature)
    assert [each["approved_by"] for each in stored(desk.office.database, "approval")] == ["anna"]


@pytest.fixture
def agent(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An agent that holds anna's key, whose file is gone; the key's public half."""
    anna = key(desk.folder / "keys", "anna")
    # A path of a socket is short: pytest's folder may be too deep for one.
    with tempfile.TemporaryDirectory(prefix="agent-") as folder:
        socket = Path(folder) / "socket"
        process = subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.DEVNULL)
        try:
            wait_for(socket.is_socket, "the agent")
            monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))
            subprocess.run(["ssh-add", "-q", anna], check=True)
            anna.unlink()
            yield anna.with_suffix(".pub")
        finally:
            process.kill()
            process.wait(timeout=LONG)


def test_a_key_that_only_an_agent_holds_signs_by_its_public_half(desk: Desk, agent: Path) -> None:
    given = recorded(desk.office, Consent("2026-01", desk.waiting(), ""), lambda text: sign_approval(text, agent))
    assert given.by == "anna"
    assert desk.closes()


def test_an_agent_that_does_not_hold_the_key_is_told_by_name(
    desk: Desk, agent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSH_AUTH_SOCK")
    with pytest.raises(BadInput, match=rf"--sign {agent} cannot sign: .*"):
        recorded(desk.office, Consent("2026-01", desk.waiting(), ""), lambda text: sign_approval(text, agent))
    assert stored(desk.office.database, "signature") == []


def test_an_agent_signs_the_seal_too(desk: Desk, agent: Path) -> None:
    recorded(desk.office, Consent("2026-01", desk.waiting(), ""), lambda text: sign_approval(text, agent))
    desk.settings["seal_key"] = agent
    assert desk.closes()
    seal = desk.folder / "home/archive/test-partners/2026-01/v1/SEAL"
    signers = desk.folder / "signers"
    signers.write_text(f'test-partners namespaces="settlement-seal" {agent.read_text()}')
    command = ["ssh-keygen", "-Y", "verify", "-f", str(signers), "-I", "test-partners", "-n", "settlement-seal"]
    command += ["-s", f"{seal}.sig"]
    assert subprocess.run(command, input=seal.read_bytes(), capture_output=True, check=False).returncode == 0


@pytest.mark.slow
def test_signed_approval_is_the_same_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    desk = Desk(tmp_path, postgres_url)
    digest = desk.waiting()
    with pytest.raises(WrongUse, match="a name alone approves nothing"):
        recorded(desk.office, Consent("2026-01", digest, "anna"))
    given = desk.signs("anna", digest)
    assert desk.closes()
    (row,) = stored(desk.office.database, "signature")
    assert (row["given_by"], row["signature"]) == ("anna", given.signature)

    digest = desk.waiting(FEBRUARY)
    made = sign_approval(f"{digest}\n".encode(), key(desk.folder / "keys", "anna"))
    at = "2026-12-03T03:00:00Z"
    run(
        desk.office.database,
        f"INSERT INTO consent VALUES ('{digest}', 'approved', 'anna', '2026-02', '{at}')",
        f"INSERT INTO signature VALUES ('{digest}', 'anna', '2026-02', '{at}', '{made}')",
    )
    with pytest.raises(FactsDisagree, match="signature anna"):
        settle_month(FEBRUARY, desk.office)


def test_who_waits_is_told_to_sign(desk: Desk) -> None:
    result = settle_month(JANUARY, desk.office)
    yes = f"settle approve 2026-01 --digest {result.draft_digest} --sign KEY"
    assert result.headline() == f"2026-01 waits for approval: {yes}, then run the month again."
    _, (words,) = one_month(desk.office, JANUARY)
    assert words.endswith(f"Say yes by {yes}.")
    assert result.draft is not None
    assert f"sign first, by `{yes}`" in "\n".join(page(result.draft, result, desk.office))


def test_who_waits_for_a_name_is_not_told_to_sign(desk: Desk, tmp_path: Path) -> None:
    (desk.vendor / "programme.yaml").write_text(PROGRAMME + "approval: on\n")
    result = settle_month(JANUARY, desk.office)
    _, (words,) = one_month(desk.office, JANUARY)
    assert result.draft is not None
    shown = "\n".join(page(result.draft, result, desk.office))
    assert not any("--sign" in each for each in (result.headline(), words, shown))


def test_a_name_alone_approves_nothing(desk: Desk) -> None:
    digest = desk.waiting()
    with pytest.raises(
        WrongUse, match=rf"a name alone approves nothing. settle approve 2026-01 --digest {digest} --sign"
    ):
        recorded(desk.office, Consent("2026-01", digest, "anna"))
    assert stored(desk.office.database, "consent") == []
    assert desk.waiting() == digest


def test_a_setting_asks_for_signatures_that_the_programme_does_not(desk: Desk, tmp_path: Path) -> None:
    (desk.vendor / "programme.yaml").write_text(PROGRAMME)
    tight = office(tmp_path / "home", desk.vendor, approval="signed")
    digest = settle_month(JANUARY, tight).draft_digest
    with pytest.raises(WrongUse, match="a name alone approves nothing"):
        recorded(tight, Consent("2026-01", digest, "anna"))


@pytest.mark.parametrize("setting", ["off", "on"])
def test_no_setting_takes_the_signature_away(desk: Desk, tmp_path: Path, setting: str) -> None:
    loose = office(tmp_path / "home", desk.vendor, approval=setting)
    digest = settle_month(JANUARY, loose).draft_digest
    with pytest.raises(WrongUse, match="a name alone approves nothing"):
        recorded(loose, Consent("2026-01", digest, "anna"))
    assert settle_month(JANUARY, loose).ending is Ending.WAITING


REFUSED: dict[str, tuple[list[dict[str, str]], str, str, str]] = {
    "a key that is not listed": ([{"name": "anna"}], "eve", "", r"the key SHA256:\S+ is not in approvers.csv, which lists"),
    "a key under another's name": (
        [{"name": "anna"}, {"name": "bo"}], "anna", "bo", r"is anna's, and the yes is bo's",
    ),
    "a key over its amount": (
        [{"name": "anna", "up_to_minor": "49999"}], "anna", "", "anna signs for at most 499.99 RUB, and the month pays 500.00",
    ),
    "a key that was revoked": (
        [{"name": "anna", "until": "2026-12-02"}], "anna", "", "of anna ended on 2026-12-02, and the yes is of 2026-12-03",
    ),
    "a key before its day": (
        [{"name": "anna", "from": "2026-12-04"}], "anna", "", "of anna begins on 2026-12-04, and the yes is of 2026-12-03",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_count_is_refused_by_name_and_the_month_waits(desk: Desk, case: str) -> None:
    rows, signer, by, words = REFUSED[case]
    desk.approvers(*rows)
    digest = desk.waiting()
    with pytest.raises(WrongUse, match=words):
        desk.signs(signer, digest, by=by)
    assert stored(desk.office.database, "signature") == []
    assert desk.waiting() == digest


@pytest.mark.parametrize(
    "row", [{"up_to_minor": "50000"}, {"until": "2026-12-03"}, {"from": "2026-12-03"}], ids=lambda row: next(iter(row))
)
def test_a_key_counts_up_to_its_amount_and_on_its_first_and_last_day(desk: Desk, row: dict[str, str]) -> None:
    desk.approvers({"name": "anna"} | row)
    desk.signs("anna", desk.waiting())
    assert desk.closes()


def test_a_signature_of_another_draft_is_refused(desk: Desk) -> None:
    digest, anna = desk.waiting(), key(desk.folder / "keys", "anna")
    other = sign_approval(f"{'0' * 64}\n".encode(), anna)
    with pytest.raises(WrongUse, match=f"the signature is not of draft {digest}"):
        recorded(desk.office, Consent("2026-01", digest, ""), lambda _: other)
    with pytest.raises(BadInput, match="this is no SSH signature"):
        recorded(desk.office, Consent("2026-01", digest, ""), lambda _: "anna said yes")


def test_a_signature_made_for_a_seal_approves_nothing(desk: Desk) -> None:
    digest, anna = desk.waiting(), key(desk.folder / "keys", "anna")
    command = ["ssh-keygen", "-Y", "sign", "-q", "-f", str(anna), "-n", "settlement-seal"]
    made = subprocess.run(command, input=f"{digest}\n".encode(), capture_output=True, check=True).stdout.decode()
    with pytest.raises(WrongUse, match="the signature is not of draft"):
        recorded(desk.office, Consent("2026-01", digest, ""), lambda _: made)


def test_a_changed_list_of_approvers_needs_the_signature_of_somebody_in_the_one_before(desk: Desk) -> None:
    desk.signs("anna", desk.waiting())
    assert desk.closes()
    desk.approvers({"name": "eve"})
    digest = desk.waiting(FEBRUARY)
    desk.signs("eve", digest, FEBRUARY)
    assert desk.waiting(FEBRUARY) == digest  # eve alone put herself there
    desk.signs("anna", digest, FEBRUARY)
    assert desk.closes(FEBRUARY)
    assert [each["approved_by"] for each in stored(desk.office.database, "approval")] == ["anna", "anna, eve"]


def test_neither_the_list_nor_the_demand_can_be_taken_away_by_who_is_not_on_it(desk: Desk) -> None:
    desk.signs("anna", desk.waiting())
    assert desk.closes()
    (desk.vendor / "approvers.csv").unlink()
    (desk.vendor / "programme.yaml").write_text(PROGRAMME)
    digest = desk.waiting(FEBRUARY)
    with pytest.raises(WrongUse, match="a name alone approves nothing"):
        recorded(desk.office, Consent("2026-02", digest, "eve"))
    with pytest.raises(WrongUse, match=r"is not in approvers.csv"):
        desk.signs("eve", digest, FEBRUARY)
    desk.signs("anna", digest, FEBRUARY)
    assert desk.closes(FEBRUARY)


def test_a_key_is_replaced_by_a_dated_row_and_what_it_signed_stays_valid(desk: Desk) -> None:
    desk.signs("anna", desk.waiting())
    assert desk.closes()
    old, new = (key(desk.folder / "keys", name).with_suffix(".pub").read_text().strip() for name in ("anna", "anna-2"))
    desk.approvers(
        {"name": "anna", "key": old, "until": "2026-12-03"}, {"name": "anna", "key": new, "from": "2026-12-03"}
    )
    digest = desk.waiting(FEBRUARY)
    desk.signs("anna-2", digest, FEBRUARY)
    assert desk.waiting(FEBRUARY) == digest  # the list was changed, and only the new key has signed
    with pytest.raises(WrongUse, match="eve"):
        desk.signs("anna", digest, FEBRUARY, by="eve")


def test_approval_by_signature_without_approvers_says_what_to_write(desk: Desk) -> None:
    (desk.vendor / "approvers.csv").unlink()
    with pytest.raises(BadInput, match="write one with the columns name,key,from,until,up_to_minor"):
        settle_month(JANUARY, desk.office)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"key": "ssh-rsa AAAA"}, "row 2: 'ssh-rsa AAAA' is no public key of ssh-ed25519"),
        ({"key": "ssh-ed25519 AAAA"}, "row 2: 'ssh-ed25519 AAAA' is no public key"),
        ({"name": "system"}, "row 2: 'system' is what a month says that nobody approved"),
        ({"up_to_minor": "-1"}, "row 2: up_to_minor -1 is below 0"),
        ({"up_to_minor": "12.50"}, "row 2: up_to_minor '12.50' is no whole number"),
        ({"until": "2025-12"}, "row 2: until 2025-12-31 is before from 2026-01-01"),
    ],
)
def test_a_row_of_approvers_that_cannot_be_is_named(desk: Desk, row: dict[str, str], words: str) -> None:
    desk.approvers({"name": "anna"} | row)
    with pytest.raises(BadInput, match=words):
        settle_month(JANUARY, desk.office)


def test_one_key_is_one_persons(desk: Desk) -> None:
    line = key(desk.folder / "keys", "anna").with_suffix(".pub").read_text().strip()
    desk.approvers({"name": "anna"}, {"name": "bo", "key": line})
    with pytest.raises(BadInput, match=r"row 3: its key is anna's in row 2"):
        settle_month(JANUARY, desk.office)


def test_a_signature_put_into_the_database_by_hand_stops_the_month_by_name(desk: Desk) -> None:
    digest, eve = desk.waiting(), key(desk.folder / "keys", "eve")
    made = sign_approval(f"{digest}\n".encode(), eve)
    with closing(sqlite3.connect(desk.folder / "home/settlement.db")) as connection:
        connection.execute(
            "INSERT INTO consent VALUES (?, 'approved', 'anna', '2026-01', '2026-12-03T03:00:00Z')", [digest]
        )
        connection.execute(
            "INSERT INTO signature VALUES (?, 'anna', '2026-01', '2026-12-03T03:00:00Z', ?)", [digest, made]
        )
        connection.commit()
    with pytest.raises(FactsDisagree, match="signature anna"):
        settle_month(JANUARY, desk.office)


def test_the_list_is_part_of_what_is_signed(desk: Desk) -> None:
    digest = desk.waiting()
    desk.signs("anna", digest)
    desk.approvers({"name": "anna"}, {"name": "bo"})
    assert desk.waiting() != digest
    rows = list(csv.DictReader((desk.vendor / "approvers.csv").read_text().splitlines()))
    assert [row["name"] for row in rows] == ["anna", "bo"]


def test_what_is_withheld_is_in_the_draft_that_is_signed_and_a_signature_of_the_one_before_pays_nothing(
    desk: Desk,
) -> None:
    before = desk.waiting()
    desk.signs("anna", before)
    withheld = withhold(desk.office, JANUARY, before, words_of(["ana=a dispute"], []), "anna")
    assert withheld.to_be_signed
    assert desk.waiting() == withheld.draft_digest
    desk.signs("anna", withheld.draft_digest)
    assert desk.closes()
    assert [row["held_minor"] for row in stored(desk.office.database, "statement")] == [50_000]
