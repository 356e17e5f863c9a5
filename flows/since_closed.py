"""Since a month was closed: which of the inputs it was settled by differ in the vendor's folder by now."""

import json
import re

from flows.office import Office
from rules.archive.layout import Input
from rules.draft import inputs_of
from tasks.facts.approved import ApprovedMonth
from tasks.vendor.billing_files import BILLING_FILES, differing

OF_THE_FOLDER = re.compile(r"[a-z]+\.csv|programme\.yaml")
"""The names of the vendor's tables and its programme; those of other months have a month in them."""


def inputs_that_differ(office: Office, month: ApprovedMonth) -> tuple[str, ...]:
    """Return their names; none where no vendor's folder is named, or it is not there.

    What a database or a bucket says today is not asked: settle reconcile does.
    """
    folder = office.settings.vendor
    if folder is None or not folder.is_dir():
        return ()
    results = json.loads(month.draft).get("results", {})
    tables = {
        name: stored.partition(".")[0]
        for name, stored in inputs_of(month.draft).items()
        if name not in results and OF_THE_FOLDER.fullmatch(name)
    }
    kept = json.loads(month.control).get("beside", {}).get(BILLING_FILES)
    billing = office.store.get(*Input.named(month.programme, kept)) if kept else None
    return tuple(differing(folder, tables, billing))
