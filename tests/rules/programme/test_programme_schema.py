"""The published schema: an editor accepts what the programme file may say, and marks what it may not."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from models.period import Period
from rules.plans import offered
from rules.programme.file import parse_programme
from rules.programme.schema import schema, schema_text
from sample.programme import programme_text
from tests.made import vendors
from tests.made.oracle import programme
from tests.rules.written import PROGRAMME, dated, written

ROOT = Path(__file__).parents[3]
PUBLISHED = ROOT / "docs" / "programme.schema.json"
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
EVERY_WAY = """\
programme: every-way
starts: 2026-01
currency: RUB
timezone: Europe/Moscow
base: gross
refunds: net_current
cost_at_most: 100%
approval: on
plans:
  all:
    from: 2026-01
    earn:
      percentage: {plan: percentage, categories: [software], rate: 7.5%}
      tiered: {plan: tiered, products: [TEL-1], by: volume, measure: all, tiers: {0: 8%, 100000: {rate: 10%, flat: 500}}}
      counted:
        plan: tiered
        categories: [lines]
        by: volume
        measure: {of: new_clients, window: 3 months}
        tiers: {0: 8%, 5: 10%}
      package: {plan: tiered, products: [12345], by: package, measure: all, size: 100000, pays: 7000.00, free: 10}
      retention: {plan: retention, categories: [hosting], since: first_payment, years: {1: 20%, 2: 30%, 3+: 10%}}
      first_sale: {plan: first_sale, categories: all, pays: 500.00}
      registration: {plan: pay_per_action, event: registration, tiers: {0: 250.00, 3: 275.00}}
      lead: {plan: pay_per_action, event: lead, pays: 100.00}
      install: {plan: pay_per_install, products: {SW-CRM: 500.00, SW-SPEECH: 300.00}}
      milestone: {plan: milestone, measure: all, goals: {100000: 5000.00}, repeat: once, by: 2026-06}
      checkpoint: {plan: milestone, measure: all, checkpoints: {2026-03: {reaches: 300000, pays: 5000.00}}}
      fee: {plan: base_fee, pays: 10000.00, paid: upfront}
      won: {plan: base_fee, by_clients: {0: 0, 5: 5000.00}, measure: {of: new_clients, window: month}}
      minimum: {plan: guarantee, minimum: 5000.00, rules: [percentage, tiered]}
      cap: {plan: cap, at_most: 100000.00, window: lifetime, per: client, rules: all}
      override: {plan: override, of: commission, levels: [5%, 2%, 1%]}
      reseller: {plan: reseller, categories: [boxes], form: margin, discount: 30%}
      care: {plan: servicing, categories: [software], rate: 10%}
      training: {plan: training_share, rate: 20%}
      bonus: {plan: employee_bonus, categories: all, roles: {seller: 2%, engineer: 1%}, paid: to_person}
      machine: {plan: gift, gift: Espresso machine, worth: 300.00, measure: all, reaches: 100000}
      credit: {plan: store_credit, categories: [software], rate: 3%}
      fund: {plan: marketing_fund, categories: all, rate: 2%}
      rest: {plan: no_payout, categories: others}
      code: {plan: promo_code, categories: [banners], borne_by: vendor, rate: 20%}
    not_commissioned: {hardware: sold at cost}
    payout: {minimum: 5000}
"""


def faults(text: str) -> list[str]:
    """What an editor would mark. It reads the file as YAML, so that 5000.00 is a number to it."""
    return [error.message for error in Draft202012Validator(schema()).iter_errors(yaml.safe_load(text))]


def test_the_published_schema_is_the_one_the_code_gives() -> None:
    written_again = "write it again: settle programme schema > docs/programme.schema.json"
    assert PUBLISHED.read_text(encoding="utf-8") == schema_text(), written_again


def test_it_is_a_schema_and_offers_every_plan() -> None:
    Draft202012Validator.check_schema(schema())
    (rules,) = schema()["$defs"]["PlanTerms"]["properties"]["earn"]["patternProperties"].values()
    assert set(rules["discriminator"]["mapping"]) == set(offered())
    assert len(rules["oneOf"]) == len(offered())


@pytest.mark.parametrize(
    "text",
    [PROGRAMME, dated(), vendors.PROGRAMME, programme("volume"), programme("graduated"), programme_text(Period(2026, 1)), EVERY_WAY],
)  # fmt: skip
def test_what_can_be_carried_out_is_not_marked(text: str) -> None:
    assert faults(text) == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_example_programmes_are_not_marked(path: Path) -> None:
    assert faults(path.read_text(encoding="utf-8")) == []


def test_the_example_says_every_way_of_earning() -> None:
    terms = parse_programme(EVERY_WAY).plans["all"][0]
    assert {plan.plan for plan in terms.earn.values()} == set(offered())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("currency: RUB", "curency: RUB"),
        ("starts: 2026-01", "starts: January"),
        ("from: 2026-01", "form: 2026-01"),
        ("rate: 50%", "rates: 50%"),
        ("rate: 50%", "rate: 50"),
        ("rate: 50%", "rate: 50%, by: volume"),
        ("percentage", "percent"),
        ("[software]", "software"),
        ("[software]", "[]"),
        ("by: volume", "by: slab"),
        ("window: month", "window: year"),
        ("window: month", "windows: month"),
        ("minimum: 5000.00", "minimum: [5000]"),
        ("software: {", "soft ware: {"),
        ("net_of_vat", "net"),
    ],
)
def test_what_is_misspelt_missing_or_of_a_wrong_shape_is_marked(old: str, new: str) -> None:
    assert faults(written(old, new))


def test_a_plan_is_a_block_or_a_list_of_at_least_one() -> None:
    heading = PROGRAMME[: PROGRAMME.index("plans:")]
    assert faults(heading + "plans: {integrator: []}")
    assert faults(heading + "plans: {}")
    assert faults(heading + "plans: {integrator: 50%}")


def test_nothing_in_it_says_how_the_code_names_or_keeps_things() -> None:
    def keys(node: Any) -> set[str]:
        if isinstance(node, dict):
            return node.keys() | {key for each in node.values() for key in keys(each)}
        return {key for each in node for key in keys(each)} if isinstance(node, list) else set()

    assert not keys(json.loads(schema_text())) & {"default", "null"}
    assert schema()["title"] == "Programme of a vendor for its partners"
    assert "$id" not in schema()
