"""Contracts: what a line is held against: every partner's terms in the month, who serves whom, what is excluded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from models.period import Period
from models.vendor import Assignment, Exclusion
from rules.programme.blocks.plan_terms import PlanTerms
from rules.programme.file import Programme
from rules.terms.in_force import InForce

PARTS = {
    "partner_id": pl.String, "part": pl.Int64, "block": pl.String, "suffix": pl.String,
    "claimed_from": pl.Date, "claimed_until": pl.Date, "paid_from": pl.Date, "paid_until": pl.Date,
    "late_of": pl.String,
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Contracts:
    """The programme and the terms in force in a month, with the tables that name clients beside the claims.

    The frames say the same as the values, in the shape that lines are joined with.
    """

    month: Period
    programme: Programme
    partners: Mapping[str, InForce]
    assignments: Sequence[Assignment] = ()
    exclusions: Sequence[Exclusion] = ()

    @cached_property
    def blocks(self) -> dict[str, PlanTerms]:
        """Every block of a plan that somebody is on, by its own name."""
        return {part.key: part.block for partner in self.partners.values() for part in partner.parts}

    @cached_property
    def first_terms(self) -> pl.DataFrame:
        """`partner_id`, `terms_from` Date: the first day of the partner's first terms."""
        return pl.DataFrame(
            {"partner_id": list(self.partners), "terms_from": [partner.since for partner in self.partners.values()]},
            schema={"partner_id": pl.String, "terms_from": pl.Date},
        )

    @cached_property
    def parts(self) -> pl.DataFrame:
        """The parts of every partner's terms (PARTS), oldest first: `part` is the position among the partner's.

        Those for late lines, `late_of` a month, come last: of the parts that hold for a line the last one does.
        """
        rows = [
            (partner_id, number, part.key, part.suffix, *part.days_that_count, part.late_of and str(part.late_of))
            for partner_id, partner in self.partners.items()
            for number, part in enumerate(partner.parts)
        ]
        return pl.DataFrame(rows, schema=PARTS, orient="row").sort(pl.col("late_of").is_not_null(), maintain_order=True)

    @cached_property
    def fates_of_products(self) -> pl.DataFrame:
        """`block`, `product_code`, `rule_of_product`, `looks_at_product`: which rule has lines of a product."""
        return _fates(self.blocks, "product").drop("note")

    @cached_property
    def fates_of_categories(self) -> pl.DataFrame:
        """`block`, `category`, `rule_of_category`, `looks_at_category`, `note`: the words where it never earns."""
        return _fates(self.blocks, "category")

    @cached_property
    def rest(self) -> pl.DataFrame:
        """`block`, `rule_of_others`, `looks_at_everything`: which rule takes what no other names, or looks at all."""
        found: dict[str, dict[bool, str]] = {}
        for key, block in sorted(self.blocks.items()):
            for rule, plan in block.earn.items():
                cut = plan.cut()
                if cut.lines and (cut.lines.others or cut.lines.everything) and not cut.served:
                    found.setdefault(key, {}).setdefault(cut.takes, rule)
        rows = [(key, rules.get(True), rules.get(False)) for key, rules in found.items()]
        schema = {"block": pl.String, "rule_of_others": pl.String, "looks_at_everything": pl.String}
        return pl.DataFrame(rows, schema=schema, orient="row")


def _fates(blocks: Mapping[str, PlanTerms], kind: str) -> pl.DataFrame:
    """What each block says of each product, or category: who takes it, who looks at it, why it never earns."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for key, block in sorted(blocks.items()):
        for rule, plan in block.earn.items():
            cut = plan.cut()
            if cut.lines and not cut.served:
                for name in cut.lines.products if kind == "product" else cut.lines.categories:
                    found.setdefault((key, name), {}).setdefault("rule" if cut.takes else "looks", rule)
        if kind == "category":
            for name, words in block.not_commissioned.items():
                found.setdefault((key, name), {})["note"] = words
    rows = [(*key, fate.get("rule"), fate.get("looks"), fate.get("note")) for key, fate in found.items()]
    column = "product_code" if kind == "product" else "category"
    names = ["block", column, f"rule_of_{kind}", f"looks_at_{kind}", "note"]
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
