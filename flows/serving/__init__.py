"""`make serve`: one machine, one vendor; a Prefect server, its worker and the server of files, kept running."""
