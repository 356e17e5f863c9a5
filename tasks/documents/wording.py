"""The words and figures of a statement in the partner's language; no wording is ever missing quietly."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path

import yaml
from babel.numbers import get_decimal_symbol, get_group_symbol

from models.billing import Reason
from models.errors import SettlementError
from models.money import decimal_text, known_currency, minor_digits
from models.period import Period
from models.statement import NotIncluded, Payment

FOLDER = Path(__file__).parents[2] / "templates" / "wording"

# What becomes of a line that we do not carry ourselves. Whatever is not named here is a mistake in the
# data, and the line comes again when the vendor has corrected it.
_OUTLOOKS = {
    Reason.UNPAID: "when_paid",
    Reason.AFTER_CUT_OFF: "own_month",
    Reason.BEFORE_LOOK_BACK: "final",
    Reason.BEFORE_STARTS: "final",
    Reason.BEFORE_CLAIM: "final",
    Reason.BEFORE_TERMS: "final",
    Reason.AFTER_TERMS: "final",
    Reason.EXCLUDED: "final",
    Reason.SALE_EARNED_NOTHING: "final",
    Reason.REFUNDED_ALREADY: "final",
    Reason.REPEAT: "final",
    Reason.ALREADY_SETTLED: "final",
}


class MissingWording(SettlementError):
    """A document needs a text that its language does not have."""


@dataclass(frozen=True)
class Wording:
    """One language: its texts, and how it writes numbers and dates. Figures are exact before they get here."""

    locale: str
    texts: Mapping[str, str]

    def text(self, key: str, **values: str) -> str:
        """Return the text under `key` with the values put in."""
        if key not in self.texts:
            raise MissingWording(f"templates/wording/{self.locale}.yaml has no text for {key!r}: add it there.")
        return self.texts[key].format(**values)

    def reasons(self, reason: str) -> str:
        """Return why a line is not settled; where several reasons apply they are joined by `; `."""
        return "; ".join(self.text(f"reason.{one}") for one in reason.split("; "))

    def outlook(self, item: NotIncluded) -> str:
        """Return what happens next to lines that were not included."""
        reason = Reason(item.reason.partition("; ")[0])
        key = "carried" if item.carried else _OUTLOOKS.get(reason, "when_corrected")
        return self.text(f"outlook.{key}")

    def left_out(self, item: NotIncluded) -> str:
        """Return what lines that were not included come to: one whose amount cannot be read is no 0.00."""
        if item.unread == item.lines:
            return self.text("unknown_amount")
        known = self.amount(item.amount_minor, item.currency)
        return self.text("partly_unknown", known=known, lines=self.count(item.unread)) if item.unread else known

    def note(self, payment: Payment) -> str:
        """Return what is unusual about when a payment is settled; blank when nothing is."""
        late = [self.text("late")] if payment.late else []
        carried = [self.text("carried_from", month=self.month(payment.carried_from))] if payment.carried_from else []
        return "; ".join(late + carried)

    def billing_changed(self, month: str) -> str:
        """Return why an amount by hand puts a month right whose source says something else than it did."""
        return self.text("billing_changed", month=month)

    def money(self, minor: int, digits: int) -> str:
        """Return an amount without its currency: 1234567 with 2 digits is `12,345.67` in English."""
        return self._number(decimal_text(minor, digits), digits)

    def rounding(self, minor: int, digits: int) -> str:
        """Return what rounding gave a line, `+0.01`; blank for a line it gave nothing."""
        return ("+" if minor > 0 else "") + self.money(minor, digits) if minor else ""

    def amount(self, minor: int, currency: str) -> str:
        """Return an amount with its currency's code. Of a code ISO 4217 does not know, the bare minor units."""
        digits = minor_digits(currency) if known_currency(currency) else 0
        return f"{self.money(minor, digits)}\u00a0{currency}".rstrip()

    def exact(self, decimal: str, digits: int) -> str:
        """Return an amount before rounding: the currency's digits, and as many more as it needs."""
        return self._number(decimal, digits)

    def percent(self, rate: str) -> str:
        """Return a rate given as percent text, every digit of it."""
        return self.text("format.percent", number=self._number(rate))

    def rate(self, rate: str) -> str:
        """Return a rate as percent; one that percent cannot say, `15/31`, as it is."""
        return rate.replace("-", "\u2212") if "/" in rate else self.percent(rate)

    def count(self, number: int) -> str:
        return self._number(str(number))

    def day(self, iso: str) -> str:
        """`2026-02-03` as it stands in a sentence: 3 February 2026."""
        return self._date(date.fromisoformat(iso), "format.day")

    def short_day(self, iso: str) -> str:
        """`2026-02-03` as it stands in a table: 3 Feb 2026."""
        return self._date(date.fromisoformat(iso), "format.short_day")

    def month(self, period: str) -> str:
        """`2026-02` as February 2026."""
        return self._date(Period.parse(period).first_day, "format.month")

    def moment(self, iso: str) -> str:
        """`2026-02-03T03:00:00Z` as 3 February 2026, 03:00 UTC."""
        at = datetime.fromisoformat(iso).astimezone(UTC)
        return self.text("approved_at", day=self._date(at.date(), "format.day"), time=f"{at:%H:%M}")

    def _date(self, day: date, pattern: str) -> str:
        return _date_text(day, self.text(pattern), self.locale)

    def _number(self, decimal: str, digits: int = 0) -> str:
        return _number_text(decimal, digits, self.locale)


# A figure is shown in two documents, and a day in many rows: remembering them saves a third of the time.
@lru_cache(8192)
def _date_text(day: date, pattern: str, locale: str) -> str:
    # Here, because it looks for the machine's time zone as it is loaded, and who asks for words alone needs no day.
    from babel.dates import format_date

    return format_date(day, format=pattern, locale=locale)


@lru_cache(8192)
def _number_text(decimal: str, digits: int, locale: str) -> str:
    # Every digit is shown, and nothing is rounded: left to itself Babel rounds half-even and takes digits from CLDR,
    # not ISO 4217. What it knows of a language is asked once, not for each figure, which was half the time of a page.
    number = Decimal(decimal)
    whole, _, fraction = f"{number.copy_abs():f}".partition(".")
    group, point = _signs(locale)
    text = f"{int(whole):,}".replace(",", group)
    if fraction := fraction.rstrip("0").ljust(digits, "0"):
        text += point + fraction
    return f"\u2212{text}" if number < 0 else text


@cache
def _signs(locale: str) -> tuple[str, str]:
    """Return what stands between groups of three digits, and before the fraction."""
    return get_group_symbol(locale), get_decimal_symbol(locale)


@cache
def wording(locale: str) -> Wording:
    """Return the wording of a language."""
    offered = sorted(file.stem for file in FOLDER.glob("*.yaml"))
    if locale not in offered:
        raise MissingWording(f"there is no wording for the language {locale!r} (there are: {', '.join(offered)}).")
    groups = yaml.safe_load((FOLDER / f"{locale}.yaml").read_text(encoding="utf-8"))
    return Wording(locale, dict(_flat(groups)))


def _flat(groups: Mapping[str, str | Mapping[str, str]]) -> list[tuple[str, str]]:
    """Give the texts of a group the group's name in front: `reason.repeat`."""
    return [
        (f"{group}.{key}" if key else group, text)
        for group, texts in groups.items()
        for key, text in (texts.items() if isinstance(texts, Mapping) else (("", texts),))
    ]
