"""Settings: every environment variable this system reads, in one place."""

import re
from pathlib import Path

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from models.errors import WrongUse
from rules.programme.blocks.approval import Approval


class Settings(BaseSettings):
    """What the environment says. Each field is the variable SETTLE_ followed by its name in capitals."""

    model_config = SettingsConfigDict(env_prefix="SETTLE_", frozen=True, extra="ignore")

    home: Path = Field(Path("var"), description="Where the database, the archive and the reports are kept by default.")
    vendor: Path | None = Field(None, description="The vendor folder; the default of --from, and what deployments use.")
    database_url: str = Field("", description="SQLAlchemy URL of the database. Default: SQLite in SETTLE_HOME.")
    archive_url: str = Field("", description="file:///folder or s3://bucket/prefix. Default: file:// in SETTLE_HOME.")
    approval: Approval = Field(
        Approval.OFF,
        description="on: a person consents to each draft before it is paid; signed: by a key of approvers.csv. It asks "
        "for more than the programme does, never for less.",
    )
    lease_seconds: int = Field(
        60, ge=3, description="How long a silent run keeps the programme before it is taken for dead."
    )
    look_back_months: int | None = Field(
        None,
        ge=0,
        le=24,
        description="Months before the period read again for late lines. Default: 0 with posted_on, else 2.",
    )
    shards: int = Field(
        4, ge=1, le=1024, description="Into how many parts a month is cut at least. More need less memory."
    )
    batch: int = Field(25, ge=1, le=1000, description="The most partners whose documents are made in one task run.")
    renderers: int | None = Field(
        None,
        ge=0,
        le=256,
        description="How many processes draw statements side by side; 0: the run itself does. Default: one a core.",
    )
    task_runner: str = Field(
        "",
        description="Who works out the draft's shards and makes the documents: dask:tcp://scheduler:8786 (or tls://) "
        "the workers of that Dask cluster, dask:local as many on this machine. Default: the run itself.",
    )
    largest_yaml_mb: int = Field(2, ge=1, description="The largest programme.yaml or sources.yaml that is read, in MB.")
    largest_table_mb: int = Field(
        256, ge=1, description="The largest other file of the vendor folder beside the billing, unpacked, in MB."
    )
    unpack_at_most: int = Field(
        200, ge=1, description="How many times its own size a packed file may come to, once that is over 100 MB."
    )
    source_variables: str = Field(
        "",
        description="Which environment variables a URL in sources.yaml may name, with commas: BILLING_PASSWORD,OTHER.",
    )
    clock: str = Field(
        "",
        description="Fixes a test's clock (2026-02-03T03:00:00Z): its database has it from the first run, or never.",
    )
    seal_key: Path | None = Field(
        None, description="The ssh-ed25519 key that signs seals: a private key, or the .pub of one an agent holds."
    )
    allowed_signers: Path | None = Field(
        None,
        description="Who may sign seals, as ssh-keygen reads it: runs, settle doctor and settle verify check by it.",
    )
    anchor_url: str = Field(
        "", description="A second store, as file:// or s3://, that keeps the digest of every SEAL. Default: none."
    )
    files_url: str = Field(
        "",
        description="Where a browser finds the reports and the archive's folder; make serve sets it.",
    )
    object_lock: str = Field(
        "",
        pattern=r"^((compliance|governance):[1-9][0-9]?)?$",
        description="Locks each object on S3 for years: compliance:7, governance:7. Default: as the bucket says.",
    )
    s3_endpoint: str = Field("", description="Endpoint of an S3-compatible store. Default: AWS.")
    s3_region: str = Field("us-east-1", description="Region the store's signatures name.")

    @field_validator("task_runner")
    @classmethod
    def _names_a_cluster(cls, runner: str) -> str:
        if runner and not re.fullmatch(r"dask:(local|(tcp|tls)://\S+)", runner):
            raise ValueError("write dask:tcp://scheduler:8786, dask:tls://scheduler:8786 or dask:local")
        return runner

    @property
    def database(self) -> str:
        """The database URL in force."""
        return self.database_url or f"sqlite:///{(self.home / 'settlement.db').absolute()}"

    @property
    def archive(self) -> str:
        """The archive URL in force."""
        return self.archive_url or (self.home / "archive").absolute().as_uri()


def read_settings() -> Settings:
    """Read the environment. Raises WrongUse naming each variable that cannot be used, and what it may be."""
    try:
        return Settings()
    except ValidationError as error:
        problems = [
            f"SETTLE_{'_'.join(str(part) for part in detail['loc']).upper()}={detail['input']!r}: "
            + detail["msg"].removeprefix("Value error, ")
            for detail in error.errors()
        ]
        raise WrongUse("these settings cannot be used:\n  " + "\n  ".join(problems)) from None
