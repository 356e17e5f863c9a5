"""Look-alikes: ids that a person reads as the same, and a computer as two."""

import polars as pl

SEEN_AS = {
    # Cyrillic letters, and Greek ones, that look like Latin letters, small or capital.
    **dict(zip("авекмнорстухіјѕ", "abekmhopctyxijs", strict=True)),
    **dict(zip("αβεηικμνορτυχζ", "abehikmnoptyxz", strict=True)),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
}

UNSEEN = "[{}]".format(
    "".join(
        f"{chr(first)}-{chr(last)}"
        for first, last in (
            (0x00, 0x1F), (0x7F, 0xA0), (0xAD, 0xAD), (0x34F, 0x34F), (0x600, 0x605), (0x61C, 0x61C), (0x6DD, 0x6DD),
            (0x70F, 0x70F), (0x890, 0x891), (0x8E2, 0x8E2), (0x115F, 0x1160), (0x1680, 0x1680), (0x17B4, 0x17B5),
            (0x180B, 0x180F), (0x2000, 0x200F), (0x2028, 0x202F), (0x205F, 0x206F), (0x3000, 0x3000), (0x3164, 0x3164),
            (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB), (0xE0000, 0xE01EF),
        )
    )
)  # fmt: skip
"""Characters that nobody sees, and spaces that look like the plain one."""

SHORTENED = r"^[+-]?[0-9]+(?:[.,][0-9]+)?[eE]\+[0-9]+$"
"""A long number as a spreadsheet shows it, 1.23457E+11: the digits it stands for are gone."""

LONGEST_ID = 200
"""Characters of an id, at most."""


def seen_as(column: str) -> pl.Expr:
    """What an id looks like: without accents, capitals, other alphabets' look-alike letters and leading zeros.

    `Ç-17`, `c-17` and Cyrillic `с-17` are seen as `c-17`; `00123` is seen as `123`, as a spreadsheet writes it.
    """
    plain = pl.col(column).str.normalize("NFKD").str.replace_all(r"\p{M}", "").str.to_lowercase()
    letters = plain.str.replace_many(list(SEEN_AS), list(SEEN_AS.values()))
    return letters.str.replace_all(UNSEEN, "").str.replace(r"^0+([0-9]+)$", "${1}").alias("seen_as")


def spelled(text: str) -> str:
    """Return an id as people tell it from one that looks like it: with the codes of what is not plain Latin.

    >>> spelled("C-17"), spelled("\u0421-17")
    ("'C-17'", "'\u0421-17' (\\\\u0421-17)")
    """
    return repr(text) if text.isascii() else f"{text!r} ({ascii(text)[1:-1]})"


def alike(ids: pl.Series) -> pl.DataFrame:
    """Return which of the ids look like an earlier one: `client_id`, and `meant`, the first that looks so."""
    first = pl.DataFrame({"client_id": ids}).unique(maintain_order=True).with_columns(seen_as("client_id"))
    found = first.with_columns(meant=pl.col("client_id").first().over("seen_as"))
    return found.filter(pl.col("client_id") != pl.col("meant")).select("client_id", "meant")


def lookalikes(unknown: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Return which unknown ids look like a known one.

    Both have `client_id`; the result has it, and `meant`, the known id it looks like (the first, where there are two).
    """
    meant = (
        known.select(meant="client_id")
        .with_columns(seen_as("meant"))
        .sort("meant")
        .unique("seen_as", keep="first", maintain_order=True)
    )
    found = unknown.select("client_id").unique().with_columns(seen_as("client_id")).join(meant, on="seen_as")
    return found.filter(pl.col("client_id") != pl.col("meant")).select("client_id", "meant").sort("client_id")
