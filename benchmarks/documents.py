"""What drawing statements costs, a kind and a statement, against bare Jinja and Typst, and by one process or several.

    python -m benchmarks.documents                                    # prints tables
    python -m benchmarks.documents --partners 2000 --clients 20000 --json documents.json

The statements are those of a month of the sample vendor, closed by this program. The bare figures are of the same facts
through the same templates, without the escaping of every value, and of the same sources through Typst alone. One
process and several draw the same statements in turns.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from typst import Compiler, Fonts

from models.formats import read_statement
from tasks import render
from tasks.documents.renderers import Renderers, cores
from tasks.documents.typesetting import TEMPLATES, html_templates, pdf, printed, typst_templates
from tasks.documents.wording import wording

SETTLE = Path(sys.executable).with_name("settle")
PERIOD = "2026-01"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--partners", type=int, default=60)
    parser.add_argument("--clients", type=int, default=2_600)
    parser.add_argument("--processes", type=int, default=cores())
    parser.add_argument("--json", type=Path, metavar="FILE", help="Write the figures here as well.")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        issued = _issued(Path(folder), asked.partners, asked.clients)
    print(f"{len(issued)} statements, {sum(map(len, issued)) / 1e6:.1f} MB of JSON, load {os.getloadavg()[0]:.1f}")
    kinds = by_kind(issued)
    for name, seconds in kinds.items():
        print(f"  {name:<16} {1000 * seconds / len(issued):>7.1f} CPU ms a statement")
    page, paper = kinds["HTML"] / kinds["bare Jinja"], kinds["PDF"] / kinds["bare Typst"]
    print(f"  HTML {page:.2f} times bare Jinja, PDF {paper:.2f} times bare Typst")
    runs = [together(issued, processes) for processes in (1, asked.processes)]
    for run in runs:
        print("  {processes:.0f} processes: {wall:.1f} s wall, {cpu:.1f} CPU s".format(**run))
    print(f"  {runs[0]['wall'] / runs[-1]['wall']:.2f} times as fast by {asked.processes} as by one")
    if asked.json:
        asked.json.write_text(json.dumps({"statements": len(issued), "cpu_seconds": kinds, "runs": runs}))


def _issued(folder: Path, partners: int, clients: int) -> list[bytes]:
    """Return the statements of a sample month, as they were issued."""
    size = ["--clients", str(clients), "--partners", str(partners), "--months", "1"]
    subprocess.run([str(SETTLE), "sample", str(folder / "vendor"), *size], check=True, capture_output=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SETTLE_")}
    environment = kept | {"SETTLE_HOME": str(folder / "home"), "PREFECT_API_URL": ""}
    run = [str(SETTLE), "run", PERIOD, "--from", str(folder / "vendor")]
    subprocess.run(run, env=environment, check=True, capture_output=True)
    return [path.read_bytes() for path in sorted((folder / "home/archive").glob("*/*/v1/statements/*/statement.json"))]


def by_kind(issued: Sequence[bytes]) -> dict[str, float]:
    """Return the CPU seconds that each part of drawing the statements takes, in one process."""
    spent: dict[str, float] = defaultdict(float)
    sources: list[tuple[bytes, dict[str, str], datetime]] = []
    bare = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    fonts = Fonts(include_system_fonts=False, font_paths=[str(TEMPLATES / "fonts")])
    typst = Compiler(root=os.devnull, font_paths=fonts, ignore_system_fonts=True)

    def timed(name: str, work: Callable[..., Any], *given: Any, **named: Any) -> Any:
        started = time.process_time()
        found = work(*given, **named)
        spent[name] += time.process_time() - started
        return found

    render.drawn(issued[0])  # fonts and templates are loaded
    for data in issued:
        statement = timed("JSON read", read_statement, data)
        words = wording(statement.partner.locale)
        facts = timed("view", render.facts_of, statement, data)
        source = timed("PDF's source", typst_templates().get_template("statement.typ.j2").render, facts)
        source, _ = timed("PDF's source", printed, source)
        timed("HTML", lambda facts=facts: html_templates().get_template("statement.html.j2").render(facts).encode())
        timed("bare Jinja", lambda facts=facts: bare.get_template("statement.html.j2").render(facts).encode())
        said = {"title": statement.number, "author": statement.programme}
        timed("PDF", pdf, source, **said, language=words.locale, at=statement.approved.at)
        sources.append((source.encode(), said | {"lang": words.locale}, datetime.fromisoformat(statement.approved.at)))
    # Not beside the others: Typst remembers what it set last, whoever asked, and the same pages would cost nothing.
    for source, inputs, at in sources:
        timed("bare Typst", typst.compile, source, format="pdf", timestamp=at, sys_inputs=inputs,
              pdf_standards=["a-2b"], pdf_tags=False)  # fmt: skip
    return dict(spent)


def together(issued: Sequence[bytes], processes: int) -> dict[str, float]:
    """Return the wall and CPU seconds of drawing all by so many processes."""
    started, before = time.monotonic(), _cpu()
    with Renderers(processes) as renderers, ThreadPoolExecutor(processes + 1) as threads:
        made = list(threads.map(renderers.draw, issued))
    assert not any(each.failed for each in made)
    return {"processes": processes, "wall": time.monotonic() - started, "cpu": _cpu() - before}


def _cpu() -> float:
    both = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in both)


if __name__ == "__main__":
    main()
