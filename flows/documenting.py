"""From facts to documents: rendered, stored and recorded in batches; one bad partner never stops the others."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from flows.office import Office
from models.errors import WrongUse
from models.period import Version
from models.progress import advance, working
from tasks.archive import Archived, archive, record
from tasks.database.lease import Epoch
from tasks.documents.renderers import Renderers, cores
from tasks.facts.approved import Issue, issued_statements, missing_partners, the_approved_month
from tasks.render import render
from tasks.step import step
from tasks.storage import Store

log = logging.getLogger("settle")

LINES_PER_BATCH = 1_500  # a partner with more is a batch of its own
WORKERS = cores() + 1  # batches made at a time: while one is stored, another is drawn
ENOUGH_STATEMENTS, ENOUGH_LINES = 50, 10_000  # for a start of processes that draw them


class Batch(NamedTuple):
    """Statements whose documents are made together."""

    programme: str
    version: Version
    issue: Issue


class Making(NamedTuple):
    """What makes documents: a month's `statements.parquet`, where they are stored, and the processes that draw."""

    bodies: bytes
    store: Store
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
    parts = batches(wanted, facts.lines, office.settings.batch)
    work = [Batch(facts.programme, facts.version, facts.issue(partners)) for partners in parts]
    by_cluster = office.settings.task_runner
    every = made_on_cluster(work, office, epoch) if by_cluster else made_here(work, facts.lines, office, epoch)
    failed: dict[str, str] = {}
    done = 0
    with working("documents", len(wanted), "partners"):
        for made in every:
            failed |= made.failed
            done += made.tried
            log.info("documents of %d of %d partners", done, len(wanted))
    for partner, reason in sorted(failed.items()):
        log.error("partner %s failed: %s", partner, reason)
    return failed


def made_here(work: Sequence[Batch], lines: Mapping[str, int], office: Office, epoch: Epoch) -> Iterator[Made]:
    """Make the documents on this machine, several batches at a time, and yield what became of each."""
    of_partners = [lines.get(partner, 0) for batch in work for partner in batch.issue.statements]
    processes = how_many_processes(office.settings.renderers, of_partners)
    bodies = office.store.get(*work[0].issue.bodies)
    with Renderers(processes) as renderers:
        making = Making(bodies, office.store, renderers if processes else None)
        yield from make_documents.for_each(work, WORKERS, making=making, office=office, epoch=epoch)


def made_on_cluster(work: Sequence[Batch], office: Office, epoch: Epoch) -> Iterator[Made]:
    """Make the documents by the workers of a Dask cluster, record them, and yield what became of each batch."""
    # Here, because Dask is wanted by few, and slow to load.
    from flows.on_workers import RunArchive, by_a_worker
    from tasks.cluster import open_cluster

    call = partial(by_a_worker, RunArchive.of(office.settings))
    unreachable = None
    with open_cluster(office.settings.task_runner) as cluster:
        for batch, stored, ended in cluster.each(call, work):
            archived = stored or Archived({}, dict.fromkeys(batch.issue.statements, ended))
            archived.must_be_issued(batch.issue)
            unreachable = archived.unreachable or unreachable
            made = recorded(batch, archived, office, epoch)
            advance(made.tried, "partners")
            yield made
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
def make_documents(batch: Batch, making: Making, office: Office, epoch: Epoch) -> Made:
    """Render, store and record one batch of statements.

    Raises StoreUnreachable after what was stored is recorded.
    """
    archived = draw_and_store(batch, making)
    made = recorded(batch, archived, office, epoch)
    if archived.unreachable is not None:
        raise archived.unreachable
    return made


def draw_and_store(batch: Batch, making: Making) -> Archived:
    """Return what is stored of each partner of a batch, and who failed. Nothing is recorded.

    Raises StoredDifferently where the statements are not those that were approved.
    """
    rendered = render(issued_statements(making.bodies, batch.issue), making.renderers)
    archived = archive(making.store, batch.programme, batch.version, rendered.documents)
    return Archived(archived.stored, {**rendered.failed, **archived.failed}, archived.unreachable)


def recorded(batch: Batch, archived: Archived, office: Office, epoch: Epoch) -> Made:
    """Record what is stored of a batch, and who failed."""
    record(office.database, epoch, batch.version, archived, office.now())
    return Made(len(batch.issue.statements), archived.failed)
