"""Approval: whether a person has to say yes to a draft before it becomes facts."""

from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

from models.errors import WrongUse

SYSTEM = "system"
"""Who approved a month that asked for nobody's consent."""

LONGEST_NAME = 100


class Approval(StrEnum):
    """What a month needs before it is paid, from the least to the most."""

    OFF = "off"  # nobody's consent: the run approves what balances
    ON = "on"  # a person's consent to this very draft
    SIGNED = "signed"  # a consent that is signed by a key of approvers.csv


# An editor that reads YAML 1.1 takes a bare on and off for true and false; this program reads every scalar as text.
ApprovalText = Annotated[
    Approval, WithJsonSchema({"enum": [*(each.value for each in Approval), True, False], "description": "who says yes"})
]


def _on_or_off(written: object) -> object:
    if isinstance(written, str):
        if written not in ("on", "off"):
            raise ValueError(f"{written!r} is neither: write on or off")
        return written == "on"
    return written


OnOff = Annotated[bool, BeforeValidator(_on_or_off), WithJsonSchema({"enum": ["off", "on", True, False]})]


def without_a_second(wrote: Iterable[str], approved_by: Collection[str]) -> list[str]:
    """Return who wrote what nobody else has approved of.

    >>> without_a_second(["olga", "petr"], ["Olga "])
    ['olga']
    """
    return sorted({each for each in wrote if all(_is_same(each, other) for other in approved_by)})


def _is_same(one: str, other: str) -> bool:
    """Whether two names are one person's, however they are written."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def person(name: str) -> str:
    """Return a person's name as a consent records it. Raises WrongUse for what is nobody's name.

    >>> person(" Anna Berg ")
    'Anna Berg'
    """
    found = " ".join(name.split())
    if not found or not found.isprintable() or "," in found or len(found) > LONGEST_NAME:
        raise WrongUse(
            f"{name[:LONGEST_NAME]!r} is no name of one person: write it without a comma, in at most {LONGEST_NAME} "
            "characters that are seen."
        )
    if found.casefold() == SYSTEM:
        raise WrongUse(f"{name!r} is what a month says that nobody approved: write who approves it.")
    return found


def how_to_approve(month: object, digest: str, asked: Approval) -> str:
    """Return the command that says yes to a draft, as it is asked for.

    >>> how_to_approve("2026-10", "3fa9c2", Approval.SIGNED)
    'settle approve 2026-10 --digest 3fa9c2 --sign KEY'
    """
    return f"settle approve {month} --digest {digest}" + " --sign KEY" * (asked is Approval.SIGNED)


def asked_for(programme: Approval, setting: Approval) -> Approval:
    """Return what holds where the programme and a setting both speak: the setting may ask for more, never for less.

    >>> asked_for(Approval.ON, Approval.OFF)
    <Approval.ON: 'on'>
    """
    return max(programme, setting, key=list(Approval).index)
