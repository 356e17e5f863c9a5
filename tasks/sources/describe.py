"""sources.yaml: where the billing is, as text under review. Without it, every file in `billing/` is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from models.errors import BadInput
from rules.programme.yaml_text import Path as Key
from rules.programme.yaml_text import YamlText, parse_yaml
from tasks.sources import Source
from tasks.sources.files import FilesBlock
from tasks.sources.sql.query import SqlBlock

NAME = "sources.yaml"
KINDS: Mapping[str, type[FilesBlock] | type[SqlBlock]] = MappingProxyType({"files": FilesBlock, "sql": SqlBlock})
"""The key a block starts with, and what reads such a block."""

DEFAULT = FilesBlock(files=("billing/*",))
WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is no key of this block",
    "tuple_type": "must be a list: [one, two]",
    "dict_type": "must hold lines of `name: value`",
    "too_short": "must not be empty",
}


@dataclass(frozen=True)
class Described:
    """What sources.yaml says."""

    sources: tuple[Source, ...]
    look_back_months: int | None = None


def describe(text: str | None, folder: Path) -> Described:
    """Read the text of sources.yaml; None is a folder without one. Raises BadInput naming every line that is wrong."""
    if text is None:
        return Described((DEFAULT.open(folder),))
    yaml = parse_yaml(text, NAME)
    if not isinstance(yaml.data, dict) or not isinstance(yaml.data.get("billing"), list) or not yaml.data["billing"]:
        raise BadInput(f"{NAME} must hold `billing:` and under it a list of blocks, each with `files:` or `sql:`.")
    problems = [
        _problem(yaml, (key,), "is no key of this file: it has `billing:` and `look_back_months:`")
        for key in yaml.data
        if key not in ("billing", "look_back_months")
    ]
    blocks = []
    for index, written in enumerate(yaml.data["billing"]):
        try:
            kind = _kind(written)
            blocks.append(kind.model_validate(written))
        except ValidationError as error:
            problems += [
                _problem(
                    yaml, ("billing", index, *each["loc"]), WORDS.get(each["type"], each["msg"]) + _meant(each, kind)
                )
                for each in error.errors()
            ]
        except BadInput as error:
            problems.append(_problem(yaml, ("billing", index), str(error)))
    months = yaml.data.get("look_back_months")
    if months is not None and months not in map(str, range(25)):
        problems.append(_problem(yaml, ("look_back_months",), f"must be a whole number from 0 to 24, not {months!r}"))
    if problems:
        raise BadInput("\n".join(problems))
    return Described(tuple(block.open(folder) for block in blocks), None if months is None else int(months))


def _kind(written: object) -> type[FilesBlock] | type[SqlBlock]:
    """Tell what kind of source a block is. Raises BadInput for one that nothing here reads."""
    keys = list(written) if isinstance(written, dict) else []
    kinds = [KINDS[key] for key in keys if key in KINDS]
    if len(kinds) == 1:
        return kinds[0]
    if "http" in keys:
        raise BadInput(f"this version does not read http: it reads {' and '.join(KINDS)}")
    raise BadInput(f"a block must have one of {', '.join(f'`{kind}:`' for kind in KINDS)}, and only one")


def _meant(error: ErrorDetails, kind: type[FilesBlock] | type[SqlBlock]) -> str:
    """Return which key may be meant by one that a block does not have; blank where none is near."""
    if error["type"] != "extra_forbidden":
        return ""
    near = get_close_matches(str(error["loc"][-1]), kind.model_fields, n=1)
    return f"; is `{near[0]}:` meant?" if near else ""


def _problem(yaml: YamlText, key: Key, words: str) -> str:
    dotted = ".".join(str(part) for part in key)
    return f"{yaml.name} {yaml.where(key)}: {dotted}: {words.removeprefix('Value error, ')}."
