"""Terms: which plan each partner is on, on which days, at which level, above and below whom."""
