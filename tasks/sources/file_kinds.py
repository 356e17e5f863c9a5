"""What a file is by its first bytes, and what to do where it is no table of text."""

MAGIC = {
    b"PK\x03\x04": "This is an Excel workbook (.xlsx), or a zip archive, under another name: save its sheet as CSV "
    "UTF-8, or give the file the end that it is, .xlsx or .csv.zip.",
    b"\xd0\xcf\x11\xe0": "This is an old Excel workbook (.xls): save its sheet as CSV UTF-8.",
    b"\x1f\x8b": "This is packed by gzip: name it .csv.gz.",
    b"PAR1": "This is a Parquet file: name it .parquet.",
    b"%PDF": "This is a PDF, made for people to read: export the table as CSV.",
    b"SQLite format 3": "This is a SQLite database: name it under `sql:` in sources.yaml, with a query.",
}
LONGEST_MAGIC = max(map(len, MAGIC))


def no_text(head: bytes) -> str | None:
    """Return what a file is that begins so, and what to do; None where it may be text."""
    return next((words for magic, words in MAGIC.items() if head.startswith(magic)), None)
