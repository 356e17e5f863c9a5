"""A client stays for ever with the partner whose claim came first."""

import random
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from models.vendor import Attribution, Claim, RejectedClaim
from rules.attribution import attribute

JANUARY_31 = date(2026, 1, 31)


def claim(claim_id: str, partner_id: str, claimed_on: str, client_id: str = "acme") -> Claim:
    return Claim(
        claim_id=claim_id, client_id=client_id, partner_id=partner_id, claimed_on=date.fromisoformat(claimed_on)
    )


def bond(claim_id: str, partner_id: str, claimed_on: str, client_id: str = "acme") -> Attribution:
    return Attribution(
        client_id=client_id, partner_id=partner_id, claim_id=claim_id, claimed_on=date.fromisoformat(claimed_on)
    )


def won(
    *claims: Claim, born: Attribution | None = None, decided: frozenset[str] = frozenset()
) -> tuple[list[Attribution], list[RejectedClaim]]:
    waiting = [each for each in claims if each.claim_id not in decided]
    return attribute(waiting, {born.client_id: born} if born else {}, JANUARY_31)


def test_the_first_claim_wins() -> None:
    ana, bo = claim("K1", "ana", "2026-01-10"), claim("K2", "bo", "2026-01-09")
    assert won(ana, bo) == (
        [bond("K2", "bo", "2026-01-09")],
        [
            RejectedClaim(
                claim=ana,
                reason="the client belongs to bo since 2026-01-09 (claim K2); attribution is permanent",
            )
        ],
    )


def test_between_claims_of_one_day_the_smaller_claim_id_wins() -> None:
    new, rejected = won(claim("K2", "ana", "2026-01-09"), claim("K1", "bo", "2026-01-09"))
    assert new == [bond("K1", "bo", "2026-01-09")]
    assert [loser.claim.claim_id for loser in rejected] == ["K2"]


def test_a_client_stays_with_the_partner_who_brought_them() -> None:
    earlier_day = claim("K9", "bo", "2024-01-01")
    new, rejected = won(earlier_day, born=bond("K1", "ana", "2025-03-02"))
    assert new == []
    assert rejected == [
        RejectedClaim(
            claim=earlier_day, reason="the client belongs to ana since 2025-03-02 (claim K1); attribution is permanent"
        )
    ]


def test_a_second_claim_of_the_same_partner_changes_nothing_and_says_so() -> None:
    again = claim("K2", "ana", "2026-01-09")
    _, (rejected,) = won(again, born=bond("K1", "ana", "2025-03-02"))
    assert rejected.reason == "the client is theirs already, since 2025-03-02 (claim K1)"


def test_a_claim_dated_after_the_month_waits_for_its_month() -> None:
    assert won(claim("K1", "ana", "2026-02-01")) == ([], [])
    assert won(claim("K1", "ana", "2026-01-31")) == ([bond("K1", "ana", "2026-01-31")], [])


def test_a_claim_of_next_month_loses_next_month_and_not_before() -> None:
    # The one of February loses in February: the client was given in January.
    new, rejected = won(claim("K1", "ana", "2026-01-31"), claim("K2", "bo", "2026-02-01"))
    assert (new, rejected) == ([bond("K1", "ana", "2026-01-31")], [])


def test_a_claim_that_was_decided_is_not_judged_again() -> None:
    holder = bond("K1", "ana", "2026-01-09")
    claims = claim("K1", "ana", "2026-01-09"), claim("K2", "bo", "2026-01-10")
    assert won(*claims, born=holder, decided=frozenset({"K1", "K2"})) == ([], [])
    assert won(*claims, decided=frozenset({"K1"})) == ([bond("K2", "bo", "2026-01-10")], [])


def test_each_client_has_a_claim_of_its_own() -> None:
    new, rejected = won(claim("K1", "ana", "2026-01-09", "zed"), claim("K2", "bo", "2026-01-10", "acme"))
    assert new == [bond("K2", "bo", "2026-01-10", "acme"), bond("K1", "ana", "2026-01-09", "zed")]
    assert rejected == []


claims = st.lists(
    st.builds(
        Claim,
        claim_id=st.text("K123", min_size=1, max_size=3),
        client_id=st.sampled_from(["acme", "zed"]),
        partner_id=st.sampled_from(["ana", "bo", "cy"]),
        claimed_on=st.dates(date(2026, 1, 25), date(2026, 2, 5)),
    ),
    unique_by=lambda claim: claim.claim_id,
    max_size=10,
)


@given(claims, st.randoms(use_true_random=False))
def test_the_order_in_which_claims_are_read_changes_nothing(found: list[Claim], chance: random.Random) -> None:
    assert won(*chance.sample(found, len(found))) == won(*found)


@given(claims)
def test_every_claim_of_the_month_is_born_or_rejected_and_each_client_is_given_once(found: list[Claim]) -> None:
    new, rejected = won(*found)
    judged = [attribution.claim_id for attribution in new] + [loser.claim.claim_id for loser in rejected]
    assert sorted(judged) == sorted(claim.claim_id for claim in found if claim.claimed_on <= JANUARY_31)
    assert len({attribution.client_id for attribution in new}) == len(new)
