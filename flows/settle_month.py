"""Settle one month: read the billing, work out what is owed, keep the proof.

Every entry point tells this story: the schedule, the Retry button, the command line, another machine.
Where a month stands is read from the facts, so it goes on from wherever it was stopped.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from flows.office import Office
from flows.result import Ending, Figures, MonthResult
from flows.since_closed import inputs_that_differ
from models.period import Period, Version
from rules.archive.layout import period_folder
from tasks.database.lease import lease
from tasks.facts.approved import approved_month, missing_partners, programme_of, seal_of, the_approved_month


def settle_month(
    month: Period, office: Office, partners: Sequence[str] = (), *, dry_run: bool = False, empty: bool = False
) -> MonthResult:
    """Take a month as far as it can go now, and say how it ended. Raises SettlementError where a person must act.

    `empty`: the month may be without a new billing line.
    """
    if dry_run:
        from flows.consent.deciding import show_draft

        if office.database.exists():
            _must_hold(office)
        return show_draft(month, office)
    office.prepare()
    with lease(office.database, programme_name(office), office.settings.lease_seconds) as epoch:
        if seal_of(office.database, Version(month)):
            before = _result(month, office, Ending.CLOSED_BEFORE)
            differ = inputs_that_differ(office, the_approved_month(office.database, Version(month)))
            return replace(before, differing_inputs=differ)
        # Imported past the months that are closed: these are answered at once.
        from flows.consent.deciding import approve_draft
        from flows.documenting import archive_documents
        from tasks.auditing.anchor import anchor
        from tasks.close import Closing, close
        from tasks.storage.open import open_store

        office.store.probe()
        _must_hold(office)

        if approved_month(office.database, Version(month)) is None:
            waiting = approve_draft(month, office, epoch, may_be_empty=empty)
            if waiting:
                return waiting

        facts = the_approved_month(office.database, Version(month))
        # What it restates is archived and sealed before the month itself.
        versions = [each for each in facts.versions if seal_of(office.database, each) is None]
        failed: dict[str, str] = {}
        missing: list[str] = []
        for version in (*versions, facts.version):
            failed |= archive_documents(version, office, epoch, partners)
            missing += missing_partners(office.database, the_approved_month(office.database, version))
        if missing:
            return _result(month, office, Ending.INCOMPLETE, failed, sorted(set(missing)))

        for version in (*versions, facts.version):
            closing = Closing(office.now(), office.settings.seal_key)
            sealed = close(version, office.database, office.store, epoch, closing)
            if office.settings.anchor_url:
                anchors = open_store(office.settings.anchor_url, office.settings)
                anchor(anchors, facts.programme, version, sealed.digest)
        return _result(month, office, Ending.CLOSED)


def _must_hold(office: Office) -> None:
    """Raise FactsDisagree where what a month rests on is not what was recorded, signed, and kept elsewhere."""
    from tasks.proof.archive import must_be_anchored
    from tasks.proof.reconcile import must_agree
    from tasks.proof.seals import ReliedOn
    from tasks.storage.open import open_store

    settings = office.settings
    must_agree(office.database, office.store, ReliedOn(all_months=False, signers=settings.allowed_signers))
    if settings.anchor_url:
        must_be_anchored(office.database, open_store(settings.anchor_url, settings), programme_name(office))


def programme_name(office: Office) -> str:
    """The programme this office settles: the database's own, or the vendor's before the first draft."""
    if known := programme_of(office.database):
        return known
    from rules.programme.file import parse_programme
    from tasks.vendor.programme_file import read_programme_text

    return parse_programme(read_programme_text(office.vendor_folder)).programme


def _result(
    month: Period,
    office: Office,
    ending: Ending,
    failed: Mapping[str, str] | None = None,
    missing: Sequence[str] = (),
) -> MonthResult:
    facts = the_approved_month(office.database, Version(month))
    return MonthResult(
        period=month,
        ending=ending,
        figures=Figures.of_facts(facts),
        draft_digest=facts.draft_digest,
        archive=f"{office.store.url}/{period_folder(facts.programme, facts.version)}",
        restates=[str(each) for each in facts.versions],
        failed=failed or {},
        missing=missing,
    )
