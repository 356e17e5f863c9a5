"""What a worker of a cluster does: it draws and stores statements, and knows neither the database nor Prefect."""

from functools import cache, lru_cache
from typing import NamedTuple

from flows.documenting import Batch, Making, draw_and_store
from models.errors import NotStored, WrongUse
from rules.archive.layout import Input
from tasks.archive import Archived
from tasks.cluster import must_have_the_code_of_the_run
from tasks.code_version import code_version
from tasks.documents.renderers import Renderers, cores
from tasks.settings import Settings, read_settings
from tasks.storage import Store
from tasks.storage.open import open_store


class RunArchive(NamedTuple):
    """Where a run's archive is, and the code it runs. Credentials are a worker's own, as AWS knows them."""

    code: str
    archive: str
    s3_endpoint: str
    s3_region: str
    object_lock: str

    @classmethod
    def of(cls, settings: Settings) -> "RunArchive":
        """That of the run which has these settings."""
        return cls(code_version(), settings.archive, settings.s3_endpoint, settings.s3_region, settings.object_lock)

    def settings(self) -> Settings:
        """A worker's settings, with the run's archive."""
        where = {"s3_endpoint": self.s3_endpoint, "s3_region": self.s3_region, "object_lock": self.object_lock}
        return read_settings().model_copy(update={**where, "archive_url": self.archive})


def by_a_worker(run: RunArchive, batch: Batch) -> Archived:
    """Return what is stored of each partner of a batch, and who failed. Nothing is recorded here.

    Raises WrongUse where this worker has other code than the run, or not its archive; ChangedInStore, StoredDifferently
    where the statements are not those that were approved.
    """
    must_have_the_code_of_the_run(run.code)
    try:
        bodies = bodies_in(run, batch.issue.bodies)
    except NotStored as error:
        raise WrongUse(
            f"a worker of the cluster does not see the run's archive: {error} Mount the folder there under the same "
            "path, or keep the archive on S3."
        ) from error
    return draw_and_store(batch, Making(bodies, archive_of(run), renderers()))


@cache
def archive_of(run: RunArchive) -> Store:
    """The run's archive, opened once in a worker."""
    return open_store(run.archive, run.settings())


@lru_cache(maxsize=1)
def bodies_in(run: RunArchive, bodies: Input) -> bytes:
    """A month's `statements.parquet`, read once in a worker."""
    return archive_of(run).get(*bodies)


@cache
def renderers() -> Renderers:
    """The processes of a worker that draw, one a core: they end with it."""
    asked = read_settings().renderers
    return Renderers(cores() if asked is None else max(1, asked))
