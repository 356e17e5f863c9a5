"""Corrections: what a closed month got wrong, gave back or took, as facts of an open month."""
