"""The commands of docs/deployment.md that make work pools of containers: each makes the pool the page says."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, blocks
from tests.servers.prefect import ask, clean_environment, delete

COMMANDS = [
    shlex.split(line)
    for block in blocks("docs/deployment.md", "text")
    for line in block.splitlines()
    if line.startswith("prefect work-pool create")
]


def test_the_page_makes_pools_of_both_kinds() -> None:
    assert [command[command.index("--type") + 1] for command in COMMANDS] == ["docker", "kubernetes"]


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[5])
def test_a_command_of_the_page_makes_a_pool_with_the_template_it_names(
    command: list[str], prefect_server: str, tmp_path: Path
) -> None:
    environment = clean_environment() | {"PREFECT_API_URL": prefect_server, "PREFECT_HOME": str(tmp_path)}
    program = Path(sys.executable).with_name(command[0])
    subprocess.run([program, *command[1:]], cwd=ROOT, env=environment, check=True)
    pool = ask(prefect_server, f"work_pools/{command[3]}")
    assert pool["type"] == command[5]
    assert pool["base_job_template"] == json.loads((ROOT / command[7]).read_text(encoding="utf-8"))
    delete(prefect_server, f"work_pools/{command[3]}")
