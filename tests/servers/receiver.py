"""Receivers of notifications on this machine: a webhook, and a mail server that keeps what it is sent."""

import json
import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple


class Receiver(NamedTuple):
    """Where it listens, and what it was sent."""

    port: int
    received: list[Any]


@contextmanager
def webhook() -> Iterator[Receiver]:
    """Receive JSON posted to any path."""
    received: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None: ...  # noqa: A002

    with _serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as port:
        yield Receiver(port, received)


@contextmanager
def mail_server() -> Iterator[Receiver]:
    """Receive e-mail by SMTP, each as its text."""
    received: list[Any] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 test\r\n")
            while command := self.rfile.readline():
                word = command[:4].upper()
                if word == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    lines = list(iter(self.rfile.readline, b".\r\n"))
                    received.append(b"".join(lines).decode())
                self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 yes\r\n")
                if word == b"QUIT":
                    return

    with _serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)) as port:
        yield Receiver(port, received)


@contextmanager
def _serving(server: socketserver.TCPServer) -> Iterator[int]:
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield int(server.socket.getsockname()[1])
    finally:
        server.shutdown()
        server.server_close()
