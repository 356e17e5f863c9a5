"""Ports for the servers of the tests: free ones, which no connection that is made meanwhile takes."""

import random
import socket
from contextlib import ExitStack

BELOW_THOSE_OF_CONNECTIONS = range(15_000, 32_000)
"""Linux gives connections a port from 32 768 on: one of those may be gone before a server has started to listen."""


def free_ports(count: int) -> list[int]:
    """Return so many ports of this machine that nobody listens on, all different."""
    found: list[int] = []
    with ExitStack() as held:
        while len(found) < count:
            port, one = random.choice(BELOW_THOSE_OF_CONNECTIONS), held.enter_context(socket.socket())
            try:
                one.bind(("127.0.0.1", port))
            except OSError:  # it is taken, perhaps by us
                continue
            found.append(port)
    return found


def free_port() -> int:
    return free_ports(1)[0]
