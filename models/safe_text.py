"""Text that is safe to show: what a file holds cannot move a cursor, fake a line, fill a screen or be a formula."""

import re
from typing import Final

LONGEST_WORD: Final = 300
"""Characters without a space: our own paths and URLs are shorter, a cell of 10 000 characters is not."""

# Control characters (C0, DEL, C1), and those that turn the direction of the text or break the line.
_UNSAFE: Final = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
# What a spreadsheet works out when it opens a CSV file; a number with its sign is only a number.
_FORMULA: Final = re.compile(r"[=@]|[+-](?![\d., \u00a0]*$)")
_LONG: Final = re.compile(rf"\S{{{LONGEST_WORD + 1},}}")


def safe_line(line: str) -> str:
    r"""Return the line with each unsafe character written out, and each overlong word cut and counted.

    >>> safe_line("currency \x1b[2JRUB" + chr(13))
    'currency \\x1b[2JRUB\\r'
    """
    if len(line) <= LONGEST_WORD and line.isprintable():  # nothing unsafe is printable, and most lines are
        return line
    written_out = _UNSAFE.sub(lambda found: repr(found[0])[1:-1], line)
    return _LONG.sub(lambda found: f"{found[0][:60]}...({len(found[0])} characters)", written_out)


def safe_lines(text: str) -> str:
    """Return a text of several lines with each of them safe."""
    return "\n".join(safe_line(line) for line in text.split("\n"))


def safe_cell(text: str) -> str:
    r"""Return the text as a cell of a CSV file that people open: safe as a line, and never a formula.

    >>> safe_cell('=HYPERLINK("x")'), safe_cell("-70.00"), safe_cell("L1" + chr(13))
    ('\'=HYPERLINK("x")', '-70.00', 'L1\\r')
    """
    shown = safe_line(text)
    return f"'{shown}" if _FORMULA.match(shown) else shown
