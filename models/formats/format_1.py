"""Format 1 of `statement.json`: what was written before the format had a number.

How it differs from format 2:

- it has no key `format`;
- `summary` has the named figures alone: opening + commission = balance = to pay + carried forward.
"""

from typing import Any

Said = dict[str, Any]


def as_format_2(said: Said) -> Said:
    """Return what a statement of format 1 says as format 2 says it."""
    return said | {"format": 2, "summary": _summary(said)}


def _summary(said: Said) -> Said:
    """The entries, made from the named figures: there was no kind of entry but these four."""
    figures: Said = said["summary"]
    before = said["digests"]["previous_statement"]
    entries = [
        ("opening", figures["opening_minor"], [before] if before else []),
        (
            "commission",
            figures["commission_minor"],
            [rule["rule"] for rule in said["rules"] if rule["to"] == "partner"],
        ),
        ("to_pay", -figures["to_pay_minor"], []),
        ("carried", figures["carried_minor"], []),
    ]
    return figures | {
        "entries": [{"kind": kind, "amount_minor": minor, "cites": cites} for kind, minor, cites in entries]
    }
