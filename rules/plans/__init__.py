"""The ways of earning: one plan per file, found by its file name and offered everywhere at once."""

import importlib
import pkgutil

from rules.plan import Plan


def offered() -> dict[str, type[Plan]]:
    """Return every plan by name. The file's name is the plan's name; each file holds exactly one plan."""
    found: dict[str, type[Plan]] = {}
    for module_info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{module_info.name}")
        (plan,) = (
            thing
            for thing in vars(module).values()
            if isinstance(thing, type) and issubclass(thing, Plan) and thing.__module__ == module.__name__
        )
        found[module_info.name] = plan
    return found
