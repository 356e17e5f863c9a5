"""The arithmetic over millions of lines: from frozen inputs to a draft, in Polars, without I/O and without a clock."""
