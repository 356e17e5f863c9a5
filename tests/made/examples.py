"""How many cases a dear law is tried on: few at every run, as many as the profile says for whoever searches."""

from typing import Any

from hypothesis import settings

SEARCHING = settings.get_current_profile_name() == "explore"
"""Whether other cases are wanted than those of every run: `pytest --hypothesis-profile=explore`."""


def tried_on(cases: int, **others: Any) -> settings:
    """Return the settings of a law that so many cases are enough for: those that found each fault put in to try it."""
    return settings(max_examples=settings().max_examples if SEARCHING else cases, **others)
