"""Files that a preset knows: the few keys of sources.yaml that say so, instead of a description of each column."""

from collections.abc import Sequence
from typing import Any

from rules.sources.presets import PRESETS, Table
from tasks.beginning.block import Answers
from tasks.beginning.looking import LookedAt

LAYOUT = ("encoding", "delimiter", "header_row", "sheet")


def preset_of(looked: Sequence[LookedAt]) -> str | None:
    """Return the preset by whose columns every file is told; None where there is none."""
    for name, preset in PRESETS.items():
        if all(any(table.told_by <= set(each.header) for table in preset.tables.values()) for each in looked):
            return name
    return None


def preset_block(name: str, looked: Sequence[LookedAt], answers: Answers) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the keys that read files by a preset, and which of their columns gives which of ours."""
    first = looked[0]
    table = next(table for table in PRESETS[name].tables.values() if table.told_by <= set(first.header))
    block: dict[str, Any] = {"format": name}
    for key in LAYOUT:
        usual = {"encoding": "utf-8", "delimiter": ","}.get(key)
        said = getattr(first, key) if getattr(first, key) is not None else usual
        if said is not None and said != table.keys.get(key, usual):
            block[key] = str(said)
    block["timezone"] = answers.timezone
    made = {"category": answers.category or "billing"}
    if "currency" in table.keys.get("set", {}):
        made["currency"] = answers.currency
    return block | {"set": made}, _taken(table)


def _taken(table: Table) -> dict[str, str]:
    names: dict[str, str] = {}
    for theirs, ours in table.keys["rename"].items():
        names |= dict.fromkeys([ours] if isinstance(ours, str) else ours, theirs)
    return names | {ours: "/".join(theirs) for ours, theirs in table.keys.get("join", {}).items()}
