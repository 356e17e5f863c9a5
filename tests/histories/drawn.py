"""Histories drawn by Hypothesis: programmes that change, partners who come and go, sales, and all that takes them back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from tests.histories.history import (
    History,
    chargeback,
    last_day,
    months_from,
    naming,
    of_invoice,
    posted_on,
    refund,
    sale,
    set_off,
    won,
)
from tests.made.vendors import claim, partner

STARTS = "2026-01"
AMOUNTS = (1, 5, 33, 50, 999, 1_000, 1_001, 9_999, 10_000, 33_333, 100_000, 250_000)
CLIENTS = {"C1": "P1", "C2": "P1", "C3": "P2", "C4": "P3", "C5": "P3", "C6": "P4"}
CATEGORIES = ("software", "telephony", "training")
LADDERS = ("{0: 8%, 100: 10%, 300: 12%}", "{0: 5%, 50.00: 7.5%, 1000.00: 33.3%}", "{0: 10%, 20.01: 3%}",
           "{0: {rate: 4%, flat: 1.00}, 100: {rate: 10%, flat: 9.99}}")  # fmt: skip

TOGETHER = ("{over: consolidation_group}", "{window: 3 months, over: consolidation_group}")
CLIENTS_COUNTED = (
    "{of: active_clients}",
    "{of: active_clients, window: 3 months, over: consolidation_group}",
    "{of: new_clients}",
    "{of: new_clients, window: 3 months}",
    "{of: new_clients, over: consolidation_group}",
)

PROGRAMME = """\
programme: histories
starts: {starts}
currency: RUB
timezone: Europe/Moscow
base: {base}
refunds: {refunds}
plans:
"""


POLICIES = {
    "net_current": (
        "net_current",
        "net_current",
        "[{from: 2026-01, policy: original_rate}, {from: 2026-03, policy: net_current}]",
        "[{from: 2026-01, policy: net_current}, {from: 2026-02, policy: restate}, {from: 2026-04, policy: original_rate}]",
    )
}
"""What a scope's policy is drawn from, where it may change: from a month on, or twice."""


@dataclass(frozen=True)
class Scope:
    """What a drawn history may hold."""

    months: int = 12  # at most
    least_months: int = 2
    refunds: str = "original_rate"
    base: str = "gross"
    looks: bool = True  # funds, credit, bonuses, promo codes, beside the rules that take lines
    by_hand: bool = True  # adjustments
    sets_off: bool = True  # credit notes that are posted, and never paid out
    caps: bool = True
    guarantees: bool = True
    overrides: bool = True
    unnamed: bool = True  # refunds that name no sale
    backs: bool = True  # refunds, chargebacks, and chargebacks won
    goals: tuple[str, ...] = ("true", "false")  # goals that are taken back, or kept
    lowers: bool = True  # blocks whose measures see what is given back
    firsts: tuple[str, ...] = ("true", "true", "false")  # first sales that are taken back, or kept
    invoices: bool = True  # refunds that name an invoice of several lines, or that somebody looked up
    levels: bool = True  # partners whose plan follows what they reached
    late: bool = True  # blocks by which late lines earn what their month of payment paid
    fees: bool = True  # what is for no line: fees, gifts
    most_sales: int = 10


# ---------------------------------------------------------------------------------- the programme


def taking(category: str) -> st.SearchStrategy[str]:
    """A rule that takes the lines of a category."""
    of = f"categories: [{category}]"
    rates = st.sampled_from(["10%", "15%", "33.3%", "0.7%"])
    ladders = st.sampled_from(LADDERS)
    measures = st.sampled_from(["all", f"{{{of}}}", "{window: 3 months}", "{window: lifetime}", *TOGETHER])
    flat = st.builds(lambda rate: f"{{plan: percentage, {of}, rate: {rate}}}", rates)
    reward = st.builds(lambda rate: f"{{plan: reseller, {of}, form: reward, rate: {rate}}}", rates)
    margin = st.just(f"{{plan: reseller, {of}, form: margin, discount: 30%}}")
    years = st.just(f"{{plan: retention, {of}, since: attribution, years: {{1: 20%, 2: 33.3%, 3+: 10%}}}}")
    tiers = st.builds(
        lambda by, measure, ladder: f"{{plan: tiered, {of}, by: {by}, measure: {measure}, tiers: {ladder}}}",
        st.sampled_from(["volume", "graduated"]), measures, ladders,
    )  # fmt: skip
    by_clients = st.builds(
        lambda measure: f"{{plan: tiered, {of}, by: volume, measure: {measure}, tiers: {{0: 10%, 1: 8%, 2: 33.3%}}}}",
        st.sampled_from([*CLIENTS_COUNTED, f"{{of: active_clients, {of}}}", f"{{of: new_clients, {of}}}"]),
    )  # fmt: skip
    packages = st.builds(
        lambda measure, free: f"{{plan: tiered, {of}, by: package, measure: {measure}, size: 333.33, pays: 7.00{free}}}",
        measures, st.sampled_from(["", ", free: 50.00"]),
    )  # fmt: skip
    return st.one_of(flat, tiers, tiers, by_clients, packages, years, reward, margin)


LOOKING = {
    "fund": "{plan: marketing_fund, categories: all, rate: 3%}",
    "credit": "{plan: store_credit, categories: [software], rate: 1.5%}",
    "bonus": "{plan: employee_bonus, categories: all, roles: {seller: 2%, engineer: 0.5%}, paid: to_person}",
    "share": "{plan: employee_bonus, categories: [telephony], roles: {seller: 1%}, paid: through_partner}",
    "care": "{plan: servicing, categories: all, rate: 4.5%}",
}
CAPS = (
    "{plan: cap, at_most: 20.00}",
    "{plan: cap, at_most: 300.00, rules: [software]}",
    "{plan: cap, at_most: 5.00, per: client}",
    "{plan: cap, at_most: 100.00, window: lifetime}",
    "{plan: cap, at_most: 50.00, window: lifetime, per: client}",
)
FEES = {
    "fee": "{plan: base_fee, pays: 2.50}",
    "entry": "{plan: base_fee, pays: 40.00, paid: upfront}",
    "won": "{plan: base_fee, by_clients: {0: 0, 1: 5.00, 2: 12.00}, measure: {of: new_clients}}",
    "gift": "{plan: gift, gift: Espresso machine, worth: 30.00, measure: {window: 3 months}, reaches: 200}",
}
GUARANTEES = ("{plan: guarantee, minimum: 15.00}", "{plan: guarantee, minimum: 3.33, rules: [telephony]}")
GOALS = (
    "measure: all, goals: {20: 3.00, 1000: 50.00}",
    "measure: {window: lifetime}, goals: {100: 10.00, 2500: 77.77}",
    "measure: {categories: [software], window: 3 months}, goals: {10.01: 1.00, 333.33: 20.00}",
    "measure: {window: 3 months}, goals: {5: 0.01, 100: 5.00, 1000: 6.00}, repeat: every_month",
    "measure: {window: lifetime, over: consolidation_group}, goals: {100: 10.00, 5000: 77.77}",
    "measure: {of: new_clients, window: lifetime}, goals: {1: 1.00, 2: 20.00}, by: 2026-04",
    "measure: {window: lifetime}, checkpoints: {2026-02: {reaches: 50, pays: 2.00}, 2026-05: {reaches: 1000, pays: 9.00}}",
    "measure: {of: active_clients, over: consolidation_group}, goals: {1: 3.00, 3: 50.00}, repeat: every_month",
)
OVERRIDES = (
    "{plan: override, of: commission, levels: [5%, 2%]}",
    "{plan: override, of: commission, levels: [33.3%]}",
    "{plan: override, of: base, levels: [1%, 0.5%]}",
)


LADDERS_OF_LEVELS = (
    "measure: all, levels: {Low: {reaches: 0, plan: one}, High: {reaches: 100, plan: two}}",
    "measure: {window: 3 months}, grace: 1, levels: {Low: {reaches: 0, plan: two}, High: {reaches: 500, plan: one}}",
    "measure: {window: 3 months, over: consolidation_group}, levels: {Low: {reaches: 0, plan: two}, High: {reaches: 800, plan: one}}",
    "measure: {of: new_clients, window: lifetime}, levels: {Low: {reaches: 0, plan: one}, High: {reaches: 2, plan: two}}",
    "measure: {categories: [software], window: lifetime}, levels: {Low: {reaches: 0, plan: one}, Middle: {reaches: 50, plan: two}, High: {reaches: 2000, plan: one}}",
)


@st.composite
def blocks(draw: st.DrawFn, scope: Scope, first: str) -> str:
    """The rules of a block of a plan, as the file writes them."""
    rules = {category: draw(taking(category)) for category in CATEGORIES[:2]}
    if scope.looks:
        rules |= {name: LOOKING[name] for name in draw(st.sets(st.sampled_from(sorted(LOOKING)), max_size=3))}
        rules |= {name: FEES[name] for name in draw(st.sets(st.sampled_from(sorted(FEES)), max_size=2)) if scope.fees}
        if rules["software"].startswith("{plan: percentage") and draw(st.booleans()):
            rate, side = rules["software"].rpartition("rate: ")[2], draw(st.sampled_from(["vendor", "partner"]))
            rules["codes"] = f"{{plan: promo_code, categories: [software], borne_by: {side}, rate: {rate}"
    if draw(st.booleans()) and scope.firsts:
        # Under net_current an order that is given back later lowers the month that posts it, so nothing is kept.
        term = draw(st.sampled_from(scope.firsts)) if scope.refunds != "net_current" else "true"
        worth = draw(st.sampled_from(["rate: 20%", "rate: 33.3%", "pays: 90.00"]))
        rules["first"] = f"{{plan: first_sale, categories: [software], {worth}, taken_back: {term}}}"
    limits = [*(CAPS if scope.caps else ()), *(GUARANTEES if scope.guarantees else ())]
    if limits:
        rules |= {
            f"limit{number}": rule for number, rule in enumerate(draw(st.lists(st.sampled_from(limits), max_size=2)))
        }
    if scope.overrides and draw(st.booleans()):
        rules["team"] = draw(st.sampled_from(OVERRIDES))
    if draw(st.booleans()) and scope.goals:
        # Under net_current nothing is taken back of earlier months, and a term that says so is refused.
        term = draw(st.sampled_from(scope.goals)) if scope.refunds != "net_current" else "false"
        rules["goal"] = f"{{plan: milestone, {draw(st.sampled_from(GOALS))}, taken_back: {term}}}"
    earn = ", ".join(f"{name}: {rule}" for name, rule in rules.items())
    minimum = draw(st.sampled_from(["0", "0", "10.00"]))
    lowers = scope.lowers and scope.refunds != "net_current" and draw(st.integers(0, 3)) == 0
    seen = ", refunds_lower_the_measure: true" if lowers else ""
    late = ", late_lines: month_of_payment" if scope.late and draw(st.integers(0, 2)) == 0 else ""
    kept_out = "" if first == STARTS else ", applies_to: new_clients" if draw(st.integers(0, 3)) == 0 else ""
    return f"{{from: {first}{kept_out}{seen}{late}, earn: {{{earn}}}, not_commissioned: {{training: no}}, payout: {{minimum: {minimum}}}}}"


@st.composite
def programmes(draw: st.DrawFn, scope: Scope, months: Sequence[str]) -> str:
    refunds = draw(st.sampled_from(POLICIES.get(scope.refunds, (scope.refunds,))))
    text = PROGRAMME.format(starts=STARTS, refunds=refunds, base=scope.base)
    for plan in ("one", "two"):
        changes = sorted(draw(st.sets(st.sampled_from(months[1:]), max_size=2))) if len(months) > 1 else []
        written = [draw(blocks(scope, first)) for first in (STARTS, *changes)]
        text += f"  {plan}: [{', '.join(written)}]\n"
    if not scope.levels:
        return text
    term = draw(st.sampled_from(["true", "false"])) if scope.refunds != "net_current" else "false"
    return f"{text}levels:\n  ladder: {{{draw(st.sampled_from(LADDERS_OF_LEVELS))}, taken_back: {term}}}\n"


# ---------------------------------------------------------------------------------- partners


@st.composite
def partners(draw: st.DrawFn, scope: Scope, months: Sequence[str]) -> list[dict[str, Any]]:
    """P1 stands below P2, which may begin inside a month, and below P3; P3 changes its plan; P4 leaves, and may come back."""
    plans = st.sampled_from(["one", "two", *(["ladder"] if scope.levels else [])])
    rows = [
        partner("P1", plan=draw(plans), parent_id="P2"),
        partner(
            "P2", plan=draw(plans), parent_id="P3", **{"from": draw(st.sampled_from([STARTS, STARTS, f"{STARTS}-16"]))}
        ),
        partner("P3", plan="one", parent_id=""),
    ]
    if change := draw(st.none() | st.sampled_from(months[1:])):
        rows.append(partner("P3", plan=draw(plans), parent_id="", **{"from": change}))
    leaves = draw(st.none() | st.integers(0, len(months) - 1))
    left = (
        {} if leaves is None else {"until": draw(st.sampled_from([f"{months[leaves]}-10", last_day(months[leaves])]))}
    )
    rows.append(partner("P4", plan=draw(plans), parent_id="P2", **left))
    if leaves is not None and leaves + 2 < len(months) and draw(st.booleans()):
        rows.append(partner("P4", plan=draw(plans), parent_id="P2", **{"from": months[leaves + 2]}))
    # Of one owner: some partners for good, or from a row of theirs on, or until it. P1 joins, or leaves, on its plan.
    groups = st.sampled_from(["", "G", "G"] if draw(st.integers(0, 3)) else [""])
    if moves := draw(st.none() | st.sampled_from(months[1:])):
        rows.append({**rows[0], "from": moves})
    return [{"until": "", **row, "consolidation_group": draw(groups)} for row in rows]


def claims(draw: st.DrawFn) -> list[dict[str, Any]]:
    days = st.sampled_from(["2024-02-29", "2025-12-01", "2025-12-01", "2025-12-01", "2026-02-10"])
    return [claim(client, owner, claimed_on=draw(days)) for client, owner in CLIENTS.items()]


ASSIGNMENTS = st.lists(
    st.builds(
        lambda client, server, since, until: {
            "assignment_id": f"A-{client}-{server}", "client_id": client, "partner_id": server, "from": since,
            "until": until,
        },
        st.sampled_from(["C1", "C4", "C9"]), st.sampled_from(["P2", "P4"]),
        st.sampled_from(["2025-01-01", "2026-03-10"]), st.sampled_from(["", "2026-06-30"]),
    ),
    max_size=3,
    unique_by=lambda row: row["assignment_id"],
)  # fmt: skip
EMPLOYEES = st.lists(
    st.builds(
        lambda who, person, role, since, until: {
            "partner_id": who, "person_id": person, "name": person, "role": role, "from": since, "until": until,
        },
        st.sampled_from(sorted({*CLIENTS.values()})), st.sampled_from(["W1", "W2", "W3"]),
        st.sampled_from(["seller", "engineer"]), st.sampled_from(["2025-01-01", "2026-02-15"]),
        st.sampled_from(["", "", "2026-05-31"]),
    ),
    max_size=6,
    unique_by=lambda row: (row["partner_id"], row["person_id"], row["role"]),
)  # fmt: skip
EXCLUSIONS = st.lists(
    st.builds(
        lambda client, rule, since: {"client_id": client, "rule": rule, "reason": "our own company", "from": since},
        st.sampled_from(["C2", "C4"]), st.sampled_from(["", "", "software", "fund", "care"]),
        st.sampled_from(["2026-02-01", "2026-04-10"]),
    ),
    max_size=1,
)  # fmt: skip


# ---------------------------------------------------------------------------------- lines


@st.composite
def histories(draw: st.DrawFn, scope: Scope) -> History:
    """A history of so many months at most, refunds in parts and doubled, chargebacks, and what is late."""
    months = months_from(STARTS, draw(st.integers(scope.least_months, scope.months)))
    ever = (*months, *months_from("2027-01", 6))
    lines: list[dict[str, Any]] = []
    invoices: list[dict[str, Any]] = []
    matches: list[tuple[str, str]] = []
    for number in range(draw(st.integers(1, scope.most_sales))):
        sold = draw(_sales(f"S{number:02}", months, unnamed=scope.unnamed))
        if scope.invoices and invoices and sold["amount_minor"] > 0 and draw(st.integers(0, 3)) == 0:
            sold |= dict(draw(st.sampled_from(invoices)))
        lines.append(sold)
        if sold["amount_minor"] > 1 and scope.unnamed and draw(st.integers(0, 5)) == 0:
            lines.append(_unnamed(sold, draw(st.sampled_from([0, 1, 2]))))
        if sold["amount_minor"] > 0 and scope.backs:
            invoices.append({name: sold[name] for name in ("invoice_id", "client_id")})
            for given in draw(_backs(sold, ever, sets_off=scope.sets_off)):
                named, sale_id = draw(_naming(given, sold)) if scope.invoices else (given, "")
                lines.append(named)
                matches += [(given["line_id"], sale_id)] if sale_id else []
    programme = draw(programmes(scope, months))
    left_out = draw(EXCLUSIONS)
    return History(
        programme=programme,
        partners=draw(partners(scope, months)),
        claims=claims(draw),
        lines=draw(st.permutations(lines)),
        months=months,
        assignments=draw(ASSIGNMENTS) if scope.looks else (),
        employees=draw(EMPLOYEES) if scope.looks else (),
        exclusions=[row if f" {row['rule']}: {{" in programme else {**row, "rule": ""} for row in left_out],
        adjustments=draw(_adjustments(months)) if scope.by_hand else (),
        matches=[
            {"line_id": one, "sale_id": other, "who": "olga", "why": "the client called"} for one, other in matches
        ],
    )


@st.composite
def _sales(draw: st.DrawFn, line_id: str, months: Sequence[str], *, unnamed: bool) -> dict[str, Any]:
    paid, late = draw(st.integers(0, len(months) - 1)), draw(st.sampled_from([0, 0, 0, 1, 2]))
    posted = months[min(paid + late, len(months) - 1)]
    amount = draw(st.sampled_from(AMOUNTS) | st.integers(1, 300_000))
    if unnamed and draw(st.integers(0, 7)) == 0:
        amount = -amount
    return sale(
        line_id, draw(st.sampled_from([*CLIENTS, "C9"])), amount, f"{months[paid]}-{draw(DAYS)}",
        category=draw(st.sampled_from(CATEGORIES)), posted_on=f"{posted}-{draw(DAYS)}",
        kind="charge" if amount > 0 else "credit_note", vat_rate=draw(st.sampled_from(["22", "20", "0", "7.5"])),
        discount_minor=draw(st.sampled_from([None, None, 1, 333, 40_000])) if amount > 0 else None,
    )  # fmt: skip


@st.composite
def _adjustments(draw: st.DrawFn, months: Sequence[str]) -> list[dict[str, Any]]:
    """Amounts by hand, given and taken; of later months than are settled, too."""
    return [
        {
            "adjustment_id": f"A{number}", "partner_id": draw(st.sampled_from(["P1", "P2", "P3"])),
            "posted_on": f"{draw(st.sampled_from([*months, '2027-01']))}-{draw(DAYS)}",
            "amount_minor": draw(st.sampled_from([1, -1, 5_000, -12_345])), "why": "agreed", "evidence": "",
            "who": "olga", "cites": "",
        }
        for number in range(draw(st.sampled_from([0, 0, 1, 3])))
    ]  # fmt: skip


def _unnamed(sold: dict[str, Any], left_minor: int) -> dict[str, Any]:
    """What takes back next to all of a sale, and names none."""
    day, posted = sold["paid_on"], sold["posted_on"]
    amount = min(left_minor - sold["amount_minor"], -1)
    named = {name: sold[name] for name in ("category", "vat_rate")} | {"posted_on": posted, "kind": "credit_note"}
    return sale(f"{sold['line_id']}-N", sold["client_id"], amount, day, **named)


DAYS = st.sampled_from(["05", "10", "11", "28"])


@st.composite
def _backs(draw: st.DrawFn, sold: dict[str, Any], ever: Sequence[str], *, sets_off: bool) -> list[dict[str, Any]]:
    """What takes a sale back: in parts, too often, and what of it is won again."""
    found: list[dict[str, Any]] = []
    for number in range(draw(st.sampled_from([0, 1, 1, 2, 3]))):
        line_id = f"{sold['line_id']}-R{number}"
        whole = sold["amount_minor"]
        amount = draw(
            st.sampled_from([whole, whole, max(whole // 2, 1), max(whole // 3, 1), whole + 7]) | st.integers(1, whole)
        )
        on = _after(draw, posted_on(sold), ever)
        if draw(st.integers(0, 2)) == 0:
            taken = chargeback(line_id, sold, amount, on)
            found.append(taken)
            if draw(st.booleans()):
                back = draw(st.sampled_from([amount, amount, max(amount // 2, 1)]))
                found.append(won(f"{line_id}-W", taken, back, _after(draw, on, ever)))
        else:
            given = refund(line_id, sold, amount, on)
            found.append(set_off(given) if sets_off and draw(st.integers(0, 3)) == 0 else given)
    return found


@st.composite
def _naming(draw: st.DrawFn, given: dict[str, Any], sold: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """What gives back a sale, by how it names it; and the sale where somebody looked that up: in matches.csv."""
    if given["kind"] == "chargeback_won":
        return given, ""
    match draw(st.sampled_from([*["line"] * 6, *["invoice"] * 3, "nothing", "another", "nobody knows"])):
        case "invoice":
            return of_invoice(given, sold["invoice_id"]), ""
        case "nothing":
            return naming(given, None), sold["line_id"]
        case "another":
            return naming(given, "L-2"), sold["line_id"]
        case "nobody knows":
            return naming(given, "L-2"), ""
        case _:
            return given, ""


def _after(draw: st.DrawFn, day: str, ever: Sequence[str]) -> str:
    """A day of the same month or of a later one, never before the day."""
    place = ever.index(day[:7]) + draw(st.sampled_from([0, 0, 1, 1, 2, 5]))
    month, on = ever[min(place, len(ever) - 1)], draw(DAYS)
    return max(day, f"{month}-{on}")


def all_given_back(history: History) -> History:
    """The same history with one more month, in which every sale is refunded whole."""
    (last,) = months_from(history.months[-1], 2)[1:]
    sold = [line for line in history.lines if not line["refunds_line_id"] and line["amount_minor"] > 0]
    kept = [line for line in history.lines if posted_on(line)[:7] <= history.months[-1]]
    backs = [refund(f"{line['line_id']}-Z", line, line["amount_minor"], f"{last}-28") for line in sold]
    return replace(history, lines=[*kept, *backs], months=(*history.months, last))
