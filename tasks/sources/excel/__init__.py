"""Excel workbooks: a sheet as text, and billing lines from one."""
