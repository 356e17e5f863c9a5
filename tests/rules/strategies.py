"""What contracts may hold, for laws that must be true of all of them."""

from fractions import Fraction

from hypothesis import strategies as st

from rules.earning.ladder import Tier

RUB_100_MILLION = 10_000_000_000

amounts = st.integers(-RUB_100_MILLION, RUB_100_MILLION)
percents = st.integers(0, 10_000).map(lambda hundredths: f"{hundredths // 100}.{hundredths % 100:02d}%")
rates = st.integers(0, 10_000).map(lambda hundredths: Fraction(hundredths, 10_000))
bounds = st.lists(st.integers(1, RUB_100_MILLION), unique=True, max_size=5).map(lambda found: [0, *sorted(found)])
ladders = bounds.flatmap(
    lambda starts: st.lists(rates, min_size=len(starts), max_size=len(starts)).map(
        lambda each: [Tier(start, rate) for start, rate in zip(starts, each, strict=True)]
    )
)
exact_parts = st.dictionaries(
    st.text("ABC123", min_size=1, max_size=4),
    st.fractions(-1_000_000, 1_000_000, max_denominator=10_000),
    min_size=1,
    max_size=12,
)
