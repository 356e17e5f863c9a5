"""A month's commissions worked out by hand, in what somebody would take instead of this product."""
