"""Sums as the engine gives them, for tests of plans: one client, or several, and the figure that is measured."""

from collections.abc import Mapping
from typing import Any

from models.period import Period
from rules.plan import ClientSums, Sums

MONTH = Period(2026, 1)


def of_clients(bases: Mapping[str, int], measure: int | None = None, **others: Any) -> Sums:
    """The sums of these clients' bases; what is not said is measured by the base itself."""
    clients = tuple(ClientSums(client, 1, base) for client, base in bases.items())
    return Sums(month=MONTH, clients=clients, measure=sum(bases.values()) if measure is None else measure, **others)


def sums(base_minor: int, measure: int | None = None, **others: Any) -> Sums:
    """The sums of one client."""
    return of_clients({"C1": base_minor}, measure, **others)
