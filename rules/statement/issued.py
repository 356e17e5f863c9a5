"""A statement as a fact: the bytes of its body with number, approval and draft, and nothing else written anew."""

from collections.abc import Iterable, Iterator

from models.canonical import canonical_json, sha256_of
from models.errors import CannotApprove
from models.statement import Approved

UNBORN_APPROVED, UNBORN_DRAFT, UNBORN_NUMBER = b'"approved":{"at":"","by":""}', b'"digests":{"draft":""', b'"number":""'
"""What a body's canonical JSON says, in this order, where a fact has its approval, its draft and its number."""


def issued(body: bytes, number: str, approved: Approved, draft: str) -> bytes:
    """Return the statement as a fact: the body's canonical JSON with its number, its approval and the draft's digest.

    Nothing else of it is read or written anew, so a body keeps the form it was approved in. Raises
    CannotApprove for bytes that are not the body of a statement.
    """
    return b"".join(_pieces(body, number, approved, draft))


def issued_digest(body: bytes, number: str, approved: Approved, draft: str) -> str:
    """Return the SHA-256 of the statement as a fact, which is nowhere in memory as a whole."""
    return sha256_of(_pieces(body, number, approved, draft))


def _pieces(body: bytes, number: str, approved: Approved, draft: str) -> Iterator[bytes | memoryview]:
    """What the fact is made of, in order; of the body views, as it may have hundreds of megabytes."""
    texts = UNBORN_APPROVED, UNBORN_DRAFT, UNBORN_NUMBER
    if missing := [text.decode() for text in texts if body.count(text) != 1]:
        raise CannotApprove(
            f"these {len(body)} bytes are no body of a statement: {missing[0]} has to stand in them once, and stands "
            f"{body.count(missing[0].encode())} times. The archive's file of bodies was not written by this system."
        )
    moment = _text(approved.model_dump(mode="json"))
    instead = b'"approved":' + moment, b'"digests":{"draft":' + _text(draft), b'"number":' + _text(number)
    view, done = memoryview(body), 0
    for text, fact in zip(texts, instead, strict=True):
        place = body.index(text, done)
        yield view[done:place]
        yield fact
        done = place + len(text)
    yield view[done:]


def _text(value: object) -> bytes:
    return canonical_json(value).rstrip(b"\n")


def with_payments(body: bytes, payments: Iterable[bytes]) -> bytes:
    """Return a body that was written without payments, with these: a list of `Payment` as canonical JSON, in pieces."""
    before, found, after = body.partition(b'"payments":[]')
    assert found, "a body without payments says so"
    return b"".join((before, b'"payments":', *payments, after))
