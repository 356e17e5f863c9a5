"""Closed months: what is taken back of them or comes late, and what they come to when they are worked out again."""
