"""Credentials by Prefect's Secret blocks: written on the page, and found by each run as variables.

The work pool's template names the blocks, as `{{ prefect.blocks.secret.settlement-s3-secret }}`: a worker puts their
values into the environment of the run's process, and nowhere else. (Not prefect.yaml: `prefect deploy` would read the
blocks then, and write their values into the deployments.)
"""

from collections.abc import Collection
from copy import deepcopy
from typing import Any

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import WorkPoolUpdate
from prefect.exceptions import ObjectNotFound
from prefect.workers.process import ProcessWorker

BLOCKS = {
    "settlement-database-url": "SETTLE_DATABASE_URL",
    "settlement-s3-key": "AWS_ACCESS_KEY_ID",
    "settlement-s3-secret": "AWS_SECRET_ACCESS_KEY",
}
"""Secret blocks, and the variable that each becomes."""


def hand_credentials(client: SyncPrefectClient, pool_name: str) -> list[str]:
    """Let runs of a work pool find the blocks that there are. Returns their names."""
    pool = client.read_work_pool(pool_name)
    there = [name for name in BLOCKS if _is_there(client, name)]
    template = pool.base_job_template or (
        ProcessWorker.get_default_base_job_template() if pool.type == "process" and there else {}
    )
    if template and (wanted := with_credentials(template, there)) != template:
        client.update_work_pool(pool_name, WorkPoolUpdate(base_job_template=wanted))
    return there


def with_credentials(template: dict[str, Any], there: Collection[str]) -> dict[str, Any]:
    """Return a work pool's template that names the blocks that are there, and no longer those that are not."""
    wanted = deepcopy(template)
    variables = wanted["variables"]["properties"].setdefault("env", {"type": "object"})
    others = {name: value for name, value in (variables.get("default") or {}).items() if value not in _REFERENCES}
    named = others | {BLOCKS[name]: _reference(name) for name in there}
    if named or "default" in variables:
        variables["default"] = named
    return wanted


def _reference(name: str) -> str:
    return f"{{{{ prefect.blocks.secret.{name} }}}}"


_REFERENCES = {_reference(name) for name in BLOCKS}


def _is_there(client: SyncPrefectClient, name: str) -> bool:
    try:
        client.read_block_document_by_name(name, "secret")
    except ObjectNotFound:
        return False
    return True
