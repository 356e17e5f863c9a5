"""Laws are tried on many cases; how long one takes says something of the machine, not of the law."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
