"""The promises: what the contracts say. Pure functions over nouns; no I/O, no clock, no float."""
