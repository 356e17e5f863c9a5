"""Employee bonus: a share for people in named roles of the partner's organisation."""

from fractions import Fraction
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import BeforeValidator, Field, WithJsonSchema

from models.phrase import Phrase, name
from rules.plan import Cut, Earned, OnLines, Sums, To, Working
from rules.programme.written import percent_text, read_percent


class RoleRate(NamedTuple):
    """What the people in one role earn together."""

    role: str
    rate: Fraction


def read_roles(written: object) -> tuple[RoleRate, ...]:
    """Read `{seller: 2%, engineer: 1%}`; together they earn at most what the client paid."""
    if not isinstance(written, dict) or not written:
        raise ValueError("write roles as role: rate, for example {seller: 2%, engineer: 1%}")
    roles = tuple(RoleRate(str(role), read_percent(rate)) for role, rate in written.items())
    for role, _ in roles:
        if not role or role != role.strip():
            raise ValueError(f"{role!r} is no role: write it as the list of people does, for example seller")
    if (total := sum((each.rate for each in roles), Fraction(0))) > 1:
        raise ValueError(f"the roles earn {percent_text(total)}% together: write at most 100% in all")
    return roles


Roles = Annotated[
    tuple[RoleRate, ...],
    BeforeValidator(read_roles),
    WithJsonSchema({"type": "object", "description": "role: rate", "examples": [{"seller": "2%", "engineer": "1%"}]}),
]


class EmployeeBonus(OnLines):
    """Earns each role's rate on the base, shared equally by the people in that role.

    On 100 000.00, at 2 % for sellers and 1 % for engineers, two sellers get 1 000.00 each and the one
    engineer 1 000.00. A role that nobody has earns nothing.
    """

    examples: ClassVar[tuple[str, ...]] = (
        "{plan: employee_bonus, categories: all, roles: {seller: 2%, engineer: 1%}, paid: through_partner}",
        "{plan: employee_bonus, categories: [software], roles: {seller: 2%}, paid: to_person}",
    )

    plan: Literal["employee_bonus"]
    roles: Roles = Field(
        description="role: rate, as employees.csv calls the role. The people in it share what it earns equally"
    )
    paid: Literal["through_partner", "to_person"] = Field(
        description="`through_partner`: part of the partner’s payout. `to_person`: kept apart for the "
        "person, never in a payout",
    )

    @property
    def to(self) -> To:
        return To.PARTNER if self.paid == "through_partner" else To.PERSON

    def cut(self) -> Cut:
        return Cut(lines=self.lines, takes=False, roles=tuple(each.role for each in self.roles))

    def earn(self, sums: Sums) -> Earned:
        working, shares, rates = [], dict[str, Fraction](), dict[str, Fraction]()
        for role, rate in self.roles:
            people = sorted({person.person_id for person in sums.people if person.role == role})
            if not people:
                working.append(
                    Working(sums.base_minor, Fraction(0), phrase=Phrase.of("nobody is named {role}", role=role))
                )
                continue
            step = Working(sums.base_minor, rate, phrase=name(role))
            working.append(step)
            for person_id in people:
                shares[person_id] = shares.get(person_id, Fraction(0)) + step.exact / len(people)
                rates[person_id] = rates.get(person_id, Fraction(0)) + rate / len(people)
        return Earned(tuple(working), shares, "person", of_nothing=rates)

    def highest_rate(self) -> Fraction:
        return sum((each.rate for each in self.roles), Fraction(0))

    def words(self, currency: str) -> str:
        roles = ", ".join(f"{percent_text(each.rate)} % for {each.role}" for each in self.roles)
        paid = "through the partner" if self.paid == "through_partner" else "to the person"
        return f"{self.lines.words}: {roles}, shared equally by the people in a role, paid {paid}"
