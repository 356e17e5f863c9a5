"""Shards: the lines of some of the partners, put there piece by piece, given back in their order."""

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.frames.schemas import PartnerLines, of_types
from engine.frames.shards import Shards


def of_partners(*partners: str) -> pl.DataFrame:
    """A line per argument, of that partner; ids are L0, L1 ..."""
    empty: dict[str, Any] = dict.fromkeys(PartnerLines.column_names())
    rows = [
        {**empty, "partner_id": partner, "line_id": f"L{number}", "outcome": "settled", "reason": "",
         "paid_on": date(2026, 1, 12)}
        for number, partner in enumerate(partners)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=of_types(PartnerLines))


@pytest.mark.parametrize(
    ("lines_at_once", "members"),
    [
        (1, [("a",), ("b",), ("c",), ("d", "e")]),
        (6, [("a",), ("b",), ("c",), ("d", "e")]),
        (7, [("a", "b"), ("c",), ("d", "e")]),
        (18, [("a", "b", "c", "d", "e")]),
        (17, [("a", "b", "c"), ("d", "e")]),
    ],
)
def test_partners_are_cut_by_their_lines_and_a_large_one_stands_alone(
    lines_at_once: int, members: list[tuple[str, ...]]
) -> None:
    counted = {"b": 4, "a": 3, "d": 1, "c": 10, "e": 0}
    assert list(Shards.of(counted, lines_at_once).members) == members


def test_without_partners_there_are_no_shards() -> None:
    assert list(Shards.of({}, 10)) == []


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from("abcd"), max_size=25), st.integers(1, 30), st.integers(1, 9))
def test_every_line_of_a_partner_in_force_is_in_one_shard_in_the_order_it_came(
    partners: list[str], lines_at_once: int, piece: int
) -> None:
    lines = of_partners(*partners)
    counted = {partner: partners.count(partner) for partner in "abc"}  # d is not in force
    shards = Shards.of(counted, lines_at_once)
    for part in lines.iter_slices(piece):
        shards.add(part, served=False)
        shards.add(part[:1], served=True)
    found = {
        partner: shard.brought.filter(pl.col("partner_id") == partner) for shard in shards for partner in shard.partners
    }
    assert found.keys() == {"a", "b", "c"}
    for partner, mine in found.items():
        assert mine.equals(lines.filter(pl.col("partner_id") == partner))
    assert sum(shard.brought.height for shard in shards) == sum(counted.values())
    firsts = [part["partner_id"][0] for part in lines.iter_slices(piece)]
    assert sum(shard.served.height for shard in shards) == sum(first != "d" for first in firsts)


def test_a_shard_can_be_asked_for_again() -> None:
    shards = Shards.of({"a": 2}, 10)
    shards.add(of_partners("a", "a"), served=False)
    ((first,), (again,)) = list(shards), list(shards)
    assert first.brought.equals(again.brought)
    assert (first.partners, first.served.height) == (("a",), 0)
