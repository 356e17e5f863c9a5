"""Time zones by their IANA names, as programmes, sources and the command line write them."""

from functools import cache
from zoneinfo import available_timezones


@cache
def _known() -> frozenset[str]:
    # Each asking walks the zone files of this machine, 20 ms, and every reading of a programme asks.
    return frozenset(available_timezones())


def known_time_zone(name: str) -> bool:
    """Whether the IANA data of this machine has the zone, for example `Europe/Moscow`."""
    return name in _known()
