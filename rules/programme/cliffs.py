"""Cliffs of a ladder, before it is signed: where one minor unit more pays much more, and what would cost the same."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from models.money import decimal_text, grouped, major, minor_digits
from rules.earning.ladder import Tier
from rules.earning.measure import ALL, Measure
from rules.money import half_away
from rules.plan import Plan, Select
from rules.programme.written import percent_text

EXAMPLE = 100_000
"""The base of examples, in major units."""


class Cliff(NamedTuple):
    """A bound of a volume ladder: what is paid one minor unit below it, and on reaching it."""

    bound_minor: int
    below_minor: int
    reached_minor: int


class VolumeLadder(NamedTuple):
    """A ladder by volume: its tiers, what picks one, and which lines then earn at it."""

    tiers: Sequence[Tier]
    measure: Measure
    lines: Select


def notes_of(name: str, rule: Plan, currency: str) -> list[str]:
    """Return what a programme manager should know of a rule before signing it, a sentence each."""
    return [f"{name}: {note}" for note in rule.notes(currency)]


def cliffs(ladder: Sequence[Tier]) -> list[Cliff]:
    """Return what a volume ladder pays on both sides of each bound, where the base is what is measured.

    At 12 % below 1 000 000.00 and 15 % from there, 999 999.99 pays 120 000.00 and one kopeck more 150 000.00.
    """
    found = [
        Cliff(
            after.starts_at_minor,
            half_away((after.starts_at_minor - 1) * before.rate + before.flat_minor),
            half_away(after.starts_at_minor * after.rate + after.flat_minor),
        )
        for before, after in pairwise(ladder)
    ]
    return [cliff for cliff in found if abs(cliff.reached_minor - cliff.below_minor) > 1]


def as_costly_graduated(ladder: Sequence[Tier]) -> tuple[Tier, ...]:
    """Return the graduated ladder that pays, in total, what this volume ladder pays at each bound it reaches.

    No graduated ladder pays the same everywhere, because a volume ladder jumps and a graduated one climbs.
    This one meets it wherever a tier is reached, and from the last bound on: the slice between two bounds
    has the rate at which the one total climbs to the other. Between them it pays what lies on the way.

    8 % from 0, 10 % from 100 000 and 12 % from 300 000 pay 0, 10 000 and 36 000 at their bounds: 10 000 on
    the first 100 000 is 10 %, the next 26 000 on 200 000 are 13 %, and 12 % goes on from there. The rates
    are exact and need not be written like that: they may be no finite decimal, above 100 %, or below 0.
    """
    first, *_, last = ladder[0], ladder[-1]
    totals = [tier.starts_at_minor * tier.rate + tier.flat_minor for tier in ladder]
    climbs = [
        (reached - before) / Fraction(end.starts_at_minor - start.starts_at_minor)
        for (start, end), (before, reached) in zip(pairwise(ladder), pairwise(totals), strict=True)
    ]
    rates = [*climbs, last.rate]
    flats = [first.flat_minor, *(0 for _ in climbs)]
    return tuple(Tier(tier.starts_at_minor, rate, flat) for tier, rate, flat in zip(ladder, rates, flats, strict=True))


def volume_notes(ladder: VolumeLadder, currency: str) -> Iterator[str]:
    """Yield where a ladder by volume jumps, and the graduated ladder that costs the same."""
    first, unit = ladder.tiers[0], _unit(currency)
    if first.flat_minor:
        yield f"the first {unit} pays {major(first.flat_minor, currency)} at once"
    if _earns_what_it_measures(ladder):
        yield from (_cliff_words(cliff, currency) for cliff in cliffs(ladder.tiers))
    else:
        yield from _rate_changes(ladder, currency)
    if len(ladder.tiers) > 1:
        yield _same_cost(ladder, currency)


def _cliff_words(cliff: Cliff, currency: str) -> str:
    def money(minor: int) -> str:
        return major(minor, currency)

    change = cliff.reached_minor - cliff.below_minor
    more = f"{money(change)} more" if change > 0 else f"{money(-change)} LESS"
    advice = "" if change > 0 else ": a partner does better by staying below the bound"
    return (
        f"{_unit(currency)} more at {money(cliff.bound_minor)} pays {more} "
        f"({money(cliff.reached_minor)} instead of {money(cliff.below_minor)}){advice}"
    )


def _rate_changes(ladder: VolumeLadder, currency: str) -> Iterator[str]:
    """The cliffs where something else than the base is measured: what they change on a base of 100 000.00."""
    base_minor = EXAMPLE * 10 ** minor_digits(currency)
    for before, after in pairwise(ladder.tiers):
        change = half_away(base_minor * (after.rate - before.rate)) + after.flat_minor - before.flat_minor
        if ladder.measure.counts:
            where = f"one client more at {grouped(after.starts_at_minor)}"
        else:
            where = f"{_unit(currency)} more at {major(after.starts_at_minor, currency)} of what is measured"
        if change:
            yield (
                f"{where} pays {major(abs(change), currency)} {'more' if change > 0 else 'LESS'} "
                f"on a base of {major(base_minor, currency)}"
            )


def _same_cost(by_volume: VolumeLadder, currency: str) -> str:
    """The graduated ladder to consider instead, or why there is none."""
    if by_volume.measure.counts:
        return "no graduated ladder stands beside it: a number of clients cannot be cut into slices"
    ladder = as_costly_graduated(by_volume.tiers)
    flat = f" and {major(ladder[0].flat_minor, currency)} at once" if ladder[0].flat_minor else ""
    steps = ", ".join(f"{_percent(tier.rate)} % from {major(tier.starts_at_minor, currency)}" for tier in ladder)
    where = "" if _earns_what_it_measures(by_volume) else ", where all that is measured earns"
    words = f"the graduated ladder that costs the same at each bound and above the last{where}: {steps}{flat}"
    words += _between(by_volume.tiers, ladder)
    if beyond := [tier for tier in ladder if not 0 <= tier.rate <= 1]:
        return f"{words}; a rate of {_percent(beyond[0].rate)} % cannot be written, so this one is to compare with only"
    rounded = any(_hundredths(tier.rate).denominator != 1 for tier in ladder)
    return words + ("; rates rounded to 0.01 %" if rounded else "")


def _between(by_volume: Sequence[Tier], graduated: Sequence[Tier]) -> str:
    """What the graduated ladder pays between the bounds, where it cannot agree with a ladder that jumps."""
    steeper = [slope.rate - tier.rate for slope, tier in zip(graduated, by_volume, strict=True)]
    if not any(steeper):
        return ""
    return f"; between bounds it pays {'more' if min(steeper) >= 0 else 'less' if max(steeper) <= 0 else 'otherwise'}"


def graduated_notes(tiers: Sequence[Tier], currency: str) -> Iterator[str]:
    """Yield the amounts that entering a tier of a graduated ladder pays at once."""
    for tier in tiers:
        if tier.flat_minor:
            bound, flat = major(tier.starts_at_minor, currency), major(tier.flat_minor, currency)
            yield f"{_unit(currency)} above {bound} pays {flat} at once"


def package_notes(size_minor: int, pays_minor: int, free_minor: int, currency: str) -> Iterator[str]:
    """Yield what one minor unit pays that starts another package."""
    size, pays = major(size_minor, currency), major(pays_minor, currency)
    after = f" beyond the first {major(free_minor, currency)}" if free_minor else ""
    yield f"{_unit(currency)} that starts another {size}{after} pays {pays} at once"


def _earns_what_it_measures(ladder: VolumeLadder) -> bool:
    """Whether the figure that picks the tier is the base itself: the same lines of the same month and partner."""
    lines, measure = ladder.lines, ladder.measure
    same = measure.categories != ALL and sorted(measure.categories) == sorted(lines.categories)
    whole = not lines.products and not lines.others
    return same and whole and (measure.of, measure.window, measure.over) == ("paid", 1, "partner")


def _unit(currency: str) -> str:
    """One minor unit: 0.01 of a rouble, 1 yen."""
    return decimal_text(1, minor_digits(currency))


def _hundredths(rate: Fraction) -> Fraction:
    return rate * 10_000


def _percent(rate: Fraction) -> str:
    """A rate as percent text, rounded to 0.01 % where it has to be: `about 16.29`."""
    hundredths = _hundredths(rate)
    nearest = percent_text(Fraction(half_away(hundredths), 10_000))
    return nearest if hundredths.denominator == 1 else f"about {nearest}"
