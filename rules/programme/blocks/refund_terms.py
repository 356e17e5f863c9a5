"""Refund terms: what a refund that names its sale takes back, from which month on."""

from typing import Annotated, Any, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, WithJsonSchema

from models.period import Period
from rules.corrections.refunds import RefundPolicy
from rules.programme.written import PeriodText

POLICIES = get_args(RefundPolicy)
IN_WORDS = f"{', '.join(POLICIES[:-1])} or {POLICIES[-1]}"
DEFAULT: RefundPolicy = "original_rate"
"""What holds where the file does not say."""

FIRST_MONTH = "1970-01"


class DatedRefunds(BaseModel):
    """One policy, and the first month whose refunds it is for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    from_: PeriodText = Field(alias="from")
    policy: RefundPolicy


def read_refunds(written: object, info: ValidationInfo) -> object:
    """Read one policy, or a list of dated ones, oldest first."""
    if isinstance(written, str):
        if written not in POLICIES:
            raise ValueError(f"{written!r} is not something this version can do: write {IN_WORDS}")
        return ({"from": str(info.data.get("starts", FIRST_MONTH)), "policy": written},)
    if not isinstance(written, list | tuple) or not written:
        raise ValueError(f"write {IN_WORDS}, or a list such as - {{from: 2026-07, policy: {DEFAULT}}}")
    return written


def in_order(dated: tuple[DatedRefunds, ...]) -> tuple[DatedRefunds, ...]:
    """Raise ValueError unless each policy starts in a later month than the one before."""
    months = [each.from_ for each in dated]
    if months != sorted(set(months)):
        raise ValueError("the policies must start in different months, oldest first")
    return dated


_SHAPE: dict[str, Any] = {
    "description": "what a refund takes back: one policy, or a list of dated ones, oldest first",
    "anyOf": [
        {"enum": list(POLICIES)},
        {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["from", "policy"],
                "properties": {"from": {"type": "string"}, "policy": {"enum": list(POLICIES)}},
            },
        },
    ],
}
Refunds = Annotated[tuple[DatedRefunds, ...], BeforeValidator(read_refunds), WithJsonSchema(_SHAPE)]


def policy_in(dated: tuple[DatedRefunds, ...], month: Period) -> RefundPolicy:
    """Return the policy for refunds that a month settles."""
    begun = [each.policy for each in dated if each.from_ <= month]
    return begun[-1] if begun else DEFAULT


NOTHING_IS_TAKEN_BACK = "under refunds: net_current nothing is taken back of earlier months: leave it out"


def takes_nothing_back(dated: tuple[DatedRefunds, ...] | None) -> bool:
    """Whether refunds lower the month they are posted in, under every policy there is."""
    return bool(dated) and all(each.policy == "net_current" for each in dated or ())


def refund_words(dated: tuple[DatedRefunds, ...]) -> str:
    """Return the policies as one phrase: `net_current, original_rate from 2026-07`."""
    first, *later = dated or (DatedRefunds.model_validate({"from": FIRST_MONTH, "policy": DEFAULT}),)
    return ", ".join([first.policy, *(f"{each.policy} from {each.from_}" for each in later)])
