"""What was wrong, late or given back: what it comes to, and the rows that put it right."""
