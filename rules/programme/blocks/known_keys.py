"""The keys a block of the programme file knows, to say what to write instead of one it does not."""

from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel


def known_keys(model: type[BaseModel], loc: tuple[str | int, ...]) -> tuple[str, ...]:
    """Return the keys of the block that holds the last part of `loc`, Pydantic's path to it; none if it is no block."""
    here: Any = model
    for part in loc[:-1]:
        here = _inside(here, part)
    return tuple(_fields(here)) if _is_block(here) else ()


def _inside(kind: Any, part: str | int) -> Any:
    """What stands under a key or an index of this kind of value, or behind the tag of a plan."""
    if _is_block(kind):
        return _fields(kind).get(str(part))
    inner = [arg for arg in get_args(kind) if arg is not NoneType]
    match get_origin(kind):
        case origin if origin is Annotated or (origin in (Union, UnionType) and len(inner) == 1):
            return _inside(inner[0], part)
        case origin if origin in (Union, UnionType):
            return next((each for each in inner if _is_block(each) and _tag(each) == part), None)
        case origin if origin is dict:
            return inner[1]
        case origin if origin is tuple:
            return inner[0]
    return None


def _is_block(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _fields(block: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in block.model_fields.items()}


def _tag(block: type[BaseModel]) -> str:
    return "".join(get_args(_fields(block).get("plan")))
