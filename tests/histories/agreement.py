"""What two accounts of a month say of it, in one shape: what became of lines, what is posted, and the balances."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from tests.histories.by_engine import DraftedMonth, entry
from tests.histories.twin_life import Month

Said = dict[tuple[str, ...], Any]


def by_twin(month: Month) -> Said:
    """What the twin says of a month."""
    said: Said = {("line", line_id): fate.outcome for line_id, fate in month.fates.items()}
    said |= {("earned", *key): minor for key, minor in month.new.items() if minor}
    for key, clients in month.clients.items():
        said |= {("share", *key, client): minor for client, minor in clients.items() if client and minor}
    back: Counter[tuple[str, ...]] = Counter()
    for each in month.clawbacks:
        group = each.group
        back["clawback", group.partner, group.rule, group.to, group.key, group.month, each.line_id] += each.minor
    for (partner, rule, corrected), minor in month.limits.items():
        back["limit", partner, rule, "partner", "", corrected, ""] += minor
    for (senior, rule, corrected, junior), minor in month.overrides.items():
        back["clawback", senior, rule, "partner", junior, corrected, ""] += minor
    for group, minor in month.restated.items():
        back["restatement", group.partner, group.rule, group.to, group.key, group.month, ""] += minor
    said |= {key: minor for key, minor in back.items() if minor}
    for (partner, row), minor in month.adjusted.items():
        said["adjustment", partner, "", "partner", "", month.name, row] = minor
    for name, amounts in (("opening", month.opening), ("to pay", month.to_pay), ("closing", month.closing)):
        said |= {(name, partner): minor for partner, minor in amounts.items()}
    return said | {("beside", *key): minor for key, minor in month.beside.items() if minor}


def by_engine(month: DraftedMonth) -> Said:
    """What the engine's draft says of a month, in its lines, statements and corrections."""
    lines = month.frame("lines.parquet").select("line_id", "outcome")
    said: Said = {("line", line_id): outcome for line_id, outcome in lines.iter_rows()}
    for partner, body in month.statements.items():
        said |= of_statement(partner, body)
    back: Counter[tuple[str, ...]] = Counter()
    if "corrections.parquet" in month.draft.results:
        for row in month.frame("corrections.parquet").iter_rows(named=True):
            # A limit's correction is one amount of the month, whoever's share of it changed.
            is_again = row["kind"] == "restatement"
            key = "" if row["kind"] == "limit" or (is_again and row["rule"].startswith("limit")) else row["key"]
            refund_id = "" if is_again else row["refund_id"]
            back[row["kind"], row["partner_id"], row["rule"], row["to"], key, row["corrects"], refund_id] += row[
                "minor"
            ]
    return said | {key: minor for key, minor in back.items() if minor}


def of_statement(partner: str, body: Mapping[str, Any]) -> Said:
    """What a statement says of new commission and of balances."""
    said: Said = {}
    for rule in body["rules"]:
        key = partner, rule["rule"]
        said |= {("earned", *key): rule["commission_minor"]} if rule["commission_minor"] else {}
        if rule["plan"] not in ("cap", "guarantee"):
            said |= {("share", *key, each["client_id"]): each["commission_minor"] for each in rule["clients"]}
            said |= {("share", *key, each["key"]): each["commission_minor"] for each in rule["shares"]}
    said = {key: minor for key, minor in said.items() if minor}
    said |= {
        ("opening", partner): entry(body, "opening"),
        ("to pay", partner): -entry(body, "to_pay"),
        ("closing", partner): entry(body, "carried"),
    }
    return said | {
        ("beside", partner, each["of"]): each["closing_minor"] for each in body["apart"] if each["closing_minor"]
    }


def differences(one: Said, other: Said) -> dict[tuple[str, ...], tuple[Any, Any]]:
    """Where two accounts differ: what one says, and what the other does."""
    keys = sorted(one.keys() | other.keys())
    return {key: (one.get(key), other.get(key)) for key in keys if one.get(key) != other.get(key)}
