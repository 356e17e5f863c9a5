"""Advice: which line of sources.yaml would read a value that is written in another way than ours. It never guesses:
where a text may mean two days, both are named."""

import re
from collections.abc import Iterable, Iterator

DAYS = ("issued_on", "paid_on", "posted_on")
NUMBERS = ("amount", "amount_minor", "vat_minor", "discount_minor", "vat_rate", "quantity")
EITHER = ", whichever the source means"
ZONE = "`timezone:` with the zone whose days the books keep, such as `timezone: Europe/Moscow`"
CLOCK = r"[ T,]+[0-9]{1,2}:[0-9]{2}(?P<seconds>:[0-9]{2})?"
DAY_FIRST_OR_MONTH = re.compile(
    rf"(?P<a>[0-9]{{1,2}})(?P<mark>[./-])(?P<b>[0-9]{{1,2}})[./-](?P<year>[0-9]{{4}}|[0-9]{{2}})(?P<clock>{CLOCK})?"
)
YEAR_FIRST = {r"[0-9]{4}/[0-9]{2}/[0-9]{2}": "YYYY/MM/DD", r"[0-9]{4}[.][0-9]{2}[.][0-9]{2}": "YYYY.MM.DD"}
COMMA = re.compile(r"[^,]*[0-9],[0-9]{1,2}[^0-9,]*")
SIGN = re.compile(r"[^0-9\s.,'’()+−-]+")


def advice(values: Iterable[tuple[str, str]]) -> list[str]:
    """Return what to write in sources.yaml so that values, each with its column of ours, are read; each thing once."""
    said = [list(_of(column, value.strip())) for column, value in values]
    # 11.02.2026 may be two days; beside 13.02.2026 it is one.
    certain = {words for each in said for words in each if EITHER not in words}
    return list(dict.fromkeys(words for each in said for words in each if not _is_told(words, certain)))


def in_sources_yaml(values: Iterable[tuple[str, str]]) -> str:
    """Return the advice as a sentence, with a space before it; blank where there is none."""
    forms = advice(values)
    return f" If that is how the source writes it, say so in sources.yaml: {'; '.join(forms)}." if forms else ""


def _is_told(words: str, certain: set[str]) -> bool:
    """Whether one of two ways is the one that others need anyway."""
    return EITHER in words and any(one in words for one in certain)


def _of(column: str, value: str) -> Iterator[str]:
    if column in DAYS:
        yield from _of_day(value)
    elif column in NUMBERS:
        yield from _of_number(value)


def _of_day(value: str) -> Iterator[str]:
    if found := DAY_FIRST_OR_MONTH.fullmatch(value):
        yield from _of_day_and_month(found)
    elif re.fullmatch(rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}{CLOCK}.*", value):
        yield ZONE
    elif re.fullmatch(r"(19|20)[0-9]{6}", value):
        yield "`dates: YYYYMMDD`"
    elif re.fullmatch(r"[3-7][0-9]{4}", value):
        yield "`dates: excel`"
    elif re.fullmatch(r"[0-9]{10}|[0-9]{13}", value):
        yield f"`dates: unix` and {ZONE}"
    else:
        for pattern, form in YEAR_FIRST.items():
            if re.fullmatch(pattern, value):
                yield f"`dates: {form}`"


def _of_day_and_month(found: re.Match[str]) -> Iterator[str]:
    first, second, mark = found["a"], found["b"], found["mark"]
    padded = len(first) == len(second) == len("01")
    day, month = ("DD", "MM") if padded else ("D", "M")
    year = "YYYY" if len(found["year"]) == len("2026") else "YY"
    clock = "" if not found["clock"] else " HH:mm:ss" if found["seconds"] else " HH:mm"
    forms = []
    if int(second) <= 12:
        forms.append(f"`dates: {day}{mark}{month}{mark}{year}{clock}`")
    if int(first) <= 12:
        forms.append(f"`dates: {month}{mark}{day}{mark}{year}{clock}`")
    if forms:
        choice = " or ".join(forms) + (EITHER if len(forms) > 1 else "")
        yield choice + (f", and {ZONE}" if clock else "")


def _of_number(value: str) -> Iterator[str]:
    if COMMA.fullmatch(value):
        yield '`decimal: ","`'
        rest = value.rpartition(",")[0]
        if mark := re.search("[ \u00a0\u2009\u202f.'’](?=[0-9]{3})", rest):
            yield f'`thousands: "{" " if mark[0].isspace() else mark[0]}"`'
    elif re.search(r"[0-9],[0-9]{3}(?![0-9])", value):
        yield '`thousands: ","`'
    elif mark := re.search("[ \u00a0\u2009\u202f'’](?=[0-9]{3})", value):
        yield f'`thousands: "{" " if mark[0].isspace() else mark[0]}"`'
    for pattern, form in ((r".*[0-9]-", "1-"), (r"\(.*\)", "(1)"), ("\u2212.*", "\u22121"), ("'-.*", "'-1")):
        if re.fullmatch(pattern, value):
            yield f'`negatives: ["{form}"]`'
    if (sign := SIGN.search(value)) and re.search(r"[0-9]", value) and len(sign[0]) <= len("руб"):
        yield f'`currency_signs: {{"{sign[0]}": ...}}` with its code, such as USD'
