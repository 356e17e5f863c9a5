"""The command line, `settle`: one file per command group. It says; `flows` do."""
