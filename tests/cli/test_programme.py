"""The programme file at the command line: checked, shown, compared, and refused without a traceback."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.main import main
from models.canonical import sha256
from models.period import FIRST
from models.rows import ApprovalRow, ProgrammeRow
from tasks.database.database import Database
from tests.made.vendors import PROGRAMME

Programme = Callable[..., tuple[int, str]]


@pytest.fixture
def programme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Programme:
    """Run `settle programme ...` as a person would, and return its exit code and everything it said."""
    monkeypatch.setenv("SETTLE_HOME", str(tmp_path / "home"))

    def run(*arguments: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["settle", "programme", *map(str, arguments)])
        code: object = 0
        try:
            main()
        except SystemExit as end:
            code = end.code
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return int(str(code or 0)), said.out + said.err

    return run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "programme.yaml"
    path.write_text(PROGRAMME, encoding="utf-8")
    return path


@pytest.fixture
def other(tmp_path: Path) -> Path:
    path = tmp_path / "other.yaml"
    path.write_text(PROGRAMME.replace("rate: 50%", "rate: 40%"), encoding="utf-8")
    return path


def approved(home: Path, period: str, text: str) -> None:
    """Make the facts of a month that was approved with this programme."""
    database = Database(f"sqlite:///{home / 'settlement.db'}")
    database.prepare()
    digest = sha256(text.encode())
    with database.locked() as session:
        session.add(ProgrammeRow(digest=digest, name="test-partners", text=text))
        session.add(
            ApprovalRow(
                period=period,
                version=FIRST,
                draft_digest=period,
                programme_digest=digest,
                approved_by="anna",
                approved_at="2026-12-03T03:00:00Z",
                control="{}",
            )
        )


def test_a_file_that_can_be_carried_out_is_told_its_cliffs_and_its_dearest_sale(
    programme: Programme, file: Path
) -> None:
    code, said = programme("check", file)
    assert code == 0
    assert f"{file}: test-partners can be carried out: 1 plan, 2 rules." in said
    assert "integrator from 2026-01: a sale of software costs at most 50 %: software 50 %" in said
    assert "telephony: 0.01 more at 1 000 000.00 pays 30 000.00 more (150 000.00 instead of 120 000.00)" in said
    assert "the graduated ladder that costs the same" in said
    assert "cost_at_most is not written" in said


def test_a_vendor_folder_stands_for_the_file_in_it(programme: Programme, file: Path) -> None:
    assert programme("check", file.parent)[1].partition(": ")[2] == programme("check", file)[1].partition(": ")[2]


def test_a_fee_is_named_beside_the_cost_of_a_sale(programme: Programme, file: Path) -> None:
    file.write_text(PROGRAMME.replace("    earn:\n", "    earn:\n      fee: {plan: base_fee, pays: 100.00}\n"))
    assert "software 50 %; on top of that: fee" in programme("check", file)[1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (PROGRAMME.replace("rate: 50%", "rate: 0.5"), "line 11, column 61: plans.integrator.earn.software.rate"),
        (PROGRAMME.replace("50%}", "50%"), "line 12, column 16: "),
        (PROGRAMME.replace("refunds:", "cost_at_most: 49%\nrefunds:"), "cost_at_most is 49 %: lower a rate, or raise"),
    ],
)
def test_a_file_that_cannot_be_carried_out_ends_with_1_and_its_place(
    programme: Programme, file: Path, text: str, words: str
) -> None:
    file.write_text(text)
    code, said = programme("check", file)
    assert code == 1
    assert said.startswith(f"BadProgramme: {file}")
    assert words in said


def test_a_file_that_is_not_there_and_a_month_that_is_none_end_with_2(programme: Programme, file: Path) -> None:
    assert programme("check", file.with_name("nowhere.yaml"))[0] == 2
    assert programme("show", file, "--period", "January")[0] == 2
    code, said = programme("diff", file, file, file)
    assert (code, "3 files are named" in said) == (2, True)


def test_a_file_that_is_no_text_is_refused(programme: Programme, file: Path) -> None:
    file.write_bytes(b"\xff\xfe\x00")
    assert programme("check", file)[0] == 1


def test_every_plan_is_shown_in_words(programme: Programme, file: Path) -> None:
    code, said = programme("show", file)
    assert code == 0
    assert "integrator from 2026-01\n  software   50 % of software\n  telephony  telephony, by volume: 8 % from" in said
    assert "  hardware is not commissioned: sold at cost\n  paid out from 50.00 RUB\n" in said


def test_of_a_month_only_what_is_in_force_is_shown(programme: Programme, file: Path) -> None:
    heading = PROGRAMME[: PROGRAMME.index("plans:")]
    blocks = "".join(
        f"    - {{from: {month}, earn: {{software: {{plan: percentage, categories: [software], rate: {rate}}}}}}}\n"
        for month, rate in [("2026-02", "50%"), ("2026-04", "40%")]
    )
    file.write_text(f"{heading}plans:\n  integrator:\n{blocks}")
    both = programme("show", file)[1]
    assert ("50 % of software" in both, "40 % of software" in both) == (True, True)
    march = programme("show", file, "--period", "2026-03")[1]
    assert ("50 % of software" in march, "40 % of software" in march) == (True, False)
    january = programme("show", file, "--period", "2026-01")[1]
    assert "integrator: not in force in 2026-01; it starts in 2026-02" in january


def test_levels_and_segments_are_shown(programme: Programme, file: Path) -> None:
    levels = (
        "levels:\n"
        "  partnership:\n"
        "    measure: all\n"
        "    grace: 1\n"
        "    levels: {Bronze: {reaches: 0, plan: integrator}, Silver: {reaches: 500000, plan: integrator}}\n"
        "segments: {crm: partnership}\n"
    )
    file.write_text(PROGRAMME + levels)
    said = programme("show", file)[1]
    assert "  Silver from 500 000.00: plan integrator\n  kept for 1 month of grace\n" in said
    assert "segments: crm on partnership" in said


def test_two_files_are_compared_in_money(programme: Programme, file: Path, other: Path) -> None:
    code, said = programme("diff", file, other)
    assert code == 0
    assert said == (
        f"{other} against {file}:\n"
        "  integrator from 2026-01, software: 100 000.00 earned 50 000.00, earns 40 000.00. "
        "Was: 50 % of software. Now: 40 % of software\n"
    )


def test_files_that_promise_the_same_are_said_to(programme: Programme, file: Path, other: Path) -> None:
    other.write_text("# the same\n" + PROGRAMME)
    assert "in other words" in programme("diff", file, other)[1]
    assert "byte for byte" in programme("diff", file, file)[1]


def test_without_an_old_file_the_last_approved_month_is_compared(
    programme: Programme, tmp_path: Path, file: Path, other: Path
) -> None:
    code, said = programme("diff", other)
    assert code == 2
    assert "has no approved month to compare with: settle programme diff OLD NEW." in said

    approved(tmp_path / "home", "2026-02", PROGRAMME)
    approved(tmp_path / "home", "2026-01", other.read_text())
    code, said = programme("diff", other)
    assert code == 0
    assert said.startswith(f"{other} against the programme of 2026-02:\n  integrator from 2026-01, software: ")
    assert said.splitlines()[2:] == [
        "Refused by settle run, because months up to 2026-02 used it:",
        "  plans.integrator: the block from 2026-01 has changed (earn.software), and months up to 2026-02 are approved: "
        "leave it as it was, and write a new block `from: 2026-03`",
    ]
    assert "Nothing changed" in programme("diff", file)[1]


def test_a_change_of_what_is_no_promise_is_not_said_to_be_refused(
    programme: Programme, tmp_path: Path, file: Path
) -> None:
    approved(tmp_path / "home", "2026-02", PROGRAMME)
    file.write_text(file.read_text() + "stop_when: {rejected_above: 7%}\n")
    code, said = programme("diff", file)
    assert (code, "Refused" in said) == (0, False)


def test_the_schema_is_printed_as_it_is_published(programme: Programme) -> None:
    code, said = programme("schema")
    assert code == 0
    assert json.loads(said)["title"] == "Programme of a vendor for its partners"
    assert said.endswith("}\n")
