"""A programme for tests of closed months: agents earn 10 % of software, with a cap for life where it is added."""

TEXT = """\
programme: agents
starts: 2026-01
currency: RUB
timezone: Europe/Moscow
base: gross
plans:
  agent:
    from: 2026-01
    earn:
      software: {plan: percentage, categories: [software], rate: 10%}
"""
FOR_LIFE = "      limit: {plan: cap, at_most: 100.00, window: lifetime}\n"
