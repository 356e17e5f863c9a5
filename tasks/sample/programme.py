"""The sample vendor's contract: the programme file, with a word on each key for the programme manager."""

from models.period import Period

_TEXT = """\
# What this vendor promises its partners. Text under review: every statement cites this file by its digest.

programme: uis-partners       # a short name; it stands in every archive key
starts: {starts}               # the first month that is settled; what was posted before is not ours
currency: RUB                 # commission is worked out and paid in this currency
timezone: Europe/Moscow       # where a month begins and ends
base: net_of_vat              # commission is on payments without VAT; `gross` would be with it
refunds: net_current          # a refund lowers the month it is posted in

plans:
  integrator:                 # named by partners.csv, column `plan`
    from: {starts}             # this block holds from this month on; a later block changes it
    earn:                     # each key here is a rule; its name stands on the statement
      software:  {{plan: percentage, categories: [software], rate: 50%}}
      telephony:
        plan: tiered
        categories: [telephony, numbers]       # what earns
        by: volume                             # the rate reached applies to everything
        measure: {{categories: [telephony, numbers], window: month}}   # what picks the rate
        tiers: {{0: 8%, 100000: 10%, 300000: 12%, 1000000: 15%}}       # from an amount in RUB: the rate
    not_commissioned: {{hardware: "sold at cost"}}   # never earns, and why; partners read the reason
    payout: {{minimum: 5000.00}}                     # less than this is carried forward

  agent:
    from: {starts}
    earn:
      software:  {{plan: percentage, categories: [software], rate: 50%}}
      telephony:
        plan: tiered
        categories: [telephony, numbers]
        by: graduated                          # each slice earns at its own rate
        measure: all                           # the whole bill of all the partner's clients picks the rate
        tiers: {{0: 8%, 100000: 10%, 300000: 12%, 1000000: 15%}}
    not_commissioned: {{hardware: "sold at cost"}}
    payout: {{minimum: 3000.00}}
"""


def programme_text(starts: Period) -> str:
    """Return programme.yaml for a programme that starts in this month."""
    return _TEXT.format(starts=starts)
