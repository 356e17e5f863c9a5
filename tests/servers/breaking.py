"""A proxy before an S3 server that breaks a share of the calls, each drawn from a seed, in the ways that networks do."""

import random
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

ERROR = b"<?xml version='1.0'?><Error><Code>%s</Code><Message>broken on purpose</Message></Error>"
FAULTS = ("500", "503 SlowDown", "reset", "stall", "truncated answer", "answer lost after commit")
STALL_SECONDS = 4.0


class Breaking(ThreadingHTTPServer):
    """The proxy: it counts calls, and each kind of fault."""

    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, endpoint: str, share: float, seed: int, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.upstream = urlsplit(endpoint).netloc
        self.share = share
        self.counts: Counter[str] = Counter()
        self._draw = random.Random(seed)
        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def next_fault(self) -> str:
        """What becomes of the next call; blank: nothing."""
        with self._lock:
            fault = self._draw.choice(FAULTS) if self._draw.random() < self.share else ""
            self.counts["calls"] += 1
            self.counts[fault or "whole"] += 1
        return fault

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Refuse new connections, and end those that are kept open for further calls."""
        super().server_close()
        for each in tuple(self._connections):
            with suppress(OSError):  # it was closed meanwhile
                each.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that hangs up is what is tried here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Breaking

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fault = self.server.next_fault()
        if fault == "reset":
            self._hang_up(reset=True)
        elif fault == "500":
            self._answer(500, {}, ERROR % b"InternalError")
        elif fault == "503 SlowDown":
            self._answer(503, {}, ERROR % b"SlowDown")
        elif fault == "stall":
            time.sleep(STALL_SECONDS)  # longer than the client of a test waits
            self._hang_up()
        else:
            self._from_server(body, fault)

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = _pass_on  # noqa: N815 (the names are those of the base class)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (as the base class)
        """Say nothing."""

    def _from_server(self, body: bytes, fault: str) -> None:
        connection = HTTPConnection(self.server.upstream, timeout=60)
        try:
            # The host that was asked for is signed: it stays as it is.
            connection.request(self.command, self.path, body, dict(self.headers))
            answer = connection.getresponse()
            data = answer.read()
        except (OSError, HTTPException):
            self._hang_up()
            return
        finally:
            connection.close()
        if fault == "answer lost after commit":
            self._hang_up()
            return
        kept = {name: value for name, value in answer.getheaders() if name.lower() not in _OF_THE_LINE}
        if self.command == "HEAD":
            kept["Content-Length"] = answer.getheader("Content-Length") or "0"
            data = b""
        self._answer(answer.status, kept, data, cut=fault == "truncated answer")

    def _answer(self, status: int, headers: dict[str, str], data: bytes, *, cut: bool = False) -> None:
        self.send_response_only(status)
        for name, value in ({"Content-Length": str(len(data))} | headers).items():
            self.send_header(name, value)
        if cut and not data:
            self._hang_up()  # in the middle of the headers
            return
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data[: len(data) // 2] if cut else data)
        if cut:
            self._hang_up()

    def _hang_up(self, *, reset: bool = False) -> None:
        self.close_connection = True
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


_OF_THE_LINE = {"transfer-encoding", "connection", "content-length", "keep-alive"}


@contextmanager
def breaking(endpoint: str, share: float, seed: int = 0, port: int = 0) -> Iterator[Breaking]:
    """Serve the proxy until the block ends; from then on its port refuses every connection."""
    proxy = Breaking(endpoint, share, seed, port)
    thread = threading.Thread(target=proxy.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.shutdown()
        proxy.server_close()
