"""The work pool's template names the Secret blocks that there are, and what a worker makes of them."""

from typing import Any

from prefect.workers.process import ProcessWorker

from flows.on_prefect.registered.credentials import with_credentials

TEMPLATE: dict[str, Any] = ProcessWorker.get_default_base_job_template()
S3 = ["settlement-s3-key", "settlement-s3-secret"]


def handed(template: dict[str, Any]) -> object:
    return template["variables"]["properties"]["env"].get("default")


def test_a_block_that_is_there_is_named_by_reference_and_never_by_value() -> None:
    assert handed(with_credentials(TEMPLATE, S3)) == {
        "AWS_ACCESS_KEY_ID": "{{ prefect.blocks.secret.settlement-s3-key }}",
        "AWS_SECRET_ACCESS_KEY": "{{ prefect.blocks.secret.settlement-s3-secret }}",
    }


def test_a_block_that_was_removed_is_no_longer_named_and_what_others_set_stays() -> None:
    theirs = with_credentials(TEMPLATE, S3)
    theirs["variables"]["properties"]["env"]["default"]["TZ"] = "Europe/Moscow"
    assert handed(with_credentials(theirs, ["settlement-database-url"])) == {
        "TZ": "Europe/Moscow",
        "SETTLE_DATABASE_URL": "{{ prefect.blocks.secret.settlement-database-url }}",
    }


def test_without_blocks_a_template_stays_as_it_is() -> None:
    assert with_credentials(TEMPLATE, []) == TEMPLATE
    assert with_credentials({"variables": {"properties": {}}}, S3)["variables"]["properties"]["env"]["default"]
