"""What every test may ask for: real servers, started once; the order of the files; and a quick way to try laws."""

import pytest
from hypothesis import Phase, settings

# Few cases, the same ones each time, and no shrinking: what kills a mutant need not be the smallest case.
settings.register_profile(
    "quick",
    max_examples=20,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
)

# A run that fails says something of the change that was made, not of the luck of the day: the same cases each time,
# whatever was run before. Whoever looks for new ones takes --hypothesis-profile=explore.
settings.register_profile("same", derandomize=True, database=None, deadline=None)
settings.register_profile("explore", max_examples=1_000, deadline=None)
settings.load_profile("same")

pytest_plugins = [
    "tests.servers.postgres",
    "tests.servers.seaweedfs",
    "tests.servers.prefect",
    "tests.made.plain_judge",
]


def pytest_sessionstart() -> None:
    """Draw cases without the constants of our own modules, or which modules were loaded before would choose the cases."""
    if settings.get_current_profile_name() != "explore":
        drawn = "hypothesis.internal.conjecture.providers.is_local_module_file"
        pytest.MonkeyPatch().setattr(drawn, lambda path: False)


class SaysAtOnce:
    """Says why a test failed when it fails: a run that is ended by a time limit never comes to its summary."""

    def __init__(self, terminal: pytest.TerminalReporter) -> None:
        self._terminal = terminal

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.outcome in ("failed", "rerun"):
            self._terminal.write_line(f"\n{report.outcome}: {report.nodeid} ({report.when})")
            self._terminal.write_line(report.longreprtext[-3_000:])


@pytest.hookimpl(trylast=True)  # after the reporter is there
def pytest_configure(config: pytest.Config) -> None:
    terminal: pytest.TerminalReporter | None = config.pluginmanager.getplugin("terminalreporter")
    if terminal is not None:  # none in a worker of xdist, whose reports come to the first process
        config.pluginmanager.register(SaysAtOnce(terminal))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files marked `long` first, and let a test against real servers be tried once more where it failed.

    Where two work through the files, one that takes minutes must not come last: the other would stand idle. What a
    browser or a server does depends on how busy the machine is; the summary counts, and names, what was tried again.
    """
    for item in items:
        if item.get_closest_marker("slow") is not None:
            item.add_marker(pytest.mark.flaky(reruns=1))
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
