"""The statement: one partner's month in words and figures, its body before approval and its bytes as a fact."""
