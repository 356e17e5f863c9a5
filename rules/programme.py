"""The programme file: what a vendor promises its partners, read and checked before it can pay a wrong amount."""

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    field_validator,
    model_validator,
)

from models.canonical import sha256
from models.errors import BadInput, BadProgramme, WrongUse
from models.money import known_currency
from models.period import Period
from rules.plan import ALL, AmountMinor, Plan
from rules.plans import offered
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


def read_period(text: object) -> Period:
    """Read `2026-01`; the message of the error says how to write a month."""
    try:
        return Period.parse(str(text))
    except WrongUse as error:
        raise ValueError(str(error)) from None


PeriodText = Annotated[Period, BeforeValidator(read_period)]


class Block(BaseModel):
    """Part of the programme file: frozen, and an unknown key is refused by name."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Payout(Block):
    """When a balance is paid: below `minimum` it is carried forward."""

    minimum: AmountMinor = 0


class PlanTerms(Block):
    """One plan from a month on: the rules under `earn`, what is deliberately not commissioned, and the payout."""

    from_: PeriodText = Field(alias="from")
    earn: dict[Identifier, AnyPlan]
    not_commissioned: dict[str, str] = Field(default_factory=dict)  # category -> why, in the contract's words
    payout: Payout = Payout()

    @model_validator(mode="after")
    def _each_category_has_one_fate(self) -> "PlanTerms":
        fate: dict[str, str] = dict.fromkeys(self.not_commissioned, "not_commissioned")
        for rule, plan in self.earn.items():
            for category in plan.cut().categories:
                if category in fate:
                    raise ValueError(
                        f"category {category!r} stands under {fate[category]!r} and under {rule!r}: "
                        f"a line can earn once, so name it in one place"
                    )
                fate[category] = rule
        for rule, plan in self.earn.items():
            measure = plan.cut().measure
            if unknown := [c for c in measure or () if measure != ALL and c not in fate]:
                raise ValueError(
                    f"rule {rule!r} measures {', '.join(unknown)}, which no rule earns on and not_commissioned does "
                    f"not list: such lines would stay open and never count"
                )
        return self


class Programme(Block):
    """The whole file. `text` is what it was read from, `digest` its SHA-256: every statement cites it."""

    programme: Identifier
    starts: PeriodText
    currency: str
    timezone: str
    base: Literal["net_of_vat", "gross"]
    refunds: Literal["net_current"]
    plans: dict[str, tuple[PlanTerms, ...]] = Field(min_length=1)
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
        return plans


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
    try:
        return Programme.model_validate(tree.data, context={"text": text, "currency": tree.data.get("currency", "")})
    except ValidationError as error:
        problems = [_problem(tree, tuple(detail["loc"]), detail) for detail in error.errors()]
        raise BadProgramme(f"{name} cannot be carried out:\n" + "\n".join(f"  {line}" for line in problems)) from None


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
    return f"{tree.where(path)}: {key}: {message}"


def _path_in_file(data: Any, loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The part of Pydantic's path that exists in the file: without plan tags and the index of a lone block."""
    path: list[str | int] = []
    for part in loc:
        known = data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()
        if part in known:
            data = data[part]
            path.append(part)
    return tuple(path)
