"""A `settle` that begins at once: each command is a fork of one process that has imported what commands import.

Half of what a command of a small month takes is the import of its libraries. Whoever runs dozens of them in a shell
puts the folder of `warm_settle` first in PATH. `settle` itself, as it is installed, is started by other tests.
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.servers.prefect import ROOT, clean_environment
from tests.waiting import LONG, Beside, wait_for

IMPORTED = ("cli.main", "flows.settle_period", "expectations.billing_lines", "tasks.render", "tasks.storage.s3")

# Hands over where it stands, what it was called with, and its standard streams; ends as the command does.
SETTLE = """\
#!{python} -SEI
import json, os, socket, sys
server = socket.socket(socket.AF_UNIX)
server.connect({address!r})
socket.send_fds(server, [b"streams"], [0, 1, 2])
server.sendall(json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode())
server.shutdown(socket.SHUT_WR)
sys.exit(int(server.recv(16) or 70))
"""


@contextmanager
def warm_settle() -> Iterator[Path]:
    """Yield a folder in which there is a program `settle`, until the block ends."""
    with TemporaryDirectory(prefix="settle-") as name:
        folder = Path(name)
        address, program, log = str(folder / "server"), folder / "bin/settle", folder / "log"
        program.parent.mkdir()
        program.write_text(SETTLE.format(python=sys.executable, address=address))
        program.chmod(0o755)
        with log.open("wb") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.servers.warm", address],
                cwd=ROOT, env=clean_environment(), stdin=subprocess.PIPE, stdout=said, stderr=said,
            )  # fmt: skip
        assert process.stdin is not None
        try:
            wait_for(Path(address).is_socket, "what commands import", Beside(process, log))
            yield program.parent
        finally:
            process.stdin.close()
            process.wait(timeout=LONG)


def serve(address: str) -> None:
    """Run each command that is asked for in a fork, until standard input is closed: as it is where the tests died."""
    for module in IMPORTED:
        import_module(module)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the forks: their callers do
    server = socket.socket(socket.AF_UNIX)
    server.bind(address)
    server.listen()
    while sys.stdin not in select.select([sys.stdin, server], [], [])[0]:
        caller, _ = server.accept()
        if os.fork() == 0:
            server.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os._exit(_settle(caller))
        caller.close()


def _settle(caller: socket.socket) -> int:
    """Run the command of a caller, and tell it the exit code."""
    _, streams, _, _ = socket.recv_fds(caller, len(b"streams"), 3)
    with caller.makefile("rb") as asked:
        arguments, folder, environment = json.load(asked)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115  # for the fork's life
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = ["settle", *arguments]
    from cli.main import main

    code = 70
    try:
        main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 0
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    caller.sendall(str(code).encode())
    return code


if __name__ == "__main__":
    serve(sys.argv[1])
