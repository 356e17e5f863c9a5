"""Retention: the rate depends on how long the client has been there, year by year."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import BeforeValidator, Field, WithJsonSchema

from models.phrase import Phrase
from rules.plan import ClientSums, Cut, Earned, OnLines, Sums, Working
from rules.programme.written import percent_text, read_percent


class YearRate(NamedTuple):
    """What one year of a client's life earns; the last may hold for every later year too."""

    year: int  # 1 is the first
    rate: Fraction
    and_later: bool = False


def read_years(written: object) -> tuple[YearRate, ...]:
    """Read `{1: 20%, 2: 30%, 3+: 10%}`: every year from 1 on, in order."""
    if not isinstance(written, dict) or not written:
        raise ValueError("write years as year: rate, for example {1: 20%, 2: 30%, 3+: 10%}")
    found = []
    for year, (text, rate) in enumerate(written.items(), start=1):
        wanted = (str(year), f"{year}+") if year == len(written) else (str(year),)
        if str(text) not in wanted:
            raise ValueError(
                f"years run from 1 without a gap, and only the last may hold for later ones: "
                f"write {' or '.join(wanted)} instead of {str(text)!r}"
            )
        found.append(YearRate(year, read_percent(rate), and_later=str(text).endswith("+")))
    return tuple(found)


Years = Annotated[
    tuple[YearRate, ...],
    BeforeValidator(read_years),
    WithJsonSchema(
        {"type": "object", "description": "year: rate", "examples": [{"1": "20%", "2": "30%", "3+": "10%"}]}
    ),
]


class Retention(OnLines):
    """Earns the rate of the year of the client's life in which it paid; a year without a rate earns nothing.

    At 1: 20 %, 2: 30 %, 3+: 10 %, a client in its first year that pays 1 000.00 and one in its second
    that pays 2 000.00 earn 200.00 + 600.00 = 800.00.
    """

    examples: ClassVar[tuple[str, ...]] = (
        "{plan: retention, categories: [software], since: attribution, years: {1: 20%, 2: 30%, 3+: 10%}}",
        "{plan: retention, categories: [software], since: first_payment, years: {1: 20%, 2: 10%}}",
    )

    plan: Literal["retention"]
    since: Literal["attribution", "first_payment"] = Field(
        description="when the client’s first year begins: with the claim that won it, `attribution`, or with "
        "its `first_payment`",
    )
    years: Years = Field(
        description="year: rate, from 1 on without a gap. The last may hold for later years too, `3+`; "
        "without one they earn nothing",
    )

    def cut(self) -> Cut:
        return Cut(lines=self.lines, year_since=self.since)

    def earn(self, sums: Sums) -> Earned:
        years = {client.year for client in sums.clients}
        rates = {year: self.rate_in(year) or Fraction(0) for year in years}
        return Earned(tuple(self._steps(sums.clients)), self._shares(sums.clients), "client", rates=rates)

    def rate_in(self, year: int) -> Fraction | None:
        """Return the rate of a year of a client's life, None after the last. What comes before the first is in it."""
        if year > len(self.years) and not self.years[-1].and_later:
            return None
        return self.years[min(max(year, 1), len(self.years)) - 1].rate

    def _steps(self, clients: Iterable[ClientSums]) -> Iterable[Working]:
        bases: dict[int, int] = {}
        for client in clients:
            bases[client.year] = bases.get(client.year, 0) + client.base_minor
        for year, base_minor in sorted(bases.items()):
            rate = self.rate_in(year)
            if rate is None:
                yield Working(base_minor, Fraction(0), phrase=Phrase.of("year {n}: no rate", n=year))
            else:
                yield Working(base_minor, rate, phrase=Phrase.of("year {n}", n=year))

    def _shares(self, clients: Iterable[ClientSums]) -> dict[str, Fraction]:
        shares: dict[str, Fraction] = {}
        for client in clients:
            exact = client.base_minor * (self.rate_in(client.year) or Fraction(0))
            shares[client.client_id] = shares.get(client.client_id, Fraction(0)) + exact
        return shares

    def highest_rate(self) -> Fraction:
        return max(each.rate for each in self.years)

    def words(self, currency: str) -> str:
        said = [
            f"{percent_text(each.rate)} % {f'from year {each.year} on' if each.and_later else f'in year {each.year}'}"
            for each in self.years
        ]
        if not self.years[-1].and_later:
            said.append(f"nothing from year {len(self.years) + 1} on")
        since = "attribution" if self.since == "attribution" else "the first payment"
        return f"{self.lines.words}, by the client's year since {since}: {', '.join(said)}"
