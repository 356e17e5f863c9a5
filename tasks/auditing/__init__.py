"""Auditing: whether what an archive says is right: its figures among each other, and worked out again."""
