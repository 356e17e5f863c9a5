"""Migrations: how the schema came to be, step by step, and the guards each step keeps."""
