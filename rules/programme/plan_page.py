"""The page of a plan: what its own file says of it, as the section a programme manager reads."""

from collections.abc import Iterator
from inspect import cleandoc
from textwrap import wrap
from typing import Any, get_args

from pydantic import BaseModel

from rules.plan import Plan, Stage
from rules.programme.yaml_text import parse_yaml

CURRENCY = "RUB"
"""What the amounts of examples are in."""

WIDTH = 116


def page(way: type[Plan]) -> str:
    """Return the Markdown section of a plan: what it earns, its fields, and how it is written."""
    name = name_of(way)
    table = ["| field | what it says |", "| --- | --- |", *(f"| `{key}` | {words} |" for key, words in fields(way))]
    rules = [_rule(f"{name}-{number}: {example}") for number, example in enumerate(way.examples, 1)]
    block = "\n".join(["```yaml rules", *rules, "```"])
    words = "\n".join(wrap(standing(way), WIDTH))
    return "\n\n".join([f"### {name}", cleandoc(way.__doc__ or ""), words, "\n".join(table), block]) + "\n"


def name_of(way: type[BaseModel]) -> str:
    """The name of the plan's file, as the programme file writes it."""
    return str(get_args(way.model_fields["plan"].annotation)[0])


def fields(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str]]:
    """The keys of a plan and what they say, those of a block in it with the block's name in front."""
    for name, field in model.model_fields.items():
        key = prefix + (field.alias or name)
        is_name = name == "plan" and issubclass(model, Plan)
        yield key, f"`{name_of(model)}`" if is_name else field.description or ""
        if block := _block(field.annotation):
            yield from fields(block, f"{key}.")


def signed(way: type[Plan]) -> tuple[Plan, ...]:
    """The plan's examples, each as two parties would sign it."""
    context = {"currency": CURRENCY}
    return tuple(way.model_validate(parse_yaml(text, "example").data, context=context) for text in way.examples)


def standing(way: type[Plan]) -> str:
    """How the plan stands beside the other rules of a programme: what it takes, what it looks at, when it is asked."""
    plan, *_ = signed(way)
    cut = plan.cut()
    if plan.stage is Stage.NETWORK:
        words = "It is worked out last, when what the partners below have earned is known."
    elif plan.stage is Stage.LIMIT:
        words = "It is worked out after the rules it looks at."
    elif cut.served:
        words = "It looks at the lines of the clients the partner serves; their acquirer earns on them too."
    elif cut.lines:
        takes = "It takes its lines: a line earns under one rule that takes it, the most specific."
        words = takes if cut.takes else "It looks at lines beside the rule that takes them: they earn there too."
    else:
        words = "It is on events, not on payments." if cut.events else "It leaves the lines to other rules."
    fee = "It may earn where nothing was paid, so what it costs is known when the month is worked out."
    return f"{words} {fee}" if plan.is_fee else words


def _rule(written: str) -> str:
    """A rule over as many lines as it needs, cut after commas."""
    lines = [""]
    for part in written.split(", "):
        if lines[-1] and len(lines[-1]) + len(part) > WIDTH:
            lines.append("  ")
        lines[-1] += f"{part}, "
    return ",\n".join(line.removesuffix(", ") for line in lines)


def _block(kind: Any) -> type[BaseModel] | None:
    """The block of keys that a field holds, if it holds one."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind
    return next((block for inner in get_args(kind) if (block := _block(inner))), None)
