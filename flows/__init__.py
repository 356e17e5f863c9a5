"""The story: what is done with a month, from billing to sealed archive; one flow per file."""

import os

# Frames come and go by the hundred megabytes, and the allocators of Polars and of Arrow keep what was freed for a
# while. Told to give it back at once, a month of a million lines needs a third less memory. Both read this when they
# are loaded, so it stands here.
os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:0,muzzy_decay_ms:0")
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
