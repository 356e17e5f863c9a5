"""Files for a browser: the archive's folder and the reports of one home, read only, on this machine alone.

A browser does not open `file://` links of a page it got from a server. `make serve` starts this beside Prefect's
server, and the artifacts of a run link to it. Prefect's own page asks nobody for a password; here the address itself is
the secret: it begins with a token that only those links have.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from hmac import compare_digest
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from secrets import token_urlsafe
from threading import Thread
from typing import Any
from urllib.parse import unquote, urlsplit

from tasks.settings import Settings
from tasks.storage.directory import DirectoryStore
from tasks.storage.open import open_store

HOST = "127.0.0.1"
ARCHIVE, REPORTS = "archive", "reports"
# A statement shows names that others wrote: whatever they wrote, it loads nothing and runs nothing.
LOADS_NOTHING = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:"


class FileHandler(SimpleHTTPRequestHandler):
    """Answers GET and HEAD of `/{token}/{archive or reports}/...`; everything else does not exist."""

    def __init__(self, *args: Any, token: str, folders: dict[str, Path], **kwargs: Any) -> None:
        self._token, self._folders = token, folders
        super().__init__(*args, **kwargs)

    def send_head(self) -> Any:
        """Answer with the file or the folder's list, or say that there is none."""
        _, token, name, rest = [*urlsplit(self.path).path.split("/", 3), "", "", ""][:4]
        folder = self._folders.get(name)
        if folder is None or not compare_digest(token.encode(), self._token.encode()):
            self.send_error(404)
            return None
        if any(part.startswith(".") for part in unquote(rest).split("/")):  # what is being written, or a way out
            self.send_error(404)
            return None
        self.directory, self.path = str(folder), f"/{rest}"
        return super().send_head()

    def end_headers(self) -> None:
        """Add what a browser is to do with what it gets."""
        if not self.path.endswith(".pdf"):  # a browser's own viewer of PDFs is stopped by it
            self.send_header("Content-Security-Policy", LOADS_NOTHING)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, its name in the library
        """Say nothing: the address is a secret."""


def folders_of(settings: Settings) -> dict[str, Path]:
    """The folders that are shown, by name: the archive only where it is a folder."""
    folders = {REPORTS: settings.home.absolute() / "reports"}
    store = open_store(settings.archive, settings)
    if isinstance(store, DirectoryStore):
        folders[ARCHIVE] = store.folder
    return folders


@contextmanager
def serving_files(settings: Settings, preferred_port: int) -> Iterator[str]:
    """Serve the files while the block runs, and return the address that SETTLE_FILES_URL is to be.

    Where another program has the port, any free one is taken.
    """
    token = _token(settings.home.absolute() / "prefect" / "files.token")
    handler = partial(FileHandler, token=token, folders=folders_of(settings))
    try:
        server = ThreadingHTTPServer((HOST, preferred_port), handler)
    except (OSError, OverflowError):  # taken, or past the last port
        server = ThreadingHTTPServer((HOST, 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://{HOST}:{server.server_address[1]}/{token}"
    finally:
        server.shutdown()
        server.server_close()


def _token(path: Path) -> str:
    """The token of this home: made once, so that the links of earlier runs still open."""
    with suppress(FileExistsError):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(token_urlsafe(32))
    return path.read_text()
