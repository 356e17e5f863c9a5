"""The story: what is done with a month, from billing to sealed archive; one flow per file."""

from tasks.memory import give_back_memory

# Here, because Polars and Arrow are loaded by what is imported next.
give_back_memory()
