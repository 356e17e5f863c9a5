"""From facts to documents: rendered, stored and recorded in batches; one bad partner never stops the others."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from flows.office import Office
from models.errors import WrongUse
from models.period import Version
from models.progress import advance, working
from tasks.archive import Archived, archive, record
from tasks.database.lease import Epoch
from tasks.documents.renderers import Renderers, cores
from tasks.facts.approved import STATEMENTS, ApprovedMonth, issued_statements, missing_partners, the_approved_month
from tasks.render import render
from tasks.step import step

log = logging.getLogger("settle")

LINES_PER_BATCH = 1_500  # a partner with more is a batch of its own
WORKERS = cores() + 1  # batches made at a time: while one is stored, another is drawn
ENOUGH_STATEMENTS, ENOUGH_LINES = 50, 10_000  # for a start of processes that draw them


class Making(NamedTuple):
    """What documents are made from: an approved month, its `statements.parquet`, and the processes that draw."""

    facts: ApprovedMonth
    bodies: bytes
    renderers: Renderers | None


class Made(NamedTuple):
    """What became of a batch: how many were tried, and the reason for each partner that failed."""

    tried: int
    failed: Mapping[str, str]


def archive_documents(version: Version, office: Office, epoch: Epoch, only: Sequence[str]) -> dict[str, str]:
    """Make and store the documents that are missing. Returns the reason for each partner that failed.

    A later version of a month has the statements of a few partners: others may be named.
    """
    facts = the_approved_month(office.database, version)
    if version.is_first and (unknown := sorted(set(only) - facts.statements.keys())):
        month = version.period
        raise WrongUse(f"{', '.join(unknown)}: no statement in {month} is theirs. See settle status {month}.")
    wanted = [partner for partner in missing_partners(office.database, facts) if not only or partner in only]
    if not wanted:
        return {}
    make = made_on_cluster if office.settings.task_runner else made_here
    failed: dict[str, str] = {}
    done = 0
    with working("documents", len(wanted), "partners"):
        for made in make(wanted, facts, office, epoch):
            failed |= made.failed
            done += made.tried
            log.info("documents of %d of %d partners", done, len(wanted))
    for partner, reason in sorted(failed.items()):
        log.error("partner %s failed: %s", partner, reason)
    return failed


def made_here(wanted: Sequence[str], facts: ApprovedMonth, office: Office, epoch: Epoch) -> Iterator[Made]:
    """Make the documents on this machine, several batches at a time, and yield what became of each."""
    processes = how_many_processes(office.settings.renderers, [facts.lines.get(partner, 0) for partner in wanted])
    bodies = office.store.get(*facts.input(STATEMENTS))
    with Renderers(processes) as renderers:
        making = Making(facts, bodies, renderers if processes else None)
        parts = batches(wanted, facts.lines, office.settings.batch)
        yield from make_documents.for_each(parts, WORKERS, making=making, office=office, epoch=epoch)


def made_on_cluster(wanted: Sequence[str], facts: ApprovedMonth, office: Office, epoch: Epoch) -> Iterator[Made]:
    """Have the workers of a Dask cluster make the documents, record them, and yield what became of each batch."""
    # Here, because Dask is wanted by few, and slow to load.
    from flows.on_workers import Batch, RunArchive, draw_and_store
    from tasks.cluster import open_cluster

    run = RunArchive.of(office.settings)
    parts = batches(wanted, facts.lines, office.settings.batch)
    work = [Batch(run, facts.programme, facts.version, facts.issue(partners)) for partners in parts]
    unreachable = None
    with open_cluster(office.settings.task_runner) as cluster:
        for batch, archived, ended in cluster.each(draw_and_store, work):
            partners = batch.issue.statements
            made = archived or Archived({}, dict.fromkeys(partners, ended))
            made.must_be_issued(batch.issue)
            record(office.database, epoch, facts.version, made, office.now())
            unreachable = made.unreachable or unreachable
            advance(len(partners), "partners")
            yield Made(len(partners), made.failed)
    if unreachable is not None:
        raise unreachable


def how_many_processes(asked: int | None, lines: Sequence[int]) -> int:
    """Return how many processes draw statements that have so many lines; 0 where starting one would take longer."""
    few = len(lines) < ENOUGH_STATEMENTS and sum(lines) < ENOUGH_LINES
    return min(len(lines), WORKERS, (0 if few else cores()) if asked is None else asked)


def batches(partners: Sequence[str], lines: Mapping[str, int], most: int) -> list[list[str]]:
    """Cut partners into batches of like work, the heaviest first, so that no batch is waited for at the end."""
    found: list[list[str]] = []
    room = 0
    for partner in sorted(partners, key=lambda partner: (-lines.get(partner, 0), partner)):
        room -= lines.get(partner, 0)
        if not found or room < 0 or len(found[-1]) == most:
            found.append([])
            room = LINES_PER_BATCH - lines.get(partner, 0)
        found[-1].append(partner)
    return found


@step(name="documents")
def make_documents(partners: Sequence[str], making: Making, office: Office, epoch: Epoch) -> Made:
    """Render, store and record one batch of statements.

    Raises StoreUnreachable after what was stored is recorded.
    """
    facts = making.facts
    rendered = render(issued_statements(making.bodies, facts.issue(partners)), making.renderers)
    archived = archive(office.store, facts.programme, facts.version, rendered.documents)
    made = Archived(archived.stored, {**rendered.failed, **archived.failed})
    record(office.database, epoch, facts.version, made, office.now())
    if archived.unreachable is not None:
        raise archived.unreachable
    return Made(len(partners), made.failed)
