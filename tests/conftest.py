"""What every test may ask for: real servers, started once."""

pytest_plugins = ["tests.servers.postgres", "tests.servers.seaweedfs", "tests.servers.prefect"]
