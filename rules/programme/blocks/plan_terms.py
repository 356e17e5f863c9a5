"""Plan terms: one plan from a month on, the rules under `earn`, and what every such block must keep."""

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from rules.earning.measure import ALL
from rules.plan import Plan, Stage, To
from rules.plans import offered
from rules.programme.written import AmountMinor, PeriodText, TrueOrFalse, percent_text

if TYPE_CHECKING:
    AnyPlan = Plan
else:  # any plan that has a file, told apart by its `plan:` key
    AnyPlan = Annotated[reduce(or_, offered().values()), Field(discriminator="plan")]

IDENTIFIER = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
Identifier = Annotated[str, Field(pattern=IDENTIFIER)]
"""What names a folder of the archive, or an account of the ledger."""


class Block(BaseModel):
    """Part of the programme file: frozen, and an unknown key is refused by name."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Payout(Block):
    """When a balance is paid: below `minimum` it is carried forward."""

    minimum: AmountMinor = 0


class PlanTerms(Block):
    """One plan from a month on: the rules under `earn`, what is deliberately not commissioned, and the payout."""

    from_: PeriodText = Field(alias="from")
    applies_to: Literal["all_clients", "new_clients"] = "all_clients"
    mid_month: Literal["refuse", "split_by_day"] = "refuse"
    late_lines: Literal["month_that_settles", "month_of_payment"] = "month_that_settles"  # whose terms they earn by
    refunds_lower_the_measure: TrueOrFalse = False  # what is taken back lowers the measures of the month that does
    earn: dict[Identifier, AnyPlan]
    not_commissioned: dict[str, str] = Field(default_factory=dict)  # category -> why, in the contract's words
    payout: Payout = Payout()

    @model_validator(mode="after")
    def _each_line_has_one_fate(self) -> "PlanTerms":
        fates = self.fates()
        for what, named_by in fates.items():
            if len(named_by) > 1:
                raise ValueError(
                    f"{what} stands under {named_by[0]!r} and under {named_by[1]!r}: "
                    f"a line can earn once, so name it in one place"
                )
        return self

    @model_validator(mode="after")
    def _what_is_measured_is_known(self) -> "PlanTerms":
        known = self.known_categories()
        for name, rule in self.earn.items():
            measure = rule.cut().measure
            if known is None or measure is None or measure.categories == ALL:
                continue
            if unknown := [category for category in measure.categories if category not in known]:
                raise ValueError(
                    f"rule {name!r} measures {', '.join(unknown)}, which no rule earns on and not_commissioned does "
                    f"not list: such lines would stay open and never count"
                )
        return self

    @model_validator(mode="after")
    def _rules_that_are_named_exist(self) -> "PlanTerms":
        for name, rule in self.earn.items():
            named = rule.cut().earned
            if unknown := [other for other in named if named != ALL and other not in self.earn]:
                raise ValueError(f"rule {name!r} names {', '.join(unknown)}, which is no rule of this plan")
            if seniors := [other for other in named if named != ALL and self.earn[other].stage is Stage.NETWORK]:
                raise ValueError(
                    f"rule {name!r} names {', '.join(seniors)}: an override is worked out after limits, from what "
                    f"juniors have earned by then, and nothing limits it. Leave it out"
                )
            if named != ALL and name in named:
                raise ValueError(f"rule {name!r} names itself: it can only look at other rules")
        return self

    @model_validator(mode="after")
    def _what_is_corrected_earns_at_that_rate(self) -> "PlanTerms":
        for name, rule in self.earn.items():
            corrected, lines = rule.corrects_rate(), rule.cut().lines
            if corrected is None or lines is None:
                continue
            for other, taker in self.earn.items():
                cut = taker.cut()
                if not cut.takes or cut.lines is None or not lines.may_meet(cut.lines):
                    continue
                if taker.only_rate() != corrected:
                    rate = taker.only_rate()
                    earns = "at no single rate" if rate is None else f"{percent_text(rate)} %"
                    raise ValueError(
                        f"rule {name!r} corrects what earns {percent_text(corrected)} %, but {other!r} earns {earns}: "
                        f"name in {name!r} only what earns {percent_text(corrected)} %"
                    )
        return self

    def known_categories(self) -> set[str] | None:
        """The categories the plan names; None: any, which may stay behind a rule for products or for the rest."""
        cuts = [rule.cut() for rule in self.earn.values()]
        asked = [cut.lines for cut in cuts if cut.lines and not cut.served]
        if any(select.others or select.everything or select.products for select in asked):
            return None
        return {*self.not_commissioned, *(category for select in asked for category in select.categories)}

    def fates(self) -> dict[str, list[str]]:
        """Return who takes which lines: "category 'software'" -> the rules that do, or `not_commissioned`."""
        found: dict[str, list[str]] = {
            f"category {category!r}": ["not_commissioned"] for category in self.not_commissioned
        }
        for name, rule in self.earn.items():
            cut = rule.cut()
            if cut.lines and cut.takes:
                named = [f"category {category!r}" for category in cut.lines.categories]
                named += [f"product {product!r}" for product in cut.lines.products]
                named += ["categories: others"] if cut.lines.others else []
                for what in named:
                    found.setdefault(what, []).append(name)
        return found

    @property
    def looks_back(self) -> bool:
        """Whether what earlier months came to is needed: by a rule, by a fund that is spent from, by late lines."""
        if self.late_lines == "month_of_payment":
            return True
        return any(rule.cut().looks_back or rule.to is To.FUND for rule in self.earn.values())
