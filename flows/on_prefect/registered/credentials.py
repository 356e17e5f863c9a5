"""Credentials by Prefect's blocks: written on the page, and found by each run as variables.

The work pool's template names the blocks, as `{{ prefect.blocks.secret.settlement-s3-secret }}`: a worker puts their
values into the environment of the run's process, and nowhere else. (Not prefect.yaml: `prefect deploy` would read the
blocks then, and write their values into the deployments.)
"""

from collections.abc import Collection
from copy import deepcopy
from typing import Any, NamedTuple

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import WorkPoolUpdate
from prefect.exceptions import ObjectNotFound
from prefect.workers.process import ProcessWorker


class Credential(NamedTuple):
    """A field of a block, and the variable that a run finds it as."""

    block_type: str
    block: str
    field: str
    variable: str

    @property
    def reference(self) -> str:
        """What a template says for its value: a Secret block is its value."""
        path = f"{self.block_type}.{self.block}" + ("" if self.field == "value" else f".{self.field}")
        return f"{{{{ prefect.blocks.{path} }}}}"


CREDENTIALS = (
    Credential("secret", "settlement-database-url", "value", "SETTLE_DATABASE_URL"),
    Credential("secret", "settlement-s3-key", "value", "AWS_ACCESS_KEY_ID"),
    Credential("secret", "settlement-s3-secret", "value", "AWS_SECRET_ACCESS_KEY"),
    # The page offers this type by itself: neither it nor a worker needs prefect-aws for it.
    Credential("aws-credentials", "settlement-s3", "aws_access_key_id", "AWS_ACCESS_KEY_ID"),
    Credential("aws-credentials", "settlement-s3", "aws_secret_access_key", "AWS_SECRET_ACCESS_KEY"),
    Credential("aws-credentials", "settlement-s3", "aws_session_token", "AWS_SESSION_TOKEN"),
)
"""What blocks may hold. Where two name one variable, the later counts."""


def hand_credentials(client: SyncPrefectClient, pool_name: str) -> None:
    """Let runs of a work pool find the credentials that blocks hold."""
    pool = client.read_work_pool(pool_name)
    there = [each for each in CREDENTIALS if _is_there(client, each)]
    template = pool.base_job_template or (
        ProcessWorker.get_default_base_job_template() if pool.type == "process" and there else {}
    )
    if template and (wanted := with_credentials(template, there)) != template:
        client.update_work_pool(pool_name, WorkPoolUpdate(base_job_template=wanted))


def with_credentials(template: dict[str, Any], there: Collection[Credential]) -> dict[str, Any]:
    """Return a work pool's template that names the credentials that are there, and no longer those that are not."""
    wanted = deepcopy(template)
    variables = wanted["variables"]["properties"].setdefault("env", {"type": "object"})
    ours = {each.reference for each in CREDENTIALS}
    others = {name: value for name, value in (variables.get("default") or {}).items() if value not in ours}
    named = others | {each.variable: each.reference for each in there}
    if named or "default" in variables:
        variables["default"] = named
    return wanted


def _is_there(client: SyncPrefectClient, credential: Credential) -> bool:
    try:
        block = client.read_block_document_by_name(credential.block, credential.block_type, include_secrets=False)
    except ObjectNotFound:
        return False
    return bool(block.data.get(credential.field))
