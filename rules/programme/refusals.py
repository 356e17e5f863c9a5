"""Refusals: what is wrong with a programme file, one line each: where it stands, what it is, what to write instead."""

from typing import Any

from pydantic import BaseModel, ValidationError

from models.errors import BadProgramme
from rules.plans import offered
from rules.programme.blocks.known_keys import known_keys
from rules.programme.yaml_text import YamlText

WORDS = {
    "extra_forbidden": "this version does not know this key, so it would not be carried out",
    "string_type": "write plain text, not a list or a block",
    "string_pattern_mismatch": "write up to 64 Latin letters, digits, `.`, `_`, `-`, the first a letter or digit",
    "tuple_type": "write a list, for example [telephony, numbers]",
    "too_short": "write at least one",
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), "write `key: value`, indented under it"),
}
"""What to write instead, for the faults that Pydantic finds by itself."""


def refusal(name: str, problems: list[str]) -> BadProgramme:
    """Return the error that names every problem of a file."""
    return BadProgramme(f"{name} cannot be carried out:\n" + "\n".join(f"  {line}" for line in problems))


def problems_of(tree: YamlText, model: type[BaseModel], error: ValidationError) -> list[str]:
    """Return a line for each fault Pydantic found in a file that should be a `model`."""
    return [_problem(tree, model, tuple(detail["loc"]), detail) for detail in error.errors()]


def _problem(tree: YamlText, model: type[BaseModel], loc: tuple[str | int, ...], detail: Any) -> str:
    """One line for one problem: where it stands, what it is, what to write instead."""
    path = path_in_file(tree.data, loc)
    key = ".".join(str(part) for part in path) or "the file"
    message = str(detail["msg"]).removeprefix("Value error, ")
    match detail["type"]:
        case "missing":
            key, message = ".".join(str(part) for part in (*path, loc[-1])), "this key is required"
        case "union_tag_invalid":
            wanted, known = detail["ctx"]["tag"], ", ".join(offered())
            message = f"names the plan {wanted!r}, which has no file in rules/plans/ (there are: {known})"
        case "union_tag_not_found":
            message = f"say which plan this is, plan: one of {', '.join(offered())}"
        case "literal_error":
            message = (
                f"{detail['input']!r} is not something this version carries out; write {detail['ctx']['expected']}"
            )
        case kind:
            message = WORDS.get(kind, message)
            if kind == "extra_forbidden" and (keys := known_keys(model, loc)):
                message = f"{message}; write one of {', '.join(keys)}"
    return f"{tree.where(path)}: {key}: {message}"


def path_in_file(data: Any, loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The part of Pydantic's path that exists in the file: without plan tags and the index of a lone block."""
    path: list[str | int] = []
    is_tag = False
    for part in loc:
        # Pydantic names the plan before its field, and the two may be called the same.
        if isinstance(data, dict) and data.get("plan") == part and not is_tag:
            is_tag = True
            continue
        is_tag = False
        known = data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()
        if part in known:
            data = data[part]
            path.append(part)
    return tuple(path)
