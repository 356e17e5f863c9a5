"""Facts: the database, its guards and its lease, the audit trail, and facts read back."""
