"""Late imports: libraries that Great Expectations imports for checks and charts that we have none of."""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

FOR_WHAT_WE_HAVE_NOT = ("scipy.stats", "altair")
"""Tests of distributions, and charts of them: 85 MB and over a second, each time the suite is loaded."""


class ImportedWhenUsed(ModuleType):
    """Stands for a module until something of it is used, and then imports it."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # who asks for such a name looks at the module, and does not use it
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


def import_late() -> None:
    """Have those libraries imported when something of them is used, and not before."""
    for name in FOR_WHAT_WE_HAVE_NOT:
        sys.modules.setdefault(name, ImportedWhenUsed(name))
