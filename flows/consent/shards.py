"""Who works out the shards of a draft: this process, or the workers of a cluster."""

from collections.abc import Iterator
from contextlib import contextmanager

from engine.each import Each, one_by_one


@contextmanager
def shards_by(runner: str) -> Iterator[Each]:
    """Open whoever works out the shards of a month, as SETTLE_TASK_RUNNER names them, until the block ends.

    Raises ClusterUnreachable where they do not answer, WrongUse where they have other code.
    """
    if not runner:
        yield one_by_one
        return
    # Here, because Dask is wanted by few, and slow to load.
    from tasks.cluster import open_cluster

    with open_cluster(runner) as cluster:
        yield cluster.in_order
