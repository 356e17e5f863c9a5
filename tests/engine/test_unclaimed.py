"""Clients of nobody that look like a partner's: named with where they were read, and whom they look like."""

from collections.abc import Mapping
from datetime import date

import polars as pl

from engine.frames.snapshot import Snapshot
from engine.gate.unclaimed import SHOWN, unclaimed_lookalikes
from engine.lines.attribute import bonds_of
from models.vendor import Attribution
from tests.made.received import received


def bonds(*clients: str) -> pl.DataFrame:
    return bonds_of(
        Attribution(client_id=client, partner_id="ana", claim_id=f"K-{client}", claimed_on=date(2026, 1, 1))
        for client in clients
    )


def said(known: tuple[str, ...], *lines: Mapping[str, str | None]) -> list[str]:
    return unclaimed_lookalikes(Snapshot.of(received(*lines)), bonds(*known))


def test_a_look_alike_is_named_once_with_its_first_row_its_lines_and_whose_client_it_may_be() -> None:
    found = said(("C-17",), {"client_id": "C-17"}, {"client_id": "c-17"}, {"client_id": "c-17"})
    assert found == [
        "billing/january.csv row 3: client_id 'c-17' belongs to nobody (2 lines): did you mean 'C-17' of partner ana? "
        "They look alike, and are two clients here."
    ]


def test_a_letter_of_another_alphabet_is_spelled_out() -> None:
    (found,) = said(("C-17",), {"client_id": "\u0421-17"})
    assert "(\\u0421-17) belongs to nobody (1 line): did you mean 'C-17' of partner ana?" in found


def test_look_alikes_are_named_in_the_order_they_were_read() -> None:
    found = said(("a-1", "b-1"), {"client_id": "B-1"}, {"client_id": "A-1"})
    assert [sentence.split("'")[1] for sentence in found] == ["B-1", "A-1"]


def test_a_client_that_looks_like_nobody_s_and_a_line_without_a_client_are_no_news() -> None:
    assert said(("C-17",), {"client_id": "D-17"}, {"client_id": None}, {"client_id": "C-17"}) == []


def test_where_nobody_has_clients_nothing_looks_like_one() -> None:
    assert said((), {"client_id": "C-17"}) == []


def test_many_look_alikes_are_counted_beyond_the_first_twenty() -> None:
    def lines(count: int) -> list[str]:
        known = tuple(f"c-{number}" for number in range(count))
        return said(known, *({"client_id": name.upper()} for name in known))

    assert len(lines(SHOWN)) == SHOWN
    assert lines(SHOWN + 1)[SHOWN:] == ["+1 more clients that look like a client of a partner."]
