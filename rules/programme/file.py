"""The programme file: what a vendor promises its partners, read and checked before it can pay a wrong amount."""

from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    Field,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from models.canonical import sha256
from models.errors import BadInput, BadProgramme
from models.money import known_currency
from models.period import Period
from models.time_zones import known_time_zone
from rules.corrections.refunds import RefundPolicy
from rules.programme.blocks.approval import Approval, ApprovalText, OnOff, asked_for
from rules.programme.blocks.plan_terms import Block, Identifier, PlanTerms
from rules.programme.blocks.refund_terms import (
    NOTHING_IS_TAKEN_BACK,
    DatedRefunds,
    Refunds,
    in_order,
    policy_in,
    takes_nothing_back,
)
from rules.programme.blocks.stop_when import StopWhen
from rules.programme.cost import too_costly
from rules.programme.refusals import path_in_file, problems_of, refusal
from rules.programme.written import PeriodText, Rate
from rules.programme.yaml_text import parse_yaml
from rules.terms.levels import Levels, faults


class Programme(Block):
    """The whole file. `text` is what it was read from, `digest` its SHA-256: every statement cites it."""

    programme: Identifier
    starts: PeriodText
    currency: str
    timezone: str
    base: Literal["net_of_vat", "gross"]
    refunds: Refunds = ()
    cost_at_most: Rate | None = None
    stop_when: StopWhen = StopWhen()
    approval: ApprovalText = Approval.OFF
    two_persons: OnOff = False
    plans: dict[str, tuple[PlanTerms, ...]] = Field(min_length=1)
    levels: dict[Identifier, Levels] = Field(default_factory=dict)
    segments: dict[str, str] = Field(default_factory=dict)  # a partner's label -> its plan, or levels
    _text: str = PrivateAttr("")

    def model_post_init(self, context: Any) -> None:
        self._text = context["text"]

    @property
    def text(self) -> str:
        return self._text

    @property
    def digest(self) -> str:
        return sha256(self.text.encode())

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def approval_asked(self) -> Approval:
        """What a month needs before it is paid: where it takes two persons, somebody's consent at least."""
        return asked_for(self.approval, Approval.ON) if self.two_persons else self.approval

    @property
    def looks_back(self) -> bool:
        """Whether any rule or level needs what earlier months came to."""
        return bool(self.levels) or any(block.looks_back for blocks in self.plans.values() for block in blocks)

    @property
    def measures_what_was_billed(self) -> bool:
        """Whether the measure of a rule or of levels counts what was billed, paid or not."""
        blocks = [each for blocks in self.plans.values() for each in blocks]
        measures = [rule.cut().measure for each in blocks for rule in each.earn.values()]
        measures += [ladder.measure for ladder in self.levels.values()]
        return any(measure is not None and measure.of == "billed" for measure in measures)

    @property
    def limits_a_life(self) -> bool:
        """Whether a rule looks at everything that was earned in earlier months."""
        return any(
            rule.cut().lifetime for blocks in self.plans.values() for each in blocks for rule in each.earn.values()
        )

    @property
    def takes_goals_back(self) -> bool:
        """Whether a rule gives back what it earned for a figure where less of that is left."""
        return any(
            rule.cut().counts_left for blocks in self.plans.values() for each in blocks for rule in each.earn.values()
        )

    def terms(self, plan: str, period: Period) -> PlanTerms | None:
        """The block of a plan in force in a period: the latest that starts in it or before."""
        blocks = [block for block in self.plans.get(plan, ()) if block.from_ <= period]
        return blocks[-1] if blocks else None

    def refunds_in(self, period: Period) -> RefundPolicy:
        """What a refund that settles in a period takes back."""
        return policy_in(self.refunds, period)

    @field_validator("refunds")
    @classmethod
    def _refunds_are_dated_in_order(cls, refunds: tuple[DatedRefunds, ...]) -> tuple[DatedRefunds, ...]:
        return in_order(refunds)

    @field_validator("currency")
    @classmethod
    def _currency_is_known(cls, currency: str) -> str:
        if not known_currency(currency):
            raise ValueError(f"{currency!r} is not in ISO 4217: write a code such as RUB, EUR or PLN")
        return currency

    @field_validator("timezone")
    @classmethod
    def _timezone_is_known(cls, timezone: str) -> str:
        if not known_time_zone(timezone):
            raise ValueError(f"{timezone!r} is not an IANA time zone: write for example Europe/Moscow")
        return timezone

    @field_validator("plans", mode="before")
    @classmethod
    def _a_plan_is_a_block_or_a_list_of_dated_blocks(cls, plans: object) -> object:
        if not isinstance(plans, dict):
            return plans
        return {name: blocks if isinstance(blocks, list) else [blocks] for name, blocks in plans.items()}

    @field_validator("plans")
    @classmethod
    def _blocks_are_dated_in_order(cls, plans: dict[str, tuple[PlanTerms, ...]]) -> dict[str, tuple[PlanTerms, ...]]:
        for name, blocks in plans.items():
            if not blocks:
                raise ValueError(f"{name!r} has no block: write one with `from` and `earn`")
            months = [block.from_ for block in blocks]
            if months != sorted(set(months)):
                raise ValueError(f"the blocks of {name!r} must start in different months, oldest first")
            if blocks[0].applies_to == "new_clients":
                raise ValueError(
                    f"the first block of {name!r} applies to new_clients, but there is none before it that the others "
                    f"could stay on: write applies_to: all_clients"
                )
        return plans

    @field_validator("plans")
    @classmethod
    def _what_is_taken_back_can_be(
        cls, plans: dict[str, tuple[PlanTerms, ...]], info: ValidationInfo
    ) -> dict[str, tuple[PlanTerms, ...]]:
        if takes_nothing_back(info.data.get("refunds")):
            for name, blocks in plans.items():
                for rule, way in ((rule, way) for block in blocks for rule, way in block.earn.items()):
                    if way.cut().counts_left:
                        raise ValueError(
                            f"rule {rule!r} of {name!r} says taken_back: true, but {NOTHING_IS_TAKEN_BACK}"
                        )
        return plans

    @field_validator("levels")
    @classmethod
    def _levels_can_be_taken_back(cls, levels: dict[str, Levels], info: ValidationInfo) -> dict[str, Levels]:
        named = sorted(name for name, ladder in levels.items() if ladder.taken_back)
        if named and takes_nothing_back(info.data.get("refunds")):
            raise ValueError(f"{named[0]!r} says taken_back: true, but {NOTHING_IS_TAKEN_BACK}")
        return levels

    @field_validator("levels")
    @classmethod
    def _levels_lead_to_plans(cls, levels: dict[str, Levels], info: ValidationInfo) -> dict[str, Levels]:
        plans: dict[str, tuple[PlanTerms, ...]] | None = info.data.get("plans")
        if plans is not None:
            named = [block.known_categories() for blocks in plans.values() for block in blocks]
            known = None if None in named else {category for each in named for category in each or ()}
            if found := faults(levels, plans, known):
                raise ValueError("; ".join(found))
        return levels

    @field_validator("segments")
    @classmethod
    def _segments_lead_to_plans(cls, segments: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        if {"plans", "levels"} <= info.data.keys():  # else they are refused already
            there = {*info.data["plans"], *info.data["levels"]}
            for label, name in segments.items():
                if name not in there:
                    raise ValueError(f"segment {label!r} names {name!r}; there are {', '.join(sorted(there))}")
        return segments


def parse_programme(text: str, name: str = "programme.yaml") -> Programme:
    """Read the programme file. Raises BadProgramme naming every line that cannot be carried out.

    Every scalar is text until its field reads it, so `300.00` never becomes a float.
    """
    try:
        tree = parse_yaml(text, name)
    except BadInput as error:
        raise BadProgramme(str(error)) from None
    if not isinstance(tree.data, dict):
        raise BadProgramme(f"{name}: write `programme:`, `starts:`, `plans:` ... as keys; found {tree.data!r}.")
    context = {"text": text, "currency": tree.data.get("currency", "")}
    try:
        programme = Programme.model_validate(tree.data, context=context)
    except ValidationError as error:
        raise refusal(name, problems_of(tree, Programme, error)) from None
    if costly := too_costly(programme.plans, programme.cost_at_most):
        raise refusal(name, [f"{tree.where(path_in_file(tree.data, path))}: {words}" for path, words in costly])
    return programme
