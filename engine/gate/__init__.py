"""Gate: why a month is stopped, or a person warned, for what its lines look like."""
