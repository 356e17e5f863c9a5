"""The block of sources.yaml that most likely describes a file: what each column is, how values are written."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain

from pydantic import ValidationError

from models.errors import WrongUse
from models.period import Period
from rules.lines.totals_rows import TOTALS
from rules.sources.days import TOKENS, DayForm
from rules.sources.proposing import (
    KINDS,
    NO_PAYMENT,
    PAYMENT,
    STATUS,
    propose_currencies,
    propose_days,
    propose_kinds,
    propose_names,
    propose_negatives,
    propose_numbers,
    propose_signs,
    without_signs,
)
from tasks.beginning.looking import LookedAt, NumberCell

MUST_BE_TOLD = ("line_id", "client_id", "paid_on")
DAY_COLUMNS = ("issued_on", "paid_on", "posted_on")
GIVEN_BACK = ("credit_note", "chargeback")


@dataclass(frozen=True)
class Answers:
    """What a person says of the billing, where the files do not."""

    currency: str
    timezone: str
    starts: str = ""  # blank: the month of the first payment
    programme: Callable[[Period], str] | None = None  # an example's text from a month on; None: one rate
    category: str = ""  # of every line, where no column says it
    dates: str = ""  # the form of days, where two are possible
    columns: Mapping[str, str] = field(default_factory=dict)  # ours -> theirs


def propose_block(looked: LookedAt, answers: Answers) -> tuple[dict, dict[str, str]]:  # type: ignore[type-arg]  # a block of YAML
    """Return the block of sources.yaml, and which of their columns gives which of ours."""
    if unknown := [theirs for theirs in answers.columns.values() if theirs not in looked.header]:
        raise WrongUse(f"{', '.join(unknown)}: no column of {looked.name} (it has {', '.join(looked.header)}).")
    names = propose_names(looked.header, answers.columns)
    missing = [ours for ours in MUST_BE_TOLD if ours not in names]
    missing += ["amount"] if not {"amount", "amount_minor"} & names.keys() else []
    if missing:
        flags = " ".join(f"--column {ours}=NAME" for ours in missing)
        raise WrongUse(
            f"{looked.name}: which column is {', '.join(missing)}? Say {flags} (it has {', '.join(looked.header)})."
        )
    block: dict[str, object] = {}
    rest: dict[str, str] = {}
    for key, value in (
        ("encoding", looked.encoding),
        ("delimiter", looked.delimiter),
        ("header_row", looked.header_row),
        ("sheet", looked.sheet),
    ):
        if value is not None:
            block[key] = value if isinstance(value, str) else str(value)
    maps: dict[str, dict[str, str]] = {}
    rows_out = _no_lines(looked, names)
    if _is_grouped(looked, names):
        block["fill_down"] = [names["client_id"]]
        rows_out.setdefault(names["line_id"], []).append("")
    data = _without(looked, rows_out)
    _say_numbers(data, names, answers, block)
    _say_days(data, names, answers, block)
    _say_kind(data, names, block, maps, rest)
    _say_currency(data, names, answers, maps, rest)
    for ours, value in (("category", answers.category or "billing"), ("quantity", "1"), ("product_code", "-")):
        if ours not in names:
            rest[ours] = value
    for ours, same_as in (("invoice_id", "line_id"), ("client_name", "client_id"), ("issued_on", "paid_on")):
        names.setdefault(ours, names[same_as])
    rename: dict[str, object] = {}
    for theirs in dict.fromkeys(names.values()):
        mine = [name for name, column in names.items() if column == theirs]
        if mine != [theirs]:
            rename[theirs] = mine[0] if len(mine) == 1 else mine
    said: dict[str, object] = {"rename": rename, "set": rest, "map": maps, "skip_where": rows_out}
    return block | {key: value for key, value in said.items() if value}, names


def _no_lines(looked: LookedAt, names: Mapping[str, str]) -> dict[str, list[str]]:
    """Rows that are no payments: those whose status says so, and totals below."""
    found: dict[str, list[str]] = {}
    for column in looked.header:
        if column.strip().casefold() in STATUS:
            values = [value for value in dict.fromkeys(looked.column(column)) if value.strip().casefold() in NO_PAYMENT]
            if values:
                found[column] = values
    for column in dict.fromkeys((looked.header[0], names["line_id"], names["paid_on"])):
        totals = [value for value in dict.fromkeys(looked.column(column)) if value.strip(" :").casefold() in TOTALS]
        if totals:
            found[column] = totals
    return found


def _is_grouped(looked: LookedAt, names: Mapping[str, str]) -> bool:
    """Whether the client stands once for a group of rows, above which or below which a row that is no line names it."""
    client, line, day = (looked.header.index(names[ours]) for ours in ("client_id", "line_id", "paid_on"))
    rows = [row for row in looked.rows if len(row) > max(client, line, day)]
    others = [row for row in rows if not row[line].strip()]
    is_no_line = all(not row[day].strip() for row in others) and any(row[client].strip() for row in others)
    return is_no_line and any(row[line].strip() and not row[client].strip() for row in rows)


def _without(looked: LookedAt, rows_out: Mapping[str, list[str]]) -> LookedAt:
    places = {looked.header.index(column): values for column, values in rows_out.items()}
    kept = tuple(
        row for row in looked.rows if not any(len(row) > at and row[at] in values for at, values in places.items())
    )
    return replace(looked, rows=kept)


def not_understood(looked: LookedAt, answers: Answers) -> list[str]:
    """Warn of a column of kinds or states with a word that is not known: a refund may be read as a payment by it."""
    found = []
    kind = propose_names(looked.header, answers.columns).get("kind")
    for column in looked.header:
        if column.strip().casefold() in STATUS:
            known, taken = {*NO_PAYMENT, *PAYMENT}, "its rows are read as payments"
        elif column == kind:
            known, taken = {*chain(*KINDS.values())}, "the sign of the amount tells payment from refund"
        else:
            continue
        words = [word for word in dict.fromkeys(looked.column(column)) if word.strip().casefold() not in known]
        if words:
            first = ", ".join(repr(word) for word in words[:5])
            more = f" and {len(words) - 5} more" if len(words) > 5 else ""
            found.append(
                f"{looked.name}: column {column!r} holds {first}{more}, which is not known, so {taken}. Name rows that "
                f"are no payment under `skip_where:`, and kinds under `map:`, in sources.yaml (docs/sources.md)."
            )
    return found


def not_of_one_line(looked: LookedAt, names: Mapping[str, str]) -> list[str]:
    """Warn where rows that differ share what was taken for the line's id: a run would reject all of them."""
    column = names["line_id"]
    rows = set(_without(looked, _no_lines(looked, names)).rows)  # a row that stands twice is a copy
    at = looked.header.index(column)
    shared = Counter(row[at] for row in rows if len(row) > at and row[at].strip())
    value, most = next(iter(shared.most_common(1)), ("", 0))
    if most < 2:
        return []
    return [
        f"{looked.name}: {most} different rows have {value!r} in {column!r}, which was taken for the line's id, and "
        f"all of them would be rejected: a line has an id that no other has, for ever. Name another column by "
        f"--column line_id=NAME, or make one of several by `join: {{line_id: [{column}, ...]}}` in sources.yaml "
        f"(docs/sources.md)."
    ]


def given_back_beside(looked: LookedAt, names: Mapping[str, str]) -> list[str]:
    """Warn of columns that say what was given back of a payment, and are no lines: the commission on it would stay."""
    found = []
    for column in looked.header:
        is_unread = column not in names.values() and any(word in column.casefold() for word in ("refund", "возврат"))
        if is_unread and any(any(mark in "123456789" for mark in value) for value in looked.column(column)):
            found.append(
                f"{looked.name}: column {column!r} says what was given back, and is not read: a refund is a line of "
                f"its own. Export the refunds too, or read the column as lines (docs/sources.md): else commission on "
                f"them is paid."
            )
    return found


def _say_numbers(data: LookedAt, names: Mapping[str, str], answers: Answers, block: dict[str, object]) -> None:
    if "amount" not in names:
        return
    written = [value for value in data.column(names["amount"]) if not isinstance(value, NumberCell)]
    signs = propose_signs(written, answers.currency) or {}
    values = without_signs(written, signs)
    marks = propose_numbers(values)
    if marks is None:
        shown = ", ".join(repr(value) for value in written[:5])
        raise WrongUse(
            f"{data.name}: {names['amount']} is not written in one form of numbers ({shown}): name another column "
            f"by --column amount=NAME, or describe it in sources.yaml."
        )
    decimal, thousands = marks
    if decimal != ".":
        block["decimal"] = decimal
    if thousands:
        block["thousands"] = thousands
    if negatives := propose_negatives(values):
        block["negatives"] = list(negatives)
    if signs:
        block["currency_signs"] = signs


def _say_days(data: LookedAt, names: Mapping[str, str], answers: Answers, block: dict[str, object]) -> None:
    forms: list[str] = []
    for ours in DAY_COLUMNS:
        if ours not in names or not (values := data.column(names[ours])):
            continue
        looked_at = list(dict.fromkeys(values))[:500]
        said = propose_days(looked_at, answers.timezone, [_form_of_days(answers.dates)]) if answers.dates else ()
        possible = said or propose_days(looked_at, answers.timezone)
        if not possible:
            raise WrongUse(
                f"{data.name}: {names[ours]} holds {values[0]!r}, and there is no form of a day in which all of it can "
                f"be read: say it by --dates, such as --dates 'D-MMM-YYYY HH:mm'; the parts are "
                f"{', '.join(sorted(TOKENS))}."
            )
        if len(possible) > 1:
            raise WrongUse(
                f"{data.name}: {names[ours]} holds {values[0]!r}, which {' and '.join(possible)} read as "
                f"two days: say which by --dates {possible[0]}."
            )
        forms += [form for form in possible if form and form not in forms]
        if any(":" in value for value in values) or forms == ["unix"]:
            block["timezone"] = answers.timezone
            if any(zone in names[ours] for zone in ("UTC", "GMT")):
                block["stamps_in"] = "UTC"
    if forms:
        block["dates"] = forms


def _form_of_days(form: str) -> str:
    try:
        DayForm(dates=(form,), timezone="UTC")
    except ValidationError as error:
        raise WrongUse(f"--dates: {error.errors()[0]['msg'].removeprefix('Value error, ')}.") from None
    return form


def _say_kind(
    data: LookedAt,
    names: dict[str, str],
    block: dict[str, object],
    maps: dict[str, dict[str, str]],
    rest: dict[str, str],
) -> None:
    kinds = propose_kinds(list(dict.fromkeys(data.column(names["kind"])))) if "kind" in names else None
    if kinds is None:
        names.pop("kind", None)
        block["kind_by_sign"] = "yes"
        return
    if changed := {value: kind for value, kind in kinds.items() if value != kind}:
        maps["kind"] = changed
    at, amount_at = (
        data.header.index(names["kind"]),
        data.header.index(names.get("amount", names.get("amount_minor", ""))),
    )
    back = [row[amount_at] for row in data.rows if kinds.get(row[at]) in ("credit_note", "chargeback")]
    if back and not any(mark in value for value in back for mark in "-−("):
        block["negative_where"] = {
            "kind": sorted({kind for kind in kinds.values() if kind in ("credit_note", "chargeback")})
        }


def _say_currency(
    data: LookedAt, names: dict[str, str], answers: Answers, maps: dict[str, dict[str, str]], rest: dict[str, str]
) -> None:
    codes = propose_currencies(list(dict.fromkeys(data.column(names["currency"])))) if "currency" in names else None
    if not codes:
        names.pop("currency", None)
        rest["currency"] = answers.currency
    elif changed := {value: code for value, code in codes.items() if value != code}:
        maps["currency"] = changed
