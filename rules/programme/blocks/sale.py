"""A sale as the programme file tells sales apart: which rule takes it, and which rules look at it beside that."""

from collections.abc import Mapping
from typing import NamedTuple

from rules.plan import Cut, Select


class Sale(NamedTuple):
    """What is sold: a product, a category, both, or neither: then it is what no rule names."""

    category: str = ""
    product: str = ""

    @property
    def words(self) -> str:
        sold_as = f", sold as {self.category}," if self.category else ""
        return f"{self.product}{sold_as}" if self.product else self.category or "everything else"


def taker_of(sale: Sale, cuts: Mapping[str, Cut]) -> str:
    """The rule the sale earns under, the most specific; blank where none takes it."""
    takers = {rule: cut.lines for rule, cut in cuts.items() if cut.lines and cut.takes}
    by_product = [rule for rule, lines in takers.items() if sale.product and sale.product in lines.products]
    by_category = [rule for rule, lines in takers.items() if sale.category and sale.category in lines.categories]
    the_rest = [rule for rule, lines in takers.items() if lines.others]
    return next(iter([*by_product, *by_category, *the_rest]), "")


def looked_at(sale: Sale, lines: Select | None) -> bool:
    """Whether a rule that looks at lines looks at this one: by name, or as one of all."""
    if lines is None:
        return False
    by_product = bool(sale.product) and sale.product in lines.products
    return lines.everything or by_product or (bool(sale.category) and sale.category in lines.categories)
