"""What is told to whoever has values in another form: the very line to write, and both where there are two."""

import pytest

from rules.sources.advice import advice


@pytest.mark.parametrize(
    ("column", "value", "lines"),
    [
        ("paid_on", "31.01.2026", ["`dates: DD.MM.YYYY`"]),
        ("paid_on", "01/31/2026", ["`dates: MM/DD/YYYY`"]),
        ("paid_on", "03.04.2026", ["`dates: DD.MM.YYYY` or `dates: MM.DD.YYYY`, whichever the source means"]),
        ("paid_on", "12.13.2026", ["`dates: MM.DD.YYYY`"]),
        ("paid_on", "13.12.2026", ["`dates: DD.MM.YYYY`"]),
        ("paid_on", "12.12.2026", ["`dates: DD.MM.YYYY` or `dates: MM.DD.YYYY`, whichever the source means"]),
        ("paid_on", "13.13.2026", []),
        ("paid_on", "1/31/26", ["`dates: M/D/YY`"]),
        ("paid_on", "20260131", ["`dates: YYYYMMDD`"]),
        ("paid_on", "2026/01/31", ["`dates: YYYY/MM/DD`"]),
        ("paid_on", "46053", ["`dates: excel`"]),
        ("paid_on", "31.31.2026", []),
        ("paid_on", "soon", []),
        ("amount", "1234,50", ['`decimal: ","`']),
        ("amount", "1\u00a0234,50", ['`decimal: ","`', '`thousands: " "`']),
        ("amount", "1.234,50", ['`decimal: ","`', '`thousands: "."`']),
        ("amount", "1,234.50", ['`thousands: ","`']),
        ("amount", "1,234", ['`thousands: ","`']),
        ("amount", "900.00-", ['`negatives: ["1-"]`']),
        ("amount", "(500.00)", ['`negatives: ["(1)"]`']),
        ("amount", "\u221280.00", ['`negatives: ["\u22121"]`']),
        ("amount", "'-70.00", ['`negatives: ["\'-1"]`']),
        ("amount", "$80.00", ['`currency_signs: {"$": ...}` with its code, such as USD']),
        ("amount", "n/a", []),
        ("client_id", "31.01.2026", []),
    ],
)
def test_the_line_to_write_is_named(column: str, value: str, lines: list[str]) -> None:
    assert advice([(column, value), (column, value)]) == lines


def test_a_day_that_can_be_read_in_one_way_tells_of_those_beside_it() -> None:
    assert advice([("paid_on", "11.02.2026"), ("paid_on", "13.02.2026")]) == ["`dates: DD.MM.YYYY`"]
    assert advice([("paid_on", "11.02.2026"), ("paid_on", "02/13/2026")]) == [
        "`dates: DD.MM.YYYY` or `dates: MM.DD.YYYY`, whichever the source means",
        "`dates: MM/DD/YYYY`",
    ]


def test_a_moment_needs_the_zone_of_the_books() -> None:
    (line,) = advice([("paid_on", "2026-01-31T23:30:00Z")])
    assert "`timezone: Europe/Moscow`" in line
    (line,) = advice([("paid_on", "31.01.2026 23:30")])
    assert line.startswith("`dates: DD.MM.YYYY HH:mm`, and `timezone:`")
