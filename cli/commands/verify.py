"""settle verify: whether an archive is what its seals say."""

import logging
from pathlib import Path
from typing import Annotated

import typer

from cli.printing import print_answer


def verify(
    url: Annotated[str, typer.Argument(metavar="URL", help="An archive's root, a programme or one month in it.")],
    recompute: Annotated[
        bool, typer.Option(help="Work each month out again from its archived inputs, and compare every statement.")
    ] = False,
    allowed_signers: Annotated[
        Path | None, typer.Option(help="Who may sign seals, as ssh-keygen reads it. Default: SETTLE_ALLOWED_SIGNERS.")
    ] = None,
    anchor: Annotated[
        str, typer.Option(metavar="URL", help="The store that keeps the SEALs' digests. Default: SETTLE_ANCHOR_URL.")
    ] = "",
) -> None:
    """Check an archive against its seals: every digest and count, nothing extra or missing, the chain of months."""
    from cli.answers import Verify
    from models.money import counted, grouped
    from tasks.settings import read_settings
    from tasks.storage.open import open_store
    from tasks.verify import Asked
    from tasks.verify import verify as verify_archive

    log = logging.getLogger("settle")
    settings = read_settings()
    anchors = anchor or settings.anchor_url
    asked = Asked(
        again=recompute,
        signers=allowed_signers or settings.allowed_signers,
        anchors=open_store(anchors, settings) if anchors else None,
    )
    report = verify_archive(open_store(url, settings), log.info, asked)
    words = [f"{finding.severity}: {finding.where}: {finding.words}" for finding in report.findings]
    words += [f"kept: {each}" for each in report.kept]
    words.append(
        f"{url} {'holds' if report.holds else 'DOES NOT HOLD'}: {counted(report.periods, 'sealed month')}, "
        f"{counted(report.files, 'file')}, {grouped(report.bytes)} bytes read."
    )
    print_answer(Verify.of(url, report), words)
    raise typer.Exit(0 if report.holds else 1)
