"""Pay per install: an amount for each install of a product, each product at its own amount."""

from collections import Counter
from fractions import Fraction
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import BeforeValidator, Field, ValidationInfo, WithJsonSchema

from models.money import major
from models.phrase import Phrase
from rules.plan import Cut, Earned, Plan, Sums, Working
from rules.plans.pay_per_action import EventKind, by_event, taken_back
from rules.programme.written import read_amount


class ProductPays(NamedTuple):
    """What one install of a product earns."""

    product_code: str
    pays_minor: int


def read_products(products: object, info: ValidationInfo) -> tuple[ProductPays, ...]:
    """Read `{SW-CRM: 500.00, SW-SPEECH: 300.00}`: an amount for each product."""
    if not isinstance(products, dict) or not products:
        raise ValueError("write products as product code: amount, for example {SW-CRM: 500.00}")
    return tuple(sorted(ProductPays(str(code), read_amount(pays, info)) for code, pays in products.items()))


ProductAmounts = Annotated[
    tuple[ProductPays, ...],
    BeforeValidator(read_products),
    WithJsonSchema({"type": "object", "description": "product code: amount", "examples": [{"SW-CRM": "500.00"}]}),
]


class PayPerInstall(Plan):
    """Earns an amount for each install, by the product installed.

    At SW-CRM: 500.00 and SW-SPEECH: 300.00, three installs of the first and one of the second earn
    1 800.00. A product that is not named earns nothing, and a step says so. A cancelled install takes back
    what it earned.
    """

    is_fee: ClassVar[bool] = True

    examples: ClassVar[tuple[str, ...]] = (
        "{plan: pay_per_install, products: {SW-CRM: 500.00, SW-SPEECH: 300.00}}",
        "{plan: pay_per_install, event: activation, products: {SW-CRM: 500.00}}",
    )

    plan: Literal["pay_per_install"]
    event: EventKind = Field(
        "install", description="the kind of event, as events.csv calls it; `install` when left out"
    )
    products: ProductAmounts = Field(description="product code: amount. A product that is not named earns nothing")

    def cut(self) -> Cut:
        return Cut(events=(self.event,))

    def earn(self, sums: Sums) -> Earned:
        pays = dict(self.products)
        installed = Counter(event.product_code for event in sums.events if event.takes_back_minor is None)
        working = tuple(
            Working(pays.get(code, 0), phrase=self._step(code), count=count)
            for code, count in sorted(installed.items())
        )
        shares = by_event(sums.events, lambda event: Fraction(pays.get(event.product_code, 0)))
        return Earned(working + taken_back(sums.events), shares, "event")

    def _step(self, code: str) -> Phrase:
        if code in dict(self.products):
            return Phrase.of("{event} of {product}", event=self.event, product=code)
        if code:
            return Phrase.of("{event} of {product}: no amount is agreed", event=self.event, product=code)
        return Phrase.of("{event} of no product: no amount is agreed", event=self.event)

    def words(self, currency: str) -> str:
        each = ", ".join(f"{major(pays_minor, currency)} of {code}" for code, pays_minor in self.products)
        return f"for each {self.event}: {each}"
