"""Levels: reached by a measure, held from the next month, kept for months of grace."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadInput, BadProgramme
from models.period import Period
from models.vendor import Terms
from rules.earning.measure import Measure
from rules.programme.file import Programme, parse_programme
from rules.terms.in_force import InForce, in_force
from rules.terms.levels import Level, LevelReached, Levels, level_of
from tests.rules.written import PROGRAMME as UIS

STARTS = Period(2026, 1)
HEADING = UIS[: UIS.index("plans:")]
PLANS = "plans:\n" + "".join(
    f"  {name}: {{from: {month}, earn: {{software: {{plan: percentage, categories: [software], rate: {rate}}}}}}}\n"
    for name, month, rate in [("bronze", "2026-01", "20%"), ("silver", "2026-01", "30%"), ("gold", "2026-05", "40%")]
)
STATUS = """\
levels:
  status:
    measure: {categories: [software], window: 3 months}
    grace: 1
    levels:
      Bronze: {reaches: 0, plan: bronze}
      Silver: {reaches: 5000.00, plan: silver}
      Gold: {reaches: 20000.00, plan: gold}
"""
PROGRAMME = parse_programme(HEADING + PLANS + STATUS)
LADDER = PROGRAMME.levels["status"]


def level(figures: dict[str, int], month: str, grace: int = 1) -> LevelReached:
    """The level in a month, by what the measure came to at the end of the months before; 0 where nothing is said."""
    ladder = LADDER.model_copy(update={"grace": grace})
    asked: list[Period] = []

    def measured(at: Period) -> int:
        asked.append(at)
        return figures.get(str(at), 0)

    found = level_of("status", ladder, measured, STARTS, Period.parse(month))
    assert all(STARTS <= at < Period.parse(month) for at in asked)
    return found


@pytest.mark.parametrize(
    ("figure", "name"),
    [(-1, "Bronze"), (0, "Bronze"), (499_999, "Bronze"), (500_000, "Silver"), (500_001, "Silver"),
     (1_999_999, "Silver"), (2_000_000, "Gold"), (2_000_001, "Gold")],
)  # fmt: skip
def test_a_level_is_reached_at_its_figure_and_not_one_kopeck_before(figure: int, name: str) -> None:
    assert level({"2026-03": figure}, "2026-04").name == name


def test_a_level_is_held_from_the_month_after_it_was_reached() -> None:
    assert level({"2026-03": 500_000}, "2026-03").name == "Bronze"
    assert level({"2026-03": 500_000}, "2026-04").name == "Silver"


@pytest.mark.parametrize(("grace", "last_month"), [(0, "2026-04"), (1, "2026-05"), (2, "2026-06")])
def test_a_level_is_kept_for_the_months_of_grace_and_not_longer(grace: int, last_month: str) -> None:
    figures, after = {"2026-03": 500_000}, str(Period.parse(last_month).next())
    assert (level(figures, last_month, grace).name, level(figures, after, grace).name) == ("Silver", "Bronze")


def test_a_statement_can_say_why_a_level_is_held() -> None:
    assert level({"2026-02": 700_000, "2026-03": 500_000}, "2026-04") == LevelReached(
        ladder="status",
        name="Silver",
        starts_at=500_000,
        measure=500_000,
        counts=False,
        reached_in="2026-03",
        kept_by_grace=False,
        next_name="Gold",
        next_starts_at=2_000_000,
    )


def test_a_level_kept_by_grace_names_the_month_that_gave_it_and_what_was_reached_since() -> None:
    kept = level({"2026-02": 2_000_000, "2026-03": 499_999}, "2026-04")
    assert (kept.name, kept.measure, kept.reached_in, kept.kept_by_grace) == ("Gold", 499_999, "2026-02", True)
    assert (kept.next_name, kept.next_starts_at) == ("", 0)


def test_a_fall_by_two_levels_stops_at_what_the_last_month_reached() -> None:
    figures = {"2026-01": 2_000_000, "2026-02": 500_000}
    assert [level(figures, month).name for month in ("2026-02", "2026-03", "2026-04", "2026-05")] == [
        "Gold", "Gold", "Silver", "Bronze",
    ]  # fmt: skip


def test_nothing_was_reached_before_the_programme_starts() -> None:
    first = level({"2025-12": 2_000_000}, "2026-01", grace=999_999_999)
    assert (first.name, first.measure, first.reached_in, first.kept_by_grace) == ("Bronze", 0, "", False)


figures_by_month = st.dictionaries(
    st.sampled_from([str(STARTS.plus(months)) for months in range(8)]), st.integers(-10, 3_000_000), max_size=8
)


@given(figures_by_month, st.integers(0, 5), st.integers(0, 9), st.sampled_from(range(8)), st.integers(0, 2_000_000))
def test_more_sales_or_more_grace_never_lower_a_level(
    figures: dict[str, int], grace: int, months: int, more_in: int, more: int
) -> None:
    month, better = str(STARTS.plus(months)), str(STARTS.plus(more_in))
    now = level(figures, month, grace).starts_at
    assert level(figures, month, grace + 1).starts_at >= now
    assert level({**figures, better: figures.get(better, 0) + more}, month, grace).starts_at >= now


# In the programme file, and in partners.csv


def with_levels(old: str = "", new: str = "") -> Programme:
    assert STATUS.count(old) == 1 or not old
    return parse_programme(HEADING + PLANS + (STATUS.replace(old, new) if old else STATUS))


def test_a_ladder_of_levels_is_read_exactly() -> None:
    (ladder,) = PROGRAMME.levels.values()
    assert ladder == Levels.model_construct(
        measure=Measure(categories=("software",), window="3 months"),
        grace=1,
        levels=(Level("Bronze", 0, "bronze"), Level("Silver", 500_000, "silver"), Level("Gold", 2_000_000, "gold")),
    )
    assert PROGRAMME.looks_back


def test_levels_may_be_reached_by_a_number_of_clients() -> None:
    counted = parse_programme(
        HEADING + PLANS + "levels:\n  team:\n    measure: {of: active_clients}\n"
        "    levels: {One: {reaches: 0, plan: bronze}, Ten: {reaches: 10, plan: silver}}\n"
    ).levels["team"]
    assert [level.reaches for level in counted.levels] == [0, 10]
    assert level_of("team", counted, lambda _: 9, STARTS, Period(2026, 2)).name == "One"
    ten = level_of("team", counted, lambda _: 10, STARTS, Period(2026, 2))
    assert (ten.name, ten.counts, ten.measure) == ("Ten", True, 10)


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("reaches: 0,", "reaches: 1,", "levels.status.levels", "the first level must reach 0"),
        ("reaches: 20000.00", "reaches: 5000.00", "line 15, column 5", "'Gold' at 5 000.00 follows 'Silver' at 5 000"),
        ("reaches: 20000.00", "reaches: 4999.99", "levels.status.levels", "levels must rise: 'Gold' at 4 999.99"),
        ("reaches: 20000.00", "reaches: many", "levels.status.levels", "'many' is not an amount"),
        ("plan: gold", "rate: 5%", "levels.status.levels", "level 'Gold' needs a figure and a plan"),
        ("plan: gold", "plan: [gold]", "levels.status.levels", "level 'Gold' needs a figure and a plan"),
        ("plan: gold", "plan: platinum", "line 11, column 1: levels", "has the plan 'platinum'; the plans are bronze, gold"),
        ("plan: gold", "plan: status", "line 11, column 1: levels", "has the plan 'status'; the plans are bronze, gold"),
        ("  status:", "  silver:", "line 11, column 1: levels", "'silver' is the name of a plan too"),
        ("[software]", "[fax]", "line 11, column 1: levels", "'status' measures fax, which no plan names"),
        ("grace: 1", "grace: one", "levels.status.grace", "'one' is not a number: write digits only"),
        ("grace: 1", "grace: 1\n    keep: 1", "levels.status.keep", "this version does not know this key"),
    ],
)  # fmt: skip
def test_levels_that_cannot_be_carried_out_are_refused_with_what_to_write(
    old: str, new: str, place: str, words: str
) -> None:
    with pytest.raises(BadProgramme) as refused:
        with_levels(old, new)
    (_, fault) = str(refused.value).splitlines()
    assert place in fault
    assert words in fault


@pytest.mark.parametrize("levels", ["{}", "[Bronze]", "Bronze"])
def test_levels_are_written_by_name(levels: str) -> None:
    with pytest.raises(BadProgramme, match="write levels as name: figure and plan"):
        parse_programme(f"{HEADING}{PLANS}levels: {{status: {{measure: all, levels: {levels}}}}}\n")


def test_a_faulty_plan_makes_no_second_fault_of_the_levels() -> None:
    with pytest.raises(BadProgramme) as refused:
        parse_programme(HEADING + PLANS.replace("40%", "40") + STATUS + "segments: {amocrm: status}\n")
    assert len(str(refused.value).splitlines()) == 2


def of_ana(figure: int, month: Period, plan: str = "status") -> InForce:
    """The terms of ana, whose measure came to a figure in March, and to nothing before and after."""

    def measured(partner_id: str, measure: Measure, at: Period) -> int:
        assert (partner_id, measure) == ("ana", LADDER.measure)
        return figure if at == Period(2026, 3) else 0

    row = Terms(partner_id="ana", name="Ana", plan=plan, from_day=STARTS.first_day)
    return in_force([row], PROGRAMME, month, measured=measured)["ana"]


def test_a_partner_on_levels_has_the_plan_of_its_level() -> None:
    april = of_ana(500_000, Period(2026, 4))
    assert [part.key for part in april.parts] == ["silver@2026-01"]
    assert april.level is not None
    assert (april.level.ladder, april.level.name, april.level.reached_in) == ("status", "Silver", "2026-03")
    assert of_ana(499_999, Period(2026, 4)).parts[-1].plan == "bronze"
    may, june = of_ana(500_000, Period(2026, 5)), of_ana(500_000, Period(2026, 6))
    assert [each.parts[-1].plan for each in (may, june)] == ["silver", "bronze"]


def test_a_partner_on_a_plan_has_no_level() -> None:
    assert of_ana(500_000, Period(2026, 4), plan="silver").level is None


def test_a_level_whose_plan_has_not_started_is_refused_by_name() -> None:
    with pytest.raises(BadInput) as refused:
        of_ana(2_000_000, Period(2026, 4))
    assert str(refused.value).splitlines()[1] == (
        "  partner ana: terms from 2026-01-01 name the levels 'status', whose Gold is the plan 'gold', "
        "which starts in 2026-05, after 2026-04"
    )


def test_levels_without_their_measure_are_never_taken_for_the_lowest() -> None:
    row = Terms(partner_id="ana", name="Ana", plan="status", from_day=STARTS.first_day)
    with pytest.raises(BadInput, match="ana: terms from 2026-01-01 name the levels 'status', whose measure is not"):
        in_force([row], PROGRAMME, Period(2026, 4))
