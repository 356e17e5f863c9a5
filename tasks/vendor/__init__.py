"""The vendor's tables: each file of the vendor folder read, row by row, with every fault named."""
