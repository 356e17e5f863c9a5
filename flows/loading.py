"""Loading: the library that judges the lines takes seconds to import, so it is imported beside the reading of them."""

import sys
from importlib import import_module
from threading import Thread

JUDGES = "expectations.billing_lines"


def begin_loading() -> None:
    """Import the checks of the lines in a thread of its own. The step that judges waits for it where it must.

    Where the import fails the step fails, too: it imports again, and says why. The thread is no daemon: a process
    that ends while a library is half loaded may crash, so one that stops for bad input waits until it is loaded.
    """
    if JUDGES not in sys.modules:
        Thread(target=_load, name="loading").start()


def _load() -> None:
    try:
        import_module(JUDGES)
    except Exception:
        # Raised again, and told, by the step that needs it. Where the process is ending, which a library that wants to
        # be called at its end complains of, nobody does.
        return
