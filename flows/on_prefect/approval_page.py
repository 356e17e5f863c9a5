"""The page a person reads before answering the form: whose turn it is, what the month pays, and what moved."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from prefect.artifacts import create_markdown_artifact
from sqlmodel import col, select

from engine.draft import LINES
from engine.earnings import open_examples
from flows.artifacts import escaped
from flows.office import Office
from flows.on_prefect.since_last_month import SinceLastMonth, since_last_month
from flows.result import MonthResult, amount_text
from models.billing import Outcome, RejectedRecord
from models.money import grouped, major
from models.rows import DraftRow, HoldRow
from rules.bridge import Bridge
from rules.draft import Draft
from rules.programme.blocks.approval import Approval, how_to_approve
from rules.review import differences, earned, moves
from tasks.facts.consents import prepared_by, rejected_by
from tasks.facts.holds import held_now

MOST_MOVES = 20
MOST_DIFFERENCES = 50
MOST_CLIENTS = 20
EXAMPLES = 3  # of open and rejected lines, of each reason


def publish_question(result: MonthResult, office: Office) -> None:
    """Publish `approval-2026-10`: what is to be decided."""
    assert result.draft is not None, "a month that waits has a draft"
    month = str(result.period)
    create_markdown_artifact(
        key=f"approval-{month}",
        markdown="\n".join(page(result.draft, result, office)),
        description=f"{month} waits for a person's yes or no: press Resume on the run's page",
    )


def page(draft: Draft, result: MonthResult, office: Office) -> Iterator[str]:
    """The page in Markdown. The draft's files are kept already."""
    yield from _whose_turn(draft, result, office)
    yield from _table(
        (result.period, "to pay" if result.figures.to_pay_minor else "nothing is paid"),
        [[words, _money(minor, draft)] for words, minor in result.figures.owed()],
    )
    yield from _section("Withheld and released", _withheld(draft, office))
    yield from _section("What changed since the draft before", _since_the_draft_before(draft, office))
    compared = since_last_month(draft, office)
    yield from _moved(draft, compared)
    changed = [*draft.findings.changed, *(compared.settings if compared else ())]
    yield from _section("Programme, terms and settings that changed", changed or ["nothing"])
    yield from _section("What is odd", draft.findings.warnings)
    yield from _lines(draft, result)
    yield ""
    yield f"Draft `{draft.digest}`"


def _money(minor: int, draft: Draft) -> str:
    return f"{major(minor, draft.programme.currency)} {draft.programme.currency}"


def _whose_turn(draft: Draft, result: MonthResult, office: Office) -> Iterator[str]:
    with office.database.reading() as session:
        kept = session.get_one(DraftRow, draft.digest)
        since = kept.made_at
    yield f"**It is a person's turn**, since {since}. Press Resume on the run's page, and answer the form."
    if result.asked is Approval.SIGNED:
        yield ""
        yield (
            "Here a name alone approves nothing: sign first, by "
            f"`{how_to_approve(draft.period, draft.digest, result.asked)}`. Resume then goes on by the signature."
        )
    if who := prepared_by(office.database, draft.digest):
        yield ""
        yield f"Prepared by {escaped(', '.join(who))}."
    if one := rejected_by(office.database, draft.digest):
        yield ""
        yield f"{escaped(one)} has rejected this very draft."


def _withheld(draft: Draft, office: Office) -> list[str]:
    """Whose payout is withheld, why and by whose word, and what is released; nothing where nobody's is."""
    with office.database.reading() as session:
        standing = held_now(session)
        last = {row.partner_id: row for row in session.exec(select(HoldRow).order_by(col(HoldRow.number)))}
    said = []
    for body in draft.statements:
        minor, partner = body.summary.held_minor, body.partner_id
        if partner in standing:
            said.append(f"{partner}: {_money(minor, draft)} withheld, by {last[partner].given_by}: {standing[partner]}")
        elif minor:
            said.append(f"{partner}: {_money(-minor, draft)} released, by {last[partner].given_by}")
    return said


def _since_the_draft_before(draft: Draft, office: Office) -> list[str]:
    """What another draft of the month said that was kept before this one; nothing where there was none."""
    with office.database.reading() as session:
        made = select(DraftRow).where(DraftRow.period == str(draft.period), DraftRow.digest != draft.digest)
        before = session.exec(made.order_by(col(DraftRow.made_at).desc()).limit(1)).first()
        document = before.document if before else None
    if document is None:
        return []
    return list(differences(document, draft.document.decode(), draft.programme.currency))


def _moved(draft: Draft, compared: SinceLastMonth | None) -> Iterator[str]:
    """The way from last month's earnings to this month's, whose moved most, and the clients and tiers behind it."""
    if compared is None:
        yield from _heading("From last month to this month")
        yield ""
        yield (
            f"This is the programme's first month: there is none before it to compare with. "
            f"{grouped(len(draft.attributions))} clients are attributed."
        )
        return
    bridge = compared.bridge
    yield from _heading(f"From {compared.last} to {draft.period}: commission and corrections")
    if bridge is None:
        yield ""
        yield f"{compared.last} was closed by a version that did not keep what each line earned: causes are not known."
    else:
        yield from _bridge(bridge, draft, compared)
    yield from _moves(draft, compared)
    yield from _section("Other tiers than last month", compared.tiers)
    if bridge is not None:
        yield from _section("Lost clients", _clients(bridge.lost, "earned", draft))
        yield from _section("New clients, and clients that pay again", _clients(bridge.new, "earn", draft))


def _bridge(bridge: Bridge, draft: Draft, compared: SinceLastMonth) -> Iterator[str]:
    rows = [[f"earned in {compared.last}", "", _money(bridge.before_minor, draft)]]
    rows += [[step.cause.value, grouped(step.partners), _money(step.amount_minor, draft)] for step in bridge.steps]
    rows += [[f"earned in {draft.period}", "", _money(bridge.now_minor, draft)]]
    yield from _table(("", "partners", "amount"), rows)


def _moves(draft: Draft, compared: SinceLastMonth) -> Iterator[str]:
    moved = moves(compared.before_minor, earned(draft))
    causes = compared.bridge.by_partner if compared.bridge else {}
    yield from _heading(f"The largest moves ({min(len(moved), MOST_MOVES)} of {grouped(len(moved))})")
    rows = []
    for move in moved[:MOST_MOVES]:
        why = sorted(causes.get(move.partner, {}).items(), key=lambda each: (-abs(each[1]), each[0]))
        words = "; ".join(f"{cause.value} {_money(minor, draft)}" for cause, minor in why[:2])
        amounts = (move.before_minor, move.now_minor, move.by_minor)
        rows.append([move.partner, *(_money(minor, draft) for minor in amounts), words])
    yield from _table(("partner", "last month", "now", "moved by", "most of it"), rows)


def _clients(clients: Mapping[tuple[str, str], int], earned_words: str, draft: Draft) -> list[str]:
    first = islice(clients.items(), MOST_CLIENTS)
    said = [f"{client} of {partner}: {earned_words} {_money(minor, draft)}" for (partner, client), minor in first]
    if len(clients) > MOST_CLIENTS:
        rest = sum(islice(clients.values(), MOST_CLIENTS, None))
        said.append(f"{grouped(len(clients) - MOST_CLIENTS)} more: {earned_words} {_money(rest, draft)}")
    return said


def _lines(draft: Draft, result: MonthResult) -> Iterator[str]:
    """Open and rejected lines by reason, and examples of each."""
    for outcome in (Outcome.OPEN, Outcome.REJECTED):
        tallies = [tally for tally in result.figures.tallies if tally.outcome == outcome.value]
        if not tallies:
            continue
        yield from _heading(f"{outcome.value.capitalize()} lines")
        yield from _table(
            ("reason", "lines", "sum", "currency"),
            [[tally.reason, grouped(tally.lines), amount_text(tally), tally.currency] for tally in tallies],
        )
        yield from _bullets(
            open_examples(draft.results[LINES], EXAMPLES)
            if outcome is Outcome.OPEN
            else _rejected_examples(draft.findings.rejected)
        )


def _rejected_examples(rejected: Iterable[RejectedRecord]) -> list[str]:
    told: Counter[str] = Counter()
    said = []
    for fault in rejected:
        told[fault.reason] += 1
        if told[fault.reason] <= EXAMPLES:
            where = f"{fault.source} row {fault.row}, line {fault.line_id}"
            said.append(f"{fault.reason}: {where}, {fault.column} {fault.value!r}")
    return said


def _heading(words: str) -> Iterator[str]:
    yield ""
    yield f"### {words}"


def _section(heading: str, said: Sequence[str]) -> Iterator[str]:
    if said:
        yield from _heading(heading)
        yield from _bullets(said)


def _bullets(said: Sequence[str]) -> Iterator[str]:
    yield ""
    yield from (f"- {escaped(each)}" for each in said[:MOST_DIFFERENCES])
    if len(said) > MOST_DIFFERENCES:
        yield f"- and {grouped(len(said) - MOST_DIFFERENCES)} more"


def _table(heads: Sequence[object], lines: Iterable[Sequence[str]]) -> Iterator[str]:
    yield ""
    yield f"| {' | '.join(str(head) for head in heads)} |"
    yield f"|:--|{'--:|' * (len(heads) - 1)}"
    for cells in lines:
        yield f"| {' | '.join(escaped(cell) for cell in cells)} |"
