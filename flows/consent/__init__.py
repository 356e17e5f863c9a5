"""Consent: what a draft needs before it is approved, and a person's yes, no or hold."""
