"""The story: what is done with a month, from billing to sealed archive; one flow per file."""

import os

# Frames come and go by the hundred megabytes. Polars' allocator keeps what was freed for a while; told to give it back
# at once, a month of a million lines needs a third less memory. It is read when Polars is loaded, so it stands here.
os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:0,muzzy_decay_ms:0")
