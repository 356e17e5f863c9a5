"""Sums: what plans ask for, of this month and of those before."""
