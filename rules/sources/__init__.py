"""How a source writes its billing, as sources.yaml declares it: numbers, days, and values that mean ours."""
