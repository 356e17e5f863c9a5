"""A month's commissions by hand in pandas, all of the needed columns in memory at once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from benchmarks.by_hand.contract import (
    CURRENCY,
    FIRST_DAY,
    GIVE_BACK,
    KINDS,
    LAST_DAY,
    NEEDED,
    SOFTWARE,
    TELEPHONY,
    WHOLE,
    Sums,
    billing_of,
    commissions,
    terms_of,
)

FEW_VALUES = ["category", "currency", "issued_on", "paid_on", "kind", "posted_on", "vat_rate"]
"""Columns that are read as categories: their text is looked at once a value, not once a line."""


def commissions_of(vendor: Path, run: Callable[..., Any]) -> dict[str, int]:
    """Return the month's commission of each partner in kopecks; `run(name, function, *arguments)` runs a step."""
    lines = run("read and leave out", _sound_lines, vendor)
    return dict(run("attribute and calculate", _calculate, vendor, lines))


def _sound_lines(vendor: Path) -> pd.DataFrame:
    billing = pq.read_table(billing_of(vendor), columns=list(NEEDED), read_dictionary=FEW_VALUES)
    lines = billing.to_pandas(types_mapper=_types)
    is_sound = _is_readable(lines) & ~_is_left_out_copy(vendor, lines["line_id"])
    sound: pd.DataFrame = lines[is_sound]
    return sound


def _types(arrow: Any) -> Any:
    return pd.StringDtype("pyarrow", na_value=pd.NA) if str(arrow) == "string" else None


def _is_readable(lines: pd.DataFrame) -> "pd.Series[bool]":
    is_whole = lines["amount_minor"].str.fullmatch(WHOLE).fillna(False)
    amount = pd.to_numeric(lines["amount_minor"].where(is_whole, "1")).astype("int64")
    vat = lines["vat_minor"]
    is_readable = (
        lines["line_id"].notna()
        & lines["invoice_id"].notna()
        & lines["kind"].isin(KINDS)
        & is_whole
        & (~lines["kind"].isin(GIVE_BACK) | (amount <= 0))
        & (vat.notna() | lines["vat_rate"].notna())
        & (vat.isna() | vat.str.fullmatch(WHOLE).fillna(False))
    )
    for name in ("issued_on", "paid_on", "posted_on"):
        is_readable &= lines[name].isna() | _days(lines[name]).notna()
    return is_readable.astype(bool)


def _days(texts: pd.Series) -> pd.Series:
    """The days that categories of text name."""
    names = pd.Series(texts.cat.categories)
    days = pd.to_datetime(names.where(names.str.len() == 10), format="%Y-%m-%d", errors="coerce")
    found: pd.Series = texts.cat.codes.map(dict(enumerate(days)))
    return found


def _is_left_out_copy(vendor: Path, ids: pd.Series) -> "pd.Series[bool]":
    """Whether a line repeats one before it, or contradicts another, in any column of the file."""
    copied = ids[ids.duplicated(keep=False) & ids.notna()]
    table = pq.read_table(billing_of(vendor), filters=[("line_id", "in", set(copied))])
    copies = table.to_pandas().set_index(copied.index)
    is_unpaid = copies["paid_on"].isna()
    contents = copies.groupby(list(copies.columns), dropna=False).ngroup()
    different = contents.groupby([copies["line_id"], is_unpaid]).transform("nunique") > 1
    repeats = contents.duplicated(keep="first")
    found: pd.Series[bool] = (different | repeats).reindex(ids.index, fill_value=False)
    return found


def _calculate(vendor: Path, lines: pd.DataFrame) -> dict[str, int]:
    terms = terms_of(vendor)
    lines = lines[lines["currency"] == CURRENCY]
    paid_on, posted_on = _days(lines["paid_on"]), _days(lines["posted_on"])
    posted_on = posted_on.fillna(paid_on)
    is_posted = posted_on.between(pd.Timestamp(FIRST_DAY), pd.Timestamp(LAST_DAY))
    read = pd.DataFrame(
        {
            "line_id": lines["line_id"],
            "client_id": lines["client_id"],
            "category": lines["category"],
            "refunds_line_id": lines["refunds_line_id"],
            "paid_on": paid_on,
            "amount": lines["amount_minor"].astype("int64"),
            "net": _net_minor(lines),
        }
    )[is_posted]
    is_refund = read["refunds_line_id"].notna() & (read["amount"] < 0)
    refunds = read[is_refund]
    given = (-refunds["amount"]).groupby([refunds["refunds_line_id"], refunds["client_id"]]).sum()
    given_back = given.rename_axis(["line_id", "client_id"]).rename("given").reset_index()
    kept = read[~is_refund].merge(_brought(vendor), on="client_id")
    kept = kept[kept["paid_on"] >= kept["since"]].merge(given_back, on=["line_id", "client_id"], how="left")
    kept["base"] = kept["net"]
    returned = kept[kept["given"].notna() & (kept["amount"] > 0)]
    left = (returned["amount"] - returned["given"].astype("int64")).clip(lower=0)
    assert returned.empty or int(returned["net"].abs().max()) * int(left.max()) < 2**62, "it does not fit 64 bits"
    kept.loc[returned.index, "base"] = (2 * returned["net"] * left + returned["amount"]) // (2 * returned["amount"])
    sums = pd.DataFrame(
        {
            "software": kept["base"].where(kept["category"].isin(SOFTWARE), 0).groupby(kept["partner_id"]).sum(),
            "telephony": kept["base"].where(kept["category"].isin(TELEPHONY), 0).groupby(kept["partner_id"]).sum(),
            "bill": kept["base"].groupby(kept["partner_id"]).sum(),
        }
    )
    return commissions((Sums(row[0], *map(int, row[1:])) for row in sums.itertuples(name=None)), terms)


def _net_minor(lines: pd.DataFrame) -> "pd.Series[int]":
    amount = lines["amount_minor"].astype("int64")
    rate = lines["vat_rate"].astype("int64")
    by_rate = (2 * amount.abs() * rate + 100 + rate) // (2 * (100 + rate))
    vat = (by_rate * (amount > 0).astype("int64") - by_rate * (amount < 0).astype("int64")).astype("Int64")
    stated = lines["vat_minor"].astype("Int64")
    return (amount - stated.fillna(vat)).astype("int64")


def _brought(vendor: Path) -> pd.DataFrame:
    """Whose each client is, and since when it earns."""
    terms = terms_of(vendor)
    claims = pd.read_csv(vendor / "claims.csv", parse_dates=["claimed_on"])
    claims = claims[claims["claimed_on"] <= pd.Timestamp(LAST_DAY)]
    first = claims.sort_values(["claimed_on", "claim_id"]).drop_duplicates("client_id")
    first = first[first["partner_id"].isin(terms)]
    first_day = pd.to_datetime(first["partner_id"].map({name: each.first_day for name, each in terms.items()}))
    since = first["claimed_on"].where(first["claimed_on"] > first_day, first_day)
    return first.assign(since=since)[["client_id", "partner_id", "since"]]
