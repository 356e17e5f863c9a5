"""Billing from a database: a vendor's own query, over a connection that can only read."""
