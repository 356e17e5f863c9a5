"""Earning: what a partner's month comes to, rule by rule, from sums."""
