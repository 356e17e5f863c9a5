"""One month up to its approval, as `benchmarks.draft` measures it: prints what each step cost, as JSON.

    python -m benchmarks.draft_of_one_month 2026-01 [--close | --commissions FILE]

With `--close` its statements are archived and the month is closed. With `--commissions` it ends with `calculate`, and
writes to the file what each partner earned, in minor units.
"""

import argparse
import json
import time
from collections.abc import Callable
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import flows  # noqa: F401  (as in every run, before Polars is loaded: it sets the allocators up)
from benchmarks.draft import Meter


def main() -> None:
    """Settle the month that the arguments name."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("period")
    parser.add_argument("--close", action="store_true")
    parser.add_argument("--commissions", type=Path, metavar="FILE")
    asked = parser.parse_args()
    meter = Meter()
    meter.run("imports", _imports)

    from engine.draft import STATEMENTS
    from engine.frames.bodies import bodies_in
    from flows import documenting
    from flows.consent import deciding
    from flows.office import Office
    from flows.settle_month import programme_name
    from models.period import Period, Version
    from models.statement import Approved
    from tasks.approve import approve
    from tasks.close import Closing, close
    from tasks.database.database import Database
    from tasks.database.lease import lease
    from tasks.memory import rare_collections
    from tasks.settings import read_settings
    from tasks.storage.directory import DirectoryStore

    office, month = Office.open(read_settings()), Period.parse(asked.period)
    read_back, held = [0], [0.0]
    get, locked = DirectoryStore.get, Database.locked

    def counted(self, key, sha256):  # type: ignore[no-untyped-def]
        data = get(self, key, sha256)
        read_back[0] += len(data)
        return data

    @contextmanager
    def timed(self):  # type: ignore[no-untyped-def]
        with locked(self) as session:
            began = time.monotonic()
            yield session
        held[0] = max(held[0], time.monotonic() - began)

    DirectoryStore.get = counted  # type: ignore[method-assign]
    office.database.prepare()
    with lease(office.database, programme_name(office), office.settings.lease_seconds) as epoch:
        with rare_collections():  # as deciding.approve_draft does
            gathering = meter.run("vendor folder", deciding.begin_gathering, month, office)
            inputs = meter.run("gather", gathering.inputs)
            gathered = read_back[0]
            made = deciding.drafted(inputs, office, partial(_step, meter))
            if asked.commissions:
                earned = {body.partner_id: body.summary.commission_minor for body in made.statements}
                asked.commissions.write_text(json.dumps(earned))
                print(json.dumps(meter.cpu | {"peak MB": meter.peak_mb, "wall s": meter.wall_seconds}))
                return
            meter.run("digest", lambda: made.digest)
            made.must_balance()
            meter.run("store", deciding.keep_files, made, inputs, office)
            Database.locked = timed  # type: ignore[method-assign]
            now = office.settings.clock
            bodies, approved = bodies_in(made.results[STATEMENTS]), Approved(at=now, by="system")
            meter.run("approve", approve, made, bodies, office.database, epoch, approved)
            peak, ids = meter.peak_mb, inputs.earlier.settled.height
        if asked.close:
            from tasks import render

            render.documents = _json_alone
            assert not documenting.archive_documents(Version(month), office, epoch, ())
            close(Version(month), office.database, office.store, epoch, Closing(now))
    figures = {
        "wall s": meter.wall_seconds,
        "peak MB": peak,
        "lock s": held[0],
        "read back MB": gathered / 1e6,
        "ids before": ids,
    }
    print(json.dumps(meter.cpu | figures))


def _step(meter: Meter, name: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Run a step of the draft as a run does, and measure it."""
    from tasks.step import run_step

    return meter.run(name, run_step, name, function, *args, **kwargs)


def _json_alone(statement: object, data: bytes) -> Any:
    from tasks.render import Documents

    return Documents({"statement.json": data})


def _imports() -> None:
    # With Great Expectations, which `validate` would import.
    for module in ("expectations.billing_lines", "expectations.judging", "flows.consent.deciding"):
        import_module(module)


if __name__ == "__main__":
    main()
