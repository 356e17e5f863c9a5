"""YAML under review: every scalar stays text, nothing hides, and every value knows the line it stands on.

A programme is a contract. So `300.00` must not become a float, a key written twice must not win over
itself, and there is no alias that changes a rate from another page.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from models.errors import BadInput

Path = tuple[str | int, ...]
Places = dict[Path, tuple[int, int]]


@dataclass(frozen=True)
class YamlText:
    """What a YAML file says (`data`: dicts, lists and text), and where it says it."""

    name: str
    data: object
    places: Places

    def where(self, path: Path) -> str:
        """Return the place of a key or an item, or of the nearest thing around it: `line 12, column 5`."""
        while path not in self.places:
            path = path[:-1]
        line, column = self.places[path]
        return f"line {line}, column {column}"


def parse_yaml(text: str, name: str) -> YamlText:
    """Read one YAML document; `name` is what errors call it. Raises BadInput with line, column and what to write.

    >>> parse_yaml("tiers: {0: 8%, 100000: 300.00}", "programme.yaml").data
    {'tiers': {'0': '8%', '100000': '300.00'}}
    """
    try:
        root = yaml.compose(text, Loader=_PlainLoader)
        if root is None:
            raise BadInput(f"{name} is empty: nothing is written in it.")
        places: Places = {(): (1, 1)}
        return YamlText(name, _value(root, (), places), places)
    except yaml.MarkedYAMLError as error:
        raise BadInput(f"{name} {_place(error)}: {_words(error)}.") from None
    except yaml.reader.ReaderError as error:
        line, column = text.count("\n", 0, error.position) + 1, error.position - text.rfind("\n", 0, error.position)
        character = f"U+{ord(text[error.position]):04X}"
        raise BadInput(
            f"{name} line {line}, column {column}: the character {character} cannot stand in YAML: remove it."
        ) from None
    except RecursionError:
        raise BadInput(f"{name}: blocks are nested hundreds deep: that is no file of ours.") from None


class _PlainLoader(yaml.BaseLoader):
    """Composes nodes; refuses the parts of YAML that let one line change the meaning of another."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _refused("anchors (&) and aliases (*) are not used here", event.start_mark)
        if getattr(event, "tag", None):
            raise _refused("tags (!) are not used here", event.start_mark)
        return super().compose_node(parent, index)


def _value(node: yaml.Node, path: Path, places: Places) -> object:
    """Turn a node into dicts, lists and text, writing down where each part stands."""
    if isinstance(node, yaml.MappingNode):
        return {key: _value(value, (*path, key), places) for key, value in _pairs(node, path, places)}
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            places[*path, index] = (item.start_mark.line + 1, item.start_mark.column + 1)
        return [_value(item, (*path, index), places) for index, item in enumerate(node.value)]
    return node.value


def _pairs(node: yaml.MappingNode, path: Path, places: Places) -> Iterator[tuple[str, yaml.Node]]:
    """Yield the keys and values of a block; a key that is there twice, or is no text, is refused."""
    before = None
    for key, value in node.value:
        _must_be_no_decimal_comma(before, key, value)
        before = value
        if not isinstance(key, yaml.ScalarNode):
            raise yaml.MarkedYAMLError(problem="a key must be text, not a list or a block", problem_mark=key.start_mark)
        if first := places.get((*path, key.value)):
            raise yaml.MarkedYAMLError(
                problem=f"the key {key.value!r} is written twice in this block (first in line {first[0]}): keep one",
                problem_mark=key.start_mark,
            )
        places[*path, key.value] = (key.start_mark.line + 1, key.start_mark.column + 1)
        yield key.value, value


def _must_be_no_decimal_comma(before: yaml.Node | None, key: yaml.Node, value: yaml.Node) -> None:
    """Raise MarkedYAMLError for `{rate: 12,5%}`: between brackets a comma ends the value, and 5% would be a key."""
    if before is None or not (isinstance(before, yaml.ScalarNode) and isinstance(key, yaml.ScalarNode)):
        return
    is_alone = isinstance(value, yaml.ScalarNode) and value.start_mark.index == value.end_mark.index
    touches = key.start_mark.index == before.end_mark.index + 1
    if is_alone and touches and re.fullmatch(r"[0-9]+", before.value) and re.fullmatch(r"[0-9]+ ?%?", key.value):
        raise yaml.MarkedYAMLError(
            problem=f"{before.value},{key.value} is two values here, for a comma ends the first: write "
            f"{before.value}.{key.value}, with a dot",
            problem_mark=before.start_mark,
        )


def _refused(what: str, mark: yaml.Mark) -> yaml.MarkedYAMLError:
    advice = "write the value out, or put it in quotes if it is text"
    return yaml.MarkedYAMLError(problem=f"{what}: {advice}", problem_mark=mark)


def _place(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark else "line 1, column 1"


def _words(error: yaml.MarkedYAMLError) -> str:
    """Say what is wrong, and what to write instead where the reason is one of the usual ones."""
    problem = error.problem or error.context or "this is not YAML"
    if "'\\t'" in problem:
        return "a tab stands where only spaces may: indent with spaces"
    if "another document" in problem:
        return "a second document begins here (---): keep one document in the file"
    if "mapping values are not allowed" in problem:
        return "a `:` is not expected here: put text that holds a colon in quotes, and check the indentation above"
    if "cannot start any token" in problem:
        return f"{problem}: put the text in quotes"
    if error.context_mark:
        return f"{problem}: check the quotes, brackets and indentation from line {error.context_mark.line + 1} on"
    return problem
