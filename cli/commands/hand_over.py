"""settle bundle, settle download, settle anchor: what leaves the archive, and what is kept beside it."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from cli.printing import print_answer

ArchiveArgument = Annotated[str, typer.Argument(metavar="URL", help="An archive's root, or a programme in it.")]
MonthOption = Annotated[str, typer.Option(metavar="PERIOD", help="A month, as 2026-10.")]
PartnerOption = Annotated[str, typer.Option(metavar="PARTNER", help="The partner's id.")]


def bundle(
    url: ArchiveArgument,
    period: MonthOption,
    partner: PartnerOption,
    to: Annotated[Path, typer.Option(metavar="FILE", help="The ZIP file to write.")],
) -> None:
    """Pack one sealed statement with all it takes to check it: payments, clause, claims, proof and verify.py."""
    from cli.short_answers import Fetched
    from models.money import counted
    from tasks.auditing.bundle import zipped

    files, recorded = _taken(url, period, partner)
    _must_be_new(to)
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_bytes(zipped(files))
    answer = Fetched(to=str(to), files=sorted(files), recorded=recorded)
    print_answer(answer, [f"{to}: {counted(len(files), 'file')}; {recorded}."])


def download(
    url: ArchiveArgument,
    period: MonthOption,
    partner: PartnerOption,
    to: Annotated[Path, typer.Option(metavar="DIR", help="The folder to write to; it must not be there.")],
) -> None:
    """Fetch one sealed statement with all it takes to check it into a folder. Reading the archive is enough."""
    from cli.short_answers import Fetched
    from models.money import counted

    files, recorded = _taken(url, period, partner)
    _must_be_new(to)
    to.mkdir(parents=True)
    for name, data in files.items():
        (to / name).write_bytes(data)
    answer = Fetched(to=str(to), files=sorted(files), recorded=recorded)
    taken = f"{to}: {counted(len(files), 'file')}; {recorded}."
    print_answer(answer, [taken, f"Check them: python3 {to}/verify.py {to}"])


def anchor(
    url: Annotated[str, typer.Argument(metavar="[URL]", help="The archive. Default: SETTLE_ARCHIVE_URL.")] = "",
) -> None:
    """Keep the digest of every SEAL in a second store, SETTLE_ANCHOR_URL, if the archive holds."""
    from cli.short_answers import Anchor, AnchoredSeal
    from flows.handing_over import anchored_seals
    from tasks.settings import read_settings

    settings = read_settings()
    archive = url or settings.archive
    kept = [AnchoredSeal(key=key, sha256=digest) for key, digest in anchored_seals(archive, settings)]
    lines = [*(f"{each.key}: {each.sha256}" for each in kept), f"Kept in {settings.anchor_url}."]
    print_answer(Anchor(archive=archive, anchor=settings.anchor_url or "", seals=kept), lines)


def _taken(url: str, period: str, partner: str) -> tuple[dict[str, bytes], str]:
    from flows.handing_over import taken
    from models.period import Period
    from tasks.settings import read_settings

    return taken(url, read_settings(), Period.parse(period), partner, getpass.getuser())


def _must_be_new(path: Path) -> None:
    from models.errors import WrongUse

    if path.exists():
        raise WrongUse(f"--to {path} exists already, and is not written over.")
