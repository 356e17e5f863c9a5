"""What every test may ask for: real servers, started once; and a quick way to try laws, for mutants."""

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

pytest_plugins = ["tests.servers.postgres", "tests.servers.seaweedfs", "tests.servers.prefect"]
