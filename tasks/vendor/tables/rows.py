"""Partners, claims and control totals, row by row. A partner in doubt stops the month; a claim in doubt never wins."""

import re
from collections.abc import Collection, Mapping
from datetime import date
from typing import NamedTuple

import polars as pl

from models.vendor import LOCALES, Claim, ControlTotal, Terms
from rules.lines.lookalikes import SHORTENED, alike, spelled
from tasks.vendor.network import network_problems
from tasks.vendor.tables import cells
from tasks.vendor.tables.table import Problem, Row, Table, first_few, read_table

PARTNER_COLUMNS = ("partner_id", "name", "plan", "from")
MORE_OF_PARTNERS = ("locale", "parent_id", "until", "consolidation_group", "segments")


class InvalidClaim(NamedTuple):
    """A claim that cannot be read, as it was written, and why. It never wins, and the month goes on."""

    claim_id: str
    client_id: str
    partner_id: str
    claimed_on: str
    channel: str
    evidence: str
    reason: str
    row: int


def read_partners(name: str, data: bytes) -> tuple[tuple[Terms, ...], tuple[str, ...]]:
    """Return the terms of every partner, by id and day, and warnings. A repeated id is a dated change of terms."""
    table = read_table(name, data, PARTNER_COLUMNS, MORE_OF_PARTNERS)
    known = {row.text["partner_id"] for row in table.rows}
    spelled: dict[str, str] = {}
    dated: dict[tuple[str, date], tuple[Row, Terms]] = {}
    for row in table.rows:
        try:
            terms = _terms(row, known)
            if (other := spelled.setdefault(terms.partner_id.lower(), terms.partner_id)) != terms.partner_id:
                raise Problem(f"partner_id {terms.partner_id!r} and {other!r} differ only in capital letters")
            first, _ = dated.setdefault((terms.partner_id, terms.from_day), (row, terms))
            if first is not row:
                raise Problem(
                    f"partner {terms.partner_id} has terms from {terms.from_day} in row {first.number} already"
                )
        except Problem as problem:
            table.wrong(row, problem)
    if not table.rows and not table.problems:
        table.problems.append((2, "there are no partners: write a row for each"))
    _check_network(table, dated)
    table.stop_if_wrong()
    return tuple(terms for _, (_, terms) in sorted(dated.items(), key=lambda item: item[0])), table.warnings


def _check_network(table: Table, dated: dict[tuple[str, date], tuple[Row, Terms]]) -> None:
    by_partner: dict[str, list[Terms]] = {}
    for (partner_id, _), (_, terms) in sorted(dated.items(), key=lambda item: item[0]):
        by_partner.setdefault(partner_id, []).append(terms)
    for terms, words in network_problems(by_partner):
        row, _ = dated[terms.partner_id, terms.from_day]
        table.wrong(row, words)


def _terms(row: Row, known: Collection[str]) -> Terms:
    partner_id, parent_id = row.required("partner_id"), row.text["parent_id"]
    if not re.fullmatch(cells.PLAIN_NAME, partner_id) or ".." in partner_id:
        raise Problem(f"partner_id {partner_id!r} cannot name a folder: write {cells.PLAIN_NAME_WORDS}, without `..`")
    if parent_id == partner_id:
        raise Problem(f"parent_id {parent_id!r} is the partner itself")
    if parent_id and parent_id not in known:
        raise Problem(f"parent_id {parent_id!r} is no partner of this file")
    locale = row.text["locale"] or "en"
    if locale not in LOCALES:
        raise Problem(f"locale {locale!r} is not one of {', '.join(LOCALES)}")
    name, segments = row.required("name"), _segments(row)
    if not row.text["plan"] and not segments:
        raise Problem("plan is blank: write one, or the segments by which the programme picks one")
    from_day = cells.first_day(row)
    return Terms(
        partner_id=partner_id,
        name=name,
        plan=row.text["plan"],
        from_day=from_day,
        locale=locale,
        parent_id=parent_id,
        until=cells.last_day(row, from_day),
        consolidation_group=_plain("consolidation_group", row.text["consolidation_group"]),
        segments=segments,
    )


def _segments(row: Row) -> tuple[str, ...]:
    return tuple(_plain("segments", label) for label in cells.names(row, "segments"))


def _plain(column: str, name: str) -> str:
    if name and not re.fullmatch(cells.PLAIN_NAME, name):
        raise Problem(f"{column}: {name!r} is no plain name: write {cells.PLAIN_NAME_WORDS}")
    return name


def read_claims(
    name: str, data: bytes, partners: Collection[str]
) -> tuple[tuple[Claim, ...], tuple[InvalidClaim, ...], tuple[str, ...]]:
    """Return the claims by day and id, those that cannot be read, and warnings."""
    table = read_table(name, data, ("client_id", "partner_id", "claimed_on"), ("claim_id", "channel", "evidence"))
    first: dict[str, Row] = {}
    warnings: list[str] = []
    claims: list[Claim] = []
    invalid: list[InvalidClaim] = []
    for row in table.rows:
        text = _claim_text(row)
        before = first.setdefault(text["claim_id"], row)
        if before.values != row.values and _claim_text(before) != text:
            table.wrong(
                row, f"claim {text['claim_id']} says something else in row {before.number}: a claim needs its own id"
            )
        elif before is not row:
            warnings.append(f"{name} row {row.number}: the same claim as in row {before.number}, counted once.")
        elif wrong := _claim_problems(text, partners):
            invalid.append(InvalidClaim(**text, reason="; ".join(wrong), row=row.number))
            warnings.append(f"{name} row {row.number}: claim {text['claim_id']} is rejected: {'; '.join(wrong)}.")
        else:
            claims.append(_claim(text))
    table.stop_if_wrong()
    claims.sort(key=lambda claim: (claim.claimed_on, claim.claim_id))
    return (
        tuple(claims),
        tuple(invalid),
        (*table.warnings, *first_few(warnings), *first_few(_alike(table, {claim.client_id for claim in claims}))),
    )


def _alike(table: Table, clients: Collection[str]) -> list[str]:
    """Words for each row whose client, one of `clients`, looks like that of an earlier row, and is another."""
    row_of: dict[str, int] = {}
    for row in table.rows:
        if (client_id := row.text["client_id"]) in clients:
            row_of.setdefault(client_id, row.number)
    return [
        f"{table.name} row {row_of[client_id]}: client_id {spelled(client_id)} looks like {spelled(meant)} of row "
        f"{row_of[meant]}, and they are two clients here: did you mean that one?"
        for client_id, meant in alike(pl.Series("client_id", list(row_of), dtype=pl.String)).iter_rows()
    ]


def _claim_text(row: Row) -> dict[str, str]:
    """The claim as it is written, with an id where none is."""
    text = row.text
    return {**text, "claim_id": text["claim_id"] or _derived_id(row)}


def _claim(text: Mapping[str, str]) -> Claim:
    """A claim without problems."""
    day = cells.day_of(text["claimed_on"])
    assert day is not None, text
    return Claim(text["claim_id"], text["client_id"], text["partner_id"], day, text["channel"], text["evidence"])


def _derived_id(row: Row) -> str:
    return cells.derived_id(
        *(row.text[column] for column in ("client_id", "partner_id", "claimed_on", "channel", "evidence"))
    )


def _claim_problems(text: dict[str, str], partners: Collection[str]) -> list[str]:
    wrong = [f"{column} is blank" for column in ("client_id", "partner_id", "claimed_on") if not text[column]]
    for column in ("claim_id", "client_id"):
        if not text[column].isprintable():
            wrong.append(f"{column} {text[column]!r} has characters that cannot be printed")
        if re.fullmatch(SHORTENED, text[column]):
            wrong.append(f"{column} {text[column]!r} is {cells.SHORTENED_WORDS}")
    if text["partner_id"] and text["partner_id"] not in partners:
        wrong.append(f"partner_id {text['partner_id']!r} is no partner of partners.csv")
    if text["claimed_on"] and cells.day_of(text["claimed_on"]) is None:
        wrong.append(f"claimed_on {text['claimed_on']!r} is no date: write YYYY-MM-DD")
    return wrong


def read_control(name: str, data: bytes) -> tuple[tuple[ControlTotal, ...], tuple[str, ...]]:
    """Return the vendor's own totals by month and currency, and warnings."""
    table = read_table(name, data, ("period", "currency", "lines", "amount_minor"), ())
    totals: dict[tuple[str, str], tuple[Row, ControlTotal]] = {}
    for row in table.rows:
        try:
            total = _control_total(row)
            first, _ = totals.setdefault((total.period, total.currency), (row, total))
            if first is not row:
                raise Problem(f"{total.period} {total.currency} has totals in row {first.number} already")
        except Problem as problem:
            table.wrong(row, problem)
    table.stop_if_wrong()
    return tuple(total for _, (_, total) in sorted(totals.items(), key=lambda item: item[0])), table.warnings


def _control_total(row: Row) -> ControlTotal:
    lines = cells.whole(row, "lines")
    if lines < 0:
        raise Problem(f"lines {lines} is below zero")
    return ControlTotal(
        period=str(cells.month(row, "period")),
        currency=row.required("currency"),
        lines=lines,
        amount_minor=cells.whole(row, "amount_minor"),
    )
