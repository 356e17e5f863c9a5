"""A programme file as a vendor writes it, and the same with one thing written differently."""

PROGRAMME = """\
programme: uis-partners
starts: 2026-01
currency: RUB
timezone: Europe/Moscow
base: net_of_vat
refunds: net_current
plans:
  integrator:
    from: 2026-01
    earn:
      software: {plan: percentage, categories: [software], rate: 50%}
      telephony:
        plan: tiered
        categories: [telephony, numbers]
        by: volume
        measure: {categories: [telephony, numbers], window: month}
        tiers: {0: 8%, 300.00: 10%}
    not_commissioned: {hardware: sold at cost}
    payout: {minimum: 5000.00}
"""
DATED = """\
plans:
  integrator:
    - {from: 2026-01, earn: {software: {plan: percentage, categories: [software], rate: 50%}}}
    - {from: 2026-04, earn: {software: {plan: percentage, categories: [software], rate: 40%}}}
"""


def written(old: str, new: str = "") -> str:
    """The programme with one thing written differently, or left out."""
    assert PROGRAMME.count(old) == 1, f"{old!r} must stand once in the programme"
    return PROGRAMME.replace(old, new)


def dated(old: str = "", new: str = "") -> str:
    """The programme with two dated blocks of one plan, and one thing in them written differently."""
    return PROGRAMME[: PROGRAMME.index("plans:")] + (DATED.replace(old, new) if old else DATED)
