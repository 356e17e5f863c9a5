"""Register everything the Prefect page needs: work pool, deployments of prefect.yaml and automations.

`make serve` does it by itself. For a Prefect server that runs elsewhere:
`PREFECT_API_URL=... .venv/bin/python -m flows.on_prefect.register`. A second time changes nothing. Workers of other
machines do not have this folder: with SETTLE_CODE=https://host/repository@commit in the environment they take the code
from there. SETTLE_NOTIFY names who is told that a month waits, failed, crashed or closed.
"""

import os
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

import yaml
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound

from flows.on_prefect.registered.automations import automations, register_automations
from flows.on_prefect.registered.credentials import hand_credentials
from flows.on_prefect.registered.names import naming
from flows.on_prefect.registered.notifications import keep_blocks, notifications, remove_others
from models.errors import SettlementError, WrongUse

ROOT = Path(__file__).parents[2]
PREFECT_YAML = ROOT / "prefect.yaml"
POOL = "settlement"  # the pool that prefect.yaml names
REPLACED = ("settle-period/monthly",)
"""Deployments of earlier versions: left there, the clock would start every month twice."""


class CannotRegister(SettlementError):
    """Prefect's server refused what was to be registered, or cannot be reached."""


def register() -> None:
    """Bring work pool, deployments and automations up to date, and remove what earlier versions registered."""
    told = list(notifications(blocks)) if (blocks := keep_blocks(addresses())) else []
    with get_client(sync_client=True) as client:
        _make_pool(client)
        hand_credentials(client, POOL)
        _deploy()
        for name in REPLACED:
            _remove(client, name)
        remove_others(client, (each.name for each in told))
        named = naming(client)
    register_automations([*automations(), *told, *named])


def addresses() -> list[str]:
    """Who is told, as SETTLE_NOTIFY names them."""
    return os.environ.get("SETTLE_NOTIFY", "").split()


def _make_pool(client: SyncPrefectClient) -> None:
    with suppress(ObjectAlreadyExists):  # an operator may have given it another type: it stays as it is
        client.create_work_pool(WorkPoolCreate(name=POOL, type="process"))


def _deploy() -> None:
    command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"]
    if code := os.environ.get("SETTLE_CODE"):
        with NamedTemporaryFile("w", suffix=".yaml", delete=False) as file:
            file.write(with_code(PREFECT_YAML.read_text(encoding="utf-8"), code))
        command += ["--prefect-file", file.name]
    # PWD: prefect.yaml says that runs happen in this folder.
    environment = os.environ | {"PWD": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise CannotRegister(f"{' '.join(command[2:])} failed:\n{(done.stdout + done.stderr).strip()}")


def with_code(text: str, code: str) -> str:
    """Return prefect.yaml with runs that take the code from git: `https://host/repository@commit`."""
    repository, _, commit = code.rpartition("@")
    if not repository or not re.fullmatch("[0-9a-f]{40}", commit):
        raise WrongUse(
            f"SETTLE_CODE={code!r}: write the repository and a whole commit, https://host/repository@40 digits."
        )
    content = yaml.safe_load(text)
    content["pull"] = [
        {"prefect.deployments.steps.git_clone": {"id": "clone", "repository": repository, "commit_sha": commit}},
        {"prefect.deployments.steps.set_working_directory": {"directory": "{{ clone.directory }}"}},
    ]
    return yaml.safe_dump(content, sort_keys=False)


def _remove(client: SyncPrefectClient, name: str) -> None:
    with suppress(ObjectNotFound):
        client.delete_deployment(client.read_deployment_by_name(name).id)


def main() -> None:
    """Register, and say what is there now; a domain error is its message and its exit code."""
    try:
        register()
    except SettlementError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    told = len(addresses())
    print("Registered: the deployments of prefect.yaml, and the automations.")
    print(f"Told of what happens: {told} address{'es' if told != 1 else ''}, of SETTLE_NOTIFY.")


if __name__ == "__main__":
    main()
