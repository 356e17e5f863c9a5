"""Beginning: what a file of billing that nobody has described yet most likely is."""
