"""The programme file: what a vendor promises its partners, read and checked before it can pay a wrong amount."""

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from models.canonical import sha256
from models.errors import BadInput, BadProgramme
from models.money import known_currency
from models.period import Period
from rules.cost import too_costly
from rules.known_keys import known_keys
from rules.levels import Levels, faults
from rules.measure import ALL
from rules.plan import Plan, To
from rules.plans import offered
from rules.written import AmountMinor, PeriodText, Rate
from rules.yaml_text import YamlText, parse_yaml

if TYPE_CHECKING:
    AnyPlan = Plan
else:  # any plan that has a file, told apart by its `plan:` key
    AnyPlan = Annotated[reduce(or_, offered().values()), Field(discriminator="plan")]

IDENTIFIER = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
Identifier = Annotated[str, Field(pattern=IDENTIFIER)]
"""What names a folder of the archive, or an account of the ledger."""

WORDS = {
    "extra_forbidden": "this version does not know this key, so it would not be carried out",
    "string_type": "write plain text, not a list or a block",
    "string_pattern_mismatch": "write up to 64 Latin letters, digits, `.`, `_`, `-`, the first a letter or digit",
    "tuple_type": "write a list, for example [telephony, numbers]",
    "too_short": "write at least one",
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), "write `key: value`, indented under it"),
}
"""What to write instead, for the faults that Pydantic finds by itself."""


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
        for rule, plan in self.earn.items():
            measure = plan.cut().measure
            if known is None or measure is None or measure.categories == ALL:
                continue
            if unknown := [category for category in measure.categories if category not in known]:
                raise ValueError(
                    f"rule {rule!r} measures {', '.join(unknown)}, which no rule earns on and not_commissioned does "
                    f"not list: such lines would stay open and never count"
                )
        return self

    @model_validator(mode="after")
    def _rules_that_are_named_exist(self) -> "PlanTerms":
        for rule, plan in self.earn.items():
            named = plan.cut().earned
            if unknown := [name for name in named if named != ALL and name not in self.earn]:
                raise ValueError(f"rule {rule!r} names {', '.join(unknown)}, which is no rule of this plan")
            if named != ALL and rule in named:
                raise ValueError(f"rule {rule!r} names itself: it can only look at other rules")
        return self

    def known_categories(self) -> set[str] | None:
        """The categories the plan names; None: any, which may stay behind a rule for products or for the rest."""
        cuts = [plan.cut() for plan in self.earn.values()]
        asked = [cut.lines for cut in cuts if cut.lines and not cut.served]
        if any(select.others or select.everything or select.products for select in asked):
            return None
        return {*self.not_commissioned, *(category for select in asked for category in select.categories)}

    def fates(self) -> dict[str, list[str]]:
        """Return who takes which lines: "category 'software'" -> the rules that do, or `not_commissioned`."""
        found: dict[str, list[str]] = {
            f"category {category!r}": ["not_commissioned"] for category in self.not_commissioned
        }
        for rule, plan in self.earn.items():
            cut = plan.cut()
            if cut.lines and cut.takes:
                named = [f"category {category!r}" for category in cut.lines.categories]
                named += [f"product {product!r}" for product in cut.lines.products]
                named += ["categories: others"] if cut.lines.others else []
                for what in named:
                    found.setdefault(what, []).append(rule)
        return found

    @property
    def looks_back(self) -> bool:
        """Whether a rule needs what earlier months came to; a fund must know what was spent from it."""
        return any(plan.cut().looks_back or plan.to is To.FUND for plan in self.earn.values())


class Programme(Block):
    """The whole file. `text` is what it was read from, `digest` its SHA-256: every statement cites it."""

    programme: Identifier
    starts: PeriodText
    currency: str
    timezone: str
    base: Literal["net_of_vat", "gross"]
    refunds: Literal["net_current"]
    cost_at_most: Rate | None = None
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
    def looks_back(self) -> bool:
        """Whether any rule or level needs what earlier months came to."""
        return bool(self.levels) or any(block.looks_back for blocks in self.plans.values() for block in blocks)

    def terms(self, plan: str, period: Period) -> PlanTerms | None:
        """The block of a plan in force in a period: the latest that starts in it or before."""
        blocks = [block for block in self.plans.get(plan, ()) if block.from_ <= period]
        return blocks[-1] if blocks else None

    @field_validator("currency")
    @classmethod
    def _currency_is_known(cls, currency: str) -> str:
        if not known_currency(currency):
            raise ValueError(f"{currency!r} is not in ISO 4217: write a code such as RUB, EUR or PLN")
        return currency

    @field_validator("timezone")
    @classmethod
    def _timezone_is_known(cls, timezone: str) -> str:
        if timezone not in available_timezones():
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
        problems = [_problem(tree, tuple(detail["loc"]), detail) for detail in error.errors()]
        raise _refusal(name, problems) from None
    if costly := too_costly(programme):
        raise _refusal(name, [f"{tree.where(_path_in_file(tree.data, path))}: {words}" for path, words in costly])
    return programme


def _refusal(name: str, problems: list[str]) -> BadProgramme:
    return BadProgramme(f"{name} cannot be carried out:\n" + "\n".join(f"  {line}" for line in problems))


def _problem(tree: YamlText, loc: tuple[str | int, ...], detail: Any) -> str:
    """One line for one problem: where it stands, what it is, what to write instead."""
    path = _path_in_file(tree.data, loc)
    key = ".".join(str(part) for part in path) or "the file"
    message = str(detail["msg"]).removeprefix("Value error, ")
    match detail["type"]:
        case "missing":
            key, message = ".".join(str(part) for part in (*path, loc[-1])), "this key is required"
        case "union_tag_invalid":
            wanted, known = detail["ctx"]["tag"], ", ".join(offered())
            message = f"names the plan {wanted!r}, which has no file in rules/plans/ (there are: {known})"
        case "union_tag_not_found":
            message = f"say which plan this is, plan: one of {', '.join(offered())}"
        case "literal_error":
            message = (
                f"{detail['input']!r} is not something this version carries out; write {detail['ctx']['expected']}"
            )
        case kind:
            message = WORDS.get(kind, message)
            if kind == "extra_forbidden" and (keys := known_keys(Programme, loc)):
                message = f"{message}; write one of {', '.join(keys)}"
    return f"{tree.where(path)}: {key}: {message}"


def _path_in_file(data: Any, loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The part of Pydantic's path that exists in the file: without plan tags and the index of a lone block."""
    path: list[str | int] = []
    is_tag = False
    for part in loc:
        # Pydantic names the plan before its field, and the two may be called the same.
        if isinstance(data, dict) and data.get("plan") == part and not is_tag:
            is_tag = True
            continue
        is_tag = False
        known = data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()
        if part in known:
            data = data[part]
            path.append(part)
    return tuple(path)
