"""The story: what is done with a month, from billing to sealed archive; one flow per file."""
