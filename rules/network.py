"""The network: which partners stand below each one, how far, and what they brought and earned."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from rules.commission import Accrued, to_partner_minor
from rules.plan import DEEPEST, Junior, Stage


def brought_minor(accrued: Iterable[Accrued]) -> int:
    """The base of the lines a partner brought: each line once, under the rule that takes it."""
    return sum(each.sums.base_minor for each in accrued if (cut := each.plan.cut()).lines and cut.takes)


def juniors_of(parents: Mapping[str, str], accrued: Mapping[str, tuple[Accrued, ...]]) -> dict[str, list[Junior]]:
    """Return the partners below each partner, nearest first, then by id.

    `parents` holds each partner's own parent, blank for none; `accrued` what their own rules earned, after
    limits. Overrides are no part of it: nobody earns on an override.
    """
    found: dict[str, list[Junior]] = defaultdict(list)
    for partner_id in sorted(accrued):
        own = [each for each in accrued[partner_id] if each.plan.stage is not Stage.NETWORK]
        base_minor, commission_minor = brought_minor(own), to_partner_minor(own)
        above = parents.get(partner_id, "")
        for level in range(1, DEEPEST + 1):
            if not above:
                break
            found[above].append(Junior(partner_id, level, base_minor, commission_minor))
            above = parents.get(above, "")
    return {
        partner_id: sorted(below, key=lambda each: (each.level, each.partner_id)) for partner_id, below in found.items()
    }
