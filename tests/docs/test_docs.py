"""What the README and the pages in docs/ say is true: their tables, links, and examples."""

import csv
import inspect
import io
import re
import subprocess
from collections.abc import Iterator

import dataframely
import pytest
import typer
from pydantic import BaseModel

from cli.main import app
from engine.draft import (
    ACCRUALS,
    CARRIED,
    CORRECTIONS,
    EARNED,
    EVENTS,
    LINES,
    REJECTED,
    RETURNS,
    SETTLED,
    STATEMENTS,
    SUMS,
    draft,
)
from engine.frames import schemas
from engine.frames.snapshot import LINES_AT_ONCE
from engine.lines.validate import JUDGED_AT_ONCE
from flows.result import Ending
from models.billing import KINDS, TEXT_COLUMNS, Outcome, Reason
from models.errors import BadProgramme, SettlementError
from models.money import Money, major
from models.statement import CorrectionKind
from rules.earning.commission import balance
from rules.lines.outcomes import ladder
from rules.money import half_away
from rules.plans import offered
from rules.plans.tiered import Tiered
from rules.programme.blocks.plan_terms import Payout, PlanTerms
from rules.programme.blocks.refund_terms import DEFAULT, POLICIES
from rules.programme.file import Programme, parse_programme
from rules.programme.plan_page import fields as plan_fields
from tasks.render import FEW_ROWS, MOST_ROWS
from tasks.settings import Settings
from tasks.sources.files import FilesBlock
from tasks.sources.sql.query import SqlBlock
from tasks.vendor.tables.rows import read_partners
from tests.docs.pages import BLOCK, PAGES, ROOT, blocks, rows, text_of
from tests.made.sums import sums
from tests.test_layout import MAY_IMPORT

every_page = pytest.mark.parametrize("page", PAGES)


def fields(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """The keys that a part of the programme file has, those of its blocks with the block's name in front."""
    for name, field in model.model_fields.items():
        yield prefix + (field.alias or name)
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from fields(field.annotation, f"{prefix}{name}.")


# ---------------------------------------------------------------------------------- tables


def test_every_setting_is_documented_with_its_default_and_its_meaning() -> None:
    wanted = [
        [f"SETTLE_{name.upper()}", "" if field.default is None else str(field.default), field.description]
        for name, field in Settings.model_fields.items()
    ]
    assert rows("docs/settings.md", "| variable | default | meaning |") == wanted


def test_operators_are_told_how_many_lines_are_worked_out_together() -> None:
    page = " ".join(text_of("docs/settings.md").split())
    decided, judged = (f"{lines:,}".replace(",", " ") for lines in (LINES_AT_ONCE, JUDGED_AT_ONCE))
    assert f"at most {decided} lines (`LINES_AT_ONCE` in" in page
    assert f"the checks look at no more than {judged}." in page


def test_every_kind_of_correction_is_explained_to_the_auditor() -> None:
    told = [cells[0] for cells in rows("docs/auditors.md", "| `kind` | what it is |")]
    assert told == ["accrual", *(kind.value for kind in CorrectionKind)]


def test_every_kind_and_column_of_a_line_is_documented() -> None:
    page = {cells[0]: cells[2] for cells in rows("docs/sources.md", "| column | | what it says |")}
    assert {name for cells in page for name in cells.split("`, `")} == set(TEXT_COLUMNS)
    assert set(re.findall(r"`([a-z_]+)`?", f"`{page['kind']}")) == set(KINDS)


def test_every_policy_of_refunds_is_documented_and_the_default_is_named() -> None:
    header = "| policy | a refund of an earlier month's sale | what the month's tiers see of it |"
    assert [cells[0] for cells in rows("docs/programme.md", header)] == list(POLICIES)
    (row,) = (cells for cells in rows("docs/programme.md", "| key | what it says |") if cells[0] == "refunds")
    assert f"`{DEFAULT}`, which is also what it is when left out" in row[1]


def test_every_key_of_the_programme_file_is_documented() -> None:
    documented = {cells[0] for cells in rows("docs/programme.md", "| key | what it says |")}
    of_a_plan = set(fields(PlanTerms, "plans.NAME.")) - {"plans.NAME.payout"}  # it only holds `minimum`
    assert documented == set(fields(Programme)) | of_a_plan
    assert "plans.NAME.payout.minimum" in set(fields(Payout, "plans.NAME.payout.")) & documented


@pytest.mark.parametrize("plan", offered())
def test_every_plan_and_each_of_its_fields_is_documented(plan: str) -> None:
    section = text_of("docs/programme.md").partition(f"\n### {plan}\n")[2].partition("\n## ")[0].partition("\n### ")[0]
    assert re.findall(r"^\| `([a-z_.]+)` \|", section, re.MULTILINE) == [key for key, _ in plan_fields(offered()[plan])]


def commands_of(group: typer.core.TyperGroup, before: str = "") -> Iterator[tuple[str, typer.core.TyperCommand]]:
    """Every command by the words it is called with: `programme check`."""
    for name, command in group.commands.items():
        if isinstance(command, typer.core.TyperGroup):
            yield from commands_of(command, f"{before}{name} ")
        elif isinstance(command, typer.core.TyperCommand):
            yield f"{before}{name}", command


OF_EVERY_COMMAND = {"--json", "--quiet", "--verbose"}


def test_every_command_and_option_is_in_the_readme() -> None:
    written = [cells[0].strip("`") for cells in rows("README.md", "| command | what it does |")]
    documented = {re.match(r"settle ((?:[a-z]+ ?)+)", cell)[1].strip(): cell for cell in written}  # type: ignore[index]
    commands = dict(commands_of(typer.main.get_group(app)))
    assert set(documented) == set(commands)
    for name, command in commands.items():
        options = {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
        assert set(re.findall(r"--[a-z-]+", documented[name])) == options - {"--help", *OF_EVERY_COMMAND}


def test_the_options_of_every_command_are_in_the_readme_once() -> None:
    commands = dict(commands_of(typer.main.get_group(app)))
    for command in commands.values():
        assert {option for parameter in command.params for option in parameter.opts} >= OF_EVERY_COMMAND
    assert [cells[0] for cells in rows("README.md", "| every command | what it does |")] == [
        "--json", "-q`, `--quiet", "-v`, `--verbose", "-h`, `--help",
    ]  # fmt: skip


def test_every_exit_code_is_in_the_readme() -> None:
    errors = {SettlementError.exit_code, *(error.exit_code for error in SettlementError.__subclasses__())}
    documented = [cells[0] for cells in rows("README.md", "| exit code | means |")]
    assert documented == [str(code) for code in sorted(errors | {ending.exit_code for ending in Ending})]


def test_every_outcome_and_reason_of_a_line_is_documented_in_the_order_they_are_asked() -> None:
    outcome, table = "", []
    for cells in rows("docs/auditors.md", "| outcome | reason | when |"):
        outcome = cells[0] or outcome
        table.append((outcome, cells[1]))
    every_reason = {Outcome.REJECTED: "every one that applies"}
    asked = [
        (rung.outcome.value, rung.reason.value if rung.reason else every_reason.get(rung.outcome, ""))
        for rung in ladder("RUB")
    ]
    left = [(Outcome.OTHER_MONTH.value, reason.value) for reason in (Reason.AFTER_CUT_OFF, Reason.BEFORE_LOOK_BACK)]
    left = [(Outcome.SKIPPED.value, Reason.SKIP_WHERE.value), *left]
    assert table == [*left, *asked, (Outcome.SETTLED.value, "")]

    rejected = [
        reason for cells in rows("docs/auditors.md", "| reason | what was wrong |") for reason in cells[0].split(", ")
    ]
    assert sorted(rejected + [reason for _, reason in [*left, *asked] if reason in set(Reason)]) == sorted(Reason)


def test_every_key_of_a_source_is_in_the_docs() -> None:
    told = {
        name
        for cells in rows("docs/sources.md", "| key | what it says | for example |")
        for name in cells[0].split("`, `")
    }
    assert told == {*fields(FilesBlock), *fields(SqlBlock)} - {"files", "sql", "query"}


def test_partners_are_told_how_many_rows_a_pdf_prints() -> None:
    page = " ".join(text_of("docs/partners.md").split())
    assert f"prints the first {MOST_ROWS} rows of a table, and the first {FEW_ROWS} of the annex" in page


def test_every_room_is_in_the_readme_and_on_the_engineers_page() -> None:
    rooms = {f"{room}/" for room in MAY_IMPORT}
    assert rooms <= {cells[0] for cells in rows("README.md", "| room | what is in it |")}
    page = rows("docs/engineers.md", "| room | holds | may import, beside itself |")
    told = {cells[0].rstrip("/"): set(filter(None, cells[2].split("`, `"))) for cells in page}
    assert told == {room: others - {room} for room, others in MAY_IMPORT.items()}


def test_the_picture_of_the_house_shows_every_room_and_every_step_of_the_month() -> None:
    picture = (ROOT / "docs/pictures/house.svg").read_text(encoding="utf-8")
    shown = re.findall(r"<text [^>]*>([a-zA-Z]+/?)</text>", picture)
    assert {name for name in shown if name.endswith("/")} == {f"{room}/" for room in MAY_IMPORT}
    drafted = inspect.getsource(draft)
    steps = [name for name in shown if not name.endswith("/")]
    assert steps[2:6] == re.findall(r'run\("(\w+)"', drafted)
    assert steps[:2] + steps[6:] == ["gather", "MonthInputs", "Draft", "approve", "render", "archive", "close"]


def test_what_a_closed_month_leaves_is_on_the_engineers_page_with_its_schema() -> None:
    left = rows("docs/engineers.md", "| file | schema | what of it is read, and by whom |")
    files = [ACCRUALS, CARRIED, CORRECTIONS, EARNED, EVENTS, LINES, REJECTED, RETURNS, SETTLED, STATEMENTS, SUMS]
    assert {cells[0] for cells in left} == set(files)
    for _, schema, _ in left:
        assert issubclass(getattr(schemas, schema), dataframely.Schema)


def test_every_column_of_what_lines_earned_is_explained_to_the_auditor() -> None:
    told = [name for cells in rows("docs/auditors.md", "| column | what it holds |") for name in cells[0].split("`, `")]
    assert told == schemas.Accruals.column_names()


# ---------------------------------------------------------------------------------- links, names


def slug(heading: str) -> str:
    """What a heading is called in a link."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@every_page
def test_whatever_a_page_links_to_is_there(page: str) -> None:
    prose = BLOCK.sub("", text_of(page))
    for target in [*re.findall(r"\]\(([^)\s]+)\)", prose), *re.findall(r'src="([^"]+)"', prose)]:
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        there = (PAGES[page].parent / path).resolve() if path else PAGES[page]
        assert there.exists(), f"{page} links to {target}"
        if anchor:
            assert anchor in {
                slug(line.lstrip("#")) for line in there.read_text("utf-8").splitlines() if line[:1] == "#"
            }


def test_the_tests_that_the_readme_names_are_there() -> None:
    named = re.findall(r"`(tests/[a-z_/]+\.py)::(test_\w+)`", text_of("README.md"))
    assert len(named) >= 10
    for file, name in named:
        assert f"\ndef {name}(" in (ROOT / file).read_text(encoding="utf-8"), f"{file}::{name}"


@every_page
def test_every_make_target_that_a_page_names_is_there(page: str) -> None:
    commands = re.findall(r"^make (\w+)", "\n".join(blocks(page, "sh")), re.MULTILINE)
    for target in {*commands, *re.findall(r"`make (\w+)`", text_of(page))}:
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE), target
        subprocess.run(["make", "-n", target], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


# ---------------------------------------------------------------------------------- programmes


def heading() -> str:
    return blocks("docs/programme.md", "yaml")[0].partition("\nplans:")[0] + "\n"


@pytest.mark.parametrize("page", [page for page in PAGES if page != "docs/sources.md"])
def test_every_programme_in_a_page_can_be_carried_out(page: str) -> None:
    for key in blocks(page, "yaml key"):
        assert parse_programme(key + blocks("docs/programme.md", "yaml")[0]).text.startswith(key)
    for text in blocks(page, "yaml"):
        parse_programme(heading() + text if text.startswith("plans:") else text)


def test_a_programme_that_is_refused_is_answered_as_the_page_says() -> None:
    with pytest.raises(BadProgramme) as refused:
        parse_programme(*blocks("docs/programme.md", "yaml refused"))
    assert f"{refused.value}\n" == blocks("docs/programme.md", "text")[0]


def test_the_dated_terms_of_the_example_can_be_read() -> None:
    (text,) = blocks("docs/programme.md", "csv")
    terms, warnings = read_partners("partners.csv", text.encode())
    assert len(terms) == len(list(csv.reader(io.StringIO(text)))) - 1
    assert warnings == ()


def minor(text: str) -> int:
    return Money.parse(text.replace(" ", ""), "RUB").minor


def test_the_worked_numbers_of_the_ladder_are_what_the_plan_earns() -> None:
    plan = parse_programme(blocks("docs/programme.md", "yaml")[0]).plans["integrator"][0].earn["telephony"]
    assert isinstance(plan, Tiered)
    for base, *earned in rows("docs/programme.md", "| base | by volume | graduated |"):
        ways = [plan.model_copy(update={"by": by}) for by in ("volume", "graduated")]
        exact = [way.earn(sums(minor(base))).exact for way in ways]
        assert [major(half_away(amount), "RUB") for amount in exact] == earned


def test_the_worked_numbers_of_the_payout_minimum_are_what_is_paid() -> None:
    for opening, commission, *wanted in rows(
        "docs/programme.md", "| opening | commission | to pay | carried forward |"
    ):
        found = balance(minor(opening), minor(commission), minor("5000.00"))
        assert [major(amount, "RUB") for amount in found] == wanted
