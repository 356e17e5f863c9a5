"""The network: which partners stand below each one, how far, and what they brought and earned."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from rules.earning.commission import Accrued, to_partner_minor
from rules.plan import DEEPEST, Junior, Stage


def brought_minor(accrued: Iterable[Accrued]) -> int:
    """Return the base, in minor units, of the lines a partner brought: each line once, under the rule that takes it."""
    return sum(each.sums.base_minor for each in accrued if (cut := each.way.cut()).lines and cut.takes)


class OwnResult(NamedTuple):
    """What a partner's own rules came to: what seniors may earn on."""

    base_minor: int  # of the lines it brought
    commission_minor: int  # after limits; overrides are no part of it: nobody earns on an override


def own_result(accrued: Iterable[Accrued]) -> OwnResult:
    """Return what one partner's own rules came to."""
    own = [each for each in accrued if each.way.stage is not Stage.NETWORK]
    return OwnResult(brought_minor(own), to_partner_minor(own))


def juniors_of(parents: Mapping[str, str], own_results: Mapping[str, OwnResult]) -> dict[str, list[Junior]]:
    """Return the partners below each partner, nearest first, then by id.

    `parents` holds each partner's own parent, blank for none; `own_results` what each partner's own rules came to.
    """
    found: dict[str, list[Junior]] = defaultdict(list)
    for partner_id in sorted(own_results):
        above = parents.get(partner_id)
        for level in range(1, DEEPEST + 1):
            if not above:
                break
            found[above].append(Junior(partner_id, level, *own_results[partner_id]))
            above = parents.get(above)
    return {
        partner_id: sorted(below, key=lambda each: (each.level, each.partner_id)) for partner_id, below in found.items()
    }
