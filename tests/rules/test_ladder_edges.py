"""The edges of ladders, networks, costs and outcomes: where nothing, or one kopeck, decides."""

from fractions import Fraction
from typing import Any

import polars as pl
import pytest

from rules.ladder import Slice, Tier, slices
from rules.network import juniors_of
from rules.outcomes import decide
from rules.plan import ClientSums, Sums
from rules.spent import Spent, spent, too_much
from rules.terms import Part, RuleInForce
from tests.rules.accruals import MONTH, accrued, plan_of
from tests.rules.test_outcomes import SETTLED, TYPES

HALF: dict[str, Any] = {"plan": "percentage", "categories": "others", "rate": "50%"}
