"""The programme file refused: what cannot be carried out is named by line, column and key, with what to write instead."""

import random
from copy import deepcopy
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadProgramme
from models.period import Period
from rules.programme.file import Programme, parse_programme
from tests.rules.written import PROGRAMME, dated, written


def refusal(text: str) -> str:
    with pytest.raises(BadProgramme) as refused:
        parse_programme(text)
    return str(refused.value)


SOFTWARE = "{plan: percentage, categories: [software], rate: 50%}"
TIERS = "{0: 8%, 300.00: 10%}"
MEASURE = "{categories: [telephony, numbers], window: month}"
S, T = "plans.integrator.earn.software", "plans.integrator.earn.telephony"
UNKNOWN_KEY = "this version does not know this key, so it would not be carried out"
PAIRS = "write `key: value`, indented under it"


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("programme: uis-partners", "programme: ../x", "line 1, column 1: programme", "up to 64 Latin letters, digits"),
        ("programme: uis-partners", "programme: [x]", "line 1, column 1: programme", "write plain text, not a list"),
        ("starts: 2026-01\n", "", "line 1, column 1: starts", "this key is required"),
        ("starts: 2026-01", "starts: 2026-13", "line 2, column 1: starts", "write a month as YYYY-MM"),
        ("starts: 2026-01", "starts: 0000-01", "line 2, column 1: starts", "write a month as YYYY-MM"),
        ("starts: 2026-01", "starts: 2026-01-01", "line 2, column 1: starts", "write a month as YYYY-MM"),
        ("RUB", "RUR", "line 3, column 1: currency", "'RUR' is not in ISO 4217: write a code such as RUB, EUR or PLN"),
        ("RUB", "[RUB]", "line 3, column 1: currency", "write plain text, not a list"),
        ("currency: RUB\n", "", "line 1, column 1: currency", "this key is required"),
        ("Europe/Moscow", "Moscow", "line 4, column 1: timezone", "is not an IANA time zone: write for example"),
        ("base: net_of_vat", "base: net", "line 5, column 1: base", "write 'net_of_vat' or 'gross'"),
        ("net_current", "restated", "line 6, column 1: refunds", "'restated' is not something this version can do: write"),
        ("currency: RUB", "currency: RUB\nholdback: 30", "line 4, column 1: holdback", UNKNOWN_KEY),
        ("starts:", "text: hidden\nstarts:", "line 2, column 1: text", UNKNOWN_KEY),
        ("5000.00", "5000.00, carry_forward_at_most: 3", "payout.carry_forward_at_most", UNKNOWN_KEY),
        ("5000.00", "5000.005", "line 19, column 14: plans.integrator.payout.minimum", "has 2 decimal digits"),
        ("5000.00", "5000.0000000000000000000000000000001", "payout.minimum", "RUB, which has 2 decimal digits"),
        ("5000.00", "5e3", "payout.minimum", "'5e3' is not an amount: write digits and a dot, for example 5000.00"),
        ("5000.00", "1e999999", "payout.minimum", "is not an amount: write digits and a dot, for example 5000.00"),
        ("5000.00", "-1.00", "payout.minimum", "'-1.00' is negative: write an amount of zero or more"),
        ("5000.00", "99999999999999.00", "payout.minimum", "is too large: an amount is at most 10 000 000 000 000.00"),
        ("{minimum: 5000.00}", "5000.00", "line 19, column 5: plans.integrator.payout", PAIRS),
        ("rate: 50%", "rate: 0.5", f"line 11, column 60: {S}.rate", "write percent, for example 50%"),
        ("rate: 50%", "rate: 150%", "earn.software.rate", "'150%' is more than the client paid"),
        (", rate: 50%", "", f"line 11, column 7: {S}.rate", "this key is required"),
        ("[software]", "software", f"line 11, column 36: {S}.categories", "write a list"),
        ("[software]", "[]", "earn.software.categories", "write at least one"),
        ("[software]", "[software, telephony]", "line 8, column 3: plans", "under 'software' and under 'telephony'"),
        ("[software]", "[software, hardware]", "line 8, column 3", "under 'not_commissioned' and under 'software'"),
        ("[software]", "[software, software]", "line 8, column 3", "a line can earn once, so name it in one place"),
        ("percentage", "pay_per_view", f"line 11, column 7: {S}", "has no file in rules/plans/"),
        ("plan: percentage, ", "", f"line 11, column 7: {S}", "say which plan this is, plan: one of"),
        (SOFTWARE, "50%", f"line 11, column 7: {S}", PAIRS),
        ("software: {", "soft;ware: {", "line 11, column 7: plans.integrator.earn.soft;ware", "up to 64 Latin letters"),
        ("by: volume", "by: slab", f"line 15, column 9: {T}.by", "write 'volume', 'graduated' or 'package'"),
        ("by: volume", "by: package", f"line 12, column 7: {T}", "by: package needs `size` (above 0) and `pays`"),
        ("window: month", "window: year", f"line 16, column 53: {T}.measure.window", "write month, lifetime, or a"),
        (MEASURE, "{categories: [fax]}", "line 8, column 3", "rule 'telephony' measures fax, which no rule earns on"),
        (MEASURE, "{categories: []}", "line 16, column 19", "write at least one"),
        (MEASURE, "{categories: fax}", "line 16, column 19", "write 'all'"),
        (MEASURE, "fax", f"line 16, column 9: {T}.measure", PAIRS),
        (TIERS, "{1: 8%, 300: 10%}", f"line 17, column 9: {T}.tiers", "must start at 0"),
        (TIERS, "{0: 8%, 300: 10%, 200: 11%}", "line 17, column 9", "tiers must rise: 200.00 follows 300.00"),
        (TIERS, "{0: 8%, 300: 10%, 300.00: 11%}", "line 17, column 9", "tiers must rise: 300.00 follows 300.00"),
        (TIERS, "{0: 8%, 300: '12,5%'}", "line 17, column 9", "'12,5%' is not a rate: write 12.5%, with a dot"),
        (TIERS, "{0: 8%, 300: 10}", "line 17, column 9", "'10' is not a rate: write percent, for example 50% or 7.5%"),
        (TIERS, "[8%]", "line 17, column 9", "write tiers as lower bound: rate, for example {0: 8%, 100000: 10%}"),
        ("    from: 2026-01\n", "", "line 8, column 3: plans.integrator.from", "this key is required"),
        ("{hardware: sold at cost}", "[hardware]", "line 18, column 5: plans.integrator.not_commissioned", PAIRS),
    ],
)  # fmt: skip
def test_what_cannot_be_carried_out_is_refused_by_line_and_key(old: str, new: str, place: str, words: str) -> None:
    message = refusal(written(old, new))
    assert message.startswith("programme.yaml cannot be carried out:\n  line ")
    assert any(place in line and words in line for line in message.splitlines()), message


@pytest.mark.parametrize(
    ("old", "new", "key", "instead"),
    [
        ("currency:", "curency: RUB\ncurrency:", "curency", "write one of programme, starts, currency, "),
        ("payout:", "pays: 1\n    payout:", "plans.integrator.pays", "write one of from, "),
        ("5000.00", "5000.00, at: once", "plans.integrator.payout.at", "write one of minimum"),
        ("rate: 50%", "rate: 50%, tax: 5%", f"{S}.tax", "write one of plan, categories, products, rate"),
        ("window: month", "windw: month", f"{T}.measure.windw", "write one of categories, of, window, over"),
    ],
)
def test_a_key_that_is_not_known_is_answered_with_those_that_are(old: str, new: str, key: str, instead: str) -> None:
    (fault,) = refusal(written(old, new)).splitlines()[1:]
    assert f": {key}: {UNKNOWN_KEY}; {instead}" in fault


def test_a_fault_is_named_once_and_no_other_is_made_of_it() -> None:
    for old, new in [("rate: 50%", "rate: 150%"), ("5000.00", "-1"), ("net_current", "restated"), (TIERS, "{}")]:
        assert len(refusal(written(old, new)).splitlines()) == 2


def test_every_fault_of_the_file_is_named_at_once() -> None:
    text = written("rate: 50%", "rate: 0.5").replace("RUB", "XXX").replace("base: net_of_vat", "base: net")
    first, *faults = refusal(text).splitlines()
    assert first == "programme.yaml cannot be carried out:"
    assert [fault.split(": ")[1] for fault in faults] == [
        "currency",
        "base",
        f"{S}.rate",
        f"{T}.tiers",  # their currency is not known
        "plans.integrator.payout.minimum",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "programme.yaml is empty: nothing is written in it."),
        ("# nothing yet\n", "programme.yaml is empty: nothing is written in it."),
        (
            "- programme: x\n",
            "programme.yaml: write `programme:`, `starts:`, `plans:` ... as keys; found [{'programme'",
        ),
        ("hello", "programme.yaml: write `programme:`, `starts:`, `plans:` ... as keys; found 'hello'."),
        (written("rate: 50%", "rate: 50%, rate: 40%"), "line 11, column 71: the key 'rate' is written twice"),
        (
            written("starts: 2026-01", "starts: 2026-01\nstarts: 2026-02"),
            "line 3, column 1: the key 'starts' is written",
        ),
        (written("50%", "*half"), "line 11, column 66: anchors (&) and aliases (*) are not used here"),
    ],
)
def test_what_is_no_programme_at_all_is_refused_with_its_place(text: str, words: str) -> None:
    assert words in refusal(text)


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("from: 2026-01", "from: 2026-05", "line 7, column 1: plans", "must start in different months, oldest first"),
        ("from: 2026-04", "from: 2026-01", "line 7, column 1: plans", "must start in different months, oldest first"),
        ("rate: 40%", "rate: 40", "line 10, column 83: plans.integrator.1.earn.software.rate", "write percent, for"),
        ("from: 2026-04, ", "", "line 10, column 7: plans.integrator.1.from", "this key is required"),
    ],
)
def test_dated_blocks_stand_in_order_and_are_checked_one_by_one(old: str, new: str, place: str, words: str) -> None:
    (fault,) = refusal(dated(old, new)).splitlines()[1:]
    assert place in fault
    assert words in fault


def test_a_plan_without_a_block_and_a_programme_without_a_plan_are_refused() -> None:
    heading = dated()[: dated().index("plans:")]
    assert "'integrator' has no block: write one with `from` and `earn`" in refusal(heading + "plans: {integrator: []}")
    assert "line 7, column 1: plans: write at least one" in refusal(heading + "plans: {}")
    assert "line 7, column 1: plans: write `key: value`" in refusal(heading + "plans: [integrator]")
    assert "plans.integrator: write `key: value`" in refusal(heading + "plans: {integrator: none}")


ANYTHING = st.recursive(
    st.text("aR0.%-[]", max_size=6) | st.sampled_from(["50%", "RUB", "2026-01", "all", "tiered", "percentage"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("ab0", max_size=3), inner, max_size=2),
    max_leaves=4,
)


@given(ANYTHING, st.randoms(use_true_random=False))
def test_whatever_is_written_in_whatever_place_is_carried_out_or_refused_in_words(
    thing: Any, chance: random.Random
) -> None:
    tree = yaml.load(PROGRAMME, yaml.BaseLoader)
    places = list(_places(tree))
    parent, key = chance.choice(places)
    parent[key] = deepcopy(thing)
    try:
        assert isinstance(parse_programme(yaml.safe_dump(tree, sort_keys=False)), Programme)
    except BadProgramme as refused:
        assert str(refused).startswith("programme.yaml")  # noqa: PT017


def _places(tree: Any) -> Any:
    """Everything in the file that could be written differently, as (what holds it, its key)."""
    for key in tree if isinstance(tree, dict) else range(len(tree) if isinstance(tree, list) else 0):
        yield tree, key
        yield from _places(tree[key])


SIDE = "    not_commissioned:"


@pytest.mark.parametrize("limit", ["cap, at_most: 100.00", "guarantee, minimum: 100.00"])
def test_a_limit_that_names_an_override_is_refused_for_it_would_never_see_it(limit: str) -> None:
    override = "      team: {plan: override, of: commission, levels: [5%]}\n"
    (fault,) = refusal(
        written(SIDE, f"{override}      limit: {{plan: {limit}, rules: [software, team]}}\n{SIDE}")
    ).splitlines()[1:]
    assert "rule 'limit' names team: an override is worked out after limits" in fault


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("categories: [software], borne_by: vendor, rate: 20%", "corrects what earns 20 %, but 'software' earns 50 %"),
        ("categories: [telephony], borne_by: vendor, rate: 8%", "'telephony' earns at no single rate"),
        ("categories: all, borne_by: partner, rate: 50%", "'telephony' earns at no single rate"),
    ],
)
def test_a_promo_code_beside_another_rate_than_its_own_is_refused(code: str, words: str) -> None:
    (fault,) = refusal(written(SIDE, f"      codes: {{plan: promo_code, {code}}}\n{SIDE}")).splitlines()[1:]
    assert words in fault
    assert "name in 'codes' only what earns" in fault


def test_refund_policies_are_dated_in_order() -> None:
    dated = "[{from: 2026-01, policy: net_current}, {from: 2026-01, policy: original_rate}]"
    (fault,) = refusal(written("net_current", dated)).splitlines()[1:]
    assert "refunds: the policies must start in different months, oldest first" in fault
    assert "write original_rate, net_current or restate, or a list" in refusal(written("net_current", "[]"))
    assert parse_programme(written("refunds: net_current\n", "")).refunds_in(Period(2026, 1)) == "original_rate"


@pytest.mark.parametrize(
    ("policy", "is_refused"),
    [
        ("net_current", True),
        ("[{from: 2026-01, policy: net_current}]", True),
        ("[{from: 2026-01, policy: net_current}, {from: 2026-03, policy: original_rate}]", False),
        ("original_rate", False),
        ("restate", False),
    ],
)
def test_what_a_term_takes_back_is_refused_where_no_refund_takes_anything_back(policy: str, is_refused: bool) -> None:
    head = "programme: p\nstarts: 2026-01\ncurrency: RUB\ntimezone: Europe/Moscow\nbase: gross\n"
    goal = "{plan: milestone, measure: all, goals: {1000: 5.00}, taken_back: true}"
    rung = "levels: {rungs: {measure: all, taken_back: true, levels: {Low: {reaches: 0, plan: ten}}}}\n"
    plan = head + f"refunds: {policy}\nplans:\n  ten: {{from: 2026-01, earn: {{goal: GOAL}}}}\n"
    for text in (plan.replace("GOAL", goal), plan.replace("GOAL", SOFTWARE) + rung):
        if is_refused:
            assert "says taken_back: true, but under refunds: net_current nothing is taken back" in refusal(text)
        else:
            parse_programme(text)


@pytest.mark.parametrize("text", ["yes", "1", "True", "on"])
def test_true_and_false_are_written_so(text: str) -> None:
    rule = f"{{plan: first_sale, categories: [software], pays: 5.00, taken_back: {text}}}"
    assert f"{text!r} is neither: write true or false" in refusal(PROGRAMME.replace(SOFTWARE, rule))
