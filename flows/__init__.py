"""The story: a month from billing to sealed archive, and the command line beside it."""
