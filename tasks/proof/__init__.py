"""Proof: whether what the database holds, its audit trail and the archive agree, before a month relies on it."""
