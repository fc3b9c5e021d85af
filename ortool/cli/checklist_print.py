"""`ortool checklist diff` and `ortool checklist print`: versions side by side, and the downtime sheet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ortool.cli.session import clock, open_theatre_of, settings_of

if TYPE_CHECKING:
    from ortool.caselog.sheet import Sheet

Which = Annotated[str, typer.Argument(metavar="ID|FILE|CASE", help="A checklist's id or file, or a case's number.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    """Add the commands `diff` and `print` to the group `checklist`."""
    app.command("diff", epilog="Example: ortool checklist diff any-operation new.yaml")(diff_checklists)
    app.command("print", epilog="Example: ortool checklist print any-operation --pdf sheet.pdf")(print_checklist)


def diff_checklists(
    ctx: typer.Context,
    old: Annotated[str, typer.Argument(metavar="OLD", help="An id, a file, or the hash of a pinned checklist.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The same.")],
    as_json: Json = False,
) -> None:
    """Tell what changed between two checklists, one sentence for each difference."""
    from ortool.cli.output import say, show, show_json
    from ortool.services.sheets import compare

    settings = settings_of(ctx)
    theatre = open_theatre_of(ctx) if settings.on_server or settings.database_path.exists() else None
    try:
        found = compare(settings, old, new, theatre)
    finally:
        if theatre:
            theatre.close()
    if as_json:
        sides = [{"id": one.id, "version": one.version} for one in (found.old, found.new)]
        show_json({"old": sides[0], "new": sides[1], "differences": list(found.sentences)})
        return
    for sentence in found.sentences:
        show(sentence)
    if not found.sentences:
        say("There is no difference.")
    elif found.old.version == found.new.version:
        say("The version is the same: raise it, and have the checklist approved again.")


def print_checklist(
    ctx: typer.Context,
    which: Which,
    pdf: Annotated[Path | None, typer.Option("--pdf", metavar="FILE", help="Write a PDF for A4 paper.")] = None,
    text: Annotated[bool, typer.Option("--text", help="Print plain text, also beside --pdf.")] = False,
) -> None:
    """Print the downtime sheet of a checklist, blank, or of a case, as far as its run has come.

    A case's sheet carries the patient's name. What is written on paper is entered later with the form's number.
    """
    from ortool.cli.output import say

    sheet = _sheet(ctx, which)
    if pdf is not None:
        from ortool.exchange.sheet_pdf import sheet_pdf

        _keep(pdf, sheet_pdf(sheet))
        say(f"{pdf}: form {sheet.form}.")
    if text or pdf is None:
        import sys

        from ortool.exchange.sheet import sheet_text

        sys.stdout.write(sheet_text(sheet))
    if not sheet.is_approved:
        say("This checklist is not locally approved; the sheet says so on every page.")


def _sheet(ctx: typer.Context, which: str) -> Sheet:
    from ortool.services.sheets import blank, named_checklist, of_case

    settings = settings_of(ctx)
    one = named_checklist(settings, which)
    if one is not None:
        return blank(settings, one, clock())
    theatre = open_theatre_of(ctx)
    try:
        return of_case(theatre, which)
    finally:
        theatre.close()


def _keep(path: Path, content: bytes) -> None:
    """Write a file that only its owner reads: it may name a patient."""
    import os

    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
