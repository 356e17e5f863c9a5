"""The nouns: what exists in a settlement. Frozen values, and the rows that store them."""
