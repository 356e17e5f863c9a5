"""Pieces of example statements: a rule by client, by event or by goal, a step, a payment."""

from models.phrase import Phrase, PhraseValue
from models.statement import Clause, ClientAccrual, Payment, RuleAccrual, ShareAccrual, Step
from models.summary import EntryKind, Summary, SummaryEntry

PROGRAMME_DIGEST = "9f2c61d0a4b37e58" * 4

CLIENTS = {
    "C1": "Ромашка ООО",
    "C2": "Żabka Łódź Sp. z o.o.",
    "C3": "Северный ветер, ИП Жданов",
    "C4": "Acme Telecom GmbH",
    "C5": "Пекарня № 5",
}


def flat(rule: str, rate: str, clients: tuple[ClientAccrual, ...], exact: str, commission_minor: int) -> RuleAccrual:
    base = sum(one.base_minor for one in clients)
    return RuleAccrual(
        rule=rule,
        name=rule,
        terms=(),
        plan="percentage",
        by="",
        to="partner",
        shared_by="client",
        bond="claim",
        clause=clause(rule, f"{rate} % of {rule}"),
        lines=sum(one.lines for one in clients),
        base_minor=base,
        rate=rate,
        exact=exact,
        commission_minor=commission_minor,
        tier=None,
        steps=(step(base, rate, exact),),
        clients=clients,
        shares=(),
    )


def earned(
    rule: str,
    plan: str,
    words: str,
    commission: int,
    steps: tuple[Step, ...],
    *,
    to: str = "partner",
    by: str = "",
    tiers: str = "",
    rate: str = "",
    exact: str = "",
    lines: int = 0,
    base: int = 0,
    clients: tuple[ClientAccrual, ...] = (),
    shares: tuple[ShareAccrual, ...] = (),
) -> RuleAccrual:
    """One rule, shared by client where clients are given."""
    made = flat(rule, rate, clients, exact or major(commission), commission)
    return made.model_copy(
        update={
            "rule": rule,
            "name": rule,
            "plan": plan,
            "by": tiers,
            "to": to,
            "shared_by": "client" if clients else by,
            "clause": Clause(**(made.clause.model_dump() | {"rule": rule, "words": words})),
            "lines": made.lines or lines,
            "base_minor": made.base_minor or base,
            "rate": rate,
            "steps": steps,
            "shares": shares,
        }
    )


def summary(
    opening: int, commission: int, to_pay: int, minimum: int = 500_000, cites: dict[str, tuple[str, ...]] | None = None
) -> Summary:
    """A summary of an opening balance, a commission, and what of them is to pay."""
    amounts = {"opening": opening, "commission": commission, "to_pay": -to_pay}
    amounts["carried"] = sum(amounts.values())
    return Summary(
        entries=tuple(
            SummaryEntry(kind=EntryKind(kind), amount_minor=minor, cites=(cites or {}).get(kind, ()))
            for kind, minor in amounts.items()
        ),
        minimum_minor=minimum,
    )


def step(
    base: int,
    rate: str,
    exact: str,
    phrase: Phrase | None = None,
    count: int = 1,
    slice_of: tuple[int, int | None] | None = None,
) -> Step:
    low, high = slice_of or (None, None)
    return Step(
        words=phrase.english if phrase else "",
        phrase=phrase,
        from_minor=low,
        to_minor=high,
        base_minor=base,
        rate=rate,
        count=count,
        exact=exact,
    )


def amount(minor: int, phrase: Phrase | None, count: int = 1) -> Step:
    """A step that is an amount, so many times."""
    return step(minor, "100", major(minor * count), phrase, count)


def share(key: str, commission: int, name: str = "", goal: PhraseValue | None = None) -> ShareAccrual:
    return ShareAccrual(
        key=key, goal=goal, name=name, exact=major(commission), commission_minor=commission, rounding_minor=0
    )


def clause(rule: str, words: str) -> Clause:
    return Clause(programme="uis-partners", digest=PROGRAMME_DIGEST, plan="integrator", rule=rule, words=words)


def client(
    client_id: str, lines: int, base: int, exact: str, commission: int, rounding: int = 0, name: str = ""
) -> ClientAccrual:
    return ClientAccrual(
        client_id=client_id,
        client_name=name or CLIENTS.get(client_id, f"Client {client_id} of the long month"),
        claim_id=f"claim-{client_id}",
        claimed_on="2025-06-18",
        lines=lines,
        base_minor=base,
        exact=exact,
        commission_minor=commission,
        rounding_minor=rounding,
    )


def payment(line_id: str, client_id: str, rule: str, amount: int, base: int, day: int = 12) -> Payment:
    return Payment(
        line_id=line_id,
        invoice_id=f"INV-{line_id[1:]}",
        client_id=client_id,
        rule=rule,
        category=rule,
        product_code=f"{rule}-basic",
        paid_on=f"2026-01-{day:02}",
        posted_on=f"2026-01-{day:02}",
        amount_minor=amount,
        base_minor=base,
        late=False,
        carried_from="",
    )


def major(minor: int) -> str:
    """An amount with six decimals."""
    return f"{'-' if minor < 0 else ''}{abs(minor) // 100}.{abs(minor) % 100:02}0000"
