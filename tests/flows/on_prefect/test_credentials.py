"""The work pool's template names the credentials that blocks hold, and what a worker makes of them."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import BlockDocumentCreate, WorkPoolCreate
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.utilities.templating import resolve_block_document_references
from prefect.workers.process import ProcessWorker

from flows.on_prefect.registered.credentials import CREDENTIALS, hand_credentials, with_credentials

TEMPLATE: dict[str, Any] = ProcessWorker.get_default_base_job_template()
DATABASE, KEY, SECRET, AWS_KEY, AWS_SECRET, AWS_TOKEN = CREDENTIALS


def handed(template: dict[str, Any]) -> object:
    return template["variables"]["properties"]["env"].get("default")


def test_a_block_that_is_there_is_named_by_reference_and_never_by_value() -> None:
    assert handed(with_credentials(TEMPLATE, [KEY, SECRET])) == {
        "AWS_ACCESS_KEY_ID": "{{ prefect.blocks.secret.settlement-s3-key }}",
        "AWS_SECRET_ACCESS_KEY": "{{ prefect.blocks.secret.settlement-s3-secret }}",
    }


def test_of_two_blocks_with_the_keys_of_s3_the_one_made_for_them_counts() -> None:
    assert handed(with_credentials(TEMPLATE, [KEY, SECRET, AWS_KEY, AWS_SECRET])) == {
        "AWS_ACCESS_KEY_ID": "{{ prefect.blocks.aws-credentials.settlement-s3.aws_access_key_id }}",
        "AWS_SECRET_ACCESS_KEY": "{{ prefect.blocks.aws-credentials.settlement-s3.aws_secret_access_key }}",
    }


def test_a_block_that_was_removed_is_no_longer_named_and_what_others_set_stays() -> None:
    theirs = with_credentials(TEMPLATE, [KEY, SECRET, AWS_TOKEN])
    theirs["variables"]["properties"]["env"]["default"]["TZ"] = "Europe/Moscow"
    assert handed(with_credentials(theirs, [DATABASE])) == {
        "TZ": "Europe/Moscow",
        "SETTLE_DATABASE_URL": "{{ prefect.blocks.secret.settlement-database-url }}",
    }


def test_without_blocks_a_template_stays_as_it_is() -> None:
    assert with_credentials(TEMPLATE, []) == TEMPLATE
    only_env: dict[str, Any] = {"variables": {"properties": {}}}
    assert with_credentials(only_env, [KEY])["variables"]["properties"]["env"]["default"]


@contextmanager
def written(slug: str, name: str, data: dict[str, str]) -> Iterator[None]:
    """Write a block as the page does: of a type that the server offers, whatever this machine has installed."""
    with get_client(sync_client=True) as client:
        kind = client.read_block_type_by_slug(slug)
        schema = client.get_most_recent_block_schema_for_block_type(kind.id)
        assert schema is not None
        block = BlockDocumentCreate(name=name, data=data, block_type_id=kind.id, block_schema_id=schema.id)
        document = client.create_block_document(block).id
        yield
        client.delete_block_document(document)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("blocks", "found"),
    [
        (
            {("secret", "settlement-s3-key"): {"value": "K1"}, ("secret", "settlement-s3-secret"): {"value": "S1"}},
            {"AWS_ACCESS_KEY_ID": "K1", "AWS_SECRET_ACCESS_KEY": "S1"},
        ),
        (
            {("aws-credentials", "settlement-s3"): {"aws_access_key_id": "K2", "aws_secret_access_key": "S2"}},
            {"AWS_ACCESS_KEY_ID": "K2", "AWS_SECRET_ACCESS_KEY": "S2"},
        ),
    ],
    ids=["secrets", "aws-credentials"],
)
def test_a_worker_finds_the_values_of_what_was_written_on_the_page(
    prefect_server: str, blocks: dict[tuple[str, str], dict[str, str]], found: dict[str, str]
) -> None:
    pool = f"credentials-{found['AWS_ACCESS_KEY_ID']}"
    with ExitStack() as page, temporary_settings({PREFECT_API_URL: prefect_server}):
        for (slug, name), data in blocks.items():
            page.enter_context(written(slug, name, data))
        with get_client(sync_client=True) as client:
            client.create_work_pool(WorkPoolCreate(name=pool, type="process"))
            hand_credentials(client, pool)
            env = handed(client.read_work_pool(pool).base_job_template)
        assert isinstance(env, dict)
        assert not set(found.values()) & set(env.values())
        assert asyncio.run(resolve_block_document_references(env)) == found
