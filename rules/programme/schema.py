"""The JSON Schema of the programme file, for editors: they complete keys, and mark wrong ones while they are typed."""

import json
import re
from typing import Any

from rules.earning.measure import ALL
from rules.programme.file import Programme

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TITLE = "Programme of a vendor for its partners"


def schema() -> dict[str, Any]:
    """Return the schema of the whole file, every plan there is in it.

    It marks what is misspelt, missing, or of a wrong shape. What takes arithmetic or another part of the
    file to see (a ladder that falls, a line that would earn twice) is for `settle programme check`.
    """
    found = _readable(Programme.model_json_schema(by_alias=True))
    plans = found["properties"]["plans"]
    blocks = {**plans["additionalProperties"], "minItems": 1}
    plans["additionalProperties"] = {"anyOf": [blocks["items"], blocks]}
    plans["description"] = "Each plan by its name: a block, or a list of dated blocks, oldest first."
    found["description"] = "What a vendor promises its partners. Check it with: settle programme check FILE"
    return {"$schema": DIALECT, **found, "title": TITLE}


def schema_text() -> str:
    """Return the schema as the file that is published."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _readable(node: Any) -> Any:
    """Turn Pydantic's schema into one of the file as it is written.

    YAML is read as text, so 5000.00 and "5000.00" are the same; a key that is left out is not written as
    null; a default is what the reader makes of nothing, not what one writes. A text that is never digits
    alone, such as a rate, stays text: 50 for 50% is marked.
    """
    if isinstance(node, list):
        return [_readable(each) for each in node]
    if not isinstance(node, dict):
        return node
    if node.get("$ref", "").endswith("/Measure"):
        return {"anyOf": [node, {"const": ALL, "description": "short for the whole bill of the month"}]}
    found = {
        key: {name: _readable(each) for name, each in value.items()}
        if key in ("properties", "$defs")
        else _readable(value)
        for key, value in node.items()
        if key not in ("title", "default")
    }
    if "anyOf" in found:
        found["anyOf"] = [each for each in found["anyOf"] if each != {"type": "null"}]
        if len(found["anyOf"]) == 1:
            found |= found.pop("anyOf")[0]
    if "patternProperties" in found:
        found["additionalProperties"] = False  # else a name that fits no pattern would be let through
    pattern = str(found.get("pattern", ""))
    if found.get("type") == "string" and not found.keys() & {"const", "enum"} and re.search(pattern, "1"):
        found["type"] = ["string", "number", "boolean"]
    if isinstance(words := found.get("description"), str):
        found["description"] = " ".join(words.split())
    return found
