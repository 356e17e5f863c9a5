"""The page of a plan is its own file, read aloud; docs/programme.md holds them all, and its examples are true."""

import io
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import polars as pl
import pytest
import yaml
from pydantic import BaseModel

from cli.plan_pages import BEGIN, END, plan_pages, rewritten
from cli.programme_words import checked
from models.errors import WrongUse
from rules.earning.measure import Measure
from rules.plan import Plan
from rules.plans import offered
from rules.programme.file import parse_programme
from rules.programme.plan_page import fields, page, signed
from tasks.vendor.events import read_events
from tasks.vendor.people import read_assignments, read_employees, read_exclusions, read_spending
from tests.docs.pages import blocks, text_of
from tests.made.plan_promises import read
from tests.made.sums import sums

every_plan = pytest.mark.parametrize("way", offered().values(), ids=offered())


# ---------------------------------------------------------------------------------- a page


def test_a_page_has_the_plans_own_words_its_fields_and_how_it_is_written() -> None:
    assert (
        page(offered()["percentage"])
        == """\
### percentage

Earns `rate` on the base of what it names, whatever the volume.

A base of 84 444.44 at 50 % earns 42 222.22.

It takes its lines: a line earns under one rule that takes it, the most specific.

| field | what it says |
| --- | --- |
| `plan` | `percentage` |
| `categories` | the categories it is on: a list; `others`, what no other rule of the plan names, where it takes its \
lines; `all`, where it looks at lines beside the rule that takes them |
| `products` | the products it is on, beside the categories or without them. A product goes before its category |
| `rate` | the share of the base, at most 100% |

```yaml rules
percentage-1: {plan: percentage, categories: [software], rate: 50%}
percentage-2: {plan: percentage, categories: [software], products: [TEL-PBX], rate: 7.5%}
percentage-3: {plan: percentage, categories: others, rate: 3%}
```
"""
    )


def test_the_fields_of_a_block_are_named_with_it() -> None:
    keys = [key for key, _ in fields(offered()["gift"])]
    assert keys == [
        "plan", "gift", "worth", "measure", "measure.categories", "measure.of", "measure.window", "measure.over",
        "reaches",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("percentage", "It takes its lines: "),
        ("marketing_fund", "It looks at lines beside the rule that takes them"),
        ("servicing", "It looks at the lines of the clients the partner serves"),
        ("pay_per_action", "It is on events, not on payments. It may earn where nothing was paid"),
        ("base_fee", "It leaves the lines to other rules. It may earn where nothing was paid"),
        ("cap", "It is worked out after the rules it looks at."),
        ("override", "It is worked out last"),
    ],
)
def test_a_page_says_how_the_plan_stands_beside_other_rules(name: str, words: str) -> None:
    assert words in " ".join(page(offered()[name]).split())


@every_plan
def test_the_examples_of_a_page_can_be_copied_into_a_programme(way: type[Plan]) -> None:
    block = page(way).partition("```yaml rules\n")[2].partition("```")[0]
    assert list(yaml.load(block, Loader=yaml.BaseLoader).values()) == [read(text) for text in way.examples]
    assert all(len(line) <= 120 for line in block.splitlines())


@every_plan
def test_every_word_that_a_field_may_hold_is_explained(way: type[Plan]) -> None:
    explain_every_word(way)


def test_every_word_that_a_measure_may_hold_is_explained() -> None:
    explain_every_word(Measure)


def explain_every_word(block: type[BaseModel]) -> None:
    for name, field in block.model_fields.items():
        if name != "plan":
            assert all(f"`{word}`" in (field.description or "") for word in choices(field.annotation)), name


def choices(kind: Any) -> list[str]:
    """The words a field of this kind may hold."""
    if get_origin(kind) is Literal:
        return [str(word) for word in get_args(kind)]
    return [word for inner in get_args(kind) for word in choices(inner)]


@every_plan
def test_the_examples_of_a_plan_are_all_different(way: type[Plan]) -> None:
    assert len(set(signed(way))) == len(way.examples)


# ---------------------------------------------------------------------------------- all of them


def test_the_programme_page_says_of_each_plan_what_its_file_says() -> None:
    text = text_of("docs/programme.md")
    assert rewritten(text) == text, "docs/programme.md is not what the plans say: write it again with `make docs`"


def test_the_pages_of_some_plans_can_be_asked_for() -> None:
    assert plan_pages(["cap", "gift"]) == f"{page(offered()['cap'])}\n{page(offered()['gift'])}"
    with pytest.raises(WrongUse, match=r"there is no plan bonus; there are base_fee, cap, "):
        plan_pages(["cap", "bonus"])


def test_only_what_stands_between_the_markers_is_written_again() -> None:
    written = rewritten(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    assert written.startswith(f"before\n{BEGIN}\n\n### base_fee\n")
    assert written.endswith(f"```\n\n{END}\nafter\n")
    assert rewritten(written) == written


@pytest.mark.parametrize("text", ["no marker", f"{BEGIN}\nno end", f"{END}\n{BEGIN}\nthe wrong way round"])
def test_a_page_that_lost_a_marker_is_not_overwritten(text: str) -> None:
    with pytest.raises(WrongUse, match="the page has lost a marker"):
        rewritten(text)


# ---------------------------------------------------------------------------------- the page around them


PROGRAMMES = blocks("docs/programme.md", "yaml")
PARTNERS = {"ana", "bo", "bo-sole", "cy"}


def of_page(name: str) -> bytes:
    (text,) = blocks("docs/programme.md", f"csv {name}")
    return text.encode()


def test_the_tables_of_the_page_can_be_read(tmp_path: Path) -> None:
    serving, _ = read_assignments("assignments.csv", of_page("assignments.csv"), PARTNERS)
    people, _ = read_employees("employees.csv", of_page("employees.csv"), PARTNERS)
    kept_out, _ = read_exclusions("exclusions.csv", of_page("exclusions.csv"))
    spent, _ = read_spending("spending.csv", of_page("spending.csv"), PARTNERS)
    assert [len(found) for found in (serving, people, kept_out, spent)] == [1, 2, 2, 1]
    assert spent[0].claims == ("K-17", "K-18")
    (tmp_path / "events.csv").write_bytes(of_page("events.csv"))
    events, warnings = read_events(tmp_path)
    expected = pl.read_csv(io.BytesIO(of_page("events.csv")), infer_schema=False)
    assert events.select(expected.columns).equals(expected)
    assert warnings == ()


def test_what_the_page_shows_of_a_check_is_what_is_printed() -> None:
    (shown,) = blocks("docs/programme.md", "text check")
    assert shown.splitlines() == list(checked(parse_programme(PROGRAMMES[0]), "programme.yaml"))[2:]


def test_the_worked_number_of_a_product_before_its_category_is_what_is_earned() -> None:
    """1 000.00 for TEL-PBX: 15 % are 150.00, and 2 % for the fund are 20.00."""
    (text,) = (text for text in PROGRAMMES if "TEL-PBX" in text)
    heading = PROGRAMMES[0].partition("\nplans:")[0]
    earn = parse_programme(f"{heading}\n{text}").plans["integrator"][0].earn
    assert earn["pbx"].earn(sums(1_000_00)).exact == 150_00
    assert earn["fund"].earn(sums(1_000_00)).exact == 20_00
