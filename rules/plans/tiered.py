"""Tiered: what earns rises with a measure, by volume, graduated, or by started packages."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, WithJsonSchema, model_validator

from models.money import major
from models.phrase import Phrase
from rules.earning.ladder import Tier, problems, slices, tier_position
from rules.earning.measure import AMeasure
from rules.plan import Cut, Earned, OnLines, Reached, Sums, Working, by_base
from rules.programme.cliffs import VolumeLadder, graduated_notes, package_notes, volume_notes
from rules.programme.written import AmountMinor, percent_text, read_amount, read_count, read_percent


def read_tier(start: int, written: object, info: ValidationInfo) -> Tier:
    """Read `8%`, or `{rate: 8%, flat: 500.00}`: an amount for entering the tier beside the rate."""
    if not isinstance(written, dict):
        return Tier(start, read_percent(written))
    if unknown := written.keys() - {"rate", "flat"}:
        raise ValueError(f"a tier has a rate and a flat amount, not {', '.join(sorted(unknown))}")
    return Tier(start, read_percent(written.get("rate", "0%")), read_amount(written.get("flat", "0"), info))


def read_ladder(tiers: object, info: ValidationInfo) -> tuple[Tier, ...]:
    """Read `{0: 8%, 100000: 10%}`: lower bounds in what the measure counts, first at 0, rising."""
    if not isinstance(tiers, dict) or not tiers:
        raise ValueError("write tiers as lower bound: rate, for example {0: 8%, 100000: 10%}")
    measure = info.data.get("measure")
    in_clients = measure is not None and measure.counts
    ladder = tuple(
        read_tier(read_count(bound) if in_clients else read_amount(bound, info), rate, info)
        for bound, rate in tiers.items()
    )
    if found := problems(ladder, "" if in_clients else (info.context or {})["currency"]):
        raise ValueError("; ".join(found))
    return ladder


Ladder = Annotated[
    tuple[Tier, ...],
    BeforeValidator(read_ladder),
    WithJsonSchema({"type": "object", "description": "lower bound: rate", "examples": [{"0": "8%", "100000": "10%"}]}),
]


class Tiered(OnLines):
    """Earns the reached rate on everything (`volume`), each slice's own (`graduated`), or per started `package`.

    The ladder 0: 8 %, 100 000: 10 %, 300 000: 12 % on a base of 300 000.00 earns 36 000.00 by volume
    and 28 000.00 graduated. Packages of 100 000.00 that pay 7 000.00 each earn 21 000.00 on it. A
    negative base owes at the first tier's rate.
    """

    examples: ClassVar[tuple[str, ...]] = (
        "{plan: tiered, categories: [telephony, numbers], by: volume, measure: {categories: [telephony, "
        "numbers], window: month}, tiers: {0: 8%, 100000: 10%, 300000: 12%, 1000000: 15%}}",
        "{plan: tiered, categories: [telephony], by: graduated, measure: all, tiers: {0: 8%, 100000: 10%, "
        "300000: 12%}}",
        "{plan: tiered, categories: [telephony], by: volume, measure: {of: billed}, tiers: {0: 8%, "
        "100000: {rate: 10%, flat: 500.00}}}",
        "{plan: tiered, categories: [telephony], by: volume, measure: {of: active_clients}, tiers: {0: 8%, "
        "10: 10%, 50: 12%}}",
        "{plan: tiered, categories: others, by: volume, measure: {window: lifetime}, tiers: {0: 8%, 1000000: 10%}}",
        "{plan: tiered, products: [TEL-PBX], by: graduated, measure: {window: 12 months, "
        "over: consolidation_group}, tiers: {0: 8%, 500000: {rate: 10%, flat: 2000.00}}}",
        "{plan: tiered, categories: [numbers], by: package, measure: {categories: [numbers]}, size: 100000.00, "
        "pays: 7000.00, free: 50000.00}",
    )

    plan: Literal["tiered"]
    by: Literal["volume", "graduated", "package"] = Field(
        description="`volume`: the rate reached applies to the whole base. `graduated`: each slice of it "
        "earns at its own rate. `package`: each started package earns an amount",
    )
    measure: AMeasure = Field(description="what picks the tier, or fills the packages. It need not be what earns")
    tiers: Ladder | None = Field(
        None,
        description="for `volume` and `graduated`, lower bound: rate, or lower bound: {rate: 10%, flat: "
        "500.00} with an amount for entering the tier. The first bound is 0, the others rise; a "
        "bound belongs to the tier it starts",
    )
    size: AmountMinor | None = Field(None, description="for `package`: how much fills a package")
    pays: AmountMinor | None = Field(None, description="for `package`: what each started package earns")
    free: AmountMinor = Field(0, description="for `package`: how much comes before the first package; 0 when left out")

    @model_validator(mode="after")
    def _ladder_or_package(self) -> "Tiered":
        if self.by == "package":
            if not self.size or self.pays is None or self.tiers:
                raise ValueError(
                    "by: package needs `size` (above 0) and `pays`, what each started package earns, not tiers"
                )
        elif not self.tiers or self.size is not None or self.pays is not None or self.free:
            raise ValueError(f"by: {self.by} needs `tiers`; `size`, `pays` and `free` are for by: package")
        if self.measure.counts and self.by != "volume":
            raise ValueError(f"a number of clients cannot be cut into slices: write by: volume, not {self.by}")
        return self

    def tiers_apply(self) -> str:
        return self.by

    def cut(self) -> Cut:
        return Cut(lines=self.lines, measure=self.measure)

    def earn(self, sums: Sums) -> Earned:
        if self.by == "package":
            return self._by_package(sums)
        ladder, base_minor = self.tiers or (), sums.base_minor
        position = tier_position(ladder, sums.measure)
        tier, first_rate = ladder[position], ladder[0].rate
        following = ladder[position + 1] if position + 1 < len(ladder) else None
        gain = Fraction(0)
        if self.by == "graduated":
            working = tuple(
                Working(part.base_minor, part.tier.rate, part.tier.starts_at_minor, part.ends_at_minor)
                for part in slices(ladder, base_minor, sums.measure)
            )
            low = sums.measure - base_minor
            entered = [part for part in ladder if low <= part.starts_at_minor < sums.measure] if base_minor > 0 else []
        else:
            rate = first_rate if base_minor < 0 else tier.rate
            working = (Working(base_minor, rate),)
            entered = [tier] if base_minor > 0 else []
            if following and base_minor > 0:
                gain = base_minor * (following.rate - rate) + following.flat_minor - tier.flat_minor
        working += tuple(
            Working(part.flat_minor, phrase=Phrase.of("for entering tier {n}", n=ladder.index(part) + 1))
            for part in entered
            if part.flat_minor
        )
        exact = sum((step.exact for step in working), Fraction(0))
        reached = Reached(position + 1, tier, following, gain)
        shares = by_base(sums.clients, exact, first_rate)
        of_nothing = {} if base_minor else dict.fromkeys(shares, first_rate)
        return Earned(working, shares, "client", reached, of_nothing=of_nothing)

    def _by_package(self, sums: Sums) -> Earned:
        def started(measure_minor: int) -> int:
            return -(-max(measure_minor - self.free, 0) // (self.size or 1))

        count = started(sums.measure) - started(sums.measure - sums.base_minor)
        working = (Working(self.pays or 0, count=count, phrase=Phrase.of("started packages")),) if count else ()
        exact = Fraction((self.pays or 0) * count)
        return Earned(working, by_base(sums.clients, exact), "client")

    def highest_rate(self) -> Fraction:
        if self.by == "package":
            return Fraction(0)  # a started package of one kopeck costs its whole price: known when it is started
        return max(tier.rate for tier in self.tiers or ())

    def words(self, currency: str) -> str:
        if self.by == "package":
            free = f" after the first {major(self.free, currency)}" if self.free else ""
            each = f"{major(self.pays or 0, currency)} for each started {major(self.size or 0, currency)}"
            return f"{self.lines.words}, by package: {each}{free}, measured by {self.measure.words}"
        steps = ", ".join(self._tier_words(tier, currency) for tier in self.tiers or ())
        mode = "by volume" if self.by == "volume" else "graduated"
        return f"{self.lines.words}, {mode}: {steps}; measured by {self.measure.words}"

    def notes(self, currency: str) -> Iterable[str]:
        if self.by == "package":
            return package_notes(self.size or 0, self.pays or 0, self.free, currency)
        if self.by == "graduated":
            return graduated_notes(self.tiers or (), currency)
        return volume_notes(VolumeLadder(self.tiers or (), self.measure, self.lines), currency)

    def bounds(self) -> Sequence[int]:
        """The bounds of a ladder of money, without the first."""
        return [] if self.measure.counts else [tier.starts_at_minor for tier in (self.tiers or ())[1:]]

    def _tier_words(self, tier: Tier, currency: str) -> str:
        start = f"{tier.starts_at_minor} clients" if self.measure.counts else major(tier.starts_at_minor, currency)
        flat = f" and {major(tier.flat_minor, currency)}" if tier.flat_minor else ""
        return f"{percent_text(tier.rate)} %{flat} from {start}"
