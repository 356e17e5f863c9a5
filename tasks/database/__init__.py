"""The database: its door, its schema and guards, and the lease of the one run that may write."""
