"""Billing lines and events: what is found of each, and what becomes of it."""
