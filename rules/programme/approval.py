"""Approval: whether a person has to say yes to a draft before it becomes facts."""

from enum import StrEnum
from typing import Annotated

from pydantic import WithJsonSchema


class Approval(StrEnum):
    """What a month needs before it is paid, from the least to the most."""

    OFF = "off"  # nobody's consent: the run approves what balances
    ON = "on"  # a person's consent to this very draft


# An editor that reads YAML 1.1 takes a bare on and off for true and false; this program reads every scalar as text.
ApprovalText = Annotated[
    Approval, WithJsonSchema({"enum": [*(each.value for each in Approval), True, False], "description": "who says yes"})
]


def asked_for(programme: Approval, setting: Approval) -> Approval:
    """Return what holds where the programme and a setting both speak: the setting may ask for more, never for less.

    >>> asked_for(Approval.ON, Approval.OFF)
    <Approval.ON: 'on'>
    """
    return max(programme, setting, key=list(Approval).index)
