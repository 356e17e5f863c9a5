"""A statement as a fact: the bytes of its body with number, approval and draft, and nothing else written anew."""

from models.canonical import canonical_json
from models.errors import CannotApprove
from models.statement import (
    Approved,
)

UNBORN_APPROVED, UNBORN_DRAFT, UNBORN_NUMBER = b'"approved":{"at":"","by":""}', b'"digests":{"draft":""', b'"number":""'
"""What a body's canonical JSON says, in this order, where a fact has its approval, its draft and its number."""


def issued(body: bytes, number: str, approved: Approved, draft: str) -> bytes:
    """Return the statement as a fact: the body's canonical JSON with its number, its approval and the draft's digest.

    Nothing else of it is read or written anew, so a body keeps the form it was approved in. Raises
    CannotApprove for bytes that are not the body of a statement.
    """
    missing = [text.decode() for text in (UNBORN_APPROVED, UNBORN_DRAFT, UNBORN_NUMBER) if body.count(text) != 1]
    if missing:
        raise CannotApprove(
            f"these {len(body)} bytes are no body of a statement: {missing[0]} has to stand in them once, and stands "
            f"{body.count(missing[0].encode())} times. The archive's file of bodies was not written by this system."
        )
    before, _, rest = body.partition(UNBORN_APPROVED)
    between, _, rest = rest.partition(UNBORN_DRAFT)
    after, _, end = rest.partition(UNBORN_NUMBER)
    moment = _text(approved.model_dump(mode="json"))
    return b"".join(
        (
            before,
            b'"approved":',
            moment,
            between,
            b'"digests":{"draft":',
            _text(draft),
            after,
            b'"number":',
            _text(number),
            end,
        )
    )


def _text(value: object) -> bytes:
    return canonical_json(value).rstrip(b"\n")


def with_payments(body: bytes, payments: bytes) -> bytes:
    """Return a body that was written without payments, with these: a list of `Payment` as canonical JSON."""
    before, found, after = body.partition(b'"payments":[]')
    assert found, "a body without payments says so"
    return b"".join((before, b'"payments":', payments, after))
