"""Approval on the page of `make serve`: the run is suspended, the form is answered, and the month goes on or ends."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers.prefect import Refused, artifacts, ask, ended
from tests.servers.served import Served, command_of, descendants, make_vendor, serving, with_database
from tests.waiting import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.long]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, prefect_database: Path) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("approval")
    make_vendor(folder)
    with_database(folder, prefect_database)
    with serving(folder, SETTLE_APPROVAL="on") as page:
        yield page


def suspended(served: Served, run: str, not_state: str = "") -> dict[str, Any]:
    """Wait until a run waits for a person, and the form it waits with is there, and return its state."""

    def waits() -> dict[str, Any] | None:
        state: dict[str, Any] = ask(served.api, f"flow_runs/{run}")["state"]
        assert state["type"] not in ("FAILED", "CRASHED", "COMPLETED"), state
        is_asked = state["name"] == "Suspended" and state["id"] != not_state
        return state if is_asked and has_form(served, run, state) else None

    found = wait_for(waits, f"the question of {run}")
    assert found is not None
    # Where its process has not ended yet, the worker takes a run that is resumed a minute later.
    wait_for(lambda: not any("prefect.engine" in command_of(pid) for pid in descendants(served.process.pid)), "its end")
    return found


def has_form(served: Served, run: str, state: dict[str, Any]) -> bool:
    """Prefect keeps the form only after it has suspended the run, and until then refuses every answer."""
    try:
        ask(served.api, f"flow_runs/{run}/input/{state['state_details']['run_input_keyset']['schema']}")
    except Refused as refused:
        if refused.status != 404:
            raise
        return False
    return True


def answer(served: Served, run: str, **fields: str) -> dict[str, Any]:
    found: dict[str, Any] = ask(served.api, f"flow_runs/{run}/resume", {"run_input": fields})
    return found


def accepted(served: Served, run: str, **fields: str) -> None:
    found = answer(served, run, **fields)
    assert found["status"] == "ACCEPT", found["details"]


def test_a_month_is_approved_by_resume_with_a_name_and_the_run_that_waits_holds_nothing(served: Served) -> None:
    run = served.start(period="2026-01")
    state = suspended(served, run)
    assert state["type"] == "PAUSED"
    assert served.rows("SELECT expires_at FROM lease") == [(0,)]
    assert served.rows("SELECT count(*) FROM approval") == [(0,)]
    (digest,) = served.rows("SELECT digest FROM draft")[0]
    page = artifacts(served.api, run)["approval-2026-01"]["data"]
    assert "It is a person's turn" in page
    assert "This is the programme's first month" in page
    assert page.endswith(f"Draft `{digest}`")

    refused = answer(served, run, decision="perhaps", name="anna", draft_digest=digest)
    assert refused["status"] == "REJECT"
    assert "'perhaps' is not one of ['approve', 'reject']" in refused["details"]["reason"]
    accepted(served, run, decision="reject", name="anna", draft_digest=digest)
    again = suspended(served, run, state["id"])  # a reject without a comment is asked again
    assert served.rows("SELECT count(*) FROM consent") == [(0,)]

    accepted(served, run, decision="approve", name="anna")  # the draft as the form has it
    assert again["id"] != state["id"]
    assert ended(served.api, run)["name"] == "Closed"
    assert served.rows("SELECT approved_by, draft_digest FROM approval") == [("anna", digest)]


def test_a_draft_that_changed_while_it_waited_is_asked_again_and_a_reject_ends_the_run_cancelled(
    served: Served,
) -> None:
    run = served.start(period="2026-02")
    state = suspended(served, run)
    (old,) = served.rows("SELECT digest FROM draft WHERE period = '2026-02'")[0]
    billing = served.folder / "vendor/billing/2026-02.csv"
    first, _, *others = billing.read_text().splitlines(keepends=True)
    billing.write_text("".join([first, *others]))  # a line less
    (served.folder / "vendor/control.csv").unlink(missing_ok=True)
    accepted(served, run, decision="approve", name="anna", draft_digest=old)
    suspended(served, run, state["id"])
    page = artifacts(served.api, run)["approval-2026-02"]["data"]
    assert "What changed since the draft before" in page
    assert "what was read differs: billing.parquet" in page
    assert "From 2026-01 to 2026-02: commission and corrections" in page
    (new,) = served.rows(f"SELECT digest FROM draft WHERE period = '2026-02' AND digest <> '{old}'")[0]

    words = {"decision": "reject", "name": "bo", "comment": "a line is missing", "draft_digest": new}
    accepted(served, run, **words)
    end = ended(served.api, run)
    assert (end["type"], end["name"]) == ("CANCELLED", "Rejected")
    assert end["message"].startswith("2026-02 was rejected by bo: a line is missing. Nothing was paid.")
    assert served.rows("SELECT count(*) FROM approval WHERE period = '2026-02'") == [(0,)]
    assert served.rows("SELECT subject FROM audit WHERE event = 'draft.commented'") == [("a line is missing",)]
