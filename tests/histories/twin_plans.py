"""The slow twin's plans: what each way of earning makes of some lines, line by line, as exact fractions.

A rule is what YAML says of it, as text. Amounts are minor units of a currency with two decimals.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor
from typing import Any, NamedTuple

Rule = Mapping[str, Any]
Line = Mapping[str, Any]

TAKES = ("percentage", "tiered", "retention", "reseller")
LOOKS = ("employee_bonus", "marketing_fund", "store_credit", "promo_code", "first_sale")
LIMITS = ("cap", "guarantee")


class CountedLine(NamedTuple):
    """A line as a rule counts it: so many minor units of it."""

    line_id: str
    client_id: str
    value: int
    year: int  # of the client's life; 1 is the first


class OfLine(NamedTuple):
    """What one line earned for one client, or one person."""

    line_id: str
    key: str
    exact: Fraction


@dataclass
class Earning:
    """What a rule earned in a month: exactly, by line; rounded once, then shared out by client or person."""

    exact: Fraction
    lines: list[OfLine]
    by: str = "client"
    keys: dict[str, Fraction] = field(default_factory=dict)
    minor: int = 0
    minors: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.minor = half_away(self.exact)
        self.minors = share_out(self.minor, self.keys)


class Asked(NamedTuple):
    """What a rule may ask for beside its lines."""

    measure: Callable[[Rule], int]
    people: Mapping[str, Sequence[str]]  # by role


def earn(rule: Rule, lines: Sequence[CountedLine], asked: Asked) -> Earning:
    """What a rule earns on the lines it counts."""
    match rule["plan"]:
        case "tiered":
            return _tiered(rule, lines, asked.measure(rule))
        case "retention":
            return _by_rate(lines, lambda line: year_rate(rule["years"], line.year))
        case "employee_bonus":
            return _bonus(rule["roles"], lines, asked.people)
        case "promo_code":
            rate = percent(rule["rate"])
            return _by_rate(lines, lambda _: rate if rule["borne_by"] == "vendor" else rate - 1)
        case "reseller" if rule["form"] == "margin":
            off = percent(rule["discount"])
            return _by_rate(lines, lambda _: off / (1 - off))
        case _:
            return _by_rate(lines, lambda _: percent(rule["rate"]))


def reached(goals: Mapping[str, int]) -> Earning:
    """What goals pay that were reached: an amount each, by what they are remembered by."""
    exact = {key: Fraction(pays) for key, pays in goals.items()}
    return Earning(sum(exact.values(), Fraction(0)), [], "goal", exact)


def fee(exact: Fraction) -> Earning:
    """A fee, which is for no client."""
    return Earning(exact, [], "", {"": exact})


def of_lines(lines: Sequence[OfLine]) -> Earning:
    """What lines earned that were figured one by one."""
    return Earning(sum((each.exact for each in lines), Fraction(0)), list(lines), keys=_by_key(lines))


def goes_to(rule: Rule) -> str:
    """Whom a rule earns for."""
    match rule["plan"]:
        case "marketing_fund":
            return "fund"
        case "store_credit" | "gift":
            return "credit"
        case "employee_bonus" if rule["paid"] == "to_person":
            return "person"
        case "reseller" if rule["form"] == "margin":
            return "kept"
        case _:
            return "partner"


def _by_rate(lines: Sequence[CountedLine], rate: Callable[[CountedLine], Fraction]) -> Earning:
    of_lines = [OfLine(line.line_id, line.client_id, line.value * rate(line)) for line in lines]
    return Earning(sum((each.exact for each in of_lines), Fraction(0)), of_lines, keys=_by_key(of_lines))


def _tiered(rule: Rule, lines: Sequence[CountedLine], measure: int) -> Earning:
    base, first = sum(line.value for line in lines), Fraction(0)
    if rule["by"] == "package":
        exact = Fraction(money(rule["pays"]) * (_started(rule, measure) - _started(rule, measure - base)))
    else:
        tiers = {figure_of(bound, rule["measure"]): said for bound, said in sorted(rule["tiers"].items())}
        flats = {bound: money(said["flat"]) for bound, said in tiers.items() if isinstance(said, dict)}
        ladder = sorted((bound, percent(_rate(said))) for bound, said in tiers.items())
        first = ladder[0][1]
        if base < 0:
            exact = base * first
        elif rule["by"] == "volume":
            reached = [bound for bound, _ in ladder if bound <= max(measure, 0)][-1]
            exact = base * dict(ladder)[reached] + (flats.get(reached, 0) if base else 0)
        else:
            exact = area(ladder, measure) - area(ladder, measure - base)
            exact += sum(flat for bound, flat in flats.items() if measure - base <= bound < measure)
    # Where charges and refunds cancel out, each line earned, or took, at the first rate.
    of_one = exact / base if base else first
    of_lines = [OfLine(line.line_id, line.client_id, line.value * of_one) for line in lines]
    return Earning(exact, of_lines, keys=_by_key(of_lines))


def _rate(said: Any) -> str:
    """The rate of a tier that may pay an amount for entering it, too."""
    return str(said["rate"] if isinstance(said, dict) else said)


def _started(rule: Rule, measure: int) -> int:
    """How many packages are started: 0.01 above the free amount starts the first."""
    return ceil(Fraction(max(measure - money(rule.get("free", "0")), 0), money(rule["size"])))


def _bonus(roles: Mapping[str, str], lines: Sequence[CountedLine], people: Mapping[str, Sequence[str]]) -> Earning:
    of_lines = [
        OfLine(line.line_id, person, line.value * percent(rate) / len(people[role]))
        for role, rate in roles.items()
        for person in people.get(role, ())
        for line in lines
    ]
    return Earning(sum((each.exact for each in of_lines), Fraction(0)), of_lines, "person", _by_key(of_lines))


def _by_key(of_lines: Sequence[OfLine]) -> dict[str, Fraction]:
    found: dict[str, Fraction] = {}
    for each in of_lines:
        found[each.key] = found.get(each.key, Fraction(0)) + each.exact
    return found


def area(ladder: Sequence[tuple[int, Fraction]], amount: int) -> Fraction:
    """What everything from 0 up to `amount` earns, each slice at its own rate; below 0 at the first."""
    if amount < 0:
        return amount * ladder[0][1]
    ends = [bound for bound, _ in ladder[1:]] + [max(amount, ladder[-1][0])]
    slices = zip(ladder, ends, strict=True)
    return sum((max(min(amount, end) - bound, 0) * rate for (bound, rate), end in slices), Fraction(0))


def year_rate(years: Mapping[str, str], year: int) -> Fraction:
    """The rate of a year of a client's life; 0 after the last that has one."""
    rates = list(years.items())
    if year <= len(rates):
        return percent(rates[year - 1][1])
    return percent(rates[-1][1]) if rates[-1][0].endswith("+") else Fraction(0)


# Limits look at what was earned: (rule, client or blank, minor units)

Amount = tuple[str, str, int]


def limit(rule: Rule, now: Sequence[Amount], before: Sequence[Amount], own_name: str) -> dict[str, int]:
    """What a cap or a guarantee earns, by client; under a blank key where it is for no one in particular."""
    if rule["plan"] == "guarantee":
        minimum = money(rule["minimum"]) * rule.get("part_of_month", Fraction(1))
        return {"": half_away(max(minimum - sum(minor for *_, minor in now), Fraction(0)))}
    earlier = before if rule.get("window") == "lifetime" else ()
    clients = sorted({client for _, client, _ in now if client})
    off = [amount for amount in earlier if amount[0] == own_name]
    if rule.get("per") == "client":
        of = {
            client: _excess(rule, _sum_of(now, client), _sum_of(earlier, client), -_sum_of(off, client))
            for client in clients
        }
        return share_out(sum(of.values()), {client: Fraction(minor) for client, minor in of.items() if minor})
    taken_off = -sum(minor for *_, minor in off)
    excess = _excess(rule, sum(minor for *_, minor in now), sum(minor for *_, minor in earlier), taken_off)
    earning = {client: minor for client in clients if (minor := _sum_of(now, client)) * excess < 0}
    whole = sum(earning.values())
    if not whole:
        return {"": excess}
    return share_out(excess, {client: Fraction(excess * minor, whole) for client, minor in earning.items()})


def looked_at(rule: Rule, amounts: Sequence[Amount], own_name: str = "") -> list[Amount]:
    """The amounts a limit looks at: of the rules it names, and of itself where its name is given."""
    named = rule.get("rules", "all")
    return [amount for amount in amounts if named == "all" or amount[0] in named or amount[0] == own_name]


def _excess(rule: Rule, now_minor: int, before_minor: int, off_minor: int) -> int:
    """What a cap takes off; of a month that owes, so much less as it had taken off before of what is owed now."""
    room = money(rule["at_most"]) - before_minor
    if now_minor < 0:
        return max(min(-now_minor, off_minor, room - now_minor), 0)
    return min(max(room, 0) - now_minor, 0)


def _sum_of(amounts: Sequence[Amount], client: str) -> int:
    return sum(minor for _, each, minor in amounts if each == client)


# Numbers


def percent(text: str) -> Fraction:
    return Fraction(text.removesuffix("%")) / 100


def money(text: str) -> int:
    return int(Fraction(text) * 100)


def figure_of(text: str, measure: Any) -> int:
    """What must be reached: a number of clients where the measure counts them, else an amount in kopecks."""
    return int(text) if counts_clients(measure) else money(text)


def counts_clients(measure: Any) -> bool:
    return measure != "all" and str(measure.get("of", "paid")).endswith("_clients")


def half_away(exact: Fraction) -> int:
    size = floor(abs(exact) + Fraction(1, 2))
    return size if exact >= 0 else -size


def share_out(total: int, exact: Mapping[str, Fraction]) -> dict[str, int]:
    """Share a total out: floors, then one each to the largest remainders, again and again where that is not enough."""
    if not exact:
        return {"": total} if total else {}
    if total < 0 or (total == 0 and sum(exact.values()) < 0):
        return {key: -part for key, part in share_out(-total, {key: -x for key, x in exact.items()}).items()}
    parts = {key: floor(amount) for key, amount in exact.items()}
    queue = sorted(exact, key=lambda key: (-(exact[key] - parts[key]), -exact[key], key))
    missing = total - sum(parts.values())
    for number in range(abs(missing)):
        if missing > 0:
            parts[queue[number % len(queue)]] += 1
        else:
            parts[queue[-1 - number % len(queue)]] -= 1
    return parts
