"""What is archived, at its edges: the events a draft counts, and the seal of a second version of a month."""

import json

from models.period import Version
from models.vendor import Tally
from rules.archive.verification import judge_seal
from tests.rules.archive.test_seal import seal
from tests.rules.test_draft import JANUARY, drafted


def test_a_draft_counts_the_events_of_its_month_and_leaves_out_those_of_others() -> None:
    counted = Tally(outcome="settled", currency="", lines=3, amount_minor=0)
    left = Tally(outcome="other_month", reason="posted after the cut-off", currency="", lines=2, amount_minor=0)
    said = json.loads(drafted(events=(left, counted, left)))
    assert said["events"] == [counted.model_dump()]


def test_the_seal_of_a_second_version_belongs_into_the_folder_of_that_version() -> None:
    second = seal(period="2026-01", version=2)
    assert list(judge_seal("v2", second, Version(JANUARY, 2), "uis-partners")) == []
    (found,) = judge_seal("v1", second, Version(JANUARY, 1), "uis-partners")
    assert found.words == "is the seal of 2026-01/v2, and lies in the folder of 2026-01/v1"
