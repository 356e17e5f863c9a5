"""Cap: what rules earned above an agreed amount is taken off, in a month or over the partner's life."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import ClassVar, Literal, NamedTuple

from pydantic import Field

from models.money import major
from models.phrase import Phrase
from rules.plan import Cut, Earned, EarnedAmount, Names, Plan, Stage, Sums, Working
from rules.programme.written import AmountMinor


class Held(NamedTuple):
    """What the capped rules came to in the months before."""

    minor: int  # less what the cap took off
    off_minor: int  # what the cap took off


class Cap(Plan):
    """Earns minus what the named rules' earnings have above `at_most`, in all or for each client.

    At most 100 000.00 a month: a month of 120 000.00 earns -20 000.00. At most 100 000.00 for life: after
    90 000.00 a month of 25 000.00 earns -15 000.00; a later month that owes for what was given back does not owe
    what was taken off. For each client, what is for no client is not capped.
    """

    stage: ClassVar[Stage] = Stage.LIMIT

    examples: ClassVar[tuple[str, ...]] = (
        "{plan: cap, at_most: 100000.00}",
        "{plan: cap, at_most: 500000.00, window: lifetime, rules: [software, telephony]}",
        "{plan: cap, at_most: 20000.00, per: client}",
        "{plan: cap, at_most: 50000.00, window: lifetime, per: client}",
    )

    plan: Literal["cap"]
    at_most: AmountMinor = Field(description="what is earned at most; what is above it is taken off")
    window: Literal["month", "lifetime"] = Field(
        "month", description="`month`, or `lifetime`: since the partner’s first month. `month` when left out"
    )
    per: Literal["partner", "client"] = Field(
        "partner", description="`partner`: all together. `client`: each client by itself. `partner` when left out"
    )
    rules: Names | Literal["all"] = Field(
        "all",
        description="the rules whose earnings are capped, or `all`, which is all but overrides; `all` when left out",
    )

    def cut(self) -> Cut:
        return Cut(earned=self.rules, lifetime=self.window == "lifetime")

    def earn(self, sums: Sums) -> Earned:
        before = sums.earned_before if self.window == "lifetime" else ()
        off = {key: -minor for key, minor in sums.own_before.items()} if self.window == "lifetime" else {}
        if self.per == "client":
            return self._for_each_client(_by_client(sums.earned), _by_client(before), off)
        held = Held(sum(amount.minor for amount in before), sum(off.values()))
        working = self._excess(sum(amount.minor for amount in sums.earned), held)
        shares = _by_earned(_by_client(sums.earned), _exact(working)) if working else {}
        return Earned(working, shares, "client" if shares else "")

    def _for_each_client(self, earned: Mapping[str, int], before: Mapping[str, int], off: Mapping[str, int]) -> Earned:
        capped = {
            client_id: self._excess(minor, Held(before.get(client_id, 0), off.get(client_id, 0)), client_id)
            for client_id, minor in earned.items()
        }
        shares = {client_id: _exact(steps) for client_id, steps in capped.items() if steps}
        return Earned(tuple(step for steps in capped.values() for step in steps), shares, "client")

    def _excess(self, earned_minor: int, held: Held, who: str = "") -> tuple[Working, ...]:
        """The steps that take off what exceeds the cap; none where nothing does.

        A month that owes, for what was given back, does not owe what the cap had taken off before.
        """
        if earned_minor < 0:
            gives_minor = min(-earned_minor, held.off_minor, self.at_most - held.minor - earned_minor)
            again = Phrase.of("{who}: was taken off before", who=who) if who else Phrase.of("was taken off before")
            return (Working(gives_minor, phrase=again),) if gives_minor > 0 else ()
        left_minor = max(self.at_most - held.minor, 0)
        if earned_minor <= left_minor:
            return ()
        return Working(-earned_minor, phrase=_earned(who)), Working(left_minor, phrase=self._left(who))

    def _left(self, who: str) -> Phrase:
        """What may be earned, by a client or, where `who` is blank, by all."""
        if self.window == "month":
            return Phrase.of("{who}: at most", who=who) if who else Phrase.of("at most")
        if who:
            return Phrase.of("{who}: left of what may be earned for life", who=who)
        return Phrase.of("left of what may be earned for life")

    def words(self, currency: str) -> str:
        what = "all rules" if self.rules == "all" else ", ".join(self.rules)
        when = "a month" if self.window == "month" else "for life"
        each = " for each client" if self.per == "client" else ""
        return f"at most {major(self.at_most, currency)} {when}{each} from {what}"


def _earned(who: str) -> Phrase:
    return Phrase.of("{who}: earned this month", who=who) if who else Phrase.of("earned this month")


def _exact(working: Iterable[Working]) -> Fraction:
    return sum((step.exact for step in working), Fraction(0))


def _by_client(amounts: Iterable[EarnedAmount]) -> dict[str, int]:
    """Add up what each client earned; what is for no client is left out."""
    found: dict[str, int] = {}
    for amount in amounts:
        if amount.key:
            found[amount.key] = found.get(amount.key, 0) + amount.minor
    return dict(sorted(found.items()))


def _by_earned(by_client: Mapping[str, int], exact: Fraction) -> dict[str, Fraction]:
    """Share an excess over the clients that earned, by what they earned: a client that owes has no part in it.

    What is not owed, above 0, over those that owe.
    """
    earning = {client_id: minor for client_id, minor in by_client.items() if minor * exact < 0}
    total = sum(earning.values())
    return {client_id: exact * minor / total for client_id, minor in earning.items()}
