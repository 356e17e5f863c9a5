"""The commands: one file per command, or per group of them. Each says what a flow returned."""
