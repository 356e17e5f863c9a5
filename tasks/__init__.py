"""The hands: everything with a connection. One file per step of the month, each a thin task."""
