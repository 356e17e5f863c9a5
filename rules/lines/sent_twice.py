"""Sent twice: two files of a month with the same payments under other ids, each of which would be paid twice."""

from collections.abc import Iterable
from typing import NamedTuple

from rules.programme.blocks.stop_when import StopWhen


class Twice(NamedTuple):
    """Two files or queries, and how many lines of the shorter one say what lines of the other say."""

    source: str
    other: str
    lines: int
    of: int  # lines of the shorter one


def stopped_for_twice(found: Iterable[Twice], when: StopWhen) -> list[str]:
    """Return why the month is stopped: more than half of a file is in another one, and at least two lines.

    >>> pairs = [Twice("a.csv", "b.csv", 2, 4), Twice("a.csv", "c.csv", 3, 5), Twice("b.csv", "c.csv", 1, 1)]
    >>> [words[:32] for words in stopped_for_twice(pairs, StopWhen())]
    ['3 of 5 lines of a.csv and c.csv ']
    """
    if when.sent_twice == "allow":
        return []
    return [
        f"{each.lines} of {each.of} lines of {each.source} and {each.other} say the same under other ids: client, "
        f"product, category, kind, currency, amount and days. Each would be paid twice: take one of the two out, or, "
        f"where these are other payments, write `sent_twice: allow` under `stop_when:` in programme.yaml."
        for each in found
        if each.lines >= when.at_least and 2 * each.lines > each.of
    ]
