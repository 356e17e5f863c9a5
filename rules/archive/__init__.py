"""The archive: where each proof of a month lies, how it is sealed, and how that is judged."""
