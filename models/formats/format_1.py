"""Format 1 of `statement.json`: what was written before the format had a number.

How it differs from format 2:

- it has no key `format`;
- `summary` has the named figures alone: opening + commission = balance = to pay + carried forward;
- a rule has no `name`, `terms` and `bond`: `rule` says all of it, telephony@2025-06 is telephony under the terms
  of June 2025, and only the rules of the plan `servicing` cite assignments;
- a window since the programme starts is 1200 months;
- a step has its English words alone, without the phrase they are; a goal has its key alone.

It is closed: no statement of it is written any more. So here, and nowhere else, words are taken apart.
"""

import re
from typing import Any

from models.period import PATTERN
from models.phrase import Phrase, PhraseValue, name

Json = dict[str, Any]

PATTERNS = (
    "year {n}: no rate",
    "year {n}",
    "for entering tier {n}",
    "started packages",
    "first sales",
    "upfront, once",
    "the whole month",
    "minimum, {days} of {all} days",
    "minimum",
    "{days} of {all} days",
    "{n} clients",
    "{who}: earned this month",
    "earned this month",
    "{who}: at most",
    "at most",
    "{who}: left of what may be earned for life",
    "left of what may be earned for life",
    "reached: {goal}",
    "level {n}: {partner}",
    "cancelled",
    "nobody is named {role}",
    "discounts borne by the vendor",
    "discounts borne by the partner",
    "margin at {rate} % discount",
    "{event} of no product: no amount is agreed",
    "{event} of {product}: no amount is agreed",
    "{event} {id}: no amount is given",
    "{event}, tier {n}",
)
"""What the plans of then said of their steps, in the order in which the words were recognised."""

_PHRASES = tuple(
    (re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(pattern)), re.DOTALL), pattern) for pattern in PATTERNS
)
_PERIOD = re.compile(PATTERN)
_AMOUNT = re.compile(r"[0-9]+\.[0-9]+")
_NUMBER = re.compile(r"[0-9]+")
_LIFETIME = 1200
_NUMBERED = ("n", "days", "all")


def as_format_2(said: Json) -> Json:
    """Return what a statement of format 1 says as format 2 says it."""
    rules = [_rule(rule) for rule in said["rules"]]
    return said | {"format": 2, "summary": _summary(said), "rules": rules}


def _summary(said: Json) -> Json:
    """The entries, made from the named figures: there was no kind of entry but these four."""
    figures: Json = said["summary"]
    before = said["digests"]["previous_statement"]
    earning = [rule["rule"] for rule in said["rules"] if rule["to"] == "partner"]
    entries = [
        ("opening", figures["opening_minor"], [before] if before else []),
        ("commission", figures["commission_minor"], earning),
        ("to_pay", -figures["to_pay_minor"], []),
        ("carried", figures["carried_minor"], []),
    ]
    return figures | {
        "entries": [{"kind": kind, "amount_minor": minor, "cites": cites} for kind, minor, cites in entries]
    }


def _rule(rule: Json) -> Json:
    title, *older = rule["rule"].split("@")
    tier = rule["tier"]
    if tier and tier["window_months"] == _LIFETIME:
        tier = tier | {"window_months": None}
    return rule | {
        "name": title,
        "terms": [_terms(part) for part in older],
        "bond": "assignment" if rule["plan"] == "servicing" else "claim",
        "tier": tier,
        "steps": [step | {"phrase": phrase_of(step["words"])} for step in rule["steps"]],
        "shares": [
            share | {"goal": _goal(share["key"]) if rule["shared_by"] == "goal" else None} for share in rule["shares"]
        ],
    }


def _terms(part: str) -> Json:
    if _PERIOD.fullmatch(part):
        return {"kind": "of_month", "value": part}
    if part.startswith("until-"):
        return {"kind": "until", "value": part.removeprefix("until-")}
    return {"kind": "of_plan", "value": part}


def phrase_of(words: str) -> Phrase | None:
    """Return the phrase the words of a step are; what the vendor or the partner named stands as it was named.

    >>> phrase_of("level 1: P-7").values["partner"].text
    'P-7'
    """
    if not words:
        return None
    for expression, pattern in _PHRASES:
        if found := expression.fullmatch(words):
            return Phrase(pattern=pattern, values={key: _value(key, text) for key, text in found.groupdict().items()})
    return name(words)


def _value(key: str, text: str) -> PhraseValue:
    if key == "goal":
        return _goal(text)
    if key == "rate":
        return PhraseValue(kind="rate", text=text)
    return PhraseValue(kind="number" if key in _NUMBERED and _NUMBER.fullmatch(text) else "name", text=text)


def _goal(key: str) -> PhraseValue:
    """What was reached: a month, an amount or a number of clients; anything else is a thing that was given."""
    if _PERIOD.fullmatch(key):
        return PhraseValue(kind="month", text=key)
    if _AMOUNT.fullmatch(key):
        return PhraseValue(kind="amount", text=key)
    return PhraseValue(kind="count" if _NUMBER.fullmatch(key) else "name", text=key)
