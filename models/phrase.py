"""A phrase: something we say with values in it, kept as its English pattern and its values.

`Phrase.of("year {n}", n=2)` is "year 2" in English and "год 2" in Russian. The pattern is the key of its
translations, and no text is ever taken apart to find out what it says.
"""

from functools import lru_cache
from string import Formatter
from typing import Literal

from pydantic import model_validator

from models.period import Period
from models.value import Value


class PhraseValue(Value):
    """A value in a phrase: what kind of thing it is, and how it is written in English."""

    kind: Literal["name", "number", "count", "amount", "rate", "month"]
    # name: as somebody called it; number: which one, or how many days; count: how many clients;
    # amount: in major units, 100000.00; rate: percent text, 7.5; month: 2026-03
    text: str


class Phrase(Value):
    """An English pattern with a value for each of its names in braces."""

    pattern: str
    values: dict[str, PhraseValue]

    @classmethod
    def of(cls, pattern: str, /, **values: PhraseValue | Period | int | str) -> "Phrase":
        """Return a phrase; an integer is a number, a text is a name, a period is a month.

        >>> Phrase.of("level {n}: {partner}", n=1, partner="P-7").english
        'level 1: P-7'
        """
        return cls(pattern=pattern, values={name: _typed(value) for name, value in values.items()})

    @property
    def english(self) -> str:
        return self.pattern.format(**{name: value.text for name, value in self.values.items()})

    @model_validator(mode="after")
    def _each_name_has_its_value(self) -> "Phrase":
        if names_in(self.pattern) != self.values.keys():
            raise ValueError(f"the phrase {self.pattern!r} was given values for {', '.join(self.values) or 'nothing'}")
        return self


def name(text: str) -> Phrase:
    """Return what somebody else named, as they wrote it: it is the same in every language."""
    return Phrase.of("{name}", name=text)


@lru_cache(1024)
def names_in(pattern: str) -> frozenset[str]:
    """Return the names in braces: `{days} of {all} days` has days and all."""
    return frozenset(field for _, field, _, _ in Formatter().parse(pattern) if field is not None)


def _typed(value: PhraseValue | Period | int | str) -> PhraseValue:
    match value:
        case PhraseValue():
            return value
        case Period():
            return PhraseValue(kind="month", text=str(value))
        case int():
            return PhraseValue(kind="number", text=str(value))
        case _:
            return PhraseValue(kind="name", text=value)
