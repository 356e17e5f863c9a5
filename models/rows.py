"""The rows that store facts. Every table is insert-only, guarded by triggers, but `lease`.

Amounts are integer minor units (`..._minor`); positive is owed to the partner. Digests are
SHA-256 in hexadecimal. A period is text, `2026-10`; a time is UTC text, ISO 8601 with a `Z`.
What can be restated has the version of its month in its key; a client is attributed once, whatever the version.
"""

from sqlalchemy import BigInteger, Text, UniqueConstraint
from sqlmodel import Field, SQLModel


class ProgrammeRow(SQLModel, table=True):
    """A programme file, whole, under its digest."""

    __tablename__ = "programme"

    digest: str = Field(primary_key=True)
    name: str
    text: str = Field(sa_type=Text)


class ClaimRow(SQLModel, table=True):
    """A partner's claim to a client, and what was decided of it. Later claims are kept as rejected."""

    __tablename__ = "claim"

    claim_id: str = Field(primary_key=True)
    client_id: str = Field(index=True)
    partner_id: str
    claimed_on: str  # date, ISO 8601
    channel: str
    evidence: str
    outcome: str  # accepted | rejected
    reason: str  # blank when accepted
    period: str  # the month whose approval decided it


class AttributionRow(SQLModel, table=True):
    """The permanent bond of a client to a partner."""

    __tablename__ = "attribution"

    client_id: str = Field(primary_key=True)
    partner_id: str = Field(index=True)
    claim_id: str
    claimed_on: str  # date, ISO 8601
    period: str  # born at this month's approval


class DraftRow(SQLModel, table=True):
    """A draft somebody may consent to: its digest, and the canonical JSON the digest is of."""

    __tablename__ = "draft"

    digest: str = Field(primary_key=True)
    period: str = Field(index=True)
    document: str = Field(sa_type=Text)
    made_at: str


class ConsentRow(SQLModel, table=True):
    """A person's yes or no to one draft, by digest. Another draft needs another yes.

    The approval of a draft rests on every consent to it: it cites the draft, as they do.
    """

    __tablename__ = "consent"

    draft_digest: str = Field(primary_key=True)
    role: str = Field(primary_key=True)  # approved | prepared | rejected
    given_by: str = Field(primary_key=True)
    period: str
    given_at: str


class SignatureRow(SQLModel, table=True):
    """A person's signature of their yes to one draft, as `ssh-keygen` made it."""

    __tablename__ = "signature"

    draft_digest: str = Field(primary_key=True)
    given_by: str = Field(primary_key=True)
    period: str
    signed_at: str
    signature: str = Field(sa_type=Text)  # armoured; the key is in it


class HoldRow(SQLModel, table=True):
    """A person's word that a partner's payout is withheld from a month on, or released. A partner's last one stands."""

    __tablename__ = "hold"

    partner_id: str = Field(primary_key=True)
    number: int = Field(primary_key=True)  # 1, 2, 3 ... of the partner
    word: str  # held | released
    reason: str  # blank where it is released
    given_by: str
    period: str  # the month whose draft it changed first
    given_at: str


class ApprovalRow(SQLModel, table=True):
    """The moment a draft became facts."""

    __tablename__ = "approval"

    period: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    draft_digest: str
    programme_digest: str
    approved_by: str  # whose consent it was, joined by `, `; or system
    approved_at: str
    control: str = Field(sa_type=Text)  # canonical JSON: lines received, by outcome and reason


class StatementRow(SQLModel, table=True):
    """What one partner is shown for one period: its totals, and the digest of its canonical JSON."""

    __tablename__ = "statement"
    __table_args__ = (UniqueConstraint("number"),)

    period: str = Field(primary_key=True)
    partner_id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    number: str  # gapless within a year: 2026-000001
    currency: str
    opening_minor: int = Field(sa_type=BigInteger)
    commission_minor: int = Field(sa_type=BigInteger)
    to_pay_minor: int = Field(sa_type=BigInteger)
    carried_minor: int = Field(sa_type=BigInteger)
    digest: str
    segments: str  # the partner's labels, joined by `;`
    held_minor: int = Field(sa_type=BigInteger)  # withheld of this payout, less what is released of earlier ones

    @property
    def corrections_minor(self) -> int:
        """What was posted for earlier periods: below 0 where it was taken back."""
        after = self.to_pay_minor + self.held_minor + self.carried_minor
        return after - self.opening_minor - self.commission_minor


class AccrualRow(SQLModel, table=True):
    """Commission earned by one partner under one rule in one period. Clients are in the archive's Parquet."""

    __tablename__ = "accrual"

    period: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    partner_id: str = Field(primary_key=True)
    rule: str = Field(primary_key=True)
    currency: str
    lines: int
    base_minor: int = Field(sa_type=BigInteger)
    rate: str  # percent text, blank when graduated
    commission_minor: int = Field(sa_type=BigInteger)
    paid_to: str  # partner | person | fund | credit | kept | nobody: only `partner` is commission


class CorrectionRow(SQLModel, table=True):
    """What one rule of one partner was corrected by in one period, for earlier periods."""

    __tablename__ = "correction"

    period: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    partner_id: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)  # clawback | limit
    rule: str = Field(primary_key=True)
    paid_to: str = Field(primary_key=True)  # as in accrual
    currency: str
    commission_minor: int = Field(sa_type=BigInteger)  # below 0 where it is taken back


class PostingRow(SQLModel, table=True):
    """One leg of a double entry. The legs of an entry sum to zero per currency; credit is negative."""

    __tablename__ = "posting"

    period: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    entry: int = Field(primary_key=True)  # 1, 2, 3 ... within the version
    leg: int = Field(primary_key=True)  # 1, 2 within the entry
    partner_id: str = Field(index=True)
    account: str  # expenses:commission:RULE | liabilities:accrued | liabilities:payable | liabilities:held
    amount_minor: int = Field(sa_type=BigInteger)  # debit positive, credit negative
    currency: str
    statement: str  # partner/period/version


class StoredRow(SQLModel, table=True):
    """One object of the archive, recorded after it was stored."""

    __tablename__ = "stored"
    __table_args__ = (UniqueConstraint("key"),)

    period: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    key: str = Field(primary_key=True)
    partner_id: str  # blank for the month's own files
    sha256: str
    size: int = Field(sa_type=BigInteger)


class SealRow(SQLModel, table=True):
    """The end of a period: the digest of its SEAL. The next month may be approved."""

    __tablename__ = "seal"

    period: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    digest: str
    files: int
    sealed_at: str


class AuditRow(SQLModel, table=True):
    """One fact in the past tense, chained to the one before by digest."""

    __tablename__ = "audit"

    seq: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    at: str
    event: str  # month.approved, client.attributed, statement.issued, ...
    period: str
    subject: str  # who or what it is about
    amount_minor: int | None = Field(default=None, sa_type=BigInteger)
    currency: str
    about: str  # the digest of what it speaks of
    previous: str  # digest of the entry before; 64 zeros for the first
    digest: str


class LeaseRow(SQLModel, table=True):
    """Who may write for the programme now. The one table that is updated."""

    __tablename__ = "lease"

    programme: str = Field(primary_key=True)
    epoch: int = Field(sa_type=BigInteger)
    holder: str  # host, process id and start, as a person reads them
    host: str
    pid: int
    expires_at: int = Field(sa_type=BigInteger)  # seconds since 1970 on the database's clock; 0 when free
