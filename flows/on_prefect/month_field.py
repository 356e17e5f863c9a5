"""The month as a field of a form: a wrong one is refused there, in words."""

from typing import Annotated

from pydantic import WithJsonSchema

from models.period import PATTERN

# Prefect's server says of a wrong value that it "does not match" the pattern, and shows the pattern. A comment in it is
# the one place for our words.
AMONTH = f"(?#Write a month, as 2026-10){PATTERN}"

Month = Annotated[str, WithJsonSchema({"type": "string", "pattern": AMONTH})]
MonthOrBlank = Annotated[
    str, WithJsonSchema({"type": "string", "pattern": f"(?#Write a month, as 2026-10)^$|{PATTERN}"})
]
